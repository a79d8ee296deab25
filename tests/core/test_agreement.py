"""When a contact is left alone, how long everybody has, and when the quiet hours end where he is."""

from datetime import UTC, datetime, time, timedelta

import pytest

from vamaild.core.agreement import Agreement, again_after, is_quiet, quiet_ends
from vamaild.core.ruleset import Escalation

NIGHT = Escalation(("me", "petr-sea", "colleague"), quiet=(time(22), time(7)), timezone="Europe/Athens", budget=2)
SIESTA = Escalation(quiet=(time(13), time(15)), timezone="Europe/Athens")
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("terms", "now", "ends"),
    [
        (NIGHT, "2026-06-01T18:59", None),
        (NIGHT, "2026-06-01T19:00", "2026-06-02T04:00"),
        (NIGHT, "2026-06-02T03:59", "2026-06-02T04:00"),
        (NIGHT, "2026-06-02T04:00", None),
        (NIGHT, "2026-03-28T21:00", "2026-03-29T04:00"),  # an hour is missing in this night
        (NIGHT, "2026-10-24T21:00", "2026-10-25T05:00"),  # and one comes twice in this
        (SIESTA, "2026-06-01T10:30", "2026-06-01T12:00"),
        (SIESTA, "2026-06-01T12:00", None),
        (Escalation(), "2026-06-01T00:00", None),
    ],
)
def test_the_quiet_hours_of_the_place_where_he_is(terms: Escalation, now: str, ends: str | None) -> None:
    assert quiet_ends(terms, at(now)) == (at(ends) if ends else None)
    assert is_quiet(terms, at(now)) == (ends is not None)


DAY, DARK = at("2026-06-01T10:00"), at("2026-06-01T23:00")


@pytest.mark.parametrize(
    ("person", "now", "changes", "may"),
    [
        ("petr-sea", DAY, {}, True),
        ("petr-sea", DARK, {}, False),
        ("petr-sea", DARK, {"people": True}, True),
        ("petr-sea", DARK, {"practice": True}, True),
        ("petr-sea", DAY, {"disturbed": {"petr-sea": 1}}, True),
        ("petr-sea", DAY, {"disturbed": {"petr-sea": 2}}, False),
        ("petr-sea", DAY, {"disturbed": {"petr-sea": 9}, "people": True}, True),
        ("petr-sea", DAY, {"disturbed": {"anna": 9}}, True),
        ("petr-sea", DAY, {"assistant_only": True, "people": True}, False),
        ("colleague", DARK, {}, True),
        ("colleague", DAY, {"assistant_only": True}, False),
        ("me", DARK, {"assistant_only": True, "disturbed": {"me": 99}}, True),
    ],
)
def test_who_may_be_disturbed(person: str, now: datetime, changes: dict[str, object], may: bool) -> None:
    assert Agreement(terms=NIGHT, **changes).may_disturb(person, now) == may  # type: ignore[arg-type]  # by name


def test_a_round_that_has_begun_is_counted_already() -> None:
    spent = Agreement(terms=NIGHT, disturbed={"petr-sea": 2})
    assert spent.may_disturb("petr-sea", DAY, begun=True)
    assert not spent.may_disturb("petr-sea", DARK, begun=True)


@pytest.mark.parametrize(
    ("person", "sweep", "minutes"),
    [("me", 0, 10), ("me", 1, 40), ("petr-sea", 0, 20), ("petr-sea", 1, 40), ("petr-sea", 9, 240), ("me", 500, 240)],
)
def test_how_long_everybody_has(person: str, sweep: int, minutes: int) -> None:
    assert Agreement(terms=NIGHT).wait(person, sweep) == minutes * MINUTE


@pytest.mark.parametrize(("within", "again"), [(5, 120), (20, 120), (60, 180)])
def test_after_how_long_who_took_it_is_asked_again(within: int, again: int) -> None:
    assert again_after(Escalation(ack_within=within * MINUTE)) == again * MINUTE
