"""What makes two mails the same is the same however quickly it is found out."""

from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.sameness import letters_of


@given(st.text(st.characters() | st.sampled_from("aé½²Ⅷ٣_ 一"), max_size=60))
def test_the_letters_of_a_text_are_those_that_python_calls_letters(text: str) -> None:
    assert letters_of(text) == "".join(c for c in text if c.isalpha())
