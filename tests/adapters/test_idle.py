"""IDLE where the server misbehaves: a notice is a wake-up at most, never believed, never waited for without end."""

import socket
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.servers import ScriptedImap, Talk, scripted_imap
from vamaild.adapters.mailbox import ImapMailbox
from vamaild.adapters.mailbox.idle import Ears
from vamaild.core.ledger import MailboxError

WITH_IDLE = b"IMAP4rev1 UIDPLUS IDLE"
Idle = Callable[[Talk, bytes], None]


@contextmanager
def server(idle: Idle, *, capabilities: bytes = WITH_IDLE) -> Iterator[tuple[ImapMailbox, ScriptedImap]]:
    """A server whose answer to IDLE is `idle`; DONE is answered unless that did it. The mailbox was looked into."""
    tags: list[bytes] = []

    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command == b"IDLE":
            tags.append(tag)
            idle(talk, tag)
        elif tag == b"DONE":
            talk.send(tags[-1] + b" OK done\r\n")
        elif command == b"UID" and arguments.startswith(b"SEARCH"):
            talk.send(b"* SEARCH 5\r\n" + tag + b" OK done\r\n")
        elif command == b"UID":
            talk.send(tag + b" OK done\r\n")
        else:
            return False
        return True

    with scripted_imap(answer, capabilities=capabilities) as scripted:
        box = scripted.mailbox()
        box.open()
        list(box.arrivals(0))
        yield box, scripted
        box.close()


def says(*pieces: bytes, pause: float = 0.05) -> Idle:
    """Sends these, each in a packet of its own; b"" ends the connection."""

    def idle(talk: Talk, tag: bytes) -> None:
        talk.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            talk.send(piece.replace(b"TAG", tag)) if piece else talk.sock.shutdown(socket.SHUT_RDWR)
            time.sleep(pause)

    return idle


def heard_within(box: ImapMailbox, seconds: float) -> bool:
    """Whether the selector and the mailbox agree that somebody should look."""
    ears, ends = Ears(), time.monotonic() + seconds
    fileno = box.fileno()
    assert fileno is not None
    ears.listen("box", fileno)
    while (left := ends - time.monotonic()) > 0:
        if ears.wait(left) and box.heard():
            return True
    return False


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param((b"+ idling\r\n* 6 EXISTS\r\n",), id="in the same packet as the +"),
        pytest.param((b"* 6 EXISTS\r\n+ idling\r\n",), id="before the +"),
        pytest.param((b"* OK [ALERT] x\r\n+ idling\r\n",), id="anything before the +"),
        pytest.param((b"+ idling\r\n* 6 EXI",), id="half a line with the +"),
    ],
)
def test_what_no_selector_would_see_is_news_at_once(pieces: tuple[bytes, ...]) -> None:
    with server(says(*pieces, b"STS\r\n" if pieces[0].endswith(b"EXI") else b"* OK x\r\n")) as (box, scripted):
        assert box.idle() is False
        assert box.fileno() is None
        assert b"DONE\r\n" in scripted.wire
        box.open()
        assert list(box.arrivals(5)) == []


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param((b"* 6 EXISTS\r\n",), id="a notice"),
        pytest.param((b"* 6 EXI", b"STS\r\n"), id="a line cut in two"),
        pytest.param((b"*", b" ", b"6 EXISTS", b"\r", b"\n"), id="cut everywhere"),
        pytest.param((b"* 2 FETCH (FLAGS ())\r\n",), id="somebody reads"),
        pytest.param((b"* 3 EXPUNGE\r\n",), id="something is gone"),
        pytest.param((b"* BYE timeout\r\n", b""), id="BYE"),
        pytest.param((b"",), id="the end of the connection"),
        pytest.param((b"\xff\xfe garbage\r\n",), id="garbage"),
        pytest.param((b"* OK Still here\r\n* 6 EXISTS\r\n",), id="after a sign of life"),
        pytest.param((b"TAG OK IDLE is over\r\n",), id="it ends IDLE by itself"),
    ],
)
def test_it_wakes_somebody_who_then_looks(pieces: tuple[bytes, ...]) -> None:
    with server(says(b"+ idling\r\n", *pieces)) as (box, _):
        assert box.idle() is True
        assert heard_within(box, 3)
        box.open()  # ends IDLE, or connects again
        assert list(box.arrivals(5)) == []


def test_a_sign_of_life_wakes_nobody() -> None:
    with server(says(b"+ idling\r\n", b"* OK Still here\r\n", b"* OK x\r\n* ok y\r\n")) as (box, scripted):
        assert box.idle() is True
        assert not heard_within(box, 0.4)
        box.open()
        assert b"DONE\r\n" in scripted.wire


def test_the_end_of_the_connection_is_told_once_not_68000_times() -> None:
    with server(says(b"+ idling\r\n", b"")) as (box, _):
        assert box.idle() is True
        ears = Ears()
        ears.listen("box", box.fileno() or -1)
        assert ears.wait(3) == ["box"]
        assert box.heard()
        ears.forget("box")
        begun = time.monotonic()
        assert ears.wait(0.2) == []
        assert time.monotonic() - begun >= 0.15


@pytest.mark.parametrize(
    ("idle", "capabilities"),
    [
        pytest.param(says(b"+ idling\r\n"), b"IMAP4rev1", id="no such capability"),
        pytest.param(says(b"TAG NO not today\r\n"), WITH_IDLE, id="NO"),
        pytest.param(says(b"TAG BAD what?\r\n"), WITH_IDLE, id="BAD"),
    ],
)
def test_a_server_without_idle_is_only_polled(idle: Idle, capabilities: bytes) -> None:
    with server(idle, capabilities=capabilities) as (box, scripted):
        assert box.idle() is True
        assert box.fileno() is None
        sent = len(scripted.wire)
        assert box.idle() is True
        assert len(scripted.wire) == sent, "it is not asked again each time"


@pytest.mark.parametrize(
    "idle",
    [
        pytest.param(says(), id="no answer to IDLE"),
        pytest.param(says(*[b"*"] * 100, pause=0.1), id="one byte at a time"),
        pytest.param(lambda talk, tag: flood(talk), id="endless lines before the +"),
        pytest.param(says(b"* BYE\r\n", b""), id="BYE"),
    ],
)
def test_beginning_to_wait_ends_soon_with_a_sentence(idle: Idle) -> None:
    begun = time.monotonic()
    with server(idle) as (box, _), pytest.raises(MailboxError, match=r"beginning to wait|looking before"):
        box.idle()
    assert time.monotonic() - begun < 5


def flood(talk: Talk) -> None:
    while True:
        talk.send(b"* OK more and more\r\n" * 1000)


def test_a_flood_in_idle_takes_neither_time_nor_memory() -> None:
    def idle(talk: Talk, tag: bytes) -> None:
        talk.send(b"+ idling\r\n")
        time.sleep(0.1)
        flood(talk)

    with server(idle) as (box, _):
        assert box.idle() is True
        assert heard_within(box, 3), "whoever floods is looked at"
        tracemalloc.start()
        begun = time.monotonic()
        with pytest.raises(MailboxError):
            box.mark([5])
        assert time.monotonic() - begun < 5
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
        tracemalloc.stop()


def test_the_bell_rings_through_the_waiting_and_before_it() -> None:
    ears = Ears()
    ears.ring()
    ears.ring()
    begun = time.monotonic()
    assert ears.wait(5) == []
    assert time.monotonic() - begun < 2
    begun = time.monotonic()
    assert ears.wait(0.2) == []
    assert time.monotonic() - begun > 0.1, "it rings once"
    ears.close()
    ears.ring()


def test_one_ear_for_many() -> None:
    pairs = [socket.socketpair() for _ in range(50)]
    ears = Ears()
    for number, (near, _) in enumerate(pairs):
        ears.listen(f"box{number}", near.fileno())
    for number in (3, 40):
        pairs[number][1].send(b"x")
    assert sorted(ears.wait(1)) == ["box3", "box40"]
    ears.forget("box3")
    ears.forget("box3")
    assert ears.wait(1) == ["box40"]
    assert not ears.listens("box3")
    for near, far in pairs:
        near.close()
        far.close()
    ears.close()
