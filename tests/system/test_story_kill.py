"""The sale of a rush, killed with SIGKILL between any two steps of it and started again: one charge at most, no promise
lost, no mail twice."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import ImapAccount
from vamaild.adapters.demo.smtp import SmtpSink
from vamaild.core.ledger import Sort, State
from vamaild.core.rush import RushState

from . import story
from .story import MARCO, RUSHED, on
from .world import ASSISTANT, World, sink_with_login

pytestmark = pytest.mark.slow
AGAIN = 30
LOOK, SENT, NOTE = ("fetch", "after:record", "decided", "committed"), ("claimed", "accepted", "confirmed"), "-notice"
POINTS = {
    "offer": (*LOOK, "done"),
    "offer leaves": (*SENT, "after:filed", "done"),
    "his B": (*LOOK, "after:take", "after:queue_mail", *(f"{point}{NOTE}" for point in SENT), "done"),
    "her yes": (
        *(f"after:{m}" for m in ("queue_mail", "end_rush", "end_promise", "add_promise", "close_case")),
        "done",
    ),
    "confirmation leaves": (*SENT, "after:filed", "done"),
}
STEPS = [(step, point) for step, points in POINTS.items() for point in points]
NOBODY_KNOWS = ("claimed", "accepted")


@dataclass
class Lives:
    """The driver of sale_killer.py."""

    process: "subprocess.Popen[str]"
    sink: SmtpSink

    def live(self, world: World, minute: int, work: str, *, point: str = "never", later: int = 0) -> int:
        assert self.process.stdin
        assert self.process.stdout
        at = on(10, minute).replace(second=later).isoformat()
        self.process.stdin.write(f"{world.state} {at} {point} {work}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def driver(world: World) -> Iterator[Lives]:
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.system.sale_killer", str(world.config)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root, env=world.surroundings(),
    )  # fmt: skip
    try:
        yield Lives(process, world.sink)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def lives(pymap_server: ImapAccount, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lives]:
    with sink_with_login() as sink:
        world = story.furnish(World(tmp_path_factory.mktemp("lives"), pymap_server, sink))
        with driver(world) as found:
            yield found


@pytest.fixture
def world(lives: Lives, pymap: ImapAccount, tmp_path: Path) -> World:
    """An empty ledger and an empty mailbox."""
    lives.sink.mails.clear()
    found = World(tmp_path, pymap, lives.sink)
    found.state.mkdir()
    return found


@dataclass
class Telling:
    """The story, killed once."""

    lives: Lives
    world: World
    step: str
    point: str

    def does(self, step: str, minute: int, work: str = "look") -> None:
        """A step of the story; in the one that is killed, what was left undone is done in the next life."""
        if step == self.step:
            assert self.lives.live(self.world, minute, work, point=self.point) == -9, "it was not killed"
        assert self.lives.live(self.world, minute, work, later=AGAIN) == 0

    def tell(self) -> None:
        story.arrive(self.world, RUSHED, at=on(10, 40))
        self.does("offer", 40)
        self.does("offer leaves", 45)
        offers = [m for m in self.world.replies() if m["To"] == MARCO]
        if not offers:
            return  # nobody says B to what has not reached him
        answer = {"key": "<b@rossi.example>", "answers": str(offers[0]["Message-ID"])}
        story.arrive(self.world, "ok B, grazie", at=on(10, 46), subject=f"Re: {story.SUBJECT}", **answer)
        self.does("his B", 46)
        self.does("her yes", 52, story.rush(self.world).case)
        self.does("confirmation leaves", 57)


@pytest.mark.parametrize(("step", "point"), STEPS)
def test_killed_between_two_steps(lives: Lives, world: World, step: str, point: str) -> None:
    Telling(lives, world, step, point).tell()
    assert lives.live(world, 59, "look") == 0
    never_left = point == "claimed"
    if (step, point) == ("offer leaves", "claimed"):
        assert story.rush(world).state is RushState.OFFERED
        assert story.owed(world) == [("rush-offer", "04 Dec 18:00", "open")]
    else:
        one_charge_and_its_promise(world)
    no_mail_twice(world, point)
    left = {"offer leaves": 0, "confirmation leaves": 1}.get(step, 2) if never_left else 2
    assert len(world.replies()) == left
    what_nobody_knows_is_shown(world, point)


def one_charge_and_its_promise(world: World) -> None:
    rush = story.rush(world)
    assert (rush.state, rush.hours, rush.charged, rush.taken_by) == (RushState.AGREED, 1.5, True, MARCO)
    a, b = ("rush-offer", "04 Dec 18:00", "withdrawn"), ("rush-confirmed", "28 Nov 18:00", "open")
    assert story.owed(world) == [a, b]
    assert not [case for case in story.cases(world) if case.case.reason == "rush-accepted"]


def no_mail_twice(world: World, point: str) -> None:
    """A customer gets nothing twice. A note to her may come again, with the same identity."""
    counts = Counter(str(mail["Message-ID"]) for mail in world.replies())
    assert set(counts.values()) <= {1}
    assert {str(mail["To"]) for mail in world.replies()} <= {MARCO}
    notes = [mail for mail in world.notices() if str(mail["Subject"]).startswith("Dice B")]
    assert {str(mail["To"]) for mail in world.notices()} <= {ASSISTANT}
    assert len({str(mail["Message-ID"]) for mail in notes}) <= 1
    assert len(notes) <= 1 + (point == "accepted-notice")
    copies = Counter(text for _, text in world.imap.mails("Sent").values())
    assert set(copies.values()) <= {1}


def what_nobody_knows_is_shown(world: World, point: str) -> None:
    """What was claimed when the service died is never sent again, and she is told."""
    shown = [case.case.reason for case in story.cases(world)]
    unconfirmed = [i for i in story.outbox(world, State.UNCONFIRMED) if i.mail.sort is Sort.COURTESY]
    assert (len(unconfirmed), shown) == ((1, ["unconfirmed"]) if point in NOBODY_KNOWS else (0, []))


def test_the_driver_kills_nothing_else(lives: Lives, world: World) -> None:
    Telling(lives, world, "none", "never").tell()
    one_charge_and_its_promise(world)
    assert len(world.replies()) == 2
