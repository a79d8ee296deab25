"""Many lists of phrases in one index, and what of them was found in a sentence.

A text is held against the index once; after that each list knows at once which of its phrases can stand there at all,
and only these are looked at exactly. So one more list, or one more phrase, costs a message nothing unless its words are
in it. The indices of the languages remember what they found in the last short sentences: it is the same for everybody.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from typing import TypeVar

from .byword import ByWord, Found
from .utterance import KEPT_SENTENCES, Utterance
from .wordforms import Form, form, keys

Held = TypeVar("Held")
Possible = Mapping[int, Sequence[Form]]
Entries = Mapping[str, Sequence[tuple[int, Form]]]


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
    """Many lists of phrases by the words that say most about them. Built when it is first asked.

    One that `remembers` is asked by the sentence, and keeps what it found in the last short ones.
    """

    __slots__ = ("__weakref__", "_by_word", "_entries", "_kept", "_keys", "_lists", "remembers")

    def __init__(self, lists: Iterable[Phrases], remembers: bool = False) -> None:
        self._lists = tuple(lists)
        self._entries: Entries | None = None
        self._keys: frozenset[str] = frozenset()
        self._by_word: ByWord | None = None
        self.remembers = remembers
        self._kept = lru_cache(maxsize=KEPT_SENTENCES if remembers else 0)(self._look)
        for number, phrases in enumerate(self._lists):
            phrases.shelved(self, number)

    def found(self, sentence: Utterance) -> Found:
        """Where the phrases of these lists stand in one sentence."""
        return self._kept(sentence) if sentence.is_kept else self._look(sentence)

    def _look(self, sentence: Utterance) -> Found:
        if self._by_word is None:
            self._by_word = ByWord(self._forms())
        return self._by_word.found(sentence.folded)

    def possible(self, among: Callable[[Set[str]], Iterable[str]], holds: Callable[[Form], bool]) -> Possible:
        """The phrases that can stand in a text, by the number of their list, in their order there.

        `among` gives those of these words that are in the text; `holds` whether all the words a phrase needs are.
        """
        found: dict[int, dict[int, Form]] = {}
        entries = self._built()
        for key in among(self._keys):
            for number, one in entries[key]:
                if holds(one):
                    found.setdefault(number, {})[one.number] = one
        return {number: _in_order(forms) for number, forms in found.items()}

    def _built(self) -> Entries:
        if self._entries is None:
            entries: dict[str, list[tuple[int, Form]]] = {}
            for number, ready in self._forms():
                for key in keys(ready.groups):
                    entries.setdefault(key, []).append((number, ready))
            self._entries, self._keys = entries, frozenset(entries)
        return self._entries

    def _forms(self) -> Iterator[tuple[int, Form]]:
        return ((n, form(phrase, at)) for n, phrases in enumerate(self._lists) for at, phrase in enumerate(phrases))


def _in_order(forms: Mapping[int, Held]) -> Sequence[Held]:
    return [forms[number] for number in sorted(forms)]


@lru_cache(maxsize=5_000)
def listed(phrases: tuple[str, ...]) -> Phrases:
    """A list that belongs nowhere, with an index of its own."""
    return Phrases(phrases)
