"""Decision -> Entry: what one transaction writes about a message, the bytes of its reply included."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import ladder
from .account import case_of, outcome, who
from .decide import Decision
from .egress import inspect
from .explain import as_json
from .ledger import Arrival, Entry, NewCase, NewPromise, Outcome, Outgoing, Sort, State
from .letter import Envelope, bare_subject, clean, key_for, to_bytes
from .message import Message
from .plan import Action, Reply, Withheld
from .promises import remind_at
from .reasons import Reason
from .route import matches, recipients
from .rush import NewRush
from .sale import CONFIRMED
from .sameness import text_mark

NO_MAIL = "one of our own mails may not leave"
WHAT_LIMIT = 120
LookThrough = Callable[[bytes, str, Iterable[str]], str]
"""`egress.inspect`, or that of a `Gate`: why a mail may not leave, "" when it may."""


@dataclass(frozen=True, slots=True)
class Sending:
    """How replies leave: the sender of last resort, how long they wait, whether it `always` replaces the alias."""

    address: str
    wait: timedelta = timedelta(minutes=4)
    wait_emergency: timedelta = timedelta(seconds=30)
    always: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message stood and when it was decided."""

    mailbox: str
    arrival: Arrival
    message: Message
    now: datetime


def _entry(origin: Origin, **decided: object) -> Entry:
    arrival, message = origin.arrival, origin.message
    known: dict[str, object] = {
        "mailbox": origin.mailbox,
        "uidvalidity": arrival.uidvalidity,
        "uid": arrival.uid,
        "fingerprint": message.fingerprint,
        "message_id": message.message_id,
        "references": message.references,
        "size": arrival.size,
        "received": arrival.received,
        "decided_at": origin.now,
        "address": message.from_[0] if message.from_ else "",
        "subject": message.subject,
        "client": "",
        "language": "",
        "kind": "",
        "action": "none",
    }
    return Entry(**(known | decided))  # type: ignore[arg-type]  # fields by name; the tests of this file build every shape


def held(origin: Origin, client: str, note: str, reason: str = Reason.UNREADABLE) -> Entry:
    """A message that waits for a person, because nothing could be decided."""
    message = origin.message
    shown = clean(message.from_name or next(iter(message.from_), "nobody named"), 60)
    case = NewCase(client, reason, clean(note, 400), shown, clean(message.subject, 120))
    return _entry(origin, client=client, outcome=Outcome.WAITING, reason=reason, case=case)


def heard(origin: Origin, client: str, reason: Reason) -> Entry:
    """Mail of our own people about a notice: it is dealt with. Its address is a contact's and is not kept."""
    return _entry(origin, client=client, outcome=Outcome.NO_REPLY, reason=str(reason), address="")


def unclaimed(origin: Origin) -> Entry:
    """No client's file claims the message; a delivery report needs nobody, for whomever it is."""
    if origin.message.report and not origin.message.unreadable:
        return _entry(origin, outcome=Outcome.NO_REPLY, reason=Reason.REPORT)
    if origin.message.unreadable:
        return held(origin, "", origin.message.unreadable)
    to = ", ".join(a for _, a in list(recipients(origin.message))[:3]) or "nobody"
    return held(origin, "", f"no client's file claims mail to {to}", Reason.NO_CLIENT)


def alias(decision: Decision, sending: Sending) -> str:
    """The address the customer wrote to, so that the thread stays one; else the sender of last resort."""
    if sending.always:
        return sending.address
    named = ("to", "cc", "resent-to", "x-forwarded-for", "delivered-to")
    arrives = decision.case.ruleset.client.arrives
    written = [a for header, a in recipients(decision.case.message) if header in named and matches(a, arrives)]
    public = [a for a in written if a in decision.case.message.to]
    return next(iter(public + written), sending.address)


def envelope(decision: Decision, reply: Reply, sending: Sending) -> Envelope:
    """Who writes to whom, with an identity that is the same whenever this reply is made again."""
    message, address = decision.case.message, alias(decision, sending)
    domain = address.rpartition("@")[2]
    key = key_for(decision.case.ruleset.client.id, message.fingerprint, reply.template, reply.to, domain=domain)
    name = decision.case.rulebook.assistant.name
    return Envelope(name, address, reply.to, key, message.message_id, message.references, reply.language)


def outgoing(
    decision: Decision, reply: Reply, sending: Sending, state: State, look_through: LookThrough = inspect
) -> Outgoing:
    """The reply as it goes into the outbox. Raises ValueError when it may not leave."""
    case = decision.case
    if reply.letter is None:
        raise ValueError(NO_MAIL)
    addressed = envelope(decision, reply, sending)
    raw = to_bytes(reply.letter, addressed, case.now)
    refused = look_through(raw, reply.to, case.rulebook.secrets)
    if refused:
        raise ValueError(f"{NO_MAIL}: {refused}")
    wait = sending.wait_emergency if reply.emergency else sending.wait
    return Outgoing(
        addressed.key, Sort.COURTESY, reply.to, raw, case.now + wait, case.ruleset.client.id, reply.template, state
    )


def _mails(decision: Decision, sending: Sending, look_through: LookThrough) -> tuple[Outgoing, ...]:
    drafts = [w.reply for w in decision.withheld if _is_draft(w)]
    found = [outgoing(decision, r, sending, State.DRAFT, look_through) for r in drafts]
    if decision.reply:
        found.append(outgoing(decision, decision.reply, sending, State.QUEUED, look_through))
    return tuple(found)


def _is_draft(withheld: Withheld) -> bool:
    """The confirmation of a rush is no draft: it is written anew when the assistant has said yes."""
    drafted = withheld.reason is Reason.DRAFT and withheld.reply.letter is not None
    return drafted and withheld.reply.template != CONFIRMED


def _says(decision: Decision) -> Reply | None:
    """The reply that leaves, or may leave when somebody has looked at its draft."""
    drafts = (w.reply for w in decision.withheld if _is_draft(w))
    return decision.reply or next(drafts, None)


def _promise(decision: Decision) -> NewPromise | None:
    """The date the reply names, as a row: a reply with a date and no row is impossible."""
    reply, case = _says(decision), decision.case
    if reply is None or not (reply.promise or reply.ready_by):
        return None
    week, hour = case.ruleset.week, reply.promise is not None
    due = reply.promise or datetime.combine(reply.ready_by or case.ready_by, week.closes, case.now.tzinfo)
    return NewPromise(
        case.ruleset.client.id,
        reply.to,
        due,
        reply.template,
        what=clean(bare_subject(case.message.subject), WHAT_LIMIT),
        owner="colleague" if decision.plan.action is Action.DELEGATE else "me",
        remind_at=remind_at(due, hour, case.now, week),
        hour=hour,
    )


def _rush(decision: Decision, sending: Sending) -> NewRush | None:
    """What was offered, by the Message-ID of the offer: an answer refers to it."""
    reply, case = _says(decision), decision.case
    if reply is None or reply.offer is None:
        return None
    return NewRush(
        case.ruleset.client.id,
        reply.to,
        clean(bare_subject(case.message.subject), WHAT_LIMIT),
        reply.offer.percent,
        reply.offer.ready_at,
        reply.offer.accept_by,
        datetime.combine(case.ready_by, case.ruleset.week.closes, case.now.tzinfo),
        envelope(decision, reply, sending).key,
        reply.language,
    )


def decided(origin: Origin, decision: Decision, sending: Sending, look_through: LookThrough = inspect) -> Entry:
    """The entry of a decided message. A reply that may not leave is held for a person; an alarm goes out anyway."""
    case = decision.case
    mails, refused = _written(decision, sending, look_through)
    ended, reason = outcome(decision)
    opened = case_of(decision)
    if refused and ended is not Outcome.ESCALATED:
        ended, reason = Outcome.WAITING, Reason.UNWRITABLE
        opened = opened or NewCase(case.ruleset.client.id, reason, refused, who(case), clean(case.message.subject, 120))
    return _entry(
        origin,
        client=case.ruleset.client.id,
        language="" if case.reading.second else case.language,
        kind=str(decision.verdict.kind),
        action=str(decision.plan.action),
        outcome=ended,
        reason=str(reason),
        explanation=as_json(decision, f"{origin.mailbox}/{origin.arrival.uid}") | _shown(decision),
        outgoing=mails,
        case=opened,
        promise=None if refused else _promise(decision),
        text_mark=text_mark(case.body.original),
        rush=None if refused else _rush(decision, sending),
    )


def _shown(decision: Decision) -> dict[str, object]:
    """What the queue and the report show beside the stable object."""
    offered = decision.reply.words.get("rush") if decision.reply else None
    return {
        "who": who(decision.case),
        "offer": _plain(offered) if isinstance(offered, dict) else None,
        "withheld": [w.reply.template for w in decision.withheld],
        "attachments": [
            clean(name, WHAT_LIMIT) for name in (decision.case.judged or decision.case.message).attachments
        ],
        "facts": list(ladder.facts(decision.case)),
        "no_auto": ladder.wants_silence(decision.case),
    }


def _plain(offered: dict[str, object]) -> dict[str, object]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in offered.items()}


def _written(decision: Decision, sending: Sending, look_through: LookThrough) -> tuple[tuple[Outgoing, ...], str]:
    """(the mails, why they may not leave)."""
    try:
        return _mails(decision, sending, look_through), ""
    except ValueError as error:
        return (), clean(str(error), 400)
