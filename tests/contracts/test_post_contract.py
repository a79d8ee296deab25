"""What every `Post` does, against a real SMTP server: unencrypted, with TLS, and with STARTTLS."""

from collections.abc import Iterator

import pytest

from tests.servers import CERTIFICATE, server_tls
from vamaild.adapters.demo.smtp import Manners, SmtpSink, smtp_sink
from vamaild.adapters.post import SmtpPost
from vamaild.core.ledger import PostError

TO = "anna@example.org"
RAW = (
    b"From: VA <va@va.example>\r\nTo: anna@example.org\r\nSubject: =?utf-8?q?entro_venerd=C3=AC?=\r\n"
    b"Message-ID: <k1@va.example>\r\nAuto-Submitted: auto-replied\r\n\r\nCiao Anna,\r\n.\r\n"
    b"..due punti\r\nentro venerdi.\r\n"
)


@pytest.fixture(params=["none", "implicit", "starttls"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[SmtpSink, SmtpPost]]:
    """A server that demands a sign-in, and the adapter that talks to it."""
    contexts = {"implicit": {"tls": server_tls()}, "starttls": {"starttls": server_tls()}}.get(request.param, {})
    with smtp_sink(login=("va", "pass word"), **contexts) as sink:
        post = SmtpPost(
            host="localhost" if request.param == "starttls" else sink.host, port=sink.port, tls=request.param,
            user="va", password=lambda: "pass word", ca=str(CERTIFICATE), read_seconds=5.0,
        )  # fmt: skip
        yield sink, post
        post.close()


def test_a_mail_arrives_byte_for_byte_from_the_null_sender(server: tuple[SmtpSink, SmtpPost]) -> None:
    sink, post = server
    post.send(TO, RAW)
    (mail,) = sink.mails
    assert (mail.sender, mail.recipients, mail.raw) == ("", (TO,), RAW)


def test_the_connection_is_kept(server: tuple[SmtpSink, SmtpPost]) -> None:
    sink, post = server
    for _ in range(5):
        post.send(TO, RAW)
    assert len(sink.mails) == 5
    assert sink.sessions <= 2  # STARTTLS says EHLO once before and once after


def test_a_dead_connection_is_replaced(server: tuple[SmtpSink, SmtpPost]) -> None:
    sink, post = server
    post.send(TO, RAW)
    sink.cut_all()
    post.send(TO, RAW)
    assert len(sink.mails) == 2


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(("reply", "permanent"), [("550 5.7.1 no", True), ("451 4.7.1 greylisted", False)])
def test_a_refusal_is_said_and_the_next_mail_goes(
    server: tuple[SmtpSink, SmtpPost], stage: str, reply: str, permanent: bool
) -> None:
    sink, post = server
    sink.manners = Manners(refuse={stage: reply})
    with pytest.raises(PostError, match=reply[4:]) as caught:
        post.send(TO, RAW)
    assert (caught.value.permanent, caught.value.maybe_sent) == (permanent, False)
    sink.manners = Manners()
    post.send(TO, RAW)
    assert len(sink.mails) == 1


def test_lost_after_the_final_dot_nobody_knows(server: tuple[SmtpSink, SmtpPost]) -> None:
    sink, post = server
    sink.manners = Manners(drop_at="DATA")
    with pytest.raises(PostError, match="no answer after the mail was complete") as caught:
        post.send(TO, RAW)
    assert (caught.value.permanent, caught.value.maybe_sent) == (False, True)
    assert len(sink.mails) == 1  # it did arrive: sending it again would be a second copy


def test_lost_before_the_mail_was_given_it_was_not_sent(server: tuple[SmtpSink, SmtpPost]) -> None:
    sink, post = server
    sink.manners = Manners(drop_at="RCPT")
    with pytest.raises(PostError) as caught:
        post.send(TO, RAW)
    assert (caught.value.permanent, caught.value.maybe_sent) == (False, False)
    assert sink.mails == []


def test_a_wrong_password_is_no_fault_of_the_mail(server: tuple[SmtpSink, SmtpPost]) -> None:
    _, post = server
    post._password = "falsch"
    with pytest.raises(PostError, match="wrong user or password for va") as caught:
        post.send(TO, RAW)
    assert (caught.value.permanent, caught.value.maybe_sent) == (False, False)
    assert "falsch" not in str(caught.value)


def test_closing_twice_and_sending_again(server: tuple[SmtpSink, SmtpPost]) -> None:
    sink, post = server
    post.close()
    post.send(TO, RAW)
    post.close()
    post.close()
    assert len(sink.mails) == 1
