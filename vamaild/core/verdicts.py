"""What people say afterwards about an emergency: could it have waited? The report and the return digest count it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from .cases import QueueCase


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """What `who` (a name of the chain) says about a closed emergency; `at` is aware."""

    code: str
    client: str
    who: str
    could_wait: bool
    at: datetime


class VerdictBook(Protocol):
    """What the store keeps of it. Every time is aware."""

    def verdict(self, code: str, who: str, could_wait: bool, at: datetime) -> bool:
        """Keeps it; each person's last word counts, and the last word of all is the case's `could_wait`.

        False, and nothing is kept, when there is no such closed emergency.
        """

    def verdicts(self, client: str, since: datetime, until: datetime) -> tuple[CaseVerdict, ...]:
        """Those given in since <= at < until, oldest first."""

    def outcome(self, message: int, could_wait: bool, who: str, at: datetime) -> bool:
        """What `who` says of an urgency for which nobody was called: did it wait without harm? The last word counts.

        False when there is no such message.
        """

    def judged_cases(self, client: str, since: datetime) -> tuple[QueueCase, ...]:
        """The emergencies of this client that were closed since then, oldest first; without practice alarms."""
