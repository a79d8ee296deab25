"""Closed days of the years and places people use."""

import subprocess
import sys
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from vamaild.adapters.holidays import closed_days
from vamaild.core.calendar import ready_on
from vamaild.core.ruleset import Lead, Week


@pytest.mark.parametrize(
    ("codes", "day", "closed"),
    [
        (("IT",), "2026-10-04", True),  # Saint Francis, new in 2026
        (("IT",), "2025-10-04", False),
        (("IT",), "2026-12-07", False),
        (("IT-MI",), "2026-12-07", True),  # Saint Ambrose, in Milan only
        (("IT-MI",), "2026-12-25", True),
        (("IT", "IT-MI"), "2026-12-07", True),
        (("IT-RM",), "2026-06-29", True),
        (("CZ",), "2026-11-17", True),
        (("SK",), "2026-11-17", False),  # abolished
        (("SK",), "2026-09-15", False),
        (("GB-SCT",), "2026-06-15", True),
        (("CZ", "IT"), "2026-06-02", True),
        (("CZ",), "2026-06-02", False),
        (("CZ",), "2026-04-06", True),  # Easter Monday
        (("CZ",), "2027-03-29", True),
        ((), "2026-12-25", False),
    ],
)
def test_closed(codes: tuple[str, ...], day: str, closed: bool) -> None:
    assert (date.fromisoformat(day) in closed_days(codes, "en")) is closed


# The patron saints of the twenty largest cities that have one on a day of their own, from their town halls' calendars.
PATRONS = {
    "MI": "12-07", "RM": "06-29", "NA": "09-19", "TO": "06-24", "PA": "07-15", "GE": "06-24", "FI": "06-24",
    "BA": "12-06", "CT": "02-05", "VR": "05-21", "VE": "11-21", "ME": "06-03", "PD": "06-13", "TS": "11-03",
    "BS": "02-15", "PR": "01-13", "TA": "05-10", "MO": "01-31", "RE": "11-24", "PG": "01-29",
}  # fmt: skip


@pytest.mark.parametrize(("city", "day"), PATRONS.items())
def test_patron_saints(city: str, day: str) -> None:
    for year in (2026, 2027):
        saint = date.fromisoformat(f"{year}-{day}")
        assert saint in closed_days((f"IT-{city}",), "it")
        assert saint not in closed_days(("IT",), "it")


@pytest.mark.parametrize(
    ("arrived", "zone", "days", "code", "ready"),
    [
        ("2026-12-04T16:59", "Europe/Rome", 4, "IT", "2026-12-11"),
        ("2026-12-04T17:01", "Europe/Rome", 4, "IT", "2026-12-14"),
        ("2026-12-04T16:59", "Europe/Rome", 4, "IT-MI", "2026-12-14"),
        ("2026-12-23T10:00", "Europe/Rome", 4, "IT", "2026-12-30"),
        ("2026-12-23T10:00", "Europe/Prague", 4, "CZ", "2026-12-31"),
        ("2027-03-24T11:00", "Europe/Rome", 4, "IT", "2027-03-31"),
        ("2027-03-24T11:00", "Europe/Prague", 4, "CZ", "2027-04-01"),
        ("2027-03-28T01:30", "Europe/Rome", 1, "IT", "2027-03-31"),
        ("2027-10-01T10:00", "Europe/Rome", 1, "IT", "2027-10-05"),  # 4 October is a holiday again since 2026
        ("2027-06-28T10:00", "Europe/Rome", 1, "IT-RM", "2027-06-30"),
    ],
)
def test_lead_times_over_real_holidays(arrived: str, zone: str, days: int, code: str, ready: str) -> None:
    moment, week = datetime.fromisoformat(arrived).replace(tzinfo=ZoneInfo(zone)), Week(closed=closed_days((code,), ""))
    assert ready_on(moment, Lead(days, cutoff=time(17)), week) == date.fromisoformat(ready)


@pytest.mark.parametrize(
    ("zone", "code", "ready"), [("Europe/Prague", "CZ", "2026-11-19"), ("Europe/Rome", "IT", "2026-11-18")]
)
def test_half_past_eleven_at_night_in_utc(zone: str, code: str, ready: str) -> None:
    moment = datetime(2026, 11, 16, 23, 30, tzinfo=UTC).astimezone(ZoneInfo(zone))
    assert ready_on(moment, Lead(1), Week(closed=closed_days((code,), ""))) == date.fromisoformat(ready)


@pytest.mark.parametrize(
    ("codes", "language", "day", "name"),
    [
        (("IT-MI",), "it", "2026-12-07", "Sant'Ambrogio"),
        (("IT",), "it", "2026-01-01", "Capodanno"),
        (("CZ",), "cs", "2026-12-24", "Štědrý den"),
        (("SK",), "sk", "2026-11-01", "Sviatok Všetkých svätých"),
        (("IT",), "cs", "2026-01-01", "New Year's Day"),
        (("DE",), "de", "2026-01-01", "Neujahr"),
        (("IT",), "it", "2026-01-02", ""),
        (("IT",), "it", "2027-10-04", "Festa nazionale di San Francesco d'Assisi, patrono d'Italia"),
        (("IT-PG",), "it", "2027-01-29", "San Costanzo"),
        (("IT-Perugia",), "it", "2027-01-29", "San Costanzo"),
        (("IT-Milano",), "it", "2027-12-07", "Sant'Ambrogio"),
        (("IT", "CZ"), "it", "2027-01-29", ""),
    ],
)
def test_names(codes: tuple[str, ...], language: str, day: str, name: str) -> None:
    assert closed_days(codes, language).name(date.fromisoformat(day)) == name


@pytest.mark.parametrize("lang", ["C.UTF-8", "en_US.UTF-8", "cs_CZ.UTF-8"])
def test_the_environment_does_not_choose_the_language(lang: str) -> None:
    code = (
        "from datetime import date\nfrom vamaild.adapters.holidays import closed_days\n"
        "print(closed_days(('IT',), 'it').name(date(2026, 1, 1)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"LANG": lang, "LANGUAGE": lang}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "Capodanno\n"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("XX", r'"XX" is not known: no country has that code\. Write a country like "IT"'),
        ("it", r'Did you mean "IT"\?'),
        ("ITA", r'Did you mean "IT"\?'),
        ("Italy", r'Did you mean "IT"\?'),
        ("CZE", r'Did you mean "CZ"\?'),
        ("IT-MIL", r'IT has no such region or city\. Did you mean "IT-MI"\?'),
        ("IT-mi", r'Did you mean "IT-MI"\?'),
        ("IT-ZZZ", r'IT has no such region or city\. Write "IT" alone, or with a place like'),
        ("IT-25", r'IT has no such region or city\. Write "IT" alone'),
        ("IT-Rome", r'Did you mean "IT-RM"\?'),
        ("Milano", r'Did you mean "IT-MI"\?'),
        ("Bologna", r'Did you mean "IT-BO"\?'),
        ("Italia", r'Did you mean "IT"\?'),
        ("Česko", r'Did you mean "CZ"\?'),
        ("Czech Republic", r'Did you mean "CZ"\?'),
        ("Praha", r'Did you mean "CZ"\?'),
        ("CZ-PR", r'all of CZ keeps the same holidays\. Did you mean "CZ"\?'),
        ("UK", r'Did you mean "GB"\?'),
        ("DE-BAY", r'Did you mean "DE-BY"\?'),
        ("", "no country has that code"),
    ],
)
def test_a_code_that_is_none_is_explained(code: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        closed_days((code,), "it")


def test_what_is_no_date_is_not_closed() -> None:
    assert "2026-12-25" not in closed_days(("IT",), "it")
    assert 0 not in closed_days(("IT",), "it")
