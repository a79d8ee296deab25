"""One sentence by itself: its words, and where the groups of a phrase stand in it.

Whatever phrases are looked for stands within one sentence, so a text is a row of these (words.py), and what was found
in a sentence once holds wherever it is said again: the same mail is looked at as a body, with its subject, without its
idioms, and greetings and standard sentences come in every mail. A few of the last short sentences are therefore kept,
in memory only, and never with what they mean for a client.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence, Set
from functools import lru_cache
from typing import Protocol

from .wordforms import DIGITS, NUMBER, Groups, fold

WINDOW = 6
SHOUTED = 12  # characters before a number that are looked at for capitals
KEPT_SENTENCES, KEPT_LENGTH = 1_024, 300
WORD = re.compile(r"[^\W_]+(?:[-.,:/][0-9]+)*%?|[€$£]|[?!]+", re.UNICODE)
SENTENCE_END = re.compile(  # begins with the characters themselves, so that the search leaps from one to the next
    r"[.!?;…\n](?:(?<=\n)(?:[^\S\n]*\n|(?=[^\S\n]*[-*•>]))|(?<!\n)(?<![.!?;…]{2})[.!?;…]*+(?=\s|$))"
)
Span = tuple[int, int]
Together = Callable[[int, int], bool]


class Ground(Protocol):
    """Words in a row in which phrases are looked for: a text."""

    @property
    def folded(self) -> Sequence[str]:
        """The words, folded."""

    def places(self, word: str) -> Sequence[int]:
        """The numbers of the words that a word of a phrase means, rising."""

    def together(self, first: int, last: int) -> bool:
        """Whether these two words stand within six of one sentence."""


class Places:
    """Where each of some words stands; a word of a phrase may mean many of them."""

    __slots__ = ("_found", "_places", "_sorted")

    def __init__(self, folded: Sequence[str]) -> None:
        self._places: dict[str, list[int]] = {}
        for position, word in enumerate(folded):
            self._places.setdefault(word, []).append(position)
        self._sorted: Sequence[str] | None = None
        self._found: dict[str, Sequence[int]] = {}

    @property
    def words(self) -> Set[str]:
        """Every different word."""
        return self._places.keys()

    @property
    def _vocabulary(self) -> Sequence[str]:
        if self._sorted is None:
            self._sorted = sorted(self._places)
        return self._sorted

    def has(self, word: str) -> bool:
        """Whether this word of a phrase stands here, or one that begins so; any number is always thought to."""
        if not word.endswith("*"):
            return word in self._places or word == NUMBER
        at = bisect_left(self._vocabulary, word[:-1])
        return at < len(self._vocabulary) and self._vocabulary[at].startswith(word[:-1])

    def of(self, word: str) -> Sequence[int]:
        """Where a word of a phrase stands, or one of several; one that ends in * is every word that begins so."""
        if word in self._places:
            return self._places[word]
        if word not in self._found:
            self._found[word] = self._many(word)
        return self._found[word]

    def _many(self, word: str) -> Sequence[int]:
        if word == NUMBER:
            return sorted(place for digit in DIGITS for place in self._beginning(digit))
        if "|" in word:
            return sorted({place for one in word.split("|") for place in self.of(one)})
        return self._beginning(word[:-1]) if word.endswith("*") else ()

    def _beginning(self, stem: str) -> Sequence[int]:
        found: list[int] = []
        for at in range(bisect_left(self._vocabulary, stem), len(self._vocabulary)):
            if not self._vocabulary[at].startswith(stem):
                break
            found += self._places[self._vocabulary[at]]
        return sorted(found)


class Utterance:
    """The words of one sentence: folded, and from which character to which each of them goes."""

    __slots__ = ("ends", "folded", "original", "starts")

    def __init__(self, original: str) -> None:
        spans = [match.span() for match in WORD.finditer(original)]
        lower = original.lower() if original.isascii() else ""
        self.original = original
        self.folded = tuple(lower[a:b] if lower else fold(original[a:b]) for a, b in spans)
        self.starts, self.ends = tuple(a for a, _ in spans), tuple(b for _, b in spans)

    @property
    def is_kept(self) -> bool:
        """Short enough to be kept for the next text that says it."""
        return len(self.original) <= KEPT_LENGTH


_kept = lru_cache(maxsize=KEPT_SENTENCES)(Utterance)


def utterance(original: str) -> Utterance:
    """The sentence, perhaps one that was made before; a long one is hardly said twice, and would fill the memory."""
    return _kept(original) if len(original) <= KEPT_LENGTH else Utterance(original)


def ends(original: str) -> Iterator[int]:
    """The characters behind which a new sentence begins, the end of the text last."""
    yield from (m.end() for m in SENTENCE_END.finditer(original) if _ends(m, original))
    yield len(original)


def _ends(mark: re.Match[str], original: str) -> bool:
    """A dot after a number goes on when a number or a small letter follows: "do 5. srpna", "3. 12. 2026".

    In a text in capitals there are no small letters: "DO 5. SRPNA" goes on, too.
    """
    if mark.group() != "." or not original[mark.start() - 1 : mark.start()].isdigit():
        return True
    after = original[mark.end() : mark.end() + 4].strip()
    if after[:1].isdigit() or after[:1].islower():
        return False
    before = original[max(mark.start() - SHOUTED, 0) : mark.start()]
    return not (len(after) > 1 and after.isalpha() and after.isupper() and before.upper() == before)


def spans(groups: Groups, ground: Ground) -> Sequence[Span]:
    """Every span of words that holds one run of each group within the window and within one sentence."""
    if len(groups) == 1:
        return _runs(groups[0], ground)
    found = []
    for group in groups:
        runs = _runs(group, ground)
        if not runs:
            return ()
        found.append(runs)
    found.sort(key=len)
    return list(_near_spans(found, ground.together))


def _runs(group: tuple[str, ...], ground: Ground) -> Sequence[Span]:
    """(first, last) word numbers of every place where the group stands together in order, in one sentence."""
    starts = ground.places(group[0])
    if len(group) == 1:
        return [(at, at) for at in starts]
    more, folded = len(group) - 1, ground.folded
    latest = len(folded) - more
    runs = [(at, at + more) for at in starts if at < latest and _goes_on(group, at, folded)]
    return [run for run in runs if ground.together(*run)]


def _goes_on(group: tuple[str, ...], at: int, folded: Sequence[str]) -> bool:
    return all(_fits(wanted, folded[at + n]) for n, wanted in enumerate(group[1:], start=1))


def _fits(wanted: str, folded: str) -> bool:
    """Whether this word of a phrase means that word of a text."""
    if wanted == folded:
        return True
    if wanted[-1] == "*" and "|" not in wanted:
        return folded.startswith(wanted[:-1])
    if "|" in wanted:
        return any(_fits(one, folded) for one in wanted.split("|"))
    return wanted == NUMBER and folded[0] in DIGITS


def _near_spans(found: Sequence[Sequence[Span]], together: Together) -> Iterator[Span]:
    """For each run of the first group the span that holds it and the nearest run of each other group."""
    for start in found[0] if found else ():
        used = [start]
        for others in found[1:]:
            nearest = _nearest(used, others, together)
            if nearest is None:
                break
            used.append(nearest)
        else:
            yield min(u[0] for u in used), max(u[1] for u in used)


def _nearest(used: list[Span], others: Sequence[Span], together: Together) -> Span | None:
    """The run that widens the span of the used ones least and shares no word with them; None when none is near."""
    low, high = min(u[0] for u in used), max(u[1] for u in used)
    best: Span | None = None
    least = WINDOW
    for at in range(bisect_left(others, (high - WINDOW + 1, 0)), len(others)):
        first, last = others[at]
        if first >= low + WINDOW:
            break
        wide = (min(low, first), max(high, last))
        taken = any(first <= u[1] and last >= u[0] for u in used)
        if not taken and wide[1] - wide[0] < least and together(*wide):
            best, least = (first, last), wide[1] - wide[0]
    return best
