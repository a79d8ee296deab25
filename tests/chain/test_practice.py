"""A practice alarm: along the whole chain, over every way, and never mistaken for a real one."""

from datetime import timedelta

import pytest

from tests.chain.alarm import CHAIN, DAY, FLOOD, HERS, HIS_MAIL, HIS_SMS, HOUR, ME, MINE, MINUTE, PETR, Alarm, quiet
from tests.make import NOW, absent
from tests.office import letter, trusting
from vamaild import chain, drills, hearing
from vamaild.chain import Answer
from vamaild.core.cases import NewCase
from vamaild.core.chainwords import Said
from vamaild.core.drill import Drill
from vamaild.core.notify import Delivery, Notice
from vamaild.core.reasons import Reason
from vamaild.core.ruleset import Escalation, Trust

WORD = "PROVA, non è successo nulla"


class Practice(Alarm):
    """The same office on a calm day."""

    def begins(self) -> str:
        return drills.begin("acme", self.service, self.clock.now()).code

    def heard(self, code: str, person: str, verb: str = "take", via: str = "cli") -> Said:
        return chain.answer(self.service, code, person, Answer(verb), via).said

    @property
    def drill(self) -> Drill:
        found = self.store.last_drill("acme")
        assert found
        return found

    def drilled(self) -> Drill:
        """All answer at once."""
        code = self.begins()
        for person in ("me", "petr-sea", "colleague"):
            self.goes_on()
            self.heard(code, person)
        self.goes_on()
        return self.drill


@pytest.fixture
def office() -> Practice:
    return Practice()


def test_everybody_once_over_every_way_and_it_ends_by_itself(office: Practice) -> None:
    code = office.begins()
    assert office.goes_on() == [MINE]
    assert (office.heard(code, "me"), office.goes_on(35 * timedelta(seconds=1))) == (
        Said.PRACTISED,
        [HIS_SMS, HIS_MAIL],
    )
    assert office.goes_on(4 * MINUTE) == []
    assert office.heard(code, "petr-sea", "pass_on", "web") is Said.PRACTISED
    assert office.goes_on() == [HERS]
    assert office.heard(code, "colleague", "wait") is Said.PRACTISED
    assert office.goes_on(DAY) == [], "nobody is asked twice in practice"
    drill = office.drill
    assert drill.works
    assert [(link.person, link.ways, link.answer, link.over) for link in drill.links] == [
        ("me", ("email",), "take", "cli"),
        ("petr-sea", ("sms", "email"), "pass_on", "web"),
        ("colleague", ("email",), "wait", "cli"),
    ]
    assert office.store.cases() == ()
    assert office.store.disturbances("acme", NOW - DAY) == {}, "his budget is not touched"


def test_every_text_says_that_it_is_practice(office: Practice) -> None:
    office.begins()
    for answerer in (ME, PETR, "laura@conti.example"):
        office.goes_on()
        key = next(notice.key for _, way, notice in reversed(office.told) if way == answerer)
        answered = office.replies("1", answerer, In_Reply_To=key, subject=f"Re: {WORD}")
        assert answered == hearing.Heard("acme", Reason.NOTICE_ANSWERED)
    office.goes_on()
    assert len(office.told) == 7, "four notices, three confirmations"
    assert all(WORD in notice.short and "prova" in notice.text for _, _, notice in office.told)
    assert sum("un allarme le arriva" in notice.text for _, _, notice in office.told) == 3
    assert [(link.answer, link.over) for link in office.drill.links] == [("take", "email")] * 3


def test_who_does_not_answer_is_passed_over_in_his_time_and_shown(office: Practice) -> None:
    code = office.begins()
    office.goes_on()
    assert office.goes_on(10 * MINUTE) == [HIS_SMS, HIS_MAIL]
    assert office.goes_on(20 * MINUTE) == [HERS]
    assert office.heard(code, "petr-sea") is Said.PRACTISED, "late, but it reached him"
    assert office.drill.ended is None
    office.goes_on(20 * MINUTE)
    assert [bool(link.answered_at) for link in office.drill.links] == [False, True, False]
    assert not office.drill.works


@pytest.mark.parametrize("both", [False, True])
def test_a_way_that_does_not_work_is_shown_and_the_other_still_tried(office: Practice, both: bool) -> None:
    code = office.begins()
    office.goes_on()
    office.heard(code, "me")
    office.sms.broken = Delivery.FAILED
    office.email.broken = Delivery.RETRY if both else None
    office.goes_on()
    office.email.broken = None
    if not both:
        assert office.told[-1][:2] == HIS_MAIL
        office.heard(code, "petr-sea")
    office.goes_on()
    office.heard(code, "colleague")
    office.goes_on(HOUR)
    assert [link.broken for link in office.drill.links[:2]] == [(), ("sms", "email") if both else ("sms",)]
    assert not office.drill.works


def test_in_observe_and_at_night_it_goes_along_the_whole_chain_too() -> None:
    asleep = quiet(budget=1)
    observed = Practice(trusting(Trust.OBSERVE, absent(escalation=CHAIN)))
    for found in (asleep, observed):
        code = drills.begin("acme", found.service, found.clock.now()).code
        found.goes_on()
        chain.answer(found.service, code, "me", Answer("take"), "cli")
        assert found.goes_on() == [HIS_SMS, HIS_MAIL]


def test_somebody_without_a_way_is_not_told_and_it_does_not_work() -> None:
    office = Practice(absent(escalation=Escalation(("me", "anna", "colleague"))))
    code = office.begins()
    office.goes_on()
    office.heard(code, "me")
    assert office.goes_on() == [HERS]
    office.heard(code, "colleague")
    assert [(link.person, link.ways) for link in office.drill.links][1] == ("anna", ())
    assert not office.drill.works


# --- a real emergency ---


def test_a_real_emergency_goes_first_and_ends_the_practice(office: Practice) -> None:
    code = office.begins()
    office.goes_on()
    office.heard(code, "me")
    office.goes_on()
    office.arrive(letter(1, FLOOD))
    (real,) = [c.code for c in office.store.cases() if c.code != code]
    before = len(office.told)
    office.goes_on()
    told: list[tuple[str, str, Notice]] = office.told[before:]
    assert (told[0][:2], told[0][2].practice) == (MINE, False)
    assert f"[{real}]" in told[0][2].short
    assert all(WORD in notice.short for _, _, notice in told[1:]), "who practised hears that it is over"
    assert (office.drill.instead, office.drill.works) == (real, False)
    assert office.goes_on(10 * MINUTE) == [HIS_SMS]
    assert WORD not in office.told[-1][2].short + office.told[-1][2].text


def test_an_answer_to_the_practice_takes_no_emergency(office: Practice) -> None:
    office.begins()
    office.goes_on()
    practice_key = office.told[-1][2].key
    office.arrive(letter(1, FLOOD))
    office.goes_on()
    real = office.case
    office.replies("1", ME, In_Reply_To=practice_key, subject="Re: PROVA")
    found = office.store.case(real.code)
    assert found
    assert not found.acknowledged_at


def test_the_other_clients_emergency_is_told_before_the_practice(office: Practice) -> None:
    office.begins()
    office.arrive(letter(1, FLOOD))
    case = office.store.watched()[-1]
    office.store.close_case(case.code, office.clock.now())
    water = NewCase("other", "emergency", "acqua", "Anna", "Acqua", escalates=True)
    other = office.store.open_case(water, office.clock.now())
    office.goes_on()
    assert [notice.practice for _, _, notice in office.told] == [False, True]
    assert office.told[0][2].code == other


def test_a_second_begin_joins_the_one_that_runs(office: Practice) -> None:
    assert office.begins() == office.begins()
    assert len(office.store.cases()) == 1
    office.heard(office.case.code, "me", "resolve")
    assert (office.drill.works, bool(office.drill.ended)) == (False, True)
    office.clock.advance(MINUTE)
    assert office.drilled().works


def test_it_is_no_wolf_and_no_news(office: Practice) -> None:
    office.drilled()
    assert office.items() == []
    assert office.notes("note-way") == []
