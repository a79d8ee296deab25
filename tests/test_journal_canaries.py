"""What a line of the journal must never hold: shown by real events, with a word in every place that is somebody's.

The journal is the real one, but it knows no secrets: what it withholds is the last net, and here nothing may fall
into it. One row is one event; each must have happened.
"""

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.chain.alarm import FLOOD, Alarm
from tests.office import SENT, Office, letter, trusting
from vamaild import round, signin
from vamaild.adapters import journal
from vamaild.adapters.journal import open_journal
from vamaild.blame import blame
from vamaild.core.ledger import MailboxError, PostError
from vamaild.core.letter import TemplateError
from vamaild.core.ruleset import Trust

CANARIES = {
    "address": "canary7address", "domain": "canary7domain", "name": "canary7name", "subject": "canary7subject",
    "body": "canary7body", "id": "canary7id", "header": "canary7header", "attachment": "canary7attachment",
    "server": "canary7server", "password": "canary7password", "token": "canary7token" + "aB1" * 30,
}  # fmt: skip
NASTY = "\x1b[2J\x9b31m\u202egnp\u2028"
SENDER = f"{CANARIES['address']}@{CANARIES['domain']}.example"
SAID = f"5.7.1 {CANARIES['subject']} of {CANARIES['name']} <{SENDER}> says: {CANARIES['body']}"


def mail(number: int, text: str = "Ciao, mi mandi il listino?", **fields: str) -> bytes:
    head = {
        "From": f'"{CANARIES["name"]} Rossi" <{SENDER}>', "Message_ID": f"<{CANARIES['id']}-{number}@x.example>",
        "X_Mailer": CANARIES["header"], "Return_Path": f"<{SENDER}>",
    } | fields  # fmt: skip
    named = {name: value for name, value in head.items() if name != "subject"}
    return letter(number, f"{text}\r\n{CANARIES['body']}", subject=f"Rozvod {CANARIES['subject']} {NASTY}", **named)


class Refuses:
    """A mail server that quotes what it refuses."""

    def __init__(self, **how: bool) -> None:
        self.how = how

    def send(self, to: str, raw: bytes) -> None:
        where = f"mail server smtp.example:465: the server answered 550 ({SAID})."
        raise PostError(where, said=SAID, **self.how)  # type: ignore[arg-type]

    def close(self) -> None: ...


def office() -> Office:
    return Office(ruleset=trusting(Trust.SEND))


def arrived(found: Office) -> None:
    found.arrive(mail(1), mail(2, Auto_Submitted="auto-replied"), mail(3, "Mi serve entro stasera!"))


def sent(found: Office) -> None:
    arrived(found)
    found.let_out()


def refused(found: Office) -> None:
    arrived(found)
    found.service.post = Refuses(permanent=True)
    found.let_out()


def unconfirmed(found: Office) -> None:
    arrived(found)
    found.service.post = Refuses(maybe_sent=True)
    found.let_out()


def down(found: Office) -> None:
    arrived(found)
    found.service.post = Refuses(everybody=True)
    found.let_out()


def answered(found: Office) -> None:
    arrived(found)
    for number in (1, 3):
        named = f"<{CANARIES['id']}-{number}@x.example>"
        mine = letter(900 + number, "Ci penso io.", sender="giulia@ferri-av.example", In_Reply_To=named)
        found.box.folders[SENT].append(mine)
    found.let_out()


def bounced(found: Office) -> None:
    arrived(found)
    found.let_out()
    found.clock.advance(timedelta(minutes=1))
    key = found.items()[0].mail.key
    report = (
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
        f"Final-Recipient: rfc822; {SENDER}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: smtp; 550 {SAID}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {key}\r\n"
    )
    raw = letter(50, f"--b\r\n\r\n{CANARIES['body']}\r\n{report}\r\n--b--", sender="mailer-daemon@x.example",
                 Content_Type="multipart/report; report-type=delivery-status; boundary=b",
                 Return_Path="<>", In_Reply_To=key)  # fmt: skip
    found.arrive(raw)


def faulty(found: Office) -> None:
    """A fault of ours whose words quote the mail."""

    def judge(*_: object) -> None:
        raise ValueError(f"invalid literal: {CANARIES['body']} {CANARIES['name']}")

    patch = pytest.MonkeyPatch()
    patch.setattr(round, "decide", judge)
    patch.setattr(round, "HEARERS", (judge,))
    arrived(found)
    patch.undo()


def no_sign_in(found: Office) -> None:
    said = f"wrong user or password for {SENDER}"
    signin.refused("inbox", MailboxError(said, retry=False, sign_in=True), found.service)


def no_server(found: Office) -> None:
    arrived(found)
    found.let_out()

    def file(raw: bytes, folder: str) -> bool:
        raise MailboxError(f"mailbox: the server said no while filing ({SAID}).", said=SAID)

    found.box.file = file
    found.let_out()
    found.arrive(mail(9, sender="x@y.example", From="x@y.example"))
    found.let_out()


def no_text(found: Office) -> None:
    arrived(found)

    def render(*_: object) -> None:
        raise TemplateError("lead-time.txt:3: no such word: person.nmae")

    tools = replace(found.service.rules.tools, render=render)
    found.service.rules = replace(found.service.rules, tools=tools)
    signin.refused("inbox", MailboxError("x", retry=False, sign_in=True), found.service)


def emergency(found: Office) -> None:
    assert isinstance(found, Alarm)
    found.arrive(letter(1, f"{FLOOD} {CANARIES['body']}", From=f'"{CANARIES["name"]}" <{SENDER}>', sender=SENDER))
    for minutes in (0, 11, 20, 40):
        found.goes_on(timedelta(minutes=minutes))
    found.says("petr-sea", "take")


EVENTS: list[tuple[Callable[[Office], None], str]] = [
    (arrived, "decided"), (sent, "sent"), (refused, "not sent"), (refused, "a reply needs you"),
    (unconfirmed, "a reply needs you"), (down, "not sent"), (answered, "dropped: a person has answered"),
    (bounced, "a reply came back"), (faulty, "could not decide"), (faulty, "could not hear"),
    (no_sign_in, "the sign-in is refused"), (no_server, "no copy kept"),
    (no_text, "the note is sent without its text"), (emergency, "emergency"), (emergency, "answered"),
]  # fmt: skip


def lines(play: Callable[[Office], None], **options: object) -> str:
    found = Alarm() if play is emergency else office()
    stream = io.StringIO()
    found.service.journal = open_journal(stream, now=found.clock.now, key=b"k" * 32, **options)  # type: ignore[arg-type]
    play(found)
    return stream.getvalue()


@pytest.mark.parametrize("machine", [True, False])
@pytest.mark.parametrize(("play", "event"), EVENTS, ids=lambda value: getattr(value, "__name__", value))
def test_nothing_of_anybody_stands_in_the_journal(play: Callable[[Office], None], event: str, machine: bool) -> None:
    text = lines(play, machine=machine)
    assert event in text
    assert "canary7" not in text.lower()
    assert "@" not in text
    assert "petr" not in text
    assert "603" not in text
    assert "withheld" not in text
    for line in text.splitlines():
        assert line.isprintable()
        assert not machine or {"time", "level", "event"} <= set(json.loads(line))


def test_a_decision_is_one_line_with_everything_that_was_decided() -> None:
    text = lines(arrived, machine=True)
    found = [json.loads(line) for line in text.splitlines()]
    decided = [line for line in found if line["event"] == "decided"]
    assert len(decided) == 3
    assert list(decided[0]) == [
        "time", "level", "event", "client", "kind", "action", "outcome", "reason", "who", "reply", "lang",
    ]  # fmt: skip
    assert len({line["who"] for line in decided}) == 1
    assert re.fullmatch("p[0-9a-z]{4}", decided[0]["who"])


def test_with_log_addresses_they_are_shown() -> None:
    assert SENDER in lines(arrived, log_addresses=True)


def test_a_fault_of_ours_says_where() -> None:
    text = lines(faulty)
    assert re.search(r'fault="ValueError in round\.py:\d+"', text)


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("canary7body")])
def test_blame_without_a_trace(error: Exception) -> None:
    assert blame(error) == type(error).__name__


def test_the_last_place_of_ours_is_named() -> None:
    try:
        journal.address_code(None, b"")  # type: ignore[arg-type]
    except AttributeError as error:
        assert re.fullmatch(r"AttributeError in adapters/journal\.py:\d+", blame(error))


def test_a_server_that_quotes_the_mail_leaves_its_code() -> None:
    assert "(5.7.1)" in lines(refused)
