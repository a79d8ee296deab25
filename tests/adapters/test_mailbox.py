"""The IMAP mailbox where the server misbehaves: a sentence soon, or a message; never a wrong text."""

import socket
import time

import pytest

from tests.servers import (
    Talk,
    free_port,
    scripted_imap,
)
from vamaild.adapters.mailbox import ImapMailbox
from vamaild.core.ledger import MailboxError

from .imap_scripts import FETCHED, Script, on_uid, read_all

# ---- what a hostile or broken server may send: always a MailboxError or a result, soon, and never a wrong text


def hang_up(talk: Talk, *_: bytes) -> bool:
    talk.sock.shutdown(socket.SHUT_RDWR)
    return True


def flood(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
    while command == b"UID":
        talk.send(b"* OK still here and more and more text\r\n" * 1000)
    return False


def trickle(talk: Talk) -> None:
    for _ in range(100):
        talk.send(b"*")
        time.sleep(0.1)


def reset(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
    if command == b"UID":
        talk.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        talk.lines.close()
        talk.sock.close()
    return command == b"UID"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        pytest.param(
            on_uid(b"* 1 FETCH (UID 5 BODY[HEADER]<0> {99999999999}\r\nx"), "far too much", id="literal 99 GB"
        ),
        pytest.param(on_uid(b"* 1 FETCH (UID 5 BODY[HEADER]<0> {3000000000}\r\nx"), "far too much", id="literal 3 GB"),
        pytest.param(on_uid(b"* 1 FETCH (UID 5 X (" + b"a " * 4_500_000), "far too much", id="line of 9 MB"),
        pytest.param(on_uid(b"* 1 FETCH (UID 5 BODY[HEADER]<0> {3000000\r\nx"), "no answer|broke", id="literal cut"),
        pytest.param(on_uid(b"* BYE shutting down\r\n"), "broke|no answer", id="BYE and silence"),
        pytest.param(on_uid(b"* 1 FETCH (UID 5 BODY[HEADER]<0> {100}\r\npart"), "no answer|broke", id="EOF in literal"),
        pytest.param(on_uid(b"ZZZZ9 OK done\r\n"), "broke|no answer", id="unknown tag"),
        pytest.param(on_uid(bytes(range(128, 256)) + b"\r\n"), "broke|no answer", id="garbage"),
        pytest.param(reset, "broke", id="reset"),
        pytest.param(flood, "not done within 1.5 seconds|far too much", id="endless lines"),
        pytest.param(on_uid(), "no answer within 1 seconds", id="silence"),
    ],
)
def test_a_broken_conversation_ends_soon_with_a_sentence(answer: Script, says: str) -> None:
    started = time.monotonic()
    with scripted_imap(answer) as server, pytest.raises(MailboxError, match=says) as caught:
        read_all(server.mailbox())
    assert time.monotonic() - started < 5
    assert caught.value.retry is True
    assert 'mailbox "x" (u at 127.0.0.1:' in str(caught.value)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((b"TAG NO [SERVERBUG] internal\r\n",), id="NO"),
        pytest.param((b"* 1 FETCH (UID 5 BODY[HEADER]<0> {4}\r\nhalf)\r\nTAG NO failed\r\n",), id="data, then NO"),
        pytest.param((b"* 1 FETCH (UID 5 BODY[HEADER]<0> NIL)\r\nTAG OK done\r\n",), id="NIL"),
        pytest.param(
            (b"* 1 FETCH (UID 5 X (" + b"(" * 50_000 + b")" * 50_000 + b"))\r\nTAG OK done\r\n",), id="50k parens"
        ),
        pytest.param((b"* 1 FETCH (UID 5 FLAGS (" + b"a " * 600_000 + b"))\r\nTAG OK done\r\n",), id="line of 1.2 MB"),
        pytest.param((b"* 1 FETCH (UID 5 RFC822.SIZE x)\r\nTAG OK done\r\n",), id="no number"),
    ],
)
def test_a_message_the_server_cannot_hand_over_is_a_problem_not_a_stop(lines: tuple[bytes, ...]) -> None:
    with scripted_imap(on_uid(*lines)) as server:
        box = server.mailbox(read_seconds=30.0, call_seconds=30.0)  # to read 600,000 words takes a while
        box.open()
        ((arrival,),) = box.arrivals(0)
    assert arrival.problem == "the mail server could not hand it over"
    assert arrival.raw == b""


def test_one_bad_message_stops_no_other() -> None:
    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command != b"UID":
            return False
        if arguments.startswith(b"SEARCH"):
            talk.send(b"* SEARCH 5 6\r\n" + tag + b" OK done\r\n")
        elif b"6" in arguments.split(b" ")[1]:
            talk.send(tag + b" NO [SERVERBUG] internal\r\n")
        else:
            talk.send(FETCHED + tag + b" OK done\r\n")
        return True

    with scripted_imap(answer) as server:
        box = server.mailbox()
        box.open()
        ((good, bad),) = box.arrivals(0)
    assert (good.uid, good.raw[-4:], good.problem) == (5, b"ciao", "")
    assert (bad.uid, bad.problem) == (6, "the mail server could not hand it over")


@pytest.mark.parametrize(
    "unasked",
    [
        b"* 2 FETCH (UID 777 BODY[TEXT]<0> {6}\r\nother!)\r\n",
        b"* 9 FETCH (FLAGS (\\Deleted))\r\n",
        b"* 2 EXPUNGE\r\n* SEARCH 1 2 3\r\n* OK [ALERT] your password expires\r\n",
    ],
)
def test_what_was_not_asked_for_changes_nothing(unasked: bytes) -> None:
    with scripted_imap(on_uid(unasked, FETCHED, unasked, b"TAG OK done\r\n")) as server:
        box = server.mailbox()
        box.open()
        ((arrival,),) = box.arrivals(0)
    assert (arrival.uid, arrival.raw) == (5, b"From: a@b.cz\r\nA: bcd\r\nciao")


@pytest.mark.parametrize(("listed", "problems"), [(b"", []), (b" 5", ["the mail server could not hand it over"])])
def test_a_message_that_is_gone_is_left_out_and_one_that_lies_there_is_not(listed: bytes, problems: list[str]) -> None:
    """The server hands over nothing, without a word why; after a NOOP it says what it still has."""
    lying = [b" 5", listed]

    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command == b"UID":
            found = b"* SEARCH%b\r\n" % lying.pop(0) if arguments.startswith(b"SEARCH") else b""
            talk.send(found + tag + b" OK done\r\n")
        return command == b"UID"

    with scripted_imap(answer) as server:
        box = server.mailbox()
        box.open()
        assert [a.problem for batch in box.arrivals(0) for a in batch] == problems


@pytest.mark.parametrize(
    ("settings", "says", "retry"),
    [
        ({"selected": b"* 3 EXISTS\r\n"}, "no UIDVALIDITY", False),
        ({"greeting": b"* BYE overloaded\r\n"}, "broke while connecting", True),
        ({"greeting": b"HTTP/1.1 400 Bad Request\r\n"}, "broke while connecting", True),
        ({"answer": hang_up}, "broke while connecting", True),
        ({"begin": trickle}, "not done within 1.5 seconds while connecting", True),
        ({"greeting": b""}, "no answer within", True),
    ],
)
def test_a_server_that_cannot_be_opened(settings: dict[str, object], says: str, retry: bool) -> None:
    started = time.monotonic()
    with scripted_imap(**settings) as server, pytest.raises(MailboxError, match=says) as caught:  # type: ignore[arg-type]
        server.mailbox().open()
    assert caught.value.retry is retry
    assert time.monotonic() - started < 5


def test_nothing_listens_there() -> None:
    box = ImapMailbox(name="x", host="127.0.0.1", port=free_port(), user="u", password="p", tls="none")
    with pytest.raises(MailboxError, match="refuses connections") as caught:
        box.open()
    assert caught.value.retry is True


def test_no_such_host() -> None:
    box = ImapMailbox(name="x", host="imap.nowhere.invalid", user="u", password="p")
    with pytest.raises(MailboxError, match=r"imap\.nowhere\.invalid:993\): no such host"):
        box.open()


def test_a_server_that_is_only_busy_may_be_asked_again() -> None:
    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command == b"LOGIN":
            talk.send(tag + b" NO [UNAVAILABLE] try later\r\n")
        return command == b"LOGIN"

    with scripted_imap(answer) as server, pytest.raises(MailboxError, match="at the moment") as caught:
        server.mailbox().open()
    assert caught.value.retry is True


@pytest.mark.parametrize("password", ["", "a\r\nX1 LOGOUT", "a\0b"])
def test_a_password_that_cannot_be_one_is_not_sent(password: str) -> None:
    with scripted_imap() as server, pytest.raises(MailboxError, match="password is empty or has a line break"):
        server.mailbox(password=password).open()
    assert not any(b"LOGIN" in line or b"LOGOUT" in line for line in server.wire)


def test_a_read_only_mailbox_is_read_without_keyword() -> None:
    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command == b"SELECT":
            talk.send(b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n" + tag + b" OK [READ-ONLY] ok\r\n")
        return command == b"SELECT"

    with scripted_imap(answer) as server:
        box = server.mailbox()
        assert box.open() == 7
        assert box.mark([1]) is False
        assert not any(b"STORE" in line for line in server.wire)


@pytest.mark.parametrize(
    ("flags", "kept"),
    [(b"(\\Seen \\*)", True), (b"(\\Seen $VAMAILD)", True), (b"(\\Seen \\Deleted)", False), (b"()", False)],
)
def test_whether_the_keyword_is_kept(flags: bytes, kept: bool) -> None:
    selected = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [PERMANENTFLAGS " + flags + b"] x\r\n"
    with scripted_imap(selected=selected) as server:
        box = server.mailbox()
        box.open()
        assert box.keeps_keyword is kept
        assert box.mark([3]) is kept


def test_a_folder_rebuilt_in_between_is_noticed() -> None:
    count = iter(range(7, 100))

    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command == b"SELECT":
            talk.send(b"* 1 EXISTS\r\n* OK [UIDVALIDITY %d] x\r\n" % next(count) + tag + b" OK [READ-WRITE] ok\r\n")
        elif command == b"UID":
            talk.sock.shutdown(socket.SHUT_RDWR)
        return command in (b"SELECT", b"UID")

    with scripted_imap(answer) as server:
        box = server.mailbox()
        assert box.open() == 7
        with pytest.raises(MailboxError, match="broke"):
            box.mark([5])
        with pytest.raises(MailboxError, match="was rebuilt"):
            box.mark([5])
        with pytest.raises(MailboxError, match="was rebuilt"):  # until somebody opens it again
            box.mark([5])


def test_a_dead_kept_connection_is_replaced() -> None:
    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command == b"SELECT" and len([w for w in server.wire if b"SELECT" in w]) == 2:
            talk.sock.shutdown(socket.SHUT_RDWR)
            return True
        return False

    with scripted_imap(answer) as server:
        box = server.mailbox()
        assert box.open() == 7
        assert box.open() == 7
        assert sum(b"LOGIN" in line for line in server.wire) == 2
