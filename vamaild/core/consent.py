"""A plain yes or no in somebody's own new words; the words are language data ([answers] yes, no, but).

A word alone counts only where it stands alone ("Ano.", "Sì, grazie"), words in a row wherever nothing denies them; a
longer word that says no ("bohužel") counts anywhere. A question, a "but", or both a yes and a no is neither.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from .ruleset import Language
from .sentences import Negation
from .words import Hit, Text, parse

LONGEST, PLAIN_NO = 60, 4
SEPARATED = re.compile(r"[.,;:!\n–—-]\s*$|^\s*$")


class Spoken(StrEnum):
    """What these words are; OTHER speaks of something else, UNCLEAR of this, but not plainly."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    OTHER = "other"


def spoken(text: Text, languages: Sequence[Language]) -> Spoken:
    """The answer in these words, by the lists of all these languages."""
    negation = Negation(languages)
    yes = tuple(_hits(text, languages, "yes", negation))
    no = tuple(h for h in _hits(text, languages, "no", negation) if not any(_inside(h, y) for y in yes))
    if not yes and not no:
        return Spoken.OTHER
    doubt = "?" in text.original or any(negation.plain(lang.phrases("answers.but"), text) for lang in languages)
    if doubt or (yes and no) or len(text.words) > LONGEST:
        return Spoken.UNCLEAR
    return Spoken.YES if yes else Spoken.NO


def _hits(text: Text, languages: Iterable[Language], name: str, negation: Negation) -> Iterator[Hit]:
    for language in languages:
        phrases = language.phrases(f"answers.{name}")
        for hit in negation.plain(phrases, text):
            several = sum(len(group) for group in parse(hit.phrase)) > 1
            if several or _alone(hit, text) or (name == "no" and len(hit.phrase) >= PLAIN_NO):
                yield hit


def _alone(hit: Hit, text: Text) -> bool:
    """Whether signs or the ends of the text stand on both sides."""
    before, after = text.original[: hit.start], text.original[hit.end :]
    return bool(SEPARATED.search(before)) and (not after.strip() or after.lstrip(" ")[0] in ".,;:!?\n–—-")


def _inside(one: Hit, other: Hit) -> bool:
    return other.start <= one.start and one.end <= other.end
