"""The words for days, hours and spans of time in a text, looked up by list: the first step to a deadline.

All words come from the [days] lists of one language; nothing here knows a language. Lists whose order means something
(weekdays from Monday, months from January, numbers from one) hold the forms of one thing in one entry, parted by "|";
its number may stand before it ("90 ninety").
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

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


@dataclass(frozen=True, slots=True)
class Term:
    """One word, or the digits or letters of one ("5pm" is two); `word` is its number in the text."""

    folded: str
    word: int
    dotted: bool = False


Entry = tuple[tuple[str, ...], str, int]
Names = Mapping[str, tuple[tuple[int, int], ...]]
NAMELESS: Names = {}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The [days] lists of a language by the first word of each phrase; `stems`: those that end in *, by their
    first letter; `counted`: a word before a number in words, and the endings of what is counted ("le due scale")."""

    exact: Mapping[str, tuple[Entry, ...]]
    stems: Mapping[str, tuple[Entry, ...]]
    counted: Mapping[str, tuple[str, ...]]

    def beginning(self, word: str) -> tuple[Entry, ...]:
        """Every phrase that begins with this word, the longest first."""
        near = (*self.stems.get(word[:1], ()), *self.stems.get("*", ()))
        found = self.exact.get(word, ()) + tuple(e for e in near if _same(e[0][0], word))
        return tuple(sorted(found, key=lambda e: -len(e[0]))) if len(found) > 1 else found


@lru_cache(maxsize=64)
def _vocabulary(lists: tuple[tuple[str, tuple[str, ...]], ...]) -> Vocabulary:
    exact: dict[str, tuple[Entry, ...]] = {}
    stems: dict[str, tuple[Entry, ...]] = {}
    counted: dict[str, tuple[str, ...]] = {}
    for name, phrases in lists:
        if name == "counted":
            counted = {lead: tuple(endings) for lead, *endings in (p.split() for p in phrases)}
            continue
        for number, phrase in enumerate(phrases):
            for form in phrase.split("|") if name in NUMBERED else (phrase,):
                words = tuple(w for group in parse(form) for w in group)
                if name == "feasts" and (dated := FEAST.fullmatch(words[0])):
                    words, number = words[1:], int(dated[1]) * 100 + int(dated[2])
                elif name == "numbers" and words[0].isdecimal():
                    words, number = words[1:], int(words[0]) - 1
                entry = (words, name, number)
                if words and words[0].endswith("*"):
                    stems[words[0][0]] = (*stems.get(words[0][0], ()), entry)
                elif words:
                    exact[words[0]] = (*exact.get(words[0], ()), entry)
    return Vocabulary(exact, stems, counted)


def vocabulary(language: Language) -> Vocabulary:
    """The words for days of this language, ready for looking up."""
    mine = ((k, v) for k, v in language.lists.items() if k.startswith("days.") and k not in SEEN_ELSEWHERE)
    return _vocabulary(tuple((k.removeprefix("days."), v) for k, v in mine))


def _same(wanted: str, found: str) -> bool:
    return wanted == found or (wanted[-1] == "*" and found.startswith(wanted[:-1]))


class Terms:
    """The terms of a text with the names of the lists that each begins, and how long the phrase is."""

    __slots__ = ("_counted", "_folded", "named", "terms", "text")

    def __init__(self, text: Text, words: Vocabulary) -> None:
        self.text = text
        self._counted = words.counted
        self.terms = tuple(_terms(text))
        self._folded = tuple(t.folded for t in self.terms)
        begun = {word: words.beginning(word) for word in set(self._folded)}
        self.named = tuple(self._names(at, begun[word]) for at, word in enumerate(self._folded))

    def _names(self, at: int, entries: tuple[Entry, ...]) -> Names:
        """By list name: (length, number in the list) of every phrase that begins here, the longest first."""
        if not entries:
            return NAMELESS
        found: dict[str, tuple[tuple[int, int], ...]] = {}
        for phrase, name, number in entries:
            if len(phrase) == 1 or self._stands(phrase, at):
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

    def words(self, first: int, last: int) -> str:
        return self.text.slice(self.terms[first].word, self.terms[last].word)


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
