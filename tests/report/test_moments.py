"""When the report leaves: once for each week, whatever happens to the clock, the service, or the calendar."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.contracts.entries import entry
from tests.memory_store import MemoryStore
from tests.office import parsed
from tests.report import history
from tests.report.world import FRIDAY, service
from vamaild import reporting
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import Sort, State, Store, StoreError
from vamaild.core.ruleset import Week
from vamaild.service import Service

ENDS = history.ENDS
MINUTE, HOUR, DAY, SEVEN = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def message(store: Store, uid: int, at: datetime) -> None:
    store.record(entry(uid, client="rossi", received=at, decided_at=at))


def at(desk: Service, moment: datetime) -> bool:
    desk.clock.advance(moment - desk.clock.now())  # type: ignore[attr-defined]  # a MovingClock
    return reporting.watch(desk)


def sent(desk: Service, template: str = "report") -> list[str]:
    """The subjects of the reports that were queued."""
    items = desk.store.outbox(tuple(State))
    return [str(parsed(i.mail.raw)["Subject"]) for i in items if i.mail.template == template]


def text_of(raw: bytes) -> str:
    body = parsed(raw).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.fixture
def desk() -> Service:
    """A week has gone by; its messages came on Monday."""
    found = service(MemoryStore(), now=ENDS - 4 * DAY)
    message(found.store, 1, ENDS - 4 * DAY)
    return found


def test_it_leaves_at_its_hour_and_once(desk: Service) -> None:
    assert not at(desk, ENDS - SEVEN + MINUTE), "nothing had come by then"
    assert not at(desk, ENDS - MINUTE)
    assert at(desk, ENDS)
    assert not reporting.watch(desk)
    assert not at(desk, ENDS + 3 * DAY)
    (item,) = desk.store.outbox((State.QUEUED,))
    assert (item.mail.sort, item.mail.to) == (Sort.NOTE, "giulia@ferri-av.example")


def test_every_week_has_one_even_when_nothing_came(desk: Service) -> None:
    assert [at(desk, ENDS + n * SEVEN) for n in range(3)] == [True, True, True]
    assert [s.partition(": ")[0] for s in sent(desk)] == ["La tua settimana"] * 3


def test_after_a_standstill_one_report_tells_of_everything_since(desk: Service) -> None:
    assert at(desk, ENDS)
    message(desk.store, 2, ENDS + DAY)
    message(desk.store, 3, ENDS + 15 * DAY)
    assert at(desk, ENDS + 3 * SEVEN + 2 * DAY)
    assert not reporting.watch(desk)
    told = desk.store.last_run(reporting.RUN)
    assert told == ENDS + 3 * SEVEN
    assert reporting.look(desk, ENDS, told).arrived.count == 2
    first, second = (i.mail.raw for i in desk.store.outbox((State.QUEUED,)))
    assert "Che cosa è arrivato: 1\n" in text_of(first)
    assert "Che cosa è arrivato: 2\n" in text_of(second)


def test_what_was_decided_after_the_moment_is_in_the_next_one(desk: Service) -> None:
    """A message that came during a standstill over the sending moment is in no report twice and in none missing."""
    assert at(desk, ENDS)
    desk.store.record(entry(2, client="rossi", received=ENDS + 6 * DAY, decided_at=ENDS + SEVEN + DAY))
    assert at(desk, ENDS + SEVEN + DAY)
    assert at(desk, ENDS + 2 * SEVEN)
    weeks = [reporting.look(desk, ENDS + n * SEVEN, ENDS + (n + 1) * SEVEN).arrived.count for n in range(2)]
    assert weeks == [0, 1]


def test_a_clock_that_is_put_back_sends_nothing_twice(desk: Service) -> None:
    assert at(desk, ENDS)
    assert not at(desk, ENDS - HOUR)
    assert not at(desk, ENDS + MINUTE)
    assert len(sent(desk)) == 1


def test_a_clock_that_was_a_year_ahead_does_not_end_the_reports(desk: Service) -> None:
    assert at(desk, ENDS)
    assert at(desk, ENDS + 365 * DAY)
    message(desk.store, 2, ENDS + 2 * DAY)
    assert at(desk, ENDS + SEVEN)
    assert at(desk, ENDS + 2 * SEVEN)
    assert len(set(sent(desk))) <= len(sent(desk)) == 4


@pytest.mark.parametrize(
    ("ends", "moment"),
    [
        (datetime(2026, 10, 25, 2, 30, tzinfo=history.ROME), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 3, 29, 2, 30, tzinfo=history.ROME), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
)
def test_an_hour_that_comes_twice_or_not_at_all(ends: datetime, moment: datetime) -> None:
    found = service(MemoryStore(), now=moment - DAY, send=(6, ends.time()))
    message(found.store, 1, moment - DAY)
    told = [at(found, moment + n * timedelta(minutes=10)) for n in range(-3, 15)]
    assert told == [False] * 3 + [True] + [False] * 14
    assert found.store.last_run(reporting.RUN) == moment


def test_never_on_a_holiday(desk: Service) -> None:
    """Friday is a holiday: it leaves on Monday at the same hour, and the one after it on Friday again."""
    monday = ENDS + 3 * DAY
    closed = Week(closed=frozenset({ENDS.date()}))
    desk.rules = replace(desk.rules, settings=replace(desk.rules.settings, week=closed))
    assert [at(desk, ENDS + n * DAY) for n in range(3)] == [False, False, False]
    assert not at(desk, monday - MINUTE)
    assert at(desk, monday)
    assert at(desk, ENDS + SEVEN)
    assert desk.store.last_run(reporting.RUN) == ENDS + SEVEN


def test_two_daemons_send_one(tmp_path: Path) -> None:
    desks = [service(SqliteStore(tmp_path / "vamaild.db"), now=ENDS - 4 * DAY) for _ in range(2)]
    message(desks[0].store, 1, ENDS - 4 * DAY)
    assert [at(desk, ENDS) for desk in desks] == [True, False]
    assert len(sent(desks[1])) == 1
    for desk in desks:
        desk.store.close()


def test_a_second_daemon_that_gathered_at_the_same_time_sends_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both found it due; the first one queues it while the second is still writing."""
    desks = [service(SqliteStore(tmp_path / "vamaild.db"), now=ENDS) for _ in range(2)]
    message(desks[0].store, 1, ENDS - 4 * DAY)
    look, told = reporting.look, []

    def slow(desk: Service, *span: datetime) -> object:
        found = look(desk, *span)
        if desk is desks[1]:
            told.append(reporting.watch(desks[0]))
        return found

    monkeypatch.setattr(reporting, "look", slow)
    assert reporting.watch(desks[1]) is False
    assert told == [True]
    assert len(sent(desks[0])) == 1
    for desk in desks:
        desk.store.close()


def test_what_fails_while_it_is_queued_is_tried_again(desk: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(desk.store, "queue_mail", full)
        with pytest.raises(StoreError):
            at(desk, ENDS)
    assert sent(desk) == []
    assert reporting.watch(desk)


@pytest.mark.parametrize("settings", [{"send": None}, {"to_me": False}])
def test_it_can_be_switched_off(settings: dict[str, object]) -> None:
    found = service(MemoryStore(), now=ENDS - DAY, **settings)
    message(found.store, 1, ENDS - DAY)
    assert not at(found, ENDS)
    assert sent(found) == []


def test_clients_get_a_draft_that_she_completes() -> None:
    found = service(MemoryStore(), now=ENDS - DAY, to_me=False, to_clients=True)
    message(found.store, 1, ENDS - DAY)
    assert at(found, ENDS)
    (item,) = found.store.outbox((State.DRAFT,))
    assert (item.mail.template, item.mail.client, item.mail.to) == ("report-client", "rossi", "capo@rossi.example")
    mail = parsed(item.mail.raw)
    assert mail["Auto-Submitted"] is None
    assert mail.get_content().replace("\r\n", "\n").startswith("\n\n\nÈ arrivata una richiesta.")
    assert found.store.outbox((State.QUEUED,)) == ()


@pytest.mark.parametrize(
    ("usual", "own", "made"), [(True, None, 1), (True, False, 0), (False, True, 1), (False, None, 0)]
)
def test_a_clients_file_may_want_its_own(usual: bool, own: bool | None, made: int) -> None:
    found = service(MemoryStore(), now=ENDS - DAY, to_me=False, to_clients=usual)
    clients = tuple(replace(r, client=replace(r.client, report=own)) for r in found.rules.rulebook.clients)
    found.rules = replace(found.rules, rulebook=replace(found.rules.rulebook, clients=clients))
    message(found.store, 1, ENDS - DAY)
    assert at(found, ENDS) is bool(made)
    assert len(found.store.outbox((State.DRAFT,))) == made


def test_another_moment_begins_where_the_last_one_ended(desk: Service) -> None:
    assert at(desk, ENDS)
    report = replace(desk.rules.settings.report, send=(1, FRIDAY[1]))
    desk.rules = replace(desk.rules, settings=replace(desk.rules.settings, report=report))
    assert not at(desk, ENDS + 3 * DAY)
    assert at(desk, ENDS + 4 * DAY)
    assert reporting.span(desk)[0] == ENDS + 4 * DAY
