"""Days a client works: lead times, horizons, office hours. Every function takes its moment; none asks the time.

All moments are aware and in the client's time zone; days are that zone's days.
"""

from datetime import date, datetime, timedelta

from .ruleset import Lead, Week

FAR = 366 * 3


def is_open(day: date, week: Week) -> bool:
    """Whether work is done on this day."""
    return day.weekday() in week.days and day not in week.closed


def next_open(day: date, week: Week) -> date:
    """This day, or the first working day after it. Raises ValueError when three years hold none."""
    for _ in range(FAR):
        if is_open(day, week):
            return day
        day += timedelta(days=1)
    raise ValueError("no working day in three years: look at [week] and the holidays")


def add_working_days(start: date, days: int, week: Week) -> date:
    """The day on which `days` working days have passed; the start itself is not counted."""
    day = start
    for _ in range(days):
        day = next_open(day + timedelta(days=1), week)
    return day


def clock_starts(arrived: datetime, lead: Lead, week: Week) -> date:
    """The working day on which the notice begins to run: today, or the next one after the cutoff or a closed day."""
    return next_open(_counts_from(arrived, lead), week)


def ready_on(arrived: datetime, lead: Lead, week: Week) -> date:
    """The date an ordinary request is promised for: never a closed day.

    The day on which the notice begins to run is not counted. Calendar days run on closed days too.
    """
    if lead.unit == "calendar":
        return next_open(_counts_from(arrived, lead) + timedelta(days=lead.days), week)
    return add_working_days(clock_starts(arrived, lead, week), lead.days, week)


def _counts_from(arrived: datetime, lead: Lead) -> date:
    late = lead.cutoff is not None and arrived.time() > lead.cutoff
    return arrived.date() + timedelta(days=late)


def horizon(arrived: datetime, lead: Lead, week: Week) -> date:
    """The first day that is no rush: plain counting from the day of the message, which itself does not count."""
    if lead.unit == "calendar":
        return arrived.date() + timedelta(days=lead.days)
    return add_working_days(arrived.date(), lead.days, week)


def in_office_hours(moment: datetime, week: Week) -> bool:
    """Whether somebody is at work at this moment."""
    return is_open(moment.date(), week) and week.opens <= moment.timetz().replace(tzinfo=None) < week.closes


def next_morning(moment: datetime, week: Week) -> datetime:
    """When the office opens on the next working day after this one."""
    day = next_open(moment.date() + timedelta(days=1), week)
    return datetime.combine(day, week.opens, moment.tzinfo)
