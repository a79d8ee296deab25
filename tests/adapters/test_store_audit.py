"""The oracle's questions to a real ledger: each fault, made by hand in the file, is found."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contracts.entries import NOW, entry
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import NewCase, Outcome, Outgoing, Sort

REPLY = Outgoing(
    "<r1@va.example>", Sort.COURTESY, "a@b.example", b"Subject: Re: x\r\n\r\nciao\r\n", NOW, "acme", "ordinary"
)
CASE = NewCase("acme", "emergency", "acqua", "Eva", "voda", escalates=True, due=NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "vamaild.db")
    store.record(entry(1, outgoing=(REPLY, replace(REPLY, key="<r2@va.example>", template="status-update"))))
    store.record(entry(2, outcome=Outcome.ESCALATED, reason="", case=CASE))
    yield store
    store.close()


def test_a_sound_ledger(store: SqliteStore) -> None:
    kept = store.kept()
    assert (kept.messages, sum(kept.outcomes.values()), kept.emergencies, kept.open) == (2, 2, 1, 1)
    assert kept.twice == kept.half_sent == kept.lost == kept.stuck == ()
    assert any("ciao" in text for where, text in store.texts() if where.startswith("mail"))
    assert any("acqua" in text for where, text in store.texts() if where.startswith("queue"))


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("UPDATE outbox SET state = 'sent', template = 'ordinary'", "twice"),
        ("UPDATE outbox SET state = 'claimed' WHERE id = 1", "half_sent"),
        ("DELETE FROM queue", "lost"),
        ("UPDATE queue SET due = NULL", "stuck"),
    ],
)
def test_a_fault_is_found(store: SqliteStore, sql: str, name: str) -> None:
    store._db.write(sql)
    kept = store.kept()
    found = {n: getattr(kept, n) for n in ("twice", "half_sent", "lost", "stuck")}
    assert [n for n, which in found.items() if which] == [name]


def test_a_message_that_was_taken_away_by_hand_breaks_no_sum_silently(store: SqliteStore) -> None:
    store._db.write("UPDATE tally SET messages = messages + 1")
    kept = store.kept()
    assert kept.messages != sum(kept.outcomes.values())
