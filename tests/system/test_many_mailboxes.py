"""Five hundred mailboxes in one process, on a real Dovecot, with servers beside it that do not do as they should."""

import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.faults.proxy import proxy
from tests.servers import CERTIFICATE, PASSWORD, Dovecot, ImapAccount, Talk, running_dovecot, scripted_imap
from vamaild.adapters.demo.smtp import SmtpSink

from .world import NOW, PEOPLE, Daemon, World, raw, until

pytestmark = [pytest.mark.slow, pytest.mark.dovecot, pytest.mark.timeout(400)]

MANY = 500
FRESH, NUMBERS = itertools.count(0, MANY), itertools.count(1)  # each test has accounts and messages of its own
AT = ("--at", NOW.isoformat())
INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
MEMORY = 200  # KiB a mailbox: a guard against runaway growth; docs/mailboxes.md has the figures


@pytest.fixture(scope="module")
def dovecot_for_many() -> Iterator[Dovecot]:
    """Each session of Dovecot watches its folder: with the kernel's usual 128 most notices would be lost."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.fail("Dovecot is not installed") if os.environ.get("CI") == "true" else pytest.skip("no Dovecot here")
    before = int(INOTIFY.read_text())
    try:
        INOTIFY.write_text(str(max(before, 4096)))
    except OSError:
        if os.environ.get("CI") == "true" and before < 2 * MANY:
            pytest.fail("sysctl fs.inotify.max_user_instances=4096 is needed for 500 mailboxes")
        if before < 2 * MANY:
            pytest.skip("fs.inotify.max_user_instances cannot be raised here, and Dovecot would miss notices")
    base = Path(tempfile.mkdtemp(prefix="vamaild-many-"))
    try:
        with running_dovecot(program, base) as server:
            users = (f"many{n}:{{PLAIN}}{PASSWORD}::::{base}/mail/many{n}::\n" for n in range(4 * MANY))
            with (base / "users").open("a") as file:
                file.writelines(users)
            yield server
    finally:
        shutil.rmtree(base, ignore_errors=True)
        with suppress(OSError):
            INOTIFY.write_text(str(before))


@dataclass
class Agency:
    """A world with many mailboxes."""

    world: World
    server: Dovecot
    first: int

    def account(self, number: int) -> ImapAccount:
        user, ca = f"many{self.first + number}", str(CERTIFICATE)
        return ImapAccount("dovecot", "127.0.0.1", self.server.tls_port, "implicit", user, PASSWORD, ca)

    def configure(self, count: int, every: str, more: str = "") -> None:
        users = [f"many{self.first + n}" for n in range(count + 1)]
        tables = [self.world.mailbox_table(name=user, user=user) for user in users[1:]]
        self.world.write_main(user=users[0], more_mailboxes="".join(tables) + more)
        main = self.world.config / "vamaild.toml"
        main.write_text(main.read_text().replace('every    = "1s"', f'every    = "{every}"'))

    def looked(self) -> int:
        """How many mailboxes have been looked into."""
        with suppress(sqlite3.Error):
            ledger = sqlite3.connect(f"file:{self.world.state}/vamaild.db?mode=ro", uri=True, timeout=5)
            try:
                (count,) = ledger.execute("SELECT count(*) FROM run WHERE name LIKE 'looked %'").fetchone()
                return int(count)
            finally:
                ledger.close()
        return 0

    def answered(self, daemon: Daemon, number: int, within: float) -> float:
        """Delivers into this mailbox; the seconds from then until the reply has left."""
        one, before = next(NUMBERS), len(self.world.replies())
        self.account(number).deliver(raw(f"Mi mandi il listino {one}?", sender=PEOPLE[one], number=one), when=NOW)
        begun = time.monotonic()
        daemon.wait_for(lambda: len(self.world.replies()) > before, within)
        return time.monotonic() - begun


@pytest.fixture
def agency(dovecot_for_many: Dovecot, post_office: SmtpSink, tmp_path: Path) -> Agency:
    found = Agency(World(tmp_path, ImapAccount("", "", 0, "", "", ""), post_office), dovecot_for_many, next(FRESH))
    found.world.imap = found.account(0)
    found.world.build()
    return found


def memory(process: int) -> int:
    """KiB that this process has for itself."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def seconds_of_cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(agency: Agency, count: int, every: str, more: str = "") -> Iterator[Daemon]:
    agency.configure(count, every, more)
    with agency.world.daemon(*AT) as daemon:
        daemon.wait_for(lambda: agency.looked() >= count + 1, 150)
        yield daemon


def test_a_message_in_any_of_five_hundred_is_answered_soon(agency: Agency) -> None:
    """And memory, processor and the way out stay as they should; the figures are printed (pytest -s)."""
    with running(agency, 1, "10m") as daemon:
        alone = memory(daemon.process.pid)
        assert daemon.end(30) == 0
    shutil.rmtree(agency.world.state)
    with running(agency, MANY - 1, "10m") as daemon:
        time.sleep(3)
        process = daemon.process.pid
        each = (memory(process) - alone) / (MANY - 2)
        before, begun = seconds_of_cpu(process), time.monotonic()
        time.sleep(10)
        rest = (seconds_of_cpu(process) - before) / (time.monotonic() - begun)
        waits = [agency.answered(daemon, number, 30) for number in (1, MANY // 2, MANY - 1, 7)]
        print(f"\n{each:.0f} KiB a mailbox, {100 * rest:.2f} % of a core at rest, answered after {waits}")
        assert each < MEMORY
        assert rest < 0.2
        assert sorted(waits)[1] < 2 * 3, "arrival to reply; 2 s on a machine that does nothing else"
        begun = time.monotonic()
        assert daemon.end(30) == 0
        assert time.monotonic() - begun < 30


def trickle(talk: Talk) -> None:
    """One byte a second, for ever: never silent long enough for a time-out."""
    while True:
        talk.send(b"*")
        time.sleep(1)


def stall(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
    """Signs in, then answers one byte a second."""
    if command == b"SELECT":
        trickle(talk)
    return command == b"SELECT"


def nothing(talk: Talk) -> None:
    time.sleep(600)


def test_servers_that_trickle_delay_nobody_and_do_not_hold_up_the_end(agency: Agency) -> None:
    """Twelve of them, more than there are workers; the others are looked into every three seconds."""
    with (
        scripted_imap(begin=trickle) as first,
        scripted_imap(stall) as second,
        scripted_imap(begin=nothing) as third,
    ):
        bad = itertools.chain.from_iterable([first, second, third] for _ in range(4))
        tables = [
            agency.world.mailbox_table(name=f"bad{n}", user=f"bad{n}", imap=f"imap://127.0.0.1:{server.port}", ca="")
            for n, server in enumerate(bad)
        ]
        with running(agency, 20, "3s", "".join(tables)) as daemon:
            waits = [agency.answered(daemon, number, 30) for number in (1, 20, 9)]
            assert max(waits) < 15
            begun = time.monotonic()
            assert daemon.end(30) == 0
            assert time.monotonic() - begun < 20


def test_without_idle_it_is_answered_within_one_period(agency: Agency) -> None:
    """A server that has no IDLE is the same Dovecot behind somebody who never lets it be asked for."""
    with proxy(agency.server.port, telling=lambda said: said.replace(b" IDLE ", b" XXXX ")) as found:
        plain = replace(agency.account(0), port=found.port, tls="none", ca=None)
        agency.world.imap = plain
        with running(agency, 5, "3s") as daemon:
            assert agency.answered(daemon, 3, 30) < 3 + 10


def test_two_services_on_one_mailbox(agency: Agency, tmp_path: Path) -> None:
    """Another directory, the same account: the second leaves it alone, says so, and takes over when the first ends."""
    agency.configure(1, "1s")
    world = agency.world
    with world.daemon(*AT) as first:
        first.wait_for(lambda: agency.looked() == 2, 60)
        second = World(tmp_path / "second", world.imap, world.sink)
        second.folder.mkdir()
        shutil.copytree(world.config, second.config)
        with second.daemon(*AT) as other:
            other.wait_for(f"another vamaild looks after it already (process {first.process.pid})", 60)
            assert agency.answered(first, 1, 30)
            time.sleep(1)
            assert len(world.replies()) == 1
            with suppress(subprocess.TimeoutExpired):
                first.end(20)
            ledger = Agency(second, agency.server, agency.first)
            other.wait_for(lambda: ledger.looked() == 2, 60)
            other.signal(signal.SIGTERM)
            assert other.process.wait(20) == 0
    until(lambda: len(world.replies()) == 1, 1)
