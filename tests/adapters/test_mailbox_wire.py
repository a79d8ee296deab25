"""What goes over the wire to an IMAP server: no word of a sender, no password without TLS, nothing to the logs."""

import logging
import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import imapclient
import pytest

from tests.servers import (
    CERTIFICATE,
    OTHER_CERTIFICATE,
    OTHER_KEY,
    Dovecot,
    ImapAccount,
    Talk,
    scripted_imap,
    server_tls,
)
from vamaild.adapters.mailbox import ImapMailbox
from vamaild.adapters.mailbox.connection import Account, Link
from vamaild.core.ledger import MailboxError

from .imap_scripts import FETCHED, on_uid, read_all

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
