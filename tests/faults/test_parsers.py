"""Foreign text in parsers of the standard library that recurse or raise: nothing of it gets out as an exception.

`RecursionError` is no fault of a message: it would be raised again at each round, and stop the mailbox for good.
"""

from contextlib import suppress
from datetime import UTC
from pathlib import Path

import pytest

from tests.adapters.mails import read
from tests.make import CUSTOMER, NOW, OWNER, TOOLS, book, client, mail
from tests.office import SENT, Office, letter, trusting
from vamaild.adapters import oldmail
from vamaild.adapters.discovery import Net, autoconfig, find
from vamaild.adapters.html import visible
from vamaild.adapters.language import detect
from vamaild.cli.newclient import from_csv
from vamaild.cli.screen import Stop
from vamaild.core import egress
from vamaild.core.decide import decide
from vamaild.core.handed import to_judge
from vamaild.core.lastlook import check
from vamaild.core.ledger import PostError
from vamaild.core.message import History, Message
from vamaild.core.replay import sent_mail
from vamaild.core.route import addresses, find_client, mailboxes
from vamaild.core.ruleset import Trust
from vamaild.core.sender import disputed, resolve

DEEP = 5_000
ODD = {
    "comments": "(" * DEEP + CUSTOMER + ")" * DEEP, "comments never closed": "(" * DEEP,
    "comments behind an address": f"{CUSTOMER} " + "(" * 900, "groups": "a:" * DEEP + ";" * DEEP,
    "quotes": '"' * DEEP, "angle brackets": "<" * DEEP, "routes": "<" + "@a," * DEEP + ":b@c.cz>",
    "square brackets": "a@" + "[" * DEEP, "backslashes": "\\" * DEEP, "at signs": "@" * DEEP, "commas": "," * DEEP,
    "encoded words": "=?utf-8?q?" * DEEP, "NUL": "\0" * DEEP, "half letters": "\udce8@x\ud800.cz", "blanks": " " * DEEP,
    "line ends": f"{CUSTOMER}\r\nBcc: eve@evil.example", "dots": "." * DEEP,
}  # fmt: skip
each_odd = pytest.mark.parametrize("value", ODD.values(), ids=ODD.keys())


@each_odd
def test_addresses_of_a_header(value: str) -> None:
    assert all("@" in address for address in addresses(value))
    assert isinstance(mailboxes(value), list)
    named = Message(NOW, headers=tuple((n, value) for n in ("delivered-to", "to", "cc", "sender", "x-forwarded-for")))
    assert find_client(named, (client(),)).ruleset in (None, client())


def test_an_address_in_comments_of_an_ordinary_depth_is_found() -> None:
    assert addresses(f"((Carla)) <{CUSTOMER}>, (b) {OWNER}") == (CUSTOMER, OWNER)


@each_odd
def test_every_header_that_names_somebody(value: str) -> None:
    """In each of them at once, through the reader and through the decision."""
    names = ("Return-Path", "From", "Sender", "Reply-To", "To", "Cc", "Delivered-To", "X-Original-From", "Resent-From")
    names += ("X-Forwarded-To", "List-Id", "List-Post", "X-Loop", "X-Sieve-Redirected-From", "Auto-Submitted")
    for among in (names, names[2:]):
        head = "".join(f"{name}: {value}\n" for name in among).replace("\r", "")
        raw = f"{head}From: Carla <{CUSTOMER}>\nTo: {OWNER}\n\nciao\n".encode("utf-8", "surrogatepass")
        message = read(raw)
        assert decide(message, client(), book(), History(), TOOLS, NOW).verdict
        assert isinstance(disputed(message, proven=False), str)
        assert resolve(message, client())


@each_odd
def test_who_a_forwarded_text_names(value: str) -> None:
    inner = f"---------- Messaggio inoltrato ---------\nDa: {value}\nOggetto: {value}\nA: {value}\n\nMi serve subito.\n"
    for said in (inner, inner * 40):
        judged, _ = to_judge(mail(said, sender=OWNER, subject=f"Fwd: {value[:200]}"), client())
        assert all("@" in address for address in judged.from_)


@each_odd
def test_a_mail_of_the_sent_folder(value: str) -> None:
    names = ("To", "Cc", "Subject", "In-Reply-To", "References", "Auto-Submitted", "Date", "Content-Type")
    for name in names:
        header = f"From: me@va.example\n{name}: {value}\n".encode("utf-8", "replace")
        found = sent_mail(NOW, header)
        assert found is None or found.at == NOW


@pytest.mark.parametrize("charset", ["punycode", "\0", "x-foo", "unicode_escape"])
def test_a_subject_of_the_sent_folder_costs_no_time(charset: str) -> None:
    """Punycode takes quadratic time: 250 kB of it would take 8 seconds."""
    header = b"To: a@b.cz\nSubject: =?" + charset.encode() + b"?q?" + b"b" * 250_000 + b"?=\n"
    found = sent_mail(NOW, header)
    assert found is not None
    assert len(found.subject) <= 256


DATES = ("9" * 50_000, "1" * DEEP + " Jan 2026 10:00", "Fri, 20 Nov 99999999 18:04:00 +99999999", "(" * DEEP, "\0",
         "-1 -1 -1", "1 Jan 2026 " + "9" * DEEP, "1 Jan 2026 10:00:00 +" + "9" * 4_000,
         "31 Feb 0000 99:99:99 -9999")  # fmt: skip


@pytest.mark.parametrize("value", DATES, ids=[v[:12] for v in DATES])
def test_dates(value: str) -> None:
    assert oldmail.moment(value) is None or oldmail.moment(value).tzinfo is UTC  # type: ignore[union-attr]  # not None
    assert oldmail.arrived(f"Received: x; {value}\nDate: {value}\n".encode(), f"From x {value}".encode())
    assert read(f"From: a@b.cz\nDate: {value}\n\nx".encode()).sent is None or "Feb" in value


def nested(kind: str, levels: int) -> bytes:
    if kind == "message/rfc822":
        return b"Content-Type: message/rfc822\n\n" * levels + b"x"
    both = b"Content-Type: message/rfc822\n\n" if kind == "both" else b""
    kind = "multipart/mixed" if kind == "both" else kind
    heads = (b"Content-Type: %s; boundary=b%d\n\n--b%d\n" % (kind.encode(), n, n) + both for n in range(levels))
    return b"".join(heads) + b"Content-Type: text/plain\n\nin fondo\n"


KINDS = ["multipart/mixed", "multipart/alternative", "multipart/digest", "multipart/report", "message/rfc822", "both"]


DEPTHS = [30, 90, 240, pytest.param(480, marks=pytest.mark.slow), pytest.param(900, marks=pytest.mark.slow)]


@pytest.mark.parametrize("levels", DEPTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_parts_within_parts(kind: str, levels: int) -> None:
    """At each depth, also where the parser comes through just so and what looks at its tree would not."""
    raw = b"From: a@b.cz\nMIME-Version: 1.0\n" + nested(kind, levels)
    for size in (0, 1_000_000):
        message = read(raw, size=size)
        assert message.doubts or message.unreadable or message.forwarded or message.text == "in fondo"


# ---- what leaves


FOLDED = "\r\n ".join(["(" * 900] * 20)


@pytest.mark.parametrize("name", ["To", "From", "Reply-To"])
def test_the_gates_refuse_what_cannot_be_read(name: str) -> None:
    fields = {"From": "va@va.example", "To": CUSTOMER, "Subject": "x"} | {name: FOLDED}
    raw = "".join(f"{n}: {v}\r\n" for n, v in fields.items()).encode() + b"\r\nx\r\n"
    if name == "To":
        with pytest.raises(PostError):
            check(CUSTOMER, raw)
    assert egress.inspect(raw, CUSTOMER, ()) != "" or name == "From"
    assert "cannot be read back" in egress.inspect(raw, CUSTOMER, ("Heron-19",))
    assert "cannot be read back" in egress.betrays(raw, ("Heron-19",))


@pytest.mark.parametrize("trust", [Trust.DRAFT, Trust.SEND])
def test_an_answer_of_hers_that_carries_a_nested_mail(trust: Trust, monkeypatch: pytest.MonkeyPatch) -> None:
    """She sends the mail that nobody can read on to somebody: what became of draft and promise is found out all the
    same."""
    office = Office(trusting(trust))
    office.arrive(letter(1))
    office.let_out()
    office.answers(1)
    mine = office.box.folders[SENT][-1].replace(b"text/plain; charset=utf-8", b"message/rfc822")
    whole = mine.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + nested("message/rfc822", 1_000)
    monkeypatch.setattr(office.box, "sent_answer", lambda message_id: whole)
    from vamaild import drafts, promising

    drafts.watch(office.box, office.service)
    promising.watch(office.service)
    assert not any("nobody knows" in line for line in office.journal.lines)


# ---- what other servers and files say

XML = (b"<a>" * 20_000, b"<a>" * 14_000 + b"</a>" * 14_000, b"\0", b"", b"<a",
       b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"<?xml version='1.0' encoding='x-foo'?><a/>",
       b"<?xml version='1.0' encoding='utf-7'?><a/>")  # fmt: skip


@pytest.mark.parametrize("raw", XML, ids=[x[:40].decode() for x in XML])
def test_an_autoconfig_file_is_used_or_passed_over(raw: bytes) -> None:
    with suppress(ValueError):
        assert autoconfig(raw, "firma.example") is None
    assert find("a@firma.example", Net((), lambda url: raw, lambda host, port: False)) is None


@pytest.mark.parametrize("row", ['"' + "x" * 200_000 + '"', "a\0b", '"'])
def test_a_table_of_clients_is_read_or_refused(row: str, tmp_path: Path) -> None:
    table = tmp_path / "clients.csv"
    table.write_text(f"id,name,address,language,timezone,lead_days\nuno,{row},u@uno.example,it,,4\n")
    try:
        assert from_csv(table)
    except Stop as stop:
        assert f"{table}:" in str(stop)


SAID = ("9" * DEEP, "fra " + "9" * DEEP + " giorni", "31/31/9999 99/99/99999 0/0/0000", "alle " + "9" * 300 + ":61",
        "il " + "1" * 30 + "." + "1" * 30 + "." + "1" * 30, "fra 99999999999 settimane", "(" * DEEP, "«" * DEEP,
        "\n".join(">" * n + " a" for n in range(200)), "&#" + "9" * DEEP + ";", "%u" + "F" * DEEP,
        "xn--" + "a" * DEEP, "²³½① ٣", "il 0001" + "1" * DEEP + " gennaio",
        "entro " + "0" * DEEP + "5 ore")  # fmt: skip


@pytest.mark.parametrize("text", SAID, ids=[s[:12] for s in SAID])
def test_numbers_and_brackets_without_end_in_a_text(text: str) -> None:
    message = mail(text, subject=text[:300].replace("\n", " "))
    assert decide(message, client(), book(), History(), TOOLS, NOW).verdict
    assert egress.masked(text, ("Heron-19-Ladder",)) == text
    assert visible(f"<p title='{text}'>{text}</p><p hidden>{text}</p>")
    assert detect(text, ("it", "cs"), "it")[0] in ("it", "cs")
