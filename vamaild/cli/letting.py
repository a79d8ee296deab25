"""What a person does with a reply that has not left: takes it back, or lets a draft go. One transaction each.

The service works on the same ledger at the same moment, so everything is looked at again inside the transaction.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .. import drafts, rushes
from ..core.egress import inspect
from ..core.ledger import Entry, NewCase, OutboxItem, State, Store
from ..core.reasons import Reason
from ..core.ruleset import Trust
from ..core.trust import Fate
from ..notices import ruleset_of
from ..service import Service
from ..thread import row_of
from .outbox import to_whom
from .place import Value
from .screen import Exit, Stop

NOTE = 'you stopped "{}": nobody has told them anything'


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a mail: in words, and as JSON-ready values. `leaves`: when it goes."""

    done: bool
    words: str
    value: Value = field(default_factory=dict)
    leaves: datetime | None = None


def stop(item: OutboxItem, service: Service, now: datetime) -> Done:
    """Withdraws a reply; a draft is thrown away. What it promised and offered ends with it."""
    with service.store.transaction():
        fresh = _again(item, service.store)
        who = to_whom(item, service.store)
        if fresh is None or fresh.state is State.CLAIMED:
            return Done(
                False, f"Too late: it left for {who}.", {"mail": f"m-{item.id}", "stopped": False, "case": None}
            )
        if fresh.state is State.DRAFT:
            _throw_away(fresh, service)
            words, code = f"Thrown away: nothing is sent to {who}. Throw it out of your Drafts folder, too.", None
        else:
            words, code = _take_back(fresh, who, service, now)
    return Done(True, words, {"mail": f"m-{item.id}", "stopped": True, "case": code})


def _again(item: OutboxItem, store: Store) -> OutboxItem | None:
    """The mail as it stands now; None when it does not wait any more."""
    here = store.outbox((State.QUEUED, State.DRAFT, State.CLAIMED))
    return next((each for each in here if each.id == item.id), None)


def _take_back(item: OutboxItem, who: str, service: Service, now: datetime) -> tuple[str, str | None]:
    drafts.taken_back(item, service)
    service.store.reopen(row_of(item, service.store), Reason.STOPPED)
    code = rushes.stopped(service, item, now)
    if code:
        return (
            f"Stopped. Nothing was sent to {who}, nothing is charged, and A is promised again.\n"
            f"{code} is in the queue: they have heard neither yes nor no."
        ), code
    code = _back_in_queue(item, service.store, now)
    return f"Stopped. {code} is back in the queue, nothing was sent to {who}.", code


def _back_in_queue(item: OutboxItem, store: Store, now: datetime) -> str:
    """The open case of the message, else a new one: somebody waits and has heard nothing."""
    row = row_of(item, store)
    open_ = next((c.code for c in store.cases() if row and c.message == row), "")
    if open_:
        return open_
    entry = store.entry(row) if row else None
    note = NOTE.format(item.mail.template)
    case = NewCase(item.mail.client, Reason.STOPPED, note, to_whom(item, store), entry.subject if entry else "")
    return store.open_case(case, now, row or None)


def _throw_away(item: OutboxItem, service: Service) -> None:
    entry = service.store.entry(item.message) if item.message else None
    if entry is None or not drafts.settle(drafts.Draft(item, entry), Fate.DISCARDED, service):
        service.store.settle(item.id, State.STOPPED)


def approve(item: OutboxItem, service: Service, now: datetime) -> Done:
    """Lets a draft leave after the grace time. Stops when what it says does not hold any more, or may not be said."""
    wait = service.rules.sending.wait
    with service.store.transaction():
        fresh = _again(item, service.store)
        if fresh is None or fresh.state is not State.DRAFT:
            raise Stop("It is no draft any more; nothing changed. What waits: vamaild outbox", Exit.ATTENTION)
        entry = service.store.entry(fresh.message) if fresh.message else None
        if refused := hindrance(fresh, entry, service, now):
            raise Stop(f"{refused} Nothing changed: write yourself.", Exit.SAFETY)
        drafts.approve(fresh, now + wait, service)
    at = now + wait
    value: Value = {"mail": f"m-{item.id}", "text": item.mail.template, "to": item.mail.to, "leaves": at.isoformat()}
    return Done(True, "", value, at)


def hindrance(item: OutboxItem, entry: Entry | None, service: Service, now: datetime) -> str:
    """Why a draft must not leave any more, "" when it may."""
    mail, rulebook = item.mail, service.rules.rulebook
    ruleset = ruleset_of(mail.client, service)
    if ruleset is None:
        return f"There is no client {mail.client} any more."
    if ruleset.client.trust is Trust.OBSERVE:
        return f"{mail.client} is in observe: nothing is sent."
    if refused := inspect(mail.raw, mail.to, rulebook.secrets):
        return f"It may not leave: {refused}."
    if entry is None:
        return ""
    if now - entry.decided_at > rulebook.limits.oldest:
        return f"It was written {(now - entry.decided_at) // timedelta(hours=1)} hours ago and would come too late."
    named = [entry.promise.due] if entry.promise else []
    named += [entry.rush.accept_by] if entry.rush else []
    past = [at for at in named if at <= now]
    return f"It names a date that is past ({past[0].astimezone(now.tzinfo):%a %d %b %H:%M})." if past else ""
