"""The words for days, hours and spans of time in a text, looked up by list: the first step to a deadline.

All words come from the [days] lists of one language; nothing here knows a language. Lists whose order means something
(weekdays from Monday, months from January, numbers from one) hold the forms of one thing in one entry, parted by "|".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from .ruleset import Language
from .words import Text, parse

NUMBERED = ("weekdays", "months", "numbers")
CLOCKED = re.compile(r"(\d{1,2})h([0-5]\d)")
STUCK = re.compile(r"(\d{1,3})([^\W\d_]+)")
FEAST = re.compile(r"(\d\d)-(\d\d)")


@dataclass(frozen=True, slots=True)
class Term:
    """One word, or the digits or letters of one ("5pm" is two); `word` is its number in the text."""

    folded: str
    word: int
    dotted: bool = False


Entry = tuple[tuple[str, ...], str, int]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The [days] lists of a language by the first word of each phrase; `stems`: those that end in *, by their
    first letter."""

    exact: Mapping[str, tuple[Entry, ...]]
    stems: Mapping[str, tuple[Entry, ...]]


@lru_cache(maxsize=64)
def _vocabulary(lists: tuple[tuple[str, tuple[str, ...]], ...]) -> Vocabulary:
    exact: dict[str, tuple[Entry, ...]] = {}
    stems: dict[str, tuple[Entry, ...]] = {}
    for name, phrases in lists:
        for number, phrase in enumerate(phrases):
            for form in phrase.split("|") if name in NUMBERED else (phrase,):
                words = tuple(w for group in parse(form) for w in group)
                if name == "feasts" and (dated := FEAST.fullmatch(words[0])):
                    words, number = words[1:], int(dated[1]) * 100 + int(dated[2])
                entry = (words, name, number)
                if words and words[0].endswith("*"):
                    stems[words[0][0]] = (*stems.get(words[0][0], ()), entry)
                elif words:
                    exact[words[0]] = (*exact.get(words[0], ()), entry)
    return Vocabulary(exact, stems)


def vocabulary(language: Language) -> Vocabulary:
    """The words for days of this language, ready for looking up."""
    found = ((k.removeprefix("days."), v) for k, v in language.lists.items() if k.startswith("days."))
    return _vocabulary(tuple(found))


def _same(wanted: str, found: str) -> bool:
    return found.startswith(wanted[:-1]) if wanted.endswith("*") else found == wanted


class Terms:
    """The terms of a text with the names of the lists that each begins, and how long the phrase is."""

    __slots__ = ("named", "terms", "text")

    def __init__(self, text: Text, words: Vocabulary) -> None:
        self.text = text
        self.terms = tuple(_terms(text))
        self.named = [self._names(at, words) for at in range(len(self.terms))]

    def _names(self, at: int, words: Vocabulary) -> dict[str, tuple[tuple[int, int], ...]]:
        """By list name: (length, number in the list) of every phrase that begins here, the longest first."""
        word = self.terms[at].folded
        near = (*words.stems.get(word[:1], ()), *words.stems.get("*", ()))
        entries = words.exact.get(word, ()) + tuple(e for e in near if _same(e[0][0], word))
        if not entries:
            return {}
        found: dict[str, tuple[tuple[int, int], ...]] = {}
        for phrase, name, number in sorted(entries, key=lambda e: -len(e[0])):
            if self._stands(phrase, at):
                found[name] = (*found.get(name, ()), (len(phrase), number))
        return found

    def _stands(self, phrase: tuple[str, ...], at: int) -> bool:
        here = self.terms[at : at + len(phrase)]
        return len(here) == len(phrase) and all(_same(w, t.folded) for w, t in zip(phrase, here, strict=True))

    def length(self, at: int, *names: str) -> int:
        """How many terms the longest phrase of these lists takes that begins here; 0 when none does."""
        if not 0 <= at < len(self.terms):
            return 0
        here = self.named[at]
        return max((here[n][0][0] for n in names if n in here), default=0) if here else 0

    def number(self, at: int, name: str) -> int:
        """The place in its list of the longest phrase that begins here, from 0; -1 when none does."""
        return self.named[at][name][0][1] if 0 <= at < len(self.terms) and name in self.named[at] else -1

    def ending(self, at: int, *names: str) -> int:
        """How many terms the longest phrase of these lists takes that ends just before this term; 0 when none does."""
        return next((n for n in (6, 5, 4, 3, 2, 1) if at >= n and self._has(at - n, names, n)), 0)

    def _has(self, at: int, names: tuple[str, ...], length: int) -> bool:
        return any(size == length for n in names for size, _ in self.named[at].get(n, ()))

    def sentence(self, at: int) -> int:
        return self.text.words[self.terms[at].word].sentence

    def words(self, first: int, last: int) -> str:
        return self.text.slice(self.terms[first].word, self.terms[last].word)


def _terms(text: Text) -> Iterator[Term]:
    for number, word in enumerate(text.words):
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
