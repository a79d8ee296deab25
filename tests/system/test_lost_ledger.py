"""The ledger is lost, or an older copy is put back: nobody is answered a second time, and what is new is answered.

What shows it is the keyword that every decided message carries in the mailbox.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.servers import ImapAccount
from vamaild.adapters.demo.smtp import SmtpSink

from .oracle import audited
from .world import DAMAGE, NOW, PEOPLE, World, raw

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]  # six runs of the program

SOON = timedelta(minutes=5)


def writes(world: World, number: int, text: str = "") -> None:
    """A customer of her own writes about something of her own."""
    said = text or f"Mi mandi il listino {number}?"
    one = raw(said, sender=PEOPLE[number], number=number, subject=f"Listino {number}")
    world.imap.deliver(one, when=NOW)


def answered(world: World) -> list[str]:
    """Who got a reply, in order."""
    return [str(mail["To"]) for mail in world.replies()]


def lose(world: World) -> None:
    """As `rm vamaild.db*`, or a disk that died."""
    for path in world.state.glob("vamaild.db*"):
        path.unlink()


def copied(world: World) -> None:
    """The copy that was made before comes back: the steps of docs/privacy.md, without the pause."""
    (copy,) = (world.state / "backup").glob("vamaild-*.db")
    lose(world)
    path = world.state / "vamaild.db"
    path.write_bytes(copy.read_bytes())
    path.chmod(0o600)


@pytest.mark.dovecot
@pytest.mark.parametrize("again", [lose, copied], ids=["lost", "an older copy"])
def test_nobody_is_answered_a_second_time(
    dovecot: ImapAccount, post_office: SmtpSink, tmp_path: Path, again: Callable[[World], None]
) -> None:
    """Message 4 comes while the service is off: it carries no keyword, so it is answered."""
    world = World(tmp_path, dovecot, post_office).build()
    writes(world, 1)
    assert world.once().code == 0
    if again is copied:
        assert world.run("backup", *world.places(), "--at", NOW.isoformat()).code == 0
    writes(world, 2)
    writes(world, 3, DAMAGE)
    assert world.once(NOW + SOON).code == 0
    assert answered(world) == [PEOPLE[1], PEOPLE[2], PEOPLE[3]]
    called = len(world.notices())
    assert called

    again(world)
    writes(world, 4)
    assert world.once(NOW + 2 * SOON).code == 0
    assert answered(world) == [PEOPLE[1], PEOPLE[2], PEOPLE[3], PEOPLE[4]]
    assert len(world.notices()) > called, "an emergency reaches a person at least once: she is told again"
    reasons = [entry.reason for _, entry in sorted(world.entries().items())]
    assert reasons[1] == "seen-before"
    assert (reasons[0] == "seen-before") == (again is lose)
    assert reasons[3] == ""
    audited(world)
