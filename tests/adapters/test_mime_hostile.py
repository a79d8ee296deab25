"""Bytes to messages: damaged mails, and mails made to hang or fool a reader. None is silently empty, none raises."""

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.adapters.mails import BASE, HOSTILE, MAILS, PDF, PLAIN, mail, multipart, nest, part, read, sound
from tests.bounds import within
from vamaild.adapters.mime import headers
from vamaild.core.message import Message

SECONDS = 5.0

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


# ---- mails made to hang, to crash or to fill the memory


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
