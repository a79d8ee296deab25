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
FEAST = re.compile(r"(\d\d)-(\d\d)")


class Term(NamedTuple):
    """One word, or the digits or letters of one ("5pm" is two); `word` is its number in the text."""

    folded: str
    word: int
    dotted: bool = False


class Entry(NamedTuple):
    """One phrase of one list, its number there, and the order in which all of them are written."""

    words: tuple[str, ...]
    name: str
    number: int
    order: int


Names = Mapping[str, tuple[tuple[int, int], ...]]
NAMELESS: Names = {}


class Vocabulary:
    """The [days] lists of a language by the first word of each phrase, those that end in * apart.

    `counted`: a word before a number in words, and the endings of what is counted ("le due scale").
    """

    __slots__ = ("counted", "exact", "stems")

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

    def beginning(self, word: str) -> Sequence[Entry]:
        """Every phrase that begins with this word, the longest first; of equals as they are written."""
        stems = (self.stems.get(f"{word[:end]}*", ()) for end in range(1, len(word) + 1))
        begun = sorted((entry for found in stems for entry in found), key=attrgetter("order"))
        return sorted((*self.exact.get(word, ()), *begun), key=lambda entry: -len(entry.words))

    def begun(self, text: Text, words: Set[str]) -> Mapping[str, Sequence[Entry]]:
        """The phrases that begin with each of these words of a text, for those that begin any."""
        if text.is_long:
            return {word: found for word in words if (found := self.beginning(word))}
        beginnings = text.beginnings()
        near = {text.words[at].folded for stem in self.stems.keys() & beginnings for at in text.places(stem)}
        near |= self.exact.keys() & words
        near |= {word for word in words if word not in beginnings}  # pieces of a word, which the text does not know
        return {word: found for word in near if (found := self.beginning(word))}


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

    `told`: the numbers of those that begin a phrase or are a number; a date can begin nowhere else.
    """

    __slots__ = ("_counted", "_folded", "named", "terms", "text", "told")

    def __init__(self, text: Text, words: Vocabulary) -> None:
        self.text = text
        self._counted = words.counted
        self.terms, self._folded, numbers = text.once("terms", _read)
        begun = words.begun(text, text.once("terms' words", lambda _: frozenset(self._folded)))
        self.named = [NAMELESS] * len(self.terms)
        told = [at for at, word in enumerate(self._folded) if word in begun]
        for at in told:
            self.named[at] = self._names(at, begun[self._folded[at]])
        self.told = sorted({*told, *numbers})

    def _names(self, at: int, entries: Sequence[Entry]) -> Names:
        """By list name: (length, number in the list) of every phrase that begins here, the longest first."""
        found: dict[str, tuple[tuple[int, int], ...]] = {}
        following = self._folded[at + 1] if at + 1 < len(self._folded) else ""
        for phrase, name, number, _ in entries:
            if len(phrase) == 1 or (_same(phrase[1], following) and self._stands(phrase, at)):
                found[name] = (*found.get(name, ()), (len(phrase), number))
        return found

    def _stands(self, phrase: tuple[str, ...], at: int) -> bool:
        here = self._folded[at + 1 : at + len(phrase)]
        return len(here) == len(phrase) - 1 and all(map(_same, phrase[1:], here))

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
        return self.named[at][name][0][1] if 0 <= at < len(self.terms) and name in self.named[at] else -1

    def ending(self, at: int, *names: str) -> int:
        """How many terms the longest phrase of these lists takes that ends just before this term; 0 when none does."""
        sizes = (n for n in (6, 5, 4, 3, 2, 1) if at >= n and self.named[at - n])
        return next((n for n in sizes if self._has(at - n, names, n)), 0)

    def _has(self, at: int, names: tuple[str, ...], length: int) -> bool:
        return any(size == length for n in names for size, _ in self.named[at].get(n, ()))

    def counts(self, at: int) -> bool:
        """Whether the number in words that stands here counts things ("le due scale", "at three stations")."""
        lead = self._folded[at - 1] if at else ""
        following = self._folded[at + 1] if at + 1 < len(self.terms) and not self.named[at + 1] else ""
        near = following and self.sentence(at) == self.sentence(at + 1) and not self.parted(at, at + 1)
        return bool(near and len(following) > SHORT and following.endswith(self._counted.get(lead, ("?",))))

    def parted(self, first: int, last: int) -> bool:
        """Whether a comma or the like stands between these two terms."""
        words = self.text.words
        start, end = words[self.terms[first].word].end, words[self.terms[last].word].start
        return PARTS.search(self.text.original, start, end) is not None

    def where(self, name: str) -> Iterator[int]:
        """The numbers of the terms at which a phrase of this list begins."""
        return (at for at, lists in enumerate(self.named) if name in lists)

    def led(self, first: int, last: int, *names: str) -> bool:
        """Whether a phrase of these lists stands before these terms (an article may stand between), or inside."""
        gap = bool(self.ending(first, "the", "at", "of"))
        if self.ending(first, *names) or (gap and self.ending(first - 1, *names)):
            return True
        inside = (*names, "latest") if "by" in names else names
        return any(self.length(n, *inside) for n in range(first, last + 1))

    def sentence(self, at: int) -> int:
        return self.text.words[self.terms[at].word].sentence

    def lengths(self) -> Mapping[int, int]:
        """How many terms each sentence has, by its number; 0 for any other."""
        words = self.text.words
        return Counter(words[term.word].sentence for term in self.terms)

    def words(self, first: int, last: int) -> str:
        return self.text.slice(self.terms[first].word, self.terms[last].word)


def _same(wanted: str, found: str) -> bool:
    return wanted == found or (wanted[-1] == "*" and found.startswith(wanted[:-1]))


def _read(text: Text) -> tuple[tuple[Term, ...], tuple[str, ...], tuple[int, ...]]:
    """The terms of a text, their words, and the places of the numbers; the same for every language."""
    terms = tuple(_terms(text))
    numbers = (at for at, term in enumerate(terms) if term.folded[:1].isdigit())
    return terms, tuple(term.folded for term in terms), tuple(numbers)


def _terms(text: Text) -> Iterator[Term]:
    for number, word in enumerate(text.words):
        if not word.folded[0].isdigit():
            yield Term(word.folded, number, text.original[word.end : word.end + 1] == ".")
            continue
        clocked = CLOCKED.fullmatch(word.folded)
        if clocked:  # "15h30", as French and Spanish write an hour
            yield Term(f"{clocked.group(1)}:{clocked.group(2)}", number)
            continue
        stuck = STUCK.fullmatch(word.folded)
        dotted = text.original[word.end : word.end + 1] == "."
        if stuck:
            yield Term(stuck.group(1), number)
            yield Term(stuck.group(2), number)
        else:
            yield Term(word.folded, number, dotted)
