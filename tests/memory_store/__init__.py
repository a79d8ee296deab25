"""The store in memory: the same port and the same answers as SQLite's, proved by the same contract suite."""

from tests.memory_store.absence import AwayRows
from tests.memory_store.clock import ClockRows
from tests.memory_store.handing import HandingRows
from tests.memory_store.history import HistoryRows
from tests.memory_store.learning import LearningRows
from tests.memory_store.ledger import LedgerRows
from tests.memory_store.privacy import PrivacyRows
from tests.memory_store.rows import counted_codes
from tests.memory_store.verdicts import VerdictRows
from tests.memory_store.week import WeekRows

__all__ = ["MemoryStore", "counted_codes"]


class MemoryStore(
    PrivacyRows, LearningRows, WeekRows, HandingRows, LedgerRows, HistoryRows, VerdictRows, AwayRows, ClockRows
):
    """`core.ledger.Store` for the tests of everything that uses one."""

    def close(self) -> None:
        """Nothing to close."""
