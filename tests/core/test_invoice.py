"""The surcharges as CSV: complete, and harmless in a spreadsheet."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_sale import AGREED, MARCO, NOW
from vamaild.core.invoice import HEAD, Line, as_csv, safe, surcharge


def line(what: str = "Preventivo", **changes: object) -> Line:
    rush = replace(AGREED, offer=replace(AGREED.offer, what=what), **changes)  # type: ignore[arg-type]  # by name
    return Line(rush, "Studio Rossi", "<2@acme.example>", NOW + timedelta(minutes=6), rush.offer.ready_at)


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_every_line_has_the_client_s_own_yes() -> None:
    assert rows(as_csv([line(hours=1.5)])) == [
        list(HEAD),
        ["2026-11-26", "Studio Rossi", "Preventivo", "50", "1.5", MARCO, "2026-11-26T10:46+01:00", "<2@acme.example>",
         "2026-11-26T18:00+01:00", "yes", "", "", ""],
    ]  # fmt: skip
    assert [r[4] + r[9] for r in rows(as_csv([line(charged=False)]))[1:]] == ["no"]


@pytest.mark.parametrize(
    ("hours", "percent", "rate", "cents"),
    [(1.5, 50, 35.0, 2625), (2, 50, 35.0, 3500), (1, 100, 35.0, 3500), (0.25, 25, 33.3, 208), (1.1, 50, 0.01, 1),
     (1, 100, 0.0, 0), (0.7, 25, 19.99, 350)],
)  # fmt: skip
def test_what_a_surcharge_comes_to(hours: float, percent: int, rate: float, cents: int) -> None:
    assert surcharge(hours, percent, rate) == cents


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"hours": 1.5}, ["35.00", "26.25", "EUR"]), ({"hours": None}, ["", "", ""]),
     ({"hours": 1.5, "charged": False}, ["", "", ""])],
)  # fmt: skip
def test_the_sum_stands_in_the_line_once_it_is_known(changes: dict[str, object], told: list[str]) -> None:
    assert rows(as_csv([replace(line(**changes), rate=35.0, currency="EUR")]))[1][-3:] == told  # type: ignore[arg-type]  # by name


def test_lines_end_as_the_rfc_has_it() -> None:
    assert as_csv([line(), line()]).count("\r\n") == 3


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+39 1",
        "-2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "＝1",
        "＋1",
        "\u200b=1",
        "|calc",
        "%0A",
        '"=1',
        "'=1",
    ],
)
def test_no_cell_is_a_formula(text: str) -> None:
    (_, found) = rows(as_csv([line(text)]))
    assert found[2].startswith("'")
    assert "\n" not in found[2]


@given(st.text(max_size=60))
def test_whatever_the_subject_is_it_stays_one_cell_and_no_formula(text: str) -> None:
    (_, found) = rows(as_csv([line(text)]))
    assert len(found) == len(HEAD)
    assert found[2] == safe(text)
    assert not found[2].lstrip().startswith(("=", "+", "-", "@"))
