"""Is the ledger's file sound? Looks at it without opening it for writing: no migration, no repair.

A running service may go on meanwhile.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .copies import listed
from .database import explain

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Health:
    """`faults` are SQLite's own words, () where it is sound; `size` is in bytes, with what is not yet merged.

    `backup`: when the last copy was made (UTC), None where there is none.
    """

    faults: tuple[str, ...]
    size: int
    backup: datetime | None


def health(path: Path) -> Health:
    """How the file is. Raises StoreError when it cannot be looked at, OSError when it cannot be found."""
    size = sum(p.stat().st_size for p in (path, path.with_name(path.name + "-wal")) if p.exists())
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as db:
            said = [str(row[0]) for row in db.execute(f"PRAGMA integrity_check({SHOWN})")]
            db.execute("SELECT 1 FROM message LIMIT 1")  # an empty file is sound, and no ledger
    except sqlite3.Error as error:
        raise explain(path, error) from error
    copies = listed(path.parent)
    return Health(() if said == ["ok"] else tuple(said), size, max((c.made for c in copies), default=None))
