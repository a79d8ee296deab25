"""The latest moment a sender gives for what he asks, with his words for it.

A moment counts when a word like "by" stands before it, when something closes or falls due then, or when it stands in a
sentence that asks for something. Past days, other people's plans and days that are only mentioned do not count; of a
range that is asked for counts the end. Among equals, the one that is asked of us counts, then the nearest.
"""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from .clauses import Clauses
from .dateterms import Terms, vocabulary
from .moments import Moment, Moments
from .ruleset import Language
from .sentences import Negation
from .words import Hit, Text

MOMENTS_A_SENTENCE = 20
NEAR_LATEST = (1, 2, 3, 4)
NO_TIME = timedelta(minutes=10)
SOON = timedelta(hours=30)


class Named(NamedTuple):
    """A moment that was named (aware), the words for it, and whether it is surely meant as the latest one."""

    at: datetime
    words: str
    sure: bool


class _Finder:
    """Weighs the moments of one text with the words of one language."""

    __slots__ = (
        "asks",
        "failing",
        "lengths",
        "mentions",
        "moments",
        "nearest_due",
        "negation",
        "ours",
        "sent",
        "terms",
    )

    def __init__(self, moments: Moments, language: Language) -> None:
        self.terms = moments.terms
        self.sent = moments.sent
        counted = range(len(self.terms.terms))
        self.lengths = Counter(self.terms.sentence(n) for n in counted)
        clauses = Clauses(self.terms.text)
        self.asks = clauses.seen(language.phrases("signs.asks"))
        self.mentions = clauses.seen(language.phrases("days.mentioned"))
        self.ours = clauses.seen(language.phrases("days.ours"))
        denied = clauses.seen(language.phrases("urgency.negators")).sentences
        self.failing = clauses.seen(language.phrases("days.condition")).sentences & denied
        self.negation = Negation((language,))
        told = moments.all()
        self.moments = [m for m in told if (not m.early or self._is_ours(m)) and self._counts(m)]
        self.nearest_due = self._due_moments()

    def _counts(self, moment: Moment) -> bool:
        """Not what is denied ("not today"), nor what takes no time ("done in two minutes")."""
        text = self.terms.text
        start, end = (text.words[n] for n in self._place(moment))
        hit = Hit("", text.original[start.start : end.end], start.sentence, start.start, end.end)
        no_time = any(a.span and a.span - self.sent < NO_TIME for a in moment.atoms)
        return not (no_time and not self._led(moment, "latest")) and not self.negation.denies(hit, text)

    def _place(self, moment: Moment) -> tuple[int, int]:
        """The words of the text a moment takes, for Clauses."""
        return self.terms.terms[moment.first].word, self.terms.terms[moment.last].word

    def _is_ours(self, moment: Moment) -> bool:
        """ "From you I would like it by ...": where another date is somebody else's."""
        sentence = self.terms.sentence(moment.first)
        return sentence in self.ours.sentences and not self.mentions.in_clause(*self._place(moment))

    def strength(self, moment: Moment) -> int:
        """5: said to be ours; 4: "at the latest"; 3: "by"; 2: "for", or something is due then; 1: it is asked for;
        0: only mentioned."""
        if self._is_ours(moment):
            return 5 if len(self.moments) > 1 else 2
        if self._at_the_latest(moment):
            return 4
        if moment.window:
            return int(self._asked_for(moment))
        if self._led(moment, "by"):
            return self._by(moment)
        if self._led(moment, "for"):
            return self._wished(moment)
        if self._due(moment) or self._fails(moment):
            return 2
        if any(a.month for a in moment.atoms) and not self.asks.in_clause(*self._place(moment)):
            return 0
        return int(moment.dated and not self._feast(moment) and self._asked(moment))

    def _by(self, moment: Moment) -> int:
        """ "By Friday"; less by feasts and whole months, by which anything may end, and where it is our own promise."""
        if any(a.month for a in moment.atoms) or self._feast(moment):
            return 2 * self._asked(moment)
        return 1 if self._promised(moment) else 3

    def _promised(self, moment: Moment) -> bool:
        """ "I'll send it by Friday" asks for nothing."""
        place = self._place(moment)
        return self.mentions.in_clause(*place) and not self.asks.in_clause(*place) and not self._due(moment)

    def _fails(self, moment: Moment) -> bool:
        """ "If I cannot show anything in an hour, ...": the hour when it is too late."""
        return any(a.span for a in moment.atoms) and self.terms.sentence(moment.first) in self.failing

    def _due(self, moment: Moment) -> bool:
        """Something closes or falls due then; a whole month says too little."""
        named = moment.dated or any(a.clock or not a.loose for a in moment.atoms)
        return named and moment.first in self.nearest_due and not any(a.month for a in moment.atoms)

    def _wished(self, moment: Moment) -> int:
        """ "For Friday" is a deadline where something is asked for; else it may be what a thing is for."""
        if self._due(moment) or (self._whole(moment) and not self._feast(moment)):
            return 2
        if not self._asked(moment):
            told = self.terms.sentence(moment.first) in self.mentions.sentences
            return int(bool(self.asks.sentences) and not told)
        return 2 if self.asks.in_clause(*self._place(moment)) and not self._feast(moment) else 1

    def _asked(self, moment: Moment) -> bool:
        """It stands where something is asked for, not where something is only told."""
        return self._whole(moment) or self._asked_for(moment)

    def _asked_for(self, moment: Moment) -> bool:
        """Something is asked for in its sentence, and nothing nearer to it is told in its clause."""
        place, sentence = self._place(moment), self.terms.sentence(moment.first)
        if sentence not in self.asks.sentences:
            return False
        asks, mentions = self.asks.distance(*place), self.mentions.distance(*place)
        return mentions is None or (asks is not None and asks <= mentions)

    def _whole(self, moment: Moment) -> bool:
        """The text is one sentence, and tells of nothing; or the sentence is hardly more than the date."""
        sentence = self.terms.sentence(moment.first)
        one = self.lengths[sentence] == len(self.terms.terms)
        return self._alone(moment) or (one and sentence not in self.mentions.sentences)

    def _alone(self, moment: Moment) -> bool:
        return self.lengths[self.terms.sentence(moment.first)] - (moment.last - moment.first + 1) <= 1

    def _led(self, moment: Moment, name: str) -> bool:
        return self.terms.led(moment.first, moment.last, name)

    def _feast(self, moment: Moment) -> bool:
        return any(self.terms.length(a.first, "feasts") for a in moment.atoms)

    def _due_moments(self) -> frozenset[int]:
        """For each word like "closes", the beginning of the next moment in its sentence, else of the last before it."""
        found = set()
        by_sentence: dict[int, list[Moment]] = {}
        for moment in self.moments:
            by_sentence.setdefault(self.terms.sentence(moment.first), []).append(moment)
        for at in self.terms.where("due"):
            near = by_sentence.get(self.terms.sentence(at), ())[:MOMENTS_A_SENTENCE]
            found |= {min(near, key=lambda m: (m.first < at, abs(m.first - at))).first} if near else set()
        return frozenset(found)

    def _at_the_latest(self, moment: Moment) -> bool:
        """ "At the latest" before the moment or after it, in its sentence and nearer to it than to another."""
        first, last = moment.first, moment.last
        if any(self.terms.length(n, "latest") for n in range(max(first - 3, 0), first)):
            return True
        after = (last + n for n in NEAR_LATEST if self.terms.length(last + n, "latest"))
        found = next(after, None)
        return found is not None and self.terms.sentence(found) == self.terms.sentence(last)

    def meant(self) -> list[tuple[int, Moment]]:
        """Every moment that may be a deadline with its strength; "by then" makes the one before it strong."""
        found = [(self.strength(m), m) for m in self.moments]
        for name, sooner in (("then", timedelta()), ("day_before", timedelta(days=1))):
            for n in self.terms.where(name):
                earlier = [
                    at for at, (_, m) in enumerate(found) if m.last < n and m.exact and m.at - sooner >= self.sent
                ]
                if earlier:
                    strength, moment = found[earlier[-1]]
                    found[earlier[-1]] = (max(2, strength), replace(moment, at=moment.at - sooner))
        return [(s, m) for s, m in found if s]

    def best(self) -> tuple[int, Moment] | None:
        """The strongest; of equals the one whose clause asks, then the nearest."""
        asks = self.asks.in_clause
        return min(self.meant(), key=lambda f: (-f[0], not asks(*self._place(f[1])), f[1].at), default=None)


def deadline(text: Text, language: Language, sent: datetime) -> Named | None:
    """The deadline this text names, read with the words of one language; None when it names none.

    `sent` is the aware moment of writing in the client's time zone; the answer is in the same zone.
    """
    moments = Moments(Terms(text, vocabulary(language)), sent)
    found = _Finder(moments, language).best() if moments.any else None
    if not found:
        return None
    strength, moment = found
    terms = moments.terms
    first = moment.first - terms.ending(moment.first, "by", "for", "latest")
    return Named(moment.at, terms.words(first, moment.last), strength > 1)


def soonest(text: Text, language: Language, sent: datetime) -> Named | None:
    """The next hour this text names within about a day, whatever for: where damage goes on, that is when it counts."""
    moments = Moments(Terms(text, vocabulary(language)), sent)
    if not moments.any:
        return None
    hours = (m for m in moments.all() if any(a.clock or a.span for a in m.atoms) and not m.early)
    near = [m for m in hours if sent <= m.at <= sent + SOON]
    first = min(near, key=lambda m: m.at, default=None)
    return Named(first.at, moments.terms.words(first.first, first.last), sure=False) if first else None
