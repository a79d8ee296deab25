"""Killed with SIGKILL at every step and started again: no message is lost, no courtesy leaves twice (promise 1)."""

import signal
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from vamaild.core.ledger import Outcome, Sort, State

from .world import ASSISTANT, DAMAGE, KEYWORD, NOW, PEOPLE, World, raw

pytestmark = pytest.mark.slow

KILLER = str(Path(__file__).with_name("killer.py"))
CUSTOMERS = PEOPLE[::15]
IN_DANGER = "dora@third.example"
BEFORE_SENDING = ("fetch", "decided", "committed")
NOBODY_KNOWS = ("claimed", "accepted")


@pytest.fixture
def world(world: World) -> World:
    """Three requests and an emergency wait."""
    mails = [raw(f"Mi mandi il preventivo {n}?", sender=sender, number=n) for n, sender in enumerate(CUSTOMERS)]
    world.imap.deliver(*mails, raw(DAMAGE, sender=IN_DANGER, number=9), when=NOW - timedelta(minutes=5))
    return world


@pytest.mark.parametrize(
    "point",
    [*BEFORE_SENDING, "claimed", "accepted", "confirmed", "claimed-notice", "accepted-notice", "confirmed-notice"],
)
def test_killed_and_started_again(world: World, point: str) -> None:
    killed = world.once(NOW, program=(KILLER, point))
    assert killed.code == -signal.SIGKILL, killed.said
    for minutes in (1, 2):
        ran = world.once(NOW + timedelta(minutes=minutes))
        assert ran.code == 0, ran.said

    check_every_message_once(world)
    check_notices(world, point)
    check_courtesies(world, point)
    check_copies(world)


def check_every_message_once(world: World) -> None:
    entries = world.entries()
    outcomes = Counter(entry.outcome for entry in entries.values())
    assert outcomes == {Outcome.ANSWERED: len(CUSTOMERS), Outcome.ESCALATED: 1}
    with world.ledger() as store:
        assert store.standing(NOW).arrived == len(entries)
    assert all(KEYWORD.encode() in flags for flags in world.flags().values())


def check_notices(world: World, point: str) -> None:
    """The emergency reached a person at least once; whoever got it twice sees that it is the same."""
    notices = world.notices()
    assert {mail["To"] for mail in notices} == {ASSISTANT}
    assert len({mail["Message-ID"] for mail in notices}) == 1
    assert len(notices) == (2 if point == "accepted-notice" else 1)


def check_courtesies(world: World, point: str) -> None:
    replies = world.replies()
    assert max(Counter(mail["Message-ID"] for mail in replies).values()) == 1
    assert max(Counter(mail["To"] for mail in replies).values()) == 1
    expected = len(CUSTOMERS) + 1 - (point == "claimed")
    assert len(replies) == expected
    with world.ledger() as store:
        unconfirmed = [i for i in store.outbox((State.UNCONFIRMED,)) if i.mail.sort is Sort.COURTESY]
        shown = [case for case in store.cases() if case.case.reason == "unconfirmed"]
    assert len(unconfirmed) == len(shown) == (1 if point in NOBODY_KNOWS else 0)
    assert [case.case.who for case in shown] == [item.mail.to for item in unconfirmed]
    assert all("Sent folder" in case.case.note for case in shown)


def check_copies(world: World) -> None:
    """People see every reply of which it is known that it left; none is filed twice."""
    with world.ledger() as store:
        sent = [item.mail.raw for item in store.outbox((State.SENT,)) if item.mail.sort is Sort.COURTESY]
    assert sorted(text for _, text in world.imap.mails("Sent").values()) == sorted(sent)


def test_the_driver_kills_nothing_else(world: World) -> None:
    """With a point that never comes the driver is the program itself."""
    ran = world.once(NOW, program=(KILLER, "never"))
    assert ran.code == 0, ran.said
    assert len(world.replies()) == len(CUSTOMERS) + 1
