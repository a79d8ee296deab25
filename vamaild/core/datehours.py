"""Hours in a text ("alle 15", "half past three", "in the evening"), read by the words of one language."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from .dateterms import Terms

TIMES = {
    "morning": time(12),
    "noon": time(12),
    "afternoon": time(18),
    "end_of_day": time(18),
    "evening": time(22),
    "midnight": time(23, 59),
}
NOON_HOUR = 12
OFF = {"half_to": -30, "half_after": 30, "quarter_to": -15, "quarter_after": 15, "quarter_before": -45}
"""Lists of words before an hour, and how many minutes off it they mean."""
CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece of a moment: a day, a time of day, or the end of a span. `first`, `last`: numbers of terms.

    `clock`: an hour was named. `loose`: a weekday alone or a part of the day, which another word may make exact.
    `month`: the end of a month that was named alone.
    """

    first: int
    last: int
    day: date | None = None
    at: time | None = None
    span: datetime | None = None
    clock: bool = False
    loose: bool = False
    month: bool = False


class Hours:
    """Finds the hours of a text. A part of the day stands for its end."""

    __slots__ = ("terms",)

    def __init__(self, terms: Terms) -> None:
        self.terms = terms

    def _value(self, at: int, limit: int = 400) -> tuple[int, int]:
        """(number, terms it takes) of the number that stands here, in digits or words; (0, 0) when none does."""
        if not 0 <= at < len(self.terms.folded):
            return 0, 0
        word = self.terms.folded[at]
        if word.isdecimal() and len(word) <= 3:
            return (int(word), 1) if 0 < int(word) <= limit else (0, 0)
        size = self.terms.length(at, "numbers")
        value = self.terms.number(at, "numbers") + 1
        return (value, size) if size and value <= limit else (0, 0)

    def _clock(self, at: int) -> Atom | None:
        """ "alle 15", "ore 17.00", "14:30", "5pm", "v 8 ráno", "le nove"."""
        lead = self.terms.length(at, "at")
        where = at + lead
        half = self._half(at) or (self._half(where) if lead else None)
        if half:
            return half
        if where >= len(self.terms.folded):
            return None
        exact = CLOCK.fullmatch(self.terms.folded[where])
        hour, took = (int(exact[1]), 1) if exact else self._value(where, 24)
        if not took:
            hour, took = self._nth_hour(at, where)
            lead = lead or took
        minute, last = int(exact[2]) if exact else 0, where + took - 1
        if took and not exact and (self._ordinal(where, hour) or self._things(where)):
            return None
        mark = self.terms.length(last + 1, "oclock", "am", "pm") if took else 0
        spelled = hour > NOON_HOUR and not self.terms.folded[where][0].isdigit()
        if spelled and not mark and not self._stops(last):
            return None  # "about twenty people"
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
        """ "halb drei", "half past three", "čtvrt na pět": so many minutes off the hour named; in office hours."""
        if not 0 <= at < len(self.terms.named) or self.terms.named[at].keys().isdisjoint(OFF):
            return None
        size, off = max(((self.terms.length(at, name), minutes) for name, minutes in OFF.items()), key=lambda s: s[0])
        hour, took = self._hour(at + size) if size else (0, 0)
        if not took or self._counts(at + size + took):
            return None
        mark = self.terms.length(at + size + took, "oclock", "am", "pm")
        hour += 12 if hour < 8 and not self.terms.length(at + size + took, "am") else 0
        hour, minute = divmod(hour * 60 + off, 60)
        return Atom(at, at + size + took + mark - 1, at=time(hour % 24, minute), clock=True)

    def _hour(self, at: int) -> tuple[int, int]:
        """The hour behind "half": a number, or a form of it that stands nowhere else ("půl třetí")."""
        size = self.terms.length(at, "half_hours")
        return (self.terms.number(at, "half_hours") + 1, size) if size else self._value(at, 12)

    def _minutes(self, at: int) -> tuple[int, int]:
        """(minutes, terms from here on) of "14 Uhr 30", "14 h 30", "las 3 y media"; (0, 0) when there are none."""
        for name, minutes in (("half_past", 30), ("quarter_past", 15)):
            if size := self.terms.length(at, name):
                return minutes, size + self.terms.length(at + size, "am", "pm")
        size = self.terms.length(at, "clock_minutes")
        where = at + size
        if size and self.terms.length(where, "half_past"):
            return 30, size + self.terms.length(where, "half_past")
        word = self.terms.folded[where] if size and where < len(self.terms.folded) else ""
        minutes = len(word) == 2 and word.isdecimal() and int(word) < 60
        return (int(word), size + 1) if minutes and not self._counts(where + 1) else (0, 0)

    def _ordinal(self, at: int, value: int) -> bool:
        """ "2." in the middle of a sentence is a day of the month; "a" is no one o'clock."""
        terms = self.terms
        goes_on = at + 1 < len(terms.folded) and terms.sentence(at) == terms.sentence(at + 1)
        return (goes_on and terms.dotted(at)) or (value == 1 and not terms.folded[at].isdecimal())

    def _things(self, at: int) -> bool:
        return not self.terms.folded[at].isdecimal() and self.terms.counts(at)

    def _nth_hour(self, at: int, where: int) -> tuple[int, int]:
        """ "Na šestou ráno", "do třetí": a form of the hour that means one where nothing it could count follows."""
        size = self.terms.length(where, "half_hours") if where > at or self.terms.ending(at, "for", "by") else 0
        return (self.terms.number(where, "half_hours") + 1, size) if size and self._stops(where + size - 1) else (0, 0)

    def _stops(self, last: int) -> bool:
        """Whether nothing follows that the number which ends here could count."""
        if last + 1 >= len(self.terms.folded) or self.terms.sentence(last) != self.terms.sentence(last + 1):
            return True
        mark = not self.terms.folded[last + 1].isalnum()
        return mark or self.terms.parted(last, last + 1) or bool(self.terms.length(last + 1, *TIMES))

    def _counts(self, at: int) -> bool:
        """Whether a unit follows, so that the number counts something: "alle 2 settimane"."""
        return bool(self.terms.length(at, "minutes", "calendar_days", "working_days", "weeks", "months"))

    def _daytime(self, at: int) -> Atom | None:
        for name, when in TIMES.items():
            if size := self.terms.length(at, name):
                return Atom(at, at + size - 1, at=when, loose=name not in ("noon", "end_of_day", "midnight"))
        return None
