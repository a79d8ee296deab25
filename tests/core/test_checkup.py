"""What is judged without a server: results of a message to oneself, clocks, passwords, reports of what came back."""

from datetime import UTC, datetime, timedelta

import pytest

from vamaild.core import checkup
from vamaild.core.checkup import Finding, Mark, Signed
from vamaild.core.message import Message, Report

NOW = datetime(2026, 11, 26, 10, 40, tzinfo=UTC)
PASS = (("dkim", "pass"), ("dmarc", "pass"), ("spf", "pass"))
KEY = "<probe-ABCD2345@ferri-av.example>"


def message(*headers: tuple[str, str], **more: object) -> Message:
    return Message(NOW, headers=headers, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "results", "server", "words"),
    [
        (
            "mx.example; spf=pass smtp.mailfrom=x; dkim=pass header.d=x; dmarc=pass",
            PASS, "mx.example", "SPF, DKIM, DMARC pass",
        ),
        ("MX.Example 1; dkim=fail; dkim=pass; spf=none", (("dkim", "pass"), ("spf", "none")), "mx.example",
         "SPF none, DKIM pass, DMARC missing"),
        ("mx.example; none", (), "mx.example", ""),
        ("spf=pass (sender IP is 1.2.3.4) smtp.mailfrom=x; dkim=pass; dmarc=pass action=none", PASS, "microsoft",
         "SPF, DKIM, DMARC pass"),
        ("mx.example; x-dkim=pass; arc-spf=pass", (), "mx.example", ""),
        ("", (), "", ""),
    ],
)  # fmt: skip
def test_what_our_server_found_out(value: str, results: object, server: str, words: str) -> None:
    found = checkup.signed(message(("authentication-results", value)))
    assert (found.results, found.server, found.words) == (results, server, words)


def test_only_the_topmost_field_counts() -> None:
    fields = [("authentication-results", "mx.example; spf=fail"), ("authentication-results", "x; spf=pass; dmarc=pass")]
    assert checkup.signed(message(*fields)).results == (("spf", "fail"),)


@pytest.mark.parametrize(
    ("found", "mark", "words"),
    [
        (Signed(PASS, "mx"), Mark.OK, "SPF, DKIM, DMARC pass (a message to yourself, there after 3 s)"),
        (Signed((("dmarc", "fail"),), "mx"), Mark.LOOK, "replies may land in spam"),
        (Signed(), Mark.OK, "does not say whether it is genuine"),
    ],
)
def test_a_message_to_oneself(found: Signed, mark: Mark, words: str) -> None:
    finding = checkup.sending(found, 3.2)
    assert (finding.mark, words in finding.words, bool(finding.do)) == (mark, True, mark is not Mark.OK)


@pytest.mark.parametrize(
    ("apart", "words"),
    [
        (timedelta(seconds=60), ""),
        (timedelta(seconds=-60), ""),
        (timedelta(minutes=5), "5 min ahead of the mail server's clock"),
        (timedelta(hours=-5), "5 h behind the mail server's clock"),
    ],
)
def test_two_clocks(apart: timedelta, words: str) -> None:
    found = checkup.drift(NOW + apart, NOW)
    assert (found.words if found else "").startswith(words)
    assert (found is None) == (words == "")


@pytest.mark.parametrize(
    ("host", "by_password", "reading", "mark"),
    [
        ("smtp.office365.com", True, False, Mark.LOOK),
        ("Outlook.Office365.com", True, True, Mark.FAIL),
        ("imap.gmail.com", True, True, Mark.OK),
        ("smtp.office365.com", False, False, None),
        ("imap.ferri-av.example", True, True, None),
    ],
)
def test_what_providers_think_of_passwords(host: str, by_password: bool, reading: bool, mark: Mark | None) -> None:
    found = checkup.sign_in("novak", host, by_password, reading)
    assert (found.mark if found else None) == mark
    assert found is None or "vamaild oauth login novak" in found.words + found.do


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (message(report=Report((("x@y.example", "5.7.520"),), (KEY,))), "550 5.7.520, their Microsoft 365 forbids"),
        (message(from_=("postmaster@x.example",), text="ABCD2345: 550 5.2.2 full"), "550 5.2.2, their mailbox is full"),
        (message(("return-path", "<>"), text="ABCD2345 was refused with 5.9.9"), "it was refused (5.9.9)"),
        (message(from_=("postmaster@x.example",), text="ABCD2345 delayed, 4.4.1"), ""),
        (message(from_=("postmaster@x.example",), text="of another one: 5.7.520"), ""),
        (message(from_=("marco@x.example",), text="ABCD2345? 5.7.520?"), ""),
        (message(report=Report((("x@y.example", "5.1.1"),), ("<other@x.example>",))), ""),
    ],
)
def test_why_it_came_back(report: Message, words: str) -> None:
    found = checkup.refusal(report, "ABCD2345", KEY)
    assert found.startswith(words)
    assert bool(found) == bool(words)


@pytest.mark.parametrize(
    ("answer", "automatic"),
    [
        (message(("auto-submitted", "auto-replied (vacation)"), references=(KEY,)), True),
        (message(("x-autoreply", "yes"), from_=("info@x.example",)), True),
        (message(("auto-submitted", "auto-replied"), from_=("else@y.example",)), False),
        (message(("auto-submitted", "no"), references=(KEY,)), False),
        (message(references=(KEY,)), False),
    ],
)
def test_a_vacation_reply(answer: Message, automatic: bool) -> None:
    assert checkup.vacation(answer, ["info@x.example"], KEY) is automatic


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ([], "All is well."),
        ([Mark.OK, Mark.OK], "All is well."),
        ([Mark.OK, Mark.LOOK], "1 thing to look at."),
        ([Mark.FAIL, Mark.LOOK, Mark.LOOK], "1 fault, 2 things to look at."),
        ([Mark.FAIL, Mark.FAIL], "2 faults."),
    ],
)
def test_the_last_line(marks: list[Mark], words: str) -> None:
    found = [Finding("x", mark, "y") for mark in marks]
    assert checkup.summary(found) == words
    assert checkup.worst(found) == max(marks, key=list(Mark).index, default=Mark.OK)
