"""What the page turns away: counted, told to the assistant once, and soon answered with 429.

The limit holds for wrong tokens alone. A right one is always answered: it may be about a flood.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..core.cases import NewCase, QueueCase
from ..core.reasons import Reason
from ..service import Service

MOST, WITHIN = 20, timedelta(minutes=1)
PAGE = "web"


@dataclass(slots=True)
class Refusals:
    """The wrong tokens of the last minute."""

    seen: deque[datetime] = field(default_factory=deque)

    def too_many(self, now: datetime) -> bool:
        """Counts one more; whether they come too quickly. A clock that was set back begins anew."""
        while self.seen and not timedelta() <= now - self.seen[0] < WITHIN:
            self.seen.popleft()
        if len(self.seen) >= MOST:
            return True
        self.seen.append(now)
        return False


def refused(service: Service, code: str, why: str) -> None:
    """A token that opens nothing, in the journal and in the queue. The token itself is shown nowhere."""
    case = service.store.case(code) if code else None
    service.journal.warning("a link to the page was refused", case=case.code if case else "", why=why)
    about = f"case {case.code}" if case else "a page"
    note = f"somebody opened {about} with a link that is not valid: {why}. It did nothing, and showed nothing"
    _tell(service, Reason.ANSWER_FORGED, note, case)


def betraying(service: Service, code: str, why: str) -> None:
    """A page that was not shown as it is, because something of [contacts] can be read out of it."""
    case = service.store.case(code) if code else None
    service.journal.error("a page would betray a secret and was not shown so", case=code, why=why)
    note = (
        f"the page of case {case.code} was shown without its words: {why}" if case else f"a page was not shown: {why}"
    )
    _tell(service, Reason.SECRET, note, case)


def _tell(service: Service, reason: Reason, note: str, case: QueueCase | None) -> None:
    """One open note of each sort is enough."""
    if not any((c.case.reason, c.case.who) == (reason, PAGE) for c in service.store.cases()):
        client, subject = (case.case.client, case.case.subject) if case else ("", "")
        service.store.open_case(NewCase(client, reason, note, PAGE, subject), service.now())
