"""What both stores keep of messages that tell of many cases, of practice alarms, and what they forget of cases."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.contracts.entries import DAY, HOUR, MINUTE, NOW, case
from vamaild.core.cases import Advance, CaseEvent, NewNotice, NoticeState
from vamaild.core.drill import Drill, Link
from vamaild.core.ledger import Store


def tell(store: Store, code: str, *notices: NewNotice, at: datetime = NOW) -> None:
    found = store.case(code)
    assert found
    assert store.advance(
        code, found.version, Advance({}, NOW, events=(CaseEvent(at, "asked", "x"),), notices=notices), at
    )


def ask(
    key: str, person: str = "petr", round: int = 1, channel: str = "sms", why: str = "ask", **more: bool
) -> NewNotice:
    return NewNotice(key, person, channel, round, why, **more)


def opened(store: Store, count: int) -> list[str]:
    return [store.open_case(case(escalates=True), NOW) for _ in range(count)]


def hand(
    store: Store, bundle: str, *keys: str, state: NoticeState | None = NoticeState.DELIVERED, at: datetime = NOW
) -> None:
    for row in store.notices_ready(NOW + DAY):
        if row.notice.key in keys:
            store.notice_handed(row.id, at, bundle)
            if state:
                store.notice_settled(row.id, state, at)


def test_who_was_told_in_a_message(store: Store) -> None:
    for number, code in enumerate(opened(store, 3)):
        tell(store, code, ask(f"n{number}"))
    hand(store, "n0", "n0", "n1")
    assert [row.notice.key for row in store.notices_in("n0")] == ["n0", "n1"]
    assert {row.bundle for row in store.notices_in("n0")} == {"n0"}
    assert store.notices_in("") == ()
    assert store.notices_in("n2") == ()


def test_many_cases_in_one_message_disturb_once(store: Store) -> None:
    codes = opened(store, 3)
    for number, code in enumerate(codes):
        tell(store, code, ask(f"n{number}"))
    assert store.disturbances("novak", NOW) == {}, "what waits is told in one message"
    hand(store, "n0", "n0", "n1")
    assert store.disturbances("novak", NOW) == {"petr": 1}
    hand(store, "n2", "n2")
    assert store.disturbances("novak", NOW) == {"petr": 2}
    for number, code in enumerate(codes):
        tell(store, code, ask(f"m{number}", channel="email"))
    assert store.disturbances("novak", NOW) == {"petr": 2}, "another channel in the same round"
    hand(store, "m0", "m0", "m1", "m2")
    assert store.disturbances("novak", NOW) == {"petr": 2}


def test_how_many_messages_somebody_was_told_lately(store: Store) -> None:
    first, second, third = opened(store, 3)
    tell(store, first, ask("a"), ask("e", channel="email"), ask("p", practice=True), ask("c", why="confirm"))
    tell(store, second, ask("b"), ask("f", person="anna"))
    tell(store, third, ask("d"), ask("x"))
    hand(store, "a", "a", "b", at=NOW - MINUTE)
    hand(store, "d", "d")
    hand(store, "x", "x", state=NoticeState.FAILED)
    for key in ("e", "p", "c", "f"):
        hand(store, key, key)
    assert store.told_since("petr", "sms", NOW - HOUR) == (NOW - MINUTE, NOW)
    assert store.told_since("petr", "sms", NOW) == (NOW,)
    assert store.told_since("petr", "ntfy", NOW - HOUR) == ()


# --- practice alarms ---

LINKS = (
    Link("me", ("email",), (), NOW, NOW + MINUTE, "take", "email"),
    Link("petr-sea", ("sms", "email"), ("sms",), NOW + MINUTE),
    Link("colleague"),
)


def test_the_last_practice_of_each_client(store: Store) -> None:
    assert store.last_drill("novak") is None
    store.drill_begins("novak", "AAAA", NOW)
    assert store.last_drill("novak") == Drill("novak", "AAAA", NOW)
    store.drill_ends("AAAA", LINKS, NOW + HOUR)
    ended = Drill("novak", "AAAA", NOW, NOW + HOUR, LINKS)
    assert store.last_drill("novak") == ended
    store.drill_ends("AAAA", (), NOW + DAY, "9QXD")
    assert store.last_drill("novak") == ended, "it ends once"
    store.drill_begins("novak", "BBBB", NOW + DAY)
    store.drill_ends("BBBB", (), NOW + DAY, "9QXD")
    assert store.last_drill("novak") == Drill("novak", "BBBB", NOW + DAY, NOW + DAY, (), "9QXD")
    assert store.last_drill("rossi") is None


@pytest.mark.parametrize(
    ("links", "works"),
    [
        ((LINKS[0],), True),
        ((), False),
        ((LINKS[0], replace(LINKS[0], answered_at=None)), False),
        ((LINKS[0], replace(LINKS[0], broken=("sms",))), False),
        ((LINKS[0], LINKS[2]), False),
    ],
    ids=["all answered", "nobody", "one is silent", "one way is broken", "one cannot be told"],
)
def test_whether_a_chain_works(links: tuple[Link, ...], works: bool) -> None:
    assert Drill("novak", "AAAA", NOW, NOW, links).works == works
    assert not Drill("novak", "AAAA", NOW, None, links).works
    assert not Drill("novak", "AAAA", NOW, NOW, links, "9QXD").works


# --- what is forgotten ---


def test_what_was_said_about_cases_that_are_long_over_is_forgotten(store: Store) -> None:
    old, lately, waits = opened(store, 3)
    for code in (old, lately, waits):
        tell(store, code, ask(code))
    store.close_case(old, NOW - 401 * DAY)
    store.close_case(lately, NOW - 399 * DAY)
    assert store.forget_chains(NOW - 400 * DAY) == 1
    assert (store.notices(old), store.case_events(old)) == ((), ())
    assert all(store.notices(code) and store.case_events(code) for code in (lately, waits))
    assert store.case(old) is not None
    assert store.notice_of([old]) is None
    assert store.forget_chains(NOW - 400 * DAY) == 0


def test_practice_is_no_emergency_that_nobody_took(store: Store) -> None:
    for reason in ("practice", "emergency", "confirm"):
        store.open_case(case(reason=reason, escalates=True), NOW)
    found = store.standing(NOW)
    assert (found.open_cases, found.escalations_open) == (3, 2)
