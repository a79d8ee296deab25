"""What the service asks of the ledger while it looks, answers and files is read from indexes, never walked through.

A whole service is traced, not a list of questions: a new question of anybody is seen here without being listed. Nor may
it ask much: so many statements a message, however many rows there are and whoever wrote before.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
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


def letters(count: int, first: int, *, one: bool = False) -> list[bytes]:
    """Of as many people of as many companies, or of one; each about something else."""
    return [
        letter(n, f"Mi mandi il listino numero {n}?", sender="anna@one.example" if one else f"p{n}@d{n}.example")
        for n in range(first, first + count)
    ]


def statements(office: Office, mails: list[bytes]) -> tuple[float, float]:
    """How many of them a message costs: (until it is decided and kept, until its reply has left and is filed)."""
    store: Any = office.store
    asked: list[str] = []
    store._db.db._tracer = lambda sql, values: asked.append(sql)
    office.arrive(*mails)
    looked = len(asked)
    office.let_out()
    store._db.db._tracer = None
    return looked / len(mails), (len(asked) - looked) / len(mails)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, office: Office) -> Office:
    """Mails are sent in windows, as to a server that takes several at once."""
    monkeypatch.setattr(office.service, "post", Window())
    return office


class Window:
    """Takes everything, ten at once."""

    window = 10

    def send(self, to: str, raw: bytes) -> None: ...
    def close(self) -> None: ...

    def send_all(self, mails: Sequence[tuple[str, bytes]]) -> Iterator[None]:
        return iter([None] * len(mails))


def test_a_message_costs_a_few_statements(few: Office) -> None:
    looked, sent = statements(few, letters(40, 1))
    assert looked <= 17 and sent <= 6, (looked, sent)
    assert len(few.items(State.SENT)) == 40


def test_and_not_more_in_a_larger_ledger(few: Office) -> None:
    first = statements(few, letters(40, 1))
    for start in (41, 81, 121):
        few.clock.advance(timedelta(days=1))  # there is a limit to what is answered in an hour
        last = statements(few, letters(40, start))
    assert last <= first and len(few.items(State.SENT)) == 160, (first, last)


def test_and_not_more_of_one_who_wrote_before(few: Office) -> None:
    statements(few, letters(20, 1, one=True))  # he gets no more answers today
    looked, _ = statements(few, letters(40, 21, one=True))
    again, _ = statements(few, letters(40, 61, one=True))
    assert again <= looked <= 19, (looked, again)


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
    assert len(asked) > 30 and not store.outbox((State.CLAIMED,))
    walked = [
        (step["detail"], sql)
        for sql, values in asked.items()
        if not sql.startswith(WRITES)
        for step in store._db.rows(f"EXPLAIN QUERY PLAN {sql}", *values)
        if (found := re.match(r"SCAN (\w+)", step["detail"])) and found[1] in big and not PARTIAL.search(step["detail"])
    ]
    assert walked == []
