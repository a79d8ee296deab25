"""Cases that change under the chain: older versions, people who leave, observing, cases that are no emergency."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.chain.alarm import (
    CHAIN,
    DAY,
    FLOOD,
    HERS,
    HIS_SMS,
    HOUR,
    MINE,
    MINUTE,
    Alarm,
)
from tests.make import NOW, absent
from tests.office import letter, trusting
from vamaild import chain
from vamaild.adapters.store import SqliteStore
from vamaild.chain import Answer
from vamaild.core.cases import Advance, NewCase
from vamaild.core.chainwords import Said
from vamaild.core.ruleset import Trust


def test_a_case_taken_by_an_older_version_stays_taken_and_is_asked_about_later(office: Alarm) -> None:
    office.store.acknowledge(office.case.code, "petr-sea", office.clock.now())
    assert office.goes_on() == []
    assert office.goes_on(119 * MINUTE) == []
    assert office.goes_on(MINUTE) == [HIS_SMS]


@pytest.mark.parametrize("begun", [True, False])
def test_taken_under_a_name_of_nobody_in_the_chain_it_is_the_assistants(office: Alarm, begun: bool) -> None:
    if begun:
        office.goes_on()
    office.store.acknowledge(office.case.code, "jana", office.clock.now())
    assert office.goes_on(59 * MINUTE) == []
    assert office.goes_on(120 * MINUTE) == [MINE]


def test_a_case_taken_by_a_program_that_knows_no_chain_stops_all_the_same(office: Alarm) -> None:
    office.goes_on()
    office.store.acknowledge(office.case.code, "me", office.clock.now())
    assert office.goes_on(50 * MINUTE) == []
    assert office.case.acknowledged_by == "me"


def test_a_chain_that_was_damaged_by_hand_begins_anew(office: Alarm) -> None:
    office.goes_on()
    office.store.advance(office.case.code, office.case.version, Advance({"phase": "asleep"}, office.clock.now()), NOW)
    assert office.goes_on() == [MINE] or office.goes_on(10 * MINUTE) == [HIS_SMS]


def test_nothing_changes_when_nothing_is_due(tmp_path: Path) -> None:
    office = Alarm(store=SqliteStore(tmp_path / "vamaild.db"))
    office.arrive(letter(1, FLOOD))
    office.goes_on()
    version = office.case.version
    for _ in range(3):
        office.goes_on(MINUTE)
    assert office.case.version == version
    office.store.close()


def test_somebody_leaves_the_chain_while_he_is_asked(office: Alarm) -> None:
    office.goes_on()
    office.goes_on(10 * MINUTE)
    rules = office.service.rules
    shorter = absent(escalation=replace(CHAIN, chain=("me", "colleague")))
    office.service.rules = replace(rules, rulebook=replace(rules.rulebook, clients=(shorter,)))
    assert office.goes_on() == [MINE], "it begins again without him"
    assert office.goes_on(10 * MINUTE) == [HERS]
    assert office.says("petr-sea", "take") is Said.STRANGER


def test_a_client_whose_file_is_gone_leaves_the_assistant(office: Alarm) -> None:
    office.goes_on()
    office.goes_on(10 * MINUTE)
    rules = office.service.rules
    office.service.rules = replace(rules, rulebook=replace(rules.rulebook, clients=()))
    assert office.goes_on() == [MINE]
    assert office.goes_on(HOUR) == [MINE]


def test_a_dry_run_tells_nobody(office: Alarm) -> None:
    office.service.send = False
    assert office.goes_on(DAY) == []


def test_in_observe_the_assistant_alone_is_told_again_and_again() -> None:
    office = Alarm(trusting(Trust.OBSERVE, absent(escalation=CHAIN)))
    office.arrive(letter(1, FLOOD))
    told = [(at, t) for at in range(72) for t in office.goes_on(20 * MINUTE)]
    assert {t for _, t in told} == {MINE}
    assert [at // 3 for at, _ in told] == [0, 1, 3, 7, 11, 15, 19, 23], "after 1, 2, 4 hours and then every four"


def test_a_case_that_is_no_emergency_waits_is_put_off_and_given(office: Alarm) -> None:
    office.goes_on()
    office.says("me", "resolve")
    code = office.store.open_case(NewCase("acme", "draft", "look", "Carla", "Preventivo"), office.clock.now())
    assert office.goes_on(DAY) == []
    assert office.says("me", "snooze", until=office.clock.now() + DAY) is Said.SNOOZED
    assert office.goes_on(2 * DAY) == []
    assert office.case.case.due is None, "it is back in the queue"
    assert office.says("me", "give", to="colleague") is Said.GIVEN
    assert office.goes_on() == [HERS]
    assert (office.case.acknowledged_by, office.goes_on(30 * DAY)) == ("colleague", [])
    assert chain.answer(office.service, code, "colleague", Answer("resolve"), "web").accepted
    assert office.store.cases() == ()


def test_who_ends_what_another_has_taken_does_not_take_it_from_him(office: Alarm) -> None:
    office.goes_on()
    code, taken = office.case.code, office.clock.now()
    assert office.says("colleague", "take") is Said.TAKEN
    office.goes_on(10 * MINUTE)
    assert chain.answer(office.service, code, "me", Answer("resolve"), "cli").accepted
    over = office.store.case(code)
    assert over
    assert (over.acknowledged_by, over.acknowledged_at) == ("colleague", taken)
    assert over.closed_at == office.clock.now()


def test_who_is_asked_whether_it_is_over_has_had_it_all_the_time(office: Alarm) -> None:
    office.goes_on()
    taken = office.clock.now()
    assert office.says("me", "take") is Said.TAKEN
    assert office.goes_on(3 * DAY) == [MINE], "is it over?"
    assert (office.case.acknowledged_by, office.case.acknowledged_at) == ("me", taken)


def test_who_may_not_answer(office: Alarm) -> None:
    office.goes_on()
    assert office.says("anna", "take") is Said.STRANGER
    assert office.says("me", "give", to="anna") is Said.NO_SUCH_PERSON
    assert chain.answer(office.service, "ZZZZ", "me", Answer("take"), "web").said is Said.UNKNOWN
    with pytest.raises(ValueError, match="nobody knows"):
        office.says("me", "explode")
