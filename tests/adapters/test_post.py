"""The SMTP adapter: what it refuses to send, and what it makes of servers that misbehave."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest

from tests.servers import CERTIFICATE, OTHER_CERTIFICATE, OTHER_KEY, free_port, server_tls
from vamaild.adapters.demo.smtp import Manners, SmtpSink, smtp_sink
from vamaild.adapters.post import SmtpPost
from vamaild.core.lastlook import HEADERS, check
from vamaild.core.ledger import PostError
from vamaild.core.letter import Envelope, Letter, to_bytes

TO = "anna@example.org"
HEAD = b"From: va@va.example\r\nTo: anna@example.org\r\nSubject: x\r\n"
RAW = HEAD + b"\r\nciao\r\n"


def post(sink: SmtpSink, **changes: object) -> SmtpPost:
    settings = {"host": sink.host, "port": sink.port, "tls": "none", "read_seconds": 1.0, "call_seconds": 1.5}
    return SmtpPost(**{**settings, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (HEAD + b"\r\na\nb\r\n", "line end"),
        (HEAD + b"\r\na\rb\r\n", "line end"),
        (HEAD + b"\r\nx\r\n.\nMAIL FROM:<evil@x>\r\n", "line end"),
        (HEAD + b"\r\na\0b\r\n", "zero byte"),
        (HEAD + b"\r\n" + b"a" * 999 + b"\r\n", "more than 998 bytes"),
        (HEAD + b"Bcc: eve@x.example\r\n\r\nx\r\n", r"does not belong there \(bcc\)"),
        (HEAD + b"Cc: eve@x.example\r\n\r\nx\r\n", r"does not belong there \(cc\)"),
        (HEAD + b"X-Secret: +39 333\r\n\r\nx\r\n", "does not belong there"),
        (HEAD + b"no header line\r\n\r\nx\r\n", "malformed"),
        (HEAD, "malformed"),
        (b" folded: first\r\n" + HEAD + b"\r\nx\r\n", "malformed"),
        (HEAD + b"To: eve@x.example\r\n\r\nx\r\n", "twice"),
        (HEAD + b"subject: y\r\n\r\nx\r\n", "twice"),
        (HEAD.replace(b"To: anna", b"To: eve@x.example, anna") + b"\r\nx\r\n", "To field"),
        (HEAD.replace(b"To: anna@example.org", b"To: eve@x.example") + b"\r\nx\r\n", "To field"),
        (HEAD.replace(b"To: anna@example.org\r\n", b"") + b"\r\nx\r\n", "To field"),
    ],
)
def test_what_never_leaves(sink: SmtpSink, raw: bytes, why: str) -> None:
    with pytest.raises(PostError, match=why) as caught:
        post(sink).send(TO, raw)
    assert caught.value.permanent
    assert sink.sessions == 0


@pytest.mark.parametrize(
    "to",
    [
        "",
        "anna",
        "a b@x.example",
        "<a@x.example>",
        "a@x.example>\r\nRCPT TO:<eve@x",
        "a@b@c",
        "a@x.example,b@x.example",
    ],
)
def test_a_recipient_that_is_none(sink: SmtpSink, to: str) -> None:
    with pytest.raises(PostError, match="no plain address"):
        post(sink).send(to, RAW)
    assert sink.sessions == 0


def test_every_header_a_letter_writes_may_leave() -> None:
    envelope = Envelope("Žaneta Nová", "va@va.example", TO, "<k@va.example>", "<p@x>", ("<o@x>",), "cs")
    raw = to_bytes(
        Letter("Děkuji – ozvu se", ".\n..\nDobrý den,\n" + "slovo " * 400), envelope, datetime(2026, 11, 22, tzinfo=UTC)
    )
    check(TO, raw)
    names = {line.partition(b":")[0].decode().lower() for line in raw.partition(b"\r\n\r\n")[0].splitlines()}
    assert names & HEADERS


def test_dots_and_long_bodies_arrive_as_they_were(sink: SmtpSink) -> None:
    raw = HEAD + b"\r\n.\r\n..\r\n.a\r\n" + b"x" * 998 + b"\r\nno line end"
    post(sink).send(TO, raw)
    assert sink.mails[0].raw == raw + b"\r\n"


def test_the_envelope_sender_can_be_an_address(sink: SmtpSink) -> None:
    post(sink, sender="noreply@va.example").send(TO, RAW)
    assert sink.mails[0].sender == "noreply@va.example"
    with pytest.raises(ValueError, match="no address"):
        post(sink, sender="a b")


def test_letters_beyond_ascii_only_where_the_server_can(sink: SmtpSink) -> None:
    raw = "From: va@va.example\r\nTo: žaneta@příklad.example\r\n\r\nx\r\n".encode()
    post(sink).send("žaneta@příklad.example", raw)
    assert sink.mails[0].recipients == ("žaneta@příklad.example",)
    assert "SMTPUTF8" in sink.mails[0].options
    post(sink).send(TO, RAW)
    assert sink.mails[1].options == ()


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_falls_silent(sink: SmtpSink, stage: str) -> None:
    sink.manners = Manners(hang_at=stage)
    started = time.monotonic()
    with pytest.raises(PostError) as caught:
        post(sink).send(TO, RAW)
    assert caught.value.maybe_sent is (stage == "DATA")
    assert time.monotonic() - started < 6


def test_hanging_up_at_mail_is_tried_once_more(sink: SmtpSink) -> None:
    sink.manners = Manners(drop_at="MAIL")
    with pytest.raises(PostError, match="hangs up before it takes anything") as caught:
        post(sink).send(TO, RAW)
    assert (caught.value.permanent, caught.value.maybe_sent) == (False, False)
    assert sink.sessions == 2


def test_a_refused_null_sender_says_what_to_do(sink: SmtpSink) -> None:
    sink.manners = Manners(refuse={"MAIL": "550 5.1.8 sender rejected"})
    with pytest.raises(PostError, match="name an address as envelope sender") as caught:
        post(sink).send(TO, RAW)
    assert caught.value.permanent


@pytest.mark.parametrize("code", ["530", "535"])
def test_a_refusal_of_us_is_not_for_good(sink: SmtpSink, code: str) -> None:
    sink.manners = Manners(refuse={"MAIL": f"{code} 5.7.0 sign in first"})
    with pytest.raises(PostError) as caught:
        post(sink).send(TO, RAW)
    assert caught.value.permanent is False


@pytest.mark.parametrize(
    ("ca", "files", "says"),
    [
        (None, (CERTIFICATE, CERTIFICATE.with_suffix(".key")), "not trusted"),
        (str(OTHER_CERTIFICATE), (OTHER_CERTIFICATE, OTHER_KEY), "not trusted"),
    ],
)
def test_an_untrusted_certificate_gets_no_password(ca: str | None, files: tuple[object, object], says: str) -> None:
    context = server_tls(*files)  # type: ignore[arg-type]
    for setting in ({"tls": context}, {"starttls": context}):
        with smtp_sink(**setting) as sink, pytest.raises(PostError, match=says):
            post(sink, tls="implicit" if "tls" in setting else "starttls", ca=ca, user="u", password="p").send(TO, RAW)
        assert sink.mails == []


def test_starttls_is_never_left_out(sink: SmtpSink) -> None:
    with pytest.raises(PostError, match="nothing is sent unencrypted"):
        post(sink, tls="starttls").send(TO, RAW)
    assert sink.mails == []


def test_nobody_there() -> None:
    with pytest.raises(PostError, match="refuses connections"):
        SmtpPost(host="127.0.0.1", port=free_port(), tls="none").send(TO, RAW)
    with pytest.raises(PostError, match="no such host"):
        SmtpPost(host="smtp.nowhere.invalid").send(TO, RAW)


@contextmanager
def talker(said: bytes, pause: float) -> Iterator[int]:
    """A server that sends this again and again, whatever it is told."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        with suppress(OSError):
            sock, _ = listener.accept()
            with sock:
                while True:
                    sock.sendall(said)
                    time.sleep(pause)

    threading.Thread(target=talk, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


@pytest.mark.parametrize(
    ("said", "pause"), [(b"2", 0.1), (b"220-more to come\r\n", 0.001), (b"", 0.1), (b"HTTP/1.1 400\r\n", 0.1)]
)
def test_an_endless_greeting_ends(said: bytes, pause: float) -> None:
    started = time.monotonic()
    with talker(said, pause) as port, pytest.raises(PostError) as caught:
        SmtpPost(host="127.0.0.1", port=port, tls="none", connect_seconds=1.0, call_seconds=1.5).send(TO, RAW)
    assert time.monotonic() - started < 5
    assert (caught.value.permanent, caught.value.maybe_sent) == (False, False)
