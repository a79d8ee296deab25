"""Lead times as a contract counts them. The vectors were counted by hand on a calendar."""

import time as clock
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.calendar import (
    add_working_days,
    clock_starts,
    horizon,
    in_office_hours,
    is_open,
    next_morning,
    next_open,
    ready_on,
)
from vamaild.core.ruleset import Lead, Week

ROME, PRAGUE = ZoneInfo("Europe/Rome"), ZoneInfo("Europe/Prague")
IT = frozenset(
    date.fromisoformat(d)
    for d in ("2026-12-08", "2026-12-25", "2026-12-26", "2027-01-01", "2027-01-06", "2027-03-29", "2027-10-04")
)
MILAN = IT | {date(2026, 12, 7)}
CZ = frozenset(
    date.fromisoformat(d)
    for d in ("2026-11-17", "2026-12-24", "2026-12-25", "2026-12-26", "2027-01-01", "2027-03-26", "2027-03-29")
)
AT_FIVE = time(17)


@pytest.mark.parametrize(
    ("arrived", "zone", "days", "closed", "ready"),
    [
        ("2026-12-04T16:59", ROME, 4, IT, "2026-12-11"),
        ("2026-12-04T17:01", ROME, 4, IT, "2026-12-14"),
        ("2026-12-04T16:59", ROME, 4, MILAN, "2026-12-14"),
        ("2026-12-23T10:00", ROME, 4, IT, "2026-12-30"),
        ("2026-12-23T10:00", PRAGUE, 4, CZ, "2026-12-31"),
        ("2027-03-24T11:00", ROME, 4, IT, "2027-03-31"),
        ("2027-03-24T11:00", PRAGUE, 4, CZ, "2027-04-01"),
        ("2027-03-28T01:30", ROME, 1, IT, "2027-03-31"),
        ("2027-10-01T10:00", ROME, 1, IT, "2027-10-05"),
        ("2026-11-26T10:40", ROME, 4, IT, "2026-12-02"),
        ("2026-12-04T17:00", ROME, 4, IT, "2026-12-11"),  # at the cutoff is not after it
        ("2026-12-04T17:00:01", ROME, 4, IT, "2026-12-14"),
        ("2026-12-05T09:00", ROME, 4, IT, "2026-12-14"),  # a Saturday is like Friday night
        ("2026-12-05T23:00", ROME, 4, IT, "2026-12-14"),
        ("2026-12-08T12:00", ROME, 1, IT, "2026-12-10"),  # a holiday: begins on the 9th, which is not counted
        ("2026-12-07T12:00", ROME, 0, IT, "2026-12-07"),
        ("2026-12-08T12:00", ROME, 0, IT, "2026-12-09"),
        ("2026-12-07T17:30", ROME, 0, IT, "2026-12-09"),
        # The night of 28 March 2027 has no 02:30, that of 31 October 2027 has it twice.
        ("2027-03-28T02:30", ROME, 1, IT, "2027-03-31"),
        ("2027-03-28T03:00", ROME, 1, IT, "2027-03-31"),
        ("2027-10-31T02:30", ROME, 1, IT, "2027-11-02"),
        ("2027-10-29T16:59", ROME, 1, IT, "2027-11-01"),
    ],
)
def test_ready_on(arrived: str, zone: ZoneInfo, days: int, closed: frozenset[date], ready: str) -> None:
    moment = datetime.fromisoformat(arrived).replace(tzinfo=zone)
    assert ready_on(moment, Lead(days, cutoff=AT_FIVE), Week(closed=closed)) == date.fromisoformat(ready)


@pytest.mark.parametrize(("zone", "closed", "ready"), [(PRAGUE, CZ, "2026-11-19"), (ROME, IT, "2026-11-18")])
def test_the_client_s_zone_decides_the_day(zone: ZoneInfo, closed: frozenset[date], ready: str) -> None:
    moment = datetime(2026, 11, 16, 23, 30, tzinfo=UTC).astimezone(zone)
    assert ready_on(moment, Lead(1), Week(closed=closed)) == date.fromisoformat(ready)


@pytest.mark.parametrize(
    ("arrived", "cutoff", "ready"),
    [
        ("2026-12-01T12:00", None, "2026-12-09"),  # the 8th is a holiday
        ("2026-12-01T12:00", AT_FIVE, "2026-12-09"),
        ("2026-12-02T17:00", AT_FIVE, "2026-12-09"),
        ("2026-12-02T17:01", AT_FIVE, "2026-12-10"),
        ("2026-12-05T17:01", AT_FIVE, "2026-12-14"),  # calendar days run on a Saturday too: the 13th is a Sunday
        ("2026-12-05T16:59", AT_FIVE, "2026-12-14"),
        ("2026-12-24T20:00", AT_FIVE, "2027-01-04"),
    ],
)
def test_calendar_days_end_on_an_open_day(arrived: str, cutoff: time | None, ready: str) -> None:
    moment = datetime.fromisoformat(arrived).replace(tzinfo=ROME)
    assert ready_on(moment, Lead(7, "calendar", cutoff), Week(closed=IT)) == date.fromisoformat(ready)


@pytest.mark.parametrize(
    ("arrived", "lead", "first"),
    [
        ("2026-12-01T12:00", Lead(7, "calendar"), "2026-12-08"),
        ("2026-12-04T17:01", Lead(4, cutoff=AT_FIVE), "2026-12-11"),  # plain: a cutoff does not move the horizon
        ("2026-12-05T12:00", Lead(4, cutoff=AT_FIVE), "2026-12-11"),  # nor does a closed day
        ("2027-03-28T01:30", Lead(1), "2027-03-30"),
    ],
)
def test_the_horizon_counts_plainly(arrived: str, lead: Lead, first: str) -> None:
    moment = datetime.fromisoformat(arrived).replace(tzinfo=ROME)
    assert horizon(moment, lead, Week(closed=IT)) == date.fromisoformat(first)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(lambda d: d.replace(tzinfo=ROME))
LEADS = st.builds(Lead, st.integers(0, 30), st.sampled_from(["working", "calendar"]), st.sampled_from([None, AT_FIVE]))


WEEKS = st.sampled_from(
    [
        Week(closed=IT),
        Week(closed=MILAN),
        Week(closed=CZ),
        Week(days=frozenset({0, 2})),
        Week(days=frozenset({6}), closed=frozenset(date(2027, 8, 1) + timedelta(days=n) for n in range(31))),
    ]
)


@given(MOMENTS, LEADS, WEEKS)
def test_never_a_closed_day(moment: datetime, lead: Lead, week: Week) -> None:
    assert is_open(ready_on(moment, lead, week), week)


@given(MOMENTS, LEADS, WEEKS)
def test_never_before_the_notice_begins(moment: datetime, lead: Lead, week: Week) -> None:
    assert moment.date() <= clock_starts(moment, lead, week)
    assert ready_on(moment, lead, week) >= moment.date() + timedelta(days=lead.days)


@given(MOMENTS, LEADS, WEEKS)
def test_one_day_more_is_never_sooner(moment: datetime, lead: Lead, week: Week) -> None:
    longer = Lead(lead.days + 1, lead.unit, lead.cutoff)
    assert ready_on(moment, longer, week) >= ready_on(moment, lead, week)


@given(MOMENTS, LEADS, WEEKS, st.integers(0, 20_000))
def test_who_comes_later_is_not_ready_sooner(moment: datetime, lead: Lead, week: Week, minutes: int) -> None:
    later = (moment.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(ROME)
    assert ready_on(later, lead, week) >= ready_on(moment, lead, week)


@given(MOMENTS, st.integers(1, 30), WEEKS)
def test_working_days_are_those_between(moment: datetime, days: int, week: Week) -> None:
    lead = Lead(days)
    start, ready = clock_starts(moment, lead, week), ready_on(moment, lead, week)
    after = [start + timedelta(days=n + 1) for n in range((ready - start).days)]
    assert sum(is_open(day, week) for day in after) == days


@pytest.fixture(params=["UTC", "Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu"])
def host_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """This machine lives in another time zone for the time of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        clock.tzset()
        yield request.param
    clock.tzset()


def test_the_zone_of_the_host_does_not_matter(host_zone: str) -> None:
    assert clock.tzname[0] != "CET"
    late = datetime(2026, 11, 16, 23, 30, tzinfo=UTC)
    for zone, closed, day in ((PRAGUE, CZ, 19), (ROME, IT, 18)):
        there = late.astimezone(zone)
        assert ready_on(there, Lead(1, cutoff=AT_FIVE), Week(closed=closed)) == date(2026, 11, day)
    for minute, day in ((59, 11), (61, 14)):
        moment = datetime(2026, 12, 4, 16, tzinfo=ROME) + timedelta(minutes=minute)
        assert ready_on(moment, Lead(4, cutoff=AT_FIVE), Week(closed=IT)) == date(2026, 12, day)
    assert in_office_hours(datetime(2026, 12, 4, 9, tzinfo=ROME), Week(closed=IT))


def test_office_hours_and_mornings() -> None:
    week = Week(closed=IT)
    assert in_office_hours(datetime(2026, 12, 4, 9, 0, tzinfo=ROME), week)
    assert not in_office_hours(datetime(2026, 12, 4, 18, 0, tzinfo=ROME), week)
    assert not in_office_hours(datetime(2026, 12, 8, 10, 0, tzinfo=ROME), week)
    assert next_morning(datetime(2026, 12, 4, 22, 0, tzinfo=ROME), week) == datetime(2026, 12, 7, 9, 0, tzinfo=ROME)
    assert add_working_days(date(2026, 12, 4), 1, week) == date(2026, 12, 7)


def test_a_week_without_a_working_day_is_said() -> None:
    with pytest.raises(ValueError, match="no working day"):
        next_open(date(2026, 1, 1), Week(days=frozenset()))
