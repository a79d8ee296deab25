"""The first story of the mission, on real mail servers and with a clock that the test moves: somebody asks without
notice, gets a date that is kept to, and pays more only where both agree. Every mail that left, every row, the CSV."""

import json
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from vamaild.core.ledger import Outcome, State
from vamaild.core.promise import PromiseState
from vamaild.core.rush import RushState

from . import story
from .story import MARCO, OFFICE, REQUEST, RUSHED, Shop, body, on
from .world import ASSISTANT, World

pytestmark = pytest.mark.slow
HEAD = "date,client,job,percent,hours,agreed by,agreed at,their message id,ready at,charged,rate,surcharge,currency\n"


@pytest.fixture
def shop(each_world: World) -> Iterator[Shop]:
    with story.open_shop(story.furnish(each_world), on(10, 40)) as shop:
        yield shop


def test_he_says_b_she_says_yes_and_it_is_on_the_invoice(shop: Shop) -> None:
    world = shop.world
    story.arrive(world, RUSHED, at=on(10, 40))
    offer = the_offer_leaves_after_the_grace_time(shop)
    code = his_b_waits_for_her(shop, offer)
    her_yes_is_confirmed_in_the_thread(shop, code, offer)
    it_is_on_the_invoice(shop)
    she_delivers_and_the_promise_is_kept(shop)


def the_offer_leaves_after_the_grace_time(shop: Shop) -> EmailMessage:
    world = shop.world
    shop.go(on(10, 40))
    assert world.sent() == [], "the grace time"
    assert "grace time, you can stop it" in story.verb(world, on(10, 41), "outbox").out
    assert "Nothing is promised." in story.verb(world, on(10, 41), "promises").out
    shop.go(on(10, 45))
    (offer,) = world.sent()
    to_marco(world, offer, REQUEST, "Re: Preventivo infissi: due possibilità")
    assert "A) entro mercoledì 4 dicembre, alla tariffa di sempre;" in body(offer)
    assert "B) entro le 18:00 di oggi, con la maggiorazione per le urgenze del 50%" in body(offer)
    assert "Per la B rispondi «B» entro le 11:30 di oggi" in body(offer)
    entry, rush = story.entry(world, REQUEST), story.rush(world)
    assert (entry.kind, entry.action, entry.outcome) == ("rush-request", "reply-leadtime", Outcome.ANSWERED)
    assert (rush.state, rush.offer.offer_key, rush.offer.to) == (RushState.OFFERED, offer["Message-ID"], MARCO)
    assert (rush.offer.accept_by, rush.offer.ready_at) == (on(11, 30), on(18))
    assert story.owed(world) == [("rush-offer", "04 Dec 18:00", "open")]
    return offer


def his_b_waits_for_her(shop: Shop, offer: EmailMessage) -> str:
    world = shop.world
    quoted = "\n".join(f"> {line}" for line in str(offer.get_content()).splitlines())
    text = f"ok B, grazie\n\nIl giorno gio 28 nov 2024 alle ore 10:45 Giulia Ferri ha scritto:\n{quoted}"
    answer = {"subject": str(offer["Subject"]), "answers": str(offer["Message-ID"]), "key": "<b@rossi.example>"}
    story.arrive(world, text, at=on(10, 46), **answer)
    shop.go(on(10, 46))
    (case,), rush = story.cases(world), story.rush(world)
    assert (rush.state, rush.case, rush.taken_by, rush.taken_at) == (RushState.TAKEN, case.code, MARCO, on(10, 46))
    assert story.owed(world) == [("rush-offer", "04 Dec 18:00", "open")], "nothing is sold without her yes"
    (note,) = world.notices()
    assert (note["To"], note["Auto-Submitted"]) == (ASSISTANT, "auto-generated")
    assert note["Subject"] == f"Dice B, manca il tuo sì: Marco: {story.SUBJECT} [{case.code}]"
    assert "pronto entro le 18:00 di oggi, con la maggiorazione del 50%" in body(note)
    assert "vale la A (mercoledì 4 dicembre). Aspetta una risposta entro le 11:30 di oggi." in body(note)
    assert f"vamaild queue ack {case.code} --hours 1.5" in body(note)
    assert len(world.replies()) == 1
    return case.code


def her_yes_is_confirmed_in_the_thread(shop: Shop, code: str, offer: EmailMessage) -> None:
    world = shop.world
    said = story.verb(world, on(10, 52), "queue", "ack", code, "--hours", "1.5")
    assert (said.code, "At 10:56" in said.out, "1.5" in said.out) == (0, True, True), said.said
    again = story.verb(world, on(10, 53), "queue", "ack", code)
    assert "nothing changed" in again.said, "a second yes"
    shop.go(on(10, 54))
    assert len(world.replies()) == 1, "the grace time"
    shop.go(on(10, 57))
    mail = world.replies()[-1]
    to_marco(world, mail, "<b@rossi.example>", "Re: Preventivo infissi: confermato")
    assert str(offer["Message-ID"]) in mail["References"]
    assert "confermo la B: è tutto pronto entro le 18:00 di oggi." in body(mail)
    assert "la maggiorazione del 50%, come da tuo ok delle 10:46" in body(mail)
    assert "scrivimelo entro le 11:30 di oggi e annullo senza costi" in body(mail)
    rush = story.rush(world)
    assert (rush.state, rush.hours, rush.charged, rush.ended_at) == (RushState.AGREED, 1.5, True, on(10, 52))
    assert story.owed(world) == [
        ("rush-offer", "04 Dec 18:00", "withdrawn"),
        ("rush-confirmed", "28 Nov 18:00", "open"),
    ]
    assert story.cases(world) == []


def it_is_on_the_invoice(shop: Shop) -> None:
    world = shop.world
    line = (
        "2024-11-28,Studio Rossi,Preventivo infissi,50,1.5,marco@rossi.example,2024-11-28T10:46+01:00,"
        "<b@rossi.example>,2024-11-28T18:00+01:00,yes,,,\n"
    )
    said = story.verb(world, on(11), "rush", "--month", "2024-11", "--csv")
    assert said.out.replace("\r\n", "\n") == HEAD + line
    (row,) = json.loads(story.verb(world, on(11), "promises", "--json").out)["promises"]
    assert (row["text"], row["due"], row["state"]) == ("rush-confirmed", "2024-11-28T18:00:00+01:00", "open")


def she_delivers_and_the_promise_is_kept(shop: Shop) -> None:
    world = shop.world
    by_hand(world, "<b@rossi.example>", at="Thu, 28 Nov 2024 16:30:00 +0100")
    shop.go(on(16, 35))
    assert story.owed(world)[1] == ("rush-confirmed", "28 Nov 18:00", "kept")
    shop.go(on(17, 40))
    assert [mail["To"] for mail in world.sent()] == [MARCO, ASSISTANT, MARCO], "kept: nobody is reminded"
    check_copies(world, by_hand=1)


def test_silence_means_a_and_the_date_is_kept(shop: Shop) -> None:
    world = shop.world
    story.arrive(world, RUSHED, at=on(10, 40))
    shop.go(on(10, 40))
    shop.go(on(10, 45))
    shop.go(on(12, 1))
    assert story.rush(world).state is RushState.EXPIRED
    assert len(world.sent()) == 1, "silence means A, and nobody is written to about it"
    shop.go(on(8, 30, 3, 12))
    assert len(world.sent()) == 1
    draft = on_the_eve_she_has_a_note_and_a_text(shop)
    she_sends_it_with_one_word(shop, draft)
    said = story.verb(world, on(10, 0, 3, 12), "rush", "--month", "2024-11", "--csv")
    assert said.out.replace("\r\n", "\n") == HEAD, "nobody pays for silence"


def on_the_eve_she_has_a_note_and_a_text(shop: Shop) -> EmailMessage:
    world = shop.world
    shop.go(on(9, 0, 3, 12))
    (note,) = world.notices()
    assert (note["To"], note["Subject"]) == (ASSISTANT, "Promessa in scadenza: Marco: Preventivo infissi")
    assert "È promesso entro le 18:00 di domani, e nessuno ha ancora risposto." in body(note)
    assert f"un aggiornamento pronto per {MARCO}" in body(note)
    ((_, filed),) = world.imap.mails("Drafts").values()
    (item,) = story.outbox(world, State.DRAFT)
    assert filed == item.mail.raw
    draft = story.read(filed)
    assert (draft["To"], draft["In-Reply-To"], draft["Auto-Submitted"]) == (MARCO, REQUEST, None)
    assert "ti avevo dato una data, mercoledì 4 dicembre; ecco a che punto siamo:" in body(draft)
    shop.go(on(9, 10, 3, 12))
    assert (len(world.notices()), len(world.imap.mails("Drafts"))) == (1, 1), "reminded once"
    return draft


def she_sends_it_with_one_word(shop: Shop, draft: EmailMessage) -> None:
    world = shop.world
    (item,) = story.outbox(world, State.DRAFT)
    said = story.verb(world, on(9, 30, 3, 12), "outbox", "approve", f"m-{item.id}")
    assert (said.code, "At 09:34" in said.out) == (0, True), said.said
    shop.go(on(9, 32, 3, 12))
    assert len(world.sent()) == 2
    shop.go(on(9, 35, 3, 12))
    mail = world.sent()[-1]
    assert (mail["To"], mail["Message-ID"], mail["Auto-Submitted"]) == (MARCO, draft["Message-ID"], None)
    assert body(mail) == body(draft)
    shop.go(on(9, 45, 3, 12))
    assert story.owed(world) == [("rush-offer", "04 Dec 18:00", "kept")]
    (promise,) = story.promises(world)
    assert promise.state is PromiseState.KEPT
    shop.go(on(18, 30, 4, 12))
    assert [m["To"] for m in world.sent()] == [MARCO, ASSISTANT, MARCO]
    check_copies(world)


# ---- what holds for every mail


def to_marco(world: World, mail: EmailMessage, answers: str, subject: str) -> None:
    """One recipient, as an automatic answer in his thread, from the address he wrote to."""
    taken = world.sink.mails[-1]
    assert taken.recipients == (MARCO,)
    assert taken.sender in ("", "<>", None), "the null sender"
    assert mail["To"] == MARCO
    assert mail["From"].addresses[0].addr_spec == OFFICE
    assert (mail["In-Reply-To"], mail["Subject"]) == (answers, subject)
    assert answers in mail["References"]
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-replied", "it")
    assert body(mail).startswith("Ciao Marco")


def by_hand(world: World, answers: str, *, at: str) -> None:
    """She answers from her mail program."""
    head = f"From: {ASSISTANT}\r\nTo: {MARCO}\r\nDate: {at}\r\nMessage-ID: <hers@ferri-av.example>\r\n"
    world.imap.deliver(f"{head}In-Reply-To: {answers}\r\n\r\nEcco il preventivo.\r\n".encode(), folder="Sent")


def check_copies(world: World, by_hand: int = 0) -> None:
    """What left to a customer lies in Sent once, and nothing left twice."""
    assert len({str(mail["Message-ID"]) for mail in world.sent()}) == len(world.sent())
    left = sorted(str(m["Message-ID"]) for m in world.sent() if m["To"] != ASSISTANT)
    copies = [story.read(text) for _, text in world.imap.mails("Sent").values()]
    assert sorted(str(m["Message-ID"]) for m in copies if m["From"].addresses[0].addr_spec == OFFICE) == left
    assert len(copies) == len(left) + by_hand
