"""Promises, rush offers, drafts and pauses in the SQLite file: two at once, deleted messages, an older ledger."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.contracts.entries import DAY, HOUR, NOW, TODAY, case, entry, mail, promise, rush
from vamaild.adapters.store import SqliteStore, database, schema
from vamaild.core.ledger import Outcome, State
from vamaild.core.promise import NewPromise, PromiseState
from vamaild.core.rush import RushState
from vamaild.core.trust import DraftFate, Fate, Pause


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "vamaild.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(path)
    yield opened
    opened.close()


# --- two at once ---


def at_once(path: Path, act: Callable[[SqliteStore, int], bool], number: int = 4) -> list[bool]:
    """What each of these threads, with a connection of its own, was told when all of them acted together."""
    told: list[bool] = []
    ready = threading.Barrier(number)

    def one(who: int) -> None:
        mine = SqliteStore(path)
        try:
            ready.wait(timeout=30)
            told.append(act(mine, who))
        finally:
            mine.close()

    threads = [threading.Thread(target=one, args=(who,)) for who in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(told)


def take(number: int, mine: SqliteStore, who: int) -> bool:
    return mine.take(number, 1, f"taker {who}", NOW, f"AAA{'ABCD'[who]}")


def test_of_those_who_take_an_offer_at_once_one_has_it(store: SqliteStore, path: Path) -> None:
    for number in range(1, 6):
        key = f"<k{number}@vamaild.example>"
        store.record(entry(number, outgoing=(mail(f"k{number}", state=State.SENT),), rush=rush(offer_key=key)))
        answers = at_once(path, partial(take, number))
        assert answers == [False, False, False, True]
    assert store.sold_since("novak", TODAY) == 5


def test_an_offer_cannot_be_agreed_and_refused_at_once(store: SqliteStore, path: Path) -> None:
    row = store.record(entry(1, outgoing=(mail(state=State.SENT),), rush=rush()))
    store.take(1, row, "Eva", NOW, "ABCD")
    states = [RushState.AGREED, RushState.REFUSED]
    assert at_once(path, lambda mine, who: mine.end_rush(1, states[who % 2], NOW)) == [False, False, False, True]


def test_of_those_who_settle_a_draft_at_once_one_does(store: SqliteStore, path: Path) -> None:
    store.record(entry(1, outgoing=(mail(state=State.DRAFT),), outcome=Outcome.WAITING, reason="draft"))
    fates = [Fate.EDITED, Fate.DISCARDED]
    settled = at_once(
        path, lambda mine, who: mine.settle_draft(DraftFate(1, "novak", "vacation-first", fates[who % 2], NOW))
    )
    assert settled == [False, False, False, True]
    (kept,) = store.fates("novak", "vacation-first", TODAY)
    found = store.entry(1)
    assert found is not None
    assert found.outcome is (Outcome.ANSWERED if kept.fate is Fate.EDITED else Outcome.NO_REPLY)


def test_a_promise_is_kept_by_one(store: SqliteStore, path: Path) -> None:
    store.record(entry(1, promise=promise()))
    kept = at_once(path, lambda mine, _: mine.end_promise(1, PromiseState.KEPT, NOW))
    assert kept == [False, False, False, True]


# --- messages and mails that are deleted ---


def test_what_is_owed_and_invoiced_outlives_the_message(store: SqliteStore, path: Path) -> None:
    draft = mail("k2", state=State.DRAFT)
    store.record(entry(1, outgoing=(mail(state=State.SENT), draft), case=case(), promise=promise(), rush=rush()))
    answer = store.record(entry(2))
    store.settle_draft(DraftFate(2, "novak", "vacation-first", Fate.EDITED, NOW))
    store.take(1, answer, "Eva", NOW, "ABCD")
    store.end_rush(1, RushState.AGREED, NOW)
    with sqlite3.connect(path) as shell:
        shell.execute("PRAGMA foreign_keys = ON")
        shell.execute("DELETE FROM message")
        shell.execute("DELETE FROM outbox")
        assert shell.execute("PRAGMA foreign_key_check").fetchall() == []
    again = store.record(entry(3))
    assert again == 1, "a number that was free again"
    assert [(p.message, p.promise) for p in store.promises()] == [(0, promise())]
    (sold,) = store.rushes([RushState.AGREED])
    assert (sold.request, sold.answer, sold.taken_by) == (0, None, "Eva")
    assert [f.item for f in store.fates("novak", "vacation-first", TODAY)] == [0]
    found = store.entry(again)
    assert found is not None
    assert (found.promise, found.rush, store.promises_of([again])) == (None, None, ())
    assert store.end_promise(1, PromiseState.KEPT, NOW)


# --- an older ledger ---


def test_the_promises_of_a_second_ledger_are_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = schema.Migrations("vamaild")
    old(name="0001_start")(schema.start)
    old(name="0002_breakers")(schema.breakers)
    with monkeypatch.context() as before:
        before.setattr(schema, "migrations", old)
        before.setattr(database, "migrations", old)
        SqliteStore(path).close()
    with sqlite3.connect(path) as raw:
        for number, (subject, template, state) in enumerate(
            [
                ("Voda\r\nBcc: x", "ordinary", "sent"),
                ("Hoří", "emergency-received", "queued"),
                ("Nic", "ordinary", "stopped"),
                ("Pryč", "ordinary", "failed"),
            ],
            1,
        ):
            columns = (
                "received, decided_at, size, client, address, language, kind, action, outcome, reason, fingerprint"
            )
            raw.execute(
                f"INSERT INTO message (id, mailbox, uidvalidity, uid, {columns}, message_id, refs, subject, "
                "explanation) VALUES (?, 'clienti', 7, 1, 1, 5, 9, 'novak', 'eva@x', 'cs', '', '', 'answered', '', "
                "'p', '', '[]', ?, '{}')",
                (number, subject),
            )
            raw.execute(
                "INSERT INTO outbox (key, sort, state, not_before, made_at, message, recipient, client, template, "
                "case_code, raw) VALUES (?, 'courtesy', ?, 1, 1, ?, 'eva@x', 'novak', ?, '', x'')",
                (f"<k{number}@x>", state, number, template),
            )
            raw.execute("INSERT INTO promise VALUES (?, ?, 'novak', 'eva@x', 9, ?)", (number, number, template))
    store = SqliteStore(path)
    due, made = database.from_micros(9), database.from_micros(5)
    found = store.promises(open_only=False)
    assert [p.promise for p in found[:2]] == [
        NewPromise("novak", "eva@x", due, "ordinary", "Voda Bcc: x"),
        NewPromise("novak", "eva@x", due, "emergency-received", "Hoří", hour=True),
    ]
    assert [p.state.value for p in found] == ["open", "open", "withdrawn", "withdrawn"]
    assert {p.made_at for p in found} == {made}
    assert [p.message for p in found] == [1, 2, 3, 4]
    assert store.reminders_due(NOW) == (), "nobody asked for a reminder then"
    assert store.add_promise(promise(), 1, NOW) == 5
    assert store.rushes(list(RushState)) == ()
    store.close()


# --- how long it takes ---


def test_a_long_queue_of_a_paused_client_holds_up_nobody(store: SqliteStore) -> None:
    with store.transaction():
        for number in range(500):
            store.queue_mail(mail(f"k{number}", not_before=NOW - DAY))
        store.queue_mail(mail("rossi", client="rossi", not_before=NOW - HOUR))
    store.pause(Pause("novak", NOW))
    item = store.claim(NOW)
    assert item is not None
    assert item.mail.client == "rossi"
    assert store.claim(NOW) is None
    assert len(store.outbox([State.QUEUED])) == 500
