"""Faults 54 to 57: machines, lists, bounces, forgers and our own mail get no answer; a flood gets a few.

tests/core/test_screen.py proves each sign by itself; here whole messages take the whole way, as bytes.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.test_replies import CORPUS
from tests.faults.test_hostile_mail import office
from tests.make import OWNER
from tests.office import CARLA, Office, letter, trusting
from tests.system.test_sieve import SCRIPT, pigeonhole_says, place
from vamaild.adapters.store import SqliteStore
from vamaild.core.case import Authentication
from vamaild.core.ledger import Outcome
from vamaild.core.ruleset import Trust

__all__ = ["place"]
TEXT = "Ciao, mi mandi il listino?"
ROBOT = "no-reply"
LOOKED_AT = "waiting"
EITHER = (ROBOT, LOOKED_AT)


def came_of(raw: bytes) -> tuple[str, str]:
    found = office()
    found.arrive(raw)
    found.let_out()
    entry = found.store.find_entry("inbox", 1)
    assert entry is not None
    if entry.outcome is not Outcome.ANSWERED:
        assert found.items() == []
    return str(entry.outcome), entry.reason


# ---- 54


def report(kind: str, *parts: str, text: str = "Delivery failed.", **fields: str) -> bytes:
    """A report of this Content-Type, with these parts behind its text."""
    whole = "".join(f"--B\r\n{part}\r\n" for part in (f"Content-Type: text/plain\r\n\r\n{text}", *parts))
    known = {"sender": "mailer@mx.example", "Content_Type": f"{kind}; boundary=B"} | fields
    return letter(1, f"{whole}--B--", **known)  # type: ignore[arg-type]  # by name


STATUS = (
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"
)
BACK = f"Content-Type: message/rfc822\r\n\r\nFrom: {OWNER}\r\nMessage-ID: <x@va.example>\r\n\r\nciao"
ABUSE = "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\n"
READ = "Content-Type: message/disposition-notification\r\n\r\nDisposition: manual-action; displayed\r\n"
AWAY = "Sono assente fino al 7 dicembre e leggero' la posta al mio rientro."
MACHINES = {
    "a delivery report": report("multipart/report; report-type=delivery-status", STATUS, BACK),
    "one without its type": report("multipart/report", STATUS, BACK),
    "one that is mixed": report("multipart/mixed", STATUS, BACK),
    "one of qmail, only text": letter(1, "Hi. This is the qmail-send program.", sender="MAILER-DAEMON@qmail.example",
                                      subject="failure notice", Return_Path="<>"),
    "one of Exchange, in words": letter(1, "Your message did not reach some recipients.", Return_Path="<>",
                                        sender="postmaster@corp.example", subject="Undeliverable: Preventivo"),
    "a complaint": report("multipart/report; report-type=feedback-report", ABUSE, BACK, sender="abuse@isp.example"),
    "a complaint without its type": report("multipart/mixed", ABUSE, BACK, sender="abuse@isp.example"),
    "a receipt": report("multipart/report; report-type=disposition-notification", READ, sender=CARLA),
    "a receipt that is mixed": report("multipart/mixed", READ, sender=CARLA),
    "post_master without a header": letter(1, "Mail could not be delivered.", sender="post_master@mx.example",
                                           Return_Path="<>"),
    "a delayed one": report("multipart/report; report-type=delivery-status", STATUS.replace("failed", "delayed")),
    "an absence notice by its subject": letter(1, AWAY, subject="Risposta automatica: Preventivo"),
    "an absence notice of Outlook": letter(1, AWAY, X_Auto_Response_Suppress="All", subject="Automatic reply: x"),
    "an absence notice of Gmail": letter(1, AWAY, Precedence="bulk", X_Autoreply="yes"),
    "a loop alert of a list": letter(1, "Possible mail loop.", sender="owner-lista@lists.example", X_Loop="yes"),
    "a ticket": letter(1, "Ticket #4711 opened.", Auto_Submitted="auto-generated", sender="help@desk.example"),
    "a challenge": letter(1, "Please confirm.", sender="antispam@x.example", Precedence="junk"),
    "a cron job": letter(1, "disk 91%", sender="root@host.example", subject="Cron <root@host> df"),
    "an invitation": letter(1, "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR",
                            Content_Type="text/calendar; method=REQUEST"),
}  # fmt: skip


@pytest.mark.parametrize("raw", MACHINES.values(), ids=MACHINES.keys())
def test_54_no_machine_is_answered(raw: bytes) -> None:
    assert came_of(raw)[0] in EITHER


def test_54_every_skipped_mail_of_the_corpus_as_bytes() -> None:
    """None of them is answered when all of them come at once, either."""
    import csv

    with (CORPUS / "expected.csv").open(encoding="utf-8", newline="") as file:
        silent = [row["id"] for row in csv.DictReader(file) if row["want"] != "reply"]
    found = office()
    found.arrive(*((CORPUS / "eml" / f"{name}.eml").read_bytes() for name in silent))
    assert len(silent) > 40
    assert found.items() == []


# ---- 55

OURS = "<ours@va.example>"
RETURNING = {
    "our own mail in the inbox": letter(1, TEXT, sender=OWNER, Auto_Submitted="auto-replied", X_Loop=OWNER),
    "the same without its marks": letter(1, TEXT, sender=OWNER),
    "X-Loop with our address": letter(1, TEXT, X_Loop=OWNER),
    "X-Loop with the mailbox": letter(1, TEXT, X_Loop="va@va.example"),
    "a list that we are on": letter(1, TEXT, List_Id="<lista.lists.example>", List_Post="<mailto:lista@lists.example>"),
    "a list that hides what it is": letter(1, TEXT, Precedence="list"),
    "the assistant writes": letter(1, TEXT, sender="giulia@ferri-av.example"),
    "somebody who answers everything": letter(1, TEXT, Auto_Submitted="auto-replied (made by hand)"),
}


@pytest.mark.parametrize("raw", RETURNING.values(), ids=RETURNING.keys())
def test_55_nothing_goes_round(raw: bytes) -> None:
    assert came_of(raw)[0] in EITHER


def test_55_a_forwarder_that_feeds_us_our_own_answer() -> None:
    """Its envelope and its To are others; the identity is ours, and then a look-alike of it comes with our words."""
    found = office()
    found.arrive(letter(1, TEXT))
    found.let_out()
    (item,) = found.items()
    back = b"Return-Path: <fwd@relay.example>\r\nDelivered-To: boss@client.example\r\n" + item.mail.raw
    bare = re.sub(rb"(?im)^(auto-submitted|x-loop|precedence|x-auto-response-suppress):.*\r\n", b"", back)
    other = re.sub(rb"(?im)^message-id: <.", b"Message-ID: <Z", bare)
    for turn in range(6):
        found.arrive((back, bare, other)[turn % 3].replace(b"To: carla", b"To: boss@client.example, carla"))
        found.let_out()
    assert len(found.items()) == 1


@pytest.mark.slow
def test_55_vacation_of_pigeonhole_and_ours_stop_after_one(place: Path) -> None:
    """Two absence notices that answer each other: ours to a customer whose server runs Sieve's vacation, and back."""
    found = office()
    found.arrive(letter(1, TEXT))
    found.let_out()
    (ours,) = found.items()
    theirs = SCRIPT.replace("boss@client.example", CARLA)
    assert pigeonhole_says(place, ours.mail.raw, "", theirs, CARLA) == b"", "RFC 3834: an automatic answer gets none"
    asked = letter(2, "Ci sentiamo domani?", sender=OWNER, To=CARLA)
    notice = pigeonhole_says(place, asked, OWNER, theirs, CARLA)
    assert b"auto-replied" in notice.lower()
    found.arrive(b"Return-Path: <>\r\nDelivered-To: boss@client.example\r\n" + notice)
    found.arrive(f"Return-Path: <{CARLA}>\r\nDelivered-To: {OWNER}\r\n".encode() + notice)
    found.let_out()
    assert len(found.items()) == 1


# ---- 56


@pytest.fixture
def flooded(tmp_path: Path) -> Iterator[Office]:
    store = SqliteStore(tmp_path / "vamaild.db")
    yield Office(trusting(Trust.SEND), store=store)
    store.close()


def spelled(number: int) -> str:
    """Other words each time; a number alone would be the same text."""
    return " ".join("abcdefghij"[int(digit)] * 5 for digit in str(number))


def flood(found: Office, senders: Iterator[str], count: int) -> Counter[str]:
    """So many messages at once; the reasons why they were not answered, "" for those that were."""
    begin = len(found.box.inbox)
    for number in range(begin, begin + count):
        found.box.inbox.append(letter(number, f"{TEXT} {spelled(number)}", sender=next(senders)))
        found.box.moments[number + 1] = found.clock.now()
    found.look()
    entries = [found.store.find_entry("inbox", n + 1) for n in range(begin, begin + count)]
    assert all(entries), "every message has its state"
    return Counter(e.reason for e in entries if e)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_56_a_thousand_senders_and_a_thousand_mails_of_one(flooded: Office) -> None:
    reasons = flood(flooded, (f"a{n}@shop{n}.example" for n in range(1_000)), 1_000)
    assert reasons == {"": 60, "per-hour": 940}
    one = flood(flooded, iter([HIDDEN] * 1_000), 1_000)
    assert one[""] == 0, "the hour is used up"
    assert set(one) <= {"per-hour", "same-text", "per-person"}
    assert len(flooded.items()) == 60
    standing = flooded.store.standing(flooded.clock.now().replace(hour=0))
    assert standing.arrived == sum(standing.by_outcome.values()) == 2_000
    notes = [i.mail.to for i in flooded.store.outbox(tuple(type(flooded.items()[0].state))) if i.mail.to not in {
        item.mail.to for item in flooded.items()}]  # fmt: skip
    assert len(notes) <= 3, "the flood is told of, not each mail"


HIDDEN = "eve@evil.example"
LIMITS = [
    ("one person", lambda n: HIDDEN, 3),
    ("one domain", lambda n: f"a{n}@evil.example", 20),
    ("tags of one person", lambda n: f"eve+{n}@evil.example", 20),
]


@pytest.mark.parametrize(("who", "sender", "most"), LIMITS, ids=[limit[0] for limit in LIMITS])
def test_56_limits_by_person_and_domain(flooded: Office, who: str, sender: object, most: int) -> None:
    flood(flooded, (sender(n) for n in range(100)), 40)  # type: ignore[operator]  # a function
    assert len(flooded.items()) == most


@pytest.mark.parametrize(("dmarc", "answered"), [("fail", False), ("pass", True), ("none", True), ("", True)])
def test_56_a_forged_sender_is_not_answered_but_waits_for_a_person(dmarc: str, answered: bool) -> None:
    """`none` says that the domain asks nobody to check: half the small firms have no DMARC record."""
    from dataclasses import replace

    found = office()
    rules = found.service.rules
    tools = replace(rules.tools, authenticate=lambda values, servers: Authentication(dmarc, "customer.example"))
    checked = replace(rules.rulebook, own_servers=("mx.example",))
    found.service.rules = replace(rules, tools=tools, rulebook=checked)
    found.arrive(letter(1, TEXT))
    entry = found.store.find_entry("inbox", 1)
    assert entry is not None
    assert (entry.outcome is Outcome.ANSWERED) == answered
    assert [c.case.reason for c in found.store.cases()] == ([] if answered else ["unproven"])


# ---- 57

ODD_MARKS = {
    "null path": {"Return_Path": "<>"}, "null path with a comment": {"Return_Path": "<> (nobody)"},
    "null path, blanks": {"Return_Path": "  < >  "}, "empty path": {"Return_Path": " "},
    "no, and then yes": {"Auto_Submitted": "no\r\nAuto-Submitted: auto-replied"},
    "yes, and then no": {"Auto_Submitted": "auto-replied\r\nAuto-Submitted: no"},
    "folded": {"Auto_Submitted": "\r\n auto-replied"}, "a comment first": {"Auto_Submitted": "(no) auto-replied"},
    "capitals": {"AUTO_SUBMITTED": "AUTO-REPLIED"}, "mixed case": {"pReCeDeNcE": "bULk"},
    "Precedence twice": {"Precedence": "first-class\r\nPrecedence: Junk"}, "List-Id only": {"List_Id": "Lista"},
    "List-Id empty": {"List_Id": ""}, "SRS of a null path": {"Return_Path": "<SRS0=x=y==@client.example>"},
    "a bounce behind BATV": {"Return_Path": "<prvs=123=mailer-daemon@mx.example>"},
    "a bounce behind SRS": {"Return_Path": "<SRS0=abc=de=mx.example=mailer-daemon@client.example>"},
}  # fmt: skip


@pytest.mark.parametrize("fields", ODD_MARKS.values(), ids=ODD_MARKS.keys())
def test_57_marks_however_they_are_written(fields: dict[str, str]) -> None:
    assert came_of(letter(1, TEXT, **fields))[0] in EITHER


PEOPLE = {
    "no twice": {"Auto_Submitted": "no\r\nAuto-Submitted: No (by hand)"},
    "BATV of a person": {"Return_Path": f"<prvs=1234567890={CARLA}>"},
    "SRS of a person": {"Return_Path": "<SRS0=abc=de=customer.example=carla@client.example>"},
    "an urgent mark": {"Precedence": "first-class", "X_Priority": "1"},
}


@pytest.mark.parametrize("fields", PEOPLE.values(), ids=PEOPLE.keys())
def test_57_a_person_behind_them_is_answered(fields: dict[str, str]) -> None:
    assert came_of(letter(1, TEXT, **fields))[0] == Outcome.ANSWERED
