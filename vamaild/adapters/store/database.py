"""The SQLite file itself: how it is opened, locked, copied before a change, and what is said when it cannot be used.

sqlite-utils' `atomic()` begins DEFERRED, which fails at once between two writers; every transaction here begins
IMMEDIATE instead and waits its turn. WAL with synchronous=FULL: what was committed survives a
power cut. A file that is damaged, foreign or newer is refused and never replaced by an empty one.
"""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from ...core.ledger import StoreError
from . import copies
from .kept import Kept
from .schema import migrations, names

BUSY_SECONDS = 10.0
CACHE_KIB = 16_000
STATEMENTS = 512  # kept prepared; each has one text, whatever its values
CHECKPOINT_PAGES = 4_000  # 16 MB: in a large ledger one batch already writes some 1,000 pages
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
Row = sqlite3.Row
Value = str | bytes | int | float | None

SENTENCES = {
    "SQLITE_FULL": "the disk is full; nothing of this batch was kept. Free some space: the service goes on by itself",
    "SQLITE_BUSY": "another program keeps it locked. Close it (a sqlite3 shell, a backup) and it goes on by itself",
    "SQLITE_LOCKED": "another program keeps it locked. Close it (a sqlite3 shell, a backup) and it goes on by itself",
    "SQLITE_READONLY": "it cannot be written. Check that the user of the service owns the file and its folder",
    "SQLITE_PERM": "it may not be opened. Check that the user of the service owns the file and its folder",
    "SQLITE_AUTH": "it may not be opened. Check that the user of the service owns the file and its folder",
    "SQLITE_CANTOPEN": "it cannot be opened. Check that its folder exists and belongs to the user of the service",
    "SQLITE_CORRUPT": "it is damaged and was left as it is. Stop the service and put the last copy in its place",
    "SQLITE_NOTADB": "it is no database and was left as it is. Stop the service and put the last copy in its place",
    "SQLITE_IOERR_SHMSIZE": "the disk is full; nothing was kept. Free some space: the service goes on by itself",
    "SQLITE_IOERR": "reading or writing it failed. Check the disk; nothing of this batch was kept",
    "SQLITE_TOOBIG": "a value is too big to be kept; nothing of this batch was kept",
    "SQLITE_CONSTRAINT": "it refused a value that makes no sense; nothing of this batch was kept",
}


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 UTC. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a time zone cannot be kept: {moment.isoformat()}")
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC datetime."""
    return EPOCH + timedelta(microseconds=micros)


def maybe_micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def maybe_time(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def explain(path: Path, error: sqlite3.Error) -> StoreError:
    """The sentence for a person: which file, what happened, what to do."""
    name = str(getattr(error, "sqlite_errorname", ""))
    sentence = next((s for key, s in SENTENCES.items() if name.startswith(key)), "it cannot be used")
    return StoreError(f"{path}: {sentence} ({name or type(error).__name__}: {error})")


class Connection:
    """One open file, used by one thread. Everything that sqlite3 raises leaves here as StoreError."""

    def __init__(self, path: Path, busy: float = BUSY_SECONDS) -> None:
        self.path = path
        self._depth = 0
        self._broken = False
        self._kept = Kept()
        try:
            if not _exists(path):
                _create(path, busy)
            self.db = _connect(path, busy)
            self._file = _identity(path)
            try:
                _refuse_strangers(self.db, path)
                _prepare(self.db)
                _bring_up_to_date(self.db, path)
            except BaseException:
                self.db.close()
                raise
        except sqlite3.Error as error:
            raise explain(path, error) from error
        except OSError as error:
            raise StoreError(f"{path}: it cannot be opened: {error.strerror or error}. Check the folder.") from error

    def rows(self, sql: str, *values: Value) -> list[Row]:
        """All rows of one statement. A statement that writes belongs into `transaction()`."""
        try:
            return self._execute(sql, values).fetchall()
        except sqlite3.ProgrammingError:
            raise  # a bug of ours (wrong thread, closed, wrong number of values), no fault of the file
        except sqlite3.Error as error:
            raise explain(self.path, error) from error

    def row(self, sql: str, *values: Value) -> Row | None:
        """The first row, or None."""
        found = self.rows(sql, *values)
        return found[0] if found else None

    def kept(self, table: str, sql: str, *values: Value) -> list[Row]:
        """`rows` of a question about this table alone, asked once a transaction for as long as that does not write it.

        Outside a transaction others may write in between, so there it is asked each time.
        """
        if not self._depth:
            return self.rows(sql, *values)
        known = self._kept.of(table)
        if (sql, *values) not in known:
            known[(sql, *values)] = self.rows(sql, *values)
        return known[(sql, *values)]

    def empty(self, table: str) -> bool:
        """Whether this table is known to hold nothing, so that it need not be asked about each message."""
        if not self._depth:
            return False  # to find out would cost as much as the question itself
        return not self.kept(table, f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 - the name of a table of ours

    def write(self, sql: str, *values: Value) -> list[Row]:
        """One writing statement as a transaction of its own, or as part of the one that is open."""
        with self.transaction():
            return self.rows(sql, *values)

    def _execute(self, sql: str, values: Sequence[Value]) -> sqlite3.Cursor:
        self._kept.heed(sql)
        try:
            return self.db.execute(sql, values)
        except UnicodeEncodeError:
            # Half a surrogate pair out of a broken header: UTF-8 has no bytes for it.
            return self.db.execute(sql, [clean(value) for value in values])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN IMMEDIATE ... COMMIT. Inside another it joins; what fails inside spoils the whole."""
        if self._depth:
            yield from self._joined()
            return
        self._begin()
        try:
            yield
            self._commit()
        finally:
            self._depth = 0
            self._kept.forget()
            self._roll_back()

    def _joined(self) -> Iterator[None]:
        if self._broken or not self.db.conn.in_transaction:
            raise self._spoiled()
        self._depth += 1
        try:
            yield
        except BaseException:
            self._broken = True
            raise
        finally:
            self._depth -= 1

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Several questions answered from the same moment; writers need not wait."""
        if self.db.conn.in_transaction:
            yield
            return
        self.rows("BEGIN")
        try:
            yield
        finally:
            self._roll_back()

    def _begin(self) -> None:
        if _identity(self.path) != self._file:
            raise StoreError(
                f"{self.path}: it was taken away or replaced while it was open, so nothing is kept or sent. Put it "
                "back, or start the service again"
            )
        self.rows("BEGIN IMMEDIATE")
        self._depth, self._broken = 1, False

    def _commit(self) -> None:
        if self._broken or not self.db.conn.in_transaction:
            raise self._spoiled()
        self.rows("COMMIT")

    def _spoiled(self) -> StoreError:
        return StoreError(f"{self.path}: a part of this batch failed before; nothing of it was kept")

    def _roll_back(self) -> None:
        """After a commit there is nothing to undo; after a full disk SQLite has often done it already."""
        if self.db.conn.in_transaction:
            with suppress(sqlite3.Error):
                self.db.execute("ROLLBACK")

    def close(self) -> None:
        self.db.close()


class Part:
    """One of the things that are kept, over the file they share. `new_code` makes a code for a case."""

    def __init__(self, db: Connection, new_code: Callable[[], str]) -> None:
        self._db = db
        self._new_code = new_code


def clean(value: Value) -> Value:
    """The value with half surrogate pairs as '?'."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _identity(path: Path) -> tuple[int, int]:
    """Which file this name stands for now; what was removed is still written by whoever has it open."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def _exists(path: Path) -> bool:
    """Whether there is a file; refuses what is left of one."""
    if not path.exists():
        if path.with_name(path.name + "-wal").exists():
            raise StoreError(
                f"{path}: it is gone, but {path.name}-wal is still there. Put the last copy back, or move that away"
            )
        return False
    if path.stat().st_size == 0:
        raise StoreError(f"{path}: it is empty, so it was cut off. Put the last copy in its place, or remove it")
    return True


def _create(path: Path, busy: float) -> None:
    """Makes the file beside its place and moves it there whole: a crash leaves none rather than half of one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # 0600 from the first moment
    os.close(handle)
    fresh = Path(name)
    try:
        db = _connect(fresh, busy)
        _prepare(db)
        _migrate(db)
        db.close()
        with suppress(FileExistsError):  # another process was quicker: its file is as good
            path.hardlink_to(fresh)
        copies.sync_folder(path.parent)
    finally:
        for left in (fresh, fresh.with_name(fresh.name + "-wal"), fresh.with_name(fresh.name + "-shm")):
            left.unlink(missing_ok=True)


def _connect(path: Path, busy: float) -> Database:
    uri = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, timeout=busy, isolation_level=None, cached_statements=STATEMENTS)
    connection.row_factory = Row
    return Database(connection, execute_plugins=False)


def _prepare(db: Database) -> None:
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",  # what is deleted is overwritten
        f"cache_size = -{CACHE_KIB}",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
    ):
        db.execute(f"PRAGMA {pragma}")


def _refuse_strangers(db: Database, path: Path) -> None:
    """Before anything is set or changed."""
    if not db.table(migrations.migrations_table).exists():
        raise StoreError(f"{path}: it is the database of another program. Name another file for vamaild")
    newer = sorted({m.name for m in migrations.applied(db)} - set(names()))
    if newer:
        raise StoreError(
            f"{path}: a newer vamaild has written it (it has {', '.join(newer)}). Install that version again, "
            f"or put back the copy that was made before ({copies.before(path, newer[0])})"
        )


def _bring_up_to_date(db: Database, path: Path) -> None:
    if pending := migrations.pending(db):
        copies.make(db.conn, copies.before(path, pending[0].name))
        _migrate(db)


def _migrate(db: Database) -> None:
    """All that is missing, or nothing. sqlite-utils' own transaction becomes a savepoint of this one."""
    db.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(db)
        db.execute("COMMIT")
    except BaseException:
        if db.conn.in_transaction:
            db.execute("ROLLBACK")
        raise
