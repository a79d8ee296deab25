"""What somebody of the chain answered to a notice: 1, 2, 3 or in words, in his own new text.

Only what says one thing plainly is an answer; the words are language data ([answers] in rules.d/12-answers-xx.toml).
"""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from .ruleset import Language
from .sentences import Negation
from .words import Text

LONGEST = 400
FIRST_LINE = re.compile(r"\W*([123])(?:(\W+)(.*))?$", re.DOTALL)


class Spoken(StrEnum):
    """The answers a notice asks for, by the name of their list of words."""

    TAKE = "take"
    PASS_ON = "pass_on"  # noqa: S105 (an answer, no password)
    WAIT = "wait"
    DONE = "done"
    UNCLEAR = ""


BY_NUMBER = {"1": Spoken.TAKE, "2": Spoken.PASS_ON, "3": Spoken.WAIT}


def read(own: str, languages: Sequence[Language]) -> Spoken:
    """The answer in these new words: a number alone or with words that say the same, else words of one kind only."""
    short = own.strip()[:LONGEST]
    first = short.split("\n", 1)[0].strip()
    said = _kinds(short, languages)
    number = FIRST_LINE.match(first)
    if number is None:
        return said[0] if len(said) == 1 else Spoken.UNCLEAR
    meant, between, words = BY_NUMBER[number[1]], number[2] or "", number[3] or ""
    if not words:
        return meant
    # "3 minutes and I am there" is no 3: words behind a number say the same, or a sign parts them from it.
    kinds = _kinds(words, languages)
    parted = bool(between.strip()) and not kinds and not words[0].isdigit()
    return meant if kinds == (meant,) or parted else Spoken.UNCLEAR


def _kinds(text: str, languages: Sequence[Language]) -> tuple[Spoken, ...]:
    """Every kind of answer of which words were seen that are not denied."""
    seen, negation = Text(text), Negation(languages)
    return tuple(kind for kind in Spoken if kind and any(negation.plain(p, seen) for p in _lists(kind, languages)))


def _lists(kind: Spoken, languages: Iterable[Language]) -> Iterable[tuple[str, ...]]:
    return (language.phrases(f"answers.{kind}") for language in languages)
