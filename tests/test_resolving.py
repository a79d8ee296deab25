"""Matters that end by themselves: the customer says so, a person answers, or nothing more comes; kept apart."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.deputies import LAURA, URGENT, Deputies
from tests.make import CUSTOMER, OWNER
from vamaild import promising
from vamaild.core.handover import Stage
from vamaild.core.ledger import State
from vamaild.core.resolve import Resolved, could_wait
from vamaild.core.ruleset import Kind, Rule, Trust

ANSWER = b"From: giulia@ferri-av.example\r\nDate: Thu, 26 Nov 2026 11:00:00 +0100\r\n\r\nfatto"
OVER = Rule("over", Kind.INFORMATION, {"says": ("risolt*", "vyřeš*", "už to mám", "sorted")})
HURRY = "Ciao, mi serve subito il listino."


def shop(resolved_after: int = 5) -> Deputies:
    """Nobody to hand anything to, so that the principal's holiday answers; "it is solved" is information."""
    found = Deputies(replace(LAURA, takes=("niente",)), resolved_after=resolved_after)
    rules = found.service.rules
    book = replace(rules.rulebook, kinds=(OVER, *rules.rulebook.kinds))
    found.service.rules = replace(rules, rulebook=book)
    return found


def waits(office: Deputies) -> str:
    """Her third message today: the ladder is silent, so that it waits for the assistant."""
    for number in range(3):
        key = office.comes(HURRY if number == 0 else f"Ci sono novità? ({number})", subject="Listino")
        office.passes(timedelta(minutes=6))
    assert office.reasons() == ["ladder"]
    return key


def outcomes(office: Deputies) -> list[tuple[str, str]]:
    entries = [office.store.entry(n + 1) for n in range(len(office.box.mails))]
    return [(str(e.outcome), e.reason) for e in entries if e]


@pytest.mark.parametrize("text", ["Risolto, grazie!", "Abbiamo risolto da soli, grazie.", "Tutto risolto."])
def test_said_to_be_solved(text: str) -> None:
    office = shop()
    waits(office)
    office.comes(text, subject="Re: Listino")
    assert office.reasons() == []
    assert [office.store.resolution(n) for n in (1, 2, 3)] == [Resolved.SAID] * 3
    assert outcomes(office)[2] == ("no-reply", "resolved")
    (matter,) = office.store.urgent("acme", office.clock.now() - timedelta(days=1), office.clock.now())
    assert could_wait([matter]) == (1, 1)


@pytest.mark.parametrize(("text", "reminded"), [("Risolto, grazie!", 0), ("Grazie, aspetto.", 1)])
@pytest.mark.parametrize("asked", [HURRY, "Aiuto, si sta allagando il magazzino!"], ids=["a date", "an hour"])
def test_nobody_is_reminded_of_what_is_solved(asked: str, text: str, reminded: int) -> None:
    office = shop()
    office.comes(asked, subject="Listino")
    office.passes()
    assert len(office.store.promises()) == 1
    office.comes(text, subject="Re: Listino")
    office.until(office.at(18, 0, 30) + timedelta(days=9))
    assert min(promising.watch(office.service), 1) == reminded
    assert [p.state for p in office.store.promises(open_only=False)][:1] == ["open" if reminded else "withdrawn"]


def test_a_reminder_that_was_given_loses_its_text_when_it_is_solved() -> None:
    office = shop()
    office.comes(HURRY, subject="Listino")
    office.passes()
    office.until(office.at(18, 0, 30) + timedelta(days=9))
    promising.watch(office.service)
    office.comes("Risolto, grazie!", subject="Re: Listino")
    assert [i.state for i in office.store.outbox(tuple(State)) if i.mail.template == promising.UPDATE] == ["stopped"]


def test_no_draft_is_left_for_what_is_solved() -> None:
    office = shop()
    rules, found = office.service.rules, office.ruleset
    drafting = replace(found, client=replace(found.client, trust=Trust.DRAFT))
    office.service.rules = replace(rules, rulebook=replace(rules.rulebook, clients=(drafting,)))
    office.comes(HURRY, subject="Listino")
    office.comes(HURRY, subject="Altro", sender="dora@customer.example")
    office.comes("Risolto, grazie!", subject="Re: Listino")
    assert [i.mail.to for i in office.store.outbox((State.DRAFT,))] == ["dora@customer.example"]
    assert (outcomes(office)[0], office.reasons()) == (("no-reply", "resolved"), ["draft"])


def test_not_solved_solves_nothing() -> None:
    office = shop()
    waits(office)
    office.comes("Non è risolto, aspetto.", subject="Re: Listino")
    assert [office.store.resolution(n) for n in (1, 2, 3)] == [None] * 3


def test_another_matter_and_another_person_stay() -> None:
    office = shop()
    waits(office)
    office.comes("Risolto, grazie!", subject="Tutt'altro")
    office.comes("Risolto, grazie!", subject="Re: Listino", sender="dora@customer.example")
    assert [office.store.resolution(n) for n in (1, 2, 3)] == [None] * 3


def test_answered_from_the_sent_folder() -> None:
    office = shop()
    key = waits(office)
    office.box.people[key] = ANSWER
    office.passes(timedelta(minutes=6))
    assert (office.reasons(), office.store.resolution(3)) == ([], Resolved.ANSWERED)
    assert outcomes(office)[2] == ("answered", "")


@pytest.mark.parametrize(
    "who", [OWNER, LAURA.email, "giulia@ferri-av.example"], ids=["principal", "colleague", "assistant"]
)
def test_answered_by_one_of_us_with_the_office_in_copy(who: str) -> None:
    office = shop()
    key = waits(office)
    office.comes("Ecco il listino.", sender=who, answers=key, subject="Re: Listino")
    office.passes(timedelta(minutes=6))
    assert office.store.resolution(3) is Resolved.ANSWERED


def test_silence_counts_after_so_many_working_days_and_is_kept_apart() -> None:
    office = shop(resolved_after=2)
    office.comes(HURRY, subject="Listino")
    office.passes()
    assert len(office.told(CUSTOMER)) == 1
    for day, known in ((27, None), (29, None), (30, Resolved.SILENT)):
        office.until(office.at(12, 0, day))
        assert office.store.resolution(1) is known, day
    urgent = office.store.urgent("acme", office.clock.now() - timedelta(days=9), office.clock.now())
    assert could_wait(urgent) == (0, 1)
    office.comes("Risolto, grazie!", subject="Re: Listino")
    assert office.store.resolution(1) is Resolved.SAID, "silence was only a guess"


def test_whoever_writes_again_is_not_silent() -> None:
    office = shop(resolved_after=2)
    office.comes(HURRY, subject="Listino")
    office.passes()
    office.until(office.at(12, 0, 27))
    office.comes("Allora, il listino?", subject="Re: Listino")
    office.passes()
    office.until(office.at(11, 0, 30))
    assert office.store.resolution(1) is None


def test_what_waits_for_a_person_is_no_silence() -> None:
    office = shop(resolved_after=1)
    waits(office)
    office.until(office.at(12, 0, 30))
    assert {office.store.resolution(n) for n in (1, 2, 3)} == {None}
    assert office.reasons() == ["ladder"]


@pytest.mark.parametrize("before", [True, False], ids=["before the packet", "after it"])
def test_what_is_solved_is_handed_to_nobody_any_more(before: bool) -> None:
    office = Deputies().agreed()
    rules = office.service.rules
    office.service.rules = replace(rules, rulebook=replace(rules.rulebook, kinds=(OVER, *rules.rulebook.kinds)))
    office.comes(URGENT, subject="Muro")
    if not before:
        office.passes()
    office.comes("Risolto, grazie!", subject="Re: Muro")
    office.passes(timedelta(days=4))
    assert office.stages() == [Stage.DONE]
    assert len(office.told(LAURA.email)) == (1 if before else 2)
    assert office.reasons() == []


def test_an_emergency_is_ended_by_its_chain_only() -> None:
    office = shop()
    office.comes("Aiuto, si sta allagando il magazzino!", subject="Acqua")
    office.comes("Risolto, grazie!", subject="Re: Acqua")
    assert [c.case.escalates for c in office.store.cases()] == [True]
    assert office.store.resolution(1) is Resolved.SAID
