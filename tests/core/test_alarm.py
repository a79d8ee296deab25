"""What several small signs of damage weigh together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.alarm import AGAINST, WEIGHTS, points, weigh

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
        ({"going_on": 2, "called": 1, "goods": 1}, False, (), "doubtful"),
        ({"lost": 1, "called": 1, "people": 1}, False, (), "now"),
        ({"ours": 1}, False, (), "doubtful"),
        ({"ours": 1, "people": 1}, False, ("asks",), "doubtful"),
        ({"ours": 1, "people": 1}, False, ("questions",), "doubtful"),
        ({"ours": 1, "people": 1, "going_on": 1}, False, ("questions",), "now"),
        ({"helpless": 1, "people": 2}, False, ("insists",), "now"),
        ({}, True, (), "now"),
        ({}, True, ("asks",), "doubtful"),
        ({"people": 2}, True, ("asks",), "now"),
        ({}, True, ("asks", "insists", "thanks"), ""),
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
