"""Mail without a network: IMAP and SMTP through a local socket, TLS to the very end, the host's name checked."""

from pathlib import Path

import pytest

from tests.servers import (
    CERTIFICATE,
    OTHER_CERTIFICATE,
    Dovecot,
    free_port,
    scripted_imap,
    server_tls,
)
from tests.unix_proxy import leading
from vamaild.adapters.demo.smtp import smtp_sink
from vamaild.adapters.mailbox import ImapMailbox
from vamaild.adapters.post import SmtpPost
from vamaild.core.ledger import MailboxError, PostError

RAW = b"From: giulia@ferri-av.example\r\nTo: eva@mala.example\r\nSubject: x\r\n\r\nCiao\r\n"
TO = "eva@mala.example"
NOBODY = "no-such-host.invalid"


def smtp(path: Path, **changes: object) -> SmtpPost:
    usual: dict[str, object] = {"host": "localhost", "port": 465, "tls": "none", "path": str(path)}
    return SmtpPost(**usual | {"connect_seconds": 2.0, "call_seconds": 3.0} | changes)  # type: ignore[arg-type]  # a table of settings


@pytest.mark.parametrize(
    ("tls", "ca", "host", "fault"),
    [
        ("none", None, NOBODY, ""),
        ("implicit", CERTIFICATE, "localhost", ""),
        ("starttls", CERTIFICATE, "localhost", ""),
        ("implicit", CERTIFICATE, NOBODY, "certificate is not trusted: Hostname mismatch"),
        ("starttls", CERTIFICATE, NOBODY, "certificate is not trusted: Hostname mismatch"),
        ("implicit", OTHER_CERTIFICATE, "localhost", "certificate is not trusted"),
    ],
)
def test_smtp_reaches_the_server_and_no_other(tmp_path: Path, tls: str, ca: Path | None, host: str, fault: str) -> None:
    context = {"implicit": {"tls": server_tls()}, "starttls": {"starttls": server_tls()}}.get(tls, {})
    with smtp_sink(**context) as sink, leading(tmp_path / "smtp.sock", sink.port) as path:
        post = smtp(path, host=host, tls=tls, ca=str(ca) if ca else None)
        if fault:
            with pytest.raises(PostError, match=fault):
                post.send(TO, RAW)
        else:
            post.send(TO, RAW)
        post.close()
        assert len(sink.mails) == (0 if fault else 1)


def test_smtp_says_which_socket_is_missing(tmp_path: Path) -> None:
    post = smtp(tmp_path / "nobody.sock", host=NOBODY)
    with pytest.raises(PostError, match=r"through .*nobody\.sock: there is no such socket. See: systemctl"):
        post.send(TO, RAW)


def test_smtp_says_when_nobody_listens_behind_the_socket(tmp_path: Path) -> None:
    with leading(tmp_path / "smtp.sock", free_port()) as path, pytest.raises(PostError) as caught:
        smtp(path).send(TO, RAW)
    assert caught.value.everybody


def imap(path: Path, **changes: object) -> ImapMailbox:
    usual: dict[str, object] = {"name": "x", "port": 993, "user": "u", "password": "p", "socket": str(path)}
    seconds = {"connect_seconds": 2.0, "read_seconds": 2.0, "call_seconds": 3.0}
    return ImapMailbox(**usual | seconds | changes)  # type: ignore[arg-type]  # a table of settings


def test_imap_without_encryption(tmp_path: Path) -> None:
    with scripted_imap() as server, leading(tmp_path / "imap.sock", server.port) as path:
        box = imap(path, host="localhost", tls="none")
        assert box.open() == 7
        box.close()


def test_imap_says_which_socket_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MailboxError, match=r"through .*imap\.sock"):
        imap(tmp_path / "imap.sock", host=NOBODY, tls="none").open()


@pytest.mark.slow
@pytest.mark.dovecot
@pytest.mark.parametrize(
    ("tls", "ca", "host", "fault"),
    [
        ("implicit", CERTIFICATE, "localhost", ""),
        ("starttls", CERTIFICATE, "localhost", ""),
        ("implicit", CERTIFICATE, NOBODY, "certificate is not trusted"),
        ("starttls", CERTIFICATE, NOBODY, "certificate is not trusted"),
        ("implicit", OTHER_CERTIFICATE, "localhost", "certificate is not trusted"),
    ],
)
def test_imap_reaches_the_server_and_no_other(
    dovecot_server: Dovecot, tmp_path: Path, tls: str, ca: Path, host: str, fault: str
) -> None:
    account = dovecot_server.account()
    port = dovecot_server.tls_port if tls == "implicit" else dovecot_server.port
    with leading(tmp_path / "imap.sock", port) as path:
        box = imap(path, host=host, tls=tls, ca=str(ca), user=account.user, password=account.password)
        if fault:
            with pytest.raises(MailboxError, match=fault):
                box.open()
        else:
            account.deliver(RAW)
            box.open()
            assert [arrival.raw for batch in box.arrivals(0) for arrival in batch] == [RAW]
            box.close()
