"""What only the SQLite store has: a file of its own, damage, codes. More: test_store_*.py."""

import os
import re
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.entries import NOW, TODAY, case, entry, mail, promise, rush
from vamaild.adapters.store import SqliteStore, database, random_code
from vamaild.core.ledger import State, StoreError
from vamaild.core.ruleset import Trust
from vamaild.core.trust import DraftFate, Fate, Level, Pause

from .store_file import some_store

# --- the file ---


def test_a_new_file_is_private_and_durable(store: SqliteStore, path: Path) -> None:
    store.ran("x", NOW)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    for name in ("vamaild.db", "vamaild.db-wal", "vamaild.db-shm"):
        assert stat.S_IMODE((path.parent / name).stat().st_mode) == 0o600, name
    asks = {name: store._db.rows(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert asks == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert sorted(p.name for p in path.parent.iterdir()) == ["vamaild.db", "vamaild.db-shm", "vamaild.db-wal"]


def test_what_was_kept_is_there_after_opening_again(path: Path) -> None:
    first = SqliteStore(path)
    first.record(entry(1, outgoing=(mail(),), case=case()))
    first.close()
    again = SqliteStore(path)
    assert again.standing(TODAY).arrived == 1
    assert len(again.cases()) == len(again.outbox([State.QUEUED])) == 1
    again.close()


def test_half_a_new_file_is_never_left(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(database, "_migrate", dies)
    with pytest.raises(KeyboardInterrupt):
        SqliteStore(path)
    assert list(path.parent.iterdir()) == []


# --- damage: refused with a sentence, and left exactly as it was ---


def cut_in_half(path: Path) -> None:
    some_store(path)
    os.truncate(path, path.stat().st_size // 2)


def cut_to_nothing(path: Path) -> None:
    some_store(path)
    os.truncate(path, 0)


def first_page_overwritten(path: Path) -> None:
    some_store(path)
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 2000)


def not_a_database(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"Dear diary, " * 400)


def of_another_program(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE bookmarks (url TEXT)")


def written_by_a_newer_version(path: Path) -> None:
    some_store(path)
    with sqlite3.connect(path) as raw:
        raw.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('vamaild', '0999_later', 'x')"
        )


def only_the_log_left(path: Path) -> None:
    path.parent.mkdir()
    path.with_name("vamaild.db-wal").write_bytes(b"committed pages")


def a_folder(path: Path) -> None:
    path.mkdir(parents=True)
    (path / "x").write_text("x")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut_in_half, "damaged"),
        (cut_to_nothing, "empty"),
        (first_page_overwritten, "damaged"),
        (not_a_database, "no database"),
        (of_another_program, "another program"),
        (written_by_a_newer_version, "newer vamaild .*0999_later.*before-0999_later"),
        (only_the_log_left, "vamaild.db-wal is still there"),
        (a_folder, "cannot be opened"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_left_alone(path: Path, damage: Any, words: str) -> None:
    damage(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError, match=words) as refused:
        SqliteStore(path)
    assert str(path) in str(refused.value)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_damaged_page_deep_inside_is_an_error_when_it_is_met(path: Path) -> None:
    some_store(path)
    with path.open("r+b") as file:
        file.seek(8 * 4096)
        file.write(b"\xff" * (path.stat().st_size - 8 * 4096))
    with pytest.raises(StoreError, match="damaged"):
        store = SqliteStore(path)
        for uid in range(1, 200):
            store.find_entry("clienti", uid)


@pytest.mark.parametrize("left", ["vamaild.db-shm", "vamaild.db-wal"])
def test_a_lost_helper_file_is_made_again(path: Path, left: str) -> None:
    some_store(path)
    running = SqliteStore(path)
    running.close()
    path.with_name(left).unlink(missing_ok=True)
    again = SqliteStore(path)
    again.record(entry(1_000))
    assert again.standing(TODAY).arrived == 200
    again.close()


@pytest.mark.parametrize(
    ("sql", "refused"),
    [
        ("UPDATE outbox SET state = 'gone'", "CHECK"),
        ("UPDATE outbox SET not_before = 'tomorrow'", "cannot store TEXT"),
        ("UPDATE outbox SET not_before = 9e18", "cannot store REAL|CHECK"),
        ("UPDATE message SET explanation = '{half'", "CHECK"),
        ("UPDATE message SET received = NULL", "NOT NULL"),
        ("UPDATE queue SET code = 'IO01'", "CHECK"),
        ("UPDATE promise SET state = 'kept'", "CHECK"),
        ("UPDATE promise SET ended_at = 1", "CHECK"),
        ("UPDATE promise SET due = 'Friday'", "cannot store TEXT"),
        ("UPDATE promise SET message = 99", "FOREIGN KEY"),
        ("UPDATE rush SET state = 'sold'", "CHECK"),
        ("UPDATE rush SET state = 'agreed'", "CHECK"),
        ("UPDATE rush SET percent = -50", "CHECK"),
        ("UPDATE rush SET ended_at = 1", "CHECK"),
        ("UPDATE level SET trust = 'total'", "CHECK"),
        ("UPDATE draft_fate SET fate = 'eaten'", "CHECK"),
        ("UPDATE pause SET until = 'Friday'", "cannot store TEXT"),
    ],
)
def test_a_row_mended_by_hand_into_nonsense_is_refused_by_sqlite(
    store: SqliteStore, path: Path, sql: str, refused: str
) -> None:
    draft = mail("k2", state=State.DRAFT)
    store.record(entry(1, outgoing=(mail(), draft), case=case(), promise=promise(), rush=rush()))
    store.set_level(Level("novak", "vacation-first", Trust.SEND, NOW))
    store.settle_draft(DraftFate(2, "novak", "vacation-first", Fate.EDITED, NOW))
    store.pause(Pause("novak", NOW))
    with sqlite3.connect(path) as shell, pytest.raises(sqlite3.IntegrityError, match=refused):
        shell.execute("PRAGMA foreign_keys = ON")
        shell.execute(sql)


# --- codes and speed ---


def test_case_codes_are_well_formed_and_not_in_a_row() -> None:
    codes = [random_code() for _ in range(2_000)]
    assert all(re.fullmatch(r"[A-HJ-NP-Z2-9]{4}", code) for code in codes)
    assert len(set(codes)) > 1_950
    assert codes != sorted(codes)


def test_no_free_code_is_an_error_and_not_a_loop(path: Path) -> None:
    store = SqliteStore(path, new_code=lambda: "ABCD")
    store.open_case(case(), NOW)
    with pytest.raises(StoreError, match="no free case code"):
        store.open_case(case(), NOW)
    store.close()
