"""One look into one mailbox: fetch, decide, commit, mark. A batch is one transaction; what is not committed never was.

The order matters: the keyword is set only after the decision is in the ledger, and nothing is sent from here.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar, runtime_checkable
from zoneinfo import ZoneInfo

from . import (
    commands,
    consenting,
    grace,
    handing,
    hearing,
    incidents,
    intake,
    interview,
    leaving,
    resolving,
    returning,
    rushes,
)
from .blame import blame
from .core import entries
from .core.decide import FAULTS, Seen, decide, look_at
from .core.gauges import DECIDED
from .core.ledger import Arrival, Asked, Entry, Mailbox, MailboxError, Outcome, Watermark
from .core.message import Message
from .core.plan import Action, Plan
from .core.reasons import Reason
from .core.route import find_client, our_people
from .core.ruleset import Rulebook, RuleSet
from .core.sameness import responds, text_mark
from .service import Service

NO_PLAN = Plan(Action.NONE)
Result = TypeVar("Result")
HEARERS = (hearing.hear, consenting.hear, interview.hear, returning.hear, commands.hear)


@dataclass(frozen=True, slots=True)
class Ahead:
    """A question whose answer is needed later: whoever can asks it now; what comes back is to be asked then."""

    question: Callable[[], Any]


Steps: TypeAlias = Generator[Callable[[], Any] | Ahead, Any, Result]


@runtime_checkable
class Numbered(Protocol):
    """A mailbox that says which UID the next message will have, 0 when the server does not.

    `fresh`: the connection is another one than at the last look.
    """

    next_uid: int
    fresh: bool


@runtime_checkable
class Counted(Protocol):
    """A mailbox that says how many messages the look under way has found."""

    found: int


@dataclass(frozen=True, slots=True)
class Looked:
    """What one round found: how many were new, and how many of them ended how."""

    new: int = 0
    answered: int = 0
    waiting: int = 0
    escalated: int = 0
    silent: int = 0


def look_into(mailbox: Mailbox, service: Service) -> Looked:
    """One round over one mailbox. Raises MailboxError and StoreError; what was committed before stays."""
    steps = looking(mailbox, service)
    try:
        question = next(steps)
        while True:
            question = steps.send(question.question if isinstance(question, Ahead) else question())
    except StopIteration as end:
        looked: Looked = end.value
        return looked


def looking(mailbox: Mailbox, service: Service) -> Steps[Looked]:
    """The same, in steps: each thing it yields is a question to the mail server, and waits for the answer to it.

    The next batch is asked for before the one in hand is judged (`Ahead`).
    Only the questions may be asked on another thread. Everything between them uses the ledger.
    """
    if taken := service.holds.take(mailbox.name):
        raise MailboxError(taken)
    validity = yield mailbox.open
    mark = service.store.watermark(mailbox.name) or Watermark(validity, 0)
    following = mailbox.next_uid if isinstance(mailbox, Numbered) else 0
    if mark.uidvalidity != validity or (0 < following <= mark.uid and not (yield lambda: mailbox.one(mark.uid))):
        mark = _built_anew(mailbox, validity, service)
    yield from _mark(mailbox, validity, service)
    # Where there may be news, the last message that was read comes along: it must be the one that it was.
    last = mark.uid if following > mark.uid + (not (isinstance(mailbox, Numbered) and mailbox.fresh)) else 0
    looked = yield from _through(mailbox.arrivals(mark.uid - bool(last)), last, mailbox, service)
    if looked is None:
        _built_anew(mailbox, validity, service)
        looked = yield from _through(mailbox.arrivals(0), 0, mailbox, service)
    return looked or Looked()


def _through(
    batches: Iterator[tuple[Arrival, ...]], last: int, mailbox: Mailbox, service: Service
) -> Steps[Looked | None]:
    """Batch after batch. None at once when message `last` is another than it was."""
    looked, fetch = Looked(), partial(intake.fetched, batches, mailbox.name, service)
    batch = yield fetch
    while batch is not None:
        following = yield Ahead(fetch)
        messages = intake.messages(batch, mailbox.name, service)
        if last and messages[0][0].uid == last and _is_another(*messages.pop(0), mailbox.name, service):
            return None
        entered = _take(messages, mailbox.name, service) if messages else []
        looked = _add(looked, entered)
        if entered:
            yield from _mark(mailbox, messages[0][0].uidvalidity, service, new=True)
        if service.stopping():
            break
        _tell_how_far(looked.new, mailbox, service)
        batch = yield following
    return looked


def _tell_how_far(done: int, mailbox: Mailbox, service: Service) -> None:
    """A long look says how far it is: after a first start on a big mailbox nobody must take it for stuck."""
    of = mailbox.found if isinstance(mailbox, Counted) else 0
    if 0 < done < of - 1:
        service.journal.info("looking through what is there", mailbox=mailbox.name, done=done, of=of)


def _built_anew(mailbox: Mailbox, validity: int, service: Service) -> Watermark:
    """UIDs mean other messages now: everything is looked at again, and what is known is only found again."""
    service.journal.warning("the mailbox was renumbered: everything in it is looked at again", mailbox=mailbox.name)
    mark = Watermark(validity, 0)
    with service.store.transaction():
        service.store.displace(mailbox.name)
        service.store.set_watermark(mailbox.name, mark)
    return mark


def _is_another(arrival: Arrival, message: Message, mailbox: str, service: Service) -> bool:
    """Whether this UID was another message's when it was read. A mailbox made twice within a second has one
    UIDVALIDITY: servers take it from the clock.
    """
    entry = service.store.find_entry(mailbox, arrival.uid)
    if entry is None or entry.reason == Reason.UNREADABLE or arrival.problem:
        return False
    same_id = bool(message.message_id) and message.message_id == entry.message_id
    return not (message.unreadable or same_id or message.fingerprint == entry.fingerprint)


def _add(looked: Looked, entered: Sequence[Entry]) -> Looked:
    counts = {outcome: sum(e.outcome is outcome for e in entered) for outcome in Outcome}
    return Looked(
        looked.new + len(entered),
        looked.answered + counts[Outcome.ANSWERED],
        looked.waiting + counts[Outcome.WAITING],
        looked.escalated + counts[Outcome.ESCALATED],
        looked.silent + counts[Outcome.NO_REPLY],
    )


def _take(messages: Sequence[tuple[Arrival, Message]], mailbox: str, service: Service) -> list[Entry]:
    """Decides a batch and commits it, with the watermark, in one transaction."""
    entered: list[Entry] = []
    with intake.in_hand(service), service.store.transaction():
        seen = service.store.known(mailbox, [m.fingerprint for _, m in messages])
        for arrival, message in messages:
            service.in_hand.take(mailbox, arrival)
            place = Watermark(arrival.uidvalidity, arrival.uid)
            here = message.fingerprint in seen and service.store.found_again(mailbox, message.fingerprint, place)
            if not here:
                entry, plan = _heard(arrival, message, mailbox, service) or _entry(arrival, message, mailbox, service)
                row = service.store.record(entry)
                rushes.settle(plan, entry, row, service)
                handing.settle(plan, entry, row, service)
                resolving.said(row, entry, service)
                leaving.heed(entry, service)
                grace.make_way(row, entry, service)
                incidents.take_back(message, service)
                entered.append(entry)
            if service.stopping():
                break
        service.store.set_watermark(mailbox, place)
        service.in_hand.clear()
        incidents.tell_of_limits(entered, service)
    for entry in entered:
        _tell(entry, service)
    return entered


def _heard(arrival: Arrival, message: Message, mailbox: str, service: Service) -> tuple[Entry, Plan] | None:
    """What our own people answer to a notice is no customer's mail; None for everything else."""
    try:
        found = next((heard for hear in HEARERS if (heard := hear(message, service))), None)
    except FAULTS as error:
        service.journal.error("could not hear", uid=arrival.uid, fault=blame(error))
        return None
    origin = entries.Origin(mailbox, arrival, message, service.now())
    return (entries.heard(origin, found.client, found.what), NO_PLAN) if found else None


def _entry(arrival: Arrival, message: Message, mailbox: str, service: Service) -> tuple[Entry, Plan]:
    """The decision as a ledger entry, and its plan. Whatever goes wrong while deciding, a person gets the message."""
    rules, now = service.rules, service.now()
    origin = entries.Origin(mailbox, arrival, message, now)
    route = find_client(message, rules.rulebook.clients)
    if route.ruleset is None:
        return entries.unclaimed(origin), NO_PLAN
    try:
        ruleset = leaving.standing(route.ruleset, service)
        seen = look_at(message, ruleset, rules.rulebook, rules.tools.authenticate)
        question = asked(message, ruleset, rules.rulebook, now, seen)
        history = rushes.known(grace.history(question, service), question, service.store)
        history = replace(handing.known(history, question, service), marked=arrival.marked)
        decision = decide(message, ruleset, rules.rulebook, history, rules.tools, now, seen=seen)
        return entries.decided(origin, decision, rules.sending, service.gate.inspect), decision.plan
    except FAULTS as error:
        # A fault of ours must not stop the mailbox nor lose the message: a person reads it, the log names it.
        service.journal.error("could not decide", uid=arrival.uid, fault=blame(error))
        note = f"the service failed on it ({type(error).__name__})"
        return entries.held(origin, route.ruleset.client.id, note), NO_PLAN


def asked(message: Message, ruleset: RuleSet, rulebook: Rulebook, now: datetime, seen: Seen | None = None) -> Asked:
    """What the store is asked about a message; the day begins at midnight of the client's zone."""
    seen = seen or look_at(message, ruleset, rulebook)
    day = now.astimezone(ZoneInfo(ruleset.client.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return Asked(
        client=ruleset.client.id,
        address=message.from_[0] if message.from_ else "",
        message_id=message.message_id,
        references=message.references,
        subject=message.subject,
        fingerprint=message.fingerprint,
        now=now,
        day_begins=day,
        to=seen.sender.address,
        text_mark=text_mark(seen.new.own),
        responds=responds(message),
        returned=message.report.returned if message.report else (),
        people=our_people(ruleset, rulebook),
        received=message.received,
        week_begins=day - timedelta(days=day.weekday()),
    )


def _mark(mailbox: Mailbox, validity: int, service: Service, new: bool = False) -> Steps[None]:
    """Sets the keyword on what is decided; after a crash also on what was decided then."""
    uids = service.store.unmarked(mailbox.name, validity)
    if uids and (yield lambda: mailbox.mark(uids)):
        service.store.marked(mailbox.name, validity, uids)
    elif uids and new:
        service.journal.warning("the server takes no keyword", mailbox=mailbox.name, messages=len(uids))


def _tell(entry: Entry, service: Service) -> None:
    reply = entry.outgoing[0].template if entry.outgoing else "none"
    words = {"client": entry.client or "-", "kind": entry.kind or "-", "reason": entry.reason or "-"}
    service.metrics.count(DECIDED, mailbox=entry.mailbox, outcome=str(entry.outcome), **words)
    service.journal.info(
        "decided",
        client=entry.client or "-",
        kind=entry.kind or "-",
        action=entry.action,
        outcome=str(entry.outcome),
        reason=entry.reason or "-",
        who=entry.address,
        reply=reply,
        lang=entry.language or "-",
    )


def judge_only(mailbox: Mailbox, service: Service) -> list[Entry]:
    """`run --dry-run`: decides what is new and keeps nothing."""
    mailbox.open()
    known = service.store.watermark(mailbox.name)
    found = []
    for batch in mailbox.arrivals(known.uid if known else 0):
        found += [_entry(a, m, mailbox.name, service)[0] for a, m in intake.batch(batch, mailbox.name, service)]
    return found
