"""The IMAP mailbox where the server misbehaves, TLS does not hold, or the wire must show what was asked for."""

import logging
import socket
import ssl
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import imapclient
import pytest

from tests.servers import (
    CERTIFICATE,
    OTHER_CERTIFICATE,
    OTHER_KEY,
    Dovecot,
    ImapAccount,
    Talk,
    free_port,
    scripted_imap,
    server_tls,
)
from vamaild.adapters.mailbox import ImapMailbox, errors, folders, pick
from vamaild.adapters.mailbox.connection import Account, Link
from vamaild.core.ledger import MailboxError

Script = Callable[[Talk, bytes, bytes, bytes], bool | None]
FETCHED = (
    b'* 1 FETCH (UID 5 RFC822.SIZE 40 INTERNALDATE "22-Nov-2026 10:00:00 +0100" '
    b"BODY[HEADER]<0> {22}\r\nFrom: a@b.cz\r\nA: bcd\r\n BODY[TEXT]<0> {4}\r\nciao)\r\n"
)


def on_uid(*lines: bytes, search: bytes = b"* SEARCH 5\r\n") -> Script:
    """A server with message 5 that answers a FETCH with `lines`; "TAG" in them is the tag."""

    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command != b"UID":
            return False
        if arguments.startswith(b"SEARCH"):
            talk.send(search + tag + b" OK done\r\n")
        else:
            talk.send(b"".join(lines).replace(b"TAG", tag))
        return True

    return answer


def read_all(box: ImapMailbox) -> list[int]:
    box.open()
    return [a.uid for batch in box.arrivals(0) for a in batch]


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


# ---- commands hold nothing of a sender's, attachments are never fetched


ALLOWED = {
    "CAPABILITY", "LOGIN", "AUTHENTICATE", "SELECT", "EXAMINE", "UID SEARCH", "UID FETCH", "UID STORE",
    "LIST", "APPEND", "LOGOUT", "NOOP",
}  # fmt: skip


@contextmanager
def recorded(dovecot_server: Dovecot) -> Iterator[tuple[ImapAccount, Callable[[], tuple[str, bytes]]]]:
    """An account whose conversations Dovecot writes down: gives the commands and all bytes it sent."""
    account = dovecot_server.account()
    folder = dovecot_server.base / "rawlog" / account.user
    folder.mkdir(parents=True)
    for path in (folder, folder.parent):
        path.chmod(0o777)

    def log() -> tuple[str, bytes]:
        commands = b"".join(path.read_bytes() for path in sorted(folder.glob("*.in")))
        return commands.decode("utf-8", "replace"), b"".join(p.read_bytes() for p in sorted(folder.glob("*.out")))

    yield account, log


@pytest.mark.dovecot
def test_the_wire_shows_no_attachment_and_no_word_of_a_sender(dovecot_server: Dovecot) -> None:
    pdf = "Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + "QUJD" * 200_000
    body = f"--X\r\nContent-Type: text/plain\r\n\r\nciao\r\n--X\r\n{pdf}\r\n--X--\r\n"
    head = 'Subject: a"\r\n X1 LOGOUT\r\nMessage-ID: <a"{5}@x>\r\nContent-Type: multipart/mixed; boundary=X\r\n\r\n'
    raw = (head + body).encode()
    with recorded(dovecot_server) as (account, log):
        account.deliver(raw)
        before, _ = log()
        box = account.mailbox()
        box.open()
        ((arrival,),) = box.arrivals(0)
        box.mark([arrival.uid])
        box.file(b"Message-ID: <ours@va.example>\r\n\r\nx\r\n", "\\Sent")
        box.close()
        commands, answers = log()
    ours = commands.replace(before, "")
    assert arrival.raw.count(b"QUJD") == 0
    assert len(answers) < len(raw) / 10
    assert "LOGOUT\n" not in ours.replace("\r", "").replace("LOGOUT\n", "", 1)
    spoken = [" ".join(line.split()[2:4] if "UID" in line else line.split()[2:3]) for line in ours.splitlines() if line]
    assert {s for s in spoken if s.isupper()} <= ALLOWED
    assert "PEEK" in ours
    assert "{5}" not in ours


def test_peek_always_and_only_the_keyword_is_stored() -> None:
    with scripted_imap(on_uid(FETCHED, b"TAG OK done\r\n")) as server:
        box = server.mailbox(keyword="$seen-by-va")
        read_all(box)
        box.mark([5, 6])
        wire = b"".join(server.wire)
    assert b"BODY[" not in wire.replace(b"BODY.PEEK[", b"")
    assert b"UID STORE 5,6 +FLAGS.SILENT ($seen-by-va)" in wire


@pytest.mark.parametrize("keyword", ["", "a b", "a)", "\\Seen", "a\r\nX", "ě", "a*"])
def test_a_keyword_that_could_be_a_command_is_refused(keyword: str) -> None:
    with pytest.raises(ValueError, match="cannot be a keyword"):
        ImapMailbox(name="x", host="h", user="u", password="p", keyword=keyword)


# ---- TLS


@pytest.mark.dovecot
def test_starttls(starttls: ImapAccount) -> None:
    starttls_box = starttls.mailbox()
    assert starttls_box.open() > 0
    starttls_box.close()


@pytest.mark.dovecot
@pytest.mark.parametrize("tls", ["implicit", "starttls"])
@pytest.mark.parametrize("ca", [None, str(OTHER_CERTIFICATE)])
def test_an_untrusted_certificate_is_refused(dovecot_server: Dovecot, tls: str, ca: str | None) -> None:
    port = dovecot_server.tls_port if tls == "implicit" else dovecot_server.port
    box = dovecot_server.account().mailbox(ca=ca, tls=tls, port=port)
    with pytest.raises(MailboxError, match="certificate is not trusted") as caught:
        box.open()
    assert caught.value.retry is False


def wrapped(context: ssl.SSLContext) -> Callable[[Talk], None]:
    def begin(talk: Talk) -> None:
        talk.sock = context.wrap_socket(talk.sock, server_side=True)
        talk.lines = talk.sock.makefile("rb")

    return begin


def test_a_certificate_for_another_name_is_refused() -> None:
    context = server_tls(OTHER_CERTIFICATE, OTHER_KEY)
    with scripted_imap(begin=wrapped(context)) as server, pytest.raises(MailboxError, match="not trusted"):
        server.mailbox(tls="implicit", ca=str(OTHER_CERTIFICATE)).open()
    assert server.wire == []


def test_tls_older_than_1_2_is_refused() -> None:
    context = server_tls()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with (
        scripted_imap(begin=wrapped(context)) as server,
        pytest.raises(MailboxError, match=r"no encrypted connection|broke"),
    ):
        server.mailbox(tls="implicit", ca=str(CERTIFICATE)).open()
    assert server.wire == []


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "offers no STARTTLS"),
        ({"greeting": b"* PREAUTH welcome\r\n", "capabilities": b"IMAP4rev1 STARTTLS"}, "."),
        ({"capabilities": b"IMAP4rev1 STARTTLS", "answer": lambda t, tag, c, a: c == b"STARTTLS" and (
            t.send(tag + b" NO later\r\n") or True)}, "."),
    ],
)  # fmt: skip
def test_without_tls_no_password_leaves(settings: dict[str, object], says: str) -> None:
    with scripted_imap(**settings) as server, pytest.raises(MailboxError, match=says):  # type: ignore[arg-type]
        server.mailbox(tls="starttls", password="geheim").open()
    assert not any(b"LOGIN" in line or b"AUTH" in line or b"geheim" in line for line in server.wire)


def test_what_was_said_before_starttls_is_forgotten() -> None:
    context = server_tls()

    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command != b"STARTTLS":
            return False
        talk.send(b"* CAPABILITY IMAP4rev1 AUTH=EVIL\r\n* 99 EXISTS\r\n* SEARCH 1 2 3\r\n" + tag + b" OK go\r\n")
        wrapped(context)(talk)
        for line in talk.lines:
            tag, *words = line.split()
            talk.send(b"* CAPABILITY IMAP4rev1\r\n" if words[0] == b"CAPABILITY" else b"")
            talk.send(b"* OK [UIDVALIDITY 7] x\r\n" if words[0] == b"SELECT" else b"")
            talk.send(tag + b" OK done\r\n")
        return True

    with scripted_imap(answer, capabilities=b"IMAP4rev1 STARTTLS") as server:
        box = server.mailbox(tls="starttls", host="localhost", ca=str(CERTIFICATE))
        assert box.open() == 7
        assert list(box.arrivals(0)) == []
        link = Link(Account("x", "localhost", server.port, "starttls", "u", "p", str(CERTIFICATE), 2, 2, 2))
        assert not {"EXISTS", "SEARCH"} & set(link.client._imap.untagged_responses)
        link.close()


# ---- what leans on the inside of imapclient and imaplib


def test_nothing_of_a_mail_or_password_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), scripted_imap(on_uid(FETCHED, b"TAG OK done\r\n")) as server:
        read_all(server.mailbox(password="geheim-wort"))
    assert "geheim-wort" not in caplog.text
    assert "ciao" not in caplog.text
    assert not [record for record in caplog.records if record.name == "imapclient.imaplib"]


def test_imapclient_still_has_the_inside_we_lean_on() -> None:
    with scripted_imap() as server:
        plain = imapclient.IMAPClient(server.host, server.port, ssl=False, timeout=2)
        assert plain._imap.debug == 5, "imapclient no longer turns debugging on: _quieten may go"
        assert isinstance(plain._imap.untagged_responses, dict)
        assert callable(plain._create_IMAP4)
        assert callable(plain._imap._create_socket)
        plain.shutdown()
        link = Link(Account("x", server.host, server.port, "none", "u", "p", None, 2, 2, 2))
        assert link.client._imap.debug == 0
        assert link._alarm._handle is not None, "the socket is not watched any more"
        link.close()


# ---- folders


def folder(name: str, *flags: bytes, delimiter: bytes | None = b"/") -> tuple[tuple[bytes, ...], bytes | None, str]:
    return flags, delimiter, name


@pytest.mark.parametrize(
    ("listed", "special", "chosen"),
    [
        ([folder("INBOX"), folder("Odeslane", b"\\HasNoChildren", b"\\Sent")], "\\Sent", "Odeslane"),
        ([folder("Sent"), folder("[Gmail]/Posta inviata", b"\\sent")], "\\Sent", "[Gmail]/Posta inviata"),
        ([folder("Archiv"), folder("Posta inviata")], "\\Sent", "Posta inviata"),
        ([folder("Odeslaná pošta")], "\\Sent", "Odeslaná pošta"),
        ([folder("Odeslané")], "\\Sent", "Odeslané"),
        ([folder("Gesendete Elemente")], "\\Sent", "Gesendete Elemente"),
        ([folder("INBOX.Sent", delimiter=b".")], "\\Sent", "INBOX.Sent"),
        ([folder("INBOX.Gesendet", delimiter=b"."), folder("INBOX.Sent", delimiter=b".")], "\\Sent", "INBOX.Sent"),
        ([folder("Sent", b"\\Noselect"), folder("Inviata")], "\\Sent", "Inviata"),
        ([folder("Bozze"), folder("Sent")], "\\Drafts", "Bozze"),
        ([folder("Koncepty")], "\\Drafts", "Koncepty"),
        ([folder("Sentenze"), folder("Presented")], "\\Sent", None),
        ([folder("Sent", delimiter=None)], "\\Sent", "Sent"),
        ([], "\\Sent", None),
    ],
)
def test_which_folder(
    listed: list[tuple[tuple[bytes, ...], bytes | None, str]], special: str, chosen: str | None
) -> None:
    assert folders.choose(listed, special) == chosen


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"Message-ID: <a.b+c@va.example>\r\n\r\n", "<a.b+c@va.example>"),
        (b"Subject: x\r\nmessage-id:\r\n <abc@va.example>\r\nTo: a\r\n\r\nx", "<abc@va.example>"),
        (b"Subject: x\r\n\r\nMessage-ID: <body@x>\r\n", None),
        (b'Message-ID: <a"b@x>\r\n\r\n', None),
        (b"Message-ID: <a\\b@x>\r\n\r\n", None),
        (b"Message-ID: <a b@x>\r\n\r\n", None),
        (b"Message-ID: <a{5}@x>\r\n\r\n", None),
        (b"Message-ID: <a@x> LOGOUT\r\n\r\n", None),
        (b"Message-ID: <a@x>\r\nMessage-ID: <b@x>\r\n\r\n", None),
        (b"Message-ID: <" + b"a" * 300 + b"@x>\r\n\r\n", None),
    ],
)
def test_a_message_id_fit_for_a_command(raw: bytes, found: str | None) -> None:
    assert folders.message_id(raw) == found


# ---- picking parts


def leaf(kind: bytes, subtype: bytes, *more: object) -> tuple[object, ...]:
    return (kind, subtype, None, None, None, b"7bit", 99, *more)


ATTACHED = (None, (b"attachment", (b"filename", b"a.txt")))
ALTERNATIVE = (leaf(b"text", b"plain", 3), leaf(b"text", b"html", 3), b"alternative", (b"boundary", b"IN"), None)


@pytest.mark.parametrize(
    ("structure", "wanted"),
    [
        (leaf(b"text", b"plain", 3), ["TEXT"]),
        (leaf(b"application", b"pdf"), []),
        (leaf(b"TEXT", b"PLAIN", 3, *ATTACHED), []),
        (([leaf(b"text", b"plain", 3), leaf(b"image", b"png")], b"mixed", (b"BOUNDARY", b"X")),
         ["1", "2.MIME", "1.MIME"]),
        (([ALTERNATIVE, leaf(b"image", b"png")], b"mixed", (b"boundary", b"X")),
         ["1.1", "1.2", "1.1.MIME", "1.2.MIME", "1.MIME", "2.MIME"]),
        (([leaf(b"text", b"plain", 1), leaf(b"message", b"rfc822", (b"env",), leaf(b"text", b"plain", 1), 9)],
          b"mixed", (b"boundary", b"X")), ["1", "1.MIME", "2.MIME", "2.HEADER", "2.TEXT"]),
        (([leaf(b"text", b"plain", 1), leaf(b"message", b"rfc822", (b"env",), ALTERNATIVE, 9)],
          b"mixed", (b"boundary", b"X")), ["1", "1.MIME", "2.MIME", "2.HEADER", "2.1", "2.2", "2.1.MIME", "2.2.MIME"]),
        (leaf(b"message", b"rfc822", (b"env",), leaf(b"text", b"plain", 1), 9), ["1.HEADER", "1.TEXT"]),
        (leaf(b"text", b"calendar", 3, *ATTACHED), ["TEXT"]),
    ],
)  # fmt: skip
def test_which_parts_are_fetched(structure: object, wanted: list[str]) -> None:
    items = pick.sections(pick.read(structure))
    assert sorted(item.split("[")[1].split("]")[0] for item in items) == sorted(wanted)
    assert all(item.startswith("BODY.PEEK[") and item.endswith(">") for item in items)


def nested(levels: int) -> object:
    part: object = leaf(b"text", b"plain", 1)
    for _ in range(levels):
        part = ([part], b"mixed", (b"boundary", b"X"))
    return part


@pytest.mark.parametrize(
    "structure",
    [None, b"text", (), (b"text",), 7, nested(40), ([leaf(b"text", b"plain", 1)] * 400, b"mixed", (b"boundary", b"X")),
     ([leaf(b"text", b"plain", 1)], b"mixed", None)],
)  # fmt: skip
def test_a_structure_that_cannot_be_followed(structure: object) -> None:
    with pytest.raises(pick.StructureError):
        pick.read(structure)


def test_texts_without_number_are_limited() -> None:
    whole = pick.read(([leaf(b"text", b"plain", 1)] * 40, b"mixed", (b"boundary", b"X")))
    assert sum("MIME" not in item for item in pick.sections(whole)) == pick.TEXTS_LIMIT


# ---- sentences


def test_a_server_cannot_write_into_our_log_lines() -> None:
    assert errors.words("no\r\n\x1b[31mERROR fake line\x00" + "x" * 500).startswith("no [31mERROR fake line xxx")
    assert len(errors.words("x" * 500)) == errors.SERVER_WORDS_LIMIT


def test_a_size_is_said_with_its_unit(tmp_path: Path) -> None:
    big = FETCHED.replace(b"RFC822.SIZE 40", b"RFC822.SIZE 61200000")
    with scripted_imap(on_uid(big, b"TAG OK done\r\n")) as server:
        box = server.mailbox()
        box.open()
        ((arrival,),) = box.arrivals(0)
    assert arrival.problem == "too large to read: 61.2 MB"
    assert arrival.raw == b"From: a@b.cz\r\nA: bcd\r\n"
