"""Phrases made ready for looking up: folded, taken apart, and many lists of them in one index.

A text is held against the index once (`Lexicon.possible`); after that each list knows at once which of its phrases can
stand there at all, and only these are looked at exactly (words.py). So one more list, or one more phrase, costs a
message nothing unless its words are in it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import lru_cache
from typing import NamedTuple

KEY_LIMIT = 24
NUMBER = "#"
KEPT = 40  # characters; whole texts would fill the memory
WITHOUT_STROKE = str.maketrans("łđøħıæœ’", "ldohiao'")
PIECE = re.compile(r"([^\W_]+(?:[-.,:/][0-9]+)*%?|[€$£#]|[?!]+)(\*?)")

Groups = tuple[tuple[str, ...], ...]


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


@lru_cache(maxsize=200_000)
def parse(phrase: str) -> Groups:
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
    return [match.group(1) + match.group(2) for match in PIECE.finditer(piece)]


class Form(NamedTuple):
    """A phrase made ready: its number in its list, and the words that must all be in a text for it to stand there."""

    number: int
    phrase: str
    groups: Groups
    needs: frozenset[str]


def form(phrase: str, number: int = 0) -> Form:
    """The phrase made ready."""
    groups = parse(phrase)
    sure = (_key(word) for group in groups for word in group if "|" not in word)
    return Form(number, phrase, groups, frozenset(sure))


def _key(word: str) -> str:
    return word if len(word) <= KEY_LIMIT else f"{word[:KEY_LIMIT]}*"


def _keys(groups: Groups) -> list[str]:
    """The word of a phrase that says most about it, or several: a text without any of them cannot hold the phrase."""
    words = [word.split("|") for group in groups for word in group]
    longest = max(words, key=lambda any_of: min(map(len, any_of)), default=[])
    return [_key(word) for word in longest]


class Phrases(tuple[str, ...]):
    """A list of phrases that knows its place in an index; hashed once, since caches ask for it again and again."""

    _hash: int
    _shelf: "Lexicon"
    _number: int

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            self._hash = super().__hash__()
            return self._hash

    __eq__ = tuple.__eq__

    def shelved(self, shelf: "Lexicon", number: int) -> None:
        """Notes in which index this list stands."""
        self._shelf, self._number = shelf, number

    @property
    def is_shelved(self) -> bool:
        return hasattr(self, "_shelf")

    @property
    def place(self) -> tuple["Lexicon", int]:
        """The index in which this list stands, and its number there; it gets one of its own where it has none."""
        try:
            return self._shelf, self._number
        except AttributeError:
            Lexicon((self,))
            return self._shelf, self._number


class Lexicon:
    """Many lists of phrases by the words that say most about them. Built when it is first asked."""

    __slots__ = ("__weakref__", "_entries", "_lists")

    def __init__(self, lists: Iterable[Phrases]) -> None:
        self._lists = tuple(lists)
        self._entries: Mapping[str, Sequence[tuple[int, Form]]] | None = None
        for number, phrases in enumerate(self._lists):
            phrases.shelved(self, number)

    def possible(self, among: Callable[[Set[str]], Iterable[str]], holds: Callable[[Form], bool]) -> "Possible":
        """The phrases that can stand in a text, by the number of their list, in their order there.

        `among` gives those of these words that are in the text; `holds` whether all the words a phrase needs are.
        """
        found: dict[int, dict[int, Form]] = {}
        entries = self._entries if self._entries is not None else self._built()
        for key in among(entries.keys()):
            for number, one in entries[key]:
                if holds(one):
                    found.setdefault(number, {})[one.number] = one
        return {number: [forms[n] for n in sorted(forms)] for number, forms in found.items()}

    def _built(self) -> Mapping[str, Sequence[tuple[int, Form]]]:
        entries: dict[str, list[tuple[int, Form]]] = {}
        for number, phrases in enumerate(self._lists):
            for at, phrase in enumerate(phrases):
                ready = form(phrase, at)
                for key in _keys(ready.groups):
                    entries.setdefault(key, []).append((number, ready))
        self._entries = entries
        return entries


Possible = Mapping[int, Sequence[Form]]


@lru_cache(maxsize=5_000)
def listed(phrases: tuple[str, ...]) -> Phrases:
    """A list that belongs nowhere, with an index of its own."""
    return Phrases(phrases)
