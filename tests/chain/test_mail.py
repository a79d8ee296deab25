"""Answers by mail, and what only looks like one."""

from dataclasses import replace

import pytest

from tests.chain.alarm import (
    CHAIN,
    DAY,
    HIS_MAIL,
    LAURA,
    ME,
    MINE,
    MINUTE,
    PETR,
    Alarm,
)
from tests.make import NOW, absent
from tests.office import letter
from vamaild import hearing
from vamaild.core.cases import NewCase
from vamaild.core.ledger import Arrival
from vamaild.core.notify import Delivery
from vamaild.core.reasons import Reason
from vamaild.core.ruleset import Rulebook

# --- answers by mail ---


def test_an_answer_by_mail_takes_it_and_is_confirmed(office: Alarm) -> None:
    office.goes_on()
    assert office.replies("1\n\nInviato da iPhone", ME) == hearing.Heard("acme", Reason.NOTICE_ANSWERED)
    assert office.case.acknowledged_by == "me"
    assert office.goes_on() == [MINE]
    assert "il caso è suo" in office.told[-1][2].text
    assert [e.who for e in office.store.case_events(office.case.code) if e.what == "taken"] == ["me"]


def test_two_goes_on_and_three_comes_back(office: Alarm) -> None:
    office.goes_on()
    office.replies("2", ME)
    office.goes_on()
    assert office.case.case.escalates
    office.sms.broken = Delivery.FAILED
    office.goes_on(10 * MINUTE)
    assert office.told[-1][:2] == HIS_MAIL
    office.replies("3", PETR)
    assert MINE in office.goes_on()


@pytest.mark.parametrize(
    ("sender", "fields"),
    [
        ("eve@evil.example", {}),
        (LAURA, {}),
        (ME, {"In_Reply_To": "<somewhere@else.example>"}),
    ],
    ids=["a stranger", "somebody else of the chain", "no thread, only the code"],
)
def test_a_foreign_answer_does_nothing_and_is_shown(office: Alarm, sender: str, fields: dict[str, str]) -> None:
    office.goes_on()
    code = office.case.code
    heard = office.replies("1", sender, **fields)
    assert heard == hearing.Heard("acme", Reason.ANSWER_FORGED)
    case = office.store.case(code)
    assert case is not None
    assert not case.acknowledged_at
    assert [c.case.reason for c in office.store.cases()][1:] == ["answer-forged"]


@pytest.mark.parametrize(("result", "taken"), [("dmarc=pass", True), ("dmarc=fail", False), ("spf=pass", False)])
def test_where_our_server_checks_senders_an_answer_must_pass(office: Alarm, result: str, taken: bool) -> None:
    from vamaild.adapters.auth import authenticate

    rules = office.service.rules
    checked: Rulebook = replace(rules.rulebook, own_servers=("mx.va.example",))
    office.service.rules = replace(rules, rulebook=checked, tools=replace(rules.tools, authenticate=authenticate))
    office.goes_on()
    code = office.case.code
    office.replies("1", ME, Authentication_Results=f"mx.va.example; {result} header.from=ferri-av.example")
    case = office.store.case(code)
    assert case is not None
    assert bool(case.acknowledged_at) == taken


def test_an_absence_notice_of_the_contact_takes_nothing(office: Alarm) -> None:
    office.goes_on()
    assert office.replies("1", ME, Auto_Submitted="auto-replied") == hearing.Heard("acme", Reason.NOTICE_ECHO)
    assert not office.case.acknowledged_at


def test_a_replayed_answer_of_an_old_notice_changes_nothing(office: Alarm) -> None:
    office.goes_on()
    office.replies("1", ME)
    office.says("me", "resolve")
    assert office.replies("1", ME) == hearing.Heard("acme", Reason.NOTICE_ANSWERED)
    assert office.store.cases() == ()


def test_what_is_not_understood_is_asked_about(office: Alarm) -> None:
    office.goes_on()
    office.says("me", "pass_on")
    office.sms.broken = Delivery.FAILED
    office.goes_on()
    code = office.store.cases()[0].code
    assert office.replies("chi è questa?", PETR) == hearing.Heard("acme", Reason.ANSWER_UNCLEAR)
    office.goes_on()
    assert "non si è capita" in office.told[-1][2].text
    assert [c.case.reason for c in office.store.cases() if c.code != code] == ["answer-unclear"]


def test_ordinary_mail_is_no_answer(office: Alarm) -> None:
    raw = letter(5, "1")
    message = office.service.read(Arrival(1, 1, NOW, len(raw), raw))
    assert not hearing.read_answer(message, office.service)


# --- what only looks like an answer ---


def refused(office: Alarm, heard: hearing.Heard | None, code: str, holder: str = "") -> str:
    """Nobody took the case, and the assistant sees why; the note she sees."""
    assert heard == hearing.Heard("acme", Reason.ANSWER_FORGED)
    case = office.store.case(code)
    assert case
    assert case.acknowledged_by == holder
    (shown,) = [c for c in office.store.cases() if c.case.reason == Reason.ANSWER_FORGED]
    assert "warning" not in shown.case.note
    return shown.case.note


def test_the_code_of_another_case_in_the_subject(office: Alarm) -> None:
    office.goes_on()
    first = office.case.code
    other = office.store.open_case(NewCase("acme", "emergency", "x", "Zoe", "Fuoco", escalates=True), NOW)
    heard = office.replies("1", ME, subject=f"Re: Zoe: Fuoco [{other}]")
    assert "another case" in refused(office, heard, first)
    found = office.store.case(other)
    assert found
    assert not found.acknowledged_at


def test_somebody_who_was_taken_off_the_chain(office: Alarm) -> None:
    office.goes_on()
    office.says("me", "pass_on")
    office.sms.broken = Delivery.FAILED
    office.goes_on()
    rules, code = office.service.rules, office.case.code
    assert office.told[-1][:2] == HIS_MAIL
    shorter = absent(escalation=replace(CHAIN, chain=("me", "colleague")))
    office.service.rules = replace(rules, rulebook=replace(rules.rulebook, clients=(shorter,)))
    assert "nobody in the chain" in refused(office, office.replies("1", PETR), code)


def test_an_old_answer_that_comes_again_when_it_is_asked_anew(office: Alarm) -> None:
    office.goes_on()
    old = office.told[-1][2]
    assert office.replies("1", ME) == hearing.Heard("acme", Reason.NOTICE_ANSWERED)
    assert MINE in office.goes_on(121 * MINUTE), "is it over?"
    again, code = {"In_Reply_To": old.key, "subject": f"Re: {old.short}"}, office.case.code
    for _ in range(3):
        assert "answered before" in refused(office, office.replies("1", ME, **again), code, "me")
        office.clock.advance(MINUTE)
    assert office.replies("1", ME) == hearing.Heard("acme", Reason.NOTICE_ANSWERED), "the new one counts"
    assert office.store.cases()[0].acknowledged_by == "me"


def test_a_late_answer_to_a_notice_nobody_answered_counts(office: Alarm) -> None:
    office.goes_on()
    old = office.told[-1][2]
    office.goes_on(10 * MINUTE)
    heard = office.replies("1", ME, In_Reply_To=old.key, subject=f"Re: {old.short}")
    assert heard == hearing.Heard("acme", Reason.NOTICE_ANSWERED)
    assert office.case.acknowledged_by == "me"


def test_he_may_change_his_mind_before_he_is_asked_again(office: Alarm) -> None:
    office.goes_on()
    office.replies("3", ME)
    assert office.replies("1", ME) == hearing.Heard("acme", Reason.NOTICE_ANSWERED)
    assert office.case.case.due
    assert office.case.case.due < office.clock.now() + DAY


@pytest.mark.parametrize("forged", ["From: Giulia <giulia@ferri-av.example>, <eve@evil.example>", "Reply-To"])
def test_two_senders_are_nobody(office: Alarm, forged: str) -> None:
    office.goes_on()
    sender = "eve@evil.example" if forged == "Reply-To" else forged.removeprefix("From: ")
    heard = office.replies("1", sender, Reply_To=ME)
    assert heard in (None, hearing.Heard("acme", Reason.ANSWER_FORGED))
    assert not office.store.cases()[0].acknowledged_by
