"""Finding phrases in text the way a person would: case, accents and apostrophes do not matter.

A phrase is a few words; `*` at a word's end stands for any ending; the words may come in any order, all within six
words of one sentence. Words joined by `+` must stand together and in that order ("non+urgente"); of words parted by
`|` any one will do ("only|just you|yours"), and `#` is any number.
Every look is linear in the number of places of its words, so that a hostile text cannot make it slow.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar, cast

from .wordforms import KEY_LIMIT as KEY_LIMIT
from .wordforms import NUMBER, Form, Groups, Lexicon, Possible, form, listed
from .wordforms import Phrases as Phrases
from .wordforms import fold as fold
from .wordforms import parse as parse

WINDOW = 6
SHOUTED = 12  # characters before a number that are looked at for capitals
DIGITS = "0123456789"
LONG_TEXT = 5_000
FEW = 3
WORD = re.compile(r"[^\W_]+(?:[-.,:/][0-9]+)*%?|[€$£]|[?!]+", re.UNICODE)
SENTENCE_END = re.compile(r"(?<![.!?;…])[.!?;…]++(?=\s|$)|\n[^\S\n]*\n|\n(?=[^\S\n]*[-*•>])")
Made = TypeVar("Made")


class Word(NamedTuple):
    """One word: folded, where it stands in the original, and the number of its sentence."""

    folded: str
    start: int
    end: int
    sentence: int


class Hit(NamedTuple):
    """A phrase that was seen: the phrase as written, the sender's own words, and the sentence's number."""

    phrase: str
    words: str
    sentence: int
    start: int
    end: int


class Text:
    """A text made ready for looking up phrases: built once, asked many times."""

    __slots__ = (
        "_beginnings",
        "_found",
        "_made",
        "_places",
        "_possible",
        "_starts",
        "_vocabulary",
        "original",
        "words",
    )

    def __init__(self, original: str) -> None:
        self.original = original
        self.words = tuple(_split(original))
        self._places: dict[str, list[int]] = {}
        for position, word in enumerate(self.words):
            self._places.setdefault(word.folded, []).append(position)
        self._vocabulary = sorted(self._places)
        self._found: dict[str, Sequence[int]] = {}
        self._possible: dict[Lexicon, Possible] = {}
        self._made: dict[Hashable, object] = {}
        self._beginnings: frozenset[str] | None = None
        self._starts: Sequence[int] | None = None

    def beginnings(self) -> frozenset[str]:
        """Every word, and every beginning of a word with its *: what a phrase's key must be among. Made once."""
        if self._beginnings is None:
            stems = {f"{word[:end]}*" for word in self._vocabulary for end in range(1, min(len(word), KEY_LIMIT) + 1)}
            self._beginnings = frozenset(stems.union(self._vocabulary, NUMBER))
        return self._beginnings

    @property
    def is_long(self) -> bool:
        """Too many different words to be worth an index of their beginnings."""
        return len(self._vocabulary) > LONG_TEXT

    def once(self, name: Hashable, make: Callable[["Text"], Made]) -> Made:
        """What is made of this text, made once; always the same for one name."""
        try:
            return cast("Made", self._made[name])
        except KeyError:
            made = self._made[name] = make(self)
            return made

    def possible(self, phrases: Phrases) -> Sequence[Form]:
        """Those phrases of a list that can stand in this text, in their order."""
        shelf, number = phrases.place
        found = self._possible.get(shelf)
        return (self.held_against(shelf) if found is None else found).get(number, ())

    def held_against(self, shelf: Lexicon) -> Possible:
        """All phrases of an index that can stand in this text, by the number of their list; looked up once."""
        if shelf not in self._possible:
            self._possible[shelf] = self._in_index(shelf)
        return self._possible[shelf]

    def _in_index(self, shelf: Lexicon) -> Possible:
        if self.is_long:
            return shelf.possible(lambda keys: filter(self.has, keys), lambda one: all(map(self.has, one.needs)))
        beginnings = self.beginnings()
        return shelf.possible(lambda keys: keys & beginnings, lambda one: one.needs <= beginnings)

    def has(self, word: str) -> bool:
        """Whether this word of a phrase stands here, or one that begins so; any number is always thought to."""
        if not word.endswith("*"):
            return word in self._places or word == NUMBER
        at = bisect_left(self._vocabulary, word[:-1])
        return at < len(self._vocabulary) and self._vocabulary[at].startswith(word[:-1])

    def places(self, word: str) -> Sequence[int]:
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
            return sorted({place for one in word.split("|") for place in self.places(one)})
        return self._beginning(word[:-1]) if word.endswith("*") else ()

    def _beginning(self, stem: str) -> Sequence[int]:
        found: list[int] = []
        for at in range(bisect_left(self._vocabulary, stem), len(self._vocabulary)):
            if not self._vocabulary[at].startswith(stem):
                break
            found += self._places[self._vocabulary[at]]
        return sorted(found)

    def word_from(self, start: int) -> int:
        """The number of the first word that begins at this character or behind it."""
        if self._starts is None:
            self._starts = [word.start for word in self.words]
        return bisect_left(self._starts, start)

    def slice(self, first: int, last: int) -> str:
        """The original text from word number `first` to word number `last`, both included."""
        return self.original[self.words[first].start : self.words[last].end]

    def sentence(self, number: int) -> str:
        """The sentence with this number, as it was written."""
        inside = [w for w in self.words if w.sentence == number]
        return self.original[inside[0].start : inside[-1].end] if inside else ""


def opening(original: str, count: int) -> list[str]:
    """The first words of a text, folded."""
    return [fold(match.group()) for match in islice(WORD.finditer(original), count)]


def _split(original: str) -> Iterator[Word]:
    ends = [m.end() for m in SENTENCE_END.finditer(original) if _ends(m, original)]
    ends.append(len(original) + 1)
    lower = original.lower() if original.isascii() else ""
    sentence = passed = 0
    coming = ends[0]
    for match in WORD.finditer(original):
        start, end = match.span()
        if start >= coming:
            passed = bisect_right(ends, start, passed)
            coming = ends[passed]
            sentence += 1
        yield Word(lower[start:end] if lower else fold(match.group()), start, end, sentence)


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


Span = tuple[int, int]


def _runs(group: tuple[str, ...], text: Text) -> Sequence[Span]:
    """(first, last) word numbers of every place where the group stands together in order, in one sentence."""
    starts = text.places(group[0])
    if len(group) == 1:
        return [(at, at) for at in starts]
    more, words = len(group) - 1, text.words
    latest = len(words) - more
    runs = [(at, at + more) for at in starts if at < latest and _goes_on(group, at, words)]
    return [run for run in runs if _together(text, run)]


def _goes_on(group: tuple[str, ...], at: int, words: Sequence[Word]) -> bool:
    return all(_fits(wanted, words[at + n].folded) for n, wanted in enumerate(group[1:], start=1))


def _fits(wanted: str, folded: str) -> bool:
    """Whether this word of a phrase means that word of a text."""
    if wanted == folded:
        return True
    if wanted[-1] == "*" and "|" not in wanted:
        return folded.startswith(wanted[:-1])
    if "|" in wanted:
        return any(_fits(one, folded) for one in wanted.split("|"))
    return wanted == NUMBER and folded[0] in DIGITS


def _spans(groups: Groups, text: Text) -> Iterable[Span]:
    """Every span of words that holds one run of each group within the window and within one sentence."""
    if len(groups) == 1:
        return _runs(groups[0], text)
    found = []
    for group in groups:
        runs = _runs(group, text)
        if not runs:
            return ()
        found.append(runs)
    found.sort(key=len)
    return _near_spans(found, text)


def _near_spans(found: Sequence[Sequence[Span]], text: Text) -> Iterator[Span]:
    for start in found[0] if found else ():
        used = [start]
        for others in found[1:]:
            nearest = _nearest(used, others, text)
            if nearest is None:
                break
            used.append(nearest)
        else:
            yield min(u[0] for u in used), max(u[1] for u in used)


def _nearest(used: list[Span], others: Sequence[Span], text: Text) -> Span | None:
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
        if not taken and wide[1] - wide[0] < least and _together(text, wide):
            best, least = (first, last), wide[1] - wide[0]
    return best


def _together(text: Text, span: Span) -> bool:
    low, high = span
    return high - low < WINDOW and text.words[low].sentence == text.words[high].sentence


def _hit(phrase: str, text: Text, span: Span) -> Hit:
    first, last = text.words[span[0]], text.words[span[1]]
    return Hit(phrase, text.original[first.start : last.end], first.sentence, first.start, last.end)


def _candidates(phrases: Iterable[str], text: Text) -> Iterable[Form]:
    """Those of the phrases that can stand in this text, in their order; adding phrases hardly costs anything."""
    if isinstance(phrases, Phrases):
        return text.possible(phrases)
    few = phrases if isinstance(phrases, tuple) else tuple(phrases)
    return map(form, few) if len(few) < FEW else text.possible(listed(few))


def may_stand(phrases: Iterable[str], text: Text) -> bool:
    """Whether the words of any of these phrases are in the text at all, wherever they stand."""
    return any(True for _ in _candidates(phrases, text))


def look(phrase: str, text: Text) -> Hit | None:
    """Where this phrase stands first in the text, or None."""
    return _first(form(phrase), text)


def _first(one: Form, text: Text) -> Hit | None:
    return next((_hit(one.phrase, text, span) for span in _spans(one.groups, text)), None)


def look_all(phrase: str, text: Text) -> list[Hit]:
    """Every place where this phrase stands in the text."""
    return [_hit(phrase, text, span) for span in _spans(parse(phrase), text)]


def find(phrases: Iterable[str], text: Text) -> Hit | None:
    """The first of these phrases that stands in the text, or None."""
    return next((hit for one in _candidates(phrases, text) if (hit := _first(one, text))), None)


def find_all(phrases: Iterable[str], text: Text) -> list[Hit]:
    """Every one of these phrases that stands in the text, each at its first place."""
    return [hit for one in _candidates(phrases, text) if (hit := _first(one, text))]


def sightings(phrases: Iterable[str], text: Text) -> list[Hit]:
    """Every place of every one of these phrases."""
    return [_hit(one.phrase, text, span) for one in _candidates(phrases, text) for span in _spans(one.groups, text)]


def strike(phrases: Iterable[str], text: Text) -> Text:
    """The text with these phrases crossed out, so that an idiom hides itself and nothing else."""
    return cross_out(sightings(phrases, text), text)


def cross_out(hits: Sequence[Hit], text: Text) -> Text:
    """The text with these places crossed out."""
    if not hits:
        return text
    original, parts, done = text.original, [], 0
    for hit in sorted(hits, key=lambda h: h.start):
        start, end = max(hit.start, done), max(hit.end, done)
        parts += [original[done:start], " " * (end - start)]
        done = end
    return Text("".join(parts) + original[done:])
