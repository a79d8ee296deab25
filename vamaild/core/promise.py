"""A promise: a date or an hour somebody was told in a reply. Each is a row with an owner, a reminder and an end.

A reply with a date and no row is impossible (entries.py writes both in one transaction).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class PromiseState(StrEnum):
    """Where a promise stands. `withdrawn`: its reply never left, or another date took its place."""

    OPEN = "open"
    KEPT = "kept"
    LATE = "late"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class NewPromise:
    """A date somebody was told. Times are aware.

    `what` is the cleaned subject, `owner` who keeps it ("me" is the assistant), `remind_at` when she is reminded.
    `hour` is true where the reply named an hour ("news by 12:10"), not only a day.
    """

    client: str
    to: str
    due: datetime
    template: str
    what: str = ""
    owner: str = "me"
    remind_at: datetime | None = None
    hour: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise as it stands; `message` is the ledger row it answers, 0 once that was deleted.

    `ended_at` is when it was kept or withdrawn; None where it was withdrawn because its reply never left.
    """

    id: int
    promise: NewPromise
    message: int
    made_at: datetime
    state: PromiseState = PromiseState.OPEN
    reminded_at: datetime | None = None
    ended_at: datetime | None = None


class PromiseBook(Protocol):
    """The promises in the store."""

    def promises(self, *, open_only: bool = True, client: str = "") -> tuple[Promise, ...]:
        """By due moment, the first due first."""

    def promise(self, number: int) -> Promise | None: ...

    def promises_of(self, messages: Sequence[int]) -> tuple[Promise, ...]:
        """The open promises made in answers to these ledger rows."""

    def reminders_due(self, now: datetime) -> tuple[Promise, ...]:
        """Open promises whose reminder is due and was not given."""

    def reminded(self, number: int, now: datetime) -> None:
        """Raises StoreError when there is no such promise."""

    def add_promise(self, promise: NewPromise, message: int, now: datetime) -> int:
        """A promise made later than the first answer to a message (a rush that was confirmed); returns its number.

        Raises StoreError when there is no such message.
        """

    def end_promise(self, number: int, state: PromiseState, now: datetime) -> bool:
        """False when it was not open, or `state` is no end."""
