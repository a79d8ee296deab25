"""What a replay is summed up to, what a person did beside it, and what a change of rules changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.make import absent, book, client
from vamaild.core.ledger import Outcome
from vamaild.core.replay import (
    Beside,
    Replayed,
    SentBook,
    SentMail,
    as_if_away,
    as_if_trusted,
    changes,
    coverage,
    rule_names,
    sent_mail,
    sums,
    without_rule,
)
from vamaild.core.ruleset import Kind, Rule, Situation, Trust

AT = datetime(2026, 10, 21, 13, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLAIN = Replayed(
    "inbox:1", AT, "acme", "carla@customer.example", "Carla", "Preventivo", "it", "scheduled-request",
    "reply-leadtime", Outcome.ANSWERED, "", "ordinary", "carla@customer.example", AT + timedelta(minutes=4),
)  # fmt: skip
SILENT = replace(PLAIN, outcome=Outcome.NO_REPLY, reason="list", reply="", to="", replied=None, action="none")
WAITS = replace(SILENT, outcome=Outcome.WAITING, reason="doubt")
ALARM = replace(PLAIN, kind="emergency", outcome=Outcome.ESCALATED, action="escalate", case="4F7K")


# ---- the Sent folder


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            b"To: Carla <CARLA@customer.example>, x@y.example\r\nSubject: R: Re: Preventivo\r\nIn-Reply-To: <1@a>\r\n"
            b"References: <0@a>\r\n <1@a>",
            SentMail(AT, ("carla@customer.example", "x@y.example"), "preventivo", frozenset({"<0@a>", "<1@a>"})),
        ),
        (b"To: a@x.it\nSubject: =?utf-8?q?P=C5=99edm=C4=9Bt?=", SentMail(AT, ("a@x.it",), "předmět", frozenset())),
        (
            b"To: a@x.example\nReferences: <1@a> <2@a>\nX-Forwarded-Message-Id: <2@a>",
            SentMail(AT, ("a@x.example",), "", frozenset({"<1@a>"})),
        ),
        (b"To: a@x.example\nAuto-Submitted: auto-replied", None),
        (b"To: a@x.example\nAuto-Submitted: no", SentMail(AT, ("a@x.example",), "", frozenset())),
        (b"", SentMail(AT, (), "", frozenset())),
    ],
)  # fmt: skip
def test_what_a_sent_mail_says(header: bytes, expected: SentMail | None) -> None:
    assert sent_mail(AT, header) == expected


def told(hours: int, *names: str, to: str = "carla@customer.example", subject: str = "preventivo") -> SentMail:
    return SentMail(AT + HOUR * hours, (to,), subject, frozenset(names))


@pytest.mark.parametrize(
    ("mails", "expected"),
    [
        ([told(3, "<1@a>", to="other@x", subject="x")], AT + 3 * HOUR),
        ([told(5, "<1@a>"), told(2, "<1@a>")], AT + 2 * HOUR),
        ([told(4)], AT + 4 * HOUR),
        ([told(-1)], None),
        ([told(-1), told(6)], AT + 6 * HOUR),
        ([told(4, subject="altro")], None),
        ([told(4, to="dino@x.example")], None),
        ([told(24 * 31)], None),
        ([], None),
    ],
    ids=["thread", "first", "subject", "before it", "after it", "other matter", "other person", "too late", "none"],
)
def test_when_a_person_answered(mails: list[SentMail], expected: datetime | None) -> None:
    assert SentBook(mails).answer_to("<1@a>", "Carla@customer.example", "Re: Preventivo", AT) == expected


def test_an_answer_that_lies_ahead_is_not_known_yet() -> None:
    sent = SentBook([told(3, "<1@a>")])
    assert sent.answered(["<1@a>", "<2@a>"], AT + 2 * HOUR) == frozenset()
    assert sent.answered(["<1@a>", "<2@a>"], AT + 3 * HOUR) == {"<1@a>"}


# ---- beside the person


@pytest.mark.parametrize(
    ("found", "answered", "expected", "differs"),
    [
        (PLAIN, True, Beside.BOTH, False),
        (PLAIN, False, Beside.PROGRAM_ONLY, True),
        (SILENT, True, Beside.PERSON_ONLY, True),
        (SILENT, False, Beside.NEITHER, False),
        (WAITS, True, Beside.LEFT_TO_YOU, False),
        (WAITS, False, Beside.NEITHER, False),
        (replace(SILENT, reason="answered"), True, Beside.BOTH, False),
        (replace(WAITS, reply="playbook"), False, Beside.PROGRAM_ONLY, True),
    ],
)
def test_beside_what_the_person_did(found: Replayed, answered: bool, expected: Beside, differs: bool) -> None:
    message = replace(found, answered=AT + HOUR if answered else None)
    assert (message.beside, message.differs) == (expected, differs)


# ---- sums


def test_the_sums_of_nothing_are_nothing() -> None:
    empty = sums([])
    assert (empty.messages, empty.people, empty.most_a_day, dict(empty.attended)) == (0, 0, 0, {})
    assert (empty.program_takes, empty.person_takes, empty.disturbed) == (None, None, ())


def test_the_sums_are_those_of_the_messages() -> None:
    found = [
        replace(PLAIN, answered=AT + HOUR),
        replace(PLAIN, where="2", answered=AT + 3 * HOUR, offer=True, kind="rush-request", reply="rush-offer"),
        replace(PLAIN, where="3", to="dino@x.example", answered=AT + 10 * HOUR),
        replace(SILENT, where="4"),
        replace(SILENT, where="5", reason="answered", answered=AT),
        replace(WAITS, where="6", kind="", reason="no-client"),
        replace(ALARM, where="7"),
        replace(ALARM, where="8", case=""),
    ]
    counted = sums(found)
    assert counted.messages == 8 == sum(counted.ignored.values()) + sum(counted.attended.values())
    assert list(counted.attended.items()) == [
        ("unclaimed", 1), ("scheduled-request", 2), ("rush-request", 1), ("emergency", 2)
    ]  # fmt: skip
    assert counted.replies == {"ordinary": 4, "rush-offer": 1}
    assert (counted.people, counted.most_a_day, counted.offers) == (2, 4, 1)
    assert (counted.program_takes, counted.person_takes) == (timedelta(minutes=4), timedelta(hours=2))
    assert [m.where for m in counted.disturbed] == ["7"]
    assert counted.beside[Beside.BOTH] == 4


def test_a_day_is_the_client_s() -> None:
    late = replace(PLAIN, replied=datetime(2026, 10, 21, 21, 30, tzinfo=UTC))
    next_day = replace(PLAIN, where="2", replied=datetime(2026, 10, 21, 22, 30, tzinfo=UTC))
    assert sums([late, next_day]).most_a_day == 2
    assert sums([late, next_day], lambda _client: ZoneInfo("Europe/Rome")).most_a_day == 1


# ---- changes


def test_what_a_change_changes() -> None:
    rushed = replace(PLAIN, kind="rush-request", reply="rush-offer")
    before = [PLAIN, replace(PLAIN, where="2"), replace(PLAIN, where="3")]
    after = [rushed, replace(PLAIN, where="2", subject="another", replied=AT), replace(PLAIN, where="4")]
    (found,) = changes(before, after)
    assert (found.before, found.after) == (PLAIN, rushed)
    assert changes([PLAIN], [replace(PLAIN, client="other")])


RULE = Rule("bolla", Kind.RUSH_REQUEST, {"says": ("bolla",)})
PAGE = Situation("Fattura", ("fattura",), {"it": "Ecco."})


@pytest.mark.parametrize("name", ["bolla", "Fattura", "acqua", "thanks", "phishing"])
def test_without_one_rule(name: str) -> None:
    rules = book(client(rules=(RULE,), situations=(PAGE,)))
    assert name in rule_names(rules)
    assert name not in rule_names(without_rule(rules, name))
    assert len(rule_names(without_rule(rules, name))) == len(rule_names(rules)) - 1


def test_a_rule_nobody_wrote_changes_nothing() -> None:
    rules = book(client(rules=(RULE,)))
    assert without_rule(rules, "bolle") is rules
    assert without_rule(rules, "bolla", "another client") is rules
    assert rule_names(rules, "another client") == rule_names(book(client()))


def test_as_if_away_and_trusted() -> None:
    observed = client()
    observed = replace(observed, client=replace(observed.client, trust=Trust.OBSERVE))
    rules = as_if_trusted(as_if_away(book(observed), "acme", date(2025, 12, 1), date(2026, 1, 1), date(2026, 1, 5)))
    (found,) = rules.clients
    assert found.client.trust is Trust.SEND
    assert found.away(date(2025, 12, 1))
    assert found.away(date(2025, 12, 31))
    assert not found.away(date(2026, 1, 1))
    (kept,) = as_if_away(book(absent()), "acme", date(2025, 12, 1), date(2026, 1, 1), date(2026, 1, 5)).clients
    assert kept.absence
    assert kept.absence.say["it"] == "in ferie"
    (other,) = as_if_away(book(client()), "other", date(2025, 12, 1), date(2026, 1, 1), date(2026, 1, 5)).clients
    assert other.absence is None


# ---- coverage


def test_how_far_the_playbook_goes() -> None:
    pages = (PAGE, Situation("Orari", ("orari",), {"it": "Sempre."}))
    by_page = replace(PLAIN, action="answer-playbook", rule="Fattura")
    found = [
        by_page,
        replace(by_page, where="2"),
        replace(PLAIN, where="3", action="reply-vacation"),
        replace(PLAIN, where="4", action="delegate-to-colleague"),
        replace(ALARM, where="5"),
        replace(SILENT, where="6"),
        replace(WAITS, where="7", kind="information"),
        replace(PLAIN, where="8", client="other"),
    ]
    covered = coverage(found, client(situations=pages))
    assert (covered.questions, covered.answered, covered.share) == (5, 2, 40)
    assert (covered.delegated, covered.disturbed, covered.unused) == (1, 1, ("Orari",))
    assert [m.where for m in covered.open] == ["3"]
    assert coverage([], client()).share == 0
