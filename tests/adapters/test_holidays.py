"""Closed days of the years and places people use."""

import subprocess
import sys
from datetime import date

import pytest

from vamaild.adapters.holidays import closed_days


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
        ("IT-MIL", r'IT has no region or city\. Did you mean "IT-MI"\?'),
        ("IT-mi", r'Did you mean "IT-MI"\?'),
        ("IT-ZZZ", "IT has no region or city"),
        ("", "no country has that code"),
    ],
)
def test_a_code_that_is_none_is_explained(code: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        closed_days((code,), "it")


def test_what_is_no_date_is_not_closed() -> None:
    assert "2026-12-25" not in closed_days(("IT",), "it")
    assert 0 not in closed_days(("IT",), "it")
