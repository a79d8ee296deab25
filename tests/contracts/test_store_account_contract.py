"""The accounting of promise 6 on every store: whatever is done to replies, every message has one outcome."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.entries import DAY, HOUR, MINUTE, NOW, TODAY, case, entry, mail, promise
from tests.memory_store import MemoryStore, counted_codes
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import Outcome, State, Store, StoreError
from vamaild.core.trust import DraftFate, Fate


def stands(store: Store, row: int) -> tuple[str, str]:
    found = store.entry(row)
    assert found is not None
    return found.outcome.value, found.reason


# --- back to a person, and done ---


@pytest.mark.parametrize(
    ("outcome", "reason", "after"),
    [
        (Outcome.ANSWERED, "", ("waiting", "stopped")),
        (Outcome.NO_REPLY, "answered", ("waiting", "stopped")),
        (Outcome.WAITING, "doubt", ("waiting", "doubt")),
        (Outcome.ESCALATED, "", ("escalated", "")),
    ],
)
def test_a_message_waits_again(store: Store, outcome: Outcome, reason: str, after: tuple[str, str]) -> None:
    row = store.record(entry(1, outcome=outcome, reason=reason))
    assert store.reopen(row, "stopped") is (after[1] == "stopped")
    assert stands(store, row) == after
    assert dict(store.standing(TODAY).by_outcome) == {after[0]: 1}
    assert not store.reopen(99, "stopped")


@pytest.mark.parametrize(
    ("outcome", "reason", "after"),
    [
        (Outcome.WAITING, "rush-accepted", ("answered", "")),
        (Outcome.ANSWERED, "", ("answered", "")),
        (Outcome.NO_REPLY, "list", ("no-reply", "list")),
        (Outcome.ESCALATED, "", ("escalated", "")),
    ],
)
def test_what_was_asked_of_a_person_is_done(
    store: Store, outcome: Outcome, reason: str, after: tuple[str, str]
) -> None:
    row = store.record(entry(1, outcome=outcome, reason=reason))
    assert store.answer_given(row) is (outcome is Outcome.WAITING)
    assert stands(store, row) == after
    assert dict(store.standing(TODAY).by_reason) == ({after[1]: 1} if after[1] else {})
    assert not store.answer_given(99)


# --- what was decided when ---


def decided(store: Store, *moments: timedelta) -> None:
    for uid, after in enumerate(moments, 1):
        store.record(entry(uid, decided_at=NOW + after, received=NOW - DAY))


@pytest.mark.parametrize(
    ("after", "until", "found"),
    [
        (NOW, NOW + 2 * HOUR, [3, 2, 1]),
        (NOW + MINUTE, NOW + HOUR, []),
        (NOW + HOUR, NOW + HOUR + MINUTE, [3, 2]),
        (NOW + 2 * HOUR, NOW + DAY, [4]),
        (NOW - DAY, NOW + DAY, [4, 3, 2, 1]),
        (NOW + DAY, NOW, []),
    ],
)
def test_what_was_decided_in_a_span_the_newest_first(store: Store, after: Any, until: Any, found: list[int]) -> None:
    decided(store, timedelta(), HOUR, HOUR, 2 * HOUR)
    assert [e.uid for e in store.decided_between(after, until)] == found


def test_a_clock_that_was_put_back_hides_nothing(store: Store) -> None:
    decided(store, HOUR, -9 * DAY, -9 * DAY, 2 * HOUR)
    assert [e.uid for e in store.decided_between(NOW, NOW + DAY)] == [4, 1]


def test_it_is_read_page_by_page_and_may_be_written_to_meanwhile(store: Store) -> None:
    with store.transaction():
        decided(store, *[uid * MINUTE for uid in range(450)])
    found = []
    for each in store.decided_between(NOW + MINUTE, NOW + 449 * MINUTE):
        found.append(each.uid)
        if each.uid % 100 == 0:
            store.reopen(each.uid - 1, "stopped")
            store.ran("report", NOW)
    assert found == list(range(449, 1, -1))
    assert store.standing(TODAY).by_outcome == {"no-reply": 446, "waiting": 4}


# --- in any order ---

Step = Callable[[Store, int], object]
STEPS: dict[str, Step] = {
    "approve": lambda store, n: store.approve_draft(_fate(n, Fate.UNCHANGED), NOW + HOUR),
    "sent by hand": lambda store, n: store.settle_draft(_fate(n, Fate.EDITED)),
    "thrown away": lambda store, n: store.settle_draft(_fate(n, Fate.DISCARDED)),
    "draft again": lambda store, n: store.settle(n, State.DRAFT),
    "stop": lambda store, n: store.settle(n, State.STOPPED),
    "unconfirmed": lambda store, n: store.settle(n, State.UNCONFIRMED),
    "claim": lambda store, n: store.claim(NOW + n * HOUR),
    "confirm": lambda store, n: store.confirm(n, NOW),
    "fail": lambda store, n: store.fail(n, "550", None),
    "again": lambda store, n: store.fail(n, "421", NOW + HOUR),
    "withdraw": lambda store, n: store.withdraw(n, "answered"),
    "reopen": lambda store, n: store.reopen(n, "stopped"),
    "done": lambda store, n: store.answer_given(n),
}
OUTCOMES = [
    (Outcome.ANSWERED, "", None),
    (Outcome.WAITING, "draft", case(reason="draft")),
    (Outcome.WAITING, "doubt", case()),
    (Outcome.ESCALATED, "", case(escalates=True)),
    (Outcome.NO_REPLY, "list", None),
]


def _fate(item: int, fate: Fate) -> DraftFate:
    return DraftFate(item, "novak", "vacation-first", fate, NOW)


def arrived(uid: int, how: int, state: State) -> Any:
    outcome, reason, opened = OUTCOMES[how]
    mails = (mail(f"k{uid}", state=state),) if outcome is not Outcome.NO_REPLY else ()
    told = promise() if mails else None
    return entry(uid, outcome=outcome, reason=reason, case=opened, outgoing=mails, promise=told)


messages = st.lists(
    st.tuples(st.integers(0, len(OUTCOMES) - 1), st.sampled_from([State.QUEUED, State.DRAFT])), min_size=1, max_size=4
)
steps = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(1, 4)), max_size=20)


def accounted(store: Store, count: int) -> None:
    standing = store.standing(TODAY)
    found = [stands(store, row) for row in range(1, count + 1)]
    assert standing.arrived == count == sum(standing.by_outcome.values())
    for outcome in Outcome:
        assert standing.by_outcome.get(outcome, 0) == sum(o == outcome for o, _ in found), outcome
    assert sum(standing.by_reason.values()) == sum(bool(reason) for _, reason in found)
    assert sum(standing.outbox.values()) == len(store.outbox(list(State)))
    assert standing.open_cases == len(store.cases())


def sound(store: Store, count: int) -> None:
    """A message that is answered or gets no reply waits for no draft; nothing is owed for what never left."""
    items = store.outbox(list(State))
    for row in range(1, count + 1):
        outcome, reason = stands(store, row)
        assert (reason == "") == (outcome in ("answered", "escalated")), (outcome, reason)
    gone = {i.message for i in items if i.state in (State.STOPPED, State.FAILED)}
    again = {i.message for i in items if i.state not in (State.STOPPED, State.FAILED)}
    assert not [p for p in store.promises() if p.message in gone - again]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(came=messages, done=steps)
def test_every_message_has_one_outcome_whatever_is_done(
    tmp_path_factory: pytest.TempPathFactory, came: list[tuple[int, State]], done: list[tuple[str, int]]
) -> None:
    sqlite = SqliteStore(tmp_path_factory.mktemp("account") / "vamaild.db", new_code=counted_codes())
    try:
        for store in (sqlite, MemoryStore()):
            for uid, (how, state) in enumerate(came, 1):
                store.record(arrived(uid, how, state))
            for name, number in done:
                try:
                    STEPS[name](store, number)
                except StoreError:
                    assert number > len(store.outbox(list(State))), name
                accounted(store, len(came))
                sound(store, len(came))
    finally:
        sqlite.close()
