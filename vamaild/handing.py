"""A matter goes to a colleague: after our reply has left, as a mail he can answer, and not without a clock.

core/colleague.py decides who may be sent what; here it is kept and carried out. Whoever does not answer in time, or
says that he cannot, is followed by the next one in the chain, and after the last by the assistant: never by silence.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from . import notes
from .core import colleague as standing_in
from .core import packet, wording
from .core.cases import QueueCase
from .core.egress import inspect
from .core.handover import UNDER_WAY, Forward, Stage
from .core.ledger import Asked, Entry, NewCase, Outgoing, Sort, State
from .core.letter import Envelope, TemplateError, clean, key_for, to_bytes
from .core.message import History
from .core.plan import HandOver, Plan
from .core.reasons import Reason
from .core.ruleset import Colleague, RuleSet
from .core.words import Text
from .notices import ruleset_of
from .service import Service
from .thread import sender_of

PACKET, NOTE = "notice-packet", "note-colleague"
OPEN = (Stage.OFFERED, *UNDER_WAY)
LEFT = (State.SENT, State.UNCONFIRMED)
FORGOTTEN = timedelta(days=60)  # what somebody took and nobody ever spoke of again


def known(history: History, asked: Asked, service: Service) -> History:
    """The same, with what deciding must know of colleagues: what they agreed to, and what this thread was offered."""
    store = service.store
    return replace(
        history, consents=store.consents(asked.client), forwards=store.offers_made(asked.client, asked.references)
    )


def secrets_but(email: str, service: Service) -> tuple[str, ...]:
    """What may not stand in a mail to this address: every secret but the address itself."""
    return tuple(s for s in service.rules.rulebook.secrets if s.lower() != email.lower())


# ---- keeping what was decided


def settle(plan: Plan, entry: Entry, row: int, service: Service) -> None:
    """Keeps what a recorded message means for a matter; belongs into the transaction that recorded it."""
    step = plan.hand_over
    if step is None:
        return
    if step.stage is Stage.DECLINED:
        _end(service.store.forward(step.forward), Stage.DECLINED, service)
        return
    told = next((mail for mail in entry.outgoing if mail.template in standing_in.TEXTS.values()), None)
    if told is not None:  # else the reply was held back, and a person has the message
        _keep(step, told, entry, row, service)


def _keep(step: HandOver, told: Outgoing, entry: Entry, row: int, service: Service) -> None:
    now, store = service.now(), service.store
    offered = store.forward(step.forward) if step.forward else None
    if offered:
        agreed = replace(offered, stage=step.stage, reply_key=told.key, told_in=row)
        store.move_forward(agreed, Stage.OFFERED)
    else:
        store.add_forward(Forward(entry.client, row, entry.address, step.email, told.key, row, step.stage, now))


def give(case: QueueCase, service: Service) -> Forward | None:
    """The assistant hands the message of a case over herself: to the first who may be sent it; her case is closed.

    None when nobody may, or somebody has it already. The clock runs as ever, so that it comes back when nobody takes
    it. Raises TemplateError, ValueError when it may not leave, StoreError.
    """
    store, now = service.store, service.now()
    entry, ruleset = store.entry(case.message or 0), ruleset_of(case.case.client, service)
    if entry is None or ruleset is None or not case.message:
        return None
    known = next((f for f in store.forwards(OPEN, entry.client) if f.message == case.message), None)
    if known and known.stage in (Stage.HANDED, Stage.TAKEN):
        return None
    key = key_for(case.code, "give", now.isoformat(), domain=service.rules.sending.address.rpartition("@")[2])
    new = Forward(entry.client, case.message, entry.address, "", key, case.message, Stage.AGREED, now)
    who = next(candidates(known or new, ruleset, entry, service), None)
    if who is None:
        return None
    with store.transaction():
        number = known.id if known else store.add_forward(new)
        _hand(known or replace(new, id=number), who, ruleset, entry, "", service)
        store.close_case(case.code, now)
        return store.forward(number)


def _end(forward: Forward | None, stage: Stage, service: Service) -> bool:
    if forward is None:
        return False
    return service.store.move_forward(replace(forward, stage=stage, due=None, ended_at=service.now()), forward.stage)


# ---- the clock


def watch(service: Service) -> int:
    """Sends what may go, and follows up what nobody answered; returns how many matters moved. Raises StoreError."""
    if not service.send:
        return 0
    return sum(_look_at(forward, service) for forward in service.store.forwards(UNDER_WAY))


def _look_at(forward: Forward, service: Service) -> bool:
    if service.store.resolution(forward.message):
        return _end(forward, Stage.DONE, service)
    if forward.stage is Stage.AGREED:
        return _release(forward, service)
    if forward.stage is Stage.TAKEN and forward.handed_at and service.now() - forward.handed_at > FORGOTTEN:
        return _end(forward, Stage.DONE, service)
    late = forward.stage is Stage.HANDED and forward.due is not None and forward.due <= service.now()
    return pass_on(forward, forward.email, "he has not answered in time", service) if late else False


def _release(forward: Forward, service: Service) -> bool:
    """It goes once the customer's reply has left; where that never leaves, a person has decided otherwise."""
    told = next((i for i in service.store.replies_to(forward.told_in) if i.mail.key == forward.reply_key), None)
    if told is None or told.state in (State.STOPPED, State.FAILED):
        return _end(forward, Stage.DROPPED, service)
    return _to_next(forward, "", service) if told.state in LEFT else False


def pass_on(forward: Forward, email: str, why: str, service: Service) -> bool:
    """He does not take it: the next one is asked, else the assistant has it; she hears of it. False when it moved."""
    now = service.store.forward(forward.id)
    if now is None or now.stage not in (Stage.HANDED, Stage.TAKEN) or now.email.lower() != email.lower():
        return False
    return _to_next(now, f"{email}: {why}", service)


def _to_next(forward: Forward, why: str, service: Service) -> bool:
    ruleset, entry = ruleset_of(forward.client, service), service.store.entry(forward.message)
    if ruleset is None or entry is None:
        return _missed(forward, entry, "the client's file, or the message, is not there any more", service)
    for colleague in candidates(forward, ruleset, entry, service):
        try:
            return _hand(forward, colleague, ruleset, entry, why, service)
        except (TemplateError, ValueError) as error:
            why = f"{why}; {colleague.name}: {error}".removeprefix("; ")
    return _missed(forward, entry, why or "none of those who may see it is there", service)


def candidates(forward: Forward, ruleset: RuleSet, entry: Entry, service: Service) -> Iterator[Colleague]:
    """Who may be sent this matter now: there, agreed, in his scope, not asked before, not too many today.

    The one it was meant for comes first.
    """
    now, store = service.now(), service.store
    consents = store.consents(forward.client)
    midnight = now.astimezone(ZoneInfo(ruleset.client.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    tried = {email.lower() for email in forward.tried}
    texts = (Text(entry.subject), Text(_words_of(entry)))
    there = standing_in.on_duty(ruleset, now, consents)
    for colleague in sorted(there, key=lambda c: c.email.lower() != forward.email.lower()):
        free = store.packets_since(colleague.email, midnight) < colleague.per_day
        mine = standing_in.in_scope(colleague, ruleset, forward.customer, *texts)
        sure = standing_in.agreed(colleague, consents) is True
        if colleague.email.lower() not in tried and free and mine and sure:
            yield colleague


def _words_of(entry: Entry) -> str:
    return str(entry.explanation.get("new_text", ""))


def _hand(forward: Forward, colleague: Colleague, ruleset: RuleSet, entry: Entry, why: str, service: Service) -> bool:
    """The packet, its row and its clock in one transaction. Raises TemplateError and ValueError."""
    now, store = service.now(), service.store
    due = standing_in.ack_due(colleague, ruleset, now)
    mail = _packet(forward, colleague, ruleset, entry, due, service)
    handed = replace(
        forward,
        stage=Stage.HANDED,
        email=colleague.email,
        handed_at=now,
        due=due,
        tried=(*forward.tried, colleague.email),
    )
    with store.transaction():
        if not store.move_forward(handed, forward.stage):
            return False
        store.queue_mail(mail)
        store.packed(mail.key, forward.id, colleague.email, now)
        if why:
            _tell(handed, entry, why, colleague.name, "", service)
    service.journal.info("handed over", client=forward.client, again=bool(why))
    return True


def _packet(
    forward: Forward, colleague: Colleague, ruleset: RuleSet, entry: Entry, due: datetime, service: Service
) -> Outgoing:
    rules, client, now = service.rules, ruleset.client, service.now()
    zone, sender = ZoneInfo(client.timezone), sender_of(entry, service)
    facts = _facts(forward, ruleset, entry, due.astimezone(zone), service)
    told = wording.common(ruleset, rules.rulebook.assistant, None, entry.subject, now.astimezone(zone))
    words = told | {"packet": packet.words(facts, client.language)}
    letter = rules.tools.render(PACKET, client.language, client.id, words)
    key = key_for(client.id, PACKET, str(forward.id), colleague.email, domain=sender.rpartition("@")[2])
    name = rules.rulebook.assistant.name
    envelope = Envelope(name, sender, colleague.email, key, language=client.language, auto="auto-generated")
    raw = to_bytes(letter, envelope, now.astimezone(zone))
    if refused := inspect(raw, colleague.email, secrets_but(colleague.email, service)):
        raise ValueError(f"{PACKET} may not leave: {refused}")
    return Outgoing(key, Sort.NOTE, colleague.email, raw, now, client.id, PACKET)


def _facts(forward: Forward, ruleset: RuleSet, entry: Entry, due: datetime, service: Service) -> packet.Facts:
    """Of this one thread of this one customer, and of nothing else: a subject alone may be that of another matter."""
    zone, store = ZoneInfo(ruleset.client.timezone), service.store
    rows = store.matter_rows(entry.client, entry.address, entry.message_id, entry.references, "")
    entries = [e for row in rows if row != forward.told_in or row == forward.message if (e := store.entry(row))]
    named = entry.explanation.get("deadline")
    evidence, files = entry.explanation.get("evidence"), entry.explanation.get("attachments")
    return packet.Facts(
        who=str(entry.explanation.get("who") or entry.address),
        address=entry.address,
        subject=entry.subject,
        thread=tuple(packet.Written(e.received.astimezone(zone), _words_of(e)) for e in entries if _words_of(e)),
        due=due,
        deadline=datetime.fromisoformat(str(named)).astimezone(zone) if named else None,
        evidence=tuple(map(str, evidence)) if isinstance(evidence, list) else (),
        promises=tuple(p.promise.due.astimezone(zone) for p in store.promises_of((*rows, forward.told_in))),
        matters=packet.about(ruleset, (entry.subject, *map(_words_of, entries))),
        attachments=tuple(map(str, files)) if isinstance(files, list) else (),
    )


# ---- the assistant hears of it


def _missed(forward: Forward, entry: Entry | None, why: str, service: Service) -> bool:
    """Nobody takes it: the message waits for the assistant, and she is told at once."""
    store = service.store
    with store.transaction():
        if not _end(forward, Stage.MISSED, service):
            return False
        store.reopen(forward.message, Reason.HANDED_BACK)
        who = str(entry.explanation.get("who") or forward.customer) if entry else forward.customer
        subject = clean(entry.subject, 120) if entry else ""
        case = NewCase(forward.client, Reason.HANDED_BACK, clean(f"no colleague takes it: {why}", 400), who, subject)
        code = store.open_case(case, service.now(), forward.message if entry else None)
        _tell(forward, entry, why, "", code, service)
    service.journal.warning("no colleague takes a matter", client=forward.client, case=code)
    return True


def _tell(forward: Forward, entry: Entry | None, why: str, asked: str, code: str, service: Service) -> None:
    ruleset = ruleset_of(forward.client, service)
    words: dict[str, object] = {
        "case": {
            "code": code,
            "who": str(entry.explanation.get("who") or forward.customer) if entry else forward.customer,
            "subject": entry.subject if entry else "",
            "client": ruleset.client.name if ruleset else forward.client,
            "words": why,
            "next": asked,
            "how": f"vamaild queue show {code}" if code else "",
        }
    }
    notes.queue(NOTE, (str(forward.id), *forward.tried, asked), words, service)
