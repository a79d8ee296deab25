"""A ledger of an older version is copied, then brought up to date; or nothing is changed."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.entries import asked
from vamaild.adapters.store import SqliteStore, database, schema
from vamaild.adapters.store.marks import subject_mark
from vamaild.core.ledger import StoreError

from .store_file import some_store


def test_an_older_file_is_copied_then_brought_up_to_date(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some_store(path)
    with_next(monkeypatch, "CREATE TABLE next_thing (id INTEGER PRIMARY KEY) STRICT")
    SqliteStore(path).close()
    copy_path = path.parent / "backup" / "vamaild.db.before-0999_next"
    with sqlite3.connect(path) as now, sqlite3.connect(copy_path) as copy:
        assert now.execute("SELECT count(*) FROM next_thing").fetchone() == (0,)
        assert copy.execute("SELECT count(*) FROM message").fetchone() == (199,)
        assert not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'next_thing'").fetchone()
    assert stat.S_IMODE(copy_path.stat().st_mode) == 0o600


def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some_store(path)
    with_next(monkeypatch, "CREATE TABLE next_thing (id INTEGER PRIMARY KEY) STRICT", "SELECT no_such_function()")
    with pytest.raises(StoreError):
        SqliteStore(path)
    with sqlite3.connect(path) as raw:
        assert not raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'next_thing'").fetchone()


def with_next(monkeypatch: pytest.MonkeyPatch, *statements: str) -> None:
    longer = schema.Migrations("vamaild")
    with closing(schema.Database(memory=True, execute_plugins=False)) as empty:
        for known in schema.migrations.pending(empty):
            longer(name=known.name)(known.fn)

    @longer(name="0999_next")
    def following(db: Any) -> None:
        for statement in statements:
            db.execute(statement)

    monkeypatch.setattr(schema, "migrations", longer)
    monkeypatch.setattr(database, "migrations", longer)


def test_the_first_migration_is_never_edited_after_a_release() -> None:
    assert schema.names()[0] == "0001_start"


def test_a_ledger_of_the_first_version_is_brought_up_to_date(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = schema.Migrations("vamaild")
    old(name="0001_start")(schema.start)
    with monkeypatch.context() as before:
        before.setattr(schema, "migrations", old)
        before.setattr(database, "migrations", old)
        SqliteStore(path).close()
    with sqlite3.connect(path) as raw:
        columns = "received, decided_at, size, client, address, language, kind, action, outcome, reason, fingerprint"
        raw.execute(
            f"INSERT INTO message (id, mailbox, uidvalidity, uid, {columns}, message_id, refs, subject, explanation) "
            "VALUES (1, 'clienti', 7, 1, 1, 1, 9, 'novak', 'eva@shop.example', 'cs', '', '', 'answered', '', 'p', "
            "'', '[]', 'x', '{}')"
        )
        raw.execute(
            "INSERT INTO outbox (key, sort, state, not_before, made_at, message, recipient, client, template, "
            "case_code, raw) VALUES ('<k@x>', 'courtesy', 'sent', 1, 1, 1, 'Bounce-1@Shop.example', 'novak', "
            "'vacation-first', '', x'')"
        )
    store = SqliteStore(path)
    assert [s.template for s in store.history(asked()).said] == ["vacation-first"], "by the author of what it answers"
    row = store._db.rows("SELECT domain, about FROM outbox")[0]
    assert (row["domain"], row["about"]) == ("shop.example", subject_mark("novak", "Re: X"))
    store.close()


def test_a_case_that_was_taken_before_the_chain_was_kept_stays_taken(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = schema.Migrations("vamaild")
    for name, change in (
        ("0001_start", schema.start),
        ("0002_breakers", schema.breakers),
        ("0003_promises", schema.promises),
    ):
        old(name=name)(change)
    with monkeypatch.context() as before:
        before.setattr(schema, "migrations", old)
        before.setattr(database, "migrations", old)
        SqliteStore(path).close()
    with sqlite3.connect(path) as raw:
        for code, by, at in (("ABCD", "petr-sea", 5), ("ABCE", "", None)):
            raw.execute(
                "INSERT INTO queue (code, client, reason, note, who, subject, escalates, due, opened, step, "
                "acknowledged_at, acknowledged_by) VALUES (?, 'novak', 'emergency', '', 'Eva', 'x', 1, 9, 1, 2, ?, ?)",
                (code, at, by),
            )
    store = SqliteStore(path)
    taken, free = store.cases()
    assert (taken.acknowledged_by, taken.chain, taken.version, taken.step) == ("petr-sea", {}, 0, 2)
    assert free.acknowledged_at is None
    assert [c.code for c in store.watched()] == ["ABCD", "ABCE"]
    store.close()
