"""A rush: two prices were offered, and what became of it. Silence means A, which costs nothing.

One row an offer. Only `take` makes a sale possible, and only once: it changes `offered` to `taken` in one statement.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class RushState(StrEnum):
    """`taken`: he said B, the assistant's yes is missing; `agreed`: both said yes, it may be invoiced."""

    OFFERED = "offered"
    TAKEN = "taken"
    AGREED = "agreed"
    DECLINED = "declined"  # he said A
    REFUSED = "refused"  # the assistant said no
    EXPIRED = "expired"  # nobody answered in time: A
    WITHDRAWN = "withdrawn"  # the offer never left


OPEN = (RushState.OFFERED, RushState.TAKEN)


@dataclass(frozen=True, slots=True)
class NewRush:
    """What was offered to whom. Times are aware.

    `offer_key` is the Message-ID of our offer: his answer refers to it. `ordinary` is when A would be ready.
    """

    client: str
    to: str
    what: str
    percent: int
    ready_at: datetime
    accept_by: datetime
    ordinary: datetime
    offer_key: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Rush:
    """An offer as it stands; `request` is the ledger row that was answered (0 once deleted), `answer` that of his "B".

    `ended_at` is None where the offer was withdrawn because its mail never left.
    """

    id: int
    offer: NewRush
    request: int
    offered_at: datetime
    state: RushState = RushState.OFFERED
    answer: int | None = None
    taken_at: datetime | None = None
    taken_by: str = ""
    case: str = ""
    ended_at: datetime | None = None
    hours: float | None = None
    charged: bool = True


class RushBook(Protocol):
    """The offers in the store."""

    def rush(self, number: int) -> Rush | None: ...

    def rush_of_case(self, code: str) -> Rush | None:
        """The offer whose "B" waits in this case for the assistant's yes."""

    def rushes(
        self, states: Sequence[RushState], *, client: str = "", to: Collection[str] | None = None
    ) -> tuple[Rush, ...]:
        """Oldest first; `to`: those to these addresses (lower case) only."""

    def unsent(self, keys: Collection[str]) -> frozenset[str]:
        """Those of these offers whose mail still waits, or is a draft."""

    def offers_in(self, client: str, ids: Sequence[str]) -> tuple[Rush, ...]:
        """The offers of this client, in any state, whose Message-ID is one of these; the latest last."""

    def sold_since(self, client: str, since: datetime) -> int:
        """How many rushes were taken or agreed since then, by the moment they were taken."""

    def take(self, number: int, answer: int, by: str, now: datetime, case: str) -> bool:
        """He said B: `offered` becomes `taken`.

        False when it was not `offered` any more, or the mail with the offer has not left (queued, draft, stopped …).
        Raises StoreError when there is no message `answer`.
        """

    def end_rush(
        self, number: int, state: RushState, now: datetime, *, hours: float | None = None, charged: bool = True
    ) -> bool:
        """False when it may not: AGREED only from TAKEN, REFUSED from TAKEN or OFFERED, all others from OFFERED."""

    def set_hours(self, number: int, hours: float | None, charged: bool) -> bool:
        """What the assistant enters for the invoice of an agreed rush. False when it is not agreed."""

    def offers_expired(self, now: datetime) -> tuple[Rush, ...]:
        """Still `offered`, and `accept_by` is past."""
