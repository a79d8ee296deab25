"""The latest moment a sender gives for what he asks, with his words for it.

A moment counts when a word like "by" stands before it, when something closes or falls due then, or when it stands in a
sentence that asks for something. Past days, other people's plans and days that are only mentioned do not count; of a
range that is asked for counts the end. Among equals, the one that is asked of us counts, then the nearest.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from .clauses import Clauses, Seen
from .dateterms import Terms, vocabulary
from .moments import NOON, Moment, Moments
from .ruleset import Language
from .sentences import Negation
from .words import Hit, Text

MOMENTS_A_SENTENCE = 20
NEAR_LATEST = (1, 2, 3, 4)
BEFORE, NEAR = 9, 4  # words
EARLIER = 2  # sentences
NO_TIME = timedelta(minutes=10)
SOON = timedelta(hours=30)


class Named(NamedTuple):
    """A moment that was named (aware), the words for it, and whether it is surely meant as the latest one."""

    at: datetime
    words: str
    sure: bool


class _Finder:
    """Weighs the moments of one text with the words of one language. What a list says is looked up when it is asked."""

    __slots__ = (
        "_calm",
        "_due_at",
        "_lengths",
        "language",
        "moments",
        "negation",
        "sent",
        "terms",
        "text",
        "title",
        "told",
    )

    def __init__(self, moments: Moments, told: list[Moment], language: Language, title: bool = False) -> None:
        self.title = title
        self.language = language
        self.terms = moments.terms
        self.text = self.terms.text
        self.sent = moments.sent
        self._calm: frozenset[int] | None = None
        self._due_at: frozenset[int] | None = None
        self._lengths: Mapping[int, int] | None = None
        self.negation = language.once("negation", lambda: Negation((language,)))
        self.told = told
        self.moments = [m for m in told if (not m.early or self._is_ours(m)) and self._counts(m)]

    def _seen(self, name: str) -> Seen:
        return _seen(self.text, self.language, name)

    def _in(self, name: str, place: tuple[int, int]) -> bool:
        """Whether a phrase of this list stands in the clause of these words."""
        return self._seen(name).in_clause(*place)

    @property
    def asks(self) -> Seen:
        """Where something is asked for."""
        return self._seen("signs.asks")

    @property
    def mentions(self) -> Seen:
        """Where something is told; words that ask tell nothing."""
        return _mentions(self.text, self.language)

    @property
    def ours(self) -> Seen:
        """Where a date is said to be ours."""
        return self._seen("days.ours")

    @property
    def lengths(self) -> Mapping[int, int]:
        """How many terms each sentence has."""
        if self._lengths is None:
            self._lengths = self.text.once("lengths", lambda _: self.terms.lengths())
        return self._lengths

    @property
    def calm(self) -> frozenset[int]:
        """The sentences that say that there is no hurry or that no answer is needed, and name no moment with it."""
        if self._calm is None:
            denied, needless = self._seen("urgency.denied"), self._seen("signs.no_answer")
            told = [(self.terms.sentence(m.first), self._place(m)) for m in self.told]
            dated = {here for here, place in told if denied.in_clause(*place) or needless.in_clause(*place)}
            self._calm = (denied.sentences | needless.sentences) - dated
        return self._calm

    def _counts(self, moment: Moment) -> bool:
        """Not what is denied ("not today"), takes no time ("done in two minutes"), or only goes on until then."""
        text, place, sentence = self.text, self._place(moment), self.terms.sentence(moment.first)
        if moment.until and not self._in("days.held", place):
            return False
        if moment.only and sentence not in self.asks.sentences | self.ours.sentences:
            return False
        start, end = (text.words[n] for n in place)
        hit = Hit("", text.original[start.start : end.end], start.sentence, start.start, end.end)
        no_time = any(a.span and a.span - self.sent < NO_TIME for a in moment.atoms)
        return not (no_time and not self._led(moment, "latest")) and not self.negation.denies(hit, text)

    def _place(self, moment: Moment) -> tuple[int, int]:
        """The words of the text a moment takes, for Clauses."""
        return self.terms.places[moment.first], self.terms.places[moment.last]

    def _is_ours(self, moment: Moment) -> bool:
        """ "From you I would like it by ...": where another date is somebody else's."""
        sentence, place = self.terms.sentence(moment.first), self._place(moment)
        if sentence not in self.ours.sentences or self.mentions.in_clause(*place) or self._attributive(moment):
            return False
        return self.ours.in_clause(*place) or not self._is_theirs(moment)

    def strength(self, moment: Moment) -> int:
        """6, 5: said to be ours, in its clause or its sentence; 4: "at the latest"; 3: "by"; 2: "for", or something is
        due then; 1: it is asked for; 0: only mentioned."""
        if self._is_ours(moment) and not (self._feast(moment) or moment.opening):
            return 5 + self.ours.in_clause(*self._place(moment)) if len(self.moments) > 1 else 2
        if moment.opening or self._is_theirs(moment):
            return 0
        if self._at_the_latest(moment):
            return 4
        if moment.window:
            place = self._place(moment)
            return int(self._asked_for(moment) and not (self._in("days.moves", place) or self._in("days.stays", place)))
        if self._led(moment, "by"):
            return self._by(moment)
        asked = self.terms.sentence(moment.first) in self.asks.sentences
        if self._before_event(moment) and (asked or not self._only_told(moment)):
            return 1 + (self._by(moment) > 1 and not self._follows(moment))
        if self.terms.ending(moment.first, "to", "from", "for") and self._in("days.moves", self._place(moment)):
            return 0
        if self._led(moment, "for"):
            wished = self._wished(moment)
            return wished if wished > 1 or not self._is_calm(moment) else 0
        return self._unled(moment)

    def _is_calm(self, moment: Moment) -> bool:
        """Elsewhere it says that there is no hurry or that no answer is needed; nothing is asked with the date."""
        return bool(self.calm) and not self.asks.in_clause(*self._place(moment))

    def _follows(self, moment: Moment) -> bool:
        """Another moment stands before it in its sentence."""
        sentence = self.terms.sentence(moment.first)
        return any(m.first < moment.first and self.terms.sentence(m.first) == sentence for m in self.moments)

    def _unled(self, moment: Moment) -> int:
        """The same for a moment that no word makes a deadline: none where there is no hurry."""
        if moment.until or self._fails(moment):
            return 2
        if self._is_calm(moment) or self._described(moment):
            return 0
        if self._due(moment):
            return 1 + (not self._only_told(moment))
        if any(a.month for a in moment.atoms) and not self.asks.in_clause(*self._place(moment)):
            return 0
        return int(moment.dated and not self._feast(moment) and (self._asked(moment) or self._eventful(moment)))

    def _is_theirs(self, moment: Moment) -> bool:
        """Its sentence, or the next one, says that it is somebody else's business."""
        sentence = self.terms.sentence(moment.first)
        return not {sentence, sentence + 1}.isdisjoint(self._seen("days.others").sentences)

    def _described(self, moment: Moment) -> bool:
        """It says which thing is meant ("orari della domenica", "the Sunday hours"), or when something was so."""
        adjective = self.terms.length(moment.first, "adjectives") and len(moment.atoms) == 1
        named = adjective or self.terms.length(moment.last + 1, "things") or self._attributive(moment)
        return bool(named) or self._in("days.facts", self._place(moment))

    def _attributive(self, moment: Moment) -> bool:
        """ "L'appuntamento di domani"."""
        terms, first = self.terms, moment.first
        of = terms.ending(first, "attributive") >= max(terms.ending(first, "the", "by", "for", "latest"), 1)
        return of or terms.length(first, "attributive") > terms.length(first, "by")

    def _eventful(self, moment: Moment) -> bool:
        """Something takes place then ("the signwriter comes tomorrow"), and something is asked for nearby."""
        place, here = self._place(moment), self.terms.sentence(moment.first)
        asked = any(abs(n - here) <= EARLIER for n in self.asks.sentences)
        month = any(a.month for a in moment.atoms)
        return asked and not month and self._in("days.events", place) and not self._only_told(moment)

    def _before_event(self, moment: Moment) -> bool:
        """ "Before the curtain goes up on Friday": a word like "before" in the clause, with what happens between."""
        nearest = max((n for n in self.terms.where("before") if n < moment.first), default=None)
        if nearest is None or moment.first - nearest > BEFORE or self.terms.parted(nearest, moment.first):
            return False
        between = any(nearest < m.first < moment.first for m in self.moments)
        return not between and self.terms.sentence(nearest) == self.terms.sentence(moment.first)

    def _by(self, moment: Moment) -> int:
        """ "By Friday"; less by feasts and whole months, by which anything may end, and where it is our own promise."""
        if any(a.month for a in moment.atoms):
            return 2 * self._asked(moment)
        if self._feast(moment):
            if self._decorates(moment):
                return 0
            return 2 if self._asked(moment) else int(bool(self.asks.sentences) and not self._only_told(moment))
        if not self._only_told(moment) or self._due(moment):
            return 3
        return int(bool(self.asks.sentences - {self.terms.sentence(moment.first)}))

    def _only_told(self, moment: Moment) -> bool:
        """ "I'll send it by Friday" asks for nothing."""
        place = self._place(moment)
        return self.mentions.in_clause(*place) and not self.asks.in_clause(*place)

    def _fails(self, moment: Moment) -> bool:
        """ "If I cannot show anything in an hour, ...": the hour when it is too late."""
        sentence, failing = self.terms.sentence(moment.first), ("days.condition", "urgency.negators")
        return any(a.span for a in moment.atoms) and all(sentence in self._seen(name).sentences for name in failing)

    def _due(self, moment: Moment) -> bool:
        """Something closes or falls due then; a whole month says too little."""
        named = moment.dated or any(a.clock or not a.loose for a in moment.atoms)
        return named and moment.first in self._due_moments() and not any(a.month for a in moment.atoms)

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
        one = self.lengths[sentence] == len(self.terms.folded) and not self.title
        return self._alone(moment) or (one and sentence not in self.mentions.sentences)

    def _alone(self, moment: Moment) -> bool:
        return self.lengths[self.terms.sentence(moment.first)] - (moment.last - moment.first + 1) <= 1

    def _led(self, moment: Moment, name: str) -> bool:
        return self.terms.led(moment.first, moment.last, name)

    def _decorates(self, moment: Moment) -> bool:
        """ "The Christmas cards": a feast that only says which."""
        last = moment.last
        goes_on = last + 1 < len(self.terms.folded) and not self.terms.parted(last, last + 1)
        return goes_on and bool(self.terms.ending(moment.first, "the"))

    def _feast(self, moment: Moment) -> bool:
        return any(self.terms.length(a.first, "feasts") for a in moment.atoms)

    def _due_moments(self) -> frozenset[int]:
        """For each word like "closes", the beginning of the next moment in its sentence, else of the last before it."""
        if self._due_at is None:
            self._due_at = frozenset(self._due_moment(at) for at in self.terms.where("due"))
        return self._due_at

    def _due_moment(self, at: int) -> int:
        sentence = self.terms.sentence(at)
        here = (m for m in self.moments if self.terms.sentence(m.first) == sentence)
        near = islice((m for m in here if not any(a.month for a in m.atoms)), MOMENTS_A_SENTENCE)
        return min((m.first for m in near), key=lambda first: (first < at, abs(first - at)), default=-1)

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
        self._before_that(found)
        for name, sooner in (("then", timedelta()), ("day_before", timedelta(days=1))):
            for n in self.terms.where(name):
                word = self.terms.places[n]
                if self.mentions.in_clause(word, word):
                    continue  # "not that day, please", "by then I'll be gone"
                earlier = [
                    at for at, (_, m) in enumerate(found) if m.last < n and self._sets(m) and m.at - sooner >= self.sent
                ]
                if earlier:
                    strength, moment = found[earlier[-1]]
                    found[earlier[-1]] = (max(2, strength), replace(moment, at=moment.at - sooner))
        return [(s, m) for s, m in found if s]

    def _sets(self, moment: Moment) -> bool:
        """Whether "by then" can mean it: a day or an hour, no whole month; where something begins, if one asks."""
        month = any(a.month for a in moment.atoms)
        return moment.exact and not month and (not moment.opening or bool(self.asks.sentences))

    def _before_that(self, found: list[tuple[int, Moment]]) -> None:
        """ "They come at four. Could you do it before they do?": makes the moment told just before strong."""
        for n in self.terms.where("before_that"):
            here = self.terms.sentence(n)
            near = [at for at, (_, m) in enumerate(found) if 0 <= here - self.terms.sentence(m.first) <= EARLIER]
            later = any(found[at][1].first > n and self.terms.sentence(found[at][1].first) == here for at in near)
            asked = any(0 <= here - sentence <= EARLIER for sentence in self.asks.sentences)
            if near and not later and asked and self._sets(found[near[-1]][1]):
                strength, moment = found[near[-1]]
                found[near[-1]] = max(2, strength), moment

    def best(self) -> tuple[int, Moment] | None:
        """The strongest; of equals the one whose clause asks, then the nearest."""
        asks = self.asks.in_clause
        return min(self.meant(), key=lambda f: (-f[0], not asks(*self._place(f[1])), f[1].at), default=None)


def deadline(text: Text, language: Language, sent: datetime, title: bool = False) -> Named | None:
    """The deadline this text names, read with the words of one language; None when it names none.

    In a title "the lunch for Friday" is what the mail is about, unless it asks for something or is only the date.
    `sent` is the aware moment of writing in the client's time zone; the answer is in the same zone.
    """
    moments = _moments(text, language, sent)
    told = moments.all() if moments.any else []
    found = _Finder(moments, told, language, title).best() if told else None
    if not found:
        return None
    strength, moment = found
    terms = moments.terms
    first = moment.first - terms.ending(moment.first, "by", "for", "latest")
    return Named(moment.at, terms.words(first, moment.last), strength > 1)


def _moments(text: Text, language: Language, sent: datetime) -> Moments:
    words = vocabulary(language)
    return text.once(("moments", words, sent), lambda _: Moments(Terms(text, words), sent))


def _seen(text: Text, language: Language, name: str) -> Seen:
    """Where the phrases of one list stand, looked up once."""
    phrases = language.phrases(name)
    return text.once(("seen", phrases), lambda _: text.once("clauses", Clauses).seen(phrases))


def _mentions(text: Text, language: Language) -> Seen:
    told, asks = language.phrases("days.mentioned"), _seen(text, language, "signs.asks")
    key = ("mentions", told, language.phrases("signs.asks"))
    return text.once(key, lambda _: text.once("clauses", Clauses).seen(told, apart=asks))


def _near(seen: Seen, first: int, last: int) -> bool:
    """Whether one of them stands in the clause of these words, a few words from them."""
    words = seen.distance(first, last)
    return words is not None and words <= NEAR


def soonest(text: Text, language: Language, sent: datetime) -> Named | None:
    """The next hour, or noon, this text names within about a day, for whatever: where damage goes on, that counts.

    What has been ("we rang at half past five") is no hour to come.
    """
    moments = _moments(text, language, sent)
    if not moments.any:
        return None
    terms = moments.terms
    told = _seen(text, language, "days.mentioned")
    hours = (
        m
        for m in moments.all()
        if any(a.clock or a.span or (a.at == NOON and not (a.loose or a.day)) for a in m.atoms)
        and not (m.early or m.until or m.opening or terms.ending(m.first, "attributive"))
        and not _near(told, terms.places[m.first], terms.places[m.last])
    )
    near = [m for m in hours if sent <= m.at <= sent + SOON]
    first = min(near, key=lambda m: m.at, default=None)
    return Named(first.at, terms.words(first.first, first.last), sure=False) if first else None
