"""Bytes to messages: ordinary mails of many programs, and which text of them counts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.adapters.mails import (
    ATTACHED_TEXT,
    BLANK,
    CIAO,
    HTML,
    LOGO,
    MAILS,
    PDF,
    PLAIN,
    RECEIVED,
    mail,
    multipart,
    part,
    read,
)


def test_everything_of_an_ordinary_mail() -> None:
    raw = (
        b"Return-Path: <anna@example.org>\r\nFrom: =?utf-8?Q?Anna_B=C3=ADl=C3=A1?= <Anna@Example.ORG>\r\n"
        b"To: VA <va@va.example>, boss@client.example\r\nCc: c@client.example\r\nReply-To: ufficio@example.org\r\n"
        b"Subject: =?utf-8?B?UG9wdMOhdmth?=\r\n =?utf-8?Q?_-_term=C3=ADn?=\r\n"
        b"Date: Fri, 20 Nov 2026 18:04:00 +0100\r\nMessage-ID: <a1@example.org>\r\nIn-Reply-To: <p@va.example>\r\n"
        b"References: <o@va.example>\r\n <p@va.example>\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\nDobr=C3=BD den,\r\nAnna\r\n"
    )
    message = read(raw)
    assert message.from_ == ("anna@example.org",)
    assert message.from_name == "Anna Bílá"
    assert message.to == ("va@va.example", "boss@client.example")
    assert (message.cc, message.reply_to) == (("c@client.example",), ("ufficio@example.org",))
    assert message.subject == "Poptávka - termín"
    assert message.text == "Dobrý den,\nAnna"
    assert message.sent == datetime(2026, 11, 20, 17, 4, tzinfo=UTC)
    assert message.sent is not None
    assert message.sent.utcoffset() == timedelta(hours=1)
    assert message.message_id == "<a1@example.org>"
    assert message.references == ("<o@va.example>", "<p@va.example>")
    assert message.return_path == "anna@example.org"
    assert (message.parts, message.size, message.received) == (("text/plain",), len(raw), RECEIVED)
    assert (message.doubts, message.unreadable) == ((), "")
    assert len(message.fingerprint) == 64


@pytest.mark.parametrize("path", MAILS, ids=lambda p: p.stem)
def test_stored_mails_are_read_without_a_doubt(path: Path) -> None:
    raw = path.read_bytes()
    message = read(raw)
    assert message.from_
    assert message.text.strip()
    assert message.doubts == ()
    assert message.unreadable == ""
    assert message.text == read(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")).text


# ---- which text is shown


@pytest.mark.parametrize(
    ("rest", "text"),
    [
        pytest.param(PLAIN, "Mi serve per stasera, è urgente.", id="plain"),
        pytest.param(HTML, "Mi serve per stasera", id="HTML only"),
        pytest.param(multipart("alternative", PLAIN, HTML), "Mi serve per stasera, è urgente.", id="alternative"),
        pytest.param(multipart("alternative", HTML, PLAIN), "Mi serve per stasera, è urgente.", id="wrong order"),
        pytest.param(
            multipart("alternative", part("text/plain", "Your mail client does not support HTML"), HTML),
            "Mi serve per stasera", id="plain says nothing",
        ),
        pytest.param(multipart("alternative", BLANK, HTML), "Mi serve per stasera", id="plain empty"),
        pytest.param(
            multipart("mixed", part("text/plain", "Ciao"), PDF, part("text/plain", "subito")), "Ciao\n\nsubito",
            id="text behind an attachment",
        ),
        pytest.param(
            multipart("mixed", HTML, part("text/plain", "-- lista")), "Mi serve per stasera\n\n-- lista", id="list"
        ),
        pytest.param(
            multipart("mixed", multipart("alternative", PLAIN, HTML, boundary="YY"), PDF),
            "Mi serve per stasera, è urgente.", id="alternative inside",
        ),
        pytest.param(
            multipart("related", HTML, LOGO), "Mi serve per stasera",
            id="related",
        ),
        pytest.param(
            multipart("mixed", CIAO, ATTACHED_TEXT),
            "Ciao", id="attached text",
        ),
        pytest.param(
            multipart("mixed", part("text/plain", "Ciao"), part("text/plain; name=log.txt", "URGENTE")), "Ciao",
            id="a named text behind the text",
        ),
        pytest.param(part("text/plain; name=nota.txt", "subito"), "subito", id="named but alone"),
        pytest.param(part("text/strange", "subito"), "subito", id="unknown kind of text"),
        pytest.param("\nsubito\n", "subito", id="no MIME at all"),
        pytest.param(multipart("mixed", "\nsubito"), "subito", id="part without header"),
        pytest.param(part("text/plain; format=flowed; charset", "subito"), "subito", id="parameter without value"),
        pytest.param(part("nonsense", "subito"), "subito", id="no such type"),
        pytest.param(part("text/plain\n charset=x", "subito"), "subito", id="type over two lines"),
    ],
)  # fmt: skip
def test_the_text_a_reader_sees(rest: str, text: str) -> None:
    message = mail(rest)
    assert message.text.strip() == text
    assert message.doubts == ()
    assert message.unreadable == ""


def test_hidden_text_does_not_count_as_text() -> None:
    message = mail(part("text/html", "<p>Ciao</p><p style='display:none'>URGENTE</p><!-- disastro -->"))
    assert message.text.strip() == "Ciao"
    assert "URGENTE" in message.hidden
    assert "disastro" in message.hidden


def test_a_forwarded_mail_is_not_the_senders_text() -> None:
    inner = "From: cliente@example.net\nSubject: guasto\n\nmi serve subito"
    message = mail(multipart("mixed", part("text/plain", "Te lo giro."), part("message/rfc822", inner)))
    assert message.text.strip() == "Te lo giro."
    assert message.forwarded is not None
    assert message.forwarded.from_ == ("cliente@example.net",)
    assert (message.forwarded.subject, message.forwarded.text.strip()) == ("guasto", "mi serve subito")
    assert message.parts == ("multipart/mixed", "text/plain", "message/rfc822")


def test_of_many_forwarded_mails_the_first_is_read_and_it_is_said() -> None:
    first, second = (part("message/rfc822", f"From: a@b.cz\n\n{word}") for word in ("uno", "due"))
    message = mail(multipart("mixed", PLAIN, first, second))
    assert message.forwarded is not None
    assert message.forwarded.text.strip() == "uno"
    assert message.doubts == ("it carries 2 other messages, only the first of them was read",)


def test_an_invitation() -> None:
    ics = part("text/calendar; method=REQUEST; charset=utf-8", "BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR")
    message = mail(multipart("alternative", PLAIN, ics))
    assert (message.calendar_method, message.text.strip()) == ("REQUEST", "Mi serve per stasera, è urgente.")
    assert mail(part("text/calendar", "BEGIN:VCALENDAR\nMETHOD:Reply\nEND:VCALENDAR")).calendar_method == "REPLY"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ('"../../etc/cron.d/x"', "x"),
        ('"C:\\\\Users\\\\a\\\\preventivo.pdf"', "preventivo.pdf"),
        ('"=?utf-8?q?fakt=C3=BAra.pdf?="', "faktúra.pdf"),
        ('"a\u202efdp.exe"', "a_fdp.exe"),
        ('""', "unnamed (application/pdf)"),
        ('"..."', "unnamed (application/pdf)"),
        ('"=?utf-8?q?a=0D=0AX:_b?="', "a X_ b"),
        ('"' + "n" * 400 + '.pdf"', "n" * 100 + "…" + "n" * 15 + ".pdf"),
    ],
)
def test_a_name_of_an_attachment_is_only_a_name(given: str, name: str) -> None:
    attached = part("application/pdf", "AAAA", f"Content-Disposition: attachment; filename={given}")
    assert mail(multipart("mixed", PLAIN, attached)).attachments == (name,)
