"""Regular expressions of rule files: they find words, never hang, and are refused in plain words."""

import time

import pytest

from vamaild.adapters.patterns import compile_regex


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        (r"\bordine \d{4}\b", "Il mio ordine 2026 non arriva", "ordine 2026"),
        (r"\bordine \d{4}\b", "Il mio ORDINE 2026", "ORDINE 2026"),
        (r"\bperché\b", "Perché no?", "Perché"),
        (r"\w+é\b", "caffé", "caffé"),
        (r"ordine", "niente", ""),
    ],
)
def test_the_words_that_matched_are_given(pattern: str, text: str, words: str) -> None:
    assert compile_regex(pattern).search(text) == words


EVIL = [
    (r"(a+)+$", "a" * 40 + "!"),
    (r"^(\w+\s?)*$", "parola " * 30 + "!"),
    (r"(x|x)*y", "x" * 60),
    (r"(.*?,){20}P", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26" * 3),
]


@pytest.mark.parametrize(("pattern", "text"), EVIL)
def test_an_evil_pattern_is_stopped(pattern: str, text: str) -> None:
    begun = time.monotonic()
    try:
        found = compile_regex(pattern, seconds=0.1).search(text) if pattern != EVIL[1][0] else _lenient(pattern, text)
    except TimeoutError:
        found = ""
    assert found == ""
    assert time.monotonic() - begun < 5


def _lenient(pattern: str, text: str) -> str:
    """This one fits the empty text too, so it is refused before it can do harm."""
    with pytest.raises(ValueError, match="every text"):
        compile_regex(pattern)
    return ""


def test_taking_too_long_is_a_timeout() -> None:
    import regex

    from vamaild.adapters.patterns import TimedPattern

    slow = TimedPattern(regex.compile(r"(a|aa)+$"), seconds=0.01)
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        slow.search("a" * 60 + "b")
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("(a", "missing ) at character 3"),
        ("a**", "multiple repeat at character 3"),
        ("[z-a]", "bad character range at character 5"),
        ("a" * 1_001, "it has 1,001 characters; 1,000 are the most"),
        ("a*", "it fits every text, even an empty one"),
        ("", "it fits every text, even an empty one"),
    ],
)
def test_a_bad_pattern_is_refused_in_a_plain_sentence(pattern: str, sentence: str) -> None:
    with pytest.raises(ValueError) as refused:
        compile_regex(pattern)
    assert str(refused.value) == sentence
