"""Signing in with a token at real servers: Dovecot (XOAUTH2, OAUTHBEARER) and aiosmtpd; and at ones that misbehave."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests import servers
from tests.authority import Authority, authority
from tests.oauth_servers import door, dovecot_with_tokens
from tests.servers import Talk, scripted_imap
from vamaild.adapters.mailbox import ImapMailbox
from vamaild.adapters.post import SmtpPost
from vamaild.core.ledger import MailboxError, PostError
from vamaild.core.signin import SignInError

TO = "anna@example.org"
RAW = b"From: va@va.example\r\nTo: anna@example.org\r\nSubject: x\r\n\r\nciao\r\n"
SECRET = "eyJ0-SECRET-" * 20


@dataclass
class Given:
    """A source of tokens: one after the other, as far as there are any."""

    tokens: list[str]
    refusals: list[str] = field(default_factory=list)
    there: bool = True

    def stands(self) -> bool:
        return self.there

    def token(self) -> str:
        if not self.tokens:
            raise SignInError("the sign-in has ended or was revoked: vamaild oauth login novak", retry=False)
        return self.tokens[0]

    def refused(self, token: str) -> bool:
        self.refusals.append(token)
        self.tokens.pop(0)
        return bool(self.tokens)


# ---- IMAP: Dovecot


@pytest.fixture(scope="module")
def fake() -> Iterator[Authority]:
    with authority() as held:
        yield held


@pytest.fixture(scope="module")
def oauth_dovecot(fake: Authority) -> Iterator[servers.Dovecot]:
    with dovecot_with_tokens(fake) as server:
        yield server


@pytest.mark.slow
@pytest.mark.dovecot
@pytest.mark.parametrize("only", ["", "OAUTHBEARER"])
def test_dovecot_takes_a_token(
    oauth_dovecot: servers.Dovecot, fake: Authority, only: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = oauth_dovecot.account()
    fake.user = account.user
    token = str(fake.give()["access_token"])
    account.deliver(b"Subject: x\r\n\r\nciao\r\n")
    if only:
        monkeypatch.setattr("vamaild.adapters.mailbox.signin.mechanism", lambda offered: only)
    box = account.mailbox(password="", bearer=Given([token]))
    box.open()
    assert [len(batch) for batch in box.arrivals(0)] == [1]
    box.close()


@pytest.mark.slow
@pytest.mark.dovecot
def test_dovecot_refuses_an_old_token_and_takes_the_new_one(oauth_dovecot: servers.Dovecot, fake: Authority) -> None:
    account = oauth_dovecot.account()
    fake.user = account.user
    given = Given([SECRET, str(fake.give()["access_token"])])
    box = account.mailbox(password="", bearer=given)
    box.open()
    assert given.refusals == [SECRET]
    box.close()


@pytest.mark.slow
@pytest.mark.dovecot
def test_an_open_connection_ends_with_the_sign_in(oauth_dovecot: servers.Dovecot, fake: Authority) -> None:
    account = oauth_dovecot.account()
    fake.user = account.user
    given = Given([str(fake.give()["access_token"])])
    box = account.mailbox(password="", bearer=given)
    box.open()
    assert box.idle()
    given.there, given.tokens = False, []
    with pytest.raises(MailboxError, match="vamaild oauth login novak") as caught:
        box.open()
    assert caught.value.sign_in
    assert box.fileno() is None


@pytest.mark.slow
@pytest.mark.dovecot
def test_dovecot_refuses_for_good(oauth_dovecot: servers.Dovecot, fake: Authority) -> None:
    box = oauth_dovecot.account().mailbox(password="", bearer=Given([SECRET, SECRET + "2"]))
    with pytest.raises(MailboxError, match="does not take the token of u") as caught:
        box.open()
    assert (caught.value.retry, caught.value.sign_in) == (False, True)
    assert "SECRET" not in str(caught.value)


# ---- IMAP: others


def mailbox(port: int, bearer: Given) -> ImapMailbox:
    return ImapMailbox(
        name="novak", host="127.0.0.1", port=port, tls="none", user="petr@novak.example", password="", bearer=bearer,
        read_seconds=1.0, call_seconds=1.5,
    )  # fmt: skip


def said(line: bytes) -> str:
    return base64.b64decode(line).decode()


XOAUTH2_LINE = f"user=petr@novak.example\x01auth=Bearer {SECRET}\x01\x01"
OAUTHBEARER_LINE = f"n,a=petr@novak.example,\x01auth=Bearer {SECRET}\x01\x01"


@pytest.mark.parametrize(
    ("offers", "how", "line", "goes_on"),
    [
        (b"AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER", b"XOAUTH2", XOAUTH2_LINE, ""),
        (b"AUTH=OAUTHBEARER", b"OAUTHBEARER", OAUTHBEARER_LINE, "\x01"),
        (b"auth=xoauth2", b"XOAUTH2", XOAUTH2_LINE, ""),
    ],
)
def test_what_is_said_to_the_server(offers: bytes, how: bytes, line: str, goes_on: str) -> None:
    """The server objects with a JSON text; it gets "go on", never the token again, and then says no."""
    heard: list[str] = []

    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command != b"AUTHENTICATE":
            return False
        assert arguments == how
        talk.send(b"+ \r\n")
        heard.append(said(talk.lines.readline()))
        echo = base64.b64encode(b'{"status":"400","token":"' + SECRET.encode() + b'"}')
        talk.send(b"+ " + echo + b"\r\n")
        heard.append(said(talk.lines.readline()))
        talk.send(tag + b" NO [AUTHENTICATIONFAILED] " + SECRET.encode() + b" " + echo + b"\r\n")
        return True

    with scripted_imap(answer, capabilities=b"IMAP4rev1 " + offers) as server:
        given = Given([SECRET])
        with pytest.raises(MailboxError, match=r"does not take the token of petr@novak\.example") as caught:
            mailbox(server.port, given).open()
    assert heard == [line, goes_on]
    assert given.refusals == [SECRET]
    assert "SECRET" not in str(caught.value)
    assert base64.b64encode(SECRET.encode())[:12].decode() not in str(caught.value)


def test_a_server_that_takes_no_tokens() -> None:
    with scripted_imap(capabilities=b"IMAP4rev1 AUTH=PLAIN") as server:
        given = Given([SECRET])
        with pytest.raises(MailboxError, match="takes no tokens") as caught:
            mailbox(server.port, given).open()
        assert not any(b"AUTHENTICATE" in line for line in server.wire)
    assert not caught.value.retry
    assert given.refusals == []


@pytest.mark.parametrize("reply", [b"NO [UNAVAILABLE] busy", b"NO [INUSE] later", b"NO Temporary failure"])
def test_a_server_that_is_only_busy_costs_no_token(reply: bytes) -> None:
    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command == b"AUTHENTICATE":
            talk.send(tag + b" " + reply + b"\r\n")
        return command == b"AUTHENTICATE"

    with scripted_imap(answer, capabilities=b"IMAP4rev1 AUTH=XOAUTH2") as server:
        given = Given([SECRET])
        with pytest.raises(MailboxError, match="at the moment") as caught:
            mailbox(server.port, given).open()
    assert caught.value.retry
    assert given.refusals == []


@pytest.mark.parametrize("token", ["", "two words", "line\r\nA LOGOUT", "caf\xe8", "x\x01auth=Bearer y"])
def test_a_token_that_cannot_be_sent_is_not(token: str) -> None:
    with scripted_imap(capabilities=b"IMAP4rev1 AUTH=XOAUTH2") as server:
        with pytest.raises(MailboxError, match="cannot be sent"):
            mailbox(server.port, Given([token])).open()
        assert not any(b"AUTHENTICATE" in line for line in server.wire)


def test_without_a_token_the_server_is_not_even_asked() -> None:
    with scripted_imap() as server:
        with pytest.raises(MailboxError, match="vamaild oauth login novak") as caught:
            mailbox(server.port, Given([])).open()
        assert server.wire == []
    assert (caught.value.retry, caught.value.sign_in) == (False, True)


# ---- SMTP: aiosmtpd


def post(port: int, bearer: Given) -> SmtpPost:
    return SmtpPost(
        host="127.0.0.1", port=port, tls="none", user="petr@novak.example", read_seconds=1.0, call_seconds=3.0,
        bearer=bearer,
    )  # fmt: skip


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_the_mail_server_takes_a_token(mechanism: str) -> None:
    with door([SECRET], mechanism) as (handler, port):
        sending = post(port, Given([SECRET]))
        sending.send(TO, RAW)
        sending.close()
    assert handler.lines == [XOAUTH2_LINE if mechanism == "XOAUTH2" else OAUTHBEARER_LINE]
    assert len(handler.mails) == 1


def test_the_mail_server_refuses_an_old_token_and_takes_the_new_one() -> None:
    with door([SECRET]) as (handler, port):
        given = Given(["old", SECRET])
        sending = post(port, given)
        sending.send(TO, RAW)
        sending.close()
    assert given.refusals == ["old"]
    assert handler.lines[1] == ""  # to its objection
    assert len(handler.mails) == 1


def test_nothing_is_sent_over_an_open_connection_after_a_logout() -> None:
    with door([SECRET]) as (handler, port):
        given = Given([SECRET])
        sending = post(port, given)
        sending.send(TO, RAW)
        given.there, given.tokens = False, []
        with pytest.raises(PostError, match="vamaild oauth login novak") as caught:
            sending.send(TO, RAW)
    assert (caught.value.everybody, caught.value.sign_in) == (True, True)
    assert len(handler.mails) == 1


def test_the_mail_server_refuses_for_good() -> None:
    with door(["another"]) as (handler, port), pytest.raises(PostError, match="does not take the token") as caught:
        post(port, Given([SECRET])).send(TO, RAW)
    assert (caught.value.everybody, caught.value.sign_in) == (True, True)
    assert "SECRET" not in str(caught.value)
    assert handler.mails == []


def test_without_a_token_no_mail_is_tried() -> None:
    with door([SECRET]) as (handler, port), pytest.raises(PostError, match="vamaild oauth login novak") as caught:
        post(port, Given([])).send(TO, RAW)
    assert (caught.value.everybody, caught.value.sign_in) == (True, True)
    assert handler.lines == []


def test_a_mail_server_that_takes_no_tokens() -> None:
    with door([SECRET], "SOMETHING") as (handler, port), pytest.raises(PostError, match="no sign-in that is needed"):
        post(port, Given([SECRET])).send(TO, RAW)
    assert handler.lines == []
