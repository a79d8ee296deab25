"""Finding phrases in text the way a person would: case, accents and apostrophes do not matter.

A phrase is a few words; `*` at a word's end stands for any ending; the words may come in any order, all within six
words of one sentence. Words joined by `+` must stand together and in that order ("non+urgente"); of words parted by
`|` any one will do ("only|just you|yours"), and `#` is any number.
Every look is linear in the number of places of its words, so that a hostile text cannot make it slow. The lists of an
index that remembers (lexicon.py) are looked up by the sentence, all others in the text as a whole; both see the same.
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar, cast

from .byword import Found
from .lexicon import Lexicon, Phrases, Possible, listed
from .utterance import WINDOW as WINDOW
from .utterance import WORD, Places, Span, Utterance, ends, spans, utterance
from .wordforms import NUMBER, Form, form, stems
from .wordforms import fold as fold
from .wordforms import parse as parse

LONG_TEXT = 5_000  # words
FEW = 3
Made = TypeVar("Made")
Standing = Mapping[int, Sequence[tuple[int, Found]]]


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
    """A text made ready for looking up phrases: built once, asked many times. A row of sentences."""

    __slots__ = (
        "_beginnings",
        "_first",
        "_folded",
        "_made",
        "_offsets",
        "_places",
        "_possible",
        "_said",
        "_standing",
        "_starts",
        "_words",
        "count",
        "original",
    )

    def __init__(self, original: str) -> None:
        self.original = original
        self._said: list[Utterance] = []
        self._offsets: list[int] = []
        self._first = self._split()
        self.count = sum(len(sentence.folded) for sentence in self._said)
        self._words: tuple[Word, ...] | None = None
        self._folded: Sequence[str] | None = None
        self._starts: Sequence[int] | None = None
        self._places: Places | None = None
        self._beginnings: frozenset[str] | None = None
        self._possible: dict[Lexicon, Possible] = {}
        self._standing: dict[Lexicon, Standing] = {}
        self._made: dict[Hashable, object] = {}

    def _split(self) -> int:
        """The number of the first sentence. Those without words do not count, but for what stands before it."""
        begun = first = 0
        for end in ends(self.original):
            rest = self.original[begun:end].lstrip()
            sentence = utterance(rest.rstrip()) if rest else None
            if sentence and sentence.folded:
                self._said.append(sentence)
                self._offsets.append(end - len(rest))
            elif not self._said:
                first = 1
            begun = end
        return first

    @property
    def words(self) -> tuple[Word, ...]:
        """Every word."""
        if self._words is None:
            self._words = tuple(
                Word(folded, start + offset, end + offset, number)
                for number, one, offset in self.sentences()
                for folded, start, end in zip(one.folded, one.starts, one.ends, strict=True)
            )
        return self._words

    @property
    def folded(self) -> Sequence[str]:
        """Every word, folded."""
        if self._folded is None:
            self._folded = [word for one in self._said for word in one.folded]
        return self._folded

    def sentences(self) -> Iterator[tuple[int, Utterance, int]]:
        """Every sentence: its number, its words, and at which character it begins."""
        return zip(range(self._first, self._first + len(self._said)), self._said, self._offsets, strict=True)

    def said(self, number: int) -> tuple[Utterance, int]:
        """The words of the sentence with this number, and at which character it begins."""
        return self._said[number - self._first], self._offsets[number - self._first]

    @property
    def _everywhere(self) -> Places:
        if self._places is None:
            self._places = Places(self.folded)
        return self._places

    def beginnings(self) -> frozenset[str]:
        """Every word, and every beginning of a word with its *: what a phrase's key must be among. Made once."""
        if self._beginnings is None:
            words = self._everywhere.words
            self._beginnings = frozenset(words).union(NUMBER, *map(stems, words))
        return self._beginnings

    @property
    def is_long(self) -> bool:
        """Too many words to be worth an index of their beginnings, or one by the sentence."""
        return self.count > LONG_TEXT

    def once(self, name: Hashable, make: Callable[["Text"], Made]) -> Made:
        """What is made of this text, made once; always the same for one name."""
        try:
            return cast("Made", self._made[name])
        except KeyError:
            made = self._made[name] = make(self)
            return made

    def possible(self, phrases: Phrases) -> Sequence[Form]:
        """Those phrases of a list whose words are all in this text, in their order."""
        shelf, number = phrases.place
        return self.held_against(shelf).get(number, ())

    def held_against(self, shelf: Lexicon) -> Possible:
        """All phrases of an index whose words are in this text, by the number of their list; looked up once."""
        if shelf not in self._possible:
            self._possible[shelf] = self._in_index(shelf)
        return self._possible[shelf]

    def _in_index(self, shelf: Lexicon) -> Possible:
        if self.is_long:
            has = self._everywhere.has
            return shelf.possible(lambda keys: filter(has, keys), lambda one: all(map(has, one.needs)))
        beginnings = self.beginnings()
        return shelf.possible(lambda keys: keys & beginnings, lambda one: beginnings.issuperset(one.needs))

    def by_sentence(self, shelf: Lexicon) -> Standing | None:
        """For each list of an index that remembers, the sentences in which it may stand; None for any other."""
        if shelf not in self._standing:
            if not shelf.remembers or self.is_long:
                return None
            standing: dict[int, list[tuple[int, Found]]] = {}
            for number, sentence, _ in self.sentences():
                for at in (found := shelf.found(sentence)):
                    standing.setdefault(at, []).append((number, found))
            self._standing[shelf] = standing
        return self._standing[shelf]

    def lists(self, shelf: Lexicon) -> Sequence[int]:
        """The numbers of the lists of an index of which something may stand in this text."""
        standing = self.by_sentence(shelf)
        return sorted(self.held_against(shelf) if standing is None else standing)

    def places(self, word: str) -> Sequence[int]:
        """Where a word of a phrase stands, or one of several; one that ends in * is every word that begins so."""
        return self._everywhere.of(word)

    def together(self, first: int, last: int) -> bool:
        """Whether these two words stand within six of one sentence."""
        return last - first < WINDOW and self.words[first].sentence == self.words[last].sentence

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


def _hits(one: Form, text: Text) -> Iterator[Hit]:
    """Every place of one phrase."""
    words = text.words
    for first, last in spans(one.groups, text):
        start, end = words[first], words[last]
        yield Hit(one.phrase, text.original[start.start : end.end], start.sentence, start.start, end.end)


def _there(one: Form, text: Text, number: int, places: Sequence[Span]) -> Iterator[Hit]:
    """The same in one sentence, where it is known which of its words they are."""
    sentence, offset = text.said(number)
    for first, last in places:
        start, end = sentence.starts[first], sentence.ends[last]
        yield Hit(one.phrase, sentence.original[start:end], number, start + offset, end + offset)


def _by_sentence(phrases: Iterable[str], text: Text) -> list[Hit] | None:
    """Every place of every phrase of a list, phrase by phrase; None where the text must be asked as a whole."""
    if not isinstance(phrases, Phrases):
        return None
    shelf, number = phrases.place
    standing = text.by_sentence(shelf)
    if standing is None:
        return None
    held = standing.get(number)
    return _in_order(held, number, text) if held else []


def _in_order(held: Sequence[tuple[int, Found]], number: int, text: Text) -> list[Hit]:
    """What of this list stands in these sentences. A phrase that depends on the others is looked up in the text."""
    rows = [(one, at, places) for at, found in held for one, places in found[number]]
    if len(held) > 1:
        rows.sort(key=lambda row: row[0].number)
    hits: list[Hit] = []
    asked = -1
    unsettled = {one.number for one, _, places in rows if places is None}
    for one, at, places in rows:
        if places is not None and one.number not in unsettled:
            hits += _there(one, text, at, places)
        elif one.number != asked:
            hits += _hits(one, text)
            asked = one.number
    return hits


def _candidates(phrases: Iterable[str], text: Text) -> Iterable[Form]:
    """Those of the phrases that can stand in this text, in their order; adding phrases hardly costs anything."""
    if isinstance(phrases, Phrases):
        return text.possible(phrases)
    few = phrases if isinstance(phrases, tuple) else tuple(phrases)
    return map(form, few) if len(few) < FEW else text.possible(listed(few))


def may_stand(phrases: Iterable[str], text: Text) -> bool:
    """Whether the words of any of these phrases are in the text at all, wherever they stand."""
    if isinstance(phrases, Phrases) and (standing := text.by_sentence(phrases.place[0])) is not None:
        return phrases.place[1] in standing
    return any(True for _ in _candidates(phrases, text))


def look(phrase: str, text: Text) -> Hit | None:
    """Where this phrase stands first in the text, or None."""
    return next(_hits(form(phrase), text), None)


def look_all(phrase: str, text: Text) -> list[Hit]:
    """Every place where this phrase stands in the text."""
    return list(_hits(form(phrase), text))


def find(phrases: Iterable[str], text: Text) -> Hit | None:
    """The first of these phrases that stands in the text, or None."""
    hits = _by_sentence(phrases, text)
    if hits is not None:
        return hits[0] if hits else None
    return next((hit for one in _candidates(phrases, text) for hit in _hits(one, text)), None)


def find_all(phrases: Iterable[str], text: Text) -> list[Hit]:
    """Every one of these phrases that stands in the text, each at its first place."""
    return [hit for one in _candidates(phrases, text) if (hit := next(_hits(one, text), None))]


def sightings(phrases: Iterable[str], text: Text) -> list[Hit]:
    """Every place of every one of these phrases."""
    hits = _by_sentence(phrases, text)
    return hits if hits is not None else [hit for one in _candidates(phrases, text) for hit in _hits(one, text)]


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
