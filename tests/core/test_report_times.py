"""When a report is due, which time it is about, and how long an answer took while the office was open."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vamaild.core.report_times import USUAL, ahead, before, due, middle, moments, notice, of_week, office_time
from vamaild.core.ruleset import Lead, Week

ROME = ZoneInfo("Europe/Rome")
CHRISTMAS = Week(closed=frozenset({date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)}))
TWO_WEEKS = Week(closed=frozenset(date(2026, 12, 21) + timedelta(days=n) for n in range(15)))
MINUTE, HOUR, DAY, SEVEN = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def rome(month: int, day: int, hour: int = 16, minute: int = 0, year: int = 2026, fold: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ROME, fold=fold)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (rome(11, 20, 15, 59), rome(11, 13)),
        (rome(11, 20), rome(11, 20)),
        (rome(11, 22), rome(11, 20)),
        (rome(11, 27, 15, 59), rome(11, 20)),
        (rome(12, 25, 20), rome(12, 18)),  # Christmas is a holiday, and the day after is a Saturday
        (rome(12, 28, 15, 59), rome(12, 18)),
        (rome(12, 28), rome(12, 28)),
        (rome(1, 4, 16, year=2027), rome(1, 4, year=2027)),
    ],
)
def test_it_is_due_at_its_hour_and_a_holiday_puts_it_off_to_the_next_working_day(
    now: datetime, until: datetime
) -> None:
    assert due(now, USUAL, CHRISTMAS)[1] == until


def test_two_weeks_of_holidays_make_one_report() -> None:
    since, until = due(rome(1, 5, year=2027), USUAL, TWO_WEEKS)
    assert (since, until) == (rome(12, 18), rome(1, 4, year=2027) + DAY)  # closed until Monday 4 January
    assert due(rome(1, 8, year=2027), USUAL, TWO_WEEKS) == (until, rome(1, 8, year=2027))


def test_who_never_works_has_a_report_all_the_same() -> None:
    never = Week(days=frozenset(), closed=frozenset({date(2026, 11, 20)}))
    assert due(rome(11, 20), USUAL, never)[1] == rome(11, 20)


def test_a_day_of_rest_she_chose_herself_is_kept() -> None:
    assert due(rome(11, 23), (6, time(20)), CHRISTMAS)[1] == rome(11, 22, 20)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (rome(3, 29, 4), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # 02:30 does not come: it is taken as 03:30
        (rome(10, 25, 2, 29), datetime(2026, 10, 18, 0, 30, tzinfo=UTC)),
        (rome(10, 25, 2, 31), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (rome(10, 25, 2, 31, fold=1), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # comes twice, counts once
    ],
)
def test_when_the_clocks_change(now: datetime, until: datetime) -> None:
    assert due(now, (6, time(2, 30)), Week())[1] == until


@settings(max_examples=40)
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    st.integers(0, 6),
    st.times(),
    st.sets(st.integers(-40, 40)),
)
def test_moments_never_fall_on_a_holiday_and_follow_each_other(
    at: datetime, weekday: int, when: time, closed: set[int]
) -> None:
    now = at.replace(tzinfo=ROME)
    week = Week(closed=frozenset(now.date() + timedelta(days=n) for n in closed))
    found = moments(now, (weekday, when.replace(second=0, microsecond=0)), week)
    assert found == sorted(set(found))
    assert not any(m.astimezone(ROME).date() in week.closed for m in found)
    since, until = due(now, (weekday, when.replace(second=0, microsecond=0)), week)
    assert since < until <= now


def test_what_would_leave_now_is_about_the_time_since_the_last_one() -> None:
    now = rome(11, 18, 10, 30) + timedelta(seconds=12)
    assert ahead(now, USUAL, Week()) == (rome(11, 13), rome(11, 18, 10, 30))


@pytest.mark.parametrize(
    ("year", "number", "since", "until"),
    [
        (2026, 47, rome(11, 13), rome(11, 20)),
        (2026, 53, rome(12, 28), rome(1, 4, year=2027)),
        (2026, 52, rome(12, 18), rome(12, 28)),
        (2027, 1, rome(1, 4, year=2027), rome(1, 8, year=2027)),
    ],
)
def test_an_iso_week(year: int, number: int, since: datetime, until: datetime) -> None:
    assert of_week(year, number, rome(11, 20), USUAL, CHRISTMAS) == (since, until)


def test_there_is_no_53rd_week_in_2027() -> None:
    with pytest.raises(ValueError):
        of_week(2027, 53, rome(11, 20), USUAL, Week())


def test_eight_weeks_one_after_the_other() -> None:
    found = before(rome(11, 13), rome(11, 20), USUAL, Week())
    assert len(found) == 8
    assert found[-1] == (rome(11, 13), rome(11, 20))
    assert [a[1] == b[0] for a, b in pairwise(found)] == [True] * 7
    assert found[0] == (rome(9, 25), rome(10, 2))


def test_after_a_year_of_standstill_there_are_no_weeks_before() -> None:
    assert before(rome(1, 2), rome(11, 20), USUAL, Week()) == [(rome(1, 2), rome(11, 20))]


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (rome(11, 16, 10), rome(11, 16, 12), 2),
        (rome(11, 16, 7), rome(11, 16, 10), 1),
        (rome(11, 16, 17), rome(11, 17, 10), 2),
        (rome(11, 13, 17), rome(11, 16, 10), 2),
        (rome(11, 14, 10), rome(11, 15, 10), 0),
        (rome(11, 16, 12), rome(11, 16, 10), 0),
        (rome(12, 23, 17), rome(12, 28, 10), 2),
    ],
)
def test_office_time(start: datetime, end: datetime, hours: int) -> None:
    assert office_time(start, end, CHRISTMAS) == hours * HOUR


@pytest.mark.parametrize(
    ("wanted", "lead", "days"),
    [
        (date(2026, 11, 16), Lead(4), 0),
        (date(2026, 11, 20), Lead(4), 4),
        (date(2026, 11, 23), Lead(4), 5),
        (date(2026, 11, 23), Lead(7, "calendar"), 7),
        (date(2026, 11, 1), Lead(4), 0),
    ],
)
def test_notice(wanted: date, lead: Lead, days: int) -> None:
    assert notice(date(2026, 11, 16), wanted, lead, Week()) == days


@pytest.mark.parametrize(("hours", "half"), [([], None), ([3], 3), ([9, 1, 2], 2), ([1, 2, 8, 9], 2)])
def test_the_middle_is_one_that_happened(hours: list[int], half: int | None) -> None:
    assert middle([h * HOUR for h in hours]) == (None if half is None else half * HOUR)
