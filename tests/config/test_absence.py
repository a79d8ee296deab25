"""[absence] in a client's file: no day back is invented, odd days and named places are said."""

import pytest

from tests.config.make import CLIENT, SECRETS, TOOLS, rule_file, sources
from vamaild.config.load import load
from vamaild.config.problem import Problem
from vamaild.core.ruleset import Absence

FILE = "client-rossi.toml"
PLACES = SECRETS + '[secrets]\nplaces = ["Kréta", "Hersonissos"]\n'
HOLIDAY = '[week]\nholidays = ["IT"]\n'


def read(absence: str, more: str = "", secrets: str = SECRETS) -> tuple[Absence | None, tuple[Problem, ...]]:
    text = CLIENT + more + "[absence]\nfrom = 2026-11-30\n" + absence
    found = load(sources(rule_file(FILE, text), secrets=secrets), TOOLS)
    clients = found.rulebook.clients if found.rulebook else ()
    return (clients[0].absence if clients else None), found.problems


def test_without_a_day_back_none_is_invented() -> None:
    absence, problems = read("")
    assert absence
    assert (absence.back, absence.answer_by) == (None, None)
    assert [p.what for p in problems] == ["no day back is written"]
    told, _ = read("answer_by = 2026-12-09\n")
    assert told
    assert (told.back, str(told.answer_by)) == (None, "2026-12-09")


@pytest.mark.parametrize(
    ("absence", "more", "what"),
    [
        ("back = 2026-12-07\n", "", []),
        ("back = 2026-12-08\n", HOLIDAY, ["Tue 8 Dec 2026, the day back, is a closed day"]),
        ("back = 2026-12-06\n", "", ["Sun 6 Dec 2026, the day back, is a closed day"]),
        (
            "back = 2026-12-07\nanswer_by = 2026-12-08\n",
            HOLIDAY,
            ["Tue 8 Dec 2026, the date customers are told, is a closed day"],
        ),
        (
            "answer_by = 2026-11-29\n",
            "",
            ['"answer_by" must not be earlier than "from", 2026-11-30'],
        ),
    ],
)
def test_odd_days_are_said(absence: str, more: str, what: list[str]) -> None:
    _, problems = read(absence, more)
    assert [p.what for p in problems if "closed" in p.what or "earlier" in p.what] == what


@pytest.mark.parametrize(
    ("say", "named"),
    [
        ('say = { cs = "na dovolené", en = "away" }', False),
        ('say = { cs = "na Krétě", en = "away" }', True),
        ('say = { en = "in HERSONISSOS" }', True),
    ],
)
def test_a_place_is_named_in_no_words(say: str, named: bool) -> None:
    _, problems = read(f"back = 2026-12-07\n{say}\n", secrets=PLACES)
    found = [p for p in problems if "names a place" in p.what]
    assert bool(found) is named
    for problem in found:
        assert not problem.is_error
        assert problem.line
        assert "Kr" not in str(problem.what + problem.help)
        assert "HERSON" not in str(problem)
