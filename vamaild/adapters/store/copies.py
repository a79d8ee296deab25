"""Copies of the ledger: StateDirectory/backup/, made whole (VACUUM INTO) or not at all, readable by us only.

A copy holds nothing that was deleted: VACUUM writes what is kept, and no page that is free. One is made each night, and
one before each migration; each is looked through before it takes its name.
"""

import errno
import os
import re
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

FOLDER = "backup"
KEEP = 7
KEEP_BEFORE = timedelta(days=30)
RESERVE = 32_000_000
"""Bytes that must be left on the disk: a copy must not take the room that the ledger needs."""
NIGHTLY = re.compile(r"vamaild-\d{4}-\d{2}-\d{2}\.db")
EARLIER = re.compile(r"vamaild\.db\.before-\w+")


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy in the folder, when it was made (UTC), and when it will be gone if one is made each night."""

    path: Path
    made: datetime
    gone: datetime


def before(database: Path, migration: str) -> Path:
    """Where the copy lies that was made before this migration."""
    return database.parent / FOLDER / f"{database.name}.before-{migration}"


def nightly(database: Path, day: str) -> Path:
    """Where the copy of this day (2026-12-03) lies."""
    return database.parent / FOLDER / f"vamaild-{day}.db"


def make(connection: sqlite3.Connection, target: Path) -> Path:
    """Writes a copy of everything that is committed. Raises sqlite3.Error and OSError; then nothing is there."""
    folder(target.parent)
    _room(connection, target.parent)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # 0600 from the first moment
    os.close(handle)
    fresh = Path(name)
    try:
        connection.execute("VACUUM INTO ?", (name,))
        _look(fresh)
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        belongs(fresh)
        fresh.replace(target)
        sync_folder(target.parent)
    finally:
        fresh.unlink(missing_ok=True)
    return target


def folder(path: Path) -> None:
    """Makes a folder of 0700 for the owner of the one above. Raises OSError."""
    if not path.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        belongs(path)


def belongs(path: Path) -> None:
    """What root makes belongs to the service all the same: to whom the folder above belongs. Raises OSError."""
    if os.geteuid() == 0:
        above = path.parent.stat()
        os.chown(path, above.st_uid, above.st_gid)


def _room(connection: sqlite3.Connection, where: Path) -> None:
    """Raises OSError when the copy would fill the disk."""
    sizes = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")]
    wanted, free = sizes[0] * sizes[1], shutil.disk_usage(where).free
    if free < wanted + RESERVE:
        raise OSError(
            errno.ENOSPC,
            f"a copy of {wanted // 1_000_000 + 1} MB needs room; {free // 1_000_000} MB are free",
            str(folder),
        )


def _look(path: Path) -> None:
    """Raises sqlite3.DatabaseError when the copy is not sound."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as copy:
        (said,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise sqlite3.DatabaseError(f"the copy is not sound: {said}")


def listed(state: Path) -> tuple[Copy, ...]:
    """The copies in this state directory, the newest first. Copies that older versions made beside the file count."""
    places = [*(state / FOLDER).glob("*"), *state.glob("vamaild.db.before-*")]
    found = []
    for path in places:
        if path.is_file() and (NIGHTLY.fullmatch(path.name) or EARLIER.fullmatch(path.name)):
            made = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            found.append(Copy(path, made, _gone(path.name, made)))
    return tuple(sorted(found, key=lambda copy: copy.made, reverse=True))


def _gone(name: str, made: datetime) -> datetime:
    """When this copy will be gone, if one is made each night."""
    if EARLIER.fullmatch(name):
        return made + KEEP_BEFORE
    with suppress(ValueError):  # a day that never was: somebody else's file
        made = datetime.fromisoformat(name[8:18]).replace(hour=12, tzinfo=UTC)
    return made + timedelta(days=KEEP)


def prune(state: Path, now: datetime) -> int:
    """Removes all nightly copies but the last seven, and those before a migration after 30 days; how many went."""
    copies = listed(state)
    nights = [copy for copy in copies if NIGHTLY.fullmatch(copy.path.name)]
    nights.sort(key=lambda copy: copy.path.name, reverse=True)
    old = [*nights[KEEP:], *(c for c in copies if c not in nights and c.gone <= now)]
    for copy in old:
        copy.path.unlink(missing_ok=True)
    return len(old) + _strays(state)


def _strays(state: Path) -> int:
    """What a copy left behind that was killed while it was written."""
    found = [p for p in (state / FOLDER).glob(".vamaild*") if p.is_file()]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def sync_folder(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
