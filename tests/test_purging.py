"""The night's work: once a night, whatever happens in between, and never in the way of the mail."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from tests.contracts.entries import entry
from tests.memory_store import MemoryStore
from vamaild import purging
from vamaild.core.ledger import StoreError
from vamaild.core.privacy import QUIET, Plan, night, planned
from vamaild.service import Service

ROME = ZoneInfo("Europe/Rome")
EVENING = datetime(2026, 11, 18, 22, 0, tzinfo=ROME)


class Faulty(MemoryStore):
    """Fails as often as asked, at what was asked."""

    faults: dict[str, int]
    done: list[str]

    def __init__(self) -> None:
        super().__init__()
        self.faults, self.done = {}, []

    def _may(self, what: str) -> None:
        if self.faults.get(what, 0):
            self.faults[what] -= 1
            raise StoreError(f"{what}: the disk is full")
        self.done.append(what)

    def purge(self, plan: Plan, most: int) -> Mapping[str, int]:
        self._may("purge")
        return super().purge(plan, most)

    def backup_nightly(self, now: datetime, alive: Any = None) -> object:
        self._may("backup")
        return None


class World:
    """As much of a service as the night needs."""

    def __init__(self) -> None:
        self.store, self.moment, self.said, self.stop = Faulty(), EVENING, [], False
        self.service = cast(Service, self)
        self.clock = self
        self.journal = self
        self.rules = _Rules()

    def now(self) -> datetime:
        return self.moment.astimezone(UTC)

    def info(self, event: str, **fields: object) -> None:
        self.said.append(event)

    error = warning = info

    def stopping(self) -> bool:
        return self.stop

    def alive(self) -> None:
        self.said.append("alive")

    def watch(self, **after: float) -> list[str]:
        """What was done by one look."""
        self.moment += timedelta(**after)
        self.store.done.clear()
        purging.watch(self.service)
        return list(self.store.done)


class _Rules:
    class settings:  # noqa: N801 (as the service says it)
        class assistant:  # noqa: N801
            timezone = "Europe/Rome"

        class privacy:  # noqa: N801
            keep_text, keep_events = timedelta(days=30), timedelta(days=400)

    class rulebook:  # noqa: N801
        clients = ()


@pytest.fixture
def world() -> World:
    world = World()
    assert world.watch() == []  # the first look begins the count
    return world


def test_once_a_night(world: World) -> None:
    assert world.watch(hours=5, minutes=9) == []
    assert world.watch(minutes=1) == ["purge", "backup"]
    assert world.watch() == [] and world.watch(hours=23, minutes=59) == []
    assert world.watch(minutes=1) == ["purge", "backup"]
    assert world.watch(days=2) == ["purge", "backup"] and world.watch() == []


def test_a_clock_that_jumps_deletes_nothing_at_once(world: World) -> None:
    assert world.watch(days=3_000) == ["backup"]  # perhaps it is wrong, perhaps we were off: the next night
    assert world.watch(hours=5) == []
    assert world.watch(days=-3_000) == ["backup"]  # it was wrong; and nothing waits for 2035 now
    assert world.watch(days=1) == ["purge", "backup"]


def test_what_is_long_goes_on_in_the_next_look(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "BATCH", 1)
    monkeypatch.setattr(purging, "BATCHES", 2)
    old = world.now() - timedelta(days=60)
    for uid in range(1, 6):
        world.store.record(entry(uid, decided_at=old, received=old))
    assert world.watch(hours=6) == ["purge", "purge"]
    assert world.watch(minutes=1) == ["purge", "purge"]
    assert world.watch(minutes=1) == ["purge", "purge", "backup"]
    assert world.store.oldest_text() is None
    assert world.watch(minutes=1) == []


def test_who_is_to_stop_stops_between_two_batches(world: World) -> None:
    world.stop = True
    assert world.watch(hours=6) == []
    world.stop = False
    assert world.watch(minutes=1) == ["purge", "backup"]


@pytest.mark.parametrize("what", ["purge", "backup"])
def test_a_fault_is_told_and_tried_again_an_hour_later(world: World, what: str) -> None:
    world.store.faults[what] = 2
    other = [w for w in ("purge", "backup") if w != what]
    assert world.watch(hours=6) == other
    assert f"{what}: not done, tried again in an hour" in world.said
    assert world.watch(minutes=59) == []
    assert world.watch(minutes=1) == []  # fails again
    assert world.watch(minutes=61) == [what]
    assert world.watch(hours=2) == []


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-11-18T03:10", "2026-11-18T03:10"),
        ("2026-11-18T03:09", "2026-11-17T03:10"),
        ("2026-03-29T03:10", "2026-03-29T03:10"),  # the clocks go forward at 2
        ("2026-10-25T03:09", "2026-10-24T03:10"),  # and back at 3
        ("2026-10-25T04:00", "2026-10-25T03:10"),
    ],
)
def test_the_quiet_hour(now: str, last: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=ROME)
    assert night(at) == datetime.fromisoformat(last).replace(tzinfo=ROME)
    assert night(at).time() == QUIET


def test_no_span_is_too_long() -> None:
    plan = planned(EVENING, timedelta(days=3_000_000), timedelta(days=3_000_000), {})
    assert plan.text.year == plan.events.year == 1 and plan.text.tzinfo
