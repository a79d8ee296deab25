"""The mail of the return: when it is due, what stands in which part of it, and its form."""

from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from tests.contracts.entries import NOW, case, entry
from tests.contracts.entries import promise as told
from tests.make import ROME
from vamaild.core.absence import Order
from vamaild.core.cases import QueueCase
from vamaild.core.digest import Digest, Item, Section, as_html, as_text, digest, over, to_bytes
from vamaild.core.inline import answers
from vamaild.core.ledger import Entry, Outcome
from vamaild.core.letter import Envelope, Letter
from vamaild.core.promise import Promise
from vamaild.core.ruleset import Absence, Week

WRITTEN = Absence(date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 9))
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ROME)


def order(said: str, on: bool, first: str, back: str | None) -> Order:
    days = [date.fromisoformat(f"2026-{d}") if d else None for d in (first, back)]
    assert days[0]
    return Order("acme", at(said), on, days[0], days[1])


DUE = [
    ("the day before", WRITTEN, None, "12-06T23:59", None),
    ("before hours", WRITTEN, None, "12-07T08:59", None),
    ("the first office hour", WRITTEN, None, "12-07T09:00", "12-07T09:00"),
    ("days later", WRITTEN, None, "12-10T12:00", "12-07T09:00"),
    ("back on a Saturday", Absence(WRITTEN.first, date(2026, 12, 5), None), None, "12-07T09:00", "12-07T09:00"),
    ("no day back", Absence(WRITTEN.first, None, None), None, "12-31T09:00", None),
    ("over the file", WRITTEN, order("11-26T10:00", True, "11-26", "12-02"), "12-02T09:00", "12-02T09:00"),
    (
        "the file's own day says nothing then",
        WRITTEN,
        order("11-26T10:00", True, "11-26", "12-12"),
        "12-07T10:00",
        None,
    ),
    ("ended at work", WRITTEN, order("12-02T16:20", False, "11-30", "12-07"), "12-02T16:20", "12-02T16:20"),
    ("ended in the evening", WRITTEN, order("12-02T20:00", False, "11-30", "12-07"), "12-02T20:30", None),
    ("and told in the morning", WRITTEN, order("12-02T20:00", False, "11-30", "12-07"), "12-03T09:00", "12-03T09:00"),
    ("ended at night", WRITTEN, order("12-03T03:00", False, "11-30", "12-07"), "12-03T09:00", "12-03T09:00"),
    ("called off before it began", WRITTEN, order("11-26T10:00", False, "11-30", "12-07"), "12-07T09:00", None),
    ("nobody was away", None, None, "12-07T09:00", None),
]


@pytest.mark.parametrize(("name", "written", "said", "now", "due"), DUE, ids=[d[0] for d in DUE])
def test_when_it_is_due(name: str, written: Absence | None, said: Order | None, now: str, due: str | None) -> None:
    found = over(written, said, at(now), Week())
    assert (found.due if found else None) == (at(due) if due else None)


def test_every_matter_stands_in_one_place_and_nothing_is_lost() -> None:
    mine = [entry(n, subject="Re: Voda", received=NOW + n * DAY) for n in (1, 2, 3)]
    hers = entry(4, address="dora@third.example", subject="Listino", explanation={"who": "Dora"}, received=NOW)
    manual = entry(5, address="x@y.example", action="answer-playbook", outcome=Outcome.ANSWERED)
    passed = entry(6, address="z@y.example", action="delegate-to-colleague", subject="Montáž")
    entries = [*mine, hers, manual, passed]
    waiting = QueueCase("AAAA", case(who="Eva", subject="Voda"), NOW, 1)
    again = QueueCase("AAAB", case(who="Eva", subject="Re: Voda"), NOW, 2)
    called = QueueCase(
        "AAAC", case(who="Malá", subject="Teče", escalates=True), NOW, None, 2, NOW + 5 * DAY / 1440, "petr", NOW + DAY
    )
    only_asked = QueueCase("AAAD", case(escalates=True), NOW, None, 1, NOW, "me", NOW + DAY)
    practice = QueueCase("AAAE", case(reason="practice", escalates=True), NOW, None, 4)
    cases = [(waiting, mine[0]), (again, mine[1]), (called, None), (only_asked, None), (practice, None)]
    promises = [(Promise(1, told(due=NOW + 9 * DAY), 1, NOW), mine[0]), (Promise(2, told(), 4, NOW), hers)]
    found = digest(entries, cases, promises, frozenset(), (2, 1), (("záruční list", 6),))
    assert (found.arrived, found.manual, found.said, found.silent) == (6, 1, 2, 1)
    assert [(i.code, i.who, i.times, i.promised) for i in found.decide] == [("AAAA", "Eva", 3, NOW + 9 * DAY)]
    assert [(i.who, i.subject) for i in found.promised] == [("Dora", "Voda")]
    assert [i.subject for i in found.handed] == ["Montáž"]
    assert [(i.code, i.minutes) for i in found.called] == [("AAAC", 5)]
    assert found.to_judge == found.called
    assert digest(entries, cases, promises, frozenset({"AAAC"})).to_judge == ()
    assert found.archive == 2, "the two nobody waits for; three are to decide, one is promised"


def test_questions_of_a_page_that_is_to_be_listed_are_named_one_by_one() -> None:
    def by(page: str, number: int, **more: Any) -> Entry:
        told = {"who": f"P{number}", "rule": {"name": page}}
        sort = {"action": "answer-playbook", "outcome": Outcome.ANSWERED} | more
        return entry(number, address=f"p{number}@x.example", subject=f"s{number}", explanation=told, **sort)

    waits = by("Záruka", 4, outcome=Outcome.WAITING)
    rows = [by("Záruka", 1), by("Faktura", 2), by("Záruka", 3), waits, by("Záruka", 5, action="reply-vacation")]
    found = digest(rows, [], [], pages=frozenset({"Záruka"}))
    assert [(i.who, i.subject) for i in found.listed] == [("P1", "s1"), ("P3", "s3")]
    assert found.manual == 3
    assert digest(rows, [], []).listed == ()


def test_who_waits_longest_stands_first() -> None:
    rows = [entry(n, address=f"p{n}@x.example", subject=f"s{n}", received=NOW - n * DAY) for n in range(1, 4)]
    promises = [(Promise(n, told(what=f"s{n}"), n, NOW), row) for n, row in enumerate(rows, 1)]
    assert [i.subject for i in digest(rows, [], promises).promised] == ["s3", "s2", "s1"]
    assert digest([], [], []) == Digest(0)


HOSTILE = '<script>alert(1)</script> "x" & y'


def test_the_mail_has_two_parts_that_say_the_same_and_no_markup_of_a_sender() -> None:
    sections = [Section("DECIDE", (HOSTILE, "two"), ((("yes", 'mailto:a@b.example?subject=1&body="2"'),),))]
    letter = Letter("Vítejte", f"Dobrý den\n\n{as_text(sections)}\n\nJana\n")
    html = as_html(letter, "Dobrý den\n\n", sections, "\n\nJana", "cs")
    envelope = Envelope("Jana", "va@va.example", "petr@novak.example", "<k@va.example>", auto="auto-generated")
    raw = to_bytes(letter, html, envelope, NOW)
    mail = message_from_bytes(raw, policy=policy.default)
    assert [p.get_content_type() for p in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert (mail["To"], mail["Auto-Submitted"], mail["Message-ID"]) == (
        "petr@novak.example",
        "auto-generated",
        "<k@va.example>",
    )
    assert [str(h) for h in mail].count("MIME-Version") == 1
    shown = mail.get_body(("html",))  # type: ignore[attr-defined]  # it is an EmailMessage
    assert "<script" not in shown.get_content()
    assert 'href="mailto:a@b.example?subject=1&amp;body=&quot;2&quot;"' in shown.get_content()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw == to_bytes(letter, html, envelope, NOW), "the same mail whenever it is made again"


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no address"):
        to_bytes(Letter("x", "y"), "z", Envelope("J", "va@va.example", "not an address", "<k@va.example>"), NOW)


def test_an_item_without_anything_is_still_a_line() -> None:
    assert as_text([Section("A", (f"- {Item('', '').who}",))]) == "A\n- - "


INLINE = [
    ("> [4F7K] Voda: 1 mohlo, 2 ne\n2\n", {"4F7K": "2"}),
    ("4F7K 1\nQ1: v krabici\n", {"4F7K": "1", "Q1": "v krabici"}),
    ("[Q1] v krabici\n", {"Q1": "v krabici"}),
    ("> text\n> [Q1] list (3)\n>\nUnter der Box,\nlinks.\n\n> [Q2] x\n> \n", {"Q1": "Unter der Box,\nlinks."}),
    (">> [Q1] list\n>> [Q2] other\nto both?\n", {"Q2": "to both?"}),
    ("thanks\n> [4F7K] Voda\n", {}),
    ("> [ZZZZ] nobody asked\n1\n", {}),
    ("4F7K 1\n--\nPetr\nQ1 signature\n", {"4F7K": "1"}),
    ("Ahoj, 4F7K je jasné\n", {}),
    ("", {}),
]


@pytest.mark.parametrize(("text", "found"), INLINE)
def test_answers_between_the_lines(text: str, found: dict[str, str]) -> None:
    assert answers(text, ("4F7K", "Q1", "Q2")) == found
    assert answers(text.replace("\n", "\r\n"), ("4F7K", "Q1", "Q2")) == found
