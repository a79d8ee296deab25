"""The moments a text names ("domani alle 15", "from 3 to 10 December"): atoms that belong together, and which are over.

Every moment is aware, in the zone of the moment of writing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from .dateatoms import Lexer
from .datehours import Atom
from .dateterms import Terms

LAST_MINUTE = time(23, 59)
APART = 3
HOURS_APART = 5
LATE_HOURS = (18, 22)
NOON = time(12)
MORNING_ENDS = 10


@dataclass(frozen=True, slots=True)
class Moment:
    """Atoms that belong together: "domani" and "alle 15", and the moment they name.

    `window`: the end of a range. `early`: said to be the first moment, not the last ("not before Friday").
    `until`: something only goes on until then. `only`: not before and not after ("až 20. listopadu").
    `opening`: something begins then ("away from Friday").
    """

    atoms: tuple[Atom, ...]
    at: datetime
    window: bool = False
    early: bool = False
    until: bool = False
    only: bool = False
    opening: bool = False

    @property
    def first(self) -> int:
        return self.atoms[0].first

    @property
    def last(self) -> int:
        return self.atoms[-1].last

    @property
    def dated(self) -> bool:
        return any(a.day or a.span for a in self.atoms)

    @property
    def exact(self) -> bool:
        return self.dated or any(a.clock for a in self.atoms)


Group = tuple[Atom, ...]


class Moments:
    """Finds the moments of one text."""

    __slots__ = ("_groups", "sent", "terms")

    def __init__(self, terms: Terms, sent: datetime) -> None:
        self.terms = terms
        self.sent = sent
        self._groups = self._grouped(Lexer(terms, sent).atoms())

    @property
    def any(self) -> bool:
        """Whether there may be one."""
        return bool(self._groups)

    def all(self) -> list[Moment]:
        """The moments of the text that are not over, in order; of a range its end."""
        found: list[Moment] = []
        number = 0
        while number < len(self._groups):
            group = self._groups[number]
            following = self._groups[number + 1] if number + 1 < len(self._groups) else None
            ranged, taken = self._range(group, following)
            read = ranged if ranged is not None or taken else self._moment(group)
            number += taken or 1
            if read:
                found.append(self._on_the_day_named(read, found))
        return found

    def _on_the_day_named(self, moment: Moment, earlier: Sequence[Moment]) -> Moment:
        """ "For Saturday's lunch we need six more, in the hall by three": an hour takes the day its sentence names."""
        first = moment.first
        hour = (
            not moment.dated and any(a.clock for a in moment.atoms) and self.terms.led(first, moment.last, "by", "for")
        )
        sentence = self.terms.sentence(first)
        days = [m for m in earlier if hour and self.terms.sentence(m.first) == sentence and any(a.day for a in m.atoms)]
        if len(days) != 1 or any(a.clock for a in days[0].atoms):
            return moment
        return replace(moment, at=datetime.combine(days[0].at.date(), moment.at.timetz()))

    def _grouped(self, atoms: Sequence[Atom]) -> list[Group]:
        groups: list[list[Atom]] = []
        for atom in atoms:
            if groups and self._joins(groups[-1], atom):
                groups[-1].append(atom)
            else:
                groups.append([atom])
        return [tuple(g) for g in groups]

    def _joins(self, group: Sequence[Atom], atom: Atom) -> bool:
        """Whether this atom says more about the same moment."""
        last = group[-1]
        if self.terms.sentence(last.last) != self.terms.sentence(atom.first) or atom.first - last.last > APART:
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
        if atom.day and last.clock and sum(not self.terms.named[n] for n in between) > 1:
            return False  # "alle 15 poi riaprono lunedì"
        return not parted or not atom.day

    def _agree(self, group: Sequence[Atom], atom: Atom) -> bool:
        """ "oggi venerdì", "giovedì 26 novembre": a day of the week beside the day it falls on."""
        days = [a for a in group if a.day]
        loose = atom.loose or days[-1].loose
        same = bool(atom.day and days[-1].day and atom.day.weekday() == days[-1].day.weekday())
        return loose and same and atom.first - days[-1].last <= APART

    def _range(self, group: Group, following: Group | None) -> tuple[Moment | None, int]:
        """The end of the range that begins here and how many groups it takes; (None, 0) where none begins."""
        near = following is not None and following[0].first - group[-1].last <= APART
        begins = self._begins(group)
        dated = any(a.day or a.span for a in group)
        if following and near and (begins or (dated and self._dash(group, following))):
            return self._until(group, following), 2
        if following and dated and self._ends_range(following) and self._hour_of(group, following):
            return self._until(group, following), 2
        if self._ends_range(group):
            return self._until(group, group), 1
        opening = self._moment(group) if begins else None
        return replace(opening, opening=True) if opening else None, int(begins)

    def _hour_of(self, group: Group, following: Group) -> bool:
        """ "zítra mezi 10 a 12 hodinou"."""
        same = self.terms.sentence(group[-1].last) == self.terms.sentence(following[0].first)
        hour = any(a.clock for a in following) and not any(a.day for a in following)
        return same and hour and following[0].first - group[-1].last <= HOURS_APART

    def _begins(self, group: Group) -> bool:
        """ "From" before the group, or before its hour: "domani dalle 10"."""
        first = group[0].first
        if self.terms.ending(first, "from") > self.terms.ending(first, "by"):
            return True
        hours = (a.first for a in group if a.clock)
        inside = any(self.terms.ending(n, "from") or self.terms.length(n, "from") for n in hours if n > first)
        opening = group[0].clock and self.terms.length(first, "from") > self.terms.length(first, "by", "of")
        return inside or opening

    def _until(self, group: Group, end: Group) -> Moment | None:
        """The end of a range as a moment; hours without a day are opening hours and none."""
        days = [a for a in group if a.day]
        if not any(a.day or a.span for a in end):
            end = (*days, *end) if days else ()
        read = self._moment(end) if end else None
        return replace(read, window=True) if read and not read.until else None

    def _ends_range(self, group: Group) -> bool:
        """ "od 3. do 10. prosince": a number with "from" before it, and "to" between."""
        first = group[0].first
        number = first - 1 - self.terms.ending(first, "to", "by")
        bare = 0 < number < first - 1 and self.terms.folded[number].isdecimal()
        return bare and bool(self.terms.ending(number, "from"))

    def _dash(self, group: Group, following: Group) -> bool:
        text, places = self.terms.text, self.terms.places
        start = text.words[places[group[-1].last]].end
        return text.original[start : text.words[places[following[0].first]].start].strip(" .") in ("-", "–", "—")

    def _moment(self, group: Group) -> Moment | None:
        """The moment a group names; None when it is over, or names none."""
        first, last = group[0].first, group[-1].last
        by = self.terms.ending(first, "by")
        if self.terms.ending(first, "past") > by or self.terms.length(last + 1, "past_after"):
            return None
        at = self._at(group)
        early, until, only = (self.terms.ending(first, name) > by for name in ("not_before", "until", "only"))
        until = until or self.terms.length(first, "until") > self.terms.length(first, "by")
        until = until or bool(self.terms.ending(first - self.terms.ending(first, "the"), "until") > by)
        hour = first + self.terms.length(first, "at")  # "fino alle sei", where "alle" belongs to both
        until = until or self.terms.ending(hour, "until") > max(by, self.terms.ending(hour, "by"))
        return Moment(group, at, early=early, until=until, only=only) if at else None

    def _at(self, group: Group) -> datetime | None:
        span = next((a.span for a in group if a.span), None)
        if span:
            return span
        hours = [a for a in group if a.at]
        exact = next((a for a in hours if a.clock), None)
        days = [a.day for a in group if a.day and not a.loose] or [a.day for a in group if a.day]
        if not days and not hours:
            return None
        when = (exact or hours[-1]).at if hours else LAST_MINUTE
        if not exact and hours and self._past_part(hours[-1], days):
            return None
        late = any(a.at and a.at.hour in LATE_HOURS for a in hours if not a.clock)
        if exact and when and when.hour < 12 and late:
            when = when.replace(hour=when.hour + 12)
        day = days[0] if days else self.sent.date()
        found = datetime.combine(day or self.sent.date(), when or LAST_MINUTE, self.sent.tzinfo)
        if found < self.sent and not days and exact and self._next_day(group):
            found += timedelta(days=1)
        return found if found >= self.sent or (days and day == self.sent.date() and not exact) else None

    def _next_day(self, group: Group) -> bool:
        """An hour that is over today: "by 8", and "at 6 in the morning", are tomorrow's."""
        first, last = group[0].first, group[-1].last
        return self.terms.led(first, last, "by") or any(self.terms.length(n, "am") for n in range(first, last + 1))

    def _past_part(self, part: Atom, days: Sequence[date | None]) -> bool:
        """ "Stamattina" written in the evening; "stanotte" written in the morning, when it is the night just over."""
        today = not days or days[0] == self.sent.date()
        night = part.at == LAST_MINUTE and part.day is not None and self.sent.hour < MORNING_ENDS
        return today and bool(part.at) and (night or (part.at == NOON and self.sent.time() > NOON))
