"""A client that leaves: its rows to hand back, and to take out. What is open of anybody, and how it is ended.

Of each message its place and one-way fingerprint stay under no client's name: it still lies in the mailbox, and is not
to be taken for a new one.
"""

# ruff: noqa: S608 - what is put together here are constants of this package; every value is bound with ?

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ...core.ledger import StoreError
from ...core.privacy import About
from .database import Connection, Part, Value, to_micros
from .privacy import SKELETON

IN = "IN (SELECT value FROM json_each(?))"
OF_MESSAGE = "message IN (SELECT id FROM message WHERE client = ?)"
OF_CASE = "code IN (SELECT code FROM queue WHERE client = ?)"
# Linked rows before those they are found by.
CLIENT_ROWS: Mapping[str, str] = {
    "resolution": OF_MESSAGE,
    "outcome": OF_MESSAGE,
    "packet": "forward IN (SELECT id FROM forward WHERE client = ?)",
    "case_event": OF_CASE,
    **dict.fromkeys(
        ("notice", "verdict", "correction", "proposal", "sheet", "drill", "draft_fate", "level", "pause", "consent"),
        "client = ?",
    ),
    **dict.fromkeys(("away", "no_auto", "rush", "promise", "forward", "outbox", "queue", "message"), "client = ?"),
}
NOBODYS = ("watermark", "tally", "outbox_tally", "arrival", "run", "bounce", "matter", "_sqlite_migrations")
"""What is kept of no client: places and counts; what leaves with its messages is said in `forget_client`."""
BUSY = "a mail to them is being sent at this moment; try again in a minute. Nothing was erased"
WORDS = {
    "queue": ("closed_at IS NULL", "case {code}", "code"),
    "outbox": ("state IN ('queued', 'draft', 'claimed')", "mail m-{id}", "id"),
    "named": ("state IN ('queued', 'draft', 'claimed')", "mail m-{id} to somebody else", "id"),
    "promise": ("state = 'open'", "promise {id}", "id"),
    "rush": ("state IN ('offered', 'taken')", "rush {id}", "id"),
    "forward": ("stage IN ('offered', 'agreed', 'handed', 'taken')", "hand-over {id}", "id"),
}
ENDS = (
    (
        "outbox",
        "UPDATE message SET outcome = 'no-reply', reason = 'nobody-waits' WHERE outcome = 'answered' AND id IN "
        f"(SELECT message FROM outbox WHERE sort = 'courtesy' AND state IN ('queued', 'draft') AND id {IN})",
    ),
    ("outbox", f"UPDATE outbox SET state = 'stopped' WHERE state IN ('queued', 'draft') AND id {IN}"),
    ("named", f"UPDATE outbox SET state = 'stopped' WHERE state IN ('queued', 'draft') AND id {IN}"),
    ("promise", f"UPDATE promise SET state = 'withdrawn' WHERE state = 'open' AND id {IN}"),
    ("rush", "UPDATE rush SET state = iif(state = 'taken', 'refused', 'withdrawn'), ended_at = :now "
     f"WHERE state IN ('offered', 'taken') AND id {IN}"),
    ("forward", "UPDATE forward SET stage = 'dropped', ended_at = :now "
     f"WHERE stage IN ('offered', 'agreed', 'handed', 'taken') AND id {IN}"),
    ("queue", f"UPDATE queue SET closed_at = :now, version = version + 1 WHERE closed_at IS NULL AND id {IN}"),
    ("message", "UPDATE message SET outcome = 'no-reply', reason = 'nobody-waits' "
     f"WHERE outcome = 'waiting' AND id {IN}"),
)  # fmt: skip


def end(db: Connection, rows: Mapping[str, Sequence[int]], now: int) -> None:
    """Whatever is open among these rows is over; what waits in the outbox does not leave."""
    for table, sql in ENDS:
        db.rows(sql.replace(":now", str(now)), json.dumps(rows.get(table, ())))


def open_words(db: Connection, rows: Mapping[str, Sequence[int]]) -> Iterator[str]:
    """What is open among these rows, as people call it."""
    for name, (which, words, column) in WORDS.items():
        table = "outbox" if name == "named" else name
        found = db.rows(
            f"SELECT {column} FROM {table} WHERE {which} AND id {IN} ORDER BY id", json.dumps(rows.get(name, ()))
        )
        yield from (words.format(**{column: row[column]}) for row in found)


class HandbackPart(Part):
    """One client, of `core.privacy.PrivacyBook`; `rows_of` is what is handed out."""

    def about_client(self, client: str) -> About:
        """What is kept of it. Nothing is changed."""
        with self._db.snapshot():
            counted = ((table, self._how_many(table, which, client)) for table, which in CLIENT_ROWS.items())
            counts = {table: n for table, n in counted if n}
            rows = self._numbers(client)
            texts = self._how_many("message", "purged = 0 AND client = ?", client)
            words = tuple(open_words(self._db, rows))
            return About((client,) if counts else (), counts, texts, words, self._sending(client))

    def forget_client(self, client: str, now: datetime) -> Mapping[str, int]:
        """Everything but counts and fingerprints. Raises StoreError while a mail of this client is being sent."""
        with self._db.transaction():
            if self._sending(client):
                raise StoreError(f"{self._db.path}: {BUSY}")
            counts = {t: n for t, which in CLIENT_ROWS.items() if (n := self._how_many(t, which, client))}
            end(self._db, self._numbers(client), to_micros(now))
            self._db.rows(f"DELETE FROM matter WHERE {OF_MESSAGE}", client)
            self._db.rows("DELETE FROM bounce WHERE address IN (SELECT recipient FROM outbox WHERE client = ?)", client)
            # Notes and reports to the assistant are about everybody; what has left is not needed any more.
            self._db.rows("UPDATE outbox SET raw = x'' WHERE client = '' AND state IN ('sent', 'stopped', 'failed')")
            for table in [t for t in CLIENT_ROWS if t != "message"]:
                self._db.rows(f"DELETE FROM {table} WHERE {CLIENT_ROWS[table]}", client)
            self._db.rows(f"UPDATE message SET {SKELETON}, client = '' WHERE client = ?", client)
            self._db.rows(
                "INSERT INTO arrival SELECT minute, '', messages FROM arrival WHERE client = ? "
                "ON CONFLICT (minute, client) DO UPDATE SET messages = messages + excluded.messages",
                client,
            )
            self._db.rows("DELETE FROM arrival WHERE client = ?", client)
            self._db.rows("DELETE FROM run WHERE name = 'silence ' || ? OR name LIKE '% ' || ?", client, client)
            return counts

    def client_rows(self, client: str) -> Iterator[tuple[str, Mapping[str, Value]]]:
        """(table, row) of everything of this client, as it is kept."""
        for table, which in [*CLIENT_ROWS.items()][::-1]:
            yield from ((table, dict(row)) for row in self._db.rows(f"SELECT * FROM {table} WHERE {which}", client))

    def _how_many(self, table: str, which: str, client: str) -> int:
        return int(self._db.rows(f"SELECT count(*) AS n FROM {table} WHERE {which}", client)[0]["n"])

    def _numbers(self, client: str) -> dict[str, tuple[int, ...]]:
        tables = ("message", "forward", "queue", "promise", "rush", "outbox")
        found = {t: self._db.rows(f"SELECT id FROM {t} WHERE client = ?", client) for t in tables}
        return {table: tuple(row["id"] for row in rows) for table, rows in found.items()}

    def _sending(self, client: str) -> bool:
        return self._db.row("SELECT 1 FROM outbox WHERE client = ? AND state = 'claimed'", client) is not None
