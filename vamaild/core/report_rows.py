"""What the weekly report is made of: the rows of a week as values, and the port that gathers them.

No text of a message and no address is among them; a subject and a name are shown to our own people only.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from .promise import Promise
from .resolve import Resolved
from .rush import Rush, RushState
from .trust import Fate


@dataclass(frozen=True, slots=True)
class Row:
    """One message of the ledger. Times are aware; `outcome` is core/ledger.py's.

    `stated`: the sender says that it is urgent. `asks`: there is a question in it, or it belongs to a conversation.
    `replied_at` is when our automatic reply left, `person_at` the first answer of a person that is known. `alarmed`: an
    emergency was opened for it; `could_wait` is what a person said about that. `rush`: what became of the offer made
    to it; `handed`: a colleague has it.
    """

    id: int
    client: str
    received: datetime
    kind: str
    outcome: str
    reason: str = ""
    action: str = "none"
    subject: str = ""
    who: str = ""
    stated: bool = False
    deadline: datetime | None = None
    asks: bool = False
    replied_at: datetime | None = None
    person_at: datetime | None = None
    resolved: Resolved | None = None
    alarmed: bool = False
    could_wait: bool | None = None
    rush: RushState | None = None
    handed: bool = False


@dataclass(frozen=True, slots=True)
class Alarm:
    """One emergency: when it was opened, when somebody was told, who took it and when, how it ended.

    `message` is its ledger row (0 once deleted); `taken_by` a name of the chain, "" while nobody has it. `doubtful`:
    the assistant was asked first. `verdicts` are (who, whether it could have waited).
    """

    code: str
    client: str
    message: int
    who: str
    subject: str
    opened: datetime
    told_at: datetime | None = None
    taken_at: datetime | None = None
    taken_by: str = ""
    closed_at: datetime | None = None
    could_wait: bool | None = None
    verdicts: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Gathered:
    """A week: everything decided in since <= moment < until, and what else happened then.

    `arrived` was counted message by message as they came in, whatever became of the rows since. `rushes` were offered
    or taken then, `promises` fall due then, `alarms` were opened then; `solved` and `fates` are (ledger row, what
    happened), by when it happened.
    """

    since: datetime
    until: datetime
    arrived: int = 0
    rows: tuple[Row, ...] = ()
    rushes: tuple[Rush, ...] = ()
    promises: tuple[Promise, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    solved: tuple[tuple[int, Resolved], ...] = ()
    fates: tuple[tuple[int, Fate], ...] = ()


class WeekBook(Protocol):
    """What the store is asked for the report."""

    def week(self, client: str, since: datetime, until: datetime) -> Gathered:
        """Of one client, or of all (""). Both moments are aware and whole minutes; the rows are in the ledger's order.

        Reads what belongs to this time, however large the ledger is.
        """
