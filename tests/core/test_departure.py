"""The list before an absence, line by line; and what the principal is asked for his manual."""

import tomllib
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.entries import entry
from tests.make import ROME, absent
from vamaild.core.departure import Check, Known, checks, headline, mark, still_open
from vamaild.core.drill import Drill, Link
from vamaild.core.interview import Coverage, Question, coverage, from_values, proposed, to_values
from vamaild.core.ruleset import Absence, Escalation, Kind, Rule, RuleSet, Situation

NOW = datetime(2026, 11, 20, 12, tzinfo=ROME)
FULL = Coverage(10, 7, (Question("Q1", "záruční list", 6, "cs", ("zarucn* list*",)),))
DONE = Link("petr-sea", ("sms",), (), NOW, NOW, "take")
READY = Known(
    Coverage(10, 7, ()),
    drill=Drill("acme", "AAAA", NOW - timedelta(days=9), NOW - timedelta(days=9), (DONE,)),
    seen={"texts": (NOW, "a"), "disasters": (NOW, "b")},
    marks={"texts": "a", "disasters": "b"},
    rehearsal={"messages": 118, "disturbed": 1},
)


def leaving(**changes: object) -> RuleSet:
    flood = Rule("voda", Kind.EMERGENCY, {"says": ("voda",)})
    plain = {"escalation": Escalation(("me", "petr-sea")), "rules": (flood,), "colleague": None}
    return absent(**(plain | {"situations": (Situation("orari", ("orari",), {"it": "9"}),)} | changes))


def line(
    name: str, known: Known = READY, ruleset: RuleSet | None = None, now: datetime = NOW
) -> list[tuple[bool, str]]:
    ruleset = ruleset or leaving()
    assert ruleset.absence
    return [(c.ok, c.words) for c in checks(ruleset, ruleset.absence, known, now) if c.name == name]


def test_when_everything_is_ready_nothing_is_open() -> None:
    ruleset = leaving()
    assert ruleset.absence
    found = checks(ruleset, ruleset.absence, READY, NOW)
    assert still_open(found) == ()
    names = ["dates", "manual", "colleague", "disasters", "alarm", "matters", "texts", "own reply", "rehearsal"]
    assert [c.name for c in found] == names


LINES = [
    ("dates", READY, leaving(), [(True, "customers are told Wed 9 Dec")]),
    ("manual", READY, leaving(), [(True, "1 situation, 70 % of the last 90 days' questions")]),
    ("manual", replace(READY, coverage=Coverage(0, 0, ())), leaving(), [(True, "1 situation")]),
    (
        "manual",
        replace(READY, coverage=FULL),
        leaving(),
        [
            (True, "1 situation, 70 % of the last 90 days' questions"),
            (False, '"záruční list" was asked 6 times, no answer yet'),
        ],
    ),
    ("manual", READY, leaving(situations=()), [(False, "it has no page yet")]),
    ("disasters", READY, leaving(), [(True, "1 kind of his own and the general ones, approved by Mario on 20 Nov")]),
    (
        "disasters",
        replace(READY, marks={"disasters": "new"}),
        leaving(),
        [(False, "1 kind of his own and the general ones; changed since Mario saw them on 20 Nov")],
    ),
    (
        "disasters",
        READY,
        leaving(rules=(), escalation=Escalation(own_only=True)),
        [(False, "none is described, so nothing would ever reach him")],
    ),
    ("alarm", READY, leaving(), [(True, "tried on 11 Nov: everybody answered")]),
    ("alarm", replace(READY, drill=None), leaving(), [(False, "the way to petr-sea has not been tried")]),
    (
        "alarm",
        replace(READY, drill=Drill("acme", "A", NOW, NOW, (replace(DONE, answered_at=None),))),
        leaving(),
        [(False, "tried, but not reached: petr-sea")],
    ),
    (
        "alarm",
        READY,
        leaving(escalation=Escalation()),
        [(False, "only you are called: name a contact in [escalation] chain")],
    ),
    ("texts", replace(READY, seen={}), leaving(), [(False, "in it; Mario has not seen them")]),
    (
        "own reply",
        replace(READY, own_reply="boss@client.example"),
        leaving(),
        [(False, "boss@client.example answers by itself, too: customers would get two answers")],
    ),
    ("rehearsal", READY, leaving(), [(True, "118 messages, disturbed once")]),
    ("rehearsal", replace(READY, rehearsal=None), leaving(), [(False, "the manual was not tried on past mail")]),
]


@pytest.mark.parametrize(("name", "known", "ruleset", "said"), LINES)
def test_a_line(name: str, known: Known, ruleset: RuleSet, said: list[tuple[bool, str]]) -> None:
    assert line(name, known, ruleset) == said


def test_a_drill_holds_for_a_month() -> None:
    assert line("alarm", now=NOW + timedelta(days=21)) == [(True, "tried on 11 Nov: everybody answered")]
    assert line("alarm", now=NOW + timedelta(days=22)) == [(False, "the way to petr-sea was tried too long ago")]


def test_a_past_absence_and_an_odd_day_back_are_open() -> None:
    assert line("dates", now=NOW + timedelta(days=20))[0][1].startswith("the absence was over on Mon 7 Dec 2026")
    sunday = leaving(absence=Absence(date(2026, 11, 30), date(2026, 12, 6), date(2026, 12, 9)))
    assert line("dates", ruleset=sunday)[0][1].startswith("Sun 6 Dec 2026, the day back, is a closed day")


HEADS = [
    (
        "2026-11-20",
        "2026-11-30",
        "2026-12-07",
        "Mario Rossi leaves in 10 days: Mon 30 Nov to Fri 4 Dec, back Mon 7 Dec",
    ),
    ("2026-11-29", "2026-11-30", "2026-12-07", "Mario Rossi leaves tomorrow: Mon 30 Nov to Fri 4 Dec, back Mon 7 Dec"),
    ("2026-11-30", "2026-11-30", "2026-12-07", "Mario Rossi is away since Mon 30 Nov, back Mon 7 Dec"),
    ("2026-12-07", "2026-11-30", "2026-12-07", "Mario Rossi has been back since Mon 7 Dec"),
    ("2026-11-20", "2026-11-30", None, "Mario Rossi leaves in 10 days: from Mon 30 Nov"),
    ("2026-12-20", "2026-11-30", None, "Mario Rossi is away since Mon 30 Nov, nobody knows until when"),
]


@pytest.mark.parametrize(("today", "first", "back", "said"), HEADS)
def test_the_headline(today: str, first: str, back: str | None, said: str) -> None:
    absence = Absence(date.fromisoformat(first), date.fromisoformat(back) if back else None, None)
    assert headline(leaving(), absence, date.fromisoformat(today)) == said


def test_a_mark_changes_with_anything() -> None:
    assert mark("a", 1) == mark("a", 1)
    assert len({mark("a", 1), mark("a", 2), mark("a1"), mark("a", "1", "")}) == 4
    assert Check("x", True, "y") == Check("x", True, "y")


# ---- the interview


def asked(number: int, text: str, **changes: str) -> object:
    plain = {"kind": "scheduled-request", "address": f"p{number}@x.example", "subject": f"s{number}"}
    return entry(number, explanation={"new_text": text}, **(plain | changes))


def test_what_was_asked_and_not_answered_is_grouped_once_for_each_person_and_matter() -> None:
    texts = ["Dove trovo la garanzia della porta?", "La garanzia della porta, dove si trova?", "Che orari fate?"]
    entries = [asked(n, text) for n, text in enumerate(texts)]
    entries += [asked(0, texts[0]) for _ in range(9)]  # the same person insists
    entries += [asked(7, texts[0], kind="information"), asked(8, "", kind="rush-request")]
    manual = (Situation("orari", ("che orari",), {"it": "9"}),)
    found = coverage(entries, {}, manual)  # type: ignore[arg-type]  # entries, as `asked` makes them
    assert (found.asked, found.answered, found.percent) == (3, 1, 33)
    (question,) = found.questions
    assert (question.label, question.count, question.language) == ("Q1", 2, "cs")
    assert coverage([], {}).percent == 0


def test_questions_survive_the_ledger() -> None:
    assert from_values(to_values(FULL.questions)) == FULL.questions
    assert from_values(None) == ()


@given(st.text(max_size=60), st.text(max_size=200))
def test_whatever_he_answers_the_proposal_is_toml_that_says_so(words: str, answer: str) -> None:
    question = Question("Q1", words, 3, "cs", ("zaruk*",))
    page = proposed((question,), {"Q1": answer})
    if not answer:
        assert page == ""
        return
    clean = answer.encode("utf-8", "replace").decode()
    (table,) = tomllib.loads(page.encode("utf-8", "replace").decode())["situation"]
    assert (table["answer"]["cs"], table["when"]) == (clean, ["zaruk*"])
