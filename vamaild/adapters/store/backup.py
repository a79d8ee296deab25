"""The file as a whole: copied while it is in use, and cleared of what was deleted."""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ...core.ledger import StoreError
from . import copies
from .database import Part, explain

STEPS = 4_000_000
"""How many steps of SQLite's machine lie between two signs of life: some tenths of a second."""


class BackupPart(Part):
    """Copies, and a file without traces."""

    def backup(self, target: Path, alive: Callable[[], object] = lambda: None) -> Path:
        """A whole copy as `target`, readable by us only, while others go on writing. Raises StoreError."""
        try:
            self._lively(alive)
            return copies.make(self._db.db.conn, target)
        except sqlite3.Error as error:
            raise explain(target, error) from error
        except OSError as error:
            raise StoreError(f"{target}: no copy was made: {error.strerror or error}") from error
        finally:
            self._db.db.conn.set_progress_handler(None, 0)

    def backup_nightly(self, now: datetime, alive: Callable[[], object] = lambda: None) -> Path:
        """The copy of this day (`now` in the assistant's zone); the oldest go. Raises StoreError."""
        made = self.backup(copies.nightly(self._db.path, now.date().isoformat()), alive)
        copies.prune(self._db.path.parent, now)
        return made

    def tidy(self, whole: bool = False) -> bool:
        """Empties the write-ahead log; `whole` also writes the file anew, without a byte of what was deleted.

        False when another program kept the log in use. Raises StoreError.
        """
        if whole:
            self._db.rows("VACUUM")
        row = self._db.row("PRAGMA wal_checkpoint(TRUNCATE)")
        return row is not None and row[0] == 0

    def sound(self) -> str:
        """An empty text when the file is intact, else what SQLite found first."""
        row = self._db.row("PRAGMA quick_check(1)")
        return "" if row is None or row[0] == "ok" else str(row[0])

    def _lively(self, alive: Callable[[], object]) -> None:
        def beat() -> int:
            alive()
            return 0

        self._db.db.conn.set_progress_handler(beat, STEPS)
