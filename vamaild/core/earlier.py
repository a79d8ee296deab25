"""What must be known of the message a mail answers, before that mail leaves or makes way: little, for many at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message in the ledger. `alarm`: it was escalated; `promised` and `offered`: a date or a rush, not withdrawn.

    `has_case`: a person was shown it, whatever became of that.
    """

    client: str
    mailbox: str
    message_id: str
    references: tuple[str, ...]
    subject: str
    decided_at: datetime
    alarm: bool
    promised: bool
    offered: bool
    has_case: bool


class EarlierBook(Protocol):
    """The ledger, asked for many messages at once."""

    def earlier(self, rows: Collection[int]) -> Mapping[int, Earlier]:
        """Those of these ledger rows that there are."""
