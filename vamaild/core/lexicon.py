"""Many lists of phrases in one index, and what of them was found in a sentence.

A text is held against the index once; after that each list knows at once which of its phrases can stand there at all,
and only these are looked at exactly. So one more list, or one more phrase, costs a message nothing unless its words are
in it. The indices of the languages remember what they found in the last short sentences: it is the same for everybody.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import lru_cache

from .utterance import KEPT_SENTENCES, Span, Utterance, settled
from .wordforms import DIGITS, KEY_LIMIT, NUMBER, Form, form, keys

KEPT_WORDS = 4_096
NONE: frozenset[str] = frozenset()

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


class Found:
    """What of an index may stand in one sentence, and, for the lists that were asked for, what does."""

    __slots__ = ("_places", "_sentence", "possible")

    def __init__(self, sentence: Utterance, possible: Possible) -> None:
        self._sentence = sentence
        self.possible = possible
        self._places: dict[int, Sequence[tuple[Form, Sequence[Span] | None]]] = {}

    def places(self, number: int) -> Sequence[tuple[Form, Sequence[Span] | None]]:
        """The phrases of this list that stand here, each with the numbers of its words (None: ask the whole text)."""
        try:
            return self._places[number]
        except KeyError:
            held = ((one, settled(one.groups, self._sentence)) for one in self.possible.get(number, ()))
            made = self._places[number] = tuple((one, spans) for one, spans in held if spans or spans is None)
            return made


class Lexicon:
    """Many lists of phrases by the words that say most about them. Built when it is first asked.

    One that `remembers` is asked by the sentence, and keeps what it found in the last ones.
    """

    __slots__ = ("__weakref__", "_entries", "_kept", "_keys", "_lists", "_meant", "_words", "remembers")

    def __init__(self, lists: Iterable[Phrases], remembers: bool = False) -> None:
        self._lists = tuple(lists)
        self._entries: Entries | None = None
        self._keys = self._words = NONE
        self.remembers = remembers
        if remembers:
            self._kept = lru_cache(maxsize=KEPT_SENTENCES)(self._look)
            self._meant = lru_cache(maxsize=KEPT_WORDS)(self._known)
        for number, phrases in enumerate(self._lists):
            phrases.shelved(self, number)

    def found(self, sentence: Utterance) -> Found:
        """What of these lists may stand in one sentence; only for an index that remembers."""
        return self._kept(sentence) if sentence.is_kept else self._look(sentence)

    def _look(self, sentence: Utterance) -> Found:
        entries = self._built()
        there = NONE.union(*map(self._meant, sentence.folded))
        found: dict[int, dict[int, Form]] = {}
        for key in there & self._keys:
            for number, one in entries[key]:
                if one.needs <= there:
                    found.setdefault(number, {})[one.number] = one
        return Found(sentence, _in_order(found))

    def _known(self, word: str) -> frozenset[str]:
        """Those words of the phrases, as the index has them, that this word of a text may stand for."""
        meant = {f"{word[:end]}*" for end in range(1, min(len(word), KEY_LIMIT) + 1)} & self._words
        meant |= {word, NUMBER if word[0] in DIGITS else word} & self._words
        return frozenset(meant) or NONE

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
        return _in_order(found)

    def _built(self) -> Entries:
        if self._entries is None:
            entries: dict[str, list[tuple[int, Form]]] = {}
            for number, phrases in enumerate(self._lists):
                for at, phrase in enumerate(phrases):
                    ready = form(phrase, at)
                    for key in keys(ready.groups):
                        entries.setdefault(key, []).append((number, ready))
            self._entries, self._keys = entries, frozenset(entries)
            self._words = self._keys.union(*(one.needs for found in entries.values() for _, one in found))
        return self._entries


def _in_order(found: Mapping[int, Mapping[int, Form]]) -> Possible:
    return {number: [forms[n] for n in sorted(forms)] for number, forms in found.items()}


@lru_cache(maxsize=5_000)
def listed(phrases: tuple[str, ...]) -> Phrases:
    """A list that belongs nowhere, with an index of its own."""
    return Phrases(phrases)
