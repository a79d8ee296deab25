"""The evening note: when it is due, and how it counts."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.entries import entry
from vamaild.core.evening import Would, lines, span, summed
from vamaild.core.ruleset import Week

ROME = ZoneInfo("Europe/Rome")
WEEK = Week(closed=frozenset({date(2026, 12, 8)}))


def at(day: int, hour: int = 18, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ROME)


@pytest.mark.parametrize(
    ("now", "told", "due"),
    [
        (at(26, 17, 59), at(25), None),
        (at(26, 18), at(25), (at(25), at(26))),
        (at(26, 23, 59), at(25), (at(25), at(26))),
        (at(26, 19), at(26), None),
        (at(27, 9), at(26), None),
        (at(27, 9), at(25), (at(25), at(26))),  # she was down in the evening
        (at(28, 20), at(27), None),  # Saturday
        (at(30, 18), at(27), (at(27), at(30))),  # Monday tells of the weekend
        (at(30, 18), at(16), (at(16), at(30))),  # after a fortnight: one note about all of it
        (at(26, 10), None, (at(24), at(25))),  # the first time: about the last day only
        (at(26, 18), None, (at(25), at(26))),
        (at(8, 20, month=12), at(7, month=12), None),  # a holiday
        (at(9, 18, month=12), at(7, month=12), (at(7, month=12), at(9, month=12))),
        (at(25, 18), at(26), None),  # the clock was set back
    ],
)
def test_when(now: datetime, told: datetime | None, due: tuple[datetime, datetime] | None) -> None:
    assert span(now, WEEK, told) == due


def test_her_hours_and_her_zone() -> None:
    early = Week(days=frozenset({5}), opens=time(8), closes=time(13, 30))
    assert span(at(28, 13, 29), early, at(21, 13, 30)) is None
    assert span(at(28, 13, 30), early, at(21, 13, 30)) == (at(21, 13, 30), at(28, 13, 30))
    assert span(at(28), Week(days=frozenset()), None) is None


@given(st.lists(st.integers(1, 60 * 24 * 3), min_size=1, max_size=200))
def test_every_moment_is_told_of_exactly_once(minutes: list[int]) -> None:
    """However often it is asked, the spans follow one another without gap or overlap, across a change of the clocks."""
    now, told = datetime(2026, 10, 20, 12, tzinfo=UTC), None
    ends: list[tuple[datetime, datetime]] = []
    for step in minutes:
        now += timedelta(minutes=step)
        if due := span(now.astimezone(ROME), WEEK, told):
            ends.append(due)
            told = due[1]
    assert all(first[1] == second[0] for first, second in pairwise(ends))
    assert all(after < until for after, until in ends)


HELD = {"suppressed": {"code": "observe", "because": ""}}


def test_the_counts() -> None:
    found = summed(
        [
            entry(1, client="rossi", action="reply-leadtime", explanation={**HELD, "withheld": ["lead-time"]}),
            entry(2, client="rossi", action="reply-leadtime", explanation={**HELD, "withheld": ["lead-time"]}),
            entry(3, client="rossi", address="b@c.d", explanation={**HELD, "withheld": ["rush-offer"]}),
            entry(4, client="novak", action="reply-vacation", explanation=HELD),
            entry(5, client="novak", explanation={"suppressed": {"code": "list", "because": ""}}),
            entry(6, client="novak", explanation={"suppressed": None}),
            entry(7, client="novak", explanation={}),
        ]
    )
    assert found == (
        Would("rossi", 2, (("lead-time", 2), ("rush-offer", 1))),
        Would("novak", 1, (("reply-vacation", 1),)),
    )
    assert lines(found, {"rossi": "Studio Rossi"}) == (
        "Studio Rossi: 2 (lead-time 2, rush-offer 1)\nnovak: 1 (reply-vacation 1)"
    )
