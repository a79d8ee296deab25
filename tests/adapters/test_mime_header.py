"""Bytes to messages: character sets, subjects, senders, dates, and where the header ends."""

import base64
from datetime import UTC, datetime
from email.utils import getaddresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.mails import BASE, MAILS, PLAIN, mail, read
from vamaild.adapters.mime import charsets, headers, library

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


# ---- one address that can be read in one way only

NAMES = st.lists(st.sampled_from(["Rossi", "Dvořák", ", ", ". ", " ", "-", "'", "’", "2", "ſ"]), max_size=6).map(
    "".join
)
ANY = st.text(st.characters(categories=("L", "N", "M", "Zs", "P", "Cf")), max_size=6)
SPEC = st.from_regex(r"[a-zA-Z0-9_+.-]{1,6}@[a-zA-Z0-9.-]{1,8}", fullmatch=True)
WRITTEN = st.sampled_from(
    ["{n} <{a}>", "{n} <{a}>", '"{n}" <{a}>', "{a}", "<{a}>", "{n} {a}", "{n}  <{a}>", "{n} < {a}>", " {a}"]
)
WORDS = {
    "bare": lambda n: n,
    "b": lambda n: f"=?utf-8?b?{base64.b64encode(n.encode()).decode()}?=",
    "q": lambda n: "=?UTF-8?Q?" + "".join(f"={byte:02X}" for byte in n.encode()) + "?=",
}


@settings(max_examples=300, deadline=None)
@given(NAMES | NAMES | ANY, st.sampled_from(sorted(WORDS)), st.just("a.b@c.example") | SPEC, WRITTEN)
def test_both_readers_see_in_a_plain_field_what_is_plainly_there(name: str, how: str, address: str, form: str) -> None:
    value = form.format(n=WORDS[how](name), a=address)
    if headers.plain(value) is None:
        return
    wanted = [("from", value), ("date", "x"), ("to", value)]
    assert library.plainly(wanted) == library.by_library(wanted)
    found = [(headers.words(n), a.lower()) for n, a in getaddresses([value])]
    assert [headers.plain(value)] == found


@pytest.mark.parametrize(
    "value",
    [
        "", "a", "a@b", "Anna a@b.it", "a@b.it, c@d.it", "Anna@x.it <a@b.it>", '"Anna \\" <c@d.it>" <a@b.it>',
        "<a@b.it> c", "=?utf-8?q?a=40b=2Eit?= <c@d.it>", "=?utf-8?q?a=2C?= <c@d.it>", "=?x-foo?q?a?= <a@b.it>",
        "=?utf-8?q?a=40_b?= <c@d.it>", "Anna (c@d.it) <a@b.it>",
        "Èva <a@b.it>", "Anna, Bea <a@b.it>",
    ],
)  # fmt: skip
def test_whatever_could_be_read_in_two_ways_goes_to_both_readers(value: str) -> None:
    assert library.plainly([("from", value)]) is None


def test_two_fields_of_a_name_go_to_both_readers() -> None:
    assert library.plainly([("from", "a@b.it"), ("from", "a@b.it")]) is None


def test_ordinary_mail_needs_one_reader_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """mail-parser takes longer over a header than everything else over the whole mail."""
    monkeypatch.setattr(library, "MailParser", None)
    fields = 'From: "Anna Bianchi" <anna@x.example>\nTo: =?utf-8?q?Va=C5=A1ek?= <v@y.example>\nDate: '
    one = read(f"{fields}Fri, 20 Nov 2026 18:04:00 +0100\n\nciao".encode())
    assert (one.from_, one.from_name, one.to, one.doubts) == (("anna@x.example",), "Anna Bianchi", ("v@y.example",), ())
