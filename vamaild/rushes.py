"""The sale of a rush as it is kept: he says B, the assistant says yes, once, in one transaction each.

core/sale.py decides what an answer means; nothing is decided here but what two people did at the same time.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from . import notes
from .core import wording
from .core.invoice import Line, as_csv
from .core.ledger import Asked, Entry, NewCase, OutboxItem, State, Store
from .core.letter import TemplateError
from .core.message import History
from .core.plan import Plan, Take
from .core.promise import NewPromise, PromiseState
from .core.promises import Offer, cancel_by, remind_at
from .core.reasons import Reason
from .core.ruleset import Trust, Week
from .core.rush import Rush, RushState
from .core.sale import CONFIRMED
from .core.trust import holding
from .notices import ruleset_of
from .service import Service
from .thread import Thread, sender_of, write

OFFER = "rush-offer"
REFUSED = "rush-refused"
NOTE = "note-rush"
LINGER = timedelta(minutes=30)
"""How long an offer outlives its last moment: a "B" that arrived in time may be fetched later."""

SAID = {
    RushState.OFFERED: "They have not said B.",
    RushState.AGREED: "It is agreed already; nothing changed.",
    RushState.REFUSED: "You have said no already; nothing changed.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the assistant's yes or no, as a sentence; `leaves` is when the customer's mail goes."""

    done: bool
    words: str
    leaves: datetime | None = None


def known(history: History, asked: Asked, store: Store) -> History:
    """The same, with what a sale must know besides: offers he has in other threads, and whether anything may leave."""
    there = {rush.id for rush in history.offers}
    made = store.rushes((RushState.OFFERED,), client=asked.client, to=(asked.to.lower(), asked.address.lower()))
    elsewhere = tuple(r for r in made if r.id not in there)
    paused = bool(holding(store.pauses(asked.now), asked.client))
    return _left(replace(history, offers_elsewhere=elsewhere, paused=paused), store)


def _left(history: History, store: Store) -> History:
    """An offer whose mail still waits, or is a draft, was never made to anybody."""
    if not (history.offers or history.offers_elsewhere):
        return history
    waiting = store.unsent({o.offer.offer_key for o in (*history.offers, *history.offers_elsewhere)})
    offers = (
        replace(o, state=RushState.WITHDRAWN) if o.state is RushState.OFFERED and o.offer.offer_key in waiting else o
        for o in history.offers
    )
    elsewhere = (o for o in history.offers_elsewhere if o.offer.offer_key not in waiting)
    return replace(history, offers=tuple(offers), offers_elsewhere=tuple(elsewhere))


def settle(plan: Plan, entry: Entry, row: int, service: Service) -> None:
    """Keeps what a recorded message did to an offer; belongs into the transaction that recorded it."""
    store, now = service.store, service.now()
    if plan.decline:
        store.end_rush(plan.decline.rush, RushState.DECLINED, now)
    take = plan.take
    if take is None:
        return
    sold = plan.sold and any(mail.template == CONFIRMED for mail in entry.outgoing)
    code = next((c.code for c in store.cases() if c.message == row), "")
    if not store.take(take.rush, row, take.by, take.at, code):
        _not_taken(take, entry, row, service)
        return
    if sold:
        store.end_rush(take.rush, RushState.AGREED, now)
        _withdraw_promises(_again(store, take.rush), row, service, now)
    _tell(_again(store, take.rush), service)


def _not_taken(take: Take, entry: Entry, row: int, service: Service) -> None:
    """The offer has ended meanwhile: what would have confirmed the sale does not leave, and a person looks."""
    store = service.store
    if _again(store, take.rush).answer == row:
        return  # the same message once more
    service.journal.error("a rush could not be taken", rush=take.rush)
    for item in store.outbox((State.QUEUED,)):
        if item.message == row and item.mail.template == CONFIRMED:
            store.withdraw(item.id, Reason.RUSH_LATE)
            store.reopen(row, Reason.RUSH_LATE)
            note = f"{take.note}; it could not be taken, the offer has ended"
            store.open_case(NewCase(entry.client, Reason.RUSH_LATE, note, take.by, entry.subject), service.now(), row)


def _again(store: Store, number: int) -> Rush:
    """The row as it stands now."""
    found = store.rush(number)
    if found is None:
        raise LookupError(f"there is no rush {number}")
    return found


def confirm(service: Service, rush: Rush, hours: float | None, charged: bool, now: datetime) -> Answer:
    """The assistant's yes: agreed, promised, confirmed in the thread, the case closed; all of it or nothing.

    `now` is aware. A second yes changes nothing and says so. Raises StoreError.
    """
    store = service.store
    with store.transaction():
        rush = _again(store, rush.id)
        thread = _thread(rush, service)
        if isinstance(thread, str):
            return Answer(False, thread)
        here, week = now.astimezone(thread.zone), thread.ruleset.week
        ready = rush.offer.ready_at.astimezone(thread.zone)
        if here >= ready:
            return Answer(False, f"Too late: B was {ready:%a} {ready.day} {ready:%b %H:%M}. Say no, or write yourself.")
        offer = Offer(ready, rush.offer.percent, rush.offer.accept_by.astimezone(thread.zone))
        accepted = (rush.taken_at or now).astimezone(thread.zone)
        words = wording.sold(offer, accepted, cancel_by(here, ready, week))
        mailed = _mail(CONFIRMED, words, thread, service, now, rush)
        if mailed.done:
            store.end_rush(rush.id, RushState.AGREED, now, hours=hours, charged=charged)
            _withdraw_promises(rush, 0, service, now)
            store.add_promise(_promised(rush, CONFIRMED, ready, here, week), _row(rush), now)
            store.close_case(rush.case, now)
            store.answer_given(_row(rush))
        return mailed


def refuse(service: Service, rush: Rush, now: datetime) -> Answer:
    """The assistant's no: A stands, he is told its date, the case is closed. Raises StoreError."""
    store = service.store
    with store.transaction():
        rush = _again(store, rush.id)
        thread = _thread(rush, service)
        if isinstance(thread, str):
            return Answer(False, thread)
        lead = {"ready_on": rush.offer.ordinary.astimezone(thread.zone).date()}
        mailed = _mail(REFUSED, {"lead": lead}, thread, service, now, rush)
        if mailed.done:
            store.end_rush(rush.id, RushState.REFUSED, now)
            store.close_case(rush.case, now)
            store.answer_given(_row(rush))
        return mailed


def stopped(service: Service, item: OutboxItem, now: datetime, why: str = "you stopped the confirmation of B") -> str:
    """The confirmation of a rush does not leave: nothing is charged, A is promised again.

    Belongs behind every stop of a mail. Returns the code of the case she gets; "" when it was no confirmation.
    """
    store, mail = service.store, item.mail
    if mail.template != CONFIRMED:
        return ""
    agreed = store.rushes((RushState.AGREED,), client=mail.client)
    rush, ruleset = next((r for r in agreed if _confirms(item, r)), None), ruleset_of(mail.client, service)
    if rush is None or ruleset is None:
        return ""
    with store.transaction():
        store.set_hours(rush.id, None, False)
        _withdraw_promises(rush, 0, service, now)
        zone = ZoneInfo(ruleset.client.timezone)
        ordinary = rush.offer.ordinary.astimezone(zone)
        if ordinary > now:
            promise = replace(_promised(rush, OFFER, ordinary, now.astimezone(zone), ruleset.week), hour=False)
            store.add_promise(promise, _row(rush), now)
        note = f"{why}: they have heard neither yes nor no. Nothing is charged. Write to them."
        case = NewCase(mail.client, Reason.RUSH_RUNNING, note, rush.taken_by, rush.offer.what)
        return store.open_case(case, now, rush.answer)


def _confirms(item: OutboxItem, rush: Rush) -> bool:
    """By the case of her yes; where none was needed, by his "B"."""
    return bool(rush.case and rush.case == item.mail.case) or bool(item.message and item.message == rush.answer)


def _thread(rush: Rush, service: Service) -> Thread | str:
    """In answer to his "B", from the address and in the language of the offer; or why nothing can be said to him."""
    if rush.state is not RushState.TAKEN:
        return SAID.get(rush.state, f"This offer is over ({rush.state}); nothing changed.")
    ruleset = ruleset_of(rush.offer.client, service)
    request, entry = service.store.entry(rush.request), service.store.entry(_row(rush))
    if ruleset is None or entry is None:
        gone = "the client's file" if ruleset is None else "their message"
        return f"{gone} is not there any more. Write to {rush.taken_by} yourself."
    if ruleset.client.trust is Trust.OBSERVE:
        return f"{ruleset.client.id} is in observe: nothing is sent. Write to {rush.taken_by} yourself."
    language = rush.offer.language or entry.language or ruleset.client.language
    sender = sender_of(request or entry, service)
    to, about = rush.taken_by or rush.offer.to, ("rush", rush.offer.offer_key)
    return Thread(entry, to, ruleset, language, sender, about, request.subject if request else "")


def _row(rush: Rush) -> int:
    return rush.answer or rush.request


def _mail(
    template: str, words: dict[str, object], thread: Thread, service: Service, now: datetime, rush: Rush
) -> Answer:
    """Queues the mail; a text that cannot be written stops everything, so that nobody is charged for silence."""
    try:
        mail = replace(write(template, words, thread, service, now), case=rush.case)
    except (TemplateError, ValueError) as error:
        return Answer(False, f"Nothing was changed: {error}")
    service.store.queue_mail(mail)
    leaves = mail.not_before.astimezone(thread.zone)
    return Answer(True, f'At {leaves:%H:%M} {thread.to} gets "{template}".', mail.not_before)


def _promised(rush: Rush, template: str, due: datetime, now: datetime, week: Week) -> NewPromise:
    to, at = rush.taken_by or rush.offer.to, remind_at(due, True, now, week)
    return NewPromise(rush.offer.client, to, due, template, what=rush.offer.what, remind_at=at, hour=True)


def _withdraw_promises(rush: Rush, but: int, service: Service, now: datetime) -> None:
    """What was promised in this matter before is promised no more; what the row `but` promises is the new one."""
    rows = [row for row in (rush.request, rush.answer) if row and row != but]
    for promise in service.store.promises_of(rows):
        service.store.end_promise(promise.id, PromiseState.WITHDRAWN, now)


def _tell(rush: Rush, service: Service, again: str = "") -> None:
    """A note to the assistant: what was sold, and until when her yes helps; without a case it is agreed already.

    The same note is queued once, however often it is told; `again` makes it another one.
    """
    ruleset = ruleset_of(rush.offer.client, service)
    entry = service.store.entry(_row(rush))
    waits = rush.state is RushState.TAKEN
    zone = ZoneInfo(service.rules.settings.assistant.timezone)
    words: dict[str, object] = {
        "case": {
            "code": rush.case if waits else "",
            "who": str(entry.explanation.get("who") or rush.taken_by) if entry else rush.taken_by,
            "subject": rush.offer.what,
            "client": ruleset.client.name if ruleset else rush.offer.client,
            "how": f"vamaild queue ack {rush.case} --hours 1.5" if waits else "",
        },
        "rush": {
            "ready_at": rush.offer.ready_at.astimezone(zone),
            "percent": rush.offer.percent,
            "accept_by": rush.offer.accept_by.astimezone(zone),
        },
        "lead": {"ready_on": rush.offer.ordinary.astimezone(zone).date()},
    }
    notes.queue(NOTE, (rush.offer.offer_key, str(rush.state), again), words, service)


def watch(service: Service) -> int:
    """Ends the offers nobody answered: silence means A. Returns how many. Raises StoreError.

    Where he has said B and she says nothing, she is told once more when he expects her answer.
    """
    store, now = service.store, service.now()
    for rush in store.rushes((RushState.TAKEN,)):
        if rush.offer.accept_by <= now < rush.offer.ready_at:
            _tell(rush, service, "again")
    over = [r for r in store.offers_expired(now - LINGER) if store.end_rush(r.id, RushState.EXPIRED, now)]
    for rush in over:
        service.journal.info("a rush offer has ended", client=rush.offer.client)
    return len(over)


def invoice(service: Service, since: datetime, until: datetime, client: str = "") -> str:
    """The agreed rushes of this period, by the moment they were agreed to, as CSV."""
    found = service.store.rushes((RushState.AGREED,), client=client)
    inside = (r for r in found if r.taken_at and since <= r.taken_at < until)
    return as_csv(_line(rush, service) for rush in sorted(inside, key=_agreed))


def _agreed(rush: Rush) -> datetime:
    return rush.taken_at or rush.offered_at


def _line(rush: Rush, service: Service) -> Line:
    ruleset = ruleset_of(rush.offer.client, service)
    entry = service.store.entry(rush.answer) if rush.answer else None
    zone = ZoneInfo(ruleset.client.timezone if ruleset else service.rules.settings.assistant.timezone)
    name = ruleset.client.name if ruleset else rush.offer.client
    agreed, ready = _agreed(rush).astimezone(zone), rush.offer.ready_at.astimezone(zone)
    rate, currency = (ruleset.rush.rate, ruleset.rush.currency) if ruleset and ruleset.rush else (0.0, "")
    return Line(rush, name, entry.message_id if entry else "", agreed, ready, rate, currency)
