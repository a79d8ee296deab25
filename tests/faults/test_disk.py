"""Faults 29 to 34: a disk that is full, broken or gone, a ledger that is locked or damaged, a power cut."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.system.oracle import audited
from tests.system.world import CUSTOMER, DAMAGE, NOW, PEOPLE, World, raw
from vamaild.adapters.demo.smtp import Taken
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import State

from .lives import MINUTE, Lives
from .shims import must_be_here, preloaded

pytestmark = pytest.mark.slow
HASTY = (str(Path(__file__).with_name("hasty.py")),)

# ---- 29, 30

FULL = {"pwrite64": 3}
BROKEN = {"fdatasync": 3, "fsync": 1}


@pytest.mark.timeout(7200)
@pytest.mark.xdist_group("lives")
@pytest.mark.parametrize(("calls", "fault"), [(FULL, "full"), (BROKEN, "broken")], ids=["29", "30"])
def test_29_30_what_cannot_be_written_is_not_sent(lives: Lives, calls: dict[str, int], fault: str) -> None:
    """The disk is full from some write on, or a sync fails once: it is said, and the next life goes on by itself."""
    for story in lives.stories(calls):
        lives.begin()
        ended = [lives.live(f"{call} {number} {fault}") for call, number in story]
        assert {ran.code for ran in ended} <= {0, 1}, [ran.said for ran in ended]
        assert all(ran.code == 0 or str(lives.world.state) in ran.said for ran in ended), [ran.said for ran in ended]
        assert any(ran.code for ran in ended) or len(ended) == 1
        lives.end()


# ---- 31


def test_31_a_ledger_that_somebody_keeps_locked(world: World) -> None:
    """A shell or a backup: nothing is sent, it is said, and it goes on when they are done."""
    assert world.once(NOW - MINUTE).code == 0
    world.imap.deliver(raw(), when=NOW)
    with closing(sqlite3.connect(world.state / "vamaild.db", isolation_level=None)) as shell:
        shell.execute("BEGIN IMMEDIATE")
        ran = world.once(NOW, program=HASTY)
        assert (ran.code, world.sent()) == (1, [])
        assert "another program keeps it locked" in ran.said
        shell.execute("ROLLBACK")
    assert world.once(NOW + MINUTE).code == 0
    assert [mail["To"] for mail in world.replies()] == [CUSTOMER]


# ---- 32


@contextmanager
def mounted(place: Path, options: str) -> Iterator[Path]:
    """A file system in memory for the state directory."""
    place.mkdir(mode=0o700)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True)
    must_be_here(done.returncode == 0, f"only who may mount can fill a disk: {done.stderr.decode().strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_32_no_inode_is_left(world: World) -> None:
    with mounted(world.state, "size=16m,nr_inodes=64"):
        assert world.once(NOW - MINUTE).code == 0
        fillers = []
        while os.statvfs(world.state).f_ffree:
            fillers.append(world.state / f"filler{len(fillers)}")
            fillers[-1].touch()
        world.imap.deliver(raw(), when=NOW)
        ran = world.once(NOW)
        assert ran.code == 1
        assert str(world.state) in ran.said
        assert world.sent() == []
        for filler in fillers:
            filler.unlink()
        assert world.once(NOW + MINUTE).code == 0
        assert [mail["To"] for mail in world.replies()] == [CUSTOMER]


def test_32_the_state_directory_is_taken_away_while_it_runs(world: World) -> None:
    """Nothing is decided in a file that nobody will find again; put back, it goes on."""
    with world.daemon("--at", NOW.isoformat()) as daemon:
        daemon.wait_for("ready: 1 client")
        world.imap.deliver(raw(number=1), when=NOW)
        daemon.wait_for(lambda: len(world.imap.mails("Sent")) == 1)
        away = world.state.rename(world.folder / "away")
        world.imap.deliver(raw(number=2, sender=PEOPLE[2]), when=NOW)
        daemon.wait_for("the ledger cannot be written; nothing was sent")
        assert not (world.state / "vamaild.db").exists()
        assert len(world.replies()) == 1
        away.rename(world.state)
        daemon.wait_for(lambda: len(world.replies()) == 2)
        assert daemon.end(30) == 0


# ---- 33


def test_33_what_was_damaged_by_hand_is_set_aside_and_the_rest_goes_on(world: World) -> None:
    world.write_main(send_more="")
    main = world.config / "vamaild.toml"
    main.write_text(main.read_text().replace('wait     = "0s"', 'wait     = "5m"'))
    mails = [raw(f"Mi mandi il preventivo {n}?", sender=PEOPLE[n], number=n, at=NOW) for n in range(4)]
    world.imap.deliver(*mails, raw(DAMAGE, sender="dora@third.example", number=9, at=NOW), when=NOW)
    assert world.once(NOW).code == 0
    with closing(sqlite3.connect(world.state / "vamaild.db")) as shell:
        mine = "WHERE sort = 'courtesy' AND recipient = ?"
        shell.execute(f"UPDATE outbox SET raw = x'00ff00ff' {mine}", (PEOPLE[0],))
        more = "CAST('Bcc: eve@x.example' || char(13, 10) || CAST(raw AS TEXT) AS BLOB)"
        shell.execute(f"UPDATE outbox SET raw = {more} {mine}", (PEOPLE[1],))
        shell.execute("UPDATE message SET explanation = '[1, 2]' WHERE address = ?", (PEOPLE[2],))
        shell.execute("UPDATE queue SET chain = '{\"phase\": 7}'")
        shell.commit()
    ran = world.once(NOW + 12 * MINUTE)
    assert ran.code == 0, ran.said
    assert {mail["To"] for mail in world.replies()} == {PEOPLE[2], PEOPLE[3], "dora@third.example"}
    with world.ledger() as store:
        stopped = {case.case.who for case in store.cases() if not case.case.escalates}
    assert stopped == {PEOPLE[0], PEOPLE[1]}
    assert "the chain of a case could not be read: it begins anew" in ran.said
    assert len(world.notices()) >= 2, "somebody is woken again"


# ---- 34


class Noted(list[Taken]):
    """The mails a server takes; and how many copies of the ledger there were each time."""

    def __init__(self, copies: Path) -> None:
        super().__init__()
        self.copies, self.before = copies, list[int]()

    def append(self, mail: Taken) -> None:
        self.before.append(count(self.copies))
        super().append(mail)


def count(copies: Path) -> int:
    return max((int(each.name) for each in copies.iterdir() if each.name.isdigit()), default=0)


@pytest.fixture
def copies(world: World) -> Path:
    """The ledger after each sync of a life in which four customers write and one is in danger."""
    folder = world.folder / "copies"
    folder.mkdir()
    world.environ = {
        "LD_PRELOAD": str(preloaded("synced", world.folder)), "SYNCED_FROM": str(world.state), "SYNCED_TO": str(folder)
    }  # fmt: skip
    world.sink.mails = Noted(folder)
    mails = [raw(f"Mi mandi il preventivo {n}?", sender=PEOPLE[n], number=n, at=NOW) for n in range(4)]
    world.imap.deliver(*mails, raw(DAMAGE, sender="dora@third.example", number=9, at=NOW), when=NOW)
    assert world.once(NOW).code == 0
    world.environ = {}
    return folder


def opened(copy: Path, scratch: Path) -> SqliteStore:
    """A copy as the service would find it; the copy stays as it is."""
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(copy, scratch)
    return SqliteStore(scratch / "vamaild.db")


def test_34_the_power_is_cut_after_any_sync(world: World, copies: Path) -> None:
    """Each copy is sound, holds whole batches, and knows of every mail that had left before the power was cut.

    The service that finds such a copy loses nothing and sends nothing twice.
    """
    known: dict[int, set[str]] = {}
    arrived = []
    for number in range(1, count(copies) + 1):
        if not (copies / str(number) / "vamaild.db").exists():
            continue  # the first file is made beside its place
        for cut in (False, True):
            scratch = world.folder / "scratch"
            if cut and not torn(copies, number):
                continue
            store = opened(copies / ("torn" if cut else str(number)), scratch)
            kept = store.kept()
            assert store.sound() == ""
            assert (kept.twice, kept.lost, kept.stuck) == ((), (), ())
            assert kept.messages == sum(kept.outcomes.values()) in (0, 5), "a batch is whole"
            if not cut:
                arrived.append(kept.messages)
                states = (State.CLAIMED, State.SENT)
                told = [n.notice.key for c in store.cases(everything=True) for n in store.notices(c.code) if n.attempts]
                known[number] = {item.mail.key for item in store.outbox(states)} | {*told}
            store.close()
    assert arrived == sorted(arrived)
    assert {0, 5} == {*arrived}
    assert isinstance(world.sink.mails, Noted)
    for mail, number in zip(world.sent(), world.sink.mails.before, strict=True):
        assert str(mail["Message-ID"]) in known[number], "it left before the ledger knew of it"
    start_again(world, copies)


def torn(copies: Path, number: int) -> bool:
    """The log when only half of what came after the sync before has reached the disk; False where nothing came."""
    name, copy = "vamaild.db-wal", copies / "torn"
    logs = [copies / str(n) / name for n in (number - 1, number)]
    if not all(log.exists() for log in logs):
        return False
    before, after = (log.stat().st_size for log in logs)
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(copies / str(number - 1), copy)
    (copy / name).write_bytes(logs[1].read_bytes()[: (before + after) // 2])
    return after > before


def start_again(world: World, copies: Path) -> None:
    """The power is cut when the last mail but one has left, and nobody has written down yet that it had."""
    assert isinstance(world.sink.mails, Noted)
    number = world.sink.mails.before[-2]
    del world.sink.mails[-1]
    shutil.rmtree(world.state)
    shutil.copytree(copies / str(number), world.state)
    assert world.once(NOW + MINUTE).code == 0
    replies = [str(mail["To"]) for mail in world.replies()]
    with world.ledger() as store:
        shown = {case.case.who for case in store.cases() if case.case.reason == "unconfirmed"}
    assert len(replies) == len({*replies})
    assert {*replies} | shown == {*PEOPLE[:4], "dora@third.example"}
    audited(world)
