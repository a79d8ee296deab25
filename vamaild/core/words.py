"""Finding phrases in text the way a person would: case, accents and apostrophes do not matter.

A phrase is a few words; `*` at a word's end stands for any ending; the words may come in any order, all within six
words of one sentence. Words joined by `+` must stand together and in that order ("non+urgente"); of words parted by
`|` any one will do ("only|just you|yours"), and `#` is any number.
Every look is linear in the number of places of its words, so that a hostile text cannot make it slow.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

WINDOW = 6
SHOUTED = 12  # characters before a number that are looked at for capitals
KEY_LIMIT = 24
NUMBER = "#"
DIGITS = tuple(f"{digit}*" for digit in range(10))
KEPT = 40  # characters; whole texts would fill the memory
LONG_TEXT = 5_000
FEW = 3
WORD = re.compile(r"[^\W_]+(?:[-.,:/][0-9]+)*%?|[€$£]|[?!]+", re.UNICODE)
SENTENCE_END = re.compile(r"(?<![.!?;…])[.!?;…]++(?=\s|$)|\n[^\S\n]*\n|\n(?=[^\S\n]*[-*•>])")

WITHOUT_STROKE = str.maketrans("łđøħıæœ’", "ldohiao'")


def fold(text: str) -> str:
    """Lower case without accents: 'È' is 'e', 'ř' is 'r', 'ß' is 'ss', 'ł' is 'l'."""
    if text.isascii():
        return text.lower()
    return _folded_word(text) if len(text) <= KEPT else _folded(text)


@lru_cache(maxsize=50_000)
def _folded_word(word: str) -> str:
    return _folded(word)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(WITHOUT_STROKE)
    return "".join(c for c in plain if not unicodedata.combining(c))


class Phrases(tuple[str, ...]):
    """A list of phrases that is hashed once: every message looks it up in a cache many times."""

    _hash: int

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            self._hash = super().__hash__()
            return self._hash

    __eq__ = tuple.__eq__


@dataclass(frozen=True, slots=True)
class Word:
    """One word: folded, where it stands in the original, and the number of its sentence."""

    folded: str
    start: int
    end: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase that was seen: the phrase as written, the sender's own words, and the sentence's number."""

    phrase: str
    words: str
    sentence: int
    start: int
    end: int


class Text:
    """A text made ready for looking up phrases: built once, asked many times."""

    __slots__ = ("_beginnings", "_found", "_places", "_vocabulary", "original", "words")

    def __init__(self, original: str) -> None:
        self.original = original
        self.words = tuple(_split(original))
        self._places: dict[str, list[int]] = {}
        for position, word in enumerate(self.words):
            self._places.setdefault(word.folded, []).append(position)
        self._vocabulary = sorted(self._places)
        self._found: dict[str, Sequence[int]] = {}
        self._beginnings: frozenset[str] | None = None

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

    def places(self, word: str) -> Sequence[int]:
        """Where a word of a phrase stands, or one of several; one that ends in * is every word that begins so."""
        if "|" in word or word == NUMBER:
            return self._any(word)
        return self._beginning(word[:-1]) if word.endswith("*") else self._places.get(word, ())

    def _any(self, word: str) -> Sequence[int]:
        if word not in self._found:
            each = DIGITS if word == NUMBER else word.split("|")
            self._found[word] = sorted({place for one in each for place in self.places(one)})
        return self._found[word]

    def _beginning(self, stem: str) -> Sequence[int]:
        found: list[int] = []
        for at in range(bisect_left(self._vocabulary, stem), len(self._vocabulary)):
            if not self._vocabulary[at].startswith(stem):
                break
            found += self._places[self._vocabulary[at]]
        return sorted(found)

    def slice(self, first: int, last: int) -> str:
        """The original text from word number `first` to word number `last`, both included."""
        return self.original[self.words[first].start : self.words[last].end]

    def sentence(self, number: int) -> str:
        """The sentence with this number, as it was written."""
        inside = [w for w in self.words if w.sentence == number]
        return self.original[inside[0].start : inside[-1].end] if inside else ""


def _split(original: str) -> Iterable[Word]:
    ends = [m.end() for m in SENTENCE_END.finditer(original) if _ends(m, original)]
    sentence = passed = 0
    for match in WORD.finditer(original):
        before = passed
        while passed < len(ends) and match.start() >= ends[passed]:
            passed += 1
        sentence += passed > before
        yield Word(fold(match.group()), match.start(), match.end(), sentence)


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


@lru_cache(maxsize=200_000)
def parse(phrase: str) -> tuple[tuple[str, ...], ...]:
    """A phrase as groups of words: each group stands together in order, the groups in any order.

    Words of which any one will do are one word, with | between.
    """
    groups = []
    for group in fold(phrase).replace("’", "'").split():
        words = tuple(w for piece in group.split("+") for w in _pieces(piece))
        if words:
            groups.append(words)
    return tuple(groups)


def _pieces(piece: str) -> list[str]:
    if "|" in piece:
        return ["|".join(word for one in piece.split("|") for word in _pieces(one)[:1])]
    found = []
    for match in re.finditer(r"([^\W_]+(?:[-.,:/][0-9]+)*%?|[€$£#]|[?!]+)(\*?)", piece):
        found.append(match.group(1) + match.group(2))
    return found


Span = tuple[int, int]


def _runs(group: tuple[str, ...], text: Text) -> list[Span]:
    """(first, last) word numbers of every place where the group stands together in order, in one sentence."""
    runs = [(at, at) for at in text.places(group[0])]
    for word in group[1:]:
        here = set(text.places(word))
        runs = [(first, last + 1) for first, last in runs if last + 1 in here]
    return [run for run in runs if run[0] == run[1] or _together(text, run)]


def _spans(phrase: str, text: Text) -> Iterator[Span]:
    """Every span of words that holds one run of each group within the window and within one sentence."""
    found = []
    for group in parse(phrase):
        runs = _runs(group, text)
        if not runs:
            return
        found.append(runs)
    found.sort(key=len)
    for start in found[0] if found else ():
        used = [start]
        for others in found[1:]:
            nearest = _nearest(used, others, text)
            if nearest is None:
                break
            used.append(nearest)
        else:
            yield min(u[0] for u in used), max(u[1] for u in used)


def _nearest(used: list[Span], others: list[Span], text: Text) -> Span | None:
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


def _keys(phrase: str) -> list[str]:
    """The word of a phrase that says most about it, or several: a text without any of them cannot hold the phrase."""
    words = [word.split("|") for group in parse(phrase) for word in group]
    longest = max(words, key=lambda any_of: min(map(len, any_of)), default=[])
    return [word if len(word) <= KEY_LIMIT else f"{word[:KEY_LIMIT]}*" for word in longest]


@lru_cache(maxsize=5_000)
def _index(phrases: tuple[str, ...]) -> tuple[frozenset[str], Mapping[str, tuple[int, ...]]]:
    """The keys of these phrases, and the numbers of the phrases by their key."""
    numbers: dict[str, list[int]] = {}
    for number, phrase in enumerate(phrases):
        for key in _keys(phrase):
            numbers.setdefault(key, []).append(number)
    return frozenset(numbers), {key: tuple(found) for key, found in numbers.items()}


def _candidates(phrases: Iterable[str], text: Text) -> Iterable[str]:
    """Those of the phrases that can stand in this text, in their order; adding phrases hardly costs anything."""
    listed = phrases if isinstance(phrases, tuple) else tuple(phrases)
    if len(listed) < FEW or text.is_long:
        return listed
    keys, index = _index(listed)
    numbers = sorted({n for key in keys & text.beginnings() for n in index[key]})
    return [listed[n] for n in numbers]


def look(phrase: str, text: Text) -> Hit | None:
    """Where this phrase stands first in the text, or None."""
    return next((_hit(phrase, text, span) for span in _spans(phrase, text)), None)


def look_all(phrase: str, text: Text) -> list[Hit]:
    """Every place where this phrase stands in the text."""
    return [_hit(phrase, text, span) for span in _spans(phrase, text)]


def find(phrases: Iterable[str], text: Text) -> Hit | None:
    """The first of these phrases that stands in the text, or None."""
    return next((hit for phrase in _candidates(phrases, text) if (hit := look(phrase, text))), None)


def find_all(phrases: Iterable[str], text: Text) -> list[Hit]:
    """Every one of these phrases that stands in the text, each at its first place."""
    return [hit for phrase in _candidates(phrases, text) if (hit := look(phrase, text))]


def sightings(phrases: Iterable[str], text: Text) -> list[Hit]:
    """Every place of every one of these phrases."""
    return [hit for phrase in _candidates(phrases, text) for hit in look_all(phrase, text)]


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
