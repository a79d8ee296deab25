"""Phrases made ready for looking up: folded and taken apart. Many lists of them stand in one index (lexicon.py)."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

KEY_LIMIT = 24
NUMBER = "#"
DIGITS = "0123456789"
KEPT = 40  # characters; whole texts would fill the memory
WITHOUT_STROKE = str.maketrans("łđøħıæœ’", "ldohiao'")
FOREIGN = re.compile(r"([^\x00-\x7f]+)")
PIECE = re.compile(r"([^\W_]+(?:[-.,:/][0-9]+)*%?|[€$£#]|[?!]+)(\*?)")

Groups = tuple[tuple[str, ...], ...]


def fold(text: str) -> str:
    """Lower case without accents: 'È' is 'e', 'ř' is 'r', 'ß' is 'ss', 'ł' is 'l'."""
    if text.isascii():
        return text.lower()
    if len(text) <= KEPT:
        return _folded_word(text)
    pieces = FOREIGN.split(text)
    pieces[::2] = map(str.lower, pieces[::2])
    pieces[1::2] = map(_foreign, pieces[1::2])
    return "".join(pieces)


def _foreign(run: str) -> str:
    return _folded_word(run) if len(run) <= KEPT else _folded(run)


@lru_cache(maxsize=50_000)
def _folded_word(word: str) -> str:
    return _folded(word)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(WITHOUT_STROKE)
    return plain if plain.isascii() else "".join([c for c in plain if not unicodedata.combining(c)])


def stems(word: str) -> Sequence[str]:
    """What a phrase may write for the beginning of this word, as an index has it: "c*", "ca*", "cas*", "casa*"."""
    return _stems(word[:KEY_LIMIT])


@lru_cache(maxsize=4_096)
def _stems(beginning: str) -> Sequence[str]:
    return tuple([f"{beginning[:end]}*" for end in range(1, len(beginning) + 1)])


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
    needs: tuple[str, ...]


def form(phrase: str, number: int = 0) -> Form:
    """The phrase made ready."""
    groups = parse(phrase)
    sure = (_key(word) for group in groups for word in group if "|" not in word)
    return Form(number, phrase, groups, tuple(dict.fromkeys(sure)))  # a set takes thrice the memory, 40,000 times


def _key(word: str) -> str:
    return word if len(word) <= KEY_LIMIT else f"{word[:KEY_LIMIT]}*"


def keys(groups: Groups) -> list[str]:
    """The word of a phrase that says most about it, or several: a text without any of them cannot hold the phrase."""
    words = [word.split("|") for group in groups for word in group]
    longest = max(words, key=lambda any_of: min(map(len, any_of)), default=[])
    return [_key(word) for word in longest]
