"""The chain: who is told when, and that an open emergency always has a next step."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make import NOW
from vamaild.core.escalation import chain_of, notice
from vamaild.core.ruleset import Escalation, Trust

CHAIN = Escalation(("me", "petr-sea", "colleague"))


@pytest.mark.parametrize(
    ("step", "to", "then", "minutes"),
    [
        (0, "me", "petr-sea", 10),
        (1, "petr-sea", "colleague", 20),
        (2, "colleague", "me", 20),
        (3, "me", "petr-sea", 10),
    ],
)
def test_one_after_the_other_and_again(step: int, to: str, then: str, minutes: int) -> None:
    told = notice(step, CHAIN, Trust.SEND, NOW)
    assert (told.to, told.then, told.due) == (to, then, NOW + timedelta(minutes=minutes))


def test_the_assistant_always_looks_first() -> None:
    assert chain_of(Escalation(("petr-sea",)), Trust.SEND) == ("me", "petr-sea")


def test_a_client_in_observe_reaches_the_assistant_alone() -> None:
    assert [notice(step, CHAIN, Trust.OBSERVE, NOW).to for step in range(5)] == ["me"] * 5


NAMES = st.lists(st.sampled_from(["me", "petr-sea", "colleague", "anna"]), max_size=5).map(tuple)


@given(NAMES, st.integers(0, 1000), st.sampled_from(Trust))
def test_no_open_emergency_is_without_a_next_step(chain: tuple[str, ...], step: int, trust: Trust) -> None:
    told = notice(step, Escalation(chain), trust, NOW)
    assert told.due > NOW
    assert told.to in ("me", *chain)
