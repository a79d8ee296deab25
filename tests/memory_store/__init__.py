"""The store in memory: the same port and the same answers as SQLite's, proved by the same contract suite."""

from tests.memory_store.history import HistoryRows
from tests.memory_store.ledger import LedgerRows
from tests.memory_store.rows import counted_codes

__all__ = ["MemoryStore", "counted_codes"]


class MemoryStore(LedgerRows, HistoryRows):
    """`core.ledger.Store` for the tests of everything that uses one."""

    def close(self) -> None:
        """Nothing to close."""
