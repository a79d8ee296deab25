"""What every store must do; the one in memory and SQLite's pass the same suite."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.contracts.entries import HOUR, NOW, TODAY, asked, case, entry, mail, promise, rush
from vamaild.core.ledger import Outcome, Sort, State, Store, StoreError, Watermark

# --- the ledger ---


def test_an_entry_comes_back_as_it_was_given(store: Store) -> None:
    given_ = entry(
        references=("<a@x>", "<b@x>"),
        explanation={"kind": "rush-request", "tried": [1, None, True], "words": "è urgente \U0001f600"},
        outgoing=(mail("k1"), mail("k2", sort=Sort.NOTE, to="giulia@av.example", case="ABCD")),
        promise=promise(remind_at=NOW + HOUR, hour=True, owner="jana"),
        rush=rush(),
        outcome=Outcome.ANSWERED,
        reason="",
        text_mark="0a1b",
    )
    assert store.entry(store.record(given_)) == given_
    assert store.find_entry("clienti", 1) == given_


@pytest.mark.parametrize(("mailbox", "uid"), [("clienti", 2), ("other", 1)])
def test_what_is_not_there_is_none(store: Store, mailbox: str, uid: int) -> None:
    store.record(entry(1))
    assert store.find_entry(mailbox, uid) is None
    assert store.entry(99) is None
    assert store.case("ZZZZ") is None
    assert store.watermark("other") is None
    assert store.last_run("report") is None
    assert store.claim(NOW) is None


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 18, 10, 30, 0, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=1))),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_a_moment_comes_back_exact_and_aware(store: Store, moment: datetime) -> None:
    row = store.record(entry(received=moment))
    found = store.entry(row)
    assert found is not None
    assert found.received == moment
    assert found.received.tzinfo is not None


def test_a_time_without_a_zone_is_refused_and_nothing_is_kept(store: Store) -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        store.record(entry(received=NOW.replace(tzinfo=None)))
    assert store.standing(TODAY).arrived == 0


def test_the_same_message_at_the_same_place_is_recorded_once(store: Store) -> None:
    first = store.record(entry(1, outgoing=(mail("k1"),)))
    assert store.record(entry(1, subject="other", outgoing=(mail("k2"),))) == first
    assert store.standing(TODAY).arrived == 1
    assert [i.mail.key for i in store.outbox([State.QUEUED])] == ["<k1@vamaild.example>"]


@pytest.mark.parametrize(
    "changes", [{"uidvalidity": 8}, {"mailbox": "other"}, {"fingerprint": "another"}, {"uid": 2}], ids=str
)
def test_another_message_is_another_row(store: Store, changes: dict[str, Any]) -> None:
    store.record(entry(1))
    store.record(replace(entry(1), **changes))
    assert store.standing(TODAY).arrived == 2


def test_after_a_change_of_uidvalidity_the_newest_is_found(store: Store) -> None:
    store.record(entry(1, subject="old"))
    store.record(entry(1, subject="new", uidvalidity=8))
    found = store.find_entry("clienti", 1)
    assert found is not None
    assert found.subject == "new"


def test_known_asks_one_mailbox_only(store: Store) -> None:
    store.record(entry(1))
    store.record(entry(2, mailbox="other"))
    store.record(entry(3, fingerprint=""))
    assert store.known("clienti", ["print-1", "print-2", "print-9", ""]) == {"print-1"}
    assert store.known("clienti", []) == frozenset()


def test_a_thousand_fingerprints_are_looked_up_at_once(store: Store) -> None:
    store.record(entry(1))
    assert store.known("clienti", [f"print-{n}" for n in range(1, 5_000)]) == {"print-1"}


def test_the_watermark_is_the_last_one_set(store: Store) -> None:
    store.set_watermark("clienti", Watermark(7, 10))
    store.set_watermark("other", Watermark(1, 1))
    store.set_watermark("clienti", Watermark(8, 2))
    assert store.watermark("clienti") == Watermark(8, 2)


def test_unmarked_until_marked(store: Store) -> None:
    for uid in (3, 1, 2):
        store.record(entry(uid))
    store.record(entry(1, uidvalidity=8))
    store.record(entry(9, mailbox="other"))
    assert store.unmarked("clienti", 7) == (1, 2, 3)
    store.marked("clienti", 7, [1, 3])
    assert store.unmarked("clienti", 7) == (2,)
    assert store.unmarked("clienti", 8) == (1,)


def test_half_a_surrogate_pair_is_kept_as_something(store: Store) -> None:
    row = store.record(entry(subject="broken \ud800", explanation={"words": "\udcff"}, address="a\udc80@x.example"))
    found = store.entry(row)
    assert found is not None
    assert found.subject.startswith("broken ")
    assert store.history(asked(subject="\ud800", address="a\udc80@x.example", references=("\udcff",)))


# --- transactions ---


class StopError(Exception):
    pass


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    store.record(entry(1))
    with pytest.raises(StopError), store.transaction():
        store.record(entry(2, outgoing=(mail("k2"),), case=case()))
        store.set_watermark("clienti", Watermark(7, 2))
        store.ran("report", NOW)
        assert store.known("clienti", ["print-2"]) == {"print-2"}
        raise StopError
    assert store.standing(TODAY).arrived == 1
    assert store.outbox(list(State)) == ()
    assert store.cases(everything=True) == ()
    assert store.watermark("clienti") is None
    assert store.last_run("report") is None
    assert store.record(entry(2)) > 0


def test_history_sees_what_the_same_transaction_recorded(store: Store) -> None:
    with store.transaction():
        store.record(entry(1, outgoing=(mail(),)))
        seen = store.history(asked(subject="RE: Matter number 1"))
    assert (seen.messages_today, seen.same_matter, seen.replies_last_hour) == (2, 2, 1)


def test_a_transaction_inside_joins_and_spoils_the_whole(store: Store) -> None:
    with pytest.raises(StoreError), store.transaction():
        store.record(entry(1))
        try:
            with store.transaction():
                store.record(entry(2))
                raise StopError
        except StopError:
            pass
        with pytest.raises(StoreError):
            store.record(entry(3))
    assert store.standing(TODAY).arrived == 0
    with store.transaction(), store.transaction():
        store.record(entry(4))
    assert store.standing(TODAY).arrived == 1
