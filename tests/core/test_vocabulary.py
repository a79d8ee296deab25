"""What `check` writes texts with: as few situations as show the same, and words counted at once."""

from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.vocabulary import differing, length, situations

SIGNS = st.text(st.sampled_from("aZ9_-–—.,'éß²٣ \t\n\x1c\u00a0\u3000"), max_size=40)


@given(st.one_of(SIGNS, st.text(max_size=60)))
def test_words_are_counted_as_a_reader_counts_them(body: str) -> None:
    assert length(body) == sum(1 for piece in body.split() if any(c.isalnum() for c in piece))


def test_a_long_line_of_signs_is_counted_at_once() -> None:
    assert length("-" * 1_000_000 + " a") == 1


@given(st.sampled_from(["ordinary", "colleague", "note-held", "vacation-undated"]), st.data())
def test_of_the_situations_that_say_the_same_one_is_left(text: str, data: st.DataObject) -> None:
    every = list(situations(text))
    used = frozenset(data.draw(st.sets(st.sampled_from(sorted(every[0])), max_size=4)))
    seen = [{name: words[name] for name in used} for words in every]
    left = [{name: words[name] for name in used} for words in differing(text, used)]
    assert all(each in left for each in seen)
    assert all(left.count(each) == 1 for each in left)
