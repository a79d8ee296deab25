"""What several small signs of damage weigh together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.alarm import AGAINST, WEIGHTS, points, weigh

from .tongues import understood

NAMES = st.sampled_from(sorted(WEIGHTS))
PLACES = st.dictionaries(NAMES, st.integers(1, 4))
OTHERS = st.frozensets(st.sampled_from((*AGAINST, "selling")))


@pytest.mark.parametrize(
    ("places", "by_rule", "signs", "when"),
    [
        ({}, False, (), ""),
        ({"people": 1}, False, (), ""),
        ({"people": 1}, False, ("asks",), ""),
        ({"harm": 1}, False, (), ""),
        ({"harm": 1, "grave": 1}, False, (), "doubtful"),
        ({"harm": 1, "going_on": 1}, False, (), "doubtful"),
        ({"harm": 1, "going_on": 1}, False, ("asks",), ""),
        ({"harm": 2, "going_on": 2, "people": 1}, False, (), "now"),
        ({"harm": 2, "going_on": 1, "called": 1}, False, ("asks",), "doubtful"),
        ({"going_on": 1, "called": 1}, False, (), "doubtful"),
        ({"going_on": 1, "called": 1, "people": 1}, False, (), "now"),
        ({"going_on": 1, "called": 1, "goods": 1}, False, (), "doubtful"),  # enough, but nothing is hurt
        ({"going_on": 3, "called": 1, "goods": 1}, False, (), "now"),  # so many signs need no harm in words
        ({"lost": 1, "called": 1, "people": 1}, False, (), "now"),
        ({"ours": 1}, False, (), "doubtful"),
        ({"ours": 1, "goods": 1}, False, (), "doubtful"),  # a thing of theirs that we keep adds nothing
        ({"ours": 1, "goods": 1, "harm": 1}, False, (), "now"),
        ({"helpless": 1}, False, ("questions",), ""),  # "Who has the key?"
        ({"helpless": 1, "goods": 1}, False, ("questions",), "doubtful"),
        ({"helpless": 1, "going_on": 1}, False, ("questions",), "now"),
        ({"helpless": 1, "ours": 1}, False, ("questions",), "doubtful"),  # who does not know what we arranged asks
        ({"helpless": 1, "ours": 1}, False, (), "now"),
        ({"helpless": 2, "ours": 1}, False, ("questions",), "now"),
        ({"ours": 1, "people": 1}, False, ("asks",), "doubtful"),
        ({"ours": 1, "people": 1, "going_on": 1}, False, ("questions",), "now"),
        ({"helpless": 1, "people": 2}, False, ("insists",), "now"),
        ({"helpless": 1, "people": 2}, False, ("insists", "another_day"), "doubtful"),
        ({"people": 3, "harm": 1}, False, (), "now"),
        ({}, True, (), "now"),
        ({}, True, ("asks",), "doubtful"),
        ({"people": 2}, True, ("asks",), "now"),
        ({}, True, ("asks", "thanks"), "doubtful"),  # a rule saw it: nothing, only where everything speaks against it
        ({}, True, ("asks", "insists", "thanks"), ""),
        ({"harm": 2, "called": 1}, True, ("remote",), "doubtful"),  # the neighbour's fire: nothing goes on
        ({"harm": 2, "going_on": 1}, True, ("remote",), "now"),
        ({"harm": 2, "people": 1}, True, ("thanks",), "doubtful"),
        ({"harm": 1, "people": 1}, True, ("denied",), "doubtful"),
        ({"harm": 1}, True, ("joke",), "doubtful"),
        ({"harm": 1, "people": 1}, True, ("no_answer",), "doubtful"),
        ({"people": 1}, True, ("no_answer", "informs"), ""),
        ({"unheard_of": 3}, False, ("asks",), ""),
    ],
)
def test_the_scales(places: dict[str, int], by_rule: bool, signs: tuple[str, ...], when: str) -> None:
    assert weigh(places, by_rule, signs) == when


@given(PLACES, st.booleans(), OTHERS, NAMES)
def test_one_sign_more_never_weighs_less(
    places: dict[str, int], by_rule: bool, signs: frozenset[str], name: str
) -> None:
    more = {**places, name: places.get(name, 0) + 1}
    assert points(more, by_rule, signs) >= points(places, by_rule, signs)


@given(PLACES, st.booleans(), OTHERS)
def test_asking_never_weighs_more(places: dict[str, int], by_rule: bool, signs: frozenset[str]) -> None:
    assert points(places, by_rule, signs | set(AGAINST)) <= points(places, by_rule, signs)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("The kitchen is on fire.", "now"),
        ("The kitchen is on fire :-)", "doubtful"),
        ("V kuchyni hoří, ale nespěchá to, až budeš mít čas.", ""),
        ("Hai letto? È andato a fuoco il capannone di Zambelli.", "doubtful"),
        ("The bailiffs are in the shop loading the ovens, they say the letter came last month.", "now"),
        ("Last month the bailiffs were in the shop.", "past"),
        ("Chi ha le chiavi del cancello?", ""),
        ("Chi ha le chiavi? Il cancello è bloccato e due bambini sono chiusi dentro.", "now"),
        ("Ho perso la fattura di marzo, me la rimandate?", ""),
    ],
)
def test_what_it_makes_of_a_letter(text: str, when: str) -> None:
    damage = understood(text).damage
    assert (damage.when if damage else "") == when
