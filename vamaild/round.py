"""One look into one mailbox: fetch, decide, commit, mark. A batch is one transaction; what is not committed never was.

The order matters: the keyword is set only after the decision is in the ledger, and nothing is sent from here.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar
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
from .core.decide import FAULTS, decide
from .core.gauges import DECIDED
from .core.handed import to_judge
from .core.ledger import Arrival, Asked, Entry, Mailbox, MailboxError, Outcome, Watermark
from .core.message import Message
from .core.plan import Action, Plan
from .core.route import find_client, our_people
from .core.ruleset import Rulebook, RuleSet
from .core.sameness import responds, text_mark
from .core.sender import resolve
from .service import Service

NO_PLAN = Plan(Action.NONE)
Result = TypeVar("Result")
Steps: TypeAlias = Generator[Callable[[], Any], Any, Result]
HEARERS = (hearing.hear, consenting.hear, interview.hear, returning.hear, commands.hear)


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
            question = steps.send(question())
    except StopIteration as end:
        looked: Looked = end.value
        return looked


def looking(mailbox: Mailbox, service: Service) -> Steps[Looked]:
    """The same, in steps: each thing it yields is a question to the mail server, and waits for the answer to it.

    Only the questions may be asked on another thread. Everything between them uses the ledger.
    """
    if taken := service.holds.take(mailbox.name):
        raise MailboxError(taken)
    validity = yield mailbox.open
    known = service.store.watermark(mailbox.name)
    again = known is not None and known.uidvalidity != validity
    if again:
        service.journal.warning("the mailbox was renumbered: everything in it is looked at again", mailbox=mailbox.name)
    yield from _mark(mailbox, validity, service)
    looked = Looked()
    batches = mailbox.arrivals(known.uid if known and not again else 0)
    while (batch := (yield lambda: next(batches, None))) is not None:
        entered = _take(batch, mailbox.name, service, again)
        looked = _add(looked, entered)
        if entered:
            yield from _mark(mailbox, validity, service)
        if service.stopping():
            break
    return looked


def _add(looked: Looked, entered: Sequence[Entry]) -> Looked:
    counts = {outcome: sum(e.outcome is outcome for e in entered) for outcome in Outcome}
    return Looked(
        looked.new + len(entered),
        looked.answered + counts[Outcome.ANSWERED],
        looked.waiting + counts[Outcome.WAITING],
        looked.escalated + counts[Outcome.ESCALATED],
        looked.silent + counts[Outcome.NO_REPLY],
    )


def _take(batch: Sequence[Arrival], mailbox: str, service: Service, again: bool) -> list[Entry]:
    """Decides a batch and commits it, with the watermark, in one transaction."""
    messages = intake.batch(batch, mailbox, service)
    entered: list[Entry] = []
    with intake.in_hand(service), service.store.transaction():
        seen = service.store.known(mailbox, [m.fingerprint for _, m in messages]) if again else frozenset()
        for arrival, message in messages:
            service.in_hand.take(mailbox, arrival)
            if message.fingerprint not in seen:
                entry, plan = _heard(arrival, message, mailbox, service) or _entry(arrival, message, mailbox, service)
                row = service.store.record(entry)
                rushes.settle(plan, entry, row, service)
                handing.settle(plan, entry, row, service)
                resolving.said(row, entry, service)
                leaving.heed(entry, service)
                grace.make_way(row, entry, service)
                incidents.take_back(message, service)
                entered.append(entry)
            service.store.set_watermark(mailbox, Watermark(arrival.uidvalidity, arrival.uid))
            if service.stopping():
                break
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
        question = asked(message, ruleset, rules.rulebook, now)
        history = rushes.known(grace.history(question, service), question, service.store)
        history = replace(handing.known(history, question, service), marked=arrival.marked)
        decision = decide(message, ruleset, rules.rulebook, history, rules.tools, now)
        return entries.decided(origin, decision, rules.sending), decision.plan
    except FAULTS as error:
        # A fault of ours must not stop the mailbox nor lose the message: a person reads it, the log names it.
        service.journal.error("could not decide", uid=arrival.uid, fault=blame(error))
        note = f"the service failed on it ({type(error).__name__})"
        return entries.held(origin, route.ruleset.client.id, note), NO_PLAN


def asked(message: Message, ruleset: RuleSet, rulebook: Rulebook, now: datetime) -> Asked:
    """What the store is asked about a message; the day begins at midnight of the client's zone."""
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
        to=resolve(message, ruleset).address,
        text_mark=text_mark(to_judge(message, ruleset)[1].own),
        responds=responds(message),
        returned=message.report.returned if message.report else (),
        people=our_people(ruleset, rulebook),
        received=message.received,
        week_begins=day - timedelta(days=day.weekday()),
    )


def _mark(mailbox: Mailbox, validity: int, service: Service) -> Steps[None]:
    """Sets the keyword on what is decided; after a crash also on what was decided then."""
    uids = service.store.unmarked(mailbox.name, validity)
    if uids and (yield lambda: mailbox.mark(uids)):
        service.store.marked(mailbox.name, validity, uids)


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
