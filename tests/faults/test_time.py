"""Faults 35 to 39: a clock that jumps, summer time, forged dates, a machine that slept.

The daemon runs with a clock of its own (clock.c, preloaded): the time of day is set by the test, monotonic time goes on
as it does when a machine sleeps or its clock is set. Dates are of 2024, whatever the day of the test.
"""

import time
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.system.world import ACME, ASSISTANT, CONTACT, DAMAGE, NOW, PEOPLE, ROME, Daemon, World, raw
from vamaild.core.ledger import State

from .shims import preloaded

pytestmark = pytest.mark.slow
MINUTE, HOUR, DAY, YEAR = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=365)
PRAGUE = ZoneInfo("Europe/Prague")
PATIENCE = 60.0
AWAY = '\n[absence]\nfrom = 2024-11-25\nback = 2024-11-29\nsay = { it = "in ferie" }\n'


class Wall:
    """The clock on the wall of a world."""

    def __init__(self, world: World) -> None:
        self.world, self.file = world, world.folder / "clock-off"
        self.count = 0
        world.environ = {"LD_PRELOAD": str(preloaded("clock", world.folder)), "CLOCK_OFF": str(self.file)}
        self.set(NOW)

    def set(self, moment: datetime) -> None:
        """From now on it is this moment, and time goes on from there."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str(round(moment.timestamp() - time.time())))
        fresh.rename(self.file)

    def answers(self, daemon: Daemon, moment: datetime) -> str:
        """It is this moment, somebody else writes, and is answered: with which text."""
        self.set(moment)
        self.count += 1
        who = PEOPLE[self.count]
        text = f"Ciao, mi mandi il preventivo {self.count}?"
        self.world.imap.deliver(raw(text, sender=who, number=self.count, at=moment), when=moment)
        daemon.wait_for(lambda: any(mail["To"] == who for mail in self.world.replies()), PATIENCE)
        with self.world.ledger() as store:
            return next(i.mail.template for i in reversed(store.outbox(tuple(State))) if i.mail.to == who)


@pytest.fixture
def wall(world: World) -> Wall:
    return Wall(world)


def test_35_the_clock_jumps_and_nobody_waits_or_hears_of_a_holiday_that_is_over(wall: Wall) -> None:
    wall.world.build({"client-acme.toml": ACME + AWAY})
    jumps = [0 * DAY, HOUR, 0 * DAY, DAY, 0 * DAY, 10 * YEAR, 0 * DAY, -DAY, -10 * YEAR, 0 * DAY]
    with wall.world.daemon() as daemon:
        told = [wall.answers(daemon, NOW + jump) for jump in jumps]
        assert daemon.end(30) == 0
    on_holiday = ["vacation" in template for template in told]
    assert on_holiday == [jump in (0 * DAY, HOUR, -DAY) for jump in jumps], told
    assert set(Counter(str(mail["To"]) for mail in wall.world.replies()).values()) == {1}


def test_35_what_was_queued_by_a_clock_that_was_ahead_leaves_all_the_same(wall: Wall) -> None:
    """A reply that is to leave in an hour of the next decade leaves in an hour of this one."""
    main = wall.world.config / "vamaild.toml"
    main.write_text(main.read_text().replace('wait     = "0s"', 'wait     = "1h"'))
    ahead = NOW + 10 * YEAR
    wall.set(ahead)
    wall.world.imap.deliver(raw(at=ahead), when=ahead)
    with wall.world.daemon() as daemon:
        daemon.wait_for("decided client=acme", PATIENCE)
        wall.set(NOW)
        daemon.wait_for("the clock was set back", PATIENCE)
        assert wall.world.replies() == []
        wall.set(NOW + HOUR + MINUTE)
        daemon.wait_for(wall.world.replies, PATIENCE)
        assert daemon.end(30) == 0


def test_36_summer_time_comes_and_goes_and_the_machine_lives_elsewhere(wall: Wall) -> None:
    """The report of 02:30 leaves once where that hour comes twice or never; days are the client's, no machine's."""
    world = wall.world
    away = AWAY.replace("2024-11-25", "2024-10-20").replace("2024-11-29", "2024-10-28")
    world.build({"client-acme.toml": ACME.replace("Europe/Rome", "Europe/Prague") + away})
    main = world.config / "vamaild.toml"
    main.write_text(main.read_text() + '\n[report]\nsend = "sun 02:30"\n')
    world.environ["TZ"] = "Pacific/Auckland"
    spring = datetime(2024, 3, 31, 1, 50, tzinfo=ROME)
    autumn = datetime(2024, 10, 27, 2, 20, tzinfo=ROME)
    wall.set(spring - DAY)
    with world.daemon() as daemon:
        wall.answers(daemon, spring - DAY)
        counts = []
        for moment in (spring, after(spring, 30), after(spring, 90)):
            wall.answers(daemon, moment)
            counts.append(reports(world))
        assert (counts[-1] - counts[0], counts[0]) == (1, 0)
        wall.answers(daemon, autumn - DAY)  # one report makes up for the months between
        caught_up = reports(world)
        for moment in (autumn, after(autumn, 20), after(autumn, 80), after(autumn, 140)):
            wall.answers(daemon, moment)
            counts.append(reports(world))
        assert counts[-4:] == [caught_up, *[caught_up + 1] * 3]
        midnight = datetime(2024, 10, 28, tzinfo=PRAGUE)
        assert "vacation" in wall.answers(daemon, after(midnight, -10))
        assert "vacation" not in wall.answers(daemon, after(midnight, 10))
        assert daemon.end(30) == 0


def after(moment: datetime, minutes: int) -> datetime:
    """So many real minutes later, whatever the clocks on the walls do."""
    return datetime.fromtimestamp(moment.timestamp() + minutes * 60, moment.tzinfo)


def reports(world: World) -> int:
    with world.ledger() as store:
        return sum(item.mail.template == "report" for item in store.outbox(tuple(State)))


FORGED = {
    "true": "Thu, 28 Nov 2024 10:30:00 +0100",
    "1970": "Thu, 01 Jan 1970 00:00:00 +0000",
    "2099": "Wed, 31 Dec 2099 23:59:59 +0000",
    "no such zone": "Thu, 28 Nov 2024 10:30:00 +9999",
    "no date": "yesterday evening",
    "none": "",
}


def test_37_a_forged_date_moves_no_promise(world: World) -> None:
    mails = [
        raw(f"Mi mandi il preventivo {n}?", sender=PEOPLE[n], number=n, headers={"Date": date})
        for n, date in enumerate(FORGED.values())
    ]
    world.imap.deliver(*mails, when=NOW - 10 * MINUTE)
    assert world.once(NOW).code == 0
    with world.ledger() as store:
        due = {store.entry(p.message).address: p.promise.due for p in store.promises()}  # type: ignore[union-attr]
    assert {*due} == {*PEOPLE[: len(FORGED)]}
    assert len({*due.values()}) == 1
    assert len(world.replies()) == len(FORGED)


def test_38_a_machine_that_slept_for_three_days_catches_up_once(wall: Wall) -> None:
    world = wall.world
    main = world.config / "vamaild.toml"
    main.write_text(main.read_text() + '\n[report]\nsend = "fri 16:00"\n')
    with world.daemon() as daemon:
        wall.answers(daemon, NOW)
        assert reports(world) == 0
        asleep = [NOW + n * 11 * HOUR for n in range(1, 7)]
        for number, at in enumerate(asleep, 20):
            world.imap.deliver(
                raw(f"Mi mandi il listino {number}?", sender=PEOPLE[number], number=number, at=at), when=at
            )
        world.imap.deliver(raw(DAMAGE, sender="dora@third.example", number=99, at=NOW + DAY), when=NOW + DAY)
        wall.answers(daemon, NOW + 3 * DAY)
        daemon.wait_for(lambda: len(world.replies()) == 2 + len(asleep) + 1, PATIENCE)
        daemon.wait_for(lambda: told(world)[ASSISTANT], PATIENCE)
        wall.answers(daemon, NOW + 3 * DAY + MINUTE)
        assert daemon.end(30) == 0
    assert reports(world) == 1
    assert told(world) == {ASSISTANT: 1}
    assert set(Counter(str(mail["To"]) for mail in world.replies()).values()) == {1}
    assert set(Counter(str(mail["Subject"]) for mail in world.notices()).values()) == {1}


def told(world: World) -> Counter[str]:
    """How often each of our people was told of the emergency."""
    return Counter(str(mail["To"]) for mail in world.notices() if "[" in str(mail["Subject"]))


def test_39_the_clock_is_set_while_somebody_is_asked(wall: Wall) -> None:
    """A step forward wakes the next one, not everybody; a step back keeps nobody waiting longer."""
    world = wall.world
    world.imap.deliver(raw(DAMAGE, sender="dora@third.example", number=99, at=NOW), when=NOW)
    contact = CONTACT["email"]
    with world.daemon() as daemon:
        daemon.wait_for(lambda: told(world) == {ASSISTANT: 1}, PATIENCE)
        wall.answers(daemon, NOW + DAY)
        daemon.wait_for(lambda: told(world)[contact], PATIENCE)
        wall.answers(daemon, NOW + DAY + MINUTE)
        assert told(world) == {ASSISTANT: 1, contact: 1}
        wall.answers(daemon, NOW + DAY - HOUR)
        assert told(world) == {ASSISTANT: 1, contact: 1}
        wall.answers(daemon, NOW + DAY - HOUR + 11 * MINUTE)
        daemon.wait_for(lambda: told(world) == {ASSISTANT: 2, contact: 1}, PATIENCE)
        assert daemon.end(30) == 0
