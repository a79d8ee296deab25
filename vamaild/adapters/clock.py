"""The clock, and what runs by it.

`schedule` compares naive wall-clock times: a clock set back an hour stops it for an hour, a missed run is gone, and an
exception leaves `run_pending` with the job still due. So it only keeps the list of jobs here. When to look at them is
told by `time.monotonic`; whether one is due is worked out from the moment of its last run, which the store keeps.
"""

import time as system_time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import schedule

ONE_DAY = timedelta(days=1)


class Clock:
    """The real time."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)


class MovingClock(Clock):
    """Starts at a given moment (aware) and stands until it is advanced, or runs on from there."""

    def __init__(
        self, start: datetime, *, runs: bool = False, monotonic: Callable[[], float] = system_time.monotonic
    ) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at a time with a time zone")
        self._moment = start.astimezone(UTC)
        self._monotonic = monotonic if runs else (lambda: 0.0)
        self._began = self._monotonic()

    def now(self) -> datetime:
        return self._moment + timedelta(seconds=self._monotonic() - self._began)

    def advance(self, step: timedelta) -> datetime:
        """Moves on by `step` (back, when it is negative); returns the new time."""
        self._moment += step
        return self.now()


class Runs(Protocol):
    """Where it is kept when a job last ran: a part of `core.ledger.Store`."""

    def last_run(self, name: str) -> datetime | None: ...
    def ran(self, name: str, now: datetime) -> None: ...


class When(Protocol):
    """Decides whether a job is due; `last` is None when it never ran."""

    def due(self, last: datetime | None, now: datetime) -> bool: ...

    def begins(self, last: datetime | None, now: datetime) -> bool:
        """Whether `now` must be noted as if it had run: it was never planned before, or the clock was wrong."""


@dataclass(frozen=True, slots=True)
class Every:
    """Due at first, then each time this long has passed. A last run in the future means the clock was set back."""

    interval: timedelta

    def due(self, last: datetime | None, now: datetime) -> bool:
        return last is None or last > now or now - last >= self.interval

    def begins(self, last: datetime | None, now: datetime) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class At:
    """Due once at a time of day in a zone, on one weekday (0 = Monday) or on every day.

    A missed moment is made up for once. An hour that comes twice counts once; one that does not come (02:30 in spring)
    is taken an hour later. A job that is new, or whose last run lies more than a day in the future, begins now.
    """

    time: time
    zone: ZoneInfo
    weekday: int | None = None

    def due(self, last: datetime | None, now: datetime) -> bool:
        return last is not None and last < self.latest(now)

    def begins(self, last: datetime | None, now: datetime) -> bool:
        return last is None or last > now + ONE_DAY

    def latest(self, now: datetime) -> datetime:
        """The last planned moment that is not after `now`, aware UTC."""
        today = now.astimezone(self.zone).date()
        for back in range(9):
            day = today - timedelta(days=back)
            moment = datetime.combine(day, self.time, self.zone).astimezone(UTC)
            if moment <= now and self.weekday in (None, day.weekday()):
                return moment
        raise ValueError(f"there is no weekday {self.weekday}; 0 is Monday, 6 is Sunday")


def due(name: str, every: timedelta, now: datetime, store: Runs) -> bool:
    """Whether a job that runs every so often is due, by what the store remembers."""
    return Every(every).due(store.last_run(name), now)


@dataclass(slots=True)
class _Job:
    name: str
    when: When
    work: Callable[[datetime], None]
    not_before: float = field(default=float("-inf"))


class Ticker:
    """Looks every `every` at all jobs and runs those that are due, one after the other.

    A job that fails is told to `on_error(name, error)` and tried again after `again`; the others go on. It counts as
    run when it has returned, so a job that was cut off is done again: jobs must bear that.
    """

    def __init__(
        self,
        every: timedelta,
        store: Runs,
        now: Callable[[], datetime],
        on_error: Callable[[str, Exception], None],
        *,
        again: timedelta = timedelta(minutes=5),
        monotonic: Callable[[], float] = system_time.monotonic,
    ) -> None:
        self._every = every.total_seconds()
        self._store, self._now, self._on_error = store, now, on_error
        self._again, self._monotonic = again.total_seconds(), monotonic
        self._scheduler = schedule.Scheduler()
        self._next = monotonic()

    def add(self, name: str, when: When, work: Callable[[datetime], None]) -> None:
        """Adds a job, or puts another in the place of the one with this name. `work` is told what time it is."""
        self.remove(name)
        job = _Job(name, when, work)
        self._scheduler.every(max(1, round(self._every))).seconds.do(self._look, job).tag(name)

    def remove(self, name: str) -> None:
        self._scheduler.clear(name)

    def wait(self) -> float:
        """Seconds until the next tick, never negative."""
        return max(0.0, self._next - self._monotonic())

    def tick(self) -> None:
        """Does what is due; nothing when it is not time yet."""
        if self.wait() > 0:
            return
        self._scheduler.run_all()
        self._next = self._monotonic() + self._every

    def _look(self, job: _Job) -> None:
        if self._monotonic() < job.not_before:
            return
        try:
            self._run(job)
        except Exception as error:  # noqa: BLE001 - a job is anybody's code; whatever it raises, the others go on
            job.not_before = self._monotonic() + self._again
            self._on_error(job.name, error)

    def _run(self, job: _Job) -> None:
        now, last = self._now(), self._store.last_run(job.name)
        if job.when.begins(last, now):
            self._store.ran(job.name, now)
        elif job.when.due(last, now):
            job.work(now)
            self._store.ran(job.name, now)
