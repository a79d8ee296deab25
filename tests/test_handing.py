"""A matter goes to a colleague: with his consent, on a clock, as a mail he can answer; never twice or in silence."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.deputies import CALM, ENZO, LAURA, URGENT, WEEK_OFF, Deputies, body, report
from tests.make import CUSTOMER
from vamaild import handing
from vamaild.core.cases import NewCase, QueueCase
from vamaild.core.handover import Stage
from vamaild.core.ledger import Arrival
from vamaild.core.plan import Action
from vamaild.core.ruleset import Leave, Matter, Trust

GIULIA = "giulia@ferri-av.example"
DAY = timedelta(days=1)


def entry(shop: Deputies, number: int = 1) -> tuple[str, str]:
    found = shop.store.entry(number)
    assert found is not None
    return found.action, str(found.outcome)


# ---- forward


def test_it_is_passed_on_with_a_packet_after_the_reply_has_left() -> None:
    shop = Deputies().agreed()
    shop.comes(URGENT)
    assert shop.stages() == [Stage.AGREED]
    assert len(shop.told(LAURA.email)) == 1, "only the question: our reply waits for its grace"
    shop.passes()
    reply, packet = shop.last(CUSTOMER), shop.last(LAURA.email)
    assert "passa adesso a Laura Conti" in body(reply)
    assert "La risposta arriva entro le 18:00 di domani: se non le scrive Laura Conti, le scrivo io" in body(reply)
    assert "laura@conti.example" not in body(reply)
    assert packet["Auto-Submitted"] == "auto-generated"
    assert packet["To"] == LAURA.email
    for words in (CUSTOMER, "26/11/2026 10:40", "il muro si muove", "entro le 10:45 di domani", "27/11/2026 18:00"):
        assert words in body(packet)
    assert shop.stages() == [Stage.HANDED]
    assert len(shop.told(CUSTOMER)) == 1


def test_a_yes_takes_it_and_the_clock_stands_still() -> None:
    shop = Deputies().agreed()
    shop.comes(URGENT)
    shop.passes()
    shop.answers(LAURA.email, "1")
    assert (shop.stages(), shop.reasons()) == ([Stage.TAKEN], [])
    shop.passes(DAY * 3)
    assert len(shop.told(ENZO.email)) == 1


def test_who_does_not_answer_is_followed_by_the_next_and_then_by_the_assistant() -> None:
    shop = Deputies().agreed()
    shop.comes(URGENT)
    shop.passes()
    shop.until(shop.at(10, 44, 27))
    assert len(shop.told(ENZO.email)) == 1, "a working day is not over"
    shop.until(shop.at(10, 50, 27))
    assert "il muro si muove" in body(shop.last(ENZO.email))
    assert "Passata a Enzo Neri" in body(shop.last(GIULIA))
    shop.until(shop.at(12, 0, 30))
    assert shop.stages() == [Stage.MISSED]
    assert shop.reasons() == ["handed-back"]
    assert "Nessun collega se ne occupa" in body(shop.last(GIULIA))
    assert entry(shop)[1] == "waiting"
    assert len(shop.told(CUSTOMER)) == 1


def test_a_no_goes_to_the_next_at_once_and_a_late_yes_is_shown() -> None:
    shop = Deputies().agreed()
    shop.comes(URGENT)
    shop.passes()
    shop.answers(LAURA.email, "2, non posso")
    shop.passes()
    assert "il muro si muove" in body(shop.last(ENZO.email))
    shop.answers(LAURA.email, "Anzi sì, lo prendo io")
    assert shop.reasons() == ["answer-unclear"]
    assert shop.store.forwards((Stage.HANDED,))[0].email == ENZO.email


def test_words_that_are_no_plain_answer_stop_the_clock_and_go_to_the_assistant() -> None:
    shop = Deputies().agreed()
    shop.comes(URGENT)
    shop.passes()
    shop.answers(LAURA.email, "Chi ha le chiavi del cancello?")
    assert (shop.stages(), shop.reasons()) == ([Stage.TAKEN], ["answer-unclear"])


@pytest.mark.parametrize(
    ("text", "more", "reason"),
    [
        ("1", {"sender": "laura@other.example"}, ["answer-forged"]),
        ("Sono in ferie fino a lunedì", {"Auto_Submitted": "auto-replied"}, []),
    ],
)
def test_nobody_else_and_no_machine_takes_it(text: str, more: dict[str, str], reason: list[str]) -> None:
    shop = Deputies().agreed()
    shop.comes(URGENT)
    shop.passes()
    shop.comes(text, **{"sender": LAURA.email, "answers": str(shop.last(LAURA.email)["Message-ID"])} | more)
    assert (shop.stages(), shop.reasons()) == ([Stage.HANDED], reason)


def test_a_packet_that_comes_back_goes_on_at_once() -> None:
    shop = Deputies().agreed()
    shop.comes(URGENT)
    shop.passes()
    (forward,) = shop.store.forwards((Stage.HANDED,))
    shop.box.mails.append(report(str(shop.last(LAURA.email)["Message-ID"])))
    shop.look()
    assert shop.store.forwards((Stage.HANDED,))[0].email == ENZO.email
    assert not handing.pass_on(forward, LAURA.email, "again", shop.service), "it is Enzo's by now"


def test_who_is_away_is_passed_over() -> None:
    shop = Deputies(replace(LAURA, leaves=(WEEK_OFF,)), replace(ENZO, hand_over="forward")).agreed()
    shop.comes(URGENT)
    shop.passes()
    assert len(shop.told(LAURA.email)) == 1
    assert "il muro si muove" in body(shop.last(ENZO.email))
    assert "Enzo Neri" in body(shop.last(CUSTOMER))


def test_nobody_there_leaves_it_to_the_usual_reply() -> None:
    shop = Deputies(replace(LAURA, leaves=(WEEK_OFF,))).agreed()
    shop.comes(URGENT)
    assert entry(shop)[0] == Action.REPLY_VACATION


def test_a_reply_that_never_leaves_hands_nothing_over() -> None:
    shop = Deputies().agreed()
    key = shop.comes(URGENT)
    shop.box.people[key] = b"From: giulia@ferri-av.example\r\nDate: Thu, 26 Nov 2026 10:42:00 +0100\r\n\r\nfatto"
    shop.passes()
    assert shop.stages() == [Stage.DONE]
    assert len(shop.told(LAURA.email)) == 1
    assert shop.told(CUSTOMER) == []


def test_so_many_a_day_and_no_more() -> None:
    shop = Deputies(replace(LAURA, per_day=1)).agreed()
    shop.comes(URGENT)
    shop.passes()
    shop.comes(URGENT, sender="dora@customer.example", subject="Altro")
    shop.passes()
    assert shop.stages() == [Stage.HANDED, Stage.MISSED]
    assert len(shop.told(LAURA.email)) == 2


@pytest.mark.parametrize("trust", [Trust.OBSERVE, Trust.DRAFT])
def test_nothing_goes_where_nothing_may_be_sent(trust: Trust) -> None:
    ruleset = Deputies().ruleset
    shop = Deputies(client=replace(ruleset.client, trust=trust)).agreed()
    shop.comes(URGENT)
    shop.passes(DAY * 5)
    assert len(shop.told(LAURA.email)) == 1
    assert shop.told(CUSTOMER) == []


# ---- what never leaves


def test_attachments_and_quotations_stay_here() -> None:
    shop = Deputies().agreed()
    key = shop.comes(f"{URGENT}\n\nIl 25/11/2026 10:00, Studio Bianchi ha scritto:\n> il prezzo segreto è 7000")
    shop.passes()
    text = body(shop.last(LAURA.email))
    assert "7000" not in text
    assert key
    assert shop.last(LAURA.email).get_content_type() == "text/plain"


def test_only_the_names_of_attachments() -> None:
    shop = Deputies().agreed()
    raw = (
        b"Return-Path: <carla@customer.example>\r\nFrom: carla@customer.example\r\nTo: boss@client.example\r\n"
        b"Subject: Preventivo\r\nMessage-ID: <att@customer.example>\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + URGENT.encode()
        + b"\r\n--x\r\nContent-Type: application/pdf; name=pianta.pdf\r\nContent-Disposition: attachment; "
        b"filename=pianta.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nU0VHUkVUTw==\r\n--x--\r\n"
    )
    shop.box.mails.append(Arrival(1, 1, shop.clock.now(), len(raw), raw))
    shop.look()
    shop.passes()
    packet = shop.last(LAURA.email)
    assert "non inoltrati, si possono chiedere a chi scrive): pianta.pdf" in body(packet)
    assert b"U0VHUkVUTw" not in packet.as_bytes()
    assert "SEGRETO" not in body(packet)


def test_a_customer_outside_his_scope_is_never_sent() -> None:
    shop = Deputies(
        replace(LAURA, customers=("*@mala.example",)), replace(ENZO, customers=("*@other.example",))
    ).agreed()
    shop.comes(URGENT)
    assert entry(shop)[0] == Action.REPLY_VACATION
    shop.comes(URGENT, sender="eva@mala.example", subject="Muro")
    shop.passes()
    shop.answers(LAURA.email, "2")
    shop.passes()
    assert shop.stages() == [Stage.MISSED], "Enzo may not see it"
    assert len(shop.told(ENZO.email)) == 1


def test_the_secret_stops_the_packet() -> None:
    shop = Deputies().agreed()
    shop.comes(URGENT + " Il numero di Petr è +420 603 111 222, chiamatelo.")
    shop.passes()
    assert shop.stages() == [Stage.MISSED]
    assert len(shop.told(LAURA.email)) == 1


def test_a_note_is_for_our_own_people_only() -> None:
    note = Matter(
        "Pratica 118", ("muro",), note="NOTA-INTERNA: sconto fino al 9 %", say={"it": "il perito passa il 2."}
    )
    other = Matter("Pratica 7", ("tetto",), note="ALTRA-NOTA")
    shop = Deputies(matters=(note, other)).agreed()
    shop.comes(URGENT)
    shop.passes()
    assert "NOTA-INTERNA" in body(shop.last(LAURA.email))
    assert "ALTRA-NOTA" not in body(shop.last(LAURA.email))
    assert "NOTA" not in body(shop.last(CUSTOMER))


# ---- matters in progress


def test_what_the_customer_may_know_of_a_matter_and_when_there_is_more() -> None:
    matter = Matter("118", ("listino",), note="NOTA", say={"it": "esce lunedì."}, news_by=date(2026, 12, 1))
    shop = Deputies(matters=(matter,))
    shop.comes(CALM)
    shop.passes()
    text = body(shop.last(CUSTOMER))
    assert "A che punto siamo: esce lunedì." in text
    assert "Le prossime notizie arrivano entro martedì 1º dicembre" in text
    assert "NOTA" not in text
    (owed,) = shop.store.promises()
    assert owed.promise.due.date() == date(2026, 12, 1)


@pytest.mark.parametrize(
    "changes",
    [{"say": {}}, {"say": {"cs": "přijde"}}, {"news_by": date(2026, 11, 25)}, {"can": "colleague"}],
    ids=["nothing to say", "another language", "a past date", "the colleague's"],
)
def test_else_the_usual_reply(changes: dict[str, object]) -> None:
    matter = replace(Matter("118", ("listino",), say={"it": "esce lunedì."}), **changes)  # type: ignore[arg-type]  # by name
    shop = Deputies(matters=(matter,))
    shop.comes(CALM)
    assert [m.template for m in shop.queued()] == ["colleague" if "can" in changes else "vacation-first"]


# ---- the customer is asked first


def asked(shop: Deputies) -> str:
    """Her request is answered with an offer, and she has read it; its Message-ID."""
    shop.comes(URGENT)
    shop.passes()
    shop.passes(timedelta(minutes=10))
    return str(shop.last(CUSTOMER)["Message-ID"])


ASKING = replace(LAURA, hand_over="ask-then-forward")


@pytest.mark.parametrize("way", ["give-contact", "ask-then-forward"])
def test_her_yes_forwards_it(way: str) -> None:
    shop = Deputies(replace(LAURA, hand_over=way)).agreed()
    offer = asked(shop)
    assert shop.stages() == [Stage.OFFERED]
    assert (LAURA.email in body(shop.last(CUSTOMER))) is (way == "give-contact")
    shop.comes("Sì, grazie", answers=offer, subject="Re: Preventivo")
    shop.passes()
    assert "il muro si muove" in body(shop.last(LAURA.email))
    assert "passa adesso a Laura Conti" in body(shop.last(CUSTOMER))
    assert shop.stages() == [Stage.HANDED]


@pytest.mark.parametrize(
    ("text", "more", "stage"),
    [
        ("No, grazie, aspetto.", {}, Stage.DECLINED),
        ("Sì, ma quanto costa?", {}, Stage.OFFERED),
        ("Sì", {"sender": "other@customer.example"}, Stage.OFFERED),
    ],
    ids=["no", "a question", "somebody else"],
)
def test_nothing_else_does(text: str, more: dict[str, str], stage: Stage) -> None:
    shop = Deputies(ASKING).agreed()
    offer = asked(shop)
    shop.comes(text, **{"answers": offer, "subject": "Re: Preventivo"} | more)
    shop.passes()
    assert shop.stages() == [stage]
    assert len(shop.told(LAURA.email)) == 1


def test_without_his_proven_yes_only_his_address_is_given() -> None:
    shop = Deputies(replace(LAURA, confirmed=None))
    offer = asked(shop)
    assert LAURA.email in body(shop.last(CUSTOMER))
    shop.comes("Sì, grazie", answers=offer, subject="Re: Preventivo")
    assert shop.reasons() == ["handed-back"]
    assert shop.told(LAURA.email) == []


def test_his_leave_ends_the_offer() -> None:
    shop = Deputies(replace(ASKING, leaves=(Leave(date(2026, 11, 27), date(2026, 12, 7)),))).agreed()
    offer = asked(shop)
    shop.until(shop.at(10, 0, 27))
    shop.comes("Sì, grazie", answers=offer, subject="Re: Preventivo")
    assert shop.reasons() == ["handed-back"]


# ---- by hand


def in_queue(shop: Deputies, text: str) -> QueueCase:
    """Her message, answered, and a case about it that the assistant has."""
    shop.comes(text)
    shop.passes()
    code = shop.store.open_case(NewCase("acme", "doubt", "look", "Carla", "Preventivo"), shop.clock.now(), 1)
    found = shop.store.case(code)
    assert found is not None
    return found


def test_the_assistant_hands_it_over_herself() -> None:
    shop = Deputies(replace(LAURA, hand_over="give-contact")).agreed()
    given = handing.give(in_queue(shop, "Il cantiere, per favore."), shop.service)
    assert given is not None
    shop.passes()
    assert "Il cantiere, per favore." in body(shop.last(LAURA.email))
    assert (shop.stages(), shop.reasons()) == ([Stage.HANDED], [])
    shop.passes(DAY * 5)
    assert (shop.stages(), shop.reasons()) == ([Stage.MISSED], ["handed-back"])


def test_what_is_not_theirs_cannot_be_given() -> None:
    shop = Deputies(LAURA).agreed()
    assert handing.give(in_queue(shop, "Il listino, per favore."), shop.service) is None
    assert (shop.stages(), shop.reasons()) == ([], ["doubt"])


def test_what_was_given_by_hand_goes_once() -> None:
    ruleset = Deputies().ruleset
    shop = Deputies(client=replace(ruleset.client, trust=Trust.DRAFT)).agreed()
    shop.comes(URGENT)
    (case,) = shop.store.cases()
    assert shop.stages() == [Stage.AGREED], "it waits for her to send the draft"
    assert handing.give(case, shop.service)
    assert handing.give(case, shop.service) is None
    shop.passes(DAY // 2)
    assert shop.stages() == [Stage.HANDED]
    assert len(shop.told(LAURA.email)) == 2
