"""Where phrases stand among the clauses of a text: what one clause tells says nothing of what the next one asks."""

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise

from .words import Hit, Text, sightings

PARTS = re.compile(r"[,;:()–—]| - ")


class Seen:
    """The places of some phrases: their sentences, and their words by clause."""

    __slots__ = ("_clauses", "_places", "hits", "sentences")

    def __init__(self, clauses: Sequence[int], places: Mapping[int, Sequence[int]], hits: Sequence[Hit]) -> None:
        self._clauses = clauses
        self._places = places
        self.hits = hits
        self.sentences = frozenset(h.sentence for h in hits)

    def in_clause(self, first: int, last: int) -> bool:
        """Whether one stands in a clause of the words with these numbers."""
        return self._clauses[first] in self._places or self._clauses[last] in self._places

    def distance(self, first: int, last: int) -> int | None:
        """How many words the nearest one in this clause is from these words; None when there is none."""
        near = (*self._places.get(self._clauses[first], ()), *self._places.get(self._clauses[last], ()))
        return min((min(abs(n - first), abs(n - last)) for n in near), default=None)


class Clauses:
    """The clauses of one text: its sentences, parted at commas and the like."""

    __slots__ = ("_numbers", "_text")

    def __init__(self, text: Text) -> None:
        self._text = text
        sentences = [word.sentence for word in text.words]
        begins = _parted(text).union(at for at, (a, b) in enumerate(pairwise(sentences), start=1) if a != b)
        self._numbers = list(accumulate(map(begins.__contains__, range(len(sentences)))))

    def seen(self, phrases: Sequence[str], apart: Seen | None = None) -> Seen:
        """Where these phrases stand; those that share words with what stands `apart` do not count."""
        places: dict[int, list[int]] = {}
        others = [h for h in apart.hits if h.words[0].isalnum()] if apart else []
        hits = [
            h for h in sightings(phrases, self._text) if not any(h.start < o.end and o.start < h.end for o in others)
        ]
        for hit in (h for h in hits if h.words[0].isalnum()):  # a mark at the end is near to everything
            for at in (self._text.word_from(hit.start), self._text.word_from(hit.end) - 1):
                places.setdefault(self._numbers[at], []).append(at)
        return Seen(self._numbers, places, hits)


def _parted(text: Text) -> set[int]:
    """The numbers of the words before which a comma or the like stands apart from the word before."""
    words, found = text.words, set()
    for mark in PARTS.finditer(text.original):
        at = text.word_from(mark.start())
        if 0 < at < len(words) and words[at - 1].end <= mark.start() and words[at].start - words[at - 1].end > 1:
            found.add(at)
    return found
