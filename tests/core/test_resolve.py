"""How matters ended, and how many urgent ones could wait: two bounds."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make import NOW
from vamaild.core.resolve import Resolved, Urgent, could_wait, matters, surer, working_days_between
from vamaild.core.ruleset import Week

SAID, ANSWERED, SILENT = Resolved


def row(subject: str, resolved: Resolved | None = None, verdict: bool | None = None, **more: object) -> Urgent:
    values = {"message": 1, "address": "eva@x.example", "received": NOW} | more
    return Urgent(subject=subject, resolved=resolved, could_wait=verdict, **values)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("rows", "bounds", "count"),
    [
        ([], (0, 0), 0),
        ([row("a", SAID)], (1, 1), 1),
        ([row("a", SILENT)], (0, 1), 1),
        ([row("a", ANSWERED)], (0, 0), 1),
        ([row("a")], (0, 0), 1),
        ([row("a", verdict=True)], (1, 1), 1),
        ([row("a", ANSWERED, True)], (1, 1), 1),
        ([row("a", SAID, False)], (0, 0), 1),
        ([row("a", SILENT, False)], (0, 0), 1),
        ([row("a", SILENT), row("b", SAID), row("c"), row("d", ANSWERED)], (1, 2), 4),
        ([row("a", SILENT), row("Re: A", SAID)], (1, 1), 1),
        ([row("a", SAID), row("a", verdict=False)], (0, 0), 1),
        ([row("a", SAID), row("a", address="jan@x.example")], (1, 1), 2),
    ],
)
def test_the_two_bounds(rows: list[Urgent], bounds: tuple[int, int], count: int) -> None:
    assert could_wait(rows) == bounds
    assert len(matters(rows)) == count


ROWS = st.lists(
    st.builds(row, st.sampled_from("abcd"), st.sampled_from([None, *Resolved]), st.sampled_from([None, True, False]))
)


@given(ROWS)
def test_bounds_are_bounds(rows: list[Urgent]) -> None:
    lower, upper = could_wait(rows)
    assert 0 <= lower <= upper <= len(matters(rows)) <= len(rows)
    assert could_wait([*rows, row("z", SAID)]) == (lower + 1, upper + 1)
    assert could_wait([*rows, row("z", SILENT)]) == (lower, upper + 1)
    assert could_wait(list(reversed(rows))) == (lower, upper)


@pytest.mark.parametrize(
    ("new", "old", "better"),
    [(SAID, None, True), (SAID, SILENT, True), (SILENT, SAID, False), (SAID, SAID, False), (ANSWERED, SILENT, True)],
)
def test_which_says_more(new: Resolved, old: Resolved | None, better: bool) -> None:
    assert surer(new, old) is better


def test_working_days_gone_by() -> None:
    friday = date(2026, 11, 27)
    days = [working_days_between(friday, friday + timedelta(days=n), Week()) for n in range(-1, 8)]
    assert days == [0, 0, 0, 0, 1, 2, 3, 4, 5]
