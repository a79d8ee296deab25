"""Who is away when: the file, the assistant's order over it, odd dates, and places that nobody should read of."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.make import ROME, absent, client
from vamaild.core.absence import Order, ended, last_day, named_places, oddities, order_of, standing, to_value
from vamaild.core.ruleset import Absence, Week

AT = datetime(2026, 11, 20, 16, 20, tzinfo=ROME)
HOLIDAYS = Week(closed=frozenset({date(2026, 12, 8)}))


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def order(first: str, back: str | None, on: bool = True, by: str | None = None) -> Order:
    return Order("acme", AT, on, day(first), day(back) if back else None, day(by) if by else None)


def spans(absence: Absence | None) -> str:
    return f"{absence.first:%m-%d}..{absence.back:%m-%d}" if absence and absence.back else str(absence and "open")


# The file says: away from 11-23, back on 12-07.
OVER = [
    ("nothing said", None, "12-01", "11-23..12-07"),
    ("begins sooner", order("11-20", "12-07"), "11-21", "11-20..12-07"),
    ("ends sooner: then", order("11-20", "12-02"), "12-01", "11-20..12-02"),
    ("ends sooner: after", order("11-20", "12-02"), "12-02", "None"),
    ("ends later", order("11-20", "12-12"), "12-08", "11-20..12-12"),
    ("no end known", order("11-20", None), "12-31", "open"),
    ("before the file's, which comes by itself", order("11-16", "11-18"), "11-24", "11-23..12-07"),
    ("one to come, while the file's is on", order("12-14", "12-16"), "12-03", "11-23..12-07"),
    ("one to come, after the file's", order("12-14", "12-16"), "12-08", "12-14..12-16"),
    ("taken back", order("11-23", "12-07", on=False), "12-01", "None"),
    ("taken back on its first day", order("11-23", "11-24", on=False), "12-01", "None"),
    ("an older one taken back", order("11-02", "11-09", on=False), "12-01", "11-23..12-07"),
    ("an older one that was over", order("11-02", "11-23"), "12-01", "11-23..12-07"),
]


@pytest.mark.parametrize(("name", "said", "today", "holds"), OVER, ids=[o[0] for o in OVER])
def test_what_holds_when_the_assistant_said_something_over_the_file(
    name: str, said: Order | None, today: str, holds: str
) -> None:
    assert spans(standing(absent(), said, day(today)).absence) == holds


def test_without_an_absence_in_the_file_the_order_is_all_there_is() -> None:
    assert spans(standing(client(), order("11-20", "11-25"), day("11-21")).absence) == "11-20..11-25"
    assert standing(client(), order("11-20", "11-25"), day("11-25")).absence is None


def test_an_order_keeps_the_words_of_the_file_and_tells_its_own_date() -> None:
    found = standing(absent(), order("11-20", "12-14", by="12-16"), day("12-01")).absence
    assert found
    assert (found.say["it"], found.answer_by) == ("in ferie", day("12-16"))


@pytest.mark.parametrize(
    "said", [order("11-20", "12-07", by="12-09"), order("11-20", None), order("11-20", "11-23", False)]
)
def test_an_order_survives_the_ledger(said: Order) -> None:
    assert order_of("acme", (AT.astimezone(UTC), to_value(said))) == said


ENDS = [
    ("the file's", absent().absence, "12-01", "11-23..12-07"),
    ("before it began", absent().absence, "11-20", "11-23..12-07"),
    ("one without an end", Absence(day("11-20"), None, None), "12-01", "11-20..12-07"),
    ("one that began sooner", Absence(day("11-20"), day("12-02"), None), "11-25", "11-20..12-07"),
]


@pytest.mark.parametrize(("name", "found", "today", "governs"), ENDS, ids=[e[0] for e in ENDS])
def test_an_end_holds_for_all_that_the_file_says_of_these_days(
    name: str, found: Absence, today: str, governs: str
) -> None:
    now = datetime.combine(day(today), AT.timetz())
    said = ended("acme", found, absent().absence, None, now)
    assert f"{said.first:%m-%d}..{said.back:%m-%d}" == governs
    for moment in (now.date(), day("12-03")):
        assert standing(absent(), said, moment).absence is None


ODD = [
    (Absence(day("11-23"), day("12-07"), day("12-09")), None, []),
    (Absence(day("11-23"), day("12-08"), day("12-10")), None, ["back"]),
    (Absence(day("11-23"), day("12-06"), day("12-09")), None, ["back"]),
    (Absence(day("11-23"), day("12-07"), day("12-08")), None, ["answer_by"]),
    (Absence(day("11-23"), None, None), None, ["back"]),
    (Absence(day("11-23"), day("12-07"), day("12-09")), "12-06", []),
    (Absence(day("11-23"), day("12-07"), day("12-09")), "12-07", ["back"]),
]


@pytest.mark.parametrize(("absence", "today", "keys"), ODD)
def test_odd_dates_are_said(absence: Absence, today: str | None, keys: list[str]) -> None:
    assert [key for key, _, _ in oddities(absence, HOLIDAYS, day(today) if today else None)] == keys


@pytest.mark.parametrize(
    ("first", "back", "last"), [("11-23", "12-07", "12-04"), ("12-07", "12-09", "12-07"), ("12-05", "12-06", "12-05")]
)
def test_the_last_day_people_speak_of_is_a_working_day(first: str, back: str, last: str) -> None:
    assert last_day(Absence(day(first), day(back), None), HOLIDAYS) == day(last)


PLACES = ("Kréta", "Hersonissos", "Agios Nikolaos", "Roma")
NAMED = [
    ("je na Krétě", ((1, "Krétě"),)),
    ("è in ferie\na HERSONISSOS con la famiglia", ((2, "HERSONISSOS"),)),
    ("at the Agios Nikolaos hotel", ((1, "Agios Nikolaos"),)),
    ("the concrete discrete secret", ()),
    ("{{ away.kreta }} {# Kréta #}", ()),
    ("je na dovolené, krátce", ()),
    ("un aroma romano", ()),
]


@pytest.mark.parametrize(("text", "found"), NAMED)
def test_a_place_is_found_in_any_form_and_nothing_else(text: str, found: tuple[tuple[int, str], ...]) -> None:
    assert named_places(text, PLACES) == found


def test_what_was_overruled_once_does_not_come_back() -> None:
    shorter = order("11-20", "12-02")
    later = replace(order("12-14", "12-16"), earlier=shorter.spans)
    assert standing(absent(), order("12-14", "12-16"), day("12-03")).absence, "nobody ever said otherwise"
    for today in ("12-03", "12-14"):
        assert spans(standing(absent(), later, day(today)).absence) == "12-14..12-16"
    assert standing(absent(), later, day("12-16")).absence is None
    assert ended("acme", Absence(day("12-14"), day("12-16"), None), None, later, AT).earlier == later.spans
    assert order_of("acme", (AT, to_value(later))) == later
