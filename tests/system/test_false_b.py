"""Every "B" that sells nothing, over real SMTP and IMAP: nobody is charged, and a person sees why."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from vamaild import rushes
from vamaild.core.ledger import Outcome, State
from vamaild.core.promise import PromiseState
from vamaild.core.rush import RushState
from vamaild.core.trust import Pause

from . import story
from .story import CARLA, LUCA, MARCO, ROSSI, SUBJECT, Shop, on
from .world import World

pytestmark = pytest.mark.slow
SERVER = "mx.rossi.example"
B = "<b@rossi.example>"
QUOTED = (
    "\n\nIl giorno gio 28 nov 2024 alle ore 10:45 Giulia Ferri ha scritto:\n> Per la B rispondi «B».\n> ok B, grazie\n"
)
LATER = on(10, 50)
PASSED = f"{SERVER}; dmarc=pass header.from=rossi.example"


@dataclass(frozen=True)
class Answer:
    """An answer to the offer that sells nothing: what he writes, how, when; and what the case says."""

    text: str
    reason: str
    note: str
    sender: str = MARCO
    at: datetime = LATER
    state: RushState = RushState.OFFERED
    server_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


NO_SALE = {
    "not at that price": Answer("ok ma non a quel prezzo", "rush-unclear", "does not plainly say B"),
    "cheaper": Answer("B, ma al 25%", "rush-unclear", "does not plainly say B"),
    "a question": Answer("B comprende anche la posa?", "rush-question", "asks about the offer"),
    "only quoted": Answer(QUOTED, "rush-unclear", "no words of his own"),
    "quoted, and thinking": Answer("ok, ti faccio sapere" + QUOTED, "rush-unclear", "does not plainly say B"),
    "forged": Answer(
        "ok B", "rush-unproven", "does not come from where it says", server_id=SERVER,
        headers={"Authentication-Results": f"{SERVER}; dmarc=fail header.from=rossi.example"},
    ),
    "nothing proves it": Answer("ok B", "rush-unproven", "no DMARC pass", server_id=SERVER),
    "proof of another domain": Answer(
        "ok B", "rush-unproven", "no DMARC pass", server_id=SERVER,
        headers={"Authentication-Results": f"{SERVER}; dmarc=pass header.from=evil.example"},
    ),
    "proof by another server": Answer(
        "ok B", "rush-unproven", "no DMARC pass", server_id=SERVER,
        headers={"Authentication-Results": "mx.evil.example; dmarc=pass header.from=rossi.example"},
    ),
    "two senders": Answer(
        "ok B", "rush-unproven", "it names two senders", headers={"From": f"{MARCO}, {LUCA}"}
    ),
    "an unauthorised colleague": Answer("ok B", "rush-stranger", "may not agree to a surcharge", sender=LUCA),
    "a customer of the client": Answer("ok B", "rush-stranger", "does not belong to the client", sender=CARLA),
    "nearly his address": Answer(
        "ok B", "rush-stranger", "does not belong to the client", sender="marco@rossi.example.evil.example"
    ),
    "after the last moment": Answer("ok B", "rush-late", "but after 11:30: it came Thu 28 Nov 11:31", at=on(11, 31)),
    "the next day": Answer("ok B", "rush-late", "after Thu 28 Nov 11:30", at=on(9, 0, 29), state=RushState.EXPIRED),
}  # fmt: skip


@pytest.fixture
def shop(world: World) -> Iterator[Shop]:
    with story.open_shop(story.furnish(world), on(10, 40)) as shop:
        yield shop


@pytest.mark.parametrize("name", NO_SALE)
def test_no_sale(world: World, name: str) -> None:
    false = NO_SALE[name]
    story.furnish(world, server_id=false.server_id)
    with story.open_shop(world, on(10, 40)) as shop:
        proof = {"Authentication-Results": PASSED} if false.server_id else {}
        offer = shop.offered(proof)
        says(shop, false.text, offer, at=false.at, sender=false.sender, headers=false.headers)
        entry = story.entry(world, B)
        assert (entry.outcome, entry.reason) == (Outcome.WAITING, false.reason)
        (case,) = story.cases(world)
        assert case.case.reason == false.reason
        assert false.note in case.case.note
        nothing_is_sold(shop, false.state)


def test_the_same_words_from_him_in_time_are_taken(world: World) -> None:
    """What the table above is measured against: all proofs are there, and it waits for her yes alone."""
    with story.open_shop(story.furnish(world, server_id=SERVER), on(10, 40)) as shop:
        offer = shop.offered({"Authentication-Results": PASSED})
        says(shop, "ok B, grazie" + QUOTED, offer, headers={"Authentication-Results": PASSED})
        assert [case.case.reason for case in story.cases(world)] == ["rush-accepted"]
        nothing_is_sold(shop, RushState.TAKEN)


def test_a_second_b_changes_nothing(shop: Shop) -> None:
    offer = shop.offered()
    says(shop, "ok B", offer)
    says(shop, "B!", offer, key="<b2@rossi.example>", at=on(10, 55))
    assert story.entry(shop.world, "<b2@rossi.example>").outcome is Outcome.NO_REPLY
    (case,) = story.cases(shop.world)
    assert case.case.reason == "rush-accepted"
    assert len(shop.world.notices()) == 1, "she is told once"
    nothing_is_sold(shop, RushState.TAKEN)
    assert rushes.confirm(shop.service, story.rush(shop.world), 1.0, True, shop.clock.now()).done
    says(shop, "confermo la B", offer, key="<b3@rossi.example>", at=on(11, 5))
    assert (story.rush(shop.world).state, story.rush(shop.world).hours) == (RushState.AGREED, 1.0)
    assert [mail["Subject"].rpartition(": ")[2] for mail in shop.world.replies()] == ["due possibilità", "confermato"]
    assert len(rushes.invoice(shop.service, on(0), on(23)).splitlines()) == 2, "one charge"


@pytest.mark.parametrize("subject", ["Re: Preventivo infissi: due possibilità", "Altra cosa"])
def test_b_outside_the_thread(shop: Shop, subject: str) -> None:
    shop.offered()
    says(shop, "ok B", "", subject=subject)
    assert story.entry(shop.world, B).outcome is Outcome.WAITING
    (case,) = story.cases(shop.world)
    assert (case.case.reason, case.case.client) == ("rush-unclear", "rossi")
    assert "outside the thread of the offer" in case.case.note
    nothing_is_sold(shop, RushState.OFFERED)


def test_b_while_replies_are_held(shop: Shop) -> None:
    """Nothing leaves in a pause. His B is kept for her; her yes is confirmed when the pause is over."""
    offer = shop.offered()
    shop.service.store.pause(Pause("rossi", on(10, 46), None, "me"))
    says(shop, "ok B", offer)
    assert [case.case.reason for case in story.cases(shop.world)] == ["rush-accepted"]
    nothing_is_sold(shop, RushState.TAKEN)


def test_b_to_an_offer_that_a_pause_holds(shop: Shop) -> None:
    """Whoever says B to what nobody has sent has it from somewhere else."""
    shop.service.store.pause(Pause("", on(10, 39), None, "me"))
    story.arrive(shop.world, story.RUSHED, at=on(10, 40))
    shop.go(on(10, 40))
    (held,) = story.outbox(shop.world, State.QUEUED)
    says(shop, "ok B", held.mail.key)
    assert [case.case.reason for case in story.cases(shop.world)] == ["rush-late"]
    assert shop.world.replies() == []
    assert rushes.invoice(shop.service, on(0), on(23)).count("\n") == 1


def test_a_customer_of_the_client_is_never_offered_a_price(shop: Shop) -> None:
    story.arrive(shop.world, story.RUSHED, at=on(10, 40), sender=CARLA)
    shop.go(on(10, 40))
    shop.go(on(10, 45))
    assert story.rushes(shop.world) == []
    assert not any(re.search(r"maggiorazione|\bB\b|%", str(m.get_content())) for m in shop.world.sent())


def test_a_pause_with_a_contract_that_needs_no_yes(world: World) -> None:
    """All is proven and agreed; but what cannot be confirmed to him is not sold."""
    story.furnish(world, ROSSI.replace('confirm  = "me"', 'confirm  = "no"'), server_id=SERVER)
    with story.open_shop(world, on(10, 40)) as shop:
        offer = shop.offered({"Authentication-Results": PASSED})
        shop.service.store.pause(Pause("rossi", on(10, 46), None, "me"))
        says(shop, "ok B", offer, headers={"Authentication-Results": PASSED})
        shop.go(on(11, 0))
        nothing_is_sold(shop, RushState.TAKEN)
        assert [case.case.reason for case in story.cases(world)] == ["rush-accepted"]


def says(
    shop: Shop, text: str, offer: str, *, at: datetime = LATER, key: str = B, sender: str = MARCO,
    subject: str = f"Re: {SUBJECT}: due possibilità", headers: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Somebody answers; the service looks, and everything that may leave has left ten minutes later."""
    story.arrive(shop.world, text, at=at, key=key, sender=sender, subject=subject, answers=offer, headers=headers)
    shop.go(at)
    shop.go(at + timedelta(minutes=5))


def nothing_is_sold(shop: Shop, state: RushState) -> None:
    """No charge, no confirmation, A stands as it was promised."""
    world = shop.world
    assert story.rush(world).state is state
    assert rushes.invoice(shop.service, on(0), on(23, 0, 30)).count("\n") == 1, "the head alone"
    assert [str(m["Subject"]) for m in world.replies() if m["To"] == MARCO] == [f"Re: {SUBJECT}: due possibilità"]
    assert not any("confermato" in str(mail["Subject"]) for mail in world.replies())
    assert ("rush-offer", "04 Dec 18:00", str(PromiseState.OPEN)) in story.owed(world)
    assert not [p for p in story.owed(world) if p[0] == "rush-confirmed"]
