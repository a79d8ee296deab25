"""Lead times as a contract counts them. The vectors were counted by hand on a calendar."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.calendar import add_working_days, horizon, in_office_hours, is_open, next_morning, next_open, ready_on
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
    ],
)
def test_ready_on(arrived: str, zone: ZoneInfo, days: int, closed: frozenset[date], ready: str) -> None:
    moment = datetime.fromisoformat(arrived).replace(tzinfo=zone)
    assert ready_on(moment, Lead(days, cutoff=AT_FIVE), Week(closed=closed)) == date.fromisoformat(ready)


@pytest.mark.parametrize(("zone", "closed", "ready"), [(PRAGUE, CZ, "2026-11-19"), (ROME, IT, "2026-11-18")])
def test_the_client_s_zone_decides_the_day(zone: ZoneInfo, closed: frozenset[date], ready: str) -> None:
    moment = datetime(2026, 11, 16, 23, 30, tzinfo=UTC).astimezone(zone)
    assert ready_on(moment, Lead(1), Week(closed=closed)) == date.fromisoformat(ready)


def test_calendar_days_end_on_an_open_day() -> None:
    moment = datetime(2026, 12, 1, 12, tzinfo=ROME)
    assert ready_on(moment, Lead(7, "calendar"), Week(closed=IT)) == date(2026, 12, 9)
    assert horizon(moment, Lead(7, "calendar"), Week(closed=IT)) == date(2026, 12, 8)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(lambda d: d.replace(tzinfo=ROME))
LEADS = st.builds(Lead, st.integers(0, 30), st.sampled_from(["working", "calendar"]), st.sampled_from([None, AT_FIVE]))


@given(MOMENTS, LEADS)
def test_never_a_closed_day(moment: datetime, lead: Lead) -> None:
    assert is_open(ready_on(moment, lead, Week(closed=IT)), Week(closed=IT))


@given(MOMENTS, LEADS)
def test_one_day_more_is_never_sooner(moment: datetime, lead: Lead) -> None:
    longer = Lead(lead.days + 1, lead.unit, lead.cutoff)
    assert ready_on(moment, longer, Week(closed=IT)) >= ready_on(moment, lead, Week(closed=IT))


@given(MOMENTS, LEADS, st.integers(0, 20_000))
def test_who_comes_later_is_not_ready_sooner(moment: datetime, lead: Lead, minutes: int) -> None:
    later = moment + timedelta(minutes=minutes)
    assert ready_on(later, lead, Week(closed=IT)) >= ready_on(moment, lead, Week(closed=IT))


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
