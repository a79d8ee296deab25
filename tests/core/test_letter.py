"""The form of a reply, and what no subject, name or id can do to it."""

import sys
import unicodedata
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.egress import ALLOWED, inspect
from vamaild.core.letter import PREFIXES, Envelope, Letter, bare_subject, clean, key_for, thread_ids, to_bytes

NOW = datetime(2026, 11, 26, 9, 40, tzinfo=UTC)
TO = "marco@studiorossi.example"
BASE = Envelope(
    "Giulia Ferri", "clienti@ferri-av.example", TO, "<k@ferri-av.example>", "<1@x.example>", ("<0@x.example>",), "it"
)
LETTER = Letter("Re: Preventivo", "Ciao Marco,\n\nè in agenda.\n.\nGiulia\n")


def test_the_form_of_a_reply() -> None:
    mail = message_from_bytes(to_bytes(LETTER, BASE, NOW), policy=policy.default)
    assert [a.addr_spec for a in mail["To"].addresses] == [TO]
    assert mail["From"].addresses[0].display_name == "Giulia Ferri"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Precedence"] == "bulk"
    assert mail["In-Reply-To"] == "<1@x.example>"
    assert mail["References"] == "<0@x.example> <1@x.example>"
    assert mail["Date"].datetime == NOW
    assert mail["Content-Language"] == "it"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == LETTER.body


def test_a_notice_to_our_own_people_is_no_bulk_mail() -> None:
    envelope = Envelope("Giulia", "a@b.example", TO, "<k@b.example>", auto="auto-generated")
    mail = message_from_bytes(to_bytes(LETTER, envelope, NOW), policy=policy.default)
    assert (mail["Auto-Submitted"], mail["Precedence"]) == ("auto-generated", None)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Ciao\r\nBcc: evil@x.example", "Ciao Bcc: evil@x.example"),
        ("a\u2028b\u2029c\x85d\x00e", "a b c de"),
        ("\u202egnp.exe", "gnp.exe"),
        ("  much   space ", "much space"),
        ("", ""),
        ("\ud800x", "x"),
    ],
)
def test_clean(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Re: R: Odp: FW: Preventivo", "Preventivo"),
        ("RE[2]: Angebot", "Angebot"),
        ("Reklamace", "Reklamace"),
        ("Info: prices", "Info: prices"),
        ("Re:", ""),
        ("x" * 400, "x" * 255 + "…"),
    ],
)
def test_bare_subject(subject: str, bare: str) -> None:
    assert bare_subject(subject) == bare


def test_broken_and_endless_ids_do_not_thread() -> None:
    assert thread_ids(("<a@b>", "no brackets", "<a b@c>", "<" + "x" * 300 + "@y>", "<a@b>\r\nBcc: x")) == ("<a@b>",)
    assert len(thread_ids(tuple(f"<{n}@b>" for n in range(50)))) == 12


def test_a_key_is_the_same_for_the_same_and_another_for_another() -> None:
    assert key_for("a", "b", domain="x.example") == key_for("a", "b", domain="x.example")
    assert key_for("a", "b", domain="x.example") != key_for("ab", "", domain="x.example")


HOSTILE = st.text(st.characters(), max_size=120) | st.sampled_from(
    ["a\r\nBcc: e@x.example", "a\rBcc: x", "a\nX-Y: z", "\u2028Bcc: x", "=?utf-8?q?a=0D=0ABcc:_x?=", "\x00", "\ud800"]
)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_nothing_hostile_adds_a_header_or_a_recipient(subject: str, name: str, reference: str) -> None:
    envelope = Envelope(name, "a@b.example", TO, "<k@b.example>", reference, (reference,))
    raw = to_bytes(Letter(clean(subject), "x\n"), envelope, NOW)
    mail = message_from_bytes(raw, policy=policy.default)
    assert {n.lower() for n in mail} <= ALLOWED
    assert [a.addr_spec for a in mail["To"].addresses] == [TO]
    assert inspect(raw, TO, ()) == ""


@given(
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"),
        max_size=400,
    )
)
def test_the_body_survives_the_wire(body: str) -> None:
    raw = to_bytes(Letter("x", body + "\n"), BASE, NOW)
    assert message_from_bytes(raw, policy=policy.default).get_content().replace("\r\n", "\n") == body + "\n"
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


GOOD = to_bytes(LETTER, BASE, NOW)
BAD = [
    (GOOD.replace(b"\r\n", b"\n"), TO, (), "bare CR or LF"),
    (GOOD, "other@x.example", (), "exactly one recipient"),
    (GOOD.replace(b"To: ", b"To: eve@x.example, "), TO, (), "exactly one recipient"),
    (b"Bcc: eve@x.example\r\n" + GOOD, TO, (), "header bcc"),
    (b"To: " + TO.encode() + b"\r\n" + GOOD, TO, (), "header to"),
    (GOOD + b"x" * 999 + b"\r\n", TO, (), "longer than 998"),
    (to_bytes(Letter("x", "Volejte 603 111 222\n"), BASE, NOW), TO, ("+420603111222",), "secrets.toml"),
    (to_bytes(Letter("603 111 222", "x\n"), BASE, NOW), TO, ("+420603111222",), "secrets.toml"),
]


@pytest.mark.parametrize(("raw", "to", "secrets", "why"), BAD)
def test_the_gate(raw: bytes, to: str, secrets: tuple[str, ...], why: str) -> None:
    assert why in inspect(raw, to, secrets)


def test_the_gate_lets_a_good_reply_pass() -> None:
    assert inspect(GOOD, TO, ("+420603111222", "petr.more@proton.example")) == ""


@given(st.binary(max_size=300))
def test_the_gate_reads_any_bytes(raw: bytes) -> None:
    assert inspect(raw, TO, ("secret-token",))


def _shown_one_by_one(text: str) -> str:
    spaced = "".join(" " if c in "\r\n\t\x0b\x0c\x85\u2028\u2029" else c for c in text)
    kept = "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return " ".join(kept.split())


def test_every_character_there_is_is_cleaned_as_its_category_says() -> None:
    """What is printable is taken whole, without a look at each character of every subject."""
    wrong = [c for c in map(chr, range(sys.maxunicode + 1)) if clean(f"a{c}b") != _shown_one_by_one(f"a{c}b")]
    assert wrong == []


@given(st.text(st.sampled_from("Re: ODPab\x00\u200b\u2028\xa0\t "), max_size=30))
def test_a_bare_subject_is_clean_before_and_after(subject: str) -> None:
    plain = _shown_one_by_one(PREFIXES.sub("", _shown_one_by_one(subject)))
    assert bare_subject(subject) == bare_subject(subject) == plain
