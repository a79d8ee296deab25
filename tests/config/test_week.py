"""[week] and [lead] of both files together, to the day that is promised. Holidays are those of the library."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from vamaild.adapters.holidays import closed_days
from vamaild.config.configuration import Tools
from vamaild.config.load import load
from vamaild.core.calendar import is_open, ready_on
from vamaild.core.ruleset import RuleSet

from .make import CLIENT, MAIN, compile_regex, rule_file, said, sources

REAL = Tools(compile_regex, closed_days)


def problems(client: str, week: str = "") -> list[str]:
    return said(load(sources(rule_file("client-rossi.toml", client), main=MAIN + week), REAL).problems)


def ruleset(client: str, week: str = "") -> RuleSet:
    loaded = load(sources(rule_file("client-rossi.toml", client), main=MAIN + week), REAL)
    assert said(loaded.errors) == []
    assert loaded.rulebook
    return loaded.rulebook.clients[0]


@pytest.mark.parametrize(
    ("client", "arrived", "ready"),
    [
        ('cutoff = "17:00"\nholidays = ["IT"]', "2026-12-04T16:59", "2026-12-11"),
        ('cutoff = "17:00"\nholidays = ["IT"]', "2026-12-04T17:01", "2026-12-14"),
        ('cutoff = "17:00"\nholidays = ["IT-MI"]', "2026-12-04T16:59", "2026-12-14"),
        ('cutoff = "17:00"\nholidays = ["IT-Milano"]', "2026-12-04T16:59", "2026-12-14"),
        ('cutoff = "17:00"\nholidays = ["IT", 2026-12-07]', "2026-12-04T16:59", "2026-12-14"),
        ('holidays = ["IT", "2026-12-24..2027-01-06"]', "2026-12-21T10:00", "2027-01-08"),
        ('unit = "calendar"\ncutoff = "17:00"\nholidays = ["IT"]', "2026-12-04T17:00", "2026-12-09"),
        ('unit = "calendar"\ncutoff = "17:00"\nholidays = ["IT"]', "2026-12-05T17:01", "2026-12-10"),
        ('[week]\ndays = ["mon", "wed"]\nholidays = ["IT"]', "2026-12-04T10:00", "2026-12-21"),
        ('[week]\nholidays = ["CZ"]', "2026-12-23T10:00", "2026-12-31"),
    ],
)
def test_the_day_that_is_promised(client: str, arrived: str, ready: str) -> None:
    rules = ruleset(f"{CLIENT}{client}\n")
    moment = datetime.fromisoformat(arrived).replace(tzinfo=ZoneInfo(rules.client.timezone))
    assert rules.lead
    assert ready_on(moment, rules.lead, rules.week) == date.fromisoformat(ready)


CLOSED = '[week]\nholidays = ["IT"]\nclosed = [2026-11-30, "2026-12-28..2027-01-05"]\n'


@pytest.mark.parametrize(
    ("client", "day", "is_closed"),
    [
        ("", "2026-11-30", True),
        ("", "2026-12-28", True),
        ("", "2027-01-05", True),  # the last day of a range is closed too
        ("", "2027-01-06", True),  # Epiphany
        ("", "2027-01-07", False),
        ("", "2026-12-27", True),  # a Sunday
        ("", "2026-12-23", False),
        # Whoever puts other holidays in the place of Italy's keeps the closures of the assistant.
        ('[week]\nholidays = ["CZ"]', "2026-12-08", False),
        ('[week]\nholidays = ["CZ"]', "2026-12-24", True),
        ('[week]\nholidays = ["CZ"]', "2026-12-30", True),
        ('[week]\nclosed = ["2026-12-17 – 2026-12-18"]', "2026-12-18", True),
        ('[week]\nclosed = ["2026-12-17/2026-12-18"]', "2026-12-30", True),
        ('[week]\nclosed = ["2026-12-17/2026-12-18"]', "2026-12-08", True),
        ('[week]\nclosed = ["2026-12-17"]', "2026-12-17", True),
        ('[week]\nclosed = ["2026-12-17"]', "2026-12-18", False),
    ],
)
def test_closures_add_up_and_holidays_are_replaced(client: str, day: str, is_closed: bool) -> None:
    assert is_open(date.fromisoformat(day), ruleset(f"{CLIENT}{client}\n", CLOSED).week) is not is_closed


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('holidays = ["Italia"]', 'no country has that code. Did you mean "IT"?'),
        ('holidays = ["it"]', 'no country has that code. Did you mean "IT"?'),
        ('holidays = ["Milano"]', 'no country has that code. Did you mean "IT-MI"?'),
        ('holidays = ["IT-Milan"]', 'IT has no such region or city. Did you mean "IT-MI"?'),
        ('holidays = ["IT-Rome"]', 'IT has no such region or city. Did you mean "IT-RM"?'),
        ('holidays = ["CZ-PR"]', 'all of CZ keeps the same holidays. Did you mean "CZ"?'),
        ('holidays = ["Praha"]', 'no country has that code. Did you mean "CZ"?'),
        ('holidays = ["2026-12-24..2026-12-20"]', "the earlier one first, a year at most"),
        ('holidays = ["2026-12-24..2028-12-20"]', "the earlier one first, a year at most"),
        ('holidays = ["2026-02-30"]', '"holidays" should be a date 2026-12-24, or days'),
        ("holidays = [5]", '"holidays" should be a country "IT"'),
        ('holidays = [""]', '"holidays" should be a country "IT"'),
        ('[week]\nclosed = ["IT"]', '"closed" should be a date 2026-12-24, or days "2026-12-24..2027-01-06"'),
        ("[week]\nclosed = [2026-12-24T10:00:00]", '"closed" should be a date 2026-12-24'),
        (
            '[week]\nclosed = ["2026-01-01..2027-01-01", "2027-01-02..2028-01-02", "2028-01-03..2029-01-03"]',
            "[week] leaves no working day for years",
        ),
    ],
)
def test_what_cannot_be_is_said_with_its_line(line: str, complaint: str) -> None:
    (problem,) = problems(f"{CLIENT}{line}\n")
    assert problem.startswith("rules.d/client-rossi.toml:")
    assert complaint in problem
