"""Pieces of moments in a text (a day, an hour, "within 48 hours"), read by the words of one language.

Every day is a day of the time zone of the moment the text was sent; docs say how each wording is read.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache

from .datehours import OFF, TIMES, Atom
from .datespans import Spans

DAY_ENDINGS = ("st", "nd", "rd", "th", "er", "o", "a")
LONG_AGO = 6  # months; one that ended later than that is not meant for the next year
LAST_NTH = 4  # the fifth in the list of these words means the last
NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{4}|\d\d))?|(\d{4})-(\d{1,2})-(\d{1,2})")


class Lexer(Spans):
    """Finds the atoms of a text, relative to the moment it was sent (aware, the client's time zone)."""

    __slots__ = ()

    def atoms(self) -> list[Atom]:
        found: list[Atom] = []
        after = 0
        for at in self.terms.told:
            atom = self._atom(at) if at >= after else None
            if atom:
                found.append(atom)
                after = atom.last + 1
        return found

    def _atom(self, at: int) -> Atom | None:
        """The first reading of what stands here; each is tried only at a word of its lists, or at a number."""
        bits = AT_NUMBERS if self.terms.number_at(at) else 0
        for name in self.terms.named[at]:
            bits |= BEGINS.get(name, 0)
        return next((atom for read in _chosen(bits) if (atom := read(self, at))), None) if bits else None

    def _never(self, at: int) -> Atom | None:
        size = self.terms.length(at, "never")
        return Atom(at, at + size - 1) if size else None

    def _same_day(self, at: int) -> Atom | None:
        """ "In giornata": today, or some time on the day just named."""
        size = self.terms.length(at, "same_day")
        if not size:
            return None
        named = self.terms.ending(at, "weekdays", "months", "today", "tomorrow", "after_tomorrow")
        counted = at > 0 and self.terms.folded[at - 1].isdecimal()
        return Atom(at, at + size - 1, day=None if named or counted else self.today)

    def _nth(self, at: int) -> Atom | None:
        """ "The last Friday of the month", "il primo lunedì di dicembre"."""
        where = at + (before := self.terms.length(at, "nth"))
        if not before or not (size := self.terms.length(where, "weekdays")):
            return None
        after = where + size + self.terms.length(where + size, "of", "during")
        first, took = self._part("start", after)
        if not first or not took:
            return None
        number = self.terms.number(at, "nth")
        day = first + timedelta(days=(self.terms.number(where, "weekdays") - first.weekday()) % 7 + 7 * number)
        if number == LAST_NTH:
            day -= timedelta(days=7 * (day.month != first.month or day.year != first.year))
        return Atom(at, after + took - 1, day=day)

    def _week_of(self, at: int) -> Atom | None:
        """ "the week of 7 December": the Friday of the week that day stands in."""
        size = self.terms.length(at, "week", "this_week", "weeks")
        where = at + size
        where += self.terms.length(where, "of", "from", "the") if size else 0
        found = self._date(where) if size else None
        day = found.day if found else None
        return Atom(at, found.last, day=day + timedelta(days=4 - day.weekday())) if found and day else None

    def _month_alone(self, at: int) -> Atom | None:
        """ "in November", "do ledna": its last day. One that ended in the last five months is no date to come."""
        size = self.terms.length(at, "months")
        if not size or not self.terms.ending(at, "by", "latest", "during", "within", "at"):
            return None
        if 0 < (self.today.month - self.terms.number(at, "months") - 1) % 12 < LONG_AGO:
            return None
        year, years = self._year(at + size)
        day, _ = self._part("end", at)
        if not day or (year and year != day.year):
            return None
        return Atom(at, at + size + years - 1, day=day, month=True)

    def _period(self, at: int) -> Atom | None:
        """ "end of the month", "fine settembre", "next week", "nel weekend"."""
        for where in ("first_week", "start", "middle", "end"):
            size = self.terms.length(at, where)
            day, took = self._part(where, at + size) if size else (None, 0)
            if day:
                return Atom(at, at + size + took - 1, day=day)
        friday = self.today + timedelta(days=(4 - self.today.weekday()) % 7)
        monday = self.today - timedelta(days=self.today.weekday())
        for name, day in (
            ("month_end", self._last_of(self.today.year, self.today.month)),
            ("year_end", date(self.today.year, 12, 31)),
            ("next_week", monday + timedelta(days=11)),
            ("this_week", friday),
            ("weekend", self.today + timedelta(days=6 - self.today.weekday())),
        ):
            if size := self.terms.length(at, name):
                return Atom(at, at + size - 1, day=day)
        return None

    def _part(self, where: str, at: int) -> tuple[date | None, int]:
        """The first, middle or last day of the week, month, year or named month that stands here."""
        if where == "end" and (size := self.terms.length(at, "week")):
            return self.today + timedelta(days=(4 - self.today.weekday()) % 7), size
        if size := self.terms.length(at, "year"):
            return date(self.today.year, 1 if where == "start" else 12, 1 if where == "start" else 31), size
        year, month, took = self.today.year, 0, 0
        if size := self.terms.length(at, "months"):
            month, took = self.terms.number(at, "months") + 1, size
            year += (self.today.month - month) % 12 >= LONG_AGO and month < self.today.month
        elif size := self.terms.length(at, "next_month"):
            year, month, took = year + self.today.month // 12, self.today.month % 12 + 1, size
        elif size := self.terms.length(at, "month"):
            month, took = self.today.month, size
        if not month:
            return None, 0
        if where == "first_week":
            return date(year, month, 1 + (4 - date(year, month, 1).weekday()) % 7), took
        return date(year, month, {"start": 1, "middle": 15}.get(where, self._last_of(year, month).day)), took

    @staticmethod
    def _last_of(year: int, month: int) -> date:
        """The last day of a month."""
        return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)

    def _feast(self, at: int) -> Atom | None:
        """A feast."""
        size, number = self.terms.length(at, "feasts"), self.terms.number(at, "feasts")
        return Atom(at, at + size - 1, day=self._coming(number // 100, number % 100)) if size else None

    def _coming(self, month: int, day: int) -> date | None:
        """This day of the year, the next time it comes; one that was up to two months ago stays in the past."""
        try:
            found = date(self.today.year, month, day)
            return found if (self.today - found).days <= 60 else date(self.today.year + 1, month, day)
        except ValueError:
            return None

    def _date(self, at: int) -> Atom | None:
        """ "3 dicembre 2026", "December 3rd", "3/12", "3. 12. 2026", "2026-12-03"."""
        if at >= len(self.terms.folded):
            return None
        return self._day_month(at) or self._month_day(at) or self._numeric(at) or self._dotted(at)

    def _day_number(self, at: int) -> tuple[int, int]:
        """A day of the month with its ending or dot: (3, 2) for "3rd"; (0, 0) when there is none."""
        terms, places = self.terms.folded, self.terms.places
        if size := self.terms.length(at, "day_words"):
            return self.terms.number(at, "day_words") + 1, size
        said = terms[at] if 0 <= at < len(terms) else ""
        if not said.isdecimal() or len(said) > 4 or not 0 < int(said) < 32:
            return 0, 0
        ending = at + 1 < len(terms) and places[at + 1] == places[at] and terms[at + 1] in DAY_ENDINGS
        return int(said), 2 if ending else 1

    def _year(self, at: int) -> tuple[int, int]:
        terms = self.terms.folded
        word = terms[at] if at < len(terms) else ""
        return (int(word), 1) if word.isdecimal() and len(word) == 4 and word.startswith("20") else (0, 0)

    def _made(self, at: int, last: int, day: int, month: int, year: int) -> Atom | None:
        try:
            found = date(year, month, day) if year else self._coming(month, day)
        except ValueError:
            found = None
        if year and found == self.today and not self.terms.ending(at, "by", "for", "latest"):
            return Atom(at, last)  # a stamp of the day of writing, no day somebody waits for
        return Atom(at, last, day=found) if found else None

    def _day_month(self, at: int) -> Atom | None:
        day, took = self._day_number(at)
        if not day and 0 <= self.terms.number(at, "nth") < LAST_NTH:
            day, took = self.terms.number(at, "nth") + 1, self.terms.length(at, "nth")  # "primo dicembre"
        if not day:
            return None
        after = at + took
        after += self.terms.length(after, "of")
        if size := self.terms.length(after, "next_month"):
            year, month = self.today.year + self.today.month // 12, self.today.month % 12 + 1
            return self._made(at, after + size - 1, day, month, year)
        size = self.terms.length(after, "months")
        if not size:
            return None
        year, years = self._year(after + size)
        return self._made(at, after + size + years - 1, day, self.terms.number(after, "months") + 1, year)

    def _hour_follows(self, at: int) -> bool:
        """Whether the number before is an hour: "Monday 9 am"."""
        return bool(self.terms.length(at, "oclock", "am", "pm", "hours"))

    def _month_day(self, at: int) -> Atom | None:
        size = self.terms.length(at, "months")
        day, took = self._day_number(at + size) if size else (0, 0)
        if not day:
            return None
        year, years = self._year(at + size + took)
        return self._made(at, at + size + took + years - 1, day, self.terms.number(at, "months") + 1, year)

    def _numeric(self, at: int) -> Atom | None:
        found = NUMERIC.fullmatch(self.terms.folded[at])
        if not found or (not found[3] and self.terms.ending(at, "at") and not self.terms.ending(at, "by")):
            return None
        if found[4]:
            return self._made(at, at, int(found[6]), int(found[5]), int(found[4]))
        day, month, year = int(found[1]), int(found[2]), int(found[3] or 0)
        if month > 12 >= day:
            day, month = month, day
        year += 2000 if 0 < year < 100 else 0
        if not found[3] and "/" not in found[0] and (self._hour_follows(at + 1) or not self._announced(at)):
            return None
        made = self._made(at, at, day, month, year)
        turned = self._made(at, at, month, day, year) if year and "/" in found[0] else None
        over = made is not None and made.day is not None and made.day < self.today
        return turned if turned and turned.day and turned.day >= self.today and over else made

    def _announced(self, at: int) -> bool:
        """Whether "3.12" is a date rather than a number: a word like "by" or a weekday before it, or a dot after it."""
        led = self.terms.ending(at, "by", "for", "the", "from", "until", "latest", "weekdays")
        return bool(led) or self.terms.dotted(at)

    def _dotted(self, at: int) -> Atom | None:
        """ "3. 12." with a blank between, as Czechs write."""
        terms = self.terms
        if at + 1 >= len(terms.folded) or not (terms.dotted(at) and terms.dotted(at + 1)):
            return None
        (day, _), (month, _) = self._day_number(at), self._day_number(at + 1)
        if not day or not 0 < month < 13:
            return None
        year, years = self._year(at + 2)
        return self._made(at, at + 1 + years, day, month, year)

    def _weekday(self, at: int) -> Atom | None:
        """ "venerdì", "next Friday", "martedì 24", "Tuesday week"."""
        before = self.terms.length(at, "next")
        where = at + before
        size = self.terms.length(where, "weekdays")
        if not size:
            return None
        number, last = self.terms.number(where, "weekdays"), where + size - 1
        day = self.today + timedelta(days=(number - self.today.weekday() - 1) % 7 + 1)
        monday = self.today - timedelta(days=self.today.weekday())
        after = 0 if before else self.terms.length(last + 1, "next_after")
        if before or after:
            return Atom(at, last + after, day=monday + timedelta(days=7 + number))
        if size := self.terms.length(last + 1, "a_week_later"):
            days = (number - self.today.weekday()) % 7 + 7
            return Atom(at, last + size, day=self.today + timedelta(days=days))
        times = [t for name, t in TIMES.items() if self.terms.length(where, name)]  # "Donnerstagmittag"
        named = Atom(at, last, day=day, at=times[0] if times else None, loose=True)
        return self._weekday_number(at, last, number) or named

    def _weekday_number(self, at: int, last: int, weekday: int) -> Atom | None:
        """ "martedì 24", "Tuesday the 1st": the day of the month that falls on that day of the week."""
        after = last + 1 + self.terms.length(last + 1, "the")
        number, took = self._day_number(after)
        if not number or self._hour_follows(after + took) or self._date(after):
            return None
        for days in range(62):
            day = self.today + timedelta(days=days)
            if (day.day, day.weekday()) == (number, weekday):
                return Atom(at, after + took - 1, day=day)
        return None

    def _near(self, at: int) -> Atom | None:
        """ "oggi", "stasera" (which is a time of day, too), "domani", "dopodomani"."""
        sizes = {n: self.terms.length(at, n) for n in ("today", "tomorrow", "after_tomorrow")}
        size = max(sizes.values())
        if not size:
            return None
        days = next(n for n, name in reversed(list(enumerate(sizes))) if sizes[name] == size)
        times = [t for name, t in TIMES.items() if self.terms.length(at, name) == size]
        return Atom(at, at + size - 1, day=self.today + timedelta(days=days), at=times[0] if times else None)

    def _bare_day(self, at: int) -> Atom | None:
        """ "il 24", "the 24th": a number after an article and a word like "by", or with its ending."""
        article = self.terms.length(at, "the")
        number, took = self._day_number(at + article)
        last = at + article + took - 1
        ending = took == 2 and self.terms.places[last] == self.terms.places[last - 1]
        if not number or not (ending or self._named_day(at, last, number, bool(article))):
            return None
        counted = self._counts(last + 1) and not self.terms.parted(last, last + 1)
        if counted or self._hour_follows(last + 1) or self._date(at + article):
            return None
        month = self.today.month + (number < self.today.day)
        return self._made(at, last, number, (month - 1) % 12 + 1, self.today.year + (month > 12))

    def _named_day(self, at: int, last: int, number: int, article: bool) -> bool:
        """Whether a bare number is a day: "entro il 5", "do 24.", or, still to come, "il 23," before a pause."""
        ends = last + 1 >= len(self.terms.folded) or self.terms.sentence(last) != self.terms.sentence(last + 1)
        pause = ends or self.terms.parted(last, last + 1)
        if self.terms.ending(at, "by", "for", "latest"):
            spelled = self.terms.length(at, "day_words") and (pause or self.terms.length(last + 1, *TIMES, "at"))
            return article or self.terms.dotted(last) or bool(spelled)
        return article and number > self.today.day and pause


Reading = tuple[frozenset[str], bool, Callable[[Lexer, int], Atom | None]]


def _reading(names: str, read: Callable[[Lexer, int], Atom | None], numbers: bool = False) -> Reading:
    return frozenset(names.split()), numbers, read


READINGS: tuple[Reading, ...] = (
    _reading("from_now numbers", Lexer._from_now, numbers=True),
    _reading("never", Lexer._never),
    _reading("same_day", Lexer._same_day),
    _reading("nth", Lexer._nth),
    _reading("within", Lexer._span),
    _reading("week this_week weeks", Lexer._week_of),
    _reading("first_week start middle end month_end year_end next_week this_week weekend", Lexer._period),
    _reading("feasts", Lexer._feast),
    _reading("day_words nth months", Lexer._date, numbers=True),
    _reading("months", Lexer._month_alone),
    _reading("next weekdays", Lexer._weekday),
    _reading("today tomorrow after_tomorrow", Lexer._near),
    _reading(" ".join(("at numbers half_hours", *OFF)), Lexer._clock, numbers=True),
    _reading(" ".join(TIMES), Lexer._daytime),
    _reading("the day_words", Lexer._bare_day, numbers=True),
)
"""The readings in the order in which they are tried: the lists of which a word must stand at the beginning, and whether
a number may stand there instead."""
BEGINS = {
    name: sum(1 << bit for bit, (names, _, _) in enumerate(READINGS) if name in names)
    for name in frozenset().union(*(names for names, _, _ in READINGS))
}
"""By the name of a list, a bit for each reading that may begin with a word of it."""
AT_NUMBERS = sum(1 << bit for bit, (_, numbers, _) in enumerate(READINGS) if numbers)


@lru_cache(maxsize=1_000)
def _chosen(bits: int) -> Sequence[Callable[[Lexer, int], Atom | None]]:
    return [read for bit, (_, _, read) in enumerate(READINGS) if bits >> bit & 1]
