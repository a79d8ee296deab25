"""Matters that end by themselves: the customer says so, a person answers, or nothing more comes after our answer.

The three are kept apart in the ledger (core/resolve.py): silence is no satisfaction. Emergencies end by their chain.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from . import grace, promising
from .core.handover import UNDER_WAY
from .core.ledger import Entry, MailboxError, Outcome, State, for_the_log
from .core.promise import PromiseState
from .core.reasons import Reason
from .core.resolve import Resolved, working_days_between
from .core.route import our_people
from .core.ruleset import RuleSet
from .core.trust import DraftFate, Fate
from .notices import ruleset_of
from .service import Service

RUN, EVERY = "resolving", timedelta(minutes=5)
LOOKED_BACK = timedelta(days=60)
LEFT = (State.SENT, State.UNCONFIRMED)
OF_THEIR_OWN = (Reason.DRAFT, "practice")
"""Cases that end otherwise: a draft by what becomes of it; those about a rush by a yes or a no."""


def said(row: int, entry: Entry, service: Service) -> int:
    """After a message was recorded: "it is solved" ends this person's earlier messages about the matter.

    Belongs into the transaction of `record`; returns how many ended.
    """
    if not grace.says_it_is_over(entry, service):
        return 0
    rows = _matter(entry, service)
    found = ((r, service.store.entry(r)) for r in rows if r != row)
    earlier = [r for r, e in found if e and entry.received - e.received < LOOKED_BACK]
    ended = sum(service.store.resolve(r, Resolved.SAID, entry.decided_at) for r in earlier)
    _nothing_owed(earlier, entry, service)
    return ended


def _nothing_owed(rows: Sequence[int], entry: Entry, service: Service) -> None:
    """What was promised about these messages is owed to nobody any more, and no draft need be sent."""
    for promise in service.store.promises_of(rows):
        promising.end(promise, PromiseState.WITHDRAWN, entry.decided_at, service)
    for item in (i for r in rows for i in service.store.replies_to(r) if i.state is State.DRAFT):
        fate = DraftFate(item.id, item.mail.client, "", Fate.DISCARDED, entry.decided_at)
        service.store.settle_draft(fate, Reason.NOBODY_WAITS)


def _matter(entry: Entry, service: Service) -> tuple[int, ...]:
    about = (entry.client, entry.address, entry.message_id, entry.references, entry.subject)
    return service.store.matter_rows(*about)


def watch(service: Service) -> int:
    """Every five minutes: what a person has answered, and what nobody has asked about again. Raises StoreError."""
    store, now = service.store, service.now()
    last = store.last_run(RUN)
    if last is not None and timedelta() <= now - last < EVERY:
        return 0
    store.ran(RUN, now)
    waiting = dict(_open_cases(service)) | dict(_handed_over(service))
    urgent = {row: e for ruleset in service.rules.rulebook.clients for row, e in _urgent(ruleset, service)}
    answered = _answered(waiting | urgent, service)
    ended = sum(store.resolve(row, Resolved.ANSWERED, now) for row in answered)
    known = answered | waiting.keys()
    quiet = [row for row, e in urgent.items() if row not in known and _is_silent(row, e, service)]
    return ended + sum(store.resolve(row, Resolved.SILENT, now) for row in quiet)


def _open_cases(service: Service) -> Iterator[tuple[int, Entry]]:
    """Messages that wait for a person, whose answer ends them."""
    for case in service.store.cases():
        reason = case.case.reason
        plain = not case.case.escalates and reason not in OF_THEIR_OWN and not reason.startswith("rush-")
        if plain and case.message and (entry := service.store.entry(case.message)):
            yield case.message, entry


def _handed_over(service: Service) -> Iterator[tuple[int, Entry]]:
    """Messages that a colleague was asked about: whoever answers them, ends that."""
    for forward in service.store.forwards(UNDER_WAY):
        if entry := service.store.entry(forward.message):
            yield forward.message, entry


def _urgent(ruleset: RuleSet, service: Service) -> Iterator[tuple[int, Entry]]:
    """Messages of this client that were called urgent, and of which nobody knows how they ended."""
    now = service.now()
    for found in service.store.urgent(ruleset.client.id, now - LOOKED_BACK, now):
        if found.resolved is None and (entry := service.store.entry(found.message)):
            yield found.message, entry


def _answered(entries: dict[int, Entry], service: Service) -> frozenset[int]:
    """Those that a person has answered: in a Sent folder, or in a mail that came into the inbox itself."""
    names = {e.mailbox for e in entries.values()}
    sent = frozenset(pair for name in names for pair in _in_sent(name, entries, service))
    return frozenset(row for row, e in entries.items() if (e.mailbox, e.message_id) in sent or _in_ledger(e, service))


def _in_sent(name: str, entries: dict[int, Entry], service: Service) -> Iterator[tuple[str, str]]:
    """A server that cannot say it is asked again."""
    mailbox = service.mailboxes.get(name)
    ids = [e.message_id for e in entries.values() if e.mailbox == name and e.message_id]
    if mailbox is None or not ids:
        return
    try:
        yield from ((name, i) for i in mailbox.answered(ids))
    except MailboxError as error:
        service.journal.warning("nobody knows which matters were answered", mailbox=name, fault=for_the_log(error))


def _in_ledger(entry: Entry, service: Service) -> bool:
    ruleset = ruleset_of(entry.client, service)
    if ruleset is None or not entry.message_id:
        return False
    people = our_people(ruleset, service.rules.rulebook)
    return bool(service.store.answers(entry.client, (entry.message_id,), people))


def _is_silent(row: int, entry: Entry, service: Service) -> bool:
    """Whether the last word is ours, and has been for so many working days as the client's file says."""
    ruleset = ruleset_of(entry.client, service)
    rows = _matter(entry, service)
    last = max(rows, default=row)
    latest = service.store.entry(last)
    if ruleset is None or latest is None or latest.outcome is not Outcome.ANSWERED:
        return False
    sent = [i.sent_at for i in service.store.replies_to(last) if i.state in LEFT and i.sent_at]
    if not sent:
        return False
    zone = ZoneInfo(ruleset.client.timezone)
    first, today = max(sent).astimezone(zone).date(), service.now().astimezone(zone).date()
    return working_days_between(first, today, ruleset.week) >= ruleset.resolved_after
