"""Absences in the ledger: what the assistant said over the file, what was asked before leaving, who wants silence.

Of a person who asked for no automatic replies a one-way mark is kept, no address.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from ...core.ledger import Asked
from .database import Connection, Part, from_micros, to_micros
from .marks import matter_marks, person

MOST_COUNTED, MOST_LOOKED_AT = 200, 1_000


def silenced_at(db: Connection, client: str, address: str) -> datetime | None:
    """Since when this person gets no automatic reply."""
    if db.empty("no_auto"):
        return None
    row = db.row("SELECT at FROM no_auto WHERE client = ? AND person = ?", client, person(address))
    return from_micros(row["at"]) if row else None


def facts_told(db: Connection, messages: Collection[int]) -> frozenset[str]:
    """What this person has told in these messages (core/ladder.py), of very many in the last."""
    if not messages:
        return frozenset()
    rows = db.rows(
        "SELECT DISTINCT value FROM message, json_each(message.explanation, '$.facts') "
        "WHERE message.id IN (SELECT value FROM json_each(?))",
        json.dumps(sorted(messages)[-MOST_COUNTED:]),
    )
    return frozenset(str(row["value"]) for row in rows)


def about_same(db: Connection, asked: Asked) -> frozenset[int]:
    """The earlier messages of this person about this matter."""
    marks = matter_marks(asked.client, asked.message_id, asked.references, asked.subject)
    rows = db.rows(
        "SELECT message FROM matter WHERE person = ? AND mark IN (SELECT value FROM json_each(?)) LIMIT ?",
        *(person(asked.address), json.dumps(sorted(marks)), MOST_LOOKED_AT),
    )
    return frozenset(row["message"] for row in rows)


class AbsencePart(Part):
    """`core.absence.AwayBook`."""

    def keep_away(self, client: str, name: str, value: Mapping[str, object], now: datetime) -> None:
        """Replaces what was kept under this name."""
        self._db.write(
            "INSERT OR REPLACE INTO away (client, name, at, value) VALUES (?, ?, ?, ?)",
            *(client, name, to_micros(now), json.dumps(dict(value))),
        )

    def away_kept(self, client: str, name: str) -> tuple[datetime, Mapping[str, object]] | None:
        """(when it was kept, the value)."""
        rows = self._db.kept("away", "SELECT at, value FROM away WHERE client = ? AND name = ?", client, name)
        return (from_micros(rows[0]["at"]), json.loads(rows[0]["value"])) if rows else None

    def silence(self, client: str, address: str, now: datetime) -> bool:
        """From now on this person gets no automatic reply; False when that was kept already."""
        sql = "INSERT OR IGNORE INTO no_auto (client, person, at) VALUES (?, ?, ?) RETURNING at"
        return bool(self._db.write(sql, client, person(address), to_micros(now)))

    def unsilence(self, client: str, address: str) -> bool:
        """False when nothing was kept."""
        sql = "DELETE FROM no_auto WHERE client = ? AND person = ? RETURNING at"
        return bool(self._db.write(sql, client, person(address)))

    def silenced(self, client: str, address: str) -> datetime | None:
        return silenced_at(self._db, client, address)
