"""Clocks and what runs by them: clocks set back, sleeping machines, changes of summer time, failing jobs."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.memory_store import MemoryStore
from vamaild.adapters.clock import At, Clock, Every, MovingClock, Ticker, due

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
ROME, PRAGUE = ZoneInfo("Europe/Rome"), ZoneInfo("Europe/Prague")
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_the_real_clock_is_aware() -> None:
    assert Clock().now().utcoffset() == timedelta(0)


def test_a_moving_clock_stands_until_it_is_advanced() -> None:
    clock = MovingClock(NOW.astimezone(ROME))
    assert clock.now() == NOW
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.advance(HOUR) == clock.now() == NOW + HOUR
    assert clock.advance(-DAY) == NOW + HOUR - DAY


def test_a_moving_clock_runs_on() -> None:
    seconds = iter([100.0, 100.0, 103.5, 103.5])
    clock = MovingClock(NOW, runs=True, monotonic=lambda: next(seconds))
    assert clock.now() == NOW
    assert clock.now() == NOW + 3.5 * SECOND
    assert clock.advance(HOUR) == NOW + HOUR + 3.5 * SECOND


def test_a_clock_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        MovingClock(NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("last", "expected"),
    [(None, True), (NOW - HOUR, True), (NOW - HOUR + SECOND, False), (NOW, False), (NOW + SECOND, True)],
)
def test_every(last: datetime | None, expected: bool) -> None:
    store = MemoryStore()
    if last:
        store.ran("poll", last)
    assert due("poll", HOUR, NOW, store) is expected


FRIDAY = At(time(16), ROME, weekday=4)
NIGHTLY = At(time(2, 30), ROME)


@pytest.mark.parametrize(
    ("when", "now", "latest"),
    [
        (FRIDAY, "2026-11-20T14:59:59", "2026-11-13T15:00"),
        (FRIDAY, "2026-11-20T15:00:00", "2026-11-20T15:00"),
        (FRIDAY, "2026-11-26T22:00:00", "2026-11-20T15:00"),
        (FRIDAY, "2026-07-10T14:00:00", "2026-07-10T14:00"),  # summer time
        (FRIDAY, "2027-01-01T15:00:00", "2027-01-01T15:00"),  # week 53
        (FRIDAY, "2026-01-01T00:00:00", "2025-12-26T15:00"),  # over the year's end
        (At(time(7), PRAGUE, weekday=0), "2028-03-02T00:00:00", "2028-02-28T06:00"),  # over a leap day
        (NIGHTLY, "2026-03-29T01:29:59", "2026-03-28T01:30"),  # 02:30 does not come: 03:30 is taken
        (NIGHTLY, "2026-03-29T01:30:00", "2026-03-29T01:30"),
        (NIGHTLY, "2026-10-25T00:30:00", "2026-10-25T00:30"),  # 02:30 comes twice: the first is taken
        (NIGHTLY, "2026-10-25T01:30:00", "2026-10-25T00:30"),
    ],
)
def test_the_last_planned_moment(when: At, now: str, latest: str) -> None:
    found = when.latest(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(latest).replace(tzinfo=UTC)


def test_no_such_weekday() -> None:
    with pytest.raises(ValueError, match="weekday 7"):
        At(time(16), ROME, weekday=7).latest(NOW)


class World:
    """A wall clock that may jump, a monotonic one that may not, and a ticker over both."""

    def __init__(self, start: datetime = NOW, store: MemoryStore | None = None) -> None:
        self.wall, self.seconds = MovingClock(start), 0.0
        self.store = store or MemoryStore()
        self.ran: list[tuple[str, datetime]] = []
        self.errors: list[tuple[str, str]] = []
        self.ticker = Ticker(
            10 * SECOND,
            self.store,
            self.wall.now,
            lambda name, error: self.errors.append((name, str(error))),
            monotonic=lambda: self.seconds,
        )

    def job(self, name: str, fails: bool = False) -> Callable[[datetime], None]:
        def work(now: datetime) -> None:
            self.ran.append((name, now))
            if fails:
                raise OSError("no disk")

        return work

    def live(self, span: timedelta) -> int:
        """Lets this much time pass, second by second; returns how many jobs ran."""
        before = len(self.ran)
        for _ in range(int(span.total_seconds())):
            self.ticker.tick()
            self.seconds += 1
            self.wall.advance(SECOND)
        return len(self.ran) - before

    def sleep(self, span: timedelta) -> None:
        """The machine sleeps: the wall goes on, monotonic time does not."""
        self.wall.advance(span)


def test_a_job_runs_each_interval() -> None:
    world = World()
    world.ticker.add("poll", Every(MINUTE), world.job("poll"))
    assert world.live(10 * MINUTE) == 10


@pytest.mark.parametrize("jump", [-HOUR, -DAY, -3650 * DAY, DAY, 3650 * DAY])
def test_a_clock_that_jumps_stops_nothing(jump: timedelta) -> None:
    world = World()
    world.ticker.add("poll", Every(MINUTE), world.job("poll"))
    world.live(5 * MINUTE)
    world.wall.advance(jump)
    assert world.live(10 * MINUTE) in (10, 11)


def test_what_was_missed_asleep_is_made_up_for_once() -> None:
    world = World()
    world.ticker.add("poll", Every(HOUR), world.job("poll"))
    world.ticker.add("report", At(time(7), ROME), world.job("report"))
    world.live(MINUTE)
    world.sleep(3 * DAY)
    assert world.live(MINUTE) == 2
    assert [name for name, _ in world.ran] == ["poll", "poll", "report"]


def test_what_was_missed_while_the_service_was_down_is_made_up_for_once() -> None:
    store = MemoryStore()
    before = World(NOW, store)
    before.ticker.add("report", FRIDAY, before.job("report"))
    assert before.live(MINUTE) == 0  # a new job begins now: last Friday was not its business
    after = World(NOW + 20 * DAY, store)
    after.ticker.add("report", FRIDAY, after.job("report"))
    assert after.live(HOUR) == 1


@pytest.mark.parametrize("start", ["2026-10-24T22:00", "2026-03-28T22:00"])
def test_the_nightly_job_runs_once_a_night_when_summer_time_changes(start: str) -> None:
    world = World(datetime.fromisoformat(start).replace(tzinfo=UTC))
    world.ticker.add("backup", NIGHTLY, world.job("backup"))
    assert world.live(8 * HOUR) == 1


def test_set_back_over_the_moment_it_does_not_run_twice() -> None:
    world = World(datetime(2026, 11, 20, 14, 59, tzinfo=UTC))
    world.ticker.add("report", FRIDAY, world.job("report"))
    assert world.live(5 * MINUTE) == 1
    world.wall.advance(-HOUR)
    assert world.live(2 * HOUR) == 0


def test_a_clock_that_was_years_ahead_does_not_silence_the_report() -> None:
    world = World()
    world.store.ran("report", NOW + 3650 * DAY)
    world.ticker.add("report", At(time(16), ROME), world.job("report"))
    assert world.live(DAY) == 1


def test_a_job_that_fails_is_told_and_tried_again_later_and_stops_nobody() -> None:
    world = World()
    world.ticker.add("bad", Every(MINUTE), world.job("bad", fails=True))
    world.ticker.add("good", Every(MINUTE), world.job("good"))
    world.live(10 * MINUTE)
    names = [name for name, _ in world.ran]
    assert (names.count("good"), names.count("bad")) == (10, 2)
    assert world.errors == [("bad", "no disk")] * 2
    assert world.store.last_run("bad") is None


def test_a_name_stands_for_one_job() -> None:
    world = World()
    world.ticker.add("poll", Every(MINUTE), world.job("old"))
    world.ticker.add("poll", Every(MINUTE), world.job("new"))
    world.live(MINUTE)
    assert [name for name, _ in world.ran] == ["new"]
    world.ticker.remove("poll")
    assert world.live(10 * MINUTE) == 0


def test_wait_says_how_long_to_the_next_tick() -> None:
    world = World()
    assert world.ticker.wait() == 0
    world.ticker.tick()
    world.seconds += 4
    assert world.ticker.wait() == 6
    world.seconds += 60
    assert world.ticker.wait() == 0
