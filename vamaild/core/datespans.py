"""Spans of time in a text ("within 48 hours", "fra tre giorni"), counted from the moment it was sent."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from .datehours import Atom, Hours
from .dateterms import Terms

UNITS = ("minutes", "hours", "working_days", "calendar_days", "weeks", "fortnights", "months_span")
DAYS_OF = {"weeks": 7, "fortnights": 14, "months_span": 30}


class Spans(Hours):
    """Finds the spans of a text. `sent` is aware, in the client's time zone."""

    __slots__ = ("sent", "today")

    def __init__(self, terms: Terms, sent: datetime) -> None:
        super().__init__(terms)
        self.sent = sent
        self.today = sent.date()

    def _span(self, at: int) -> Atom | None:
        """ "within 48 hours", "fra tre giorni", "do hodiny"."""
        size = self.terms.length(at, "within")
        if not size:
            return None
        article = self.terms.length(at + size, "the")
        size += article
        value, took = self._value(at + size)
        unit_at = at + size + took
        if half := self._half_hour(at, unit_at):
            return half
        if not took and self._value(unit_at + 1)[0]:
            return None  # "do godziny 15": the hour of the clock, no span of one hour
        for unit in UNITS:
            length = self.terms.length(unit_at, unit)
            if article and not took and unit not in ("minutes", "hours"):
                continue  # "in the week", "within the month"
            if length and length >= self.terms.length(unit_at, "working_days"):
                if self._is_clock(unit, value, took, at):
                    return None
                length += self.terms.length(unit_at + length, "from_now")
                return Atom(at, unit_at + length - 1, span=self._after(unit, value or 1))
        return None

    def _from_now(self, at: int) -> Atom | None:
        """ "A fortnight from today", "ode dneška za tři týdny"."""
        lead = self.terms.length(at, "from_now")
        if lead:
            found = self._span(at + lead)
            return replace(found, first=at) if found else None
        value, took = self._value(at)
        if not took or at + took >= len(self.terms.named) or self.terms.named[at + took].keys().isdisjoint(UNITS):
            return None
        size, unit = max((self.terms.length(at + took, unit), unit) for unit in UNITS)
        now = self.terms.length(at + took + size, "from_now") if size else 0
        return Atom(at, at + took + size + now - 1, span=self._after(unit, value)) if now else None

    def _half_hour(self, at: int, where: int) -> Atom | None:
        """ "entro mezz'ora", "do půl hodiny"."""
        half = self.terms.length(where, "half")
        size = self.terms.length(where + half, "hours") if half else 0
        return Atom(at, where + half + size - 1, span=self.sent + timedelta(minutes=30)) if size else None

    def _is_clock(self, unit: str, value: int, took: int, at: int) -> bool:
        """ "do 15 hodin" is three o'clock, "do 24 hodin" a day: by the number, or the day named just before."""
        after = at + self.terms.length(at, "within") + took
        if unit != "hours" or not took or not self.terms.length(after, "oclock"):
            return False
        named = at > 0 and self.terms.sentence(at - 1) == self.terms.sentence(at)
        return 6 < value < 23 or bool(value < 7 and named and self.terms.ending(at, "today", "tomorrow", "weekdays"))

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
        return self._at(self.today + timedelta(days=value * DAYS_OF.get(unit, 1)))

    def _at(self, day: date) -> datetime:
        return datetime.combine(day, time(23, 59), self.sent.tzinfo)
