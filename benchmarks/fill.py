"""Makes a large ledger quickly: copies of real rows, by SQL, with other people, ids and days.

One in a hundred is of somebody whose mail comes in the measured rounds too, so that people have a past. Of nine in ten
the long texts are gone, as they are when [privacy] keep_text is over; all else that is looked for is there.
"""

import hashlib
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vamaild.adapters.store import schema, schema_later

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CACHE = Path(tempfile.gettempdir()) / f"vamaild-bench-{os.geteuid()}"
MICROSECOND = timedelta(microseconds=1)
SPAN, AGO = timedelta(days=300), timedelta(days=320)
NUMBERS = "WITH RECURSIVE row (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM row WHERE n + 1 < :size)"
INDICES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name IN ('message', 'outbox') AND sql <> ''"
SAMPLE = (
    "CREATE TEMP TABLE sample AS SELECT row_number() OVER (ORDER BY id) - 1 AS nth, id FROM main.message",
    "CREATE UNIQUE INDEX temp.sample_nth ON sample (nth)",
    *(
        sql
        for table, own in (("message", "id"), ("matter", "message"), ("outbox", "message"))
        for sql in (
            f"CREATE TEMP TABLE old_{table} AS SELECT * FROM main.{table}",
            f"CREATE INDEX temp.old_{table}_own ON old_{table} ({own})",
        )
    ),
)
RECENT = "n >= :size * 9 / 10"
OTHER = {
    "message": {
        "id": ":last + n",
        "mailbox": "'old'",
        "uid": "n",
        "marked": "1",
        "received": ":began + :step * n",
        "decided_at": ":began + :step * n",
        "address": "CASE WHEN n % 100 THEN 'p' || (n % 5000) || '@d' || (n % 300) || '.example' ELSE old.address END",
        "fingerprint": "substr(old.fingerprint, 1, 16) || n",
        "message_id": "'<' || n || '@old.example>'",
        "refs": "'[]'",
        "explanation": f"CASE WHEN {RECENT} THEN old.explanation ELSE '{{}}' END",
        "subject": "old.subject || ' ' || n",
        "text_mark": "CASE old.text_mark WHEN '' THEN '' ELSE old.text_mark || n END",
    },
    "matter": {
        "person": "CASE WHEN n % 100 THEN (old.person & 1099511627775) * 5000 + n % 5000 ELSE old.person END",
        "mark": "(old.mark & 1099511627775) * 4194304 + n",
        "message": ":last + n",
    },
    "outbox": {
        "id": "NULL",
        "key": "old.key || '-' || n",
        "state": "'sent'",
        **dict.fromkeys(("not_before", "made_at", "claimed_at", "sent_at", "filed_at"), ":began + :step * n"),
        "message": ":last + n",
        "recipient": "'p' || (n % 5000) || '@d' || (n % 300) || '.example'",
        "author": "'p' || (n % 5000) || '@d' || (n % 300) || '.example'",
        "domain": "'d' || (n % 300) || '.example'",
        "case_code": "''",
        "raw": f"CASE WHEN {RECENT} THEN old.raw ELSE x'' END",
    },
}
"""What is another in a copy of a row: table, column, expression."""


def place(size: int, real: int) -> Path:
    """Where a ledger of this size is kept: another place for another schema, or another way to fill it."""
    files = (Path(__file__), *(Path(str(module.__file__)) for module in (schema, schema_later)))
    mark = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    return CACHE / f"ledger-{mark}-{size}-{real}.db"


def keep(ledger: Path, kept: Path) -> None:
    """For the next run; those of another schema go."""
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    for older in kept.parent.glob("ledger-*.db"):
        if older.name.split("-")[1] != kept.name.split("-")[1]:
            older.unlink()
    shutil.copyfile(ledger, kept.with_suffix(".part"))
    kept.with_suffix(".part").replace(kept)


def grow(ledger: Path, size: int, now: datetime) -> None:
    """Adds rows until there are `size` messages. Indices are built when all rows are there: that is much faster."""
    with closing(sqlite3.connect(ledger, isolation_level=None)) as db:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000"):
            db.execute(f"PRAGMA {pragma}")
        first, last = db.execute("SELECT count(*), max(id) FROM message").fetchone()
        known = {"first": first, "size": size, "last": last, "real": first}
        known |= {"began": (now - AGO - EPOCH) // MICROSECOND, "step": SPAN // MICROSECOND // size}
        indices = db.execute(INDICES).fetchall() if size > first else ()
        for sql in (*SAMPLE, *(f"DROP INDEX {name}" for name, _ in indices)):
            db.execute(sql)
        for table in OTHER if size > first else ():
            db.execute(copying(db, table), known)
        for _, sql in indices:
            db.execute(sql)
        db.execute("PRAGMA journal_mode = WAL")


def copying(db: sqlite3.Connection, table: str) -> str:
    """The statement that copies rows of this table: those of the sample, over and over."""
    columns = [str(row[1]) for row in db.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(OTHER[table].get(column, f"old.{column}") for column in columns)
    own = "id" if table == "message" else "message"
    order = " ORDER BY 1, 2" if table == "matter" else ""  # its rows lie in the order of its key
    return (
        f"{NUMBERS} INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM row "
        f"JOIN temp.sample ON sample.nth = n % :real CROSS JOIN temp.old_{table} AS old ON old.{own} = sample.id{order}"
    )
