"""The price of haste: which tier is offered, and until when a yes helps."""

from datetime import date, datetime, time, timedelta

import pytest

from tests.make import ROME, RUSH
from vamaild.core.promises import news_at, offer
from vamaild.core.ruleset import Rush, Tier, Week

ORDINARY = date(2026, 12, 2)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ROME)


@pytest.mark.parametrize(
    ("now", "deadline", "ready", "percent", "accept"),
    [
        ("2026-11-26T10:40", "2026-11-26T22:00", "2026-11-26T18:00", 50, "2026-11-26T11:30"),
        ("2026-11-26T10:40", "2026-11-30T23:59", "2026-11-30T18:00", 25, "2026-11-26T18:00"),
        ("2026-11-26T11:31", "2026-11-26T22:00", "2026-11-29T18:00", 100, "2026-11-26T18:00"),
        ("2026-11-26T10:40", None, "2026-11-26T18:00", 50, "2026-11-26T11:30"),
        ("2026-11-26T20:00", "2026-11-30T23:59", "2026-11-30T18:00", 25, "2026-11-27T10:00"),
    ],
)
def test_the_cheapest_that_meets_the_date(
    now: str, deadline: str | None, ready: str, percent: int, accept: str
) -> None:
    found = offer(RUSH, at(now), at(deadline) if deadline else None, ORDINARY, Week())
    assert found
    assert (found.ready_at, found.percent, found.accept_by) == (at(ready), percent, at(accept))


def test_nothing_is_offered_that_is_not_sooner_than_agreed() -> None:
    assert (
        offer(Rush("offer", tiers=(Tier("9 working days", 25),)), at("2026-11-26T10:40"), None, ORDINARY, Week())
        is None
    )


def test_an_hour_that_is_past_is_not_offered() -> None:
    tiers = (Tier("today 09:00", 50), Tier("today 18:00", 50, time(9)))
    assert offer(Rush("offer", tiers=tiers), at("2026-11-26T10:40"), None, ORDINARY, Week()) is None


@pytest.mark.parametrize(("minute", "said"), [("10:40", "12:10"), ("10:41", "12:20"), ("10:50", "12:20")])
def test_news_come_at_a_round_time_never_sooner_than_allowed(minute: str, said: str) -> None:
    moment = at(f"2026-12-03T{minute}")
    assert news_at(moment, timedelta(minutes=90)) == at(f"2026-12-03T{said}")
