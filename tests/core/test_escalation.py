"""The chain: who is told when, and that an open emergency always has a next step."""

import json
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make import NOW
from vamaild.core.agreement import Agreement
from vamaild.core.chainwords import Action, Confirm, Due, Give, Phase, Result, Said, State, Tell, from_values, to_values
from vamaild.core.escalation import chain_of, step
from vamaild.core.notify import Delivery
from vamaild.core.ruleset import Escalation, Trust

CHAIN = Escalation(("me", "petr-sea", "colleague"))


def test_the_assistant_always_looks_first() -> None:
    assert chain_of(Escalation(("petr-sea",)), Trust.SEND) == ("me", "petr-sea")


def test_a_client_in_observe_reaches_the_assistant_alone() -> None:
    assert chain_of(CHAIN, Trust.OBSERVE) == ("me",)


NAMES = st.lists(st.sampled_from(["me", "petr-sea", "colleague", "anna"]), max_size=5).map(tuple)


# --- the machine, where hypothesis would have to be lucky ---


@given(NAMES, st.integers(0, 20), st.sampled_from(Trust))
def test_no_open_emergency_is_without_a_next_step(chain: tuple[str, ...], steps: int, trust: Trust) -> None:
    terms = Escalation(chain)
    agreed = Agreement(chain_of(terms, trust), dict.fromkeys(("me", "anna"), ("email",)), terms)
    state, now = State(due=NOW), NOW
    for _ in range(steps + 1):
        state, actions = step(state, Due(), agreed, now)
        assert state.due is not None
        assert state.due > now
        assert all(a.person in ("me", *chain) for a in actions if isinstance(a, Tell))
        now = state.due


WAYS = {"me": ("email",), "petr-sea": ("sms", "email"), "colleague": ("email",)}
NIGHT = Escalation(("me", "petr-sea", "colleague"), quiet=(time(22), time(7)), timezone="Europe/Rome")
EVENING = NOW.replace(hour=21, minute=50)
AGREED = Agreement(("me", "petr-sea", "colleague"), WAYS, NIGHT)
MINUTE = timedelta(minutes=1)


def told(actions: tuple[Action, ...]) -> list[tuple[str, str]]:
    return [(a.person, a.channel) for a in actions if isinstance(a, Tell)]


def asked(now: datetime) -> State:
    """Petr was just asked by text; the assistant had ten minutes."""
    state, first = step(State(due=now), Due(), AGREED, now)
    assert told(first) == [("me", "email")]
    state, second = step(state, Due(), AGREED, now + 10 * MINUTE)
    assert told(second) == [("petr-sea", "sms")]
    return state


def test_what_an_older_round_says_changes_nothing() -> None:
    state = asked(NOW)
    for late in (Result("me", "email", 1, Delivery.FAILED), Result("petr-sea", "email", 2, Delivery.RETRY)):
        assert step(state, late, AGREED, NOW + 11 * MINUTE) == (state, ())


def test_a_failure_that_is_heard_of_in_the_quiet_hours_wakes_him_over_no_other_way() -> None:
    now = EVENING - 10 * MINUTE
    state = asked(now)
    failed = Result("petr-sea", "sms", state.round, Delivery.FAILED)
    awake, actions = step(state, failed, AGREED, now + 11 * MINUTE)
    assert told(actions) == [("petr-sea", "email")]
    asleep, actions = step(state, failed, AGREED, now + 30 * MINUTE)
    assert told(actions) == [("colleague", "email")]
    assert (awake.asked, asleep.asked) == ("petr-sea", "colleague")


def test_the_second_way_half_way_is_none_in_the_quiet_hours() -> None:
    now = EVENING - 5 * MINUTE
    state = asked(now)  # at 21:55; half-way is 22:05
    later, actions = step(state, Due(), AGREED, now + 20 * MINUTE)
    assert told(actions) == []
    assert later.due == state.ends


def test_nobody_can_be_told_and_it_rests_longer_and_longer() -> None:
    nothing = replace(AGREED, ways={})
    state, now, rests = State(due=NOW), NOW, []
    for _ in range(7):
        state, actions = step(state, Due(), nothing, now)
        assert (actions, state.phase) == ((), Phase.ASKING)
        assert state.due is not None
        rests.append((state.due - now) // MINUTE)
        now = state.due
    assert rests == [1, 2, 4, 8, 15, 15, 15]


def test_a_state_survives_being_written_down() -> None:
    state = asked(NOW)
    assert from_values(json.loads(json.dumps(to_values(state)))) == state
    with pytest.raises(ValueError, match="asleep"):
        from_values({"phase": "asleep"})
    with pytest.raises(ValueError, match="zone"):
        from_values({"due": "2026-11-26T10:00:00"})
    with pytest.raises(ValueError, match="no state"):
        from_values({"attempts": [{"whom": "x"}]})


@pytest.mark.parametrize(
    ("by", "to", "may"),
    [
        ("me", "petr-sea", True),
        ("colleague", "petr-sea", False),
        ("petr-sea", "colleague", True),
        ("colleague", "anna", False),
    ],
)
def test_at_night_only_the_assistant_gives_it_to_the_contact(by: str, to: str, may: bool) -> None:
    state = asked(EVENING - 20 * MINUTE)
    new, actions = step(state, Give(by, to), replace(AGREED, ways={**WAYS, "anna": ("sms",)}), EVENING + 30 * MINUTE)
    assert bool(told(actions)) == may
    assert (new.asked == to) == (may or to == state.asked)
    assert [a.said for a in actions if isinstance(a, Confirm)] == [Said.GIVEN if may else Said.MAY_NOT]
