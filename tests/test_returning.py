"""The digest of the return: on the morning of the day back, once, and what he answers to it counts if it is his."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from tests.make import ROME, absent
from tests.office import Office, letter, trusting
from vamaild import leaving, returning
from vamaild.core.cases import Advance, NewCase
from vamaild.core.ledger import Sort
from vamaild.core.ruleset import Situation, Trust

BACK = datetime(2026, 12, 7, 9, tzinfo=ROME)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HE = "boss@client.example"


@pytest.fixture
def office() -> Office:
    """Five messages of Carla's about one thing, one of Dora's, and an emergency that was taken after five minutes."""
    made = Office(trusting(Trust.SEND, absent()))
    for number in range(1, 6):
        at = made.clock.now().astimezone(ROME)
        text = f"Quando ho il preventivo {'abcdef'[number]}?"
        made.arrive(letter(number, text, subject="Preventivo", Date=f"{at:%a, %d %b %Y %H:%M:%S %z}"))
        made.let_out(6 * MINUTE)
    made.arrive(letter(6, "Mi mandi il listino?", sender="dora@third.example", subject="Listino"))
    made.let_out()
    now = made.clock.now()
    code = made.store.open_case(NewCase("acme", "emergency", "x", "Malá", "Voda", escalates=True), now)
    made.store.acknowledge(code, "petr-sea", now + 5 * MINUTE)
    case = made.store.case(code)
    assert case
    closed = Advance({}, None, "petr-sea", now + 5 * MINUTE, now + HOUR, asked=2)
    assert made.store.advance(code, case.version, closed, now + HOUR)
    return made


def until(made: Office, moment: datetime) -> int:
    made.clock.advance(moment - made.clock.now())
    return returning.watch(made.service)


def mail(made: Office) -> EmailMessage:
    (found,) = made.notes("note-return")
    return found


def text(made: Office, kind: str = "plain") -> str:
    part = mail(made).get_body((kind,))
    assert part
    return str(part.get_content())


def test_it_leaves_at_the_first_office_hour_of_the_day_back_and_once(office: Office) -> None:
    assert until(office, BACK - MINUTE) == 0
    assert until(office, BACK) == 1
    assert until(office, BACK + MINUTE) == 0
    found = mail(office)
    assert (found["To"], found["Auto-Submitted"], found["Subject"]) == (
        HE,
        "auto-generated",
        "Buon rientro: 1 decisione, 6 messaggi",
    )
    assert [
        i.mail.sort for i in office.store.outbox(tuple(returning_states())) if i.mail.template == "note-return"
    ] == [Sort.NOTE]


def returning_states() -> Any:
    from vamaild.core.ledger import State

    return State


def test_decisions_come_first_then_promises_then_what_happened(office: Office) -> None:
    until(office, BACK)
    said = text(office)
    order = [
        said.index(words)
        for words in (
            "DA DECIDERE OGGI",
            "carla@customer.example: Preventivo, messaggi: 5",
            "PROMESSE APERTE",
            "dora@third",
            "Presa in carico dopo 5 min.",
            "POTEVA ASPETTARE?",
        )
    ]
    assert order == sorted(order)
    assert "da lunedì" in said or "dal 23 novembre al 6 dicembre" in said


def test_the_html_says_the_same_with_links_and_fetches_nothing(office: Office) -> None:
    until(office, BACK)
    html = text(office, "html")
    code = office.store.judged_cases("acme", BACK - timedelta(days=30))[0].code
    assert f"mailto:va@va.example?subject={code}%201&amp;body={code}%201" in html
    for line in text(office).splitlines():
        assert line.removeprefix("- ").strip() in html.replace("&#x27;", "'").replace("&quot;", '"'), line
    assert "src=" not in html
    assert "http" not in html


@pytest.mark.parametrize(("then", "shown"), [("list", True), ("nothing", False)])
def test_a_page_may_ask_for_its_questions_one_by_one(then: str, shown: bool) -> None:
    page = Situation("Garanzia", ("garanzia",), {"it": "Vale due anni."}, then=then)
    made = Office(trusting(Trust.SEND, absent(situations=(page,))))
    made.arrive(letter(1, "Quanto dura la garanzia?", subject="Scala"))
    made.let_out(6 * MINUTE)
    until(made, BACK)
    assert "Risposte date dal manuale: 1" in text(made)
    assert ("Dal manuale, carla@customer.example: Scala" in text(made)) is shown


def test_after_a_standstill_it_is_caught_up_but_not_after_a_fortnight(office: Office) -> None:
    assert until(office, BACK + timedelta(days=3)) == 1
    late = Office(trusting(Trust.SEND, absent()))
    late.arrive(letter(1))
    assert until(late, BACK + timedelta(days=15)) == 0
    assert late.notes("note-return") == []


def test_nothing_arrived_nothing_is_said() -> None:
    made = Office(trusting(Trust.SEND, absent()))
    assert until(made, BACK) == 0


def test_an_end_by_hand_brings_it_at_once_in_office_hours(office: Office) -> None:
    ruleset = office.service.rules.rulebook.clients[0]
    assert until(office, datetime(2026, 11, 27, 16, 20, tzinfo=ROME)) == 0
    assert leaving.end(ruleset, office.service)
    assert returning.watch(office.service) == 1
    assert until(office, BACK) == 0, "what the file says of these days is over, too"


def test_an_end_in_the_evening_brings_it_in_the_morning(office: Office) -> None:
    until(office, datetime(2026, 11, 27, 20, tzinfo=ROME))
    leaving.end(office.service.rules.rulebook.clients[0], office.service)
    assert returning.watch(office.service) == 0
    assert until(office, datetime(2026, 11, 30, 9, tzinfo=ROME)) == 1


def answer(made: Office, body: str, **fields: str) -> None:
    key = str(mail(made)["Message-ID"])
    head = {"In-Reply-To": key, "References": key, "To": "va@va.example", "Delivered_To": "va@va.example"} | fields
    made.arrive(letter(50, body, sender=HE, subject=f"Re: {mail(made)['Subject']}", **head))


def codes(made: Office) -> tuple[str, str]:
    """(the emergency, the case to decide)."""
    every = made.store.cases(everything=True)
    return next(c.code for c in every if c.case.escalates), returning.gather(
        made.service.rules.rulebook.clients[0], returning.Over(absent().absence, BACK), made.service
    ).decide[0].code  # type: ignore[arg-type]  # the absence is there


def test_a_tap_is_a_verdict_and_words_go_to_the_assistant(office: Office) -> None:
    until(office, BACK)
    emergency, decide = codes(office)
    answer(office, f"> [{emergency}] Voda (Malá): 1 poteva aspettare\n2\n> [{decide}] carla: Preventivo\nSì, il 5%.\n")
    (verdict,) = office.store.verdicts("acme", BACK - HOUR, BACK + HOUR)
    assert (verdict.code, verdict.who, verdict.could_wait) == (emergency, "principal", False)
    told = [c.case.note for c in office.store.cases() if c.case.reason == "principal-says"]
    assert told == [f"[{decide}] Sì, il 5%."]
    assert len(office.items()) == len([i for i in office.items() if i.mail.to != HE]), "he gets no reply"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"Authentication_Results": "mx.example; dmarc=fail header.from=client.example"}, "forged"),
        ({"In-Reply-To": "<x@y.example>", "References": "<x@y.example>"}, "not in the thread"),
        ({"Auto_Submitted": "auto-replied"}, "a machine"),
    ],
)
def test_what_may_not_be_his_does_nothing(office: Office, fields: dict[str, str], why: str) -> None:
    if why == "forged":
        from dataclasses import replace

        from vamaild.core.case import Authentication

        tools = replace(office.service.rules.tools, authenticate=lambda v, s: Authentication("fail" if v else "", "x"))
        office.service.rules = replace(office.service.rules, tools=tools)
    until(office, BACK)
    emergency, _ = codes(office)
    answer(office, f"{emergency} 1\n", **fields)
    assert office.store.verdicts("acme", BACK - HOUR, BACK + HOUR) == ()


def test_a_secret_keeps_the_digest_here(office: Office) -> None:
    office.arrive(letter(9, "Mi mandi?", sender="x@y.example", subject="chiamo il +420 603 111 222"))
    office.let_out()
    until(office, BACK)
    assert office.notes("note-return") == []
    assert "the digest of the return may not leave" in office.journal.lines


@pytest.mark.parametrize("language", ["it", "cs", "en"])
def test_it_is_written_in_the_client_s_language(language: str) -> None:
    from dataclasses import replace

    ruleset = trusting(Trust.SEND, absent())
    made = Office(replace(ruleset, client=replace(ruleset.client, language=language, languages=("it", language))))
    made.arrive(letter(1, subject="Preventivo"))
    made.let_out()
    assert until(made, BACK) == 1
    heads = {"it": "PROMESSE APERTE", "cs": "SLÍBENO", "en": "PROMISED"}
    assert heads[language] in text(made)
    assert returning.preview(made.service, "acme").startswith(f"To: {HE}\nSubject: ")
    assert returning.preview(made.service, "nobody") == ""
