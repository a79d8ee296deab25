"""Headers that name different senders give no orders: as the reader finds them, and at every door that takes orders."""

import pytest

from tests.adapters.mails import read
from tests.chain.alarm import FLOOD, ME, Alarm
from tests.deputies import LAURA, Deputies
from tests.make import OWNER, absent, mail
from tests.office import Office, letter
from tests.test_commands import GIULIA, Desk
from vamaild import consenting, hearing, principal
from vamaild.core.ledger import Arrival
from vamaild.core.message import OTHER_NAME, TWO_READINGS, TWO_SENDERS
from vamaild.core.reasons import Reason
from vamaild.core.sender import disputed

BOSS, EVE = "boss@corp.example", "eve@evil.example"
SENT_BY = f"another address sent it in this name (Sender: {EVE})"
UNREADABLE = "its Sender field names nobody who can be read"
HEADERS = [
    (f"From: {BOSS}", "", ""),
    (f"From: Boss <{BOSS}>\nSender: {BOSS}", "", ""),
    (f"From: {BOSS}\nSender: office@corp.example", "", ""),
    (f"From: {BOSS}\nReply-To: {EVE}", "", ""),
    (f"From: {BOSS}\nSender: {EVE}", SENT_BY, ""),
    (f"From: {BOSS}\nSender: {BOSS}\nSender: {EVE}", SENT_BY, ""),
    (f"From: {BOSS}\nSender: {BOSS}, {EVE}", SENT_BY, ""),
    (f"From: {BOSS}\nSENDER: Boss <{EVE}>", SENT_BY, ""),
    (f"From: {BOSS}\nSender: =?utf-8?q?boss=40corp.example?= <{EVE}>", SENT_BY, ""),
    (f"From: {BOSS}\nSender: boss@corp.example.evil.example", SENT_BY.replace(EVE, f"{BOSS}.evil.example"), ""),
    (f"From: {BOSS}\nSender: nobody", UNREADABLE, ""),
    (f"From: {BOSS}\nSender: " + "(" * 3_000, UNREADABLE, ""),
    (f"From: {BOSS}\nFrom: {EVE}", TWO_SENDERS, TWO_SENDERS),
    (f"From: {EVE}\nFrom: {BOSS}", TWO_SENDERS, TWO_SENDERS),
    (f"From: {BOSS}, {EVE}", TWO_SENDERS, TWO_SENDERS),
    (f"From: Team: {BOSS}, {EVE};", TWO_SENDERS, TWO_SENDERS),
    (f"From: {BOSS}\nFrom: {EVE}\nSender: {BOSS}", TWO_SENDERS, TWO_SENDERS),
    (f'From: "{BOSS}" <{EVE}>', OTHER_NAME, OTHER_NAME),
    (f"From: =?utf-8?b?Ym9zc0Bjb3JwLmV4YW1wbGU=?= <{EVE}>", OTHER_NAME, OTHER_NAME),
    (f"From: {BOSS}(a)<{EVE}>", TWO_SENDERS, TWO_SENDERS),
    (f"From: {BOSS} <{EVE}>", TWO_SENDERS, TWO_SENDERS),
    (f"From: ({BOSS}) {EVE}", OTHER_NAME, OTHER_NAME),
    (f"From: @evil.example:{BOSS}", TWO_READINGS, TWO_READINGS),
]
"""(header, why it gives no orders, why not even where our own server has proven the From)"""


@pytest.mark.parametrize(("head", "why", "proven"), HEADERS, ids=[h[0][:70].replace("\n", " | ") for h in HEADERS])
def test_headers_that_disagree_give_no_orders(head: str, why: str, proven: str) -> None:
    message = read(f"{head}\n\nPAUSA\n".encode())
    assert (disputed(message, proven=False), disputed(message, proven=True)) == (why, proven)


@pytest.mark.parametrize("doubt", [TWO_SENDERS, TWO_READINGS, OTHER_NAME])
def test_any_doubt_about_the_sender_suffices_and_no_other(doubt: str) -> None:
    assert disputed(mail(doubts=("it is very long", doubt)), proven=True) == doubt
    assert disputed(mail(doubts=("it is very long",)), proven=False) == ""


def test_where_nobody_is_named_any_other_name_is_a_dispute() -> None:
    assert disputed(mail(from_=(), headers={"Sender": EVE}), proven=False) == SENT_BY


# ---- the doors

FORGED = [
    {"Sender": EVE},
    {"Sender": "(" * 3_000},
    {"X": f"1\r\nFrom: {EVE}"},
    {"X": f"1\r\nSender: {EVE}"},
]
each_forgery = pytest.mark.parametrize("fields", FORGED, ids=["Sender", "no Sender", "two From", "folded in"])


@each_forgery
def test_an_order_to_pause(fields: dict[str, str]) -> None:
    desk = Desk()
    assert desk.answer("PAUSA", **fields) == "answer-forged"
    assert desk.paused == []
    assert desk.answer("PAUSA", Sender=GIULIA) == "notice-answered"
    assert desk.paused


@each_forgery
def test_an_answer_to_an_alarm(fields: dict[str, str]) -> None:
    office = Alarm()
    office.arrive(letter(1, FLOOD))
    office.goes_on()
    assert office.replies("1", ME, **fields) == hearing.Heard("acme", Reason.ANSWER_FORGED)
    assert not any(case.acknowledged_at for case in office.store.cases())
    code = next(c.code for c in office.store.cases() if c.case.escalates)
    office.replies("1", ME, Sender=ME)
    case = office.store.case(code)
    assert case is not None
    assert case.acknowledged_by == "me"


@each_forgery
def test_a_consent(fields: dict[str, str]) -> None:
    shop = Deputies()
    consenting.ask(LAURA, shop.ruleset, shop.service, shop.clock.now())
    shop.passes()
    asked = str(shop.last(LAURA.email)["Message-ID"])

    def says_yes(number: int, **more: str) -> None:
        raw = letter(number, "Sì, volentieri.", sender=LAURA.email, In_Reply_To=asked, References=asked, **more)
        shop.box.mails.append(Arrival(len(shop.box.mails) + 1, 1, shop.clock.now(), len(raw), raw))
        shop.look()

    says_yes(1, **fields)
    assert shop.store.consents()[0].said != "yes"
    says_yes(2, Sender=LAURA.email)
    assert shop.store.consents()[0].said == "yes"


@each_forgery
def test_a_word_of_the_principal(fields: dict[str, str]) -> None:
    office = Office(absent())

    def doubt(**more: str) -> str | None:
        raw = letter(1, "1", sender=OWNER, **more)
        found = principal.speaks(office.service.read(Arrival(1, 1, office.clock.now(), len(raw), raw)), office.service)
        return found.doubt if found else None

    assert doubt(**fields) != ""
    assert doubt(Sender=OWNER) == ""
