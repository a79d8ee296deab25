"""What the service can be measured by: the table of figures, and how those that stand still are had from the ledger.

Labels are the ids of clients, the names of mailboxes and words of ours; nothing personal.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from .ledger import OutboxItem, Standing
from .promise import Promise

SECOND = timedelta(seconds=1)
DECIDED, SENT, NOT_SENT, FILES = "decisions", "mails_sent", "mails_not_sent", "rule_load_failures"
REFUSED = "sign_ins_refused"
STARTED, PASSED = "start_time_seconds", "last_pass_timestamp_seconds"
QUEUED, OLDEST = "outbox_mails", "outbox_oldest_seconds"
OPEN, LATE, CASES, CHAINS = "promises_open", "promise_lateness_seconds", "cases_open", "escalations_open"
LOOKED, FAILING = "mailbox_last_look_timestamp_seconds", "mailbox_failing"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; its full name begins with vamaild_, a counter's ends with _total."""

    name: str
    sort: Literal["counter", "gauge"]
    help: str
    labels: tuple[str, ...] = ()


FIGURES = (
    Figure(DECIDED, "counter", "Messages decided.", ("mailbox", "client", "kind", "outcome", "reason")),
    Figure(SENT, "counter", "Mails the server took: replies (courtesy), notices, notes.", ("client", "sort")),
    Figure(NOT_SENT, "counter", "Attempts to send that failed.", ("client", "sort")),
    Figure(FILES, "counter", "Files of rules that were not taken over."),
    Figure(REFUSED, "counter", "Sign-ins that were refused; each is told once.", ("mailbox",)),
    Figure(STARTED, "gauge", "When the service started, seconds since 1970."),
    Figure(PASSED, "gauge", "When these figures were taken, seconds since 1970: at least once a minute."),
    Figure(QUEUED, "gauge", "Mails that wait to be sent."),
    Figure(OLDEST, "gauge", "How long the oldest of them could have left already."),
    Figure(OPEN, "gauge", "Promises not kept yet.", ("client",)),
    Figure(LATE, "gauge", "How late the latest promise is; 0 when none is.", ("client",)),
    Figure(CASES, "gauge", "Cases that wait for a person."),
    Figure(CHAINS, "gauge", "Escalations that nobody has acknowledged."),
    Figure(LOOKED, "gauge", "When the mailbox was last looked into, seconds since 1970.", ("mailbox",)),
    Figure(FAILING, "gauge", "1 while the mail server of the mailbox does not answer.", ("mailbox",)),
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the figures are taken from. `looked`, `failing`: when each mailbox was last looked into, and last failed."""

    now: datetime
    started: datetime
    standing: Standing
    queued: Sequence[OutboxItem]
    promises: Sequence[Promise]
    clients: Sequence[str]
    looked: Mapping[str, datetime | None]
    failing: Mapping[str, datetime | None]


def taken(ledger: Ledger) -> dict[str, dict[str, float]]:
    """Every figure that stands still: name -> label -> value; the label is "" where there is none."""
    now, standing = ledger.now, ledger.standing
    plain = {
        STARTED: ledger.started.timestamp(),
        PASSED: now.timestamp(),
        QUEUED: len(ledger.queued),
        OLDEST: _oldest((item.mail.not_before for item in ledger.queued), now),
        CASES: standing.open_cases,
        CHAINS: standing.escalations_open,
    }
    return {name: {"": float(value)} for name, value in plain.items()} | {
        OPEN: {c: float(sum(p.promise.client == c for p in ledger.promises)) for c in ledger.clients},
        LATE: {c: _late(ledger.promises, c, now) for c in ledger.clients},
        LOOKED: {name: at.timestamp() for name, at in ledger.looked.items() if at},
        FAILING: {name: float(_fails(ledger, name)) for name in ledger.looked},
    }


def _oldest(moments: Iterable[datetime], now: datetime) -> float:
    return max(((now - at) / SECOND for at in moments if at <= now), default=0.0)


def _late(promises: Iterable[Promise], client: str, now: datetime) -> float:
    return _oldest((p.promise.due for p in promises if p.promise.client == client), now)


def _fails(ledger: Ledger, name: str) -> bool:
    failed, looked = ledger.failing.get(name), ledger.looked.get(name)
    return failed is not None and (looked is None or failed > looked)
