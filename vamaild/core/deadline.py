"""The latest moment a sender gives for what he asks, with his words for it.

A moment counts when a word like "by" stands before it, when something closes or falls due then, or when it stands in a
sentence that asks for something. Ranges, past days, other people's plans and days that are only mentioned do not count.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from .dateatoms import Atom, Lexer
from .dateterms import Terms, vocabulary
from .ruleset import Language
from .words import Text, sightings

LAST_MINUTE = time(23, 59)
MOMENTS_A_SENTENCE = 20


class Named(NamedTuple):
    """A moment that was named (aware), the words for it, and whether it is surely meant as the latest one."""

    at: datetime
    words: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """Atoms that belong together: "domani" and "alle 15"."""

    atoms: tuple[Atom, ...]

    @property
    def first(self) -> int:
        return self.atoms[0].first

    @property
    def last(self) -> int:
        return self.atoms[-1].last

    @property
    def dated(self) -> bool:
        return any(a.day or a.span for a in self.atoms)


class _Finder:
    """Looks for the deadline in one text with the words of one language."""

    __slots__ = ("asking", "language", "lengths", "mentions", "nearest_due", "sent", "terms")

    def __init__(self, text: Text, language: Language, sent: datetime) -> None:
        self.terms = Terms(text, vocabulary(language))
        self.language = language
        self.sent = sent
        counted = range(len(self.terms.terms))
        self.lengths = Counter(self.terms.sentence(n) for n in counted)
        self.nearest_due: frozenset[int] = frozenset()
        self.asking = {h.sentence for h in sightings(language.phrases("signs.asks"), text)}
        self.mentions = {h.sentence for h in sightings(language.phrases("days.mentioned"), text)}

    def moments(self) -> list[Moment]:
        """The moments of the text, in order, without ranges and past days."""
        groups: list[list[Atom]] = []
        for atom in Lexer(self.terms, self.sent).atoms():
            if groups and self._joins(groups[-1], atom):
                groups[-1].append(atom)
            else:
                groups.append([atom])
        found = [Moment(tuple(g)) for g in groups]
        ranged = {n for at, m in enumerate(found) for n in self._range(found, at, m)}
        return [m for at, m in enumerate(found) if at not in ranged and not self._past(m)]

    def _joins(self, group: Sequence[Atom], atom: Atom) -> bool:
        """Whether this atom says more about the same moment."""
        last = group[-1]
        if self.terms.sentence(last.last) != self.terms.sentence(atom.first) or atom.first - last.last > 3:
            return False
        if atom.span or any(a.span for a in group):
            return False
        between = range(last.last + 1, atom.first)
        ends = (n for n in between if not self.terms.length(n, "of"))  # "a las 3 de mañana"
        parted = any(self.terms.length(n, "by", "latest", "from", "to", "until") for n in ends)
        day = next((a.day for a in group if a.day), None)
        if atom.day and day:
            return not parted and self._agree(group, atom)
        if not atom.day and any(a.clock for a in group) and atom.clock:
            return False
        return not parted or not atom.day

    def _agree(self, group: Sequence[Atom], atom: Atom) -> bool:
        """ "oggi venerdì", "giovedì 26 novembre": a day of the week beside the day it falls on."""
        days = [a for a in group if a.day]
        loose = atom.loose or days[-1].loose
        same = bool(atom.day and days[-1].day and atom.day.weekday() == days[-1].day.weekday())
        return loose and same and atom.first - days[-1].last <= 3

    def _range(self, found: Sequence[Moment], at: int, moment: Moment) -> list[int]:
        """The numbers of the moments of a range that begins here: "dal 3 al 10", "28. 9. - 4. 10."."""
        following = found[at + 1] if at + 1 < len(found) else None
        near = following is not None and following.first - moment.last <= 3
        begins = self.terms.ending(moment.first, "from") > self.terms.ending(moment.first, "by")
        if following and near and (begins or (moment.dated and self._dash(moment, following))):
            return [at, at + 1]
        return [at] if begins or self._ends_range(moment) else []

    def _ends_range(self, moment: Moment) -> bool:
        """ "od 3. do 10. prosince": a number with "from" before it, and "to" between."""
        number = moment.first - 1 - self.terms.ending(moment.first, "to", "by")
        bare = 0 < number < moment.first - 1 and self.terms.terms[number].folded.isdecimal()
        return bare and bool(self.terms.ending(number, "from"))

    def _dash(self, moment: Moment, following: Moment) -> bool:
        text, words = self.terms.text, self.terms.terms
        start = text.words[words[moment.last].word].end
        return text.original[start : text.words[words[following.first].word].start].strip(" .") in ("-", "–", "—")

    def _past(self, moment: Moment) -> bool:
        """Said to be over, not before that day, or open until then."""
        past = self.terms.ending(moment.first, "past", "until", "not_before")
        by = self.terms.ending(moment.first, "by")
        return past > by or bool(self.terms.length(moment.last + 1, "past_after")) or self.at(moment) is None

    def at(self, moment: Moment) -> datetime | None:
        """The moment itself; None when it is over or says nothing."""
        span = next((a.span for a in moment.atoms if a.span), None)
        if span:
            return span
        hours = [a for a in moment.atoms if a.at]
        exact = next((a for a in hours if a.clock), None)
        days = [a.day for a in moment.atoms if a.day and not a.loose] or [a.day for a in moment.atoms if a.day]
        if not days and not hours:
            return None
        when = (exact or hours[-1]).at if hours else LAST_MINUTE
        if exact and when and when.hour < 12 and any(a.at and a.at.hour in (18, 22) for a in hours if not a.clock):
            when = when.replace(hour=when.hour + 12)
        day = days[0] if days else self.sent.date()
        found = datetime.combine(day or self.sent.date(), when or LAST_MINUTE, self.sent.tzinfo)
        if found < self.sent and not days and exact and self._led(moment, "by"):
            found += timedelta(days=1)
        return found if found >= self.sent or (days and day == self.sent.date() and not exact) else None

    def strength(self, moment: Moment) -> int:
        """4: "at the latest"; 3: "by"; 2: "for", or something is due then; 1: it is asked for; 0: only mentioned."""
        first, sentence = moment.first, self.terms.sentence(moment.first)
        before = range(max(first - 3, 0), first)
        if any(self.terms.length(n, "latest") for n in before) or self._latest_after(moment):
            return 4
        if self._led(moment, "by"):
            return 3
        named = moment.dated or any(a.clock or not a.loose for a in moment.atoms)
        if self._led(moment, "for") or (named and moment.first in self.nearest_due):
            return 2
        if not moment.dated or self._feast(moment) or (sentence in self.mentions and not self._alone(moment)):
            return 0
        whole = self.lengths[sentence] == len(self.terms.terms)
        return 1 if whole or sentence in self.asking or self._alone(moment) else 0

    def _led(self, moment: Moment, name: str) -> bool:
        """A word of this list stands before the moment (an article may stand between), or inside it."""
        first = moment.first
        gap = bool(self.terms.ending(first, "the", "at", "of"))
        if self.terms.ending(first, name) or (gap and self.terms.ending(first - 1, name)):
            return True
        inside = range(moment.first, moment.last + 1)
        return any(self.terms.length(n, name, "latest" if name == "by" else name) for n in inside)

    def _feast(self, moment: Moment) -> bool:
        return any(self.terms.length(a.first, "feasts") for a in moment.atoms)

    def _due_moments(self, moments: Sequence[Moment]) -> frozenset[int]:
        """For each word like "closes", the beginning of the next moment in its sentence, else of the last before it."""
        found = set()
        by_sentence: dict[int, list[Moment]] = {}
        for moment in moments:
            by_sentence.setdefault(self.terms.sentence(moment.first), []).append(moment)
        for at in (n for n in range(len(self.terms.terms)) if self.terms.length(n, "due")):
            near = by_sentence.get(self.terms.sentence(at), ())[:MOMENTS_A_SENTENCE]
            found |= {min(near, key=lambda m: (m.first < at, abs(m.first - at))).first} if near else set()
        return frozenset(found)

    def _latest_after(self, moment: Moment) -> bool:
        return any(self.terms.length(moment.last + n, "latest") for n in (1, 2))

    def _alone(self, moment: Moment) -> bool:
        """The sentence is hardly more than the date."""
        return self.lengths[self.terms.sentence(moment.first)] - (moment.last - moment.first + 1) <= 1

    def meant(self) -> list[tuple[int, Moment]]:
        """Every moment that may be a deadline with its strength; "by then" makes the one before it strong."""
        moments = self.moments()
        self.nearest_due = self._due_moments(moments)
        found = [(self.strength(m), m) for m in moments]
        for n in range(len(self.terms.terms)):
            if self.terms.length(n, "then"):
                earlier = [at for at, (_, m) in enumerate(found) if m.last < n and m.dated]
                if earlier:
                    found[earlier[-1]] = (2, found[earlier[-1]][1])
        return [(s, m) for s, m in found if s]


def deadline(text: Text, language: Language, sent: datetime) -> Named | None:
    """The deadline this text names, read with the words of one language; None when it names none.

    `sent` is the aware moment of writing in the client's time zone; the answer is in the same zone.
    """
    finder = _Finder(text, language, sent)
    found = finder.meant()
    if not found:
        return None
    best = max(strength for strength, _ in found)
    moment = next(m for strength, m in found if strength == best)
    at = finder.at(moment)
    first = moment.first - finder.terms.ending(moment.first, "by", "for", "latest")
    return Named(at, finder.terms.words(first, moment.last), best > 1) if at else None
