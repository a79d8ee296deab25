"""What a transaction has asked already: while nobody else can write, an answer holds until we write ourselves.

Each statement is looked at once for the table that it writes. What cannot be told, and whatever may reach another table
(a delete cascades), empties everything.
"""

import re
from functools import lru_cache
from sqlite3 import Row

READS = re.compile(r"\s*(?:SELECT|EXPLAIN)\b", re.IGNORECASE)
INTO = re.compile(r"\s*(?:INSERT(?: OR IGNORE)? INTO|UPDATE) (\w+)")
ALL = "*"


@lru_cache(maxsize=1_000)
def written(sql: str) -> str:
    """The table that this statement writes, "" when it only reads, ALL when it may be any."""
    if READS.match(sql):
        return ""
    found = INTO.match(sql)
    return found[1] if found else ALL


class Kept:
    """The rows of questions about small tables, by table; empty whenever no transaction is open."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[tuple[object, ...], list[Row]]] = {}

    def of(self, table: str) -> dict[tuple[object, ...], list[Row]]:
        """What is kept of this table: by statement and values."""
        return self._rows.setdefault(table, {})

    def heed(self, sql: str) -> None:
        """A statement is about to run: what it changes is forgotten."""
        if table := written(sql):
            self.forget(table)

    def forget(self, table: str = ALL) -> None:
        if table == ALL:
            self._rows.clear()
        else:
            self._rows.pop(table, None)
