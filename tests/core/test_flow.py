"""The silence alarm: a broken forwarding is noticed in time; nights, weekends, holidays and a usual quiet are not."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.make import ROME
from vamaild.core.flow import silence, usual_gap
from vamaild.core.ledger import Flowed
from vamaild.core.ruleset import Week

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = date(2026, 9, 7)
WEEK = Week(closed=frozenset({date(2026, 11, 2)}))  # a Monday


def at(day: date, hour: float) -> datetime:
    return datetime.combine(day, time(), ROME) + timedelta(hours=hour)


def flowed(moments: Iterable[datetime]) -> tuple[Flowed, ...]:
    """As the store counts them: by the hour."""
    hours: dict[datetime, list[datetime]] = {}
    for moment in sorted(m.astimezone(UTC) for m in moments):
        hours.setdefault(moment.replace(minute=0, second=0, microsecond=0), []).append(moment)
    return tuple(Flowed(m[0], m[-1], len(m)) for m in hours.values())


def office(a_day: int, days: int, seed: int = 1, week: Week = WEEK) -> list[datetime]:
    """Mail by chance between 8 and 18 on working days, so many a day on average."""
    chance = random.Random(seed)
    found: list[datetime] = []
    for number in range(days):
        day, hour = MONDAY + DAY * number, 8.0
        while day.weekday() in week.days and day not in week.closed:
            hour += chance.expovariate(a_day / 10)
            if hour > 18:
                break
            found.append(at(day, hour))
    return found


def working_hours(begins: datetime, ends: datetime, week: Week = WEEK) -> float:
    """Hours between 8 and 18 of working days in this span."""
    quarters = int((ends - begins) / HOUR * 4)
    moments = ((begins + HOUR / 4 * n).astimezone(ROME) for n in range(quarters))
    return sum(8 <= m.hour < 18 and m.weekday() in week.days and m.date() not in week.closed for m in moments) / 4


def alarm_after(moments: Sequence[datetime], week: Week = WEEK) -> tuple[timedelta, float]:
    """How long after the last message the alarm comes, to the quarter: (by the clock, in working hours)."""
    arrivals, last = flowed(moments), max(moments)
    sooner, later = 0, 60 * 24 * 4  # quarters of an hour; a longer silence is never less unusual
    while later - sooner > 1:
        middle = (sooner + later) // 2
        found = silence(arrivals, (last + HOUR / 4 * middle).astimezone(ROME), week)
        sooner, later = (sooner, middle) if found is not None and found.unusual else (middle, later)
    assert later < 60 * 24 * 4, "never"
    return HOUR / 4 * later, working_hours(last, last + HOUR / 4 * later, week)


TUESDAY = 8 * 7 + 1  # days after MONDAY, so that eight weeks have flowed


@pytest.mark.parametrize(
    ("a_day", "most_working_hours"),
    [(100, 2), (40, 4), (20, 6), (10, 12), (4, 30), (2, 60)],
)
def test_a_cut_feed_is_noticed(a_day: int, most_working_hours: float) -> None:
    """Cut on a Tuesday at 11: within hours for a busy client, within days for a quiet one."""
    for seed in range(5):
        cut = at(MONDAY + DAY * TUESDAY, 11)
        moments = [m for m in office(a_day, TUESDAY + 1, seed) if m < cut]
        assert alarm_after(moments)[1] <= most_working_hours


def test_a_silence_is_said_in_hours() -> None:
    moments = office(10, TUESDAY + 1)
    last = max(moments)
    found = silence(flowed(moments), last + 42 * HOUR, WEEK)
    assert found is not None
    assert (found.unusual, found.lasts, found.since) == (True, 42 * HOUR, last)
    assert timedelta() < found.usual < 20 * HOUR
    assert found.missing > 10


QUIET = [
    ("night", 10, at(MONDAY + DAY * 57, 18), at(MONDAY + DAY * 58, 8)),
    ("weekend", 40, at(MONDAY + DAY * 60, 18), at(MONDAY + DAY * 63, 8)),
    ("holiday", 40, at(MONDAY + DAY * 53, 18), at(date(2026, 11, 3), 8)),
]


@pytest.mark.parametrize(("name", "a_day", "closes", "opens"), QUIET, ids=[q[0] for q in QUIET])
def test_no_alarm_while_nobody_works(name: str, a_day: int, closes: datetime, opens: datetime) -> None:
    for seed in range(10):
        moments = [m for m in office(a_day, 70, seed) if m < closes]
        found = silence(flowed(moments), opens, WEEK)
        assert found is not None, name
        assert not found.unusual


def test_a_day_without_work_that_nobody_wrote_down_is_noticed() -> None:
    """So the test above would turn red without the calendar."""
    moments = [m for m in office(40, 70) if m < QUIET[2][2]]
    found = silence(flowed(moments), QUIET[2][3], Week())
    assert found is not None
    assert found.unusual


def test_an_alarm_of_friday_stays_through_the_weekend() -> None:
    moments = [m for m in office(40, 61) if m < at(MONDAY + DAY * 60, 10)]
    arrivals = flowed(moments)
    states = [silence(arrivals, at(MONDAY + DAY * 60, 18) + HOUR * n, WEEK) for n in range(72)]
    assert all(found is not None and found.unusual for found in states)


@pytest.mark.parametrize(
    ("why", "moments"),
    [
        ("nothing", []),
        ("one message", office(10, 1)[:1]),
        ("nine days", office(10, 9)),
        ("eleven messages", office(10, 57)[::50][:11]),
        ("only at weekends", [at(MONDAY + DAY * (5 + 7 * n), h) for n in range(8) for h in (9, 12)]),
    ],
)
def test_too_little_history_is_no_measure(why: str, moments: list[datetime]) -> None:
    assert silence(flowed(moments), at(MONDAY + DAY * 100, 11), WEEK) is None, why


def test_a_past_fault_does_not_lengthen_the_measure() -> None:
    whole = office(10, TUESDAY + 1)
    fault = [m for m in whole if not at(MONDAY + DAY * 21, 0) < m < at(MONDAY + DAY * 26, 0)]
    assert alarm_after(fault)[0] <= 1.3 * alarm_after(whole)[0]


@pytest.mark.slow
def test_usual_flow_rarely_alarms() -> None:
    """Ten clients of 2 to 60 messages a day by chance alone, 18 weeks each: hardly a false alarm."""
    false, weeks = 0, 0
    for client in range(10):
        a_day = (2, 5, 10, 25, 60)[client % 5]
        moments = office(a_day, 26 * 7, seed=100 + client)
        for before, after in pairwise(moments):
            long = (after - before) / HOUR * a_day / 10 > 4 and working_hours(before, after) * a_day / 10 > 4
            if long and before > at(MONDAY + DAY * 56, 0):
                recent = flowed(m for m in moments if before - 8 * 7 * DAY < m <= before)
                found = silence(recent, after, WEEK)
                false += found is not None and found.unusual
        weeks += 18
    assert false <= weeks / 100


PATTERN = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 24 * 60 - 1)), min_size=2, max_size=40, unique=True
)  # (weekday, minute) of each message of a client's week


def weekly(pattern: Iterable[tuple[int, int]], weeks: int, jitter: random.Random) -> list[datetime]:
    return [
        at(MONDAY + DAY * (7 * w + day), minute / 60) + timedelta(minutes=jitter.randint(-10, 10))
        for w in range(weeks)
        for day, minute in pattern
    ]


@given(PATTERN, st.integers(0, 7 * 24 * 4), st.integers(0, 1_000))
@settings(max_examples=50, deadline=None)
def test_never_an_alarm_while_mail_flows_as_usual(pattern: list[tuple[int, int]], later: int, seed: int) -> None:
    """The same week again and again, some minutes sooner or later: silent at whatever moment of the tenth."""
    moments = weekly(pattern, 11, random.Random(seed))
    now = at(MONDAY + DAY * 63, later / 4)
    found = silence(flowed(m for m in moments if m <= now), now, Week())
    assert found is None or not found.unusual


@given(PATTERN, st.lists(st.integers(0, 40 * 24), min_size=2, max_size=6), st.integers(0, 1_000))
@settings(max_examples=50, deadline=None)
def test_a_longer_silence_is_never_less_unusual(pattern: list[tuple[int, int]], hours: list[int], seed: int) -> None:
    arrivals = flowed(weekly(pattern, 9, random.Random(seed)))
    last = arrivals[-1].last
    states = [silence(arrivals, (last + HOUR * n).astimezone(ROME), WEEK) for n in sorted(hours)]
    kept = [s for s in states if s is not None]
    assert len(kept) in (0, len(states))
    assert [s.missing for s in kept] == sorted(s.missing for s in kept)
    assert [s.unusual for s in kept] == sorted(s.unusual for s in kept)
    assert len({s.limit for s in kept}) <= 1


@given(PATTERN, st.integers(1, 30))
@settings(max_examples=50, deadline=None)
def test_only_counts_matter(pattern: list[tuple[int, int]], days: int) -> None:
    """The order in which the hours are given, and what came before the eight weeks, change nothing."""
    arrivals = flowed(weekly(pattern, 9, random.Random(1)))
    now = (arrivals[-1].last + DAY * days).astimezone(ROME)
    older = [replace(a, first=a.first - 70 * DAY, last=a.last - 70 * DAY) for a in arrivals]
    shuffled = random.Random(2).sample([*older, *arrivals], 2 * len(arrivals))
    one, other = silence(arrivals, now, WEEK), silence(shuffled, now, WEEK)
    assert (one and one.missing, one and one.limit) == (other and other.missing, other and other.limit)


def test_the_usual_gap_is_that_of_this_time_of_the_week() -> None:
    moments = [at(MONDAY + DAY * (7 * w + d), h) for w in range(9) for d in range(5) for h in (9, 12, 16)]
    arrivals = flowed(moments)
    last = moments[-1]  # a Friday, 16:00
    assert usual_gap(arrivals, (last + 67 * HOUR).astimezone(ROME)) == 2 * HOUR  # Monday, 11:00: since 9:00
    assert usual_gap(arrivals, (last + 64 * HOUR).astimezone(ROME)) == timedelta()  # Monday, 8:00: a usual weekend
    assert usual_gap(arrivals, (last + (67 + 168) * HOUR).astimezone(ROME)) == 2 * HOUR
    assert usual_gap((), last) == timedelta()
