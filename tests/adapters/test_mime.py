"""Bytes to messages: ordinary mails of many programs, damaged ones, and mails made to hang or fool a reader."""

import random
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bounds import within
from vamaild.adapters.html import visible
from vamaild.adapters.mime import MimeReader, charsets, headers
from vamaild.core.ledger import Arrival
from vamaild.core.message import Message

RECEIVED = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MAILS = sorted((Path(__file__).parents[1] / "data" / "mail").glob("*.eml"))
SECONDS = 5.0
BASE = b"From: Anna <anna@example.org>\nTo: va@va.example\nSubject: x\nMessage-ID: <1@x>\n"


def read(raw: bytes, size: int = 0, problem: str = "") -> Message:
    arrival = Arrival(1, 7, RECEIVED, size or len(raw), raw, problem)
    return MimeReader(visible).read(arrival)


def part(kind: str, body: str, *more: str) -> str:
    return "\n".join((f"Content-Type: {kind}", *more, "", body))


def multipart(subtype: str, *parts: str, boundary: str = "XX") -> str:
    inner = "".join(f"--{boundary}\n{p}\n" for p in parts)
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"\n\n{inner}--{boundary}--\n'


def mail(rest: str, base: bytes = BASE) -> Message:
    return read(base + b"MIME-Version: 1.0\n" + rest.encode())


PLAIN = part("text/plain; charset=utf-8", "Mi serve per stasera, è urgente.")
HTML = part("text/html; charset=utf-8", "<p>Mi serve <b>per stasera</b></p>")
ATTACHED_TEXT = part("text/plain", "URGENTE", "Content-Disposition: attachment")
LOGO = part("image/png; name=l.png", "AAAA", "Content-ID: <l>")
CIAO = part("text/plain", "Ciao")
BLANK = part("text/plain", " \n ")
BROKEN = "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/mixed; boundary=i\n\nx\n--o\n"
PDF = part("application/pdf; name=a.pdf", "JVBERi0=", "Content-Transfer-Encoding: base64")


# ---- an ordinary mail


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


# ---- character sets


@pytest.mark.parametrize(
    ("raw", "declared", "text"),
    [
        ("Può darsi, è così".encode("cp1252"), "", "Può darsi, è così"),
        ("Příliš žluťoučký kůň".encode("cp1250"), "", "Příliš žluťoučký kůň"),
        ("Kůň úpěl ďábelské ódy, řekl".encode("cp1250"), "us-ascii", "Kůň úpěl ďábelské ódy, řekl"),
        ("Příliš žluťoučký kůň".encode("iso8859-2"), "iso-8859-2", "Příliš žluťoučký kůň"),
        ("déjà vu – “ciao”".encode("cp1252"), "iso-8859-1", "déjà vu – “ciao”"),
        ("Příliš".encode(), "", "Příliš"),
        ("Příliš".encode(), "us-ascii", "Příliš"),
        ("Příliš".encode(), "ANSI", "Příliš"),
        ("Perché è così".encode("cp1252"), "utf-8", "Perché è così"),
        ("至急お願いします".encode("iso2022_jp"), "", "至急お願いします"),
        ("至急お願いします".encode("iso2022_jp"), "us-ascii", "至急お願いします"),
        ("至急お願いします".encode("iso2022_jp"), "iso-2022-jp", "至急お願いします"),
        ("Příliš".encode("utf-7"), "utf-7", "Příliš"),
        ("Срочно".encode("koi8-r"), "koi8-r", "Срочно"),
        ("urgent".encode("utf-16"), "utf-16", "urgent"),
        ("urgent".encode("utf-16"), "", "urgent"),
        ("\ufeffurgent".encode(), "utf-8", "urgent"),
        (b"uno\r\ndue\rtre\x00\x07", "us-ascii", "uno\ndue\ntre"),
        (b"", "utf-8", ""),
    ],
)
def test_character_sets(raw: bytes, declared: str, text: str) -> None:
    assert charsets.decode(raw, declared) == (text, "")


@pytest.mark.parametrize("name", ["x-foo", "punycode", "idna", "unicode_escape", "base64", "rot13", "a\0b", "ě" * 50])
def test_an_unknown_or_unsafe_character_set_is_a_doubt(name: str) -> None:
    text, doubt = charsets.decode("è urgente".encode(), name)
    assert text == "è urgente"
    assert f'"{name[:40]}" is unknown' in doubt


def test_the_language_decides_where_letters_do_not() -> None:
    raw = b"tu\xe8"
    assert charsets.decode(raw, "", "it")[0] == "tuè"
    assert charsets.decode(raw, "", "cs")[0] == "tuč"


@pytest.mark.parametrize("declared", ["", "; charset=us-ascii", "; charset=x-unknown"])
def test_undeclared_letters_in_a_mail(declared: str) -> None:
    head = b"From: jan@firma.cz\nContent-Transfer-Encoding: 8bit\nContent-Type: text/plain" + declared.encode()
    assert read(head + b"\n\n" + "Potřebuji to už dnes".encode("cp1250")).text == "Potřebuji to už dnes"


# ---- headers


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        ("=?utf-8?q?Ciao=0D=0ABcc:_evil@x.example?=", "Ciao Bcc: evil@x.example"),
        ("=?utf-8?q?a=00b=E2=80=A8c?=", "ab c"),
        ("=?utf-8?B?xYg=?= =?utf-8?B?xaE=?=", "ňš"),
        ("=?utf-8?B?xQ==?= =?utf-8?B?iA==?=", "ň"),
        ("=?iso-8859-2?Q?P=F8=EDli=B9?= dnes", "Příliš dnes"),
        ("=?punycode?q?abc?=", "abc"),
        ("=?utf-8*cs?q?=C5=A1?=", "š"),
        ("=?utf-8?b?!!!?=", "=?utf-8?b?!!!?="),
        ("=?utf-8?q?ne=C3?=", "neÃ"),
        ("uno\n due\n\ttre", "uno due tre"),
        ("", ""),
        ("\ue0e1utf-8\ue0e2c3a8\ue0e3 =?utf-8?q?x?=", "utf-8c3a8 x"),
    ],
)
def test_subjects(value: str, subject: str) -> None:
    assert mail(PLAIN, b"From: a@b.cz\nSubject: " + value.encode() + b"\n").subject == subject


def test_a_subject_in_bare_letters() -> None:
    for encoding in ("utf-8", "cp1250"):
        assert read("From: a@b.cz\nSubject: Příliš žluťoučký\n\nx".encode(encoding)).subject == "Příliš žluťoučký"


@pytest.mark.parametrize(
    ("fields", "from_", "doubt"),
    [
        ("From: Boss@Corp.example\n", ("boss@corp.example",), ""),
        ("From: <eve@x.example>\n", ("eve@x.example",), ""),
        ('From: "boss@corp.example" <eve@x.example>\n', ("eve@x.example",), "name shows another"),
        ("From: =?utf-8?q?boss=40corp.example?= <eve@x.example>\n", ("eve@x.example",), "name shows another"),
        ("From: \"'boss@corp.example' via Info\" <i@x.example>\n", ("i@x.example",), "name shows another"),
        ('From: "boss@corp.example" <eve@x.example>\nReply-To: boss@corp.example\n', ("eve@x.example",), ""),
        ('From: "eve@x.example" <eve@x.example>\n', ("eve@x.example",), ""),
        ('From: "info@x.example" <eve@x.example>\n', ("eve@x.example",), ""),
        ("From: =?punycode?q?boss=40corp.example=2C?= <eve@x.example>\n", ("eve@x.example",), "name shows another"),
        ("From: boss@corp.example\nFrom: eve@x.example\n", ("boss@corp.example", "eve@x.example"), "two senders"),
        ("From: boss@corp.example, eve@x.example\n", ("boss@corp.example", "eve@x.example"), "two senders"),
        ("From: Nobody\n", (), "no sender"),
        ("Subject: x\n", (), "no sender"),
        ("From: a b c <>\n", (), "no sender"),
        ("From: a@b@c.example\n", None, "sender"),
        ("From: boss@corp.example(a)<eve@x.example>\n", None, "sender"),
    ],
)
def test_senders(fields: str, from_: tuple[str, ...] | None, doubt: str) -> None:
    message = read(fields.encode() + b"\nciao")
    assert from_ is None or message.from_ == from_
    assert doubt in " ".join(message.doubts)
    assert bool(message.doubts) == bool(doubt)
    assert not message.from_ or all("@" in address and " " not in address for address in message.from_)


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ("Date: Fri, 20 Nov 2026 18:04:00 +0100", datetime(2026, 11, 20, 17, 4, tzinfo=UTC)),
        ("Date: 20 Nov 2026 18:04 GMT", datetime(2026, 11, 20, 18, 4, tzinfo=UTC)),
        ("Date: Fri, 20 Nov 2026 18:04:00 -0000", datetime(2026, 11, 20, 18, 4, tzinfo=UTC)),
        ("Date: Thu, 01 Jan 1970 00:00:00 +0000", None),
        ("Date: Fri, 20 Nov 2099 18:04:00 +0100", None),
        ("Date: Fri, 20 Nov 2026 18:04:00 +9999", None),
        ("Date: Fri, 20 Nov 2026 18:04:00 +1500", None),
        ("Date: domani", None),
        ("Date: 31 Feb 2026 10:00:00 +0100", None),
        ("Received: from a by b; Fri, 20 Nov 2026 18:04:00 +0100\nReceived: x; 1 Jan 2020 00:00:00 +0000",
         datetime(2026, 11, 20, 17, 4, tzinfo=UTC)),
        ("Received: from a by b", None),
        ("X-A: b", None),
    ],
)  # fmt: skip
def test_when_it_was_sent(fields: str, sent: datetime | None) -> None:
    assert read(f"From: a@b.cz\n{fields}\n\nx".encode()).sent == sent


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"From: a@b.cz\nmi serve subito\n\ndavvero", "mi serve subito\n\ndavvero"),
        (b"From someone Mon Nov 22\nFrom: a@b.cz\n\nsubito", "subito"),
        (b"From: a@b.cz\r\n\r\nsubito", "subito"),
        (b"solo testo senza intestazione", "solo testo senza intestazione"),
        (b"\nFrom: a@b.cz\n\nsubito", "From: a@b.cz\n\nsubito"),
    ],
)
def test_where_the_body_begins(raw: bytes, text: str) -> None:
    assert read(raw).text.strip() == text


def test_the_same_mail_has_the_same_fingerprint_and_another_has_not() -> None:
    raw = MAILS[0].read_bytes()
    assert read(raw).fingerprint == read(b"Received: x\r\n" + raw, size=len(raw)).fingerprint
    assert read(raw).fingerprint != read(raw, size=len(raw) + 1).fingerprint
    assert read(BASE + b"\nx").fingerprint != read(BASE.replace(b"<1@x>", b"<2@x>") + b"\nx").fingerprint
    alike = BASE.replace(b"Message-ID: <1@x>\n", b"")
    assert read(alike + b"\nx").fingerprint != read(alike + b"\ny").fingerprint
    assert read(alike + b"\na\nb", size=9).fingerprint == read(alike + b"\r\na\r\nb", size=9).fingerprint


# ---- never silently empty


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        pytest.param("Content-Type: multipart/mixed; boundary=never\n\n--never--\nqui non si legge niente di tutto\n",
                     "no readable text although it has a body|damaged", id="boundary closes at once"),
        pytest.param(multipart("encrypted", part("application/octet-stream", "AAAA")), "encrypted", id="PGP"),
        pytest.param(part("application/pkcs7-mime; name=smime.p7m", "AAAA"), "encrypted", id="S/MIME"),
        pytest.param("Content-Type: multipart/mixed; boundary=X\n\nmi serve subito, è urgente davvero\n--X\n"
                     "Content-Type: image/png\n\n--X--\n", "no readable text|damaged", id="only in the preamble"),
        pytest.param(part("image/png", "iVBORw0KGgo abc def ghi"), "no readable text", id="only an image"),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_said(rest: str, why: str) -> None:
    message = mail(rest)
    assert re.search(why, message.unreadable + " ".join(message.doubts))


@pytest.mark.parametrize(
    ("rest", "doubt"),
    [
        (multipart("mixed", PDF), "no text of its own, only attachments"),
        (part("text/html", "<img src=a.png>"), "shows no text"),
        ("Content-Type: multipart/mixed; boundary=other\n\nnessun confine, urgente\n", "cannot be told apart"),
        ("Content-Type: multipart/mixed\n\nnessun confine, urgente\n", "cannot be told apart"),
        (part("text/plain; charset=x-foo", "caffè"), 'character set "x-foo" is unknown'),
        (part("text/plain; charset=a\0b", "caffè"), "unknown"),
    ],
)
def test_what_may_be_misread_is_a_doubt(rest: str, doubt: str) -> None:
    message = mail(rest)
    assert doubt in " ".join((*message.doubts, message.unreadable))


EMPTY_PAGE = part("text/html; charset=utf-8", '<div dir="ltr"><br></div>')


@pytest.mark.parametrize(
    "rest",
    [
        "\n",
        "",
        "\n \n\n",
        EMPTY_PAGE,
        multipart("alternative", part("text/plain", ""), EMPTY_PAGE),
        multipart("mixed"),
        "Content-Type: multipart/mixed; boundary=X\n\nThis is a multi-part message in MIME format.\n--X\n\n\n--X--\n",
    ],
)
def test_an_empty_mail_is_just_empty(rest: str) -> None:
    message = mail(rest)
    assert (message.text, message.doubts, message.unreadable) == ("", (), "")


def test_a_problem_of_the_server_makes_it_unreadable_but_says_whose_it_is() -> None:
    message = read(BASE + b"\n", size=61_200_000, problem="too large to read: 61.2 MB")
    assert (message.unreadable, message.from_, message.subject) == (
        "too large to read: 61.2 MB",
        ("anna@example.org",),
        "x",
    )


def test_a_mail_whose_end_was_not_fetched_is_a_doubt() -> None:
    cut = (BASE.decode() + multipart("mixed", PLAIN, PDF)).encode()[:-10]
    assert read(cut).doubts == ()
    assert "its end was not fetched" in read(cut, size=len(cut) + 50_000).doubts[0]


# ---- mails made to hang, to crash or to fill the memory (each is known to do so to some parser)


def nest(levels: int, kind: str = "mixed") -> str:
    heads = "".join(f"Content-Type: multipart/{kind}; boundary=b{n}\n\n--b{n}\n" for n in range(levels))
    return heads + "Content-Type: text/plain\n\nin fondo\n"


HOSTILE = {
    "96 bytes": BROKEN,
    "the same in a forwarded mail": part("message/rfc822", BROKEN),
    "punycode body": part("text/plain; charset=punycode", "a-" + "b" * 512_000),
    "punycode subject": "Subject: =?punycode?q?" + "b" * 100_000 + "?=\n\nx",
    "NUL in charset": part("text/plain; charset=\"u\0tf-8\"", "ciao"),
    "NUL in the charset of what is no text": part('image/png; charset="a\0b"', "\udce8\udce8"),
    "NUL in the charset of a report": multipart(
        "report", PLAIN, part('message/delivery-status; charset="a\0b"', "\udce8"),
        part('text/rfc822-headers; charset="a\0b"', "\udce8"),
    ),
    "NUL in boundary charset": "Content-Type: multipart/mixed; boundary*=us\0x''abc\n\n--abc\n\nciao\n--abc--",
    "nested 400": nest(400),
    "nested 5,000": nest(5_000),
    "nested 300, many lines": nest(300) + "riga\n" * 200_000,
    "forwarded 2,000": "Content-Type: message/rfc822\n\n" * 2_000 + "x",
    "digests nested": nest(500, "digest"),
    "100,000 headers": "".join(f"X-{n}: y\n" for n in range(100_000)) + "\nciao",
    "one header 100,000 times": "Received: x\n" * 100_000 + "\nciao",
    "subject of 1 MB": "Subject: " + "a" * 1_000_000 + "\n\nciao",
    "folded subject of 3 MB": "Subject: x" + "\n a" * 1_000_000 + "\n\nciao",
    "20,000 encoded words": "Subject: " + "=?utf-8?q?a?= " * 20_000 + "\n\nciao",
    "encoded words folded": "Subject: x" + "\n =?utf-8?b?xZk=?=" * 20_000 + "\n\nciao",
    "100,000 recipients": "To: " + "a@b.cz, " * 100_000 + "\n\nciao",
    "To of dots": "To: " + "." * 50_000 + "\n\nciao",
    "nested comments": "Cc: " + "(" * 5_000 + "a@b.cz" + ")" * 5_000 + "\n\nciao",
    "From of quotes": "From: " + '"' * 50_000 + "\n\nciao",
    "groups in groups": "To: " + "a:" * 4_000 + ";" * 4_000 + "\n\nciao",
    "50,000 parts": multipart("mixed", *[part("text/html", "a")] * 50_000),
    "rfc2231 name*": "Content-Type: application/pdf; " + "; ".join(f"name*{n}=a" for n in range(50_000)) + "\n\nx",
    "50,000 parameters": "Content-Type: text/plain; " + "; ".join(f"p{n}=a" for n in range(50_000)) + "\n\nciao",
    "boundary of 1 MB": "Content-Type: multipart/mixed; boundary=" + "b" * 1_000_000 + "\n\nciao",
    "Content-Type of 490 kB in a part": multipart("mixed", part("text/plain; " + "a=b;" * 120_000, "ciao")),
    "100,000 headers in a part": multipart("mixed", "".join(f"X-{n}: y\n" for n in range(100_000)) + "\nciao"),
    "one line of 10 MB": part("text/plain", "a" * 10_000_000),
    "a million lines": part("text/plain", "\n" * 1_000_000),
    "base64 that is none": part("text/plain", "!" * 300_000, "Content-Transfer-Encoding: base64"),
    "uuencode that is none": part("text/plain", "begin 644 x\n" + "M" * 60, "Content-Transfer-Encoding: x-uuencode"),
    "odd transfer encoding": part("text/plain", "ciao", "Content-Transfer-Encoding: base64\0"),
    "utf-7 of 500 kB": part("text/plain; charset=utf-7", "+AOk-" * 100_000),
    "iso-2022-jp of escapes": part("text/plain; charset=iso-2022-jp", "\x1b$B" * 100_000),
    "HTML of 100,000 div": part("text/html", "<div>" * 100_000 + "ciao"),
    "pages without number": multipart("mixed", *[part("text/html", "<b>" * 1_000 + "x")] * 250),
    "4 MB of pages": multipart("mixed", *[part("text/html", "<p>ciao</p>" * 24_000)] * 16),
    "date of digits": "Date: " + "9" * 50_000 + "\n\nciao",
    "date far away": "Date: Fri, 20 Nov 99999999 18:04:00 +99999999\n\nciao",
    "ids without number": "References: " + "<a@b> " * 50_000 + "\n\nciao",
    "a calendar of 1 MB": part("text/calendar", "METHOD:" * 150_000),
    "delivery status": multipart("report", PLAIN, part("message/delivery-status", "Status: 5.1.1\n\n\n\n" * 5_000)),
    "partial": part("message/partial; id=1; number=1", "From: a@b.cz\n\nciao"),
    "external body": part("message/external-body; access-type=ftp", "ciao"),
    "charset of surrogates": "Content-Type: text/plain; charset==?utf-8?q?=ED=A0=80?=\n\nciao",
}  # fmt: skip


@pytest.mark.parametrize("rest", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_mail_hangs_or_stops_the_reader(rest: str) -> None:
    raw = BASE + rest.encode("utf-8", "surrogateescape")
    seen: list[Message] = []
    assert within(SECONDS, lambda: seen.append(read(raw)))
    message = seen[0]
    assert message.text.strip() or message.doubts or message.unreadable or message.attachments or message.forwarded
    assert len(message.headers) <= headers.FIELDS_LIMIT
    assert "\n" not in message.subject


def test_too_deep_is_said() -> None:
    assert "nested too deep" in mail(nest(5_000)).unreadable
    assert "nested too deep" in " ".join((mail(nest(100)).unreadable, *mail(nest(100)).doubts))


def test_a_shortened_header_is_a_doubt() -> None:
    for raw in (b"Subject: " + b"a" * 20_000, b"X: y\n" * 600, b"Subject: a" + b"\n b" * 6_000):
        message = read(b"From: a@b.cz\n" + raw.rstrip() + b"\n\nciao")
        assert message.doubts == ("its header is very long, not all of it was read",)
        assert message.text == "ciao"


# ---- no bytes at all make it raise


def sound(message: Message) -> None:
    """What holds of every message, whatever it was read from."""
    message.text.encode("utf-8")
    message.subject.encode("utf-8")
    assert not set("\r\n\0") & set(message.subject + message.from_name + "".join(message.attachments))
    assert all(name == name.lower() and "\n" not in value for name, value in message.headers)
    assert all(address == address.lower() and address.count("@") == 1 for address in message.from_ + message.to)
    assert message.sent is None or message.sent.tzinfo is not None
    assert message.forwarded is None or message.forwarded.forwarded is not message


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes(raw: bytes) -> None:
    sound(read(raw))
    sound(read(b"From: a@b.cz\nContent-Type: " + raw))
    sound(read(BASE + b"Content-Type: multipart/mixed; boundary=X\n\n--X\n" + raw + b"\n--X--"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(MAILS), st.integers(0, 2**32), st.integers(1, 12))
def test_damaged_real_mails(path: Path, seed: int, wounds: int) -> None:
    dice = random.Random(seed)
    raw = bytearray(path.read_bytes()[:20_000])
    for _ in range(wounds):
        at = dice.randrange(len(raw))
        end = at + dice.choice((1, 1, 1, 5, 200))
        insert = bytes(dice.randrange(256) for _ in range(dice.choice((0, 1, 3))))
        raw[at:end] = dice.choice((insert, bytes(raw[at:end]) * 2, b"", b"\n", b"=?", b"--", b"\r"))
        raw = raw or bytearray(b"x")
    message = read(bytes(raw))
    sound(message)
    again = read(bytes(raw))
    assert replace(message) == again
