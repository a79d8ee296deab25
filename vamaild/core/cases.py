"""The queue as values: a case, what happened to it, the notices about it; and the port behind which they are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

DOUBTFUL, PRACTICE = "confirm", "practice"


@dataclass(frozen=True, slots=True)
class NewCase:
    """Something a person must look at. `escalates`: the chain is started; `due`: when its next step is due.

    `damage` names the emergency rule, `people` says that people are in danger. `joins`: an open emergency of the same
    person about the same matter takes this one in; an alarm system's never, for each may be another place.
    """

    client: str
    reason: str
    note: str
    who: str
    subject: str
    escalates: bool = False
    due: datetime | None = None
    damage: str = ""
    people: bool = False
    joins: bool = True


@dataclass(frozen=True, slots=True)
class QueueCase:
    """A case as it stands: `code` has four characters without I O 0 1; `step` counts the notices of its chain.

    `chain` is core/chainwords.py's State as values ({}: the chain has not begun), `version` counts its changes.
    `acknowledged_by` holds it now. `joined` mails came after the first one; `fresh`: one of them told of new damage
    that the chain has not heard of. `damage` are all the damages told of. `could_wait` and `resolution` say how it
    ended.
    """

    code: str
    case: NewCase
    opened: datetime
    message: int | None
    step: int = 0
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    closed_at: datetime | None = None
    version: int = 0
    chain: Mapping[str, object] = field(default_factory=dict)
    joined: int = 0
    damage: tuple[str, ...] = ()
    fresh: bool = False
    could_wait: bool | None = None
    resolution: str = ""


def joined(into: QueueCase, case: NewCase, now: datetime) -> QueueCase:
    """The open case after another mail of the same person about the same matter (one version later).

    New is a damage nobody had told of, danger to people, and certainty where there was doubt; insisting is not.
    """
    told = case.damage and case.damage not in into.damage
    worse = case.people and not into.case.people
    surer = into.case.reason == DOUBTFUL and case.reason != DOUBTFUL
    fresh = bool(told or worse or surer)
    kept = replace(
        into.case,
        people=into.case.people or case.people,
        reason=case.reason if surer else into.case.reason,
        due=now if fresh else into.case.due,
    )
    damage = (*into.damage, case.damage) if told else into.damage
    return replace(
        into, case=kept, joined=into.joined + 1, damage=damage, fresh=into.fresh or fresh, version=into.version + 1
    )


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One line of a case's timeline: what, who (a name of the chain, or "vamaild"), and more. No address, no number."""

    at: datetime
    what: str
    who: str
    detail: str = ""


class NoticeState(StrEnum):
    """Where a notice stands. `handed` is found after a crash: it is handed over again, with the same key."""

    READY = "ready"
    HANDED = "handed"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice to be handed over: to whom (a name), over which channel (a name), why, and `about` what.

    `key` is its Message-ID. `why` "confirm" and "stand-down" are about an answer and change nothing in the chain.
    """

    key: str
    person: str
    channel: str
    round: int
    why: str
    about: str = ""
    practice: bool = False


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice as it stands in the store; `code` is its case's.

    `bundle` is the key of the message in which it was told, with others or alone; "" as long as it was not.
    """

    id: int
    code: str
    client: str
    notice: NewNotice
    state: NoticeState
    attempts: int
    not_before: datetime
    made_at: datetime
    settled_at: datetime | None = None
    detail: str = ""
    bundle: str = ""


@dataclass(frozen=True, slots=True)
class Advance:
    """What a case becomes: its chain, who holds it and since when, when it is next due, and what goes with that.

    `closed_at` ends it. Everything is written in one transaction.
    """

    chain: Mapping[str, object]
    due: datetime | None
    held_by: str = ""
    held_since: datetime | None = None
    closed_at: datetime | None = None
    could_wait: bool | None = None
    resolution: str = ""
    asked: int = 0
    events: tuple[CaseEvent, ...] = ()
    notices: tuple[NewNotice, ...] = ()


class QueueBook(Protocol):
    """The queue in the store. Every time is aware."""

    def open_case(self, case: NewCase, now: datetime, message: int | None = None) -> str:
        """Opens a case and returns its code."""

    def cases(self, everything: bool = False) -> tuple[QueueCase, ...]:
        """The open cases, or all of them, oldest first."""

    def case(self, code: str) -> QueueCase | None: ...

    def acknowledge(self, code: str, by: str, now: datetime) -> bool: ...
    def close_case(self, code: str, now: datetime) -> bool: ...

    def watched(self) -> tuple[QueueCase, ...]:
        """The open cases that the clock concerns: emergencies, and what was put off; the first due first."""

    def advance(self, code: str, version: int, to: Advance, now: datetime) -> bool:
        """All or nothing; False when the case is closed, unknown, or has another version by now."""

    def case_events(self, code: str) -> tuple[CaseEvent, ...]:
        """What happened to a case, oldest first."""

    def notices(self, code: str) -> tuple[NoticeRow, ...]:
        """Every notice about a case, oldest first."""

    def notices_ready(self, now: datetime) -> tuple[NoticeRow, ...]:
        """What is to be handed over now, and what was handed over when somebody died; oldest first."""

    def notice_handed(self, number: int, now: datetime, bundle: str = "") -> None:
        """Counts an attempt; belongs before the attempt. Raises StoreError for an unknown one.

        `bundle` is the key of the message it is told in.
        """

    def notice_settled(
        self, number: int, state: NoticeState, now: datetime, detail: str = "", retry_at: datetime | None = None
    ) -> None:
        """What became of it; READY with `retry_at` tries it again then. Raises StoreError for an unknown one."""

    def notice_of(self, keys: Sequence[str]) -> NoticeRow | None:
        """The latest notice with one of these keys."""

    def notices_in(self, bundle: str) -> tuple[NoticeRow, ...]:
        """Every notice that was told in this message, oldest first."""

    def told_since(self, person: str, channel: str, since: datetime) -> tuple[datetime, ...]:
        """When this person was asked over this channel since then: messages, not notices, without practice alarms."""

    def disturbances(self, client: str, since: datetime) -> Mapping[str, int]:
        """How often each person of this client was asked since then, without practice alarms: messages and rounds, not
        channels. What waits is not counted yet: it will be told in one message, and more may join it."""

    def cried_wolf(self, client: str, address: str, since: datetime) -> int:
        """How many emergencies of this sender, closed since then, could have waited."""

    def forget_chains(self, before: datetime) -> int:
        """Deletes the timelines and notices of cases that were closed before; returns of how many cases."""
