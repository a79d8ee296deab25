"""Phrases looked up the plain way, one by one and word by word: what the index of the product must agree with."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import product

from vamaild.core.words import WINDOW, Hit, Text, Word, parse

SENTENCE_END = re.compile(r"(?<![.!?;…])[.!?;…]++(?=\s|$)|\n[^\S\n]*\n|\n(?=[^\S\n]*[-*•>])")
WORD = re.compile(r"[^\W_]+(?:[-.,:/][0-9]+)*%?|[€$£]|[?!]+")


def fold(text: str) -> str:
    """Lower case without accents, character by character."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(str.maketrans("łđøħıæœ’", "ldohiao'"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def words(original: str) -> list[Word]:
    """The words of a text; a sentence ends behind its marks, at an empty line, and before an item of a list."""
    ends = [m.end() for m in SENTENCE_END.finditer(original) if not _goes_on(m, original)]
    found: list[Word] = []
    behind = number = 0
    for match in WORD.finditer(original):
        ended = bisect_right(ends, match.start())
        number += ended > behind
        behind = ended
        found.append(Word(fold(match.group()), *match.span(), number))
    return found


def _goes_on(mark: re.Match[str], original: str) -> bool:
    """The dot of a number: "do 5. srpna", "DO 5. SRPNA"."""
    if mark.group() != "." or not original[mark.start() - 1 : mark.start()].isdigit():
        return False
    after, before = original[mark.end() : mark.end() + 4].strip(), original[max(mark.start() - 12, 0) : mark.start()]
    shouted = len(after) > 1 and after.isalpha() and after.isupper() and before.upper() == before
    return after[:1].isdigit() or after[:1].islower() or shouted


def means(wanted: str, word: str) -> bool:
    """Whether a word of a phrase means this word of a text."""
    if "|" in wanted:
        return any(means(one, word) for one in wanted.split("|"))
    if wanted == "#":
        return word[0] in "0123456789"
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


def runs(group: Sequence[str], text: Text) -> list[tuple[int, int]]:
    """Every place where these words stand one behind the other in one sentence."""
    words, size = text.words, len(group)
    starts = range(len(words) - size + 1)
    return [
        (at, at + size - 1)
        for at in starts
        if all(means(wanted, words[at + n].folded) for n, wanted in enumerate(group))
        and words[at].sentence == words[at + size - 1].sentence
        and size <= WINDOW
    ]


def stands(phrase: str, text: Text) -> bool:
    """Whether all groups of the phrase stand near to one another, no word used twice; for phrases of one or two."""
    groups = [runs(group, text) for group in parse(phrase)]
    return bool(groups) and any(_near(spans, text) for spans in product(*groups))


def _near(spans: Sequence[tuple[int, int]], text: Text) -> bool:
    low, high = min(s[0] for s in spans), max(s[1] for s in spans)
    apart = all(one[1] < other[0] or other[1] < one[0] for n, one in enumerate(spans) for other in spans[:n])
    return apart and high - low < WINDOW and text.words[low].sentence == text.words[high].sentence


def single(phrase: str, text: Text) -> Iterator[Hit]:
    """Every place of a phrase that is one group."""
    for first, last in runs(parse(phrase)[0], text):
        start, end = text.words[first].start, text.words[last].end
        yield Hit(phrase, text.original[start:end], text.words[first].sentence, start, end)
