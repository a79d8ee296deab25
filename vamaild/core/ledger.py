"""What is kept: the rows of the ledger, the outbox and the queue as values, and the ports behind which they live.

The outbox rule: claim before DATA, confirm after. A courtesy reply found claimed after a crash is never sent again but
shown to the assistant; an escalation notice found claimed is sent again, until somebody acknowledges it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from .absence import AwayBook
from .cases import NewCase as NewCase
from .cases import QueueBook
from .cases import QueueCase as QueueCase
from .drill import DrillBook
from .earlier import EarlierBook
from .flows import FlowBook
from .flows import Flowed as Flowed
from .handover import HandingBook
from .learning import LearningBook
from .message import History
from .privacy import PrivacyBook
from .promise import NewPromise as NewPromise
from .promise import PromiseBook
from .report_rows import WeekBook
from .rush import NewRush, RushBook
from .trust import Drafts, Pause, PauseBook, TrustBook, holding
from .verdicts import VerdictBook

DATABASE = "vamaild.db"
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463
RECEIPT = "emergency-received"  # tells the sender of an emergency when he hears again
BOUNCED_FOR = timedelta(days=60)
NOT_BY_A_PERSON = ("auto-submitted", "auto-response-suppress", "vendor", "out-of-office", "report", "null-path", "loop")
"""Reasons of a mail that may come from a person's address without the person."""


class Outcome(StrEnum):
    """Where a message stands; every message has exactly one."""

    ANSWERED = "answered"
    NO_REPLY = "no-reply"
    WAITING = "waiting"
    ESCALATED = "escalated"


class Sort(StrEnum):
    """What an outgoing mail is; the sort decides what happens after a crash."""

    COURTESY = "courtesy"
    ESCALATION = "escalation"
    NOTE = "note"


class State(StrEnum):
    """Where an outgoing mail stands."""

    QUEUED = "queued"
    DRAFT = "draft"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a mailbox has been read."""

    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as it was fetched; `raw` holds header and text, never the attachments.

    `received` is INTERNALDATE, aware. `problem` says why it was not read ("too large: 61.2 MB"). `marked`: it carries
    the keyword of what is decided.
    """

    uid: int
    uidvalidity: int
    received: datetime
    size: int
    raw: bytes
    problem: str = ""
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One mail to send. `key` is its Message-ID: deterministic, so that a copy is recognised and stored once."""

    key: str
    sort: Sort
    to: str
    raw: bytes
    not_before: datetime
    client: str = ""
    template: str = ""
    state: State = State.QUEUED
    case: str = ""


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """An outgoing mail as it stands in the store. `message` is the ledger row it answers."""

    id: int
    mail: Outgoing
    state: State
    message: int | None
    attempts: int
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    error: str = ""


def held_by(mail: Outgoing, pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """Those of these pauses that keep this mail here: none but a courtesy, and no receipt for an emergency."""
    return holding(pauses, mail.client) if mail.sort is Sort.COURTESY and mail.template != RECEIPT else ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One message and everything that was decided about it; written in one transaction.

    `address` is the sender's; `explanation` the decision as JSON-ready values, for `explain` and the report.
    """

    mailbox: str
    uidvalidity: int
    uid: int
    fingerprint: str
    message_id: str
    references: tuple[str, ...]
    size: int
    received: datetime
    decided_at: datetime
    client: str
    address: str
    subject: str
    language: str
    kind: str
    action: str
    outcome: Outcome
    reason: str
    explanation: Mapping[str, object] = field(default_factory=dict)
    outgoing: tuple[Outgoing, ...] = ()
    case: NewCase | None = None
    promise: NewPromise | None = None
    text_mark: str = ""
    rush: NewRush | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What `History` is asked about: who wrote to whom, in which thread, and which day it is for the client.

    `to` is where an answer would go; `text_mark` and `responds` are of core/sameness.py; `returned` are the ids a
    delivery report gives back; `people` are those whose answer in the thread counts as ours; `received` is when the
    message arrived (`now` when None); `week_begins` is Monday, midnight, in the client's zone.
    """

    client: str
    address: str
    message_id: str
    references: tuple[str, ...]
    subject: str
    fingerprint: str
    now: datetime
    day_begins: datetime
    to: str = ""
    text_mark: str = ""
    responds: bool = False
    returned: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    received: datetime | None = None
    week_begins: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Counts for `status` and for the accounting of promise 6."""

    arrived: int = 0
    by_outcome: Mapping[str, int] = field(default_factory=dict)
    by_reason: Mapping[str, int] = field(default_factory=dict)
    outbox: Mapping[str, int] = field(default_factory=dict)
    open_cases: int = 0
    oldest_case: datetime | None = None
    escalations_open: int = 0
    last_mail: Mapping[str, datetime] = field(default_factory=dict)
    today: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)


class StoreError(Exception):
    """The store cannot keep what it was given (disk full, locked, damaged); nothing of the batch was kept."""


class Store(
    QueueBook,
    DrillBook,
    EarlierBook,
    PromiseBook,
    RushBook,
    TrustBook,
    PauseBook,
    VerdictBook,
    HandingBook,
    AwayBook,
    WeekBook,
    LearningBook,
    PrivacyBook,
    FlowBook,
    Protocol,
):
    """Everything that is remembered. Every time that goes in or comes out is aware."""

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; what was recorded inside is seen by `history` inside. Raises StoreError."""

    def watermark(self, mailbox: str) -> Watermark | None: ...
    def set_watermark(self, mailbox: str, mark: Watermark) -> None: ...

    def known(self, mailbox: str, fingerprints: Sequence[str]) -> frozenset[str]:
        """Those of these fingerprints that stand in the ledger of this mailbox already."""

    def displace(self, mailbox: str) -> None:
        """This mailbox was built anew: nothing lies where it lay, every message has UID 0 until it is found again."""

    def found_again(self, mailbox: str, fingerprint: str, place: Watermark) -> bool:
        """A displaced message lies here now, without the keyword as far as we know. False when none is like it."""

    def history(self, asked: Asked) -> History: ...

    def record(self, entry: Entry) -> int:
        """Writes message, decision, outbox rows, case, promise, rush; returns the row id. No known key is doubled."""

    def unmarked(self, mailbox: str, uidvalidity: int) -> tuple[int, ...]:
        """UIDs that are decided but do not carry the keyword yet."""

    def marked(self, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> None: ...

    def claim(self, now: datetime, sort: Sort | None = None) -> OutboxItem | None:
        """Takes the next queued mail that is due (escalations first) and marks it claimed, in one statement.

        Never a courtesy of a client who is paused, but for the receipt of an emergency.
        """

    def claim_all(self, now: datetime, most: int) -> tuple[OutboxItem, ...]: ...
    def confirm(self, item: int, now: datetime) -> None: ...

    def fail(self, item: int, error: str, retry_at: datetime | None) -> None:
        """Back to queued with `not_before` = retry_at, or failed for good when that is None: nothing was promised."""

    def set_back(self, now: datetime, back: timedelta) -> None:
        """The clock was put back by so much: queued mails and notices that wait, wait no longer than before."""

    def interrupted(self) -> tuple[OutboxItem, ...]:
        """Mails found claimed: somebody died between claim and confirm."""

    def settle(self, item: int, state: State) -> None:
        """Sets the state of an interrupted mail: UNCONFIRMED for a courtesy, QUEUED for an escalation.

        STOPPED or FAILED withdraws what it promised and offered.
        """

    def withdraw(self, item: int, reason: str) -> None:
        """A queued mail is not to leave: STOPPED, its promise and offer withdrawn, its message counts as no reply."""

    def reopen(self, message: int, reason: str) -> bool:
        """A message that was answered, or got no reply, waits for a person again. False for any other."""

    def answer_given(self, message: int) -> bool:
        """What was asked of a person about a message is done: it waits no more, it is answered. False for any other."""

    def bounced(self, keys: Sequence[str], now: datetime) -> tuple[OutboxItem, ...]:
        """Keeps that these replies of ours came back; returns those to addresses that had not for 60 days."""

    def answers(self, client: str, ids: Sequence[str], people: Sequence[str]) -> frozenset[str]:
        """Those of these messages that one of these people answered in a mail that stands in the ledger."""

    def reports_since(self, since: datetime) -> int:
        """How many delivery reports arrived since then, as far as a thousand."""

    def queue_mail(self, mail: Outgoing) -> None:
        """Adds a mail that answers no message in the ledger (a note, a step of a chain)."""

    def unfiled(self) -> tuple[OutboxItem, ...]:
        """Sent replies whose copy is not in the Sent folder yet, and drafts not in Drafts."""

    def filed(self, item: int, now: datetime) -> None: ...
    def outbox(self, states: Sequence[State]) -> tuple[OutboxItem, ...]: ...

    def waiting_for(self, client: str, people: Sequence[str]) -> tuple[OutboxItem, ...]:
        """Queued replies of this client that go to one of these people, or answer one of them; oldest first."""

    def replies_to(self, message: int) -> tuple[OutboxItem, ...]:
        """Every reply made to this ledger row, whatever became of it."""

    def entry(self, row: int) -> Entry | None: ...
    def find_entry(self, mailbox: str, uid: int) -> Entry | None: ...

    def decided_between(self, after: datetime, until: datetime) -> Iterator[Entry]:
        """What was decided from `after` on and before `until`, the newest first, without walking through the rest.

        A clock that was wrong for a thousand messages in a row may hide what came before them.
        """

    def last_run(self, name: str) -> datetime | None: ...
    def ran(self, name: str, now: datetime) -> None: ...
    def standing(self, day_begins: datetime) -> Standing: ...
    def close(self) -> None: ...


class MailboxError(Exception):
    """The mail server did not do as asked. `retry` says whether trying again later can help.

    `sign_in`: it lets this user not in; a person must do something about the password or the token. `said`: its own
    words in the message, in brackets there.
    """

    def __init__(self, message: str, *, retry: bool = True, sign_in: bool = False, said: str = "") -> None:
        super().__init__(message)
        self.retry, self.said = retry, said
        self.sign_in = sign_in


class Mailbox(Drafts, Protocol):
    """A mailbox that is read and never changed, but for one keyword. Every method raises MailboxError."""

    name: str

    def open(self) -> int:
        """Connects, signs in, selects; returns UIDVALIDITY."""

    def arrivals(self, after: int) -> Iterator[tuple[Arrival, ...]]:
        """What has a UID above `after`, oldest first, in batches."""

    def one(self, uid: int) -> Arrival | None: ...

    def mark(self, uids: Sequence[int]) -> bool:
        """Sets the configured keyword; False when the server keeps no keywords."""

    def file(self, raw: bytes, special: str) -> bool:
        """Files a copy into the special-use folder (``\\Sent``, ``\\Drafts``), unless its Message-ID is there."""

    def answered(self, ids: Sequence[str]) -> frozenset[str]:
        """Those of these messages that somebody has answered from here: a person's answer is in the Sent folder."""

    def close(self) -> None: ...


class PostError(Exception):
    """A mail was not taken. `permanent`: this mail never will be. `maybe_sent`: nobody knows (after DATA).

    `everybody`: the server takes no mail at all just now (no connection, wrong password), whoever it is for.
    `sign_in`: it lets us not in; a person must do something about the password or the token. `said`: its own words in
    the message, in brackets there.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        maybe_sent: bool = False,
        everybody: bool = False,
        sign_in: bool = False,
        said: str = "",
    ) -> None:
        super().__init__(message)
        self.sign_in, self.said = sign_in, said
        self.everybody = everybody
        self.permanent = permanent
        self.maybe_sent = maybe_sent


def for_the_log(error: MailboxError | PostError) -> str:
    """The message without the server's own words: some quote the mail. Its code stays ("5.7.1")."""
    code = STATUS.match(error.said)
    return str(error).replace(f" ({error.said})", f" ({code[0]})" if code else "") if error.said else str(error)


class Post(Protocol):
    """Hands one mail to one recipient, with the null sender (RFC 3834)."""

    def send(self, to: str, raw: bytes) -> None:
        """Raises PostError."""

    def close(self) -> None: ...
