"""Faults 7 to 11: a server that falls silent in the middle, trickles, floods, lies. Other mailboxes go on."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.faults.behind import AT, IMPATIENT, Behind, behind, sessions, strike, waits
from tests.faults.proxy import Wire
from tests.office import Office, trusting
from tests.servers import Dovecot, Talk, scripted_imap
from tests.system.world import BETA, NOW, PEOPLE, Daemon, World, raw
from vamaild.adapters.demo.smtp import SmtpSink
from vamaild.core.ruleset import Trust
from vamaild.mailroom import LONGEST_STEP, SLICE, Mailroom

pytestmark = [pytest.mark.slow, pytest.mark.dovecot, pytest.mark.timeout(400)]

LONG = 100.0


@pytest.fixture
def box(dovecot_server: Dovecot, post_office: SmtpSink, tmp_path: Path) -> Iterator[Behind]:
    with behind(dovecot_server, post_office, tmp_path) as found:
        yield found


# ---- 7: nobody hangs up, nothing comes any more


def in_idle(box: Behind) -> None:
    """The process of the server is stopped, its connection stays."""
    assert strike(box.server, signal.SIGSTOP)


def in_a_literal(box: Behind) -> None:
    """Half of a message comes."""

    def telling(data: bytes) -> bytes:
        if b"BODY[HEADER]" not in data or box.proxy.silent:
            return data
        box.proxy.silent = True
        return data[: len(data) // 2]

    box.proxy.telling = telling


def in_append(box: Behind) -> None:
    """The command never arrives."""

    def said(wire: Wire, line: bytes) -> bytes:
        return b"" if b" APPEND " in line else line

    box.proxy.said = said


@pytest.mark.parametrize("silence", [in_idle, in_a_literal, in_append])
def test_7_half_open(box: Behind, silence: Callable[[Behind], None]) -> None:
    with box.world.daemon(*AT, program=IMPATIENT) as daemon:
        daemon.wait_for(lambda: waits(box), LONG)
        stopped, connections = sessions(box.server), len(box.proxy.wires)
        try:
            silence(box)
            box.deliver(1)
            daemon.wait_for(lambda: len(box.proxy.wires) > connections, LONG)
            box.proxy.fair()
            daemon.wait_for(lambda: box.answered() == [1], LONG)
            daemon.wait_for(lambda: len(box.world.imap.mails("Sent")) == 1, LONG)
            assert daemon.end(30) == 0
        finally:
            for process in set(stopped) & set(sessions(box.server)):
                os.kill(process, signal.SIGKILL)
    assert box.answered() == [1]


def test_7_no_idle_lasts_longer_than_five_minutes() -> None:
    """However rarely the mailbox is looked into by itself: a connection that died in silence is noticed by then."""
    office = Office(ruleset=trusting(Trust.SEND))
    room = Mailroom(office.service)
    room._periods = (office.service.rules.settings, {"inbox": 24 * 12 * SLICE})
    room.begin()
    while room.visits:
        room.attend(0)
    assert SLICE.total_seconds() <= 300
    assert room.due["inbox"].at - office.service.now() == SLICE


# ---- 8: a byte now and then


def test_8_one_byte_at_a_time(box: Behind) -> None:
    """Never silent long enough for a time-out: the whole call has an end, and another mailbox does not wait for it."""
    other = replace(box.server.account(), port=box.server.port, tls="none", ca=None)
    (box.world.config / "rules.d" / "client-beta.toml").write_text(BETA)
    table = box.world.mailbox_table(name="second", user=other.user, imap=f"imap://127.0.0.1:{other.port}")
    box.world.write_main(imap=f"imap://127.0.0.1:{box.proxy.port}", more_mailboxes=table)
    with box.world.daemon(*AT, program=IMPATIENT) as daemon:
        daemon.wait_for(lambda: waits(box), LONG)
        box.proxy.pace = 0.5
        box.deliver(1)
        other.deliver(raw(sender=PEOPLE[15], to="office@beta.example", number=15), when=NOW)
        daemon.wait_for(lambda: box.answered() == [15], LONG)
        daemon.wait_for("not done within 6 seconds", LONG)
        assert box.answered() == [15]
        box.proxy.fair()
        daemon.wait_for(lambda: box.answered() == [1, 15], LONG)
        assert daemon.end(30) == 0
    assert LONGEST_STEP < 600, "and whoever gets round that end is cut off"


# ---- 9, 10: without end, or without sense


def endless(talk: Talk, tag: bytes) -> None:
    while True:
        talk.send(b"* OK still here and more and more text\r\n" * 1_000)


def huge(talk: Talk, tag: bytes) -> None:
    """As long as it said, and really sent."""
    talk.send(b"* 1 FETCH (UID 5 BODY[TEXT]<0> {3000000000}\r\n")
    while True:
        talk.send(b"x" * 1_000_000)


def says(*lines: bytes) -> Callable[[Talk, bytes], None]:
    return lambda talk, tag: talk.send(b"".join(lines).replace(b"TAG", tag))


NONSENSE: dict[str, Callable[[Talk, bytes], None]] = {
    "flood": endless,
    "3gb": huge,
    "99gb": says(b"* 1 FETCH (UID 5 BODY[TEXT]<0> {99999999999}\r\nx"),
    "negative": says(b"* 1 FETCH (UID 5 BODY[TEXT]<0> {-5}\r\nabcdefgh)\r\nTAG OK done\r\n"),
    "longline": says(b"* 1 FETCH (UID 5 FLAGS (" + b"a " * 600_000 + b"))\r\nTAG OK done\r\n"),
    "endlessline": says(b"* 1 FETCH (UID 5 FLAGS (" + b"a " * 20_000_000),
    "parens": says(b"* 1 FETCH (UID 5 BODYSTRUCTURE " + b"(" * 50_000 + b")" * 50_000 + b")\r\nTAG OK done\r\n"),
    "random": says(bytes(range(1, 256)) * 40 + b"\r\n"),
}


def hostile(nonsense: Callable[[Talk, bytes], None]) -> Callable[[Talk, bytes, bytes, bytes], bool]:
    """Message 5 lies there; to whoever wants it, this is said."""

    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command == b"UID" and arguments.startswith(b"SEARCH"):
            talk.send(b"* SEARCH 5\r\n" + tag + b" OK done\r\n")
        elif command == b"UID":
            nonsense(talk, tag)
        return command == b"UID"

    return answer


def peak(process: int) -> int:
    """Bytes of memory that this process ever had."""
    said = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    return int(said[1]) * 1024 if said else 0


def test_9_10_floods_and_nonsense_from_eight_servers(world: World) -> None:
    """The program lives, its memory stays as it is, and the mailbox beside them is answered."""
    with ExitStack() as stack:
        tables = []
        for name, nonsense in NONSENSE.items():
            server = stack.enter_context(scripted_imap(hostile(nonsense)))
            tables.append(world.mailbox_table(name=name, user=name, imap=f"imap://127.0.0.1:{server.port}"))
        world.write_main(more_mailboxes="".join(tables))
        with world.daemon(*AT, program=IMPATIENT) as daemon:
            for name in NONSENSE:
                daemon.wait_for(partial(met, daemon, world, name), LONG)
            world.imap.deliver(*(raw(sender=PEOPLE[n], number=n) for n in range(3)), when=NOW)
            daemon.wait_for(lambda: len(world.replies()) == 3, LONG)
            most = peak(daemon.process.pid)
            assert daemon.end(30) == 0
        print(f"\npeak {most / 1e6:.0f} MB")
    assert most < 200_000_000
    assert sorted(str(mail["To"]) for mail in world.replies()) == sorted(PEOPLE[:3])


def met(daemon: Daemon, world: World, name: str) -> bool:
    """Whether this mailbox has failed, or message 5 has its state: a person has it, because nobody could read it."""
    with world.ledger() as store:
        entry = store.find_entry(name, 5)
    return f"mailbox={name} fault=" in daemon.said() or (entry is not None and entry.reason == "unreadable")
