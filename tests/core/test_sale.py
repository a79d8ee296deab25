"""The sale of a rush: what an answer does to an offer, and every proof without which nothing is sold."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.core.tongues import language
from tests.make import CUSTOMER, NOW, OWNER, ROME, RUSH, TOOLS, book, client, mail
from vamaild.core.case import UNKNOWN, Authentication
from vamaild.core.decide import Decision, decide
from vamaild.core.entries import Origin, Sending, decided
from vamaild.core.ledger import Arrival, Entry, Outcome, State
from vamaild.core.message import History, Message
from vamaild.core.plan import Decline, Take
from vamaild.core.reasons import Reason
from vamaild.core.ruleset import Person, Role, RuleSet, Trust
from vamaild.core.rush import NewRush, Rush, RushState
from vamaild.core.trust import Level

MARCO = "marco@acme.example"
OFFER_KEY = "<offer@client.example>"
OFFER = NewRush(
    "acme",
    MARCO,
    "Preventivo",
    50,
    NOW.replace(hour=18, minute=0),
    NOW.replace(hour=11, minute=30),
    datetime(2026, 12, 2, 18, tzinfo=ROME),
    OFFER_KEY,
    "it",
)
OFFERED = Rush(7, OFFER, 1, NOW - timedelta(hours=1))
PASS = Authentication("pass", "acme.example")
SENDING = Sending("clienti@ferri-av.example")


def b(text: str = "ok B, grazie", **changes: object) -> Message:
    """Marco's answer to the offer, in its thread."""
    about = {"sender": MARCO, "subject": "Re: Preventivo: due possibilità", "references": (OFFER_KEY,)}
    return mail(text, **(about | changes))  # type: ignore[arg-type]  # by name


def judged(
    message: Message,
    *,
    offer: Rush = OFFERED,
    ruleset: RuleSet | None = None,
    proof: Authentication = UNKNOWN,
    servers: tuple[str, ...] = (),
    now: datetime | None = None,
    **history: object,
) -> Decision:
    ruleset = ruleset or client()
    rulebook = book(ruleset, languages={"it": language("it")}, own_servers=servers)
    tools = replace(TOOLS, authenticate=lambda values, servers: proof)
    known = History(**({"offers": (offer,), "messages_today": 2, "same_matter": 2} | history))  # type: ignore[arg-type]
    return decide(message, ruleset, rulebook, known, tools, now or message.received)


def entry(decision: Decision) -> Entry:
    message = decision.case.message
    return decided(
        Origin("inbox", Arrival(7, 1, message.received, 10, b""), message, decision.case.now), decision, SENDING
    )


def test_b_is_taken_and_waits_for_the_assistant() -> None:
    decision = judged(b())
    found = entry(decision)
    assert decision.plan.take == Take(7, MARCO, NOW, "says B: today 18:00, +50 %; needs your yes by 11:30")
    assert decision.reply is None
    assert (found.outcome, found.reason, found.outgoing, found.promise) == (Outcome.WAITING, "rush-accepted", (), None)
    assert found.case
    assert (found.case.note, found.case.who) == ("says B: today 18:00, +50 %; needs your yes by 11:30", "Marco")


LATER = NOW.replace(hour=11, minute=30)


@pytest.mark.parametrize(("seconds", "taken"), [(-60, True), (0, True), (1, False)])
def test_the_moment_of_arrival_counts(seconds: int, taken: bool) -> None:
    arrived = LATER + timedelta(seconds=seconds)
    decision = judged(b(received=arrived, sent=arrived), now=arrived + timedelta(hours=2))
    assert (decision.plan.take is not None) == taken
    if not taken:
        assert decision.plan.holds[0].reason is Reason.RUSH_LATE
        assert "after 11:30" in decision.plan.holds[0].note
    else:
        assert decision.plan.take
        assert decision.plan.take.at == arrived


def people(*more: Person) -> RuleSet:
    return client(people=more)


NOT_HIM = Person(MARCO, "Marco", Role.CLIENT, "tu")
ANYBODY = Person("*@acme.example", "", Role.CLIENT, accepts_rush=True)
REFUSED = [
    ("not authorised", b(), people(NOT_HIM), UNKNOWN, (), Reason.RUSH_STRANGER),
    ("authorised by pattern, he himself is not", b(), people(NOT_HIM, ANYBODY), UNKNOWN, (), Reason.RUSH_STRANGER),
    ("a pattern of no buyers", b(), people(replace(ANYBODY, accepts_rush=False)), UNKNOWN, (), Reason.RUSH_STRANGER),
    ("a customer", b(sender=CUSTOMER), client(), UNKNOWN, (), Reason.RUSH_STRANGER),
    ("a customer that accepts", b(), people(replace(ANYBODY, role=Role.CUSTOMER)), UNKNOWN, (), Reason.RUSH_STRANGER),
    ("nearly his address", b(sender="marco@acme.example.evil.example"), client(), UNKNOWN, (), Reason.RUSH_STRANGER),
    ("forged", b(), client(), Authentication("fail", "acme.example"), (), Reason.RUSH_UNPROVEN),
    ("no proof where there could be one", b(), client(), UNKNOWN, ("mx.client.example",), Reason.RUSH_UNPROVEN),
    ("proof of another domain", b(), client(), Authentication("pass", "x.example"), ("mx",), Reason.RUSH_UNPROVEN),
    ("two senders", b(from_=(MARCO, CUSTOMER)), client(), UNKNOWN, (), Reason.RUSH_UNPROVEN),
    ("read in part", b(doubts=("odd",)), client(), UNKNOWN, (), Reason.RUSH_UNPROVEN),
    ("handed on", b("fyi", forwarded=mail("ok B", sender=MARCO)), client(), UNKNOWN, (), Reason.RUSH_UNPROVEN),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "message", "ruleset", "proof", "servers", "reason"), REFUSED, ids=[r[0] for r in REFUSED]
)
def test_without_one_proof_nothing_is_sold(
    name: str, message: Message, ruleset: RuleSet, proof: Authentication, servers: tuple[str, ...], reason: Reason
) -> None:
    decision = judged(message, ruleset=ruleset, proof=proof, servers=servers)
    assert decision.plan.take is None
    assert decision.reply is None
    assert decision.plan.holds[0].reason is reason
    found = entry(decision)
    assert (found.outcome, found.reason) == (Outcome.WAITING, str(reason))
    assert found.case
    assert "says B" in found.case.note


def test_a_pattern_counts_when_it_says_so_itself() -> None:
    assert judged(b(), ruleset=people(ANYBODY)).plan.take
    assert judged(b(), proof=PASS, servers=("mx",)).plan.take


def test_b_is_taken_only_while_it_can_be_delivered() -> None:
    decision = judged(b(), now=OFFER.ready_at)
    assert decision.plan.take is None
    assert decision.plan.holds[0].reason is Reason.RUSH_LATE


@pytest.mark.parametrize("text", ["A", "va bene la A, grazie", "può aspettare, grazie"])
def test_a_ends_the_offer_and_nobody_is_bothered(text: str) -> None:
    decision = judged(b(text))
    found = entry(decision)
    assert decision.plan.steps == (Decline(7, "says A: Wed 2 Dec"),)
    assert (found.outcome, found.reason, found.case, found.outgoing) == (Outcome.NO_REPLY, "rush-declined", None, ())


def test_nobody_else_can_end_it() -> None:
    assert judged(b("A", sender=CUSTOMER)).plan.steps == ()
    assert judged(b("A"), proof=Authentication("fail", "acme.example")).plan.steps == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [("quanto costa la B?", "rush-question"), ("B se mi fai lo sconto", "rush-unclear"), ("ok", "rush-unclear"),
     ("B? sei matto", "rush-question"), ("né A né B", "rush-unclear")],
)  # fmt: skip
def test_what_is_no_choice_goes_to_the_assistant(text: str, reason: str) -> None:
    found = entry(judged(b(text)))
    assert (found.outcome, found.reason, found.outgoing) == (Outcome.WAITING, reason, ())
    assert found.case
    assert text.split()[0] in found.case.note


def test_quoted_words_are_nobody_s_choice() -> None:
    told = "Il giorno gio 26 nov 2026 alle 10:40 Giulia <boss@client.example> ha scritto:"
    assert judged(b(f"Ti mando i disegni domani.\n\n{told}\n> B")).plan.take is None


def test_damage_and_hostility_are_stronger_than_a_choice() -> None:
    assert judged(b("Si sta allagando il magazzino.")).plan.escalates
    assert judged(b("Mi dica il codice PIN. B")).plan.take is None


def test_a_robot_chooses_nothing() -> None:
    decision = judged(b(headers={"Auto-Submitted": "auto-replied"}))
    assert decision.plan.steps == ()


TAKEN = replace(OFFERED, state=RushState.TAKEN, answer=2, taken_at=NOW, taken_by=MARCO, case="AAAA")
AGREED = replace(TAKEN, state=RushState.AGREED)


@pytest.mark.parametrize("offer", [TAKEN, AGREED])
@pytest.mark.parametrize("text", ["B", "ok B!", "grazie mille"])
def test_a_second_b_is_nothing_new(offer: Rush, text: str) -> None:
    decision = judged(b(text), offer=offer)
    found = entry(decision)
    assert (decision.plan.steps, found.case, found.outcome) == ((), None, Outcome.NO_REPLY)


@pytest.mark.parametrize("offer", [TAKEN, AGREED])
@pytest.mark.parametrize("text", ["non mi serve più, annulla", "anzi no, A", "A", "Mi mandi anche la fattura?"])
def test_what_may_change_the_work_reaches_the_assistant(offer: Rush, text: str) -> None:
    found = entry(judged(b(text), offer=offer))
    assert (found.outcome, found.reason, found.outgoing) == (Outcome.WAITING, "rush-running", ())


def test_after_the_work_the_thread_is_like_any_other() -> None:
    late = NOW + timedelta(days=2)
    decision = judged(b("Mi mandi anche la fattura?", received=late, sent=late), offer=AGREED)
    assert decision.reply


@pytest.mark.parametrize(
    ("state", "words"),
    [("declined", "chosen A"), ("refused", "you had said no"), ("expired", "had ended"), ("withdrawn", "has not left")],
)
def test_b_to_an_offer_that_is_over(state: str, words: str) -> None:
    decision = judged(b(), offer=replace(OFFERED, state=RushState(state)))
    assert decision.plan.take is None
    assert words in decision.plan.holds[0].note
    other = judged(b("Mi mandi anche la fattura?"), offer=replace(OFFERED, state=RushState(state)))
    assert other.reply, "anything else is planned like any message"


def test_a_message_that_was_here_before_sells_nothing() -> None:
    assert judged(b(), seen_before=True).plan.steps == ()


AT_ONCE = client(rush=replace(RUSH, confirm="no"))


def test_where_everything_is_proven_and_agreed_nobody_need_say_yes() -> None:
    decision = judged(b(), ruleset=AT_ONCE, proof=PASS, servers=("mx",))
    found = entry(decision)
    assert decision.plan.sold
    assert (found.outcome, found.case) == (Outcome.ANSWERED, None)
    (confirmation,) = found.outgoing
    assert (confirmation.template, confirmation.state, confirmation.to) == ("rush-confirmed", State.QUEUED, MARCO)
    assert found.promise
    assert (found.promise.due, found.promise.hour) == (OFFER.ready_at, True)


NEEDS_YES = [
    ("nothing is known of the sender", {}, {}),
    ("this week's are sold", {"proof": PASS}, {"rush_sold": 2}),
    ("quicker than a person", {"proof": PASS}, {"answers_after": timedelta(seconds=20)}),
    ("a person has answered", {"proof": PASS}, {"answered_by_person": True}),
    ("too many replies", {"proof": PASS}, {"replies_today": 3}),
]


@pytest.mark.parametrize(("name", "known", "history"), NEEDS_YES, ids=[n[0] for n in NEEDS_YES])
def test_otherwise_her_yes_is_needed(name: str, known: dict[str, object], history: dict[str, object]) -> None:
    decision = judged(b(), ruleset=AT_ONCE, **known, **history)  # type: ignore[arg-type]  # by name
    found = entry(decision)
    assert decision.plan.take
    assert not decision.plan.sold
    assert (found.outcome, found.reason, found.outgoing, found.promise) == (Outcome.WAITING, "rush-accepted", (), None)
    assert found.case
    assert (found.case.reason, "says B" in found.case.note) == ("rush-accepted", True)


def test_a_confirmation_that_was_set_back_to_draft_is_none_before_her_yes() -> None:
    back = Level("acme", "rush-confirmed", Trust.DRAFT, NOW - timedelta(days=1), "learned")
    found = entry(judged(b(), ruleset=AT_ONCE, proof=PASS, levels=(back,)))
    assert (found.outcome, found.reason, found.outgoing, found.promise) == (Outcome.WAITING, "rush-accepted", (), None)


@pytest.mark.parametrize("trust", [Trust.DRAFT, Trust.OBSERVE])
def test_a_client_who_is_not_sent_to_is_not_sold_to_at_once(trust: Trust) -> None:
    ruleset = replace(AT_ONCE, client=replace(AT_ONCE.client, trust=trust))
    found = entry(judged(b(), ruleset=ruleset, proof=PASS))
    assert (found.outcome, found.outgoing) == (Outcome.WAITING, ())


def test_the_owner_is_not_the_buyer() -> None:
    assert judged(b(sender=OWNER)).plan.take is None
