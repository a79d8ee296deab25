"""Times of the report: when it is due, what it is about, how long an answer took while the office was open.

All moments are aware; days and hours are those of the zone that is given.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from .calendar import is_open
from .ruleset import Lead, Week

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
USUAL = (4, time(16))  # Friday 16:00
TREND = 8  # weeks
FURTHEST = 60  # days: whoever closes for longer reads it on a closed day


def planned(day: date, at: time, week: Week, zone: datetime) -> datetime:
    """The moment of the report that belongs to this day, in UTC: on a holiday it waits for the next working day."""
    if day in week.closed:
        day = next((d for n in range(FURTHEST) if is_open(d := day + n * DAY, week)), day)
    return datetime.combine(day, at, zone.tzinfo).astimezone(UTC)


def moments(around: datetime, send: tuple[int, time], week: Week) -> list[datetime]:
    """The planned moments of the weeks about this one, oldest first, in UTC; two that fall together are one.

    `around` gives the zone.
    """
    weekday, at = send
    nearest = around.date() + timedelta(days=weekday - around.weekday())
    days = (nearest + n * WEEK for n in range(-TREND - 2, 4))
    return sorted({planned(day, at, week, around) for day in days})


def due(now: datetime, send: tuple[int, time], week: Week) -> tuple[datetime, datetime]:
    """(from, until) of the report whose moment has come last; `now` gives the zone."""
    past = [m for m in moments(now, send, week) if m <= now.astimezone(UTC)]
    return past[-2], past[-1]


def ahead(now: datetime, send: tuple[int, time], week: Week) -> tuple[datetime, datetime]:
    """(from, until) of the report that would leave next, if it left in this minute."""
    return due(now, send, week)[1], now.astimezone(UTC).replace(second=0, microsecond=0)


def of_week(year: int, number: int, now: datetime, send: tuple[int, time], week: Week) -> tuple[datetime, datetime]:
    """(from, until) of the report of an ISO week. Raises ValueError when there is no such week."""
    day = date.fromisocalendar(year, number, 1) + timedelta(days=send[0])
    until = planned(day, send[1], week, now)
    around = datetime.combine(day, send[1], now.tzinfo)
    return max(m for m in moments(around, send, week) if m < until), until


def before(since: datetime, until: datetime, send: tuple[int, time], week: Week) -> list[tuple[datetime, datetime]]:
    """The eight weeks that end with this one, oldest first; `until` gives the zone."""
    earlier = [m for m in moments(until, send, week) if m < since.astimezone(UTC)][-TREND + 1 :]
    ends = [*earlier[1:], since.astimezone(UTC)] if earlier else []
    return [*zip(earlier, ends, strict=True), (since.astimezone(UTC), until.astimezone(UTC))]


def office_time(start: datetime, end: datetime, week: Week) -> timedelta:
    """How long the office was open between these moments; both in one zone."""
    spent, day = timedelta(), start.date()
    for _ in range(min((end.date() - day).days, 366) + 1):
        if is_open(day, week):
            opens, closes = (datetime.combine(day, t, start.tzinfo) for t in (week.opens, week.closes))
            first, last = max(start, opens).astimezone(UTC), min(end, closes).astimezone(UTC)
            spent += max(last - first, timedelta())
        day += DAY
    return spent


def notice(asked: date, wanted: date, lead: Lead, week: Week) -> int:
    """How many days of notice a request gives, counted as the contract counts them; the day itself is not counted."""
    between = min(max((wanted - asked).days, 0), 366)
    if lead.unit == "calendar":
        return between
    return sum(is_open(asked + timedelta(days=n), week) for n in range(1, between + 1))


def middle(times: Sequence[timedelta]) -> timedelta | None:
    """One that happened, never a mean of two; None for none."""
    return sorted(times)[(len(times) - 1) // 2] if times else None
