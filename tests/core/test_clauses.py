"""Clauses of a text: parted where a sentence ends, or at a comma and the like between two words."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.clauses import PARTS, Clauses
from vamaild.core.words import Text


@given(st.text(st.sampled_from("ab1,;:()–. -?\n"), max_size=40))
def test_a_clause_ends_where_something_parts_two_words(original: str) -> None:
    text = Text(original)
    numbers = [0] if text.words else []
    for before, word in pairwise(text.words):
        gap = original[before.end : word.start]
        parted = len(gap) > 1 and PARTS.search(gap) is not None
        numbers.append(numbers[-1] + (before.sentence != word.sentence or parted))
    assert Clauses(text)._numbers == numbers
