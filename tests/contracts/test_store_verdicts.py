"""What people said afterwards about an emergency: what every store must do with it."""

from datetime import datetime

import pytest

from tests.contracts.entries import DAY, HOUR, MINUTE, NOW, case, entry
from vamaild.core.cases import Advance
from vamaild.core.ledger import Outcome, Store, StoreError
from vamaild.core.verdicts import CaseVerdict

LATER = NOW + 30 * DAY


def closed(store: Store, at: datetime = NOW, **changes: object) -> str:
    """The code of a closed emergency."""
    code = store.open_case(case(**{"escalates": True, "client": "novak", **changes}), NOW)
    assert store.advance(code, 0, Advance({}, None, closed_at=at), NOW)
    return code


def test_the_last_word_of_each_person_counts(store: Store) -> None:
    code = closed(store)
    assert store.verdict(code, "petr-sea", True, NOW + HOUR)
    assert store.verdict(code, "me", False, NOW + 2 * HOUR)
    assert store.verdict(code, "petr-sea", False, NOW + 3 * HOUR)
    his = CaseVerdict(code, "novak", "petr-sea", False, NOW + 3 * HOUR)
    assert store.verdicts("novak", NOW, LATER) == (CaseVerdict(code, "novak", "me", False, NOW + 2 * HOUR), his)


@pytest.mark.parametrize("said", [True, False])
def test_the_case_keeps_the_last_word_of_all(store: Store, said: bool) -> None:
    code = closed(store)
    store.verdict(code, "me", not said, NOW)
    store.verdict(code, "petr-sea", said, NOW)
    found = store.case(code)
    assert found is not None
    assert found.could_wait is said


def test_who_cried_wolf_is_known_from_verdicts_too(store: Store) -> None:
    alarm = case(escalates=True, reason="emergency")
    store.record(entry(1, outcome=Outcome.ESCALATED, reason="", case=alarm))
    (found,) = store.cases()
    store.advance(found.code, 0, Advance({}, None, closed_at=NOW), NOW)
    assert store.cried_wolf("novak", "eva@shop.example", NOW - DAY) == 0
    store.verdict(found.code, "petr-sea", True, NOW)
    assert store.cried_wolf("novak", "eva@shop.example", NOW - DAY) == 1


@pytest.mark.parametrize("which", ["open", "unknown", "no emergency"])
def test_nothing_else_is_judged(store: Store, which: str) -> None:
    code = store.open_case(case(escalates=which == "open"), NOW)
    if which == "no emergency":
        store.close_case(code, NOW)
    assert not store.verdict("ZZZZ" if which == "unknown" else code, "me", True, NOW)
    assert store.verdicts("novak", NOW - DAY, LATER) == ()
    assert store.case(code).could_wait is None  # type: ignore[union-attr]  # it is there


def test_verdicts_of_one_client_in_a_time(store: Store) -> None:
    first, second, other = closed(store), closed(store), closed(store, client="rossi")
    for code, at in ((first, NOW), (second, NOW - MINUTE), (other, NOW)):
        assert store.verdict(code, "me", True, at)
    assert [v.code for v in store.verdicts("novak", NOW - MINUTE, NOW + MINUTE)] == [second, first]
    assert [v.code for v in store.verdicts("novak", NOW - MINUTE, NOW)] == [second]
    assert [v.code for v in store.verdicts("rossi", NOW, LATER)] == [other]
    assert store.verdicts("nobody", NOW - DAY, LATER) == ()


def test_emergencies_that_can_be_judged(store: Store) -> None:
    late, early = closed(store, NOW + HOUR), closed(store, NOW)
    closed(store, NOW - MINUTE)
    closed(store, client="rossi")
    closed(store, reason="practice")
    store.open_case(case(escalates=True), NOW)
    assert [c.code for c in store.judged_cases("novak", NOW)] == [early, late]


def test_what_fails_beside_it_is_not_kept(store: Store) -> None:
    code = closed(store)
    with pytest.raises(StoreError), store.transaction():
        store.verdict(code, "me", True, NOW)
        raise StoreError
    assert store.verdicts("novak", NOW - DAY, LATER) == ()
    assert store.case(code).could_wait is None  # type: ignore[union-attr]  # it is there


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    code = closed(store)
    with pytest.raises(ValueError, match="zone"):
        store.verdict(code, "me", True, datetime(2026, 11, 18))


@pytest.mark.parametrize("said", [True, False])
def test_an_urgency_nobody_was_called_for_is_judged_too(store: Store, said: bool) -> None:
    row = store.record(entry(1, kind="rush-request", explanation={"stated_urgency": True}))
    assert [store.outcome(row, not said, "me", NOW), store.outcome(row, said, "me", NOW + MINUTE)] == [True, True]
    (found,) = store.week("", NOW - DAY, LATER).rows
    assert found.could_wait is said
    assert [u.could_wait for u in store.urgent(found.client, NOW - DAY, LATER)] == [said]


def test_a_message_that_is_not_there_is_not_judged(store: Store) -> None:
    assert not store.outcome(7, True, "me", NOW)
    with pytest.raises(ValueError, match="zone"):
        store.outcome(7, True, "me", datetime(2026, 11, 18))


def test_the_verdict_on_a_case_goes_before(store: Store) -> None:
    alarm = case(escalates=True, reason="emergency")
    row = store.record(entry(1, kind="emergency", outcome=Outcome.ESCALATED, reason="", case=alarm))
    (found,) = store.cases()
    store.advance(found.code, 0, Advance({}, None, closed_at=NOW), NOW)
    store.verdict(found.code, "me", False, NOW)
    store.outcome(row, True, "me", NOW)
    assert [r.could_wait for r in store.week("", NOW - DAY, LATER).rows] == [False]
