"""What a sentence does to its words: denies, supposes, puts into the past, doubts. Per sentence, never per text."""

from bisect import bisect_left
from collections.abc import Iterable

from .ruleset import Language
from .words import Hit, Text, fold, sightings

NEGATION_REACH = 3


def negated(hit: Hit, text: Text, negators: Iterable[str]) -> bool:
    """Whether a word like "not" stands within the three words before the hit, in its sentence."""
    wanted = {fold(n) for n in negators}
    at = bisect_left(text.words, hit.start, key=lambda w: w.start)
    before = text.words[max(at - NEGATION_REACH, 0) : at]
    return any(w.folded in wanted and w.sentence == hit.sentence for w in before)


class Sentences:
    """The numbers of the sentences of a text that deny, suppose, doubt, look back, go on, or tell of the end."""

    __slots__ = ("_supposed", "denied", "doubted", "going_on", "past", "solved")

    def __init__(self, text: Text, language: Language) -> None:
        def numbers(name: str) -> frozenset[int]:
            return frozenset(h.sentence for h in sightings(language.phrases(name), text))

        self.denied = numbers("urgency.denied")
        self._supposed = numbers("urgency.conditional")
        self.doubted = numbers("urgency.doubtful")
        self.past = numbers("urgency.past")
        self.going_on = numbers("urgency.still")
        negators = language.phrases("urgency.negators")
        ends = (h for h in sightings(language.phrases("urgency.solved"), text) if not negated(h, text, negators))
        self.solved = frozenset(h.sentence for h in ends)

    def calms(self, sentence: int) -> bool:
        """The sentence denies the hurry or only supposes it."""
        return sentence in self.denied or sentence in self._supposed

    def when(self, sentence: int, doubtful: bool = False) -> str:
        """Whether damage told in this sentence is "now", "doubtful" or "past"; "" when it is only supposed."""
        if sentence in self.going_on:
            return "doubtful" if doubtful else "now"
        if sentence in self._supposed:
            return ""
        if sentence in self.past or (self.solved and not self.going_on):
            return "past"
        return "doubtful" if doubtful or sentence in self.doubted else "now"
