"""Who is away when: what the client's file says, and what the assistant said over it (`vamaild away start|end`).

An order governs the days from its first to its last: an absence of the file that overlaps with them is replaced, one
that comes later is left alone. Days are the client's; everything begins and ends at midnight of his zone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from .calendar import is_open
from .ruleset import Absence, RuleSet, Week
from .words import Text, sightings

ORDER, MOST_ORDERS = "order", 20
DAY = timedelta(days=1)
ENDING, SHORTEST_STEM = re.compile(r"[aeiouyáéíóúůý]$", re.IGNORECASE), 5
TAGS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Order:
    """What the assistant said: away from `first` until `back` (`on`), or not away on these days. None: no end known.

    `at` is when she said it, aware. `earlier` are the days that her orders before this one governed: what the file says
    of those was overruled once and does not come back.
    """

    client: str
    at: datetime
    on: bool
    first: date
    back: date | None = None
    answer_by: date | None = None
    earlier: tuple[tuple[date, date | None], ...] = ()

    def governs(self, absence: Absence) -> bool:
        """Whether the two have a day in common, or an earlier order had."""
        return any(_meet(span, (absence.first, absence.back)) for span in self.spans)

    @property
    def spans(self) -> tuple[tuple[date, date | None], ...]:
        """From, until (not included) of this order and of those before it."""
        return ((self.first, self.back), *self.earlier)[:MOST_ORDERS]


def _meet(one: tuple[date, date | None], other: tuple[date, date | None]) -> bool:
    return (one[1] is None or other[0] < one[1]) and (other[1] is None or one[0] < other[1])


class AwayBook(Protocol):
    """What is kept of absences in the store: one value for each client and name, and who wants no automatic reply."""

    def keep_away(self, client: str, name: str, value: Mapping[str, object], now: datetime) -> None:
        """Replaces what was kept under this name."""

    def away_kept(self, client: str, name: str) -> tuple[datetime, Mapping[str, object]] | None:
        """(when it was kept, the value)."""

    def silence(self, client: str, address: str, now: datetime) -> bool:
        """From now on this person gets no automatic reply; False when that was kept already."""

    def unsilence(self, client: str, address: str) -> bool:
        """False when nothing was kept."""

    def silenced(self, client: str, address: str) -> datetime | None: ...


def to_value(order: Order) -> dict[str, object]:
    """JSON-ready."""
    days = {"first": order.first, "back": order.back, "answer_by": order.answer_by}
    earlier = [[_iso(first), _iso(back)] for first, back in order.earlier]
    return {"on": order.on, "earlier": earlier} | {name: _iso(day) for name, day in days.items()}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def order_of(client: str, kept: tuple[datetime, Mapping[str, object]] | None) -> Order | None:
    """The order that was kept under this client, if any."""
    if kept is None:
        return None
    at, value = kept
    first, back, answer_by = (_day(value.get(name)) for name in ("first", "back", "answer_by"))
    listed = value.get("earlier")
    spans = [(_day(span[0]), _day(span[1])) for span in listed] if isinstance(listed, list) else []
    earlier = tuple((begin, end) for begin, end in spans if begin)
    return Order(client, at, bool(value.get("on")), first, back, answer_by, earlier) if first else None


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def standing(ruleset: RuleSet, order: Order | None, today: date) -> RuleSet:
    """The client as it stands on this day of its zone, the assistant's order put over its file."""
    return replace(ruleset, absence=holding(ruleset.absence, order, today)) if order else ruleset


def holding(absence: Absence | None, order: Order | None, today: date) -> Absence | None:
    """The same of what the file says alone.

    Of two absences the one that is on counts, else the next one, else the last one.
    """
    if order is None:
        return absence
    written = absence if absence and not order.governs(absence) else None
    say = absence.say if absence else {}
    said = Absence(order.first, order.back, order.answer_by, say) if order.on else None
    there = [a for a in (said, written) if a and (a is written or a.back is None or today < a.back)]
    ahead = sorted((a for a in there if a.back is None or today < a.back), key=lambda a: a.first)
    return next(iter((*ahead, *there)), None)


def ended(client: str, absence: Absence, written: Absence | None, before: Order | None, now: datetime) -> Order:
    """The order that ends this absence now; `now` in the client's zone. What the file says of these days ends, too."""
    span, tomorrow = (absence.first, absence.back), now.date() + DAY
    found = [a for a in (absence, written) if a and (a is absence or _meet((a.first, a.back), span))]
    backs = [a.back or tomorrow for a in found]
    first, back = min(a.first for a in found), max(*backs, tomorrow)
    return Order(client, now, False, first, back, earlier=before.spans if before else ())


def last_day(absence: Absence, week: Week) -> date | None:
    """The last working day away, of which people speak; the last day where none is a working day."""
    if absence.back is None:
        return None
    days = [absence.back - n * DAY for n in range(1, (absence.back - absence.first).days + 1)]
    return next((day for day in days if is_open(day, week)), absence.back - DAY)


def oddities(absence: Absence, week: Week, today: date | None = None) -> Iterator[tuple[str, str, str]]:
    """(key, what is odd about the dates, what to do); with `today` also what is past."""
    back, by = absence.back, absence.answer_by
    if back is None:
        yield "back", "no day back is written", "replies name no date, and whoever writes twice waits for you"
        return
    if today and back <= today:
        yield "back", f"the absence was over on {said(back)}", "write the next one, or take [absence] out"
    if not is_open(back, week):
        yield "back", f"{said(back)}, the day back, is a closed day", "write the first day he is at work again"
    if by and by >= back and not is_open(by, week):
        yield "answer_by", f"{said(by)}, the date customers are told, is a closed day", "write a working day"


def said(day: date) -> str:
    """ "Mon 7 Dec 2026"."""
    return f"{day:%a} {day.day} {day:%b} {day.year}"


def named_places(source: str, places: Iterable[str]) -> tuple[tuple[int, str], ...]:
    """(line, what it says) of every place that is named: where somebody is on holiday is nobody's business.

    A place is found in its other forms, too ("Kréta", "na Krétě"). What stands in {{ }} and {% %} is no text.
    """
    bare = TAGS.sub(lambda tag: re.sub(r"[^\n]", " ", tag[0]), source)
    hits = sightings(tuple(_forms(place) for place in places), Text(bare))
    return tuple((bare.count("\n", 0, hit.start) + 1, hit.words) for hit in hits)


def _forms(place: str) -> str:
    """The place as a phrase, each longer word without its last vowel: what follows may be any ending."""
    return " ".join(ENDING.sub("*", word) if len(word) >= SHORTEST_STEM else word for word in place.split())
