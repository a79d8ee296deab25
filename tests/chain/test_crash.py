"""What fails, and what survives a crash: nobody is forgotten, nothing is told twice without its key."""

from pathlib import Path
from typing import Any

import pytest

from tests.chain.alarm import FLOOD, HIS_MAIL, MINE, MINUTE, TELEPHONE, Alarm
from tests.make import NOW
from tests.office import letter
from vamaild import handover
from vamaild.adapters.store import SqliteStore
from vamaild.core.cases import NoticeState
from vamaild.core.chainwords import Said
from vamaild.core.ledger import Outgoing
from vamaild.core.notify import Delivery, Notice

# --- failures and crashes ---


def test_a_way_that_fails_makes_room_for_the_next_at_once(office: Alarm) -> None:
    office.sms.broken = Delivery.FAILED
    office.goes_on()
    assert office.goes_on(10 * MINUTE) == [HIS_MAIL]
    assert len(office.notes("note-way")) == 1
    assert TELEPHONE not in str(office.notes("note-way")[0])


@pytest.mark.parametrize("how", [Delivery.RETRY, Delivery.FAILED])
def test_when_nothing_works_for_hours_it_is_told_when_it_works_again(office: Alarm, how: Delivery) -> None:
    office.sms.broken = office.email.broken = how
    for _ in range(60):
        assert office.goes_on(5 * MINUTE) == []
        assert office.case.case.due
        assert office.case.case.due > office.clock.now()
    rows = office.store.notices(office.case.code)
    assert {row.state for row in rows} == {NoticeState.FAILED}
    assert len(rows) < 60 * 4
    office.sms.broken = office.email.broken = None
    assert office.goes_on(15 * MINUTE) == [MINE]


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_a_notice_is_handed_over(tmp_path: Path, when: str) -> None:
    office = Alarm(store=SqliteStore(tmp_path / "vamaild.db"))
    office.arrive(letter(1, FLOOD))
    office.email.dies = when
    with pytest.raises(KeyboardInterrupt):
        office.goes_on()
    office.store.close()
    again = Alarm(store=SqliteStore(tmp_path / "vamaild.db"))
    again.clock.advance(MINUTE)
    assert again.goes_on() == [MINE]
    (row,) = again.store.notices(again.case.code)
    assert (row.state, row.attempts) == (NoticeState.DELIVERED, 2)
    assert {n.key for _, _, n in office.told + again.told} == {row.notice.key}, "a second copy is recognised"
    assert again.goes_on() == []
    again.store.close()


def test_a_way_that_kills_the_service_each_time_is_given_up(office: Alarm) -> None:
    office.goes_on()
    office.sms.dies = "before"
    office.clock.advance(10 * MINUTE)
    for _ in range(handover.MOST_DEATHS):
        with pytest.raises(KeyboardInterrupt):
            office.goes_on()
    assert office.goes_on() == [HIS_MAIL]


@pytest.mark.parametrize("person", ["petr-sea", "me"])
def test_what_was_taken_before_a_crash_is_not_told_after_it(tmp_path: Path, person: str) -> None:
    office = Alarm(store=SqliteStore(tmp_path / "vamaild.db"))
    office.arrive(letter(1, FLOOD))
    office.email.dies = "before"
    with pytest.raises(KeyboardInterrupt):
        office.goes_on()
    office.says(person, "take")
    office.email.dies = ""
    assert office.goes_on() == []
    assert NoticeState.DROPPED in {n.state for n in office.store.notices(office.case.code)}
    office.store.close()


class Killed(BaseException):
    """The process is gone."""


class DyingStore(SqliteStore):
    """Dies in the middle of the n-th thing it is asked to write."""

    left = 10_000

    def _written(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed

    def advance(self, *args: Any) -> bool:
        done = super().advance(*args)
        self._written()
        return done

    def notice_handed(self, *args: Any) -> None:
        super().notice_handed(*args)
        self._written()

    def notice_settled(self, *args: Any) -> None:
        super().notice_settled(*args)
        self._written()

    def queue_mail(self, mail: Outgoing) -> None:
        super().queue_mail(mail)
        self._written()


@pytest.mark.parametrize("n", range(16))
def test_killed_at_every_write_of_a_whole_night_nobody_is_forgotten(tmp_path: Path, n: int) -> None:
    """The contact's first way fails, so that there are notes and second ways; then he takes it."""
    log: list[tuple[str, str, Notice]] = []
    at, taken, deaths = NOW, False, 0
    store = SqliteStore(tmp_path / "vamaild.db")
    Alarm(store=store).arrive(letter(1, FLOOD))
    store.close()
    for life in range(30):
        store = DyingStore(tmp_path / "vamaild.db")
        store.left = n if life in (1, 2) else 10_000
        office = Alarm(store=store)
        office.told = office.sms.log = office.email.log = log
        office.clock.advance(at - office.clock.now())
        office.sms.broken = Delivery.FAILED
        try:
            office.goes_on()
            if life == 12:
                taken = office.says("petr-sea", "take") is Said.TAKEN
            office.goes_on()
        except Killed:
            deaths += 1
        finally:
            store.close()
        at += (1 if life < 5 else 5) * MINUTE
    assert deaths <= 2
    assert taken
    rows = [(name, way) for name, way, _ in log]
    assert MINE in rows
    assert HIS_MAIL in rows
    assert len({notice.key for _, _, notice in log}) >= len(rows) - deaths, "a second copy only where it died"
