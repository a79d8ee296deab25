"""What the ledger tells of a client's flow of mail: counts and places, no message. core/flow.py judges it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Flowed:
    """What came for a client within one hour: the first moment, the last, and how many messages."""

    first: datetime
    last: datetime
    count: int


class FlowBook(Protocol):
    """Part of `core.ledger.Store`."""

    def flowed(self, client: str, since: datetime) -> tuple[Flowed, ...]:
        """What has come for this client since then, by the hour (UTC), oldest first; counts only."""

    def came_by(self, client: str, since: datetime) -> frozenset[str]:
        """The mailboxes that had a message for this client since then."""
