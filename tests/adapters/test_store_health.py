"""Is the ledger's file sound? Damage is told in SQLite's words, and nothing is repaired or brought up to date."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.contracts.entries import entry
from vamaild.adapters.store import SqliteStore
from vamaild.adapters.store.health import health
from vamaild.core.ledger import DATABASE, StoreError

NOW = datetime(2026, 11, 26, 10, 40, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    store = SqliteStore(tmp_path / DATABASE)
    with store.transaction():
        for number in range(1, 60):
            received = NOW - timedelta(days=number)
            store.record(replace(entry(number), received=received, decided_at=received))
    store.close()
    return tmp_path / DATABASE


def test_a_sound_one(path: Path) -> None:
    found = health(path)
    assert (found.faults, found.backup) == ((), None)
    assert found.size == path.stat().st_size


def test_a_damaged_one(path: Path) -> None:
    with sqlite3.connect(path) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'message_client'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    raw = bytearray(path.read_bytes())
    raw[(page - 1) * size + 100 : (page - 1) * size + 800] = b"\xff" * 700
    path.write_bytes(bytes(raw))
    try:  # SQLite chooses which of the two it says
        assert health(path).faults
    except StoreError as error:
        assert "damaged" in str(error)


@pytest.mark.parametrize("raw", [b"", b"no database at all" * 100])
def test_what_is_no_ledger(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / DATABASE).write_bytes(raw)
    with pytest.raises(StoreError):
        health(tmp_path / DATABASE)
    assert (tmp_path / DATABASE).read_bytes() == raw


def test_nothing_is_written(path: Path) -> None:
    before = path.read_bytes()
    path.chmod(0o400)
    health(path)
    assert path.read_bytes() == before


def test_the_last_copy(path: Path) -> None:
    folder = path.parent / "backup"
    folder.mkdir()
    (folder / "vamaild-2026-11-25.db").touch()
    found = health(path).backup
    assert found is not None
    assert found.tzinfo is not None
