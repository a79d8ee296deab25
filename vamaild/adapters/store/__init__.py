"""The memory of the service: one SQLite file behind `core.ledger.Store`, by way of sqlite-utils.

schema.py has the tables and the migrations (from 0005 on: schema_later.py), database.py the file, its transactions and
what may go wrong with it; history.py, standing.py, week.py and audit.py ask questions; each other file is a thing that
is kept.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from .absence import AbsencePart
from .audit import AuditPart
from .backup import BackupPart
from .chains import ChainPart
from .database import BUSY_SECONDS, Connection
from .drills import DrillPart
from .earlier import EarlierPart
from .erasure import ErasurePart
from .handback import HandbackPart
from .handing import HandingPart
from .history import HistoryPart
from .learning import LearningPart
from .ledger import LedgerPart
from .origins import OriginPart
from .outbox import OutboxPart
from .pauses import PausePart
from .privacy import PurgePart
from .promises import PromisePart
from .queue import QueuePart, random_code
from .rushes import RushPart
from .setback import SetBackPart
from .standing import StandingPart
from .trust import TrustPart
from .verdicts import VerdictPart
from .week import WeekPart

__all__ = ["SqliteStore", "random_code"]


class SqliteStore(
    LedgerPart,
    HistoryPart,
    OutboxPart,
    QueuePart,
    ChainPart,
    DrillPart,
    EarlierPart,
    StandingPart,
    OriginPart,
    PromisePart,
    RushPart,
    SetBackPart,
    TrustPart,
    PausePart,
    HandingPart,
    VerdictPart,
    AbsencePart,
    WeekPart,
    AuditPart,
    LearningPart,
    PurgePart,
    ErasurePart,
    HandbackPart,
    BackupPart,
):
    """`core.ledger.Store` in one SQLite file. It belongs to the thread that opened it; open another for another.

    `path` is made (0600, in a folder of 0700) when there is none; a damaged, newer or foreign file is refused with
    StoreError and left as it is. `busy` is how many seconds to wait for another program; `new_code` makes case codes.
    """

    def __init__(self, path: Path, *, busy: float = BUSY_SECONDS, new_code: Callable[[], str] = random_code) -> None:
        super().__init__(Connection(path, busy), new_code)

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; a transaction inside a transaction joins it. Raises StoreError."""
        return self._db.transaction()

    def close(self) -> None:
        self._db.close()
