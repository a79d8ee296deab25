"""What may be promised: the price and the moment of a rush, the hour of the next news; and when to remind of it."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from .calendar import add_working_days, in_office_hours, is_open, next_morning, next_open
from .promise import Promise, PromiseState
from .ruleset import Rush, Tier, Week

TODAY = re.compile(r"today (\d{1,2}):(\d{2})")
WORKING_DAYS = re.compile(r"(\d{1,2}) working days?")
DAY = timedelta(days=1)
SHORTLY = timedelta(minutes=30)
TO_CANCEL = timedelta(minutes=30)
LEAST_WORK = timedelta(hours=1)
LONGEST_CLOSED = 60


@dataclass(frozen=True, slots=True)
class Offer:
    """B: ready at `ready_at` for `percent` more, if he says so by `accept_by` (both in the client's time zone)."""

    ready_at: datetime
    percent: int
    accept_by: datetime


def tier_ready(tier: Tier, now: datetime, week: Week) -> datetime | None:
    """When work of this tier would be ready if it were ordered now; None when the tier's hour is past."""
    if match := TODAY.fullmatch(tier.ready):
        at = datetime.combine(now.date(), time(int(match[1]), int(match[2])), now.tzinfo)
        return at if at > now else None
    if match := WORKING_DAYS.fullmatch(tier.ready):
        day = add_working_days(next_open(now.date(), week), int(match[1]), week)
    else:
        day = now.date() + timedelta(days=(6 - now.weekday()) % 7)
    return datetime.combine(day, week.closes, now.tzinfo)


def accept_by(tier: Tier, ready: datetime, now: datetime, week: Week) -> datetime | None:
    """Until when a yes still helps; None when that moment is past."""
    if tier.ask_before:
        at = datetime.combine(now.date(), tier.ask_before, now.tzinfo)
    else:
        closing = datetime.combine(now.date(), week.closes, now.tzinfo)
        at = closing if in_office_hours(now, week) else next_morning(now, week) + timedelta(hours=1)
    return at if now < at < ready else None


def offer(rush: Rush, now: datetime, deadline: datetime | None, ordinary: date, week: Week) -> Offer | None:
    """The cheapest tier that meets the deadline, else the soonest that beats the ordinary date; None if none does."""
    offers = []
    for tier in rush.tiers:
        ready = tier_ready(tier, now, week)
        latest = accept_by(tier, ready, now, week) if ready else None
        if ready and latest and ready.date() < ordinary:
            offers.append(Offer(ready, tier.percent, latest))
    meets = [o for o in offers if deadline and o.ready_at <= deadline]
    if meets:
        return min(meets, key=lambda o: (o.percent, o.ready_at))
    return min(offers, key=lambda o: (o.ready_at, o.percent), default=None)


def news_at(now: datetime, within: timedelta) -> datetime:
    """When the sender of an emergency hears again: rounded up to the next ten minutes."""
    at = (now + within).replace(second=0, microsecond=0)
    return at + timedelta(minutes=-at.minute % 10)


def enough(deadline: datetime | None, ready_by: date, closes: time) -> bool:
    """Whether the agreed notice meets what he asks: nothing asked, or the end of that day is soon enough."""
    return deadline is None or deadline >= datetime.combine(ready_by, closes, deadline.tzinfo)


def remind_at(due: datetime, hour: bool, now: datetime, week: Week) -> datetime:
    """When the keeper of a promise is reminded; never in the past. All in the client's time zone.

    An hour within a day: half an hour before. A day: at the opening of the working day before, else of the day itself.
    """
    shortly = (due.astimezone(UTC) - SHORTLY).astimezone(due.tzinfo)
    soon = hour and due.astimezone(UTC) - now.astimezone(UTC) <= DAY
    eve, morning = (datetime.combine(day, week.opens, due.tzinfo) for day in (_day_before(due, week), due.date()))
    wanted = (shortly,) if soon else (eve, morning, shortly)
    return next((at for at in wanted if now < at < due), now)


def _day_before(due: datetime, week: Week) -> date:
    """The last working day before this one; the day before where a week has none."""
    days = (due.date() - n * DAY for n in range(1, LONGEST_CLOSED))
    return next((day for day in days if is_open(day, week)), due.date() - DAY)


def cancel_by(now: datetime, ready_at: datetime, week: Week) -> datetime | None:
    """Until when a sold rush may be called off at no cost; None when the work must begin at once.

    Half an hour or more, at a round half hour, while somebody reads the mail.
    """
    at = now if in_office_hours(now, week) else next_morning(now, week)
    at = (at + TO_CANCEL).replace(second=0, microsecond=0)
    at += timedelta(minutes=-at.minute % 30)
    return at if at + LEAST_WORK <= ready_at else None


def is_late(promise: Promise, now: datetime) -> bool:
    """Whether it was kept too late, or is past due and nobody has kept it."""
    return promise.state is PromiseState.LATE or (promise.state is PromiseState.OPEN and promise.promise.due < now)


def ended(due: datetime, answered: datetime) -> PromiseState:
    """What an answer at this moment makes of a promise."""
    return PromiseState.KEPT if answered <= due else PromiseState.LATE
