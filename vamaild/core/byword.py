"""An index of phrases that is asked by the sentence: each of its words is looked up once and tells what it may mean.

So a phrase is compared word by word only where all its words stand in one sentence; one of a single word needs no look.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from .utterance import WINDOW, Span
from .wordforms import DIGITS, KEPT, KEY_LIMIT, NUMBER, Form, stems

KEPT_WORDS = 4_096

Standing = tuple[Form, Sequence[Span] | None]
"""A phrase and the numbers of its words in a sentence; None where that depends on the other sentences of the text."""
Found = Mapping[int, Sequence[Standing]]
"""By the number of a list those of its phrases that stand in a sentence, in their order."""


class Told(NamedTuple):
    """What one word of a text may stand for: words of the phrases; whole phrases, each with the number of its list; and
    the numbers of longer phrases that hang on it."""

    meant: frozenset[str]
    single: Sequence[tuple[int, Form]] = ()
    longer: Sequence[int] = ()


Where = Mapping[str, Sequence[int]]
NOTHING = Told(frozenset())


class ByWord:
    """Phrases, each with the number of its list, by that word of theirs which says most."""

    __slots__ = ("_any_of", "_keyed", "_longer", "_longest", "_single", "_told", "_words")

    def __init__(self, forms: Iterable[tuple[int, Form]]) -> None:
        self._single: dict[str, list[tuple[int, Form]]] = {}
        self._longer: list[tuple[int, Form, tuple[str, ...]]] = []
        self._keyed: dict[str, list[int]] = {}
        self._any_of: dict[str, set[str]] = {}
        for number, one in forms:
            words = tuple(dict.fromkeys(word for group in one.groups for word in group))
            if sum(map(len, one.groups)) == 1:
                self._single.setdefault(one.groups[0][0], []).append((number, one))
            elif words:
                self._keyed.setdefault(max(words, key=_weight), []).append(len(self._longer))
                self._longer.append((number, one, words))
            for word in (w for w in words if "|" in w):
                for alternative in word.split("|"):
                    self._any_of.setdefault(alternative, set()).add(word)
        self._words = frozenset(self._any_of).union(self._single, *(words for _, _, words in self._longer))
        self._longest = max(map(len, self._words), default=0)
        self._told = lru_cache(maxsize=KEPT_WORDS)(self._known)

    def found(self, folded: Sequence[str]) -> Found:
        """Where the phrases stand in a sentence of these words."""
        told = [self._told(word) if len(word) <= KEPT else self._known(word) for word in folded]
        found: dict[int, dict[int, tuple[Form, list[Span]]]] = {}
        longer: set[int] = set()
        for at, one_word in enumerate(told):
            longer.update(one_word.longer)
            for number, one in one_word.single:
                found.setdefault(number, {}).setdefault(one.number, (one, []))[1].append((at, at))
        held: dict[int, list[Standing]] = {number: [*phrases.values()] for number, phrases in found.items()}
        if longer:
            for number, standing in self._find(longer, [one_word.meant for one_word in told]):
                held.setdefault(number, []).append(standing)
        for standings in held.values():
            standings.sort(key=_rank)
        return held

    def _find(self, longer: Iterable[int], meant: Sequence[frozenset[str]]) -> Iterator[tuple[int, Standing]]:
        """Those of these longer phrases that stand among words that mean this, each with the number of its list."""
        where: dict[str, list[int]] = {}
        for at, words in enumerate(meant):
            for word in words:
                where.setdefault(word, []).append(at)
        for at in longer:
            number, one, needs = self._longer[at]
            if all(map(where.__contains__, needs)):
                places = _settled(one, where, meant)
                if places or places is None:
                    yield number, (one, places)

    def _known(self, word: str) -> Told:
        """What a word of a text may stand for."""
        longer = [f"{word[:end]}*" for end in range(KEY_LIMIT + 1, min(len(word), self._longest) + 1)]
        meant = self._words.intersection((word, NUMBER if word[0] in DIGITS else word, *stems(word), *longer))
        if not meant.isdisjoint(self._any_of):
            meant = meant.union(*(self._any_of[one] for one in meant if one in self._any_of))
        if not meant:
            return NOTHING
        single = tuple(phrase for one in meant for phrase in self._single.get(one, ()))
        return Told(meant, single, tuple(at for one in meant for at in self._keyed.get(one, ())))


def _weight(word: str) -> tuple[int, str]:
    return min(map(len, word.split("|"))), word


def _rank(standing: Standing) -> int:
    return standing[0].number


def _settled(one: Form, where: Where, meant: Sequence[frozenset[str]]) -> Sequence[Span] | None:
    """Every span of words that holds one run of each group; None where that depends on the rest of the text.

    The group that stands least often in the text leads, and each of its runs is a place of the phrase. Where each group
    stands once it does not matter which leads.
    """
    if len(one.groups) == 1:
        return _runs(one.groups[0], where, meant)
    found = []
    for group in one.groups:
        runs = _runs(group, where, meant)
        if not runs:
            return ()
        found.append(runs)
    if any(len(runs) > 1 for runs in found):
        return None
    row = sorted(run for runs in found for run in runs)
    near = row[-1][1] - row[0][0] < WINDOW and all(this[1] < other[0] for this, other in pairwise(row))
    return [(row[0][0], row[-1][1])] if near else ()


def _runs(group: tuple[str, ...], where: Where, meant: Sequence[frozenset[str]]) -> Sequence[Span]:
    """(first, last) word numbers of every place where the group stands together in order."""
    starts, more = where[group[0]], len(group) - 1
    if not more:
        return [(at, at) for at in starts]
    last = len(meant) - more
    return [(at, at + more) for at in starts if at < last and more < WINDOW and _goes_on(group, at, meant)]


def _goes_on(group: tuple[str, ...], at: int, meant: Sequence[frozenset[str]]) -> bool:
    for wanted in group:
        if wanted not in meant[at]:
            return False
        at += 1
    return True
