"""Pieces of moments in a text (a day, an hour, "within 48 hours"), read by the words of one language.

Every day is a day of the time zone of the moment the text was sent; docs say how each wording is read.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .dateterms import Terms

TIMES = {
    "morning": time(12),
    "noon": time(12),
    "afternoon": time(18),
    "end_of_day": time(18),
    "evening": time(22),
    "midnight": time(23, 59),
}
DAYS_OF = {"weeks": 7, "fortnights": 14, "months_span": 30}
DAY_ENDINGS = ("st", "nd", "rd", "th", "er", "o", "a")
NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{4}|\d\d))?|(\d{4})-(\d{1,2})-(\d{1,2})")
CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece of a moment: a day, a time of day, or the end of a span. `first`, `last`: numbers of terms.

    `clock`: an hour was named. `loose`: a weekday alone or a part of the day, which another word may make exact.
    """

    first: int
    last: int
    day: date | None = None
    at: time | None = None
    span: datetime | None = None
    clock: bool = False
    loose: bool = False


class Lexer:
    """Finds the atoms of a text, relative to the moment it was sent (aware, the client's time zone)."""

    __slots__ = ("sent", "terms", "today")

    def __init__(self, terms: Terms, sent: datetime) -> None:
        self.terms = terms
        self.sent = sent
        self.today = sent.date()

    def atoms(self) -> list[Atom]:
        found: list[Atom] = []
        at = 0
        while at < len(self.terms.terms):
            atom = self._atom(at)
            if atom:
                found.append(atom)
            at = atom.last + 1 if atom else at + 1
        return found

    def _atom(self, at: int) -> Atom | None:
        if not self.terms.named[at] and not self.terms.terms[at].folded[:1].isdigit():
            return None  # neither a word for days nor a number: nothing that could begin a date
        for read in (self._never, self._span, self._period, self._feast, self._date, self._weekday, self._near):
            atom = read(at)
            if atom:
                return atom
        return self._clock(at) or self._daytime(at) or self._bare_day(at)

    def _never(self, at: int) -> Atom | None:
        size = self.terms.length(at, "never")
        return Atom(at, at + size - 1) if size else None

    def _value(self, at: int, limit: int = 400) -> tuple[int, int]:
        """(number, terms it takes) of the number that stands here, in digits or words; (0, 0) when none does."""
        if not 0 <= at < len(self.terms.terms):
            return 0, 0
        word = self.terms.terms[at].folded
        if word.isdecimal() and len(word) <= 3:
            return (int(word), 1) if 0 < int(word) <= limit else (0, 0)
        size = self.terms.length(at, "numbers")
        return (self.terms.number(at, "numbers") + 1, size) if size else (0, 0)

    def _span(self, at: int) -> Atom | None:
        """ "within 48 hours", "fra tre giorni", "do hodiny"."""
        size = self.terms.length(at, "within")
        if not size:
            return None
        value, took = self._value(at + size)
        unit_at = at + size + took
        if not took and self._value(unit_at + 1)[0]:
            return None  # "do godziny 15": the hour of the clock, no span of one hour
        for unit in ("minutes", "hours", "working_days", "calendar_days", "weeks", "fortnights", "months_span"):
            length = self.terms.length(unit_at, unit)
            if length and length >= self.terms.length(unit_at, "working_days"):
                if self._is_clock(unit, value, took, at):
                    return None
                return Atom(at, unit_at + length - 1, span=self._after(unit, value or 1))
        return None

    def _is_clock(self, unit: str, value: int, took: int, at: int) -> bool:
        """ "do 15 hodin" is three o'clock, "do 24 hodin" a day: by the number, where one word says both."""
        after = at + self.terms.length(at, "within") + took
        return unit == "hours" and bool(self.terms.length(after, "oclock")) and took > 0 and 6 < value < 23

    def _after(self, unit: str, value: int) -> datetime:
        if unit in ("minutes", "hours"):
            return self.sent + timedelta(**{unit: value})
        if unit == "working_days":
            day = self.today
            for _ in range(value):
                day += timedelta(days=1)
                while day.weekday() > 4:
                    day += timedelta(days=1)
            return self._at(day)
        return self._at(
            self.today + timedelta(days=value * {"weeks": 7, "fortnights": 14, "months_span": 30}.get(unit, 1))
        )

    def _at(self, day: date) -> datetime:
        return datetime.combine(day, time(23, 59), self.sent.tzinfo)

    def _period(self, at: int) -> Atom | None:
        """ "end of the month", "fine settembre", "next week", "nel weekend"."""
        for where in ("start", "middle", "end"):
            size = self.terms.length(at, where)
            day, took = self._part(where, at + size) if size else (None, 0)
            if day:
                return Atom(at, at + size + took - 1, day=day)
        friday = self.today + timedelta(days=(4 - self.today.weekday()) % 7)
        monday = self.today - timedelta(days=self.today.weekday())
        for name, day in (
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
            year += month < self.today.month
        elif size := self.terms.length(at, "next_month"):
            year, month, took = year + self.today.month // 12, self.today.month % 12 + 1, size
        elif size := self.terms.length(at, "month"):
            month, took = self.today.month, size
        if not month:
            return None, 0
        last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
        return date(year, month, {"start": 1, "middle": 15}.get(where, last)), took

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
        return self._day_month(at) or self._month_day(at) or self._numeric(at) or self._dotted(at)

    def _day_number(self, at: int) -> tuple[int, int]:
        """A day of the month with its ending or dot: (3, 2) for "3rd"; (0, 0) when there is none."""
        terms = self.terms.terms
        if not 0 <= at < len(terms) or not terms[at].folded.isdecimal() or not 0 < int(terms[at].folded[:4]) < 32:
            return 0, 0
        ending = at + 1 < len(terms) and terms[at + 1].word == terms[at].word and terms[at + 1].folded in DAY_ENDINGS
        return int(terms[at].folded), 2 if ending else 1

    def _year(self, at: int) -> tuple[int, int]:
        terms = self.terms.terms
        word = terms[at].folded if at < len(terms) else ""
        return (int(word), 1) if word.isdecimal() and len(word) == 4 and word.startswith("20") else (0, 0)

    def _made(self, at: int, last: int, day: int, month: int, year: int) -> Atom | None:
        try:
            found = date(year, month, day) if year else self._coming(month, day)
        except ValueError:
            found = None
        return Atom(at, last, day=found) if found else None

    def _day_month(self, at: int) -> Atom | None:
        day, took = self._day_number(at)
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

    def _month_day(self, at: int) -> Atom | None:
        size = self.terms.length(at, "months")
        day, took = self._day_number(at + size) if size else (0, 0)
        if not day:
            return None
        year, years = self._year(at + size + took)
        return self._made(at, at + size + took + years - 1, day, self.terms.number(at, "months") + 1, year)

    def _numeric(self, at: int) -> Atom | None:
        found = NUMERIC.fullmatch(self.terms.terms[at].folded)
        if not found or (not found[3] and self.terms.ending(at, "at") and not self.terms.ending(at, "by")):
            return None
        if found[4]:
            return self._made(at, at, int(found[6]), int(found[5]), int(found[4]))
        day, month, year = int(found[1]), int(found[2]), int(found[3] or 0)
        if month > 12 >= day:
            day, month = month, day
        year += 2000 if 0 < year < 100 else 0
        if not found[3] and "/" not in found[0] and not self._announced(at):
            return None
        made = self._made(at, at, day, month, year)
        turned = self._made(at, at, month, day, year) if year and "/" in found[0] else None
        over = made is not None and made.day is not None and made.day < self.today
        return turned if turned and turned.day and turned.day >= self.today and over else made

    def _announced(self, at: int) -> bool:
        """Whether "3.12" is a date rather than a number: a word like "by" or a weekday before it, or a dot after it."""
        led = self.terms.ending(at, "by", "for", "the", "from", "until", "latest", "weekdays")
        return bool(led) or self.terms.terms[at].dotted

    def _dotted(self, at: int) -> Atom | None:
        """ "3. 12." with a blank between, as Czechs write."""
        terms = self.terms.terms
        if at + 1 >= len(terms) or not (terms[at].dotted and terms[at + 1].dotted):
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
        if not number or self._date(after):
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

    def _clock(self, at: int) -> Atom | None:
        """ "alle 15", "ore 17.00", "14:30", "5pm", "v 8 ráno", "le nove"."""
        half = self._half(at)
        if half:
            return half
        lead = self.terms.length(at, "at")
        where = at + lead
        if where >= len(self.terms.terms):
            return None
        exact = CLOCK.fullmatch(self.terms.terms[where].folded)
        hour, took = (int(exact[1]), 1) if exact else self._value(where, 24)
        minute, last = int(exact[2]) if exact else 0, where + took - 1
        if took and not exact and self._ordinal(where, hour):
            return None
        mark = self.terms.length(last + 1, "oclock", "am", "pm") if took else 0
        if took and not exact:
            minute, more = self._minutes(last + 1)
            mark = max(mark, more)
        sure = lead or mark or (exact and ":" in exact.group())
        if not took or hour > 24 or not sure or (lead and not mark and self._counts(last + 1)):
            return None
        early = 0 < hour < 7 and not exact and not self.terms.length(last + 1, "am")
        late = self.terms.length(last + 1, "pm") or self.terms.ending(last + mark + 1, "pm")
        if hour < 12 and (early or late):
            hour += 12
        return Atom(at, last + mark, at=time(hour, minute) if hour < 24 else time(23, 59), clock=True)

    def _half(self, at: int) -> Atom | None:
        """ "halb drei", "o pol tretej", "wpół do trzeciej": half an hour before the hour named; in office hours."""
        size = self.terms.length(at, "half_to")
        hour, took = self._value(at + size, 12) if size else (0, 0)
        if not took or self._counts(at + size + took):
            return None
        mark = self.terms.length(at + size + took, "oclock", "am", "pm")
        hour += 12 if hour < 8 and not self.terms.length(at + size + took, "am") else 0
        return Atom(at, at + size + took + mark - 1, at=time(hour - 1, 30), clock=True)

    def _minutes(self, at: int) -> tuple[int, int]:
        """(minutes, terms from here on) of "14 Uhr 30", "14 h 30", "las 3 y media"; (0, 0) when there are none."""
        if size := self.terms.length(at, "half_past"):
            return 30, size + self.terms.length(at + size, "am", "pm")
        size = self.terms.length(at, "clock_minutes")
        where = at + size
        if size and self.terms.length(where, "half_past"):
            return 30, size + self.terms.length(where, "half_past")
        word = self.terms.terms[where].folded if size and where < len(self.terms.terms) else ""
        minutes = len(word) == 2 and word.isdecimal() and int(word) < 60
        return (int(word), size + 1) if minutes and not self._counts(where + 1) else (0, 0)

    def _ordinal(self, at: int, value: int) -> bool:
        """ "2." in the middle of a sentence is a day of the month; "a" is no one o'clock."""
        terms = self.terms.terms
        goes_on = at + 1 < len(terms) and self.terms.sentence(at) == self.terms.sentence(at + 1)
        return (terms[at].dotted and goes_on) or (value == 1 and not terms[at].folded.isdecimal())

    def _counts(self, at: int) -> bool:
        """Whether a unit follows, so that the number counts something: "alle 2 settimane"."""
        return bool(self.terms.length(at, "minutes", "calendar_days", "working_days", "weeks", "months"))

    def _daytime(self, at: int) -> Atom | None:
        for name, when in TIMES.items():
            if size := self.terms.length(at, name):
                return Atom(at, at + size - 1, at=when, loose=name not in ("noon", "end_of_day", "midnight"))
        return None

    def _bare_day(self, at: int) -> Atom | None:
        """ "il 24", "the 24th": a number after an article and a word like "by", or with its ending."""
        article = self.terms.length(at, "the")
        number, took = self._day_number(at + article)
        last = at + article + took - 1
        if not number or not (took == 2 or (article and self.terms.ending(at, "by", "for", "latest"))):
            return None
        if self._counts(last + 1) or self.terms.length(last + 1, "hours", "oclock"):
            return None
        month = self.today.month + (number < self.today.day)
        return self._made(at, last, number, (month - 1) % 12 + 1, self.today.year + (month > 12))
