"""The words for days, hours and spans of time in a text, looked up by list: the first step to a deadline.

All words come from the [days] lists of one language; nothing here knows a language. Lists whose order means something
(weekdays from Monday, months from January, numbers from one) hold the forms of one thing in one entry, parted by "|";
its number may stand before it ("90 ninety").
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import count
from operator import attrgetter
from typing import NamedTuple

from .clauses import PARTS
from .ruleset import Language
from .words import Text, parse

SEEN_ELSEWHERE = frozenset(  # of sentences and clauses, no pieces of a date
    f"days.{name}" for name in ("mentioned", "ours", "others", "condition", "moves", "facts", "held", "events")
)
NUMBERED = ("weekdays", "months", "numbers", "half_hours", "nth", "day_words")
CLOCKED = re.compile(r"(\d{1,2})h([0-5]\d)")
STUCK = re.compile(r"(\d{1,3})([^\W\d_]+)")
SHORT = 3
LONGEST = 6  # terms of a phrase before a date
FEAST = re.compile(r"(\d\d)-(\d\d)")


class Entry(NamedTuple):
    """One phrase of one list, its number there, and the order in which all of them are written."""

    words: tuple[str, ...]
    name: str
    number: int
    order: int


Names = Mapping[str, tuple[tuple[int, int], ...]]
"""By list name: (length, number in the list) of every phrase that begins at a word, the longest first."""
NAMELESS: Names = {}


class Start:
    """The phrases that begin with one word: those of this word alone, and the longer ones by their second word."""

    __slots__ = ("_alone", "_second", "_stems")

    def __init__(self, entries: Iterable[Entry]) -> None:
        ranked = sorted(entries, key=lambda entry: -len(entry.words))
        self._alone = _by_name(entry for entry in ranked if len(entry.words) == 1)
        self._second: dict[str, list[tuple[int, Entry]]] = {}
        self._stems: list[tuple[int, str, Entry]] = []
        for rank, entry in enumerate(e for e in ranked if len(e.words) > 1):
            second = entry.words[1]
            if second.endswith("*"):
                self._stems.append((rank, second[:-1], entry))
            else:
                self._second.setdefault(second, []).append((rank, entry))

    def names(self, folded: Sequence[str], at: int) -> Names:
        """Those that stand in this text at this term."""
        following = folded[at + 1] if at + 1 < len(folded) else ""
        near = list(self._second.get(following, ()))
        near += [(rank, entry) for rank, stem, entry in self._stems if following.startswith(stem)]
        stand = sorted(found for found in near if _stands(found[1].words, folded, at)) if near else ()
        return _by_name((entry for _, entry in stand), self._alone) if stand else self._alone


def _by_name(entries: Iterable[Entry], more: Names = NAMELESS) -> Names:
    """These, and behind them what there is `more`."""
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for entry in entries:
        found[entry.name] = (*found.get(entry.name, ()), (len(entry.words), entry.number))
    return {name: (*found.get(name, ()), *more.get(name, ())) for name in (*found, *more)}


def _stands(phrase: tuple[str, ...], folded: Sequence[str], at: int) -> bool:
    here = folded[at + 1 : at + len(phrase)]
    return len(here) == len(phrase) - 1 and all(map(_same, phrase[1:], here))


class Vocabulary:
    """The [days] lists of a language by the first word of each phrase, those that end in * apart.

    `counted`: a word before a number in words, and the endings of what is counted ("le due scale").
    """

    __slots__ = ("_shortest", "_starts", "_stems", "counted", "exact", "stems")

    def __init__(self, lists: Iterable[tuple[str, Sequence[str]]]) -> None:
        self.exact: dict[str, list[Entry]] = {}
        self.stems: dict[str, list[Entry]] = {}
        self.counted: dict[str, tuple[str, ...]] = {}
        order = count()
        for name, phrases in lists:
            if name == "counted":
                self.counted = {lead: tuple(endings) for lead, *endings in (p.split() for p in phrases)}
                continue
            for entry in _entries(name, phrases, order):
                first = entry.words[0]
                (self.stems if first.endswith("*") else self.exact).setdefault(first, []).append(entry)
        self._starts = {word: Start(entries) for word, entries in self.exact.items()}
        self._shortest = min((len(stem) - 1 for stem in self.stems), default=0)
        self._stems = {stem[: self._shortest] for stem in self.stems}

    def beginning(self, word: str) -> Sequence[Entry]:
        """Every phrase that begins with this word: those with the word itself, then those with a beginning of it."""
        stems = (self.stems.get(f"{word[:end]}*", ()) for end in range(1, len(word) + 1))
        begun = sorted((entry for found in stems for entry in found), key=attrgetter("order"))
        return (*self.exact.get(word, ()), *begun)

    def begun(self, words: Set[str]) -> Mapping[str, Start]:
        """The phrases that begin with each of these words, for those that begin any."""
        found = {word: self._starts[word] for word in self._starts.keys() & words}
        if self._stems:  # hardly any word begins like one of them
            shortest, stems = self._shortest, self._stems
            for word in [word for word in words if word[:shortest] in stems]:
                if entries := self.beginning(word):
                    found[word] = Start(entries)
        return found


def _entries(name: str, phrases: Sequence[str], order: Iterator[int]) -> Iterator[Entry]:
    for number, phrase in enumerate(phrases):
        for one in phrase.split("|") if name in NUMBERED else (phrase,):
            words, place = tuple(w for group in parse(one) for w in group), number
            if name == "feasts" and (dated := FEAST.fullmatch(words[0])):
                words, place = words[1:], int(dated[1]) * 100 + int(dated[2])
            elif name == "numbers" and words[0].isdecimal():
                words, place = words[1:], int(words[0]) - 1
            if words:
                yield Entry(words, name, place, next(order))


def vocabulary(language: Language) -> Vocabulary:
    """The words for days of this language, ready for looking up."""
    mine = ((k, v) for k, v in language.lists.items() if k.startswith("days.") and k not in SEEN_ELSEWHERE)
    return language.once("days", lambda: Vocabulary((k.removeprefix("days."), v) for k, v in mine))


class Terms:
    """The terms of a text with the names of the lists that each begins, and how long the phrase is.

    A term is one word, or the digits or letters of one ("5pm" is two): `folded`; `places`: the numbers of their words.
    `told`: the numbers of those that begin a phrase or are a number; a date can begin nowhere else.
    """

    __slots__ = ("_broken", "_counted", "_ends", "folded", "named", "places", "text", "told")

    def __init__(self, text: Text, words: Vocabulary) -> None:
        self.text = text
        self._counted = words.counted
        read = text.once("read for dates", _read)
        self.folded, self.places, self._broken = read.folded, read.places, read.broken
        self._ends: dict[int, list[tuple[str, int]]] | None = None
        begun = words.begun(read.different)
        folded = self.folded
        self.named = [NAMELESS] * len(folded)
        told = []
        for at in [at for at, word in enumerate(folded) if word in begun] if begun else ():
            if names := begun[folded[at]].names(folded, at):
                self.named[at] = names
                told.append(at)
        self.told = sorted({*told, *read.numbers}) if read.numbers else told

    def dotted(self, at: int) -> bool:
        """Whether a dot stands behind a term that is a whole word."""
        end = self.text.words[self.places[at]].end
        return at not in self._broken and self.text.original[end : end + 1] == "."

    def number_at(self, at: int) -> bool:
        """Whether a term begins with a digit."""
        return self.folded[at][:1].isdigit()

    def length(self, at: int, *names: str) -> int:
        """How many terms the longest phrase of these lists takes that begins here; 0 when none does."""
        here = self.named[at] if 0 <= at < len(self.named) else NAMELESS
        longest = 0
        for name in names if here else ():
            found = here.get(name)
            if found and found[0][0] > longest:
                longest = found[0][0]
        return longest

    def number(self, at: int, name: str) -> int:
        """The place in its list of the longest phrase that begins here, from 0; -1 when none does."""
        return self.named[at][name][0][1] if 0 <= at < len(self.folded) and name in self.named[at] else -1

    def ending(self, at: int, *names: str) -> int:
        """How many terms the longest phrase of these lists takes that ends just before this term; 0 when none does."""
        longest = 0
        for name, size in (self._ended() if self._ends is None else self._ends).get(at, ()):
            if size > longest and name in names:
                longest = size
        return longest

    def _ended(self) -> Mapping[int, Sequence[tuple[str, int]]]:
        """(list, length) of every phrase of up to six terms, by the term before which it ends."""
        ends: dict[int, list[tuple[str, int]]] = {}
        for at in self.told:
            for name, found in self.named[at].items():
                for size, _ in found:
                    if size <= LONGEST:
                        ends.setdefault(at + size, []).append((name, size))
        self._ends = ends
        return ends

    def counts(self, at: int) -> bool:
        """Whether the number in words that stands here counts things ("le due scale", "at three stations")."""
        lead = self.folded[at - 1] if at else ""
        following = self.folded[at + 1] if at + 1 < len(self.folded) and not self.named[at + 1] else ""
        near = following and self.sentence(at) == self.sentence(at + 1) and not self.parted(at, at + 1)
        return bool(near and len(following) > SHORT and following.endswith(self._counted.get(lead, ("?",))))

    def parted(self, first: int, last: int) -> bool:
        """Whether a comma or the like stands between these two terms."""
        words = self.text.words
        start, end = words[self.places[first]].end, words[self.places[last]].start
        return PARTS.search(self.text.original, start, end) is not None

    def where(self, name: str) -> Iterator[int]:
        """The numbers of the terms at which a phrase of this list begins."""
        return (at for at in self.told if name in self.named[at])

    def led(self, first: int, last: int, *names: str) -> bool:
        """Whether a phrase of these lists stands before these terms (an article may stand between), or inside."""
        gap = bool(self.ending(first, "the", "at", "of"))
        if self.ending(first, *names) or (gap and self.ending(first - 1, *names)):
            return True
        inside = (*names, "latest") if "by" in names else names
        return any(self.length(n, *inside) for n in range(first, last + 1))

    def sentence(self, at: int) -> int:
        return self.text.words[self.places[at]].sentence

    def lengths(self) -> Mapping[int, int]:
        """How many terms each sentence has, by its number; 0 for any other."""
        words = self.text.words
        return Counter(words[place].sentence for place in self.places)

    def words(self, first: int, last: int) -> str:
        return self.text.slice(self.places[first], self.places[last])


def _same(wanted: str, found: str) -> bool:
    return wanted == found or (wanted[-1] == "*" and found.startswith(wanted[:-1]))


class Read(NamedTuple):
    """A text cut into terms, the same for every language: each folded, and the number of its word.

    `different`: each of them once. `numbers`: which begin with a digit. `broken`: which are but a piece of a word.
    """

    folded: Sequence[str]
    places: Sequence[int]
    different: frozenset[str]
    numbers: Sequence[int]
    broken: Set[int]


def _read(text: Text) -> Read:
    folded = [word.folded for word in text.words]
    numbers = [at for at, word in enumerate(folded) if word[:1].isdigit()]
    if not numbers:
        return Read(folded, range(len(folded)), frozenset(folded), (), frozenset())
    cut = [(piece, at, broken) for at, word in enumerate(folded) for piece, broken in _pieces(word)]
    pieces = [piece for piece, _, _ in cut]
    numbers = [at for at, piece in enumerate(pieces) if piece[:1].isdigit()]
    broken = {at for at, (_, _, broken) in enumerate(cut) if broken}
    return Read(pieces, [place for _, place, _ in cut], frozenset(pieces), numbers, broken)


def _pieces(word: str) -> Sequence[tuple[str, bool]]:
    """The terms of a word, and whether they are something else than the word."""
    if not word[:1].isdigit() or word.isdecimal():
        return ((word, False),)
    if clocked := CLOCKED.fullmatch(word):  # "15h30", as French and Spanish write an hour
        return ((f"{clocked.group(1)}:{clocked.group(2)}", True),)
    if stuck := STUCK.fullmatch(word):
        return ((stuck.group(1), True), (stuck.group(2), True))
    return ((word, False),)
