"""A week is read from indexes, whatever it is asked for: no table is walked through."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contracts.entries import DAY, NOW, case, entry, mail, promise, rush
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import Outcome
from vamaild.core.resolve import Resolved

BEGINS = NOW.replace(second=0, microsecond=0)
GROWN = "m|message|outbox|queue|promise|rush|forward|resolution|draft_fate|case_event|verdict|arrival|matter|outcome"
TABLES = rf"SCAN ({GROWN})\b"


@pytest.mark.parametrize("client", ["", "novak"])
def test_nothing_is_walked_through(client: str, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "vamaild.db")
    asked_for: list[tuple[str, tuple[object, ...]]] = []
    alarm = case(escalates=True)
    store.record(entry(1, outcome=Outcome.ESCALATED, case=alarm, outgoing=(mail(),), promise=promise(), rush=rush()))
    store.resolve(1, Resolved.SAID, NOW)
    store._db.db._tracer = lambda sql, values: asked_for.append((sql, tuple(values or ())))
    found = store.week(client, BEGINS - DAY, BEGINS + DAY)
    store._db.db._tracer = None
    assert (found.arrived, len(found.rows), len(found.alarms), len(found.rushes), len(found.solved)) == (1, 1, 1, 1, 1)
    plans = [
        (sql, str(step["detail"]))
        for sql, values in asked_for
        if sql.startswith("SELECT")
        for step in store._db.rows(f"EXPLAIN QUERY PLAN {sql}", *values)  # type: ignore[arg-type]  # what was bound
    ]
    assert len({sql for sql, _ in plans}) == 8
    assert [(sql, step) for sql, step in plans if re.match(TABLES, step)] == []
    assert [step for _, step in plans if "AUTOMATIC" in step] == []
    store.close()


def test_a_ledger_from_before_is_counted_when_it_is_brought_up_to_date(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "vamaild.db")
    for uid in range(1, 4):
        store.record(entry(uid, decided_at=NOW + uid * timedelta(seconds=50)))
    for index in ("message_decided", "rush_taken", "promise_due", "queue_opened", "resolution_at", "draft_fate_at"):
        store._db.write(f"DROP INDEX {index}")
    undo = "DELETE FROM _sqlite_migrations WHERE name = '0009_report'"
    for undone in ("DROP TRIGGER arrival_more", "DROP TABLE arrival", undo):
        store._db.write(undone)
    store.close()
    store = SqliteStore(tmp_path / "vamaild.db")
    assert store.week("", BEGINS - DAY, BEGINS + DAY).arrived == 3
    store.record(entry(4))
    assert store.week("novak", BEGINS - DAY, BEGINS + DAY).arrived == 4
    store.close()
