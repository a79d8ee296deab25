"""The agency's report: every client in a line, sums that are the whole, no word of anybody, once at its own hour."""

import re
from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.entries import entry
from tests.memory_store import MemoryStore
from tests.office import parsed
from tests.report import history, small
from tests.report.world import LANGUAGES, service
from vamaild import reporting
from vamaild.core.ledger import State, Store
from vamaild.core.report import figures
from vamaild.core.report_agency import shares
from vamaild.core.report_rows import Gathered, Row
from vamaild.core.report_values import Asking
from vamaild.core.ruleset import Kind
from vamaild.service import Service

AGENCY = "ufficio@agenzia.example"
MONDAY = history.ENDS + timedelta(days=2, hours=15)  # 07:00
MINUTE, DAY, SEVEN = timedelta(minutes=1), timedelta(days=1), timedelta(weeks=1)
CLIENTS = (*history.NAMES, "", "gone")
ROWS = st.builds(
    Row,
    id=st.integers(1, 10_000),
    client=st.sampled_from(CLIENTS),
    received=st.datetimes().map(lambda at: history.ENDS - timedelta(minutes=at.minute)),
    kind=st.sampled_from(["", *Kind]),
    outcome=st.sampled_from(["answered", "no-reply", "waiting", "escalated"]),
    stated=st.booleans(),
    could_wait=st.none() | st.booleans(),
)


@given(st.lists(ROWS, max_size=30))
def test_the_lines_of_all_clients_are_the_whole(rows: list[Row]) -> None:
    asking = Asking(history.NOW, {r.client.id: r for r in history.rulesets()})
    found = figures(Gathered(history.ENDS - SEVEN, history.ENDS, len(rows), tuple(rows)), (), asking)
    each = shares(found)
    assert sum(s.arrived for s in each) == found.arrived.count
    assert sum(s.urgent for s in each) == found.urgent
    assert tuple(sum(s.could_wait[n] for s in each) for n in (0, 1)) == found.bounds
    assert sum(s.waiting for s in each) == found.part("waiting").count


def test_promises_alarms_and_hours_are_the_whole_too() -> None:
    found = small.week(3)
    each = shares(found)
    assert sum(s.due for s in each) == found.given.number.count
    assert sum(s.overdue for s in each) == len(found.given.broken) > 0
    assert sum(s.late for s in each) == len(found.given.late) > 0
    assert sum(s.alarms for s in each) == len(found.alarms)
    assert sum(s.hours for s in each) == sum(r.hours or 0 for r in found.sales.charged) > 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_anybody_is_in_it(language: str, store: Store) -> None:
    desk = service(store, language)
    found = reporting.look(desk, *reporting.of_week(desk, 2026, 47))
    mail = parsed(reporting.mail(desk, reporting.make_agency(desk, found), agency=AGENCY).raw)
    parts = [str(p.get_content()) for p in mail.walk() if not p.is_multipart()]
    assert mail["To"] == AGENCY
    assert len(parts) == 3
    said = "\n".join(parts)
    words = {w for w in (*history.SUBJECTS, *history.PEOPLE) if w in said}
    assert words == set()
    assert re.findall(r"\w@\w", said) == []
    assert "Studio Verdi" in said


def at(desk: Service, moment: object) -> list[str]:
    """The templates that were queued by then."""
    desk.clock.advance(moment - desk.clock.now())  # type: ignore[attr-defined,operator]  # a MovingClock
    reporting.watch(desk)
    return [i.mail.template for i in desk.store.outbox(tuple(State))]


def test_it_leaves_at_its_own_hour_once_and_is_caught_up() -> None:
    desk = service(MemoryStore(), now=history.ENDS - 4 * DAY, agency=AGENCY)
    desk.store.record(entry(1, client="rossi", received=desk.clock.now(), decided_at=desk.clock.now()))
    assert at(desk, history.ENDS) == ["report"]
    assert at(desk, MONDAY - MINUTE) == ["report"]
    assert at(desk, MONDAY) == ["report", "report-agency"]
    assert at(desk, MONDAY + DAY) == ["report", "report-agency"]
    assert at(desk, MONDAY + 2 * SEVEN + DAY) == ["report", "report-agency"] * 2
    assert [i.mail.to for i in desk.store.outbox(tuple(State)) if i.mail.template == "report-agency"] == [AGENCY] * 2


@pytest.mark.parametrize(
    ("told", "expected"),
    [({}, []), ({"agency": AGENCY}, ["report-agency"]), ({"agency": AGENCY, "agency_send": (2, time(9))}, [])],
)
def test_only_where_there_is_an_agency(told: dict[str, object], expected: list[str]) -> None:
    desk = service(MemoryStore(), now=history.ENDS - DAY, send=None, **told)
    desk.store.record(entry(1, client="rossi", received=desk.clock.now(), decided_at=desk.clock.now()))
    assert at(desk, MONDAY) == expected


def test_a_holiday_puts_it_off() -> None:
    desk = service(MemoryStore(), now=history.ENDS - DAY, send=None, agency=AGENCY)
    desk.store.record(entry(1, client="rossi", received=desk.clock.now(), decided_at=desk.clock.now()))
    settings = desk.rules.settings
    week = replace(settings.week, closed=frozenset({MONDAY.date()}))
    desk.rules = replace(desk.rules, settings=replace(settings, week=week))
    assert at(desk, MONDAY + MINUTE) == []
    assert at(desk, MONDAY + DAY) == ["report-agency"]
