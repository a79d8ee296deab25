"""Who is told, and when: the chain, the quiet hours, the budget, wolves, one incident."""

from dataclasses import replace
from datetime import UTC, datetime

from tests.chain.alarm import (
    CHAIN,
    DAY,
    FLOOD,
    HERS,
    HIS_MAIL,
    HIS_SMS,
    HOUR,
    ME,
    MINE,
    MINUTE,
    PETR,
    TELEPHONE,
    Alarm,
    quiet,
)
from tests.make import NOW, absent
from tests.office import CARLA, letter, parsed
from vamaild import chain, hearing
from vamaild.chain import Answer
from vamaild.core.cases import NewCase
from vamaild.core.chainwords import Said
from vamaild.core.ledger import State
from vamaild.core.notify import Delivery
from vamaild.core.reasons import Reason
from vamaild.core.resolve import Resolved

# --- who is told, and when ---


def test_the_assistant_first_then_the_contact_by_two_ways_then_the_colleague_and_again(office: Alarm) -> None:
    assert office.goes_on() == [MINE]
    assert office.goes_on(9 * MINUTE) == []
    assert office.goes_on(MINUTE) == [HIS_SMS]
    assert office.goes_on(10 * MINUTE) == [HIS_MAIL]
    assert office.goes_on(10 * MINUTE) == [HERS]
    assert office.goes_on(20 * MINUTE) == [MINE]
    assert office.goes_on(20 * MINUTE) == []
    assert office.goes_on(20 * MINUTE) == [HIS_SMS], "the second time everybody has longer"


def test_a_notice_says_who_and_what_first_and_no_secret(office: Alarm) -> None:
    office.goes_on()
    office.goes_on(10 * MINUTE)
    (_, _, first), (_, _, second) = office.told
    assert first.short.startswith(f"{CARLA[:23]}")
    assert f"[{office.case.code}]" in first.short
    assert "si sta allagando" in second.text
    assert "Laura Conti" in second.text, "what happens if he does nothing"
    for notice in (first, second):
        assert not any(secret in notice.short + notice.text for secret in (TELEPHONE, PETR))
    assert first.key != second.key


def test_who_takes_it_has_peace_and_so_has_everybody(office: Alarm) -> None:
    office.goes_on()
    office.goes_on(10 * MINUTE)
    assert office.says("petr-sea", "take") is Said.TAKEN
    assert office.goes_on() == [MINE], "the assistant hears that she need not do anything"
    assert "petr-sea" in office.told[-1][2].text
    assert office.goes_on(59 * MINUTE) == []
    assert office.case.acknowledged_by == "petr-sea"
    assert office.says("me", "take") is Said.ALREADY


def test_who_has_it_is_asked_once_a_day_whether_it_is_over_and_nobody_else_is(office: Alarm) -> None:
    office.goes_on()
    office.says("me", "take")
    told = [(hour, t) for hour in range(1, 75) for t in office.goes_on(HOUR)]
    assert told == [(2, MINE), (23, MINE), (47, MINE), (71, MINE)], "after two hours, then at nine each morning"
    assert "domattina" in office.told[-1][2].text
    assert "Senza risposta" not in office.told[-1][2].text, "nobody else is asked"
    assert office.case.acknowledged_by == "me"
    assert office.replies("fatto, grazie", ME) == hearing.Heard("acme", Reason.NOTICE_ANSWERED)
    assert office.store.cases() == ()


def test_the_holder_who_cannot_be_told_leaves_it_to_the_assistant(office: Alarm) -> None:
    office.goes_on()
    office.says("petr-sea", "take")
    office.goes_on()
    office.sms.broken = Delivery.FAILED
    assert office.goes_on(2 * HOUR) == [HIS_MAIL]
    rules = office.service.rules
    alone = absent(escalation=replace(CHAIN, chain=("me", "colleague")))
    office.service.rules = replace(rules, rulebook=replace(rules.rulebook, clients=(alone,)))
    assert office.goes_on() == [MINE], "he is gone: it is hers again"


def test_what_is_perhaps_nothing_is_asked_twice_and_then_each_office_morning() -> None:
    office = Alarm()
    doubt = NewCase("acme", "confirm", "x", "Carla", "Preventivo", escalates=True)
    code = office.store.open_case(doubt, office.clock.now())  # Thursday 10:40
    told = [(office.clock.now(), t) for _ in range(24 * 6) for t in office.goes_on(HOUR)]
    first = [t for at, t in told if at < NOW + 6 * HOUR]
    assert set(first) >= {MINE, HIS_SMS, HERS}
    later = [(at.astimezone(NOW.tzinfo), t) for at, t in told if at > NOW + 12 * HOUR]
    assert {t for _, t in later} == {MINE}
    assert [f"{at:%a}" for at, _ in later] == ["Fri", "Mon", "Tue", "Wed"], "she alone, on working days"
    assert "chiesto 5 volte" in office.told[-1][2].text
    assert "Senza risposta" not in office.told[-1][2].text
    assert office.store.case(code)


def solved(office: Alarm) -> None:
    """The customer writes that it is over, as the round would note it."""
    assert office.case.message
    office.store.resolve(office.case.message, Resolved.SAID, office.clock.now())


def test_solved_says_the_sender_and_the_holder_hears_it_once(office: Alarm) -> None:
    office.goes_on()
    office.says("petr-sea", "take")
    office.goes_on()
    solved(office)
    assert office.goes_on() == [HIS_SMS]
    assert "dice che è risolto" in office.told[-1][2].text
    assert office.goes_on(3 * HOUR) == []
    assert office.case.acknowledged_by == "petr-sea"


def test_solved_while_it_is_asked_calls_everybody_off_but_her(office: Alarm) -> None:
    office.goes_on()
    office.goes_on(10 * MINUTE)
    solved(office)
    told = office.goes_on()
    assert sorted(told) == sorted([MINE, HIS_SMS]), "she hears it, he need do nothing any more"
    assert {t for _ in range(20) for t in office.goes_on(HOUR)} <= {MINE}


def test_it_was_not_solved_after_all(office: Alarm) -> None:
    office.goes_on()
    solved(office)
    office.goes_on()
    subject = parsed(letter(1, FLOOD))["Subject"]
    office.arrive(letter(2, FLOOD + " Di nuovo!", subject=f"Re: {subject}"))
    assert MINE in office.goes_on(MINUTE)
    assert "notizia nuova" in office.told[-1][2].text
    assert HIS_SMS in [t for _ in range(6) for t in office.goes_on(10 * MINUTE)]


def test_passed_on_to_the_next_at_once_and_not_asked_again(office: Alarm) -> None:
    office.goes_on()
    assert office.says("me", "pass_on") is Said.PASSED
    assert office.goes_on() == [HIS_SMS]
    office.says("petr-sea", "pass_on")
    assert office.goes_on() == [HERS]
    assert office.goes_on(20 * MINUTE) == [MINE]
    assert office.goes_on(40 * MINUTE) == [HERS]


def test_it_can_wait_comes_back_to_the_assistant_with_the_note(office: Alarm) -> None:
    office.goes_on()
    office.says("me", "pass_on")
    office.goes_on()
    assert office.says("petr-sea", "wait", note="il rubinetto è chiuso") is Said.WAITS
    assert office.goes_on() == [MINE]
    assert "Può aspettare" in office.told[-1][2].text
    assert any("rubinetto" in e.detail for e in office.store.case_events(office.case.code))
    assert office.says("me", "wait") is Said.SNOOZED
    assert office.case.case.due == datetime(2026, 12, 7, 9, tzinfo=NOW.tzinfo), "the morning of the return"
    assert office.goes_on(2 * DAY) == []


def test_given_by_name_and_resolved_with_the_news_that_were_promised(office: Alarm) -> None:
    office.goes_on()
    assert office.says("me", "give", to="colleague") is Said.GIVEN
    assert office.goes_on() == [HERS]
    assert office.says("colleague", "take") is Said.TAKEN
    code = office.case.code
    done = chain.answer(
        office.service, code, "colleague", Answer("resolve", could_wait=False, note="il tecnico è sul posto"), "web"
    )
    assert done.accepted
    assert office.store.cases() == ()
    ended = office.store.case(code)
    assert ended is not None
    assert (ended.could_wait, ended.resolution) == (False, "il tecnico è sul posto")
    (draft,) = [i for i in office.items(State.DRAFT) if i.mail.template == "status-update"]
    assert (draft.mail.to, "il tecnico è sul posto" in str(parsed(draft.mail.raw).get_content())) == (CARLA, True)
    assert office.goes_on(DAY) == []
    assert chain.answer(office.service, code, "me", Answer("take"), "cli").said is Said.CLOSED


def test_no_note_brings_a_secret_to_the_customer(office: Alarm) -> None:
    office.goes_on()
    office.says("me", "resolve", note=f"chiami Petr, {TELEPHONE}")
    (draft,) = [i for i in office.items(State.DRAFT) if i.mail.template == "status-update"]
    assert TELEPHONE.encode() not in draft.mail.raw
    assert b"603" not in draft.mail.raw


def test_put_off_until_then(office: Alarm) -> None:
    office.goes_on()
    until = office.clock.now() + 3 * HOUR
    assert office.says("me", "snooze", until=until) is Said.SNOOZED
    assert office.goes_on(3 * HOUR - MINUTE) == []
    assert office.goes_on(MINUTE) == [MINE]


# --- quiet hours, budget, wolves ---


def test_at_night_the_contact_sleeps_and_is_told_in_the_morning_of_his_own_zone() -> None:
    office = quiet()
    office.arrive(letter(1, FLOOD))
    assert office.goes_on() == [MINE]
    assert office.goes_on(10 * MINUTE) == [HERS]
    told = [(office.clock.now(), t) for _ in range(200) for t in office.goes_on(5 * MINUTE)]
    first = next(at for at, t in told if t == HIS_SMS)
    assert datetime(2026, 11, 27, 5, 0, tzinfo=UTC) <= first <= datetime(2026, 11, 27, 5, 5, tzinfo=UTC)


def test_danger_to_people_wakes_him() -> None:
    office = quiet()
    office.arrive(letter(1, "Buongiorno, l'operaio è ferito, chiamate qualcuno!"))
    assert office.case.case.people
    assert office.goes_on() == [MINE]
    assert office.goes_on(10 * MINUTE) == [HIS_SMS]


def test_the_assistant_may_wake_him_by_hand() -> None:
    office = quiet()
    office.arrive(letter(1, FLOOD))
    office.goes_on()
    office.says("me", "give", to="petr-sea")
    assert office.goes_on() == [HIS_SMS]


def test_beyond_the_budget_only_danger_to_people_reaches_the_contact() -> None:
    office = Alarm(absent(escalation=replace(CHAIN, budget=1)))
    for number, text in ((1, FLOOD), (2, FLOOD), (3, "Aiuto, un cliente è ferito, venite!")):
        office.arrive(letter(number, text))
        assert office.goes_on()
        told = office.goes_on(10 * MINUTE)
        assert (HIS_SMS in told) == (number != 2)
        for case in office.store.cases():
            chain.answer(office.service, case.code, "me", Answer("resolve"), "cli")
        office.goes_on()


def test_who_cried_wolf_twice_goes_to_the_assistant_alone() -> None:
    office = Alarm()
    for number in (1, 2, 3):
        office.arrive(letter(number, FLOOD))
        assert office.goes_on() == [MINE]
        assert (HIS_SMS in office.goes_on(10 * MINUTE)) == (number < 3)
        office.says("me", "resolve", could_wait=True)
        office.goes_on()
        office.clock.advance(DAY)


# --- one incident ---


def test_insisting_joins_and_a_new_damage_is_told_to_whoever_has_it(office: Alarm) -> None:
    office.goes_on()
    office.says("me", "take")
    subject = parsed(letter(1, FLOOD))["Subject"]
    office.arrive(letter(2, FLOOD + " Rispondete!", subject=f"Re: {subject}"))
    assert (office.case.joined, office.goes_on()) == (1, [])
    office.arrive(letter(3, "E adesso un operaio è ferito!", subject=f"Re: {subject}"))
    assert office.goes_on() == [MINE]
    assert "notizia nuova" in office.told[-1][2].text
    assert office.case.damage == ("acqua", "feriti")


def test_a_new_damage_is_not_lost_when_somebody_answers_at_the_same_moment(office: Alarm) -> None:
    office.goes_on()
    subject = parsed(letter(1, FLOOD))["Subject"]
    office.arrive(letter(3, "E adesso un operaio è ferito!", subject=f"Re: {subject}"))
    assert office.says("me", "take") is Said.TAKEN
    assert office.goes_on() == [MINE]


def test_every_mail_of_an_alarm_system_is_an_alarm_of_its_own() -> None:
    office = Alarm()
    for number in (1, 2):
        office.arrive(letter(number, FLOOD, sender="alarm@tower.example", subject="ALLARME"))
    codes = [case.code for case in office.store.cases()]
    assert len(codes) == 2
    assert office.goes_on() == [MINE], "told together"
    assert all(f"[{code}]" in office.told[-1][2].text for code in codes)
