"""What both stores keep of the escalation chain: cases that join, changes with a version, notices, the two counts."""

from datetime import datetime, timedelta

import pytest

from tests.contracts.conftest import Make
from tests.contracts.entries import DAY, HOUR, MINUTE, NOW, case, entry
from vamaild.core.cases import Advance, CaseEvent, NewNotice, NoticeRow, NoticeState, QueueCase
from vamaild.core.ledger import Outcome, Store, StoreError

WATER = case(escalates=True, damage="water", due=NOW)


def notice(key: str = "n1", person: str = "petr-sea", round: int = 1, **changes: object) -> NewNotice:
    plain = {"channel": "sms", "why": "ask"} | changes
    return NewNotice(f"<{key}@va.example>", person, round=round, **plain)  # type: ignore[arg-type]  # by name


def only(store: Store) -> QueueCase:
    (found,) = store.cases()
    return found


def arrive(store: Store, uid: int, **changes: object) -> int:
    """An emergency in mail `uid` of Eva, about the water."""
    plain = {"subject": "Re: Voda teče", "outcome": Outcome.ESCALATED, "reason": "", "case": WATER}
    return store.record(entry(uid, **(plain | changes)))


# --- one incident, one case ---


def test_the_second_mail_about_the_same_matter_joins_the_open_case(store: Store) -> None:
    first = arrive(store, 1)
    arrive(store, 2, decided_at=NOW + MINUTE)
    arrive(store, 3, subject="something else", references=("<m1@shop.example>",))
    found = only(store)
    assert (found.message, found.joined, found.damage, found.fresh) == (first, 2, ("water",), False)
    assert found.case.due == NOW


@pytest.mark.parametrize(
    "other",
    [
        {"address": "jan@shop.example"},
        {"client": "rossi", "case": case(client="rossi", escalates=True)},
        {"subject": "Oheň v dílně"},
        {"case": case(escalates=True, joins=False)},
        {"case": case(escalates=False)},
    ],
    ids=["another person", "another client", "another matter", "an alarm system", "no emergency"],
)
def test_what_is_another_incident_has_a_case_of_its_own(store: Store, other: dict[str, object]) -> None:
    arrive(store, 1)
    arrive(store, 2, **other)
    assert [c.joined for c in store.cases()] == [0, 0]


def test_nothing_joins_a_case_that_is_over_or_that_never_was_an_emergency(store: Store) -> None:
    arrive(store, 1, case=case(escalates=False))
    arrive(store, 2)
    closed = store.cases()[1].code
    store.close_case(closed, NOW)
    arrive(store, 3)
    assert [c.joined for c in store.cases(everything=True)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("second", "fresh"),
    [
        (case(escalates=True, damage="water"), False),
        (case(escalates=True), False),
        (case(escalates=True, damage="fire"), True),
        (case(escalates=True, damage="water", people=True), True),
    ],
    ids=["insisting", "nothing concrete", "new damage", "people"],
)
def test_only_a_new_concrete_fact_makes_the_case_due_again(store: Store, second: object, fresh: bool) -> None:
    arrive(store, 1)
    code = only(store).code
    assert store.advance(code, 0, Advance({"phase": "held"}, NOW + DAY, "me", NOW), NOW)
    arrive(store, 2, case=second, decided_at=NOW + HOUR)
    found = only(store)
    assert (found.fresh, found.case.due) == (fresh, NOW + HOUR if fresh else NOW + DAY)
    assert (found.acknowledged_by, found.version, found.joined) == ("me", 2, 1)
    assert store.advance(code, 2, Advance({}, NOW + DAY), NOW)
    assert only(store).fresh is False


def test_certainty_after_doubt_is_new_too(store: Store) -> None:
    arrive(store, 1, case=case(escalates=True, reason="confirm", damage="water"))
    arrive(store, 2, case=case(escalates=True, reason="emergency", damage="water"))
    found = only(store)
    assert (found.fresh, found.case.reason) == (True, "emergency")


# --- changes ---


def test_a_change_is_whole_and_belongs_to_one_version(store: Store) -> None:
    arrive(store, 1)
    code = only(store).code
    happened = (CaseEvent(NOW, "told", "vamaild", "petr-sea sms"),)
    to = Advance({"phase": "asking"}, NOW + HOUR, asked=1, events=happened, notices=(notice(),))
    assert store.advance(code, 0, to, NOW)
    assert not store.advance(code, 0, to, NOW), "somebody else was quicker"
    assert not store.advance("ZZZZ", 0, to, NOW)
    found = only(store)
    assert (found.version, found.step, found.chain, found.case.due) == (1, 1, {"phase": "asking"}, NOW + HOUR)
    assert store.case_events(code) == happened
    assert [n.notice for n in store.notices(code)] == [notice()]


def test_who_holds_it_and_how_it_ended(store: Store) -> None:
    arrive(store, 1)
    code = only(store).code
    assert store.advance(code, 0, Advance({}, NOW + HOUR, "petr-sea", NOW), NOW)
    assert (only(store).acknowledged_by, only(store).acknowledged_at) == ("petr-sea", NOW)
    assert store.advance(code, 1, Advance({}, None, "me", NOW, NOW + HOUR, True, "technik"), NOW)
    assert store.cases() == ()
    ended = store.case(code)
    assert ended is not None
    assert (ended.closed_at, ended.could_wait, ended.resolution) == (NOW + HOUR, True, "technik")
    assert not store.advance(code, 2, Advance({}, NOW), NOW), "what is over stays over"


def test_an_old_acknowledgement_is_a_change_too(store: Store) -> None:
    arrive(store, 1)
    code = only(store).code
    assert store.acknowledge(code, "jana", NOW)
    assert not store.advance(code, 0, Advance({}, NOW), NOW)


def test_a_change_in_a_batch_that_fails_never_was(store: Store) -> None:
    arrive(store, 1)
    code = only(store).code
    with pytest.raises(StoreError), store.transaction():
        store.advance(code, 0, Advance({}, NOW, notices=(notice(),)), NOW)
        raise StoreError("disk full")
    assert (only(store).version, store.notices(code)) == (0, ())


def test_what_the_clock_concerns(store: Store) -> None:
    store.open_case(case(), NOW)
    put_off = store.open_case(case(due=NOW + HOUR), NOW)
    alarm = store.open_case(case(escalates=True, due=NOW + DAY), NOW)
    over = store.open_case(case(escalates=True), NOW)
    store.close_case(over, NOW)
    assert [c.code for c in store.watched()] == [put_off, alarm]


# --- notices ---


def told(store: Store, *notices: NewNotice, at: object = NOW) -> str:
    code = store.open_case(case(escalates=True), NOW)
    assert store.advance(code, 0, Advance({}, NOW, notices=notices), at)  # type: ignore[arg-type]  # by name
    return code


def test_a_notice_from_ready_to_delivered(store: Store) -> None:
    code = told(store, notice())
    (row,) = store.notices_ready(NOW)
    assert row == NoticeRow(row.id, code, "novak", notice(), NoticeState.READY, 0, NOW, NOW)
    store.notice_handed(row.id, NOW)
    (found,) = store.notices_ready(NOW)
    assert (found.state, found.attempts) == (NoticeState.HANDED, 1), "found again after a crash"
    store.notice_settled(row.id, NoticeState.DELIVERED, NOW + MINUTE, "202")
    (ended,) = store.notices(code)
    assert (ended.state, ended.settled_at, ended.detail) == (NoticeState.DELIVERED, NOW + MINUTE, "202")
    assert store.notices_ready(NOW + DAY) == ()


def test_a_notice_that_is_tried_again_later(store: Store) -> None:
    told(store, notice())
    (row,) = store.notices_ready(NOW)
    store.notice_settled(row.id, NoticeState.READY, NOW, "429", NOW + MINUTE)
    assert store.notices_ready(NOW) == ()
    (later,) = store.notices_ready(NOW + MINUTE)
    assert (later.settled_at, later.not_before, later.detail) == (None, NOW + MINUTE, "429")


def test_the_same_key_is_one_notice(store: Store) -> None:
    told(store, notice(), notice(person="anna"))
    assert [n.notice.person for n in store.notices_ready(NOW)] == ["petr-sea"]
    assert store.notice_of(["<x@y>", "<n1@va.example>"]) == store.notices_ready(NOW)[0]
    assert store.notice_of(["<x@y>"]) is None


@pytest.mark.parametrize("act", ["notice_handed", "notice_settled"])
def test_a_notice_nobody_wrote(store: Store, act: str) -> None:
    more = () if act == "notice_handed" else (NoticeState.FAILED,)
    with pytest.raises(StoreError, match="99"):
        getattr(store, act)(99, *more, NOW)


# --- the two counts ---


def handed(store: Store, now: datetime = NOW, bundle: str = "") -> None:
    """Everything that is ready is told, each in a message of its own unless `bundle` names one."""
    for row in store.notices_ready(now):
        if row.state is NoticeState.READY:
            store.notice_handed(row.id, now, bundle or row.notice.key)


def test_disturbances_count_rounds_that_reached_somebody(store: Store) -> None:
    told(
        store,
        notice("a"),
        notice("b", channel="email"),  # the same round over another channel
        notice("c", round=2),
        notice("d", round=3, why="confirm"),
        notice("e", round=4, practice=True),
        notice("f", round=5),
        notice("g", person="anna"),
    )
    handed(store)
    failed = next(n for n in store.notices_ready(NOW) if n.notice.round == 5)
    store.notice_settled(failed.id, NoticeState.FAILED, NOW)
    told(store, notice("i", round=6))  # it waits
    told(store, notice("h"), at=NOW - DAY)
    handed(store, NOW - DAY)
    assert dict(store.disturbances("novak", NOW - HOUR)) == {"petr-sea": 2, "anna": 1}
    assert dict(store.disturbances("novak", NOW - 2 * DAY)) == {"petr-sea": 3, "anna": 1}
    assert dict(store.disturbances("rossi", NOW - 2 * DAY)) == {}


def test_who_cried_wolf(store: Store) -> None:
    for uid, could_wait, at in ((1, True, NOW), (2, True, NOW - 70 * DAY), (3, False, NOW), (4, None, NOW)):
        arrive(store, uid, subject=f"s{uid}")
        code = only(store).code
        store.advance(code, 0, Advance({}, None, closed_at=at, could_wait=could_wait), NOW)
    arrive(store, 5, subject="s5", address="jan@shop.example")
    store.advance(only(store).code, 0, Advance({}, None, closed_at=NOW, could_wait=True), NOW)
    assert store.cried_wolf("novak", "Eva@shop.example", NOW - 60 * DAY) == 1
    assert store.cried_wolf("novak", "eva@shop.example", NOW - 80 * DAY) == 2
    assert store.cried_wolf("rossi", "eva@shop.example", NOW - 80 * DAY) == 0


def test_codes_and_times_are_checked(make: Make) -> None:
    store = make()
    code = store.open_case(case(escalates=True), NOW)
    with pytest.raises((StoreError, ValueError)):
        store.advance(code, 0, Advance({}, (NOW + timedelta(1)).replace(tzinfo=None)), NOW)
