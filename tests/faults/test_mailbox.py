"""Faults 1 to 6: a mailbox that changes or dies under the program. Real Dovecot, reached through the proxy."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.faults.behind import AT, IMPATIENT, Behind, behind, remove, sessions, strike, waits
from tests.faults.proxy import Wire
from tests.servers import Dovecot, running_dovecot
from tests.system.oracle import audited
from tests.system.world import DAMAGE, NOW, raw, until
from vamaild.adapters.demo.smtp import SmtpSink

pytestmark = [pytest.mark.slow, pytest.mark.dovecot, pytest.mark.timeout(400)]

COMMAND = re.compile(rb"(?:[A-Z]{4}\d+ )(UID [A-Z]+|[A-Z]+)|(DONE)\r\n")
CERTAIN = {b"SELECT", b"UID SEARCH", b"UID FETCH", b"UID STORE", b"APPEND", b"IDLE", b"DONE"}
PROGRAM = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:/usr/bin") or ""
LONG = 100.0


@pytest.fixture
def box(dovecot_server: Dovecot, post_office: SmtpSink, tmp_path: Path) -> Iterator[Behind]:
    with behind(dovecot_server, post_office, tmp_path) as found:
        yield found


def new_validity(box: Behind) -> None:
    box.server.doveadm("mailbox", "update", "-u", box.world.imap.user, "--uid-validity", "1234567", "INBOX")


def without_indexes(box: Behind) -> None:
    """Of three messages two are removed, so that the third becomes the first."""
    home = box.world.imap.home
    assert home is not None
    remove(box.world.imap, 1, 2)
    for path in (home / "Maildir").glob("dovecot*"):
        path.unlink()
    strike(box.server, signal.SIGKILL)


@pytest.mark.parametrize(
    ("change", "uids"),
    [
        pytest.param(new_validity, {1, 2, 3, 4}, id="1. UIDVALIDITY changed while polling"),
        pytest.param(without_indexes, {1, 2}, id="2. indexes removed, the new mail has a UID below the last"),
    ],
)
def test_1_2_renumbered_while_it_is_polled(box: Behind, change: Callable[[Behind], None], uids: set[int]) -> None:
    box.deliver(1, 15, 30)
    with box.world.daemon(*AT, program=IMPATIENT) as daemon:
        daemon.wait_for(lambda: box.answered() == [1, 15, 30], LONG)
        change(box)
        box.deliver(39)
        assert set(box.world.imap.mails()) == uids
        daemon.wait_for(lambda: box.answered() == [1, 15, 30, 39], LONG)
        assert "renumbered" in daemon.said()
        daemon.wait_for(lambda: all(b"$vamaild" in flags for flags in box.world.flags().values()), LONG)
        assert daemon.end(30) == 0
    assert len(box.world.sent()) == 4
    assert set(box.world.entries()) == uids
    with box.world.ledger() as store:
        assert store.standing(NOW).arrived == 4


@pytest.mark.parametrize("new", [(), (30,), (30, 31)], ids=["fewer than before", "as many", "more than before"])
def test_3_made_anew_under_the_same_uidvalidity(box: Behind, new: tuple[int, ...]) -> None:
    """As within one second: UIDs mean other messages and UIDVALIDITY does not say so."""
    box.deliver(1, 15)
    assert box.world.once().code == 0
    assert box.answered() == [1, 15]
    with box.world.imap.client() as client:
        before = client.select_folder("INBOX")[b"UIDVALIDITY"]
    home = box.world.imap.home
    assert home is not None
    for path in [*(home / "Maildir").glob("dovecot*"), *(home / "Maildir/cur").iterdir()]:
        path.unlink()
    box.server.doveadm("mailbox", "update", "-u", box.world.imap.user, "--uid-validity", str(before), "INBOX")
    box.deliver(15, *new)
    with box.world.imap.client() as client:
        assert client.select_folder("INBOX")[b"UIDVALIDITY"] == before
    assert box.world.once(NOW + timedelta(minutes=1)).code == 0
    assert box.answered() == sorted([1, 15, *new])
    assert len(box.world.entries()) == len(new) + 1


@pytest.mark.parametrize(
    ("command", "answered"),
    [
        pytest.param(b"UID FETCH", [15], id="between SEARCH and FETCH"),
        pytest.param(b"UID STORE", [1, 15], id="between FETCH and the keyword"),
    ],
)
def test_4_removed_by_somebody_else_in_between(box: Behind, command: bytes, answered: list[int]) -> None:
    removed: list[bool] = []

    def said(wire: Wire, line: bytes) -> bytes:
        if command in line and not removed:
            removed.append(True)
            remove(box.world.imap, 1)
        return line

    box.deliver(1, 15)
    box.proxy.said = said
    ran = box.world.once()
    assert removed
    assert ran.code == 0
    assert "mail server" not in ran.said
    assert box.answered() == answered
    with box.world.ledger() as store:
        assert store.standing(NOW).arrived == len(answered)


def test_5_the_server_process_is_killed_at_each_command(box: Behind) -> None:
    """Each command, when it is said for the first time, kills the process before it arrives; then somebody writes."""
    killed: set[bytes] = set()
    guard = threading.Lock()  # or the session in which somebody writes is killed too

    def said(wire: Wire, line: bytes) -> bytes:
        found = COMMAND.match(line)
        command = found[1] or found[2] if found else b""
        with guard:
            if command and command not in killed and box.proxy.said and strike(box.server, signal.SIGKILL):
                killed.add(command)
                box.deliver(len(killed))
        return line

    box.deliver(0)
    box.world.imap.deliver(raw(DAMAGE, sender="dora@third.example", number=99), when=NOW)
    box.proxy.said = said
    with box.world.daemon(*AT, program=IMPATIENT) as daemon:
        daemon.wait_for(lambda: killed >= CERTAIN, 200)
        with guard:
            box.proxy.fair()
        everybody = len(killed) + 2
        daemon.wait_for(lambda: len(box.world.imap.mails("Sent")) == everybody, LONG)
        assert daemon.end(30) == 0
    replies = [str(mail["To"]) for mail in box.world.replies()]
    assert len(replies) == len(set(replies)) == everybody
    assert len({str(mail["Message-ID"]) for mail in box.world.notices()}) == 1
    copies = [message_from_bytes(text)["Message-ID"] for _, text in box.world.imap.mails("Sent").values()]
    assert len(set(copies)) == len(copies)


@pytest.fixture
def own(post_office: SmtpSink, tmp_path: Path, dovecot_server: Dovecot) -> Iterator[Behind]:
    """A Dovecot of one's own, which may be stopped."""
    base = Path(tempfile.mkdtemp(prefix="vamaild-own-"))
    try:
        with running_dovecot(PROGRAM, base) as server, behind(server, post_office, tmp_path) as found:
            yield found
    finally:
        shutil.rmtree(base, ignore_errors=True)


def test_6_thrown_out_of_idle_and_a_restart_of_the_server(own: Behind) -> None:
    """By itself it would look every ten minutes; it is back within seconds, and what came meanwhile is answered."""
    own.every("10m")
    with own.world.daemon(*AT) as daemon:
        daemon.wait_for(lambda: waits(own), LONG)
        own.deliver(1)
        daemon.wait_for(lambda: own.answered() == [1] and waits(own), LONG)
        connections = len(own.proxy.wires)
        own.server.doveadm("kick", own.world.imap.user)
        daemon.wait_for(lambda: len(own.proxy.wires) > connections and waits(own), LONG)
        own.deliver(15)
        daemon.wait_for(lambda: own.answered() == [1, 15] and waits(own), LONG)
        connections = len(own.proxy.wires)
        with restarted(own.server):
            own.deliver(30)
            daemon.wait_for(lambda: own.answered() == [1, 15, 30], LONG)
            assert len(own.proxy.wires) > connections
            assert daemon.end(30) == 0
            audited(own.world)
            own.world.state.rename(own.world.folder / "looked-at")


@contextmanager
def restarted(server: Dovecot) -> Iterator[None]:
    """Stops it, with its goodbyes, and starts it again on the same ports."""
    served, master = sessions(server), server.base / "run" / "master.pid"
    server.doveadm("stop")
    until(lambda: not (master.exists() or listens(server.port)), LONG)
    for session in served:  # as systemd does it
        with suppress(ProcessLookupError):
            os.kill(session, signal.SIGTERM)
    process = subprocess.Popen([PROGRAM, "-F", "-c", str(server.base / "dovecot.conf")])
    try:
        until(lambda: listens(server.port), LONG)
        yield
    finally:
        process.terminate()
        process.wait(10)


def listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0
