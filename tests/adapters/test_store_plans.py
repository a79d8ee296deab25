"""What the service asks of the ledger while it looks, answers and files is read from indexes, never walked through.

A whole service is traced, not a list of questions: a new question of anybody is seen here without being listed.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.memory_mailbox import MemoryMailbox
from tests.office import Office, letter, trusting
from vamaild import dispatch
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import State
from vamaild.core.ruleset import Trust

PARTIAL = re.compile(
    r"USING (COVERING )?INDEX (outbox_unfiled|promise_open|queue_watched|notice_ready|message_unmarked)"
)
WRITES = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(trusting(Trust.SEND), store=SqliteStore(tmp_path / "vamaild.db"), box=MemoryMailbox())


def grown(store: SqliteStore) -> frozenset[str]:
    """The tables that grow with the mail: those that hold a row a message, a reply, a case or a matter."""
    names = [row["name"] for row in store._db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return frozenset(n for n in names if store._db.rows(f"SELECT count(*) AS n FROM {n}")[0]["n"] >= 10)


def test_no_table_is_walked_through(office: Office) -> None:
    store: Any = office.store
    office.arrive(*(letter(n, sender=f"p{n}@d{n}.example") for n in range(1, 26)))
    assert office.let_out()
    big = grown(store)
    assert {"message", "outbox", "matter"} <= big, big
    asked: dict[str, tuple[object, ...]] = {}
    store._db.db._tracer = lambda sql, values: asked.setdefault(sql, tuple(values or ()))
    office.arrive(
        letter(30), letter(31, "Aiuto, si sta allagando il magazzino!"), letter(1, "Allora?", subject="Re: x")
    )
    office.let_out()
    dispatch.next_due(office.service, office.service.now())
    store._db.db._tracer = None
    assert len(asked) > 40 and not store.outbox((State.CLAIMED,))
    walked = [
        (step["detail"], sql)
        for sql, values in asked.items()
        if not sql.startswith(WRITES)
        for step in store._db.rows(f"EXPLAIN QUERY PLAN {sql}", *values)
        if (found := re.match(r"SCAN (\w+)", step["detail"])) and found[1] in big and not PARTIAL.search(step["detail"])
    ]
    assert walked == []
