"""What a sentence does to its words: denies, supposes, puts into the past, doubts. Per sentence, never per text."""

from bisect import bisect_left
from collections.abc import Sequence

from .ruleset import Language
from .utterance import Utterance
from .words import Hit, Text, sightings

NEGATION_REACH = 4
ENDS = 2  # sentences
SHORT_QUESTION = 3  # words, the question mark among them


class Negation:
    """The words that deny ("not") and the light ones that may stand between them and what they deny ("not so ...").

    The first language is the message's own: its false friends ("no" is "but" in Slovak) deny nothing, whatever they
    mean elsewhere. `_after` are the words that deny what stands just before them ("es brennt nicht").
    """

    __slots__ = ("_after", "_light", "_negators")

    def __init__(self, languages: Sequence[Language]) -> None:
        def words(name: str) -> frozenset[str]:
            return frozenset().union(*(language.words(name) for language in languages))

        friends = languages[0].words("urgency.false_friends") if languages else frozenset()
        self._negators = words("urgency.negators") - friends
        self._after = words("urgency.negators_after") - friends
        self._light = words("urgency.light")

    def denies(self, hit: Hit, text: Text) -> bool:
        """Whether a word like "not" stands before the hit with nothing but light words between, or just after it."""
        said, offset = text.said(hit.sentence)
        return self._before(said, hit.start - offset) or (bool(self._after) and self._behind(said, hit.end - offset))

    def _behind(self, said: Utterance, end: int) -> bool:
        at = bisect_left(said.starts, end)
        return at < len(said.folded) and said.folded[at] in self._after

    def _before(self, said: Utterance, start: int) -> bool:
        """A comma ends what a "no" reaches: "No, nessuna fretta" denies no denial."""
        at = bisect_left(said.starts, start)
        for n in range(at - 1, max(at - NEGATION_REACH, 0) - 1, -1):
            if "," in said.original[said.ends[n] : start]:
                return False
            start = said.starts[n]
            if said.folded[n] in self._negators:
                return True
            if said.folded[n] not in self._light:
                return False
        return False

    def plain(self, phrases: Sequence[str], text: Text) -> list[Hit]:
        """Every place of every one of these phrases that is not denied."""
        return [hit for hit in sightings(phrases, text) if not self.denies(hit, text)]


class Sentences:
    """The numbers of the sentences of a text that deny, suppose, doubt, look back, go on, or tell of the end."""

    __slots__ = ("_asked", "_otherwise", "_past", "_supposed", "_text", "denied", "doubted", "going_on", "solved")

    def __init__(self, text: Text, languages: Sequence[Language], negation: Negation) -> None:
        def seen(name: str) -> list[Hit]:
            return [h for language in languages for h in negation.plain(language.phrases(name), text)]

        def numbers(name: str) -> frozenset[int]:
            return frozenset(h.sentence for h in seen(name))

        self._asked = _short_questions(text)
        self.denied = numbers("urgency.denied")
        self._supposed = numbers("urgency.conditional")
        self.doubted = numbers("urgency.doubtful")
        self._text = text
        self._past = seen("urgency.past")
        self._otherwise = seen("urgency.otherwise")
        self.going_on = numbers("urgency.still")
        self.solved = numbers("urgency.solved")

    def calms(self, sentence: int) -> bool:
        """The sentence denies the hurry or only supposes it, or asks and is denied at once ("Urgent? No, no rush.")."""
        asked = sentence in self._asked and sentence + 1 in self.denied
        return asked or sentence in self.denied or sentence in self._supposed

    def when(self, hit: Hit, doubtful: bool = False) -> str:
        """Whether damage told here is "now", "doubtful" or "past"; "" when it is not meant.

        "It is fixed" ends what was told in its own sentence or in the few before it; what stands behind "or else" is
        only feared.
        """
        sentence = hit.sentence
        if sentence in self.going_on:
            return "doubtful" if doubtful else "now"
        if sentence in self._supposed or sentence in self.denied:
            return ""
        over = not self.going_on and any(0 <= solved - sentence <= ENDS for solved in self.solved)
        if over or any(self._looks_back(past, hit) for past in self._past):
            return "past"
        feared = any(h.sentence == sentence and h.end <= hit.start for h in self._otherwise)
        return "doubtful" if doubtful or feared or sentence in self.doubted else "now"

    def _looks_back(self, past: Hit, hit: Hit) -> bool:
        """A word of the past in a later clause means something else: "The police are here, it came in June"."""
        if past.sentence != hit.sentence:
            return False
        return past.start < hit.end or "," not in self._text.original[hit.end : past.start]


def _short_questions(text: Text) -> frozenset[int]:
    """The numbers of the sentences that are one or two words and a question mark."""
    short = ((number, said.folded) for number, said, _ in text.sentences() if len(said.folded) <= SHORT_QUESTION)
    return frozenset(number for number, words in short if any(word.startswith("?") for word in words))
