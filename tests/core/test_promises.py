"""The price of haste: which tier is offered, and until when a yes helps."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make import ROME, RUSH
from vamaild.core.promise import NewPromise, Promise, PromiseState
from vamaild.core.promises import cancel_by, ended, enough, is_late, news_at, offer, remind_at
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


WEEK = Week(closed=frozenset({date(2026, 12, 8), date(2026, 12, 7)}))


@pytest.mark.parametrize(
    ("due", "hour", "now", "reminded"),
    [
        ("2026-12-02T18:00", False, "2026-11-26T10:40", "2026-12-01T09:00"),
        ("2026-11-30T18:00", False, "2026-11-26T10:40", "2026-11-27T09:00"),  # the working day before a Monday
        ("2026-12-09T18:00", False, "2026-11-26T10:40", "2026-12-04T09:00"),  # two closed days and a weekend
        ("2026-11-27T18:00", False, "2026-11-26T10:40", "2026-11-27T09:00"),  # made after the eve has opened
        ("2026-11-26T18:00", False, "2026-11-26T10:40", "2026-11-26T17:30"),
        ("2026-11-26T12:10", True, "2026-11-26T10:40", "2026-11-26T11:40"),
        ("2026-11-27T09:00", True, "2026-11-26T10:40", "2026-11-27T08:30"),
        ("2026-11-26T11:00", True, "2026-11-26T10:40", "2026-11-26T10:40"),  # too near: at once
        ("2026-11-30T18:00", True, "2026-11-26T10:40", "2026-11-27T09:00"),
    ],
)
def test_when_the_keeper_is_reminded(due: str, hour: bool, now: str, reminded: str) -> None:
    assert remind_at(at(due), hour, at(now), WEEK) == at(reminded)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(ROME))


@given(MOMENTS, st.timedeltas(timedelta(minutes=1), timedelta(days=40)), st.booleans())
def test_a_reminder_is_never_in_the_past_and_never_after(now: datetime, ahead: timedelta, hour: bool) -> None:
    due = now + ahead
    reminded = remind_at(due, hour, now, WEEK)
    assert now <= reminded < due


@pytest.mark.parametrize(
    ("deadline", "meets"),
    [(None, True), ("2026-12-02T23:59", True), ("2026-12-02T18:00", True), ("2026-12-02T10:00", False),
     ("2026-12-01T23:59", False), ("2026-12-09T10:00", True), ("2026-11-25T10:00", False)],
)  # fmt: skip
def test_whether_the_notice_is_enough(deadline: str | None, meets: bool) -> None:
    assert enough(at(deadline) if deadline else None, ORDINARY, time(18)) == meets


@pytest.mark.parametrize(
    ("now", "ready", "until"),
    [
        ("2026-12-03T11:13", "2026-12-03T18:00", "2026-12-03T12:00"),
        ("2026-12-03T11:13", "2026-12-03T12:45", None),
        ("2026-12-03T21:00", "2026-12-04T18:00", "2026-12-04T09:30"),
        ("2026-12-03T11:30", "2026-12-04T18:00", "2026-12-03T12:00"),
    ],
)
def test_until_when_a_rush_is_called_off_for_nothing(now: str, ready: str, until: str | None) -> None:
    assert cancel_by(at(now), at(ready), Week()) == (at(until) if until else None)


def test_what_is_late() -> None:
    promise = Promise(
        1, NewPromise("acme", "x@y.example", at("2026-12-02T18:00"), "ordinary"), 1, at("2026-11-26T10:40")
    )
    assert [is_late(promise, at(f"2026-12-02T18:0{n}")) for n in (0, 1)] == [False, True]
    assert [str(ended(promise.promise.due, at(f"2026-12-02T18:0{n}"))) for n in (0, 1)] == ["kept", "late"]
    done = Promise(1, promise.promise, 1, promise.made_at, PromiseState.KEPT)
    assert not is_late(done, at("2026-12-03T18:00"))
