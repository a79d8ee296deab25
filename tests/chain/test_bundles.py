"""A flood of emergencies is told in few messages, each with its count; every case stays a case of its own."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.chain.alarm import CHAIN, FLOOD, HERS, HIS_MAIL, HIS_SMS, ME, MINE, MINUTE, TELEPHONE, Alarm
from tests.make import NOW, absent
from tests.office import letter
from vamaild import chain, hearing
from vamaild.adapters.store import SqliteStore
from vamaild.core.cases import NewCase, NoticeState
from vamaild.core.notify import Delivery, Notice
from vamaild.core.reasons import Reason

INJURY = "Aiuto, un cliente è ferito, venite!"


def customer(number: int) -> str:
    return f"carla{number}@customer.example"


def burst(office: Alarm, count: int, text: str = FLOOD, first: int = 1) -> list[str]:
    """So many different people write at once; the codes of their cases."""
    known = {case.code for case in office.store.cases()}
    office.arrive(*(letter(n, text, sender=customer(n)) for n in range(first, first + count)))
    return [case.code for case in office.store.cases() if case.code not in known]


@pytest.fixture
def office() -> Alarm:
    return Alarm()


def last(office: Alarm) -> Notice:
    return office.told[-1][2]


def test_forty_at_once_are_one_message_that_names_them_all(office: Alarm) -> None:
    codes = burst(office, 40)
    assert office.goes_on() == [MINE]
    assert last(office).short.startswith("40 emergenze: carla1@customer.example")
    assert last(office).text.count("si sta allagando") == 0, "what was written stands in the case"
    assert sum(f"[{code}]" in last(office).text for code in codes) == 20
    assert "+ 20" in last(office).text
    assert len(office.store.cases()) == 40, "nothing is lost"
    assert all(case.case.due for case in office.store.cases())


def test_it_goes_along_the_chain_together_and_disturbs_the_contact_once() -> None:
    office = Alarm(absent(escalation=replace(CHAIN, budget=1)))
    burst(office, 12)
    office.goes_on()
    assert office.goes_on(10 * MINUTE) == [HIS_SMS]
    assert last(office).short.startswith("12 emergenze")
    assert office.goes_on(10 * MINUTE) == [HIS_MAIL]
    assert office.store.disturbances("acme", NOW) == {"me": 1, "petr-sea": 1}
    assert office.goes_on(10 * MINUTE) == [HERS]
    burst(office, 1, first=50)
    office.goes_on()
    assert HIS_SMS not in office.goes_on(10 * MINUTE), "his budget is spent"


def test_a_trickle_is_told_at_once_at_first_and_then_every_few_minutes(office: Alarm) -> None:
    told = []
    for number in range(40):
        burst(office, 1, first=number + 1)
        told += office.goes_on(timedelta(seconds=15))
    assert told.count(MINE) <= 5
    assert len(office.store.cases()) == 40
    office.goes_on(5 * MINUTE)
    named = " ".join(notice.short + notice.text for _, way, notice in office.told if way == ME)
    assert all(f"[{case.code}]" in named for case in office.store.cases()[:20])
    assert not office.store.notices_ready(office.clock.now())


def test_danger_to_people_and_what_is_given_by_hand_never_wait(office: Alarm) -> None:
    for number in (1, 2):
        burst(office, 1, first=number)
        assert office.goes_on() == [MINE]
    burst(office, 1, first=3)
    assert office.goes_on() == [], "the third waits a little"
    burst(office, 1, INJURY, first=4)
    assert office.goes_on() == [MINE]
    assert last(office).short.startswith("carla4")
    chain.answer(office.service, office.store.cases()[2].code, "me", chain.Answer("give", to="petr-sea"), "cli")
    assert office.goes_on() == [HIS_SMS]


def test_it_waits_for_half_of_the_time_at_most() -> None:
    office = Alarm(absent(escalation=replace(CHAIN, me_first=2 * MINUTE)))
    for number in (1, 2, 3):
        burst(office, 1, first=number)
        office.goes_on()
    assert len(office.told) == 2
    assert MINE in office.goes_on(MINUTE), "before her two minutes are over"


def test_another_client_and_another_person_are_never_mixed(office: Alarm) -> None:
    burst(office, 3)
    office.goes_on()
    office.goes_on(10 * MINUTE)
    assert [way for _, way, _ in office.told] == [ME, TELEPHONE]
    other = office.store.open_case(NewCase("other", "emergency", "x", "Zoe", "Fuoco", escalates=True), NOW)
    office.goes_on(MINUTE)
    hers = [n for _, way, n in office.told if way == ME][-1]
    assert hers.code == other, "the assistant of both hears of both"
    assert all("Zoe" not in n.short + n.text for _, way, n in office.told if way != ME)


# --- answers ---


def test_one_answer_is_for_all_of_them_and_is_confirmed_once(office: Alarm) -> None:
    codes = burst(office, 5)
    office.goes_on()
    assert office.replies("1", ME) == hearing.Heard("acme", Reason.NOTICE_ANSWERED)
    assert {case.acknowledged_by for case in office.store.cases()} == {"me"}
    assert office.goes_on() == [MINE]
    assert all(code in last(office).text for code in codes)
    assert "il caso è suo" in last(office).text
    assert office.goes_on(59 * MINUTE) == []


def test_an_answer_that_names_a_case_is_for_that_one(office: Alarm) -> None:
    codes = burst(office, 3)
    office.goes_on()
    office.replies(f"1 {codes[1].lower()}", ME)
    taken = [case.code for case in office.store.cases() if case.acknowledged_by]
    assert taken == [codes[1]]
    assert HIS_SMS in office.goes_on(10 * MINUTE)
    assert last(office).short.startswith("2 emergenze")


def test_two_of_many_goes_on_for_all(office: Alarm) -> None:
    burst(office, 4)
    office.goes_on()
    office.replies("2", ME)
    told = office.goes_on()
    assert (told.count(HIS_SMS), told.count(MINE)) == (1, 1), "he is asked, she is thanked"


def test_what_is_taken_meanwhile_is_left_out(office: Alarm) -> None:
    codes = burst(office, 3)
    office.goes_on()
    chain.answer(office.service, codes[0], "me", chain.Answer("take"), "cli")
    office.goes_on(10 * MINUTE)
    asked = next(n for _, way, n in office.told if way == TELEPHONE)
    assert asked.short.startswith("2 emergenze")
    assert f"[{codes[0]}]" not in asked.text


# --- failures ---


def test_a_broken_way_is_noted_once_and_the_next_one_carries_them_all(office: Alarm) -> None:
    burst(office, 12)
    office.goes_on()
    office.sms.broken = Delivery.FAILED
    assert office.goes_on(10 * MINUTE) == [HIS_MAIL]
    assert last(office).short.startswith("12 emergenze")
    assert len(office.notes("note-way")) == 1
    rows = [n for case in office.store.cases() for n in office.store.notices(case.code)]
    assert sum(n.state is NoticeState.DELIVERED and n.notice.person == "petr-sea" for n in rows) == 12, "each counted"


@pytest.mark.parametrize("dies", ["before", "after"])
def test_killed_while_many_are_handed_over(tmp_path: Path, dies: str) -> None:
    office = Alarm(store=SqliteStore(tmp_path / "vamaild.db"))
    burst(office, 6)
    office.email.dies = dies
    with pytest.raises(KeyboardInterrupt):
        office.goes_on()
    key = office.told[0][2].key if office.told else ""
    office.store.close()
    again = Alarm(store=SqliteStore(tmp_path / "vamaild.db"))
    assert again.goes_on(MINUTE) == [MINE]
    assert last(again).key == key or not key, "a second copy is recognised"
    again.replies("1", ME)
    assert all(case.acknowledged_by == "me" for case in again.store.cases())
    again.store.close()


def test_sixty_without_a_sender_are_one_message_too(office: Alarm) -> None:
    for number in range(60):
        office.store.open_case(NewCase("acme", "emergency", "x", f"P{number}", "Fuoco", escalates=True), NOW)
    office.goes_on()
    assert len(office.told) == 1
