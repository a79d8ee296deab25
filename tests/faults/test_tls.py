"""Faults 18 to 20: somebody in the middle takes TLS away, or shows papers that are not good. No secret leaves.

What the program says is recorded by the proxy, so the recording is what the somebody would have.
"""

import base64
import re
import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.faults.proxy import Proxy, Wire, proxy
from tests.servers import (
    CERTIFICATE,
    OTHER_CERTIFICATE,
    OTHER_KEY,
    TLS_FILES,
    Dovecot,
    ImapAccount,
    Talk,
    scripted_imap,
    server_tls,
)
from tests.system.oracle import audited
from tests.system.world import NOW, PEOPLE, SMTP_LOGIN, World, raw
from vamaild.adapters.demo.smtp import SmtpSink, smtp_sink
from vamaild.adapters.mailbox import ImapMailbox
from vamaild.adapters.post import SmtpPost
from vamaild.core.ledger import MailboxError, PostError

EXPIRED, EXPIRED_KEY = TLS_FILES / "expired.pem", TLS_FILES / "expired.key"
USER, WORD = "carla", "Geheim-Wort-7"
TO, MAIL = "anna@example.org", b"From: va@va.example\r\nTo: anna@example.org\r\nSubject: x\r\n\r\nciao\r\n"


def forms(user: str, word: str) -> list[bytes]:
    """A password as it is written on a wire."""
    plain = [word.encode(), f"\0{user}\0{word}".encode()]
    return [word.encode(), *(base64.b64encode(each).rstrip(b"=") for each in plain)]


def kept(between: Proxy, user: str = USER, word: str = WORD) -> None:
    """Nothing of it stands in the recording, and nobody tried to sign in."""
    assert not [form for form in forms(user, word) if form in between.heard]
    assert not re.search(rb"AUTHENTICATE|LOGIN|AUTH PLAIN|MAIL FROM", between.heard)


# ---- 18: STARTTLS, with somebody in the middle


def stripped(between: Proxy) -> None:
    between.telling = lambda data: data.replace(b"STARTTLS", b"XXXXXXXX")


def refused(between: Proxy) -> None:
    def said(wire: Wire, line: bytes) -> bytes:
        if b"STARTTLS" not in line:
            return line
        wire.tell(line.split()[0] + b" NO not now\r\n")
        return b""

    between.said = said


def preauth(between: Proxy) -> None:
    between.telling = lambda data: re.sub(rb"^\* OK (\[.*?\])?", b"* PREAUTH ", data) if b"ready" in data else data


@pytest.mark.dovecot
@pytest.mark.parametrize("fault", [stripped, refused, preauth])
def test_18_without_starttls_nothing_goes_on(starttls: ImapAccount, fault: Callable[[Proxy], None]) -> None:
    with proxy(starttls.port) as between:
        fault(between)
        with pytest.raises(MailboxError):
            starttls.mailbox(port=between.port, host="localhost").open()
        kept(between, starttls.user, starttls.password)
        assert len(between.wires) == 1, "nor is it tried without"


def before_the_answer(between: Proxy) -> None:
    def said(wire: Wire, line: bytes) -> bytes:
        if b"STARTTLS" in line:
            wire.tell(b"* CAPABILITY IMAP4rev1 AUTH=EVIL\r\n* 99 EXISTS\r\n* SEARCH 1 2 3\r\n")
        return line

    between.said = said


def behind_the_answer(between: Proxy) -> None:
    evil = b"* CAPABILITY IMAP4rev1 AUTH=EVIL\r\n* SEARCH 1 2 3\r\n"
    between.telling = lambda data: data + evil if b"Begin TLS" in data else data


@pytest.mark.dovecot
@pytest.mark.parametrize("fault", [before_the_answer, behind_the_answer])
def test_18_what_is_put_in_before_tls_is_not_used(starttls: ImapAccount, fault: Callable[[Proxy], None]) -> None:
    with proxy(starttls.port) as between:
        fault(between)
        box = starttls.mailbox(port=between.port, host="localhost")
        try:
            assert box.open() > 0
            assert list(box.arrivals(0)) == []
        except MailboxError:
            assert fault is behind_the_answer, "there it is no TLS any more"
        box.close()
        kept(between, starttls.user, starttls.password)


# ---- 19: papers


def too_old() -> ssl.SSLContext:
    context = server_tls()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


PAPERS: dict[str, tuple[Callable[[], ssl.SSLContext], Path | None]] = {
    "self-signed": (server_tls, None),
    "another authority": (server_tls, OTHER_CERTIFICATE),
    "wrong name": (lambda: server_tls(OTHER_CERTIFICATE, OTHER_KEY), OTHER_CERTIFICATE),
    "expired": (lambda: server_tls(EXPIRED, EXPIRED_KEY), EXPIRED),
    "TLS 1.0 and 1.1 only": (too_old, CERTIFICATE),
}


@dataclass
class Server:
    """How it is asked to do something, and the recording."""

    ask: Callable[[str | None], object]
    between: Proxy


def wrapped(context: ssl.SSLContext) -> Callable[[Talk], None]:
    def wrap(talk: Talk) -> None:
        talk.sock = context.wrap_socket(talk.sock, server_side=True)
        talk.lines = talk.sock.makefile("rb")

    return wrap


@contextmanager
def imap(context: ssl.SSLContext, tls: str) -> Iterator[Server]:
    wrap = wrapped(context)

    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command != b"STARTTLS":
            return False
        talk.send(tag + b" OK go\r\n")
        wrap(talk)
        for line in talk.lines:
            own = line.split()[0]
            more = b"* OK [UIDVALIDITY 7] x\r\n" if b"SELECT" in line else b""
            talk.send(more + b"* CAPABILITY IMAP4rev1\r\n" + own + b" OK done\r\n")
        return True

    settings: dict[str, object] = {"begin": wrap} if tls == "implicit" else {"capabilities": b"IMAP4rev1 STARTTLS"}
    with scripted_imap(answer, **settings) as server, proxy(server.port) as between:  # type: ignore[arg-type]

        def ask(ca: str | None) -> object:
            account = {"user": USER, "password": WORD, "tls": tls, "ca": ca, "read_seconds": 10.0}
            return ImapMailbox(name="x", host="localhost", port=between.port, **account).open()  # type: ignore[arg-type]

        yield Server(ask, between)


@contextmanager
def smtp(context: ssl.SSLContext, tls: str) -> Iterator[Server]:
    way = {"tls": context} if tls == "implicit" else {"starttls": context}
    old = tls == "implicit" and context.maximum_version == ssl.TLSVersion.TLSv1_1  # aiosmtpd would not speak to itself
    serve = scripted_imap(begin=wrapped(context)) if old else smtp_sink(**way, login=(USER, WORD))  # type: ignore[arg-type]
    with serve as server, proxy(server.port) as between:

        def ask(ca: str | None) -> object:
            account = {"user": USER, "password": WORD, "tls": tls, "ca": ca, "read_seconds": 10.0}
            SmtpPost(host="localhost", port=between.port, **account).send(TO, MAIL)  # type: ignore[arg-type]
            return isinstance(server, SmtpSink) and len(server.mails)

        yield Server(ask, between)


SERVERS = [(imap, "implicit"), (imap, "starttls"), (smtp, "implicit"), (smtp, "starttls")]


@pytest.mark.parametrize("papers", PAPERS)
@pytest.mark.parametrize(("serve", "tls"), SERVERS, ids=["IMAP 993", "IMAP STARTTLS", "SMTP 465", "SMTP 587"])
def test_19_papers_that_are_not_good(serve: Callable[..., Iterator[Server]], tls: str, papers: str) -> None:
    context, ca = PAPERS[papers]
    with serve(context(), tls) as server:  # type: ignore[attr-defined]
        with pytest.raises((MailboxError, PostError)):
            server.ask(str(ca) if ca else None)
        kept(server.between)
        assert len(server.between.wires) == 1, "nor is it tried without"


@pytest.mark.parametrize(("serve", "tls"), SERVERS, ids=["IMAP 993", "IMAP STARTTLS", "SMTP 465", "SMTP 587"])
def test_19_good_papers_are_taken(serve: Callable[..., Iterator[Server]], tls: str) -> None:
    with serve(server_tls(), tls) as server:  # type: ignore[attr-defined]
        assert server.ask(str(CERTIFICATE))
        kept(server.between)


# ---- 20


def test_20_starttls_taken_away_on_587() -> None:
    with smtp(server_tls(), "starttls") as server:
        stripped(server.between)
        with pytest.raises(PostError, match="nothing is sent unencrypted"):
            server.ask(str(CERTIFICATE))
        kept(server.between)


@pytest.mark.slow
@pytest.mark.dovecot
def test_20_no_secret_in_the_log_at_its_fullest(dovecot_server: Dovecot, post_office: SmtpSink, tmp_path: Path) -> None:
    """Everything is said that can be said, also when the servers refuse: neither password, in no spelling."""
    account = replace(dovecot_server.account(), host="localhost")
    world = World(tmp_path, account, post_office)
    said = ""
    for minute, changes in enumerate(({}, {"secret": "wrong"}, {"smtp_user": "nobody"})):
        world.build(**changes)  # type: ignore[arg-type]  # values of the configuration
        with (world.config / "vamaild.toml").open("a") as file:
            file.write('\n[log]\nlevel = "debug"\n')
        account.deliver(raw(f"Mi manda il listino {minute}?", number=minute, sender=PEOPLE[10 * minute]), when=NOW)
        said += world.once(NOW.replace(minute=40 + minute)).said
    audited(world)
    assert "the sign-in is refused mailbox=inbox" in said
    assert "the sign-in is refused mailbox=send" in said
    assert [mail["To"] for mail in world.replies()] == [PEOPLE[0]]
    secrets = [(account.user, account.password), (account.user, "Walnut-55-Kite"), SMTP_LOGIN]
    assert not [form for user, word in secrets for form in forms(user, word) if form.decode() in said]
