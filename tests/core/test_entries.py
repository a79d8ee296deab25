"""One transaction about one message: each one ends somewhere, and an alarm goes out whatever happens to its reply."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make import CUSTOMER, NOW, OWNER, ROME, TOOLS, absent, book, client, mail
from vamaild.adapters.templates import Texts
from vamaild.core.decide import decide
from vamaild.core.entries import Origin, Sending, decided, held, unclaimed
from vamaild.core.ledger import Arrival, Entry, Outcome, State
from vamaild.core.letter import Letter
from vamaild.core.message import History, Message, Said
from vamaild.core.ruleset import Kind, Rule, RuleSet, Trust

SENDING = Sending("clienti@ferri-av.example")
FLOOD = "Si sta allagando il magazzino."
TEMPLATES = Path(__file__).parents[2] / "templates"


def origin(message: Message) -> Origin:
    return Origin("inbox", Arrival(7, 1, message.received, message.size, b""), message, NOW)


def entry(
    message: Message, ruleset: RuleSet | None = None, history: History | None = None, sending: Sending = SENDING
) -> Entry:
    ruleset = ruleset or client()
    decision = decide(message, ruleset, book(ruleset), history or History(), TOOLS, NOW)
    return decided(origin(message), decision, sending)


OBSERVED = client(client=replace(client().client, trust=Trust.OBSERVE))
DRAFTED = client(client=replace(client().client, trust=Trust.DRAFT))
ENDS = [
    (mail(), client(), History(), Outcome.ANSWERED, "", False),
    (mail("Grazie mille."), client(), History(), Outcome.NO_REPLY, "nobody-waits", False),
    (mail("Mi dica il codice PIN."), client(), History(), Outcome.NO_REPLY, "hostile", False),
    (mail(headers={"List-Id": "<x>"}), client(), History(), Outcome.NO_REPLY, "list", False),
    (mail(FLOOD), client(), History(), Outcome.ESCALATED, "", True),
    (mail(unreadable="too deep"), client(), History(), Outcome.WAITING, "unreadable", True),
    (mail(doubts=("odd",)), client(), History(), Outcome.WAITING, "doubt", True),
    (mail(), OBSERVED, History(), Outcome.NO_REPLY, "observe", False),
    (mail(), DRAFTED, History(), Outcome.WAITING, "draft", True),
    (mail(), absent(), History(5, 5), Outcome.WAITING, "draft", True),
    (mail(), client(), History(seen_before=True), Outcome.NO_REPLY, "seen-before", False),
]


@pytest.mark.parametrize(("message", "ruleset", "history", "outcome", "reason", "case"), ENDS)
def test_every_message_ends_somewhere(
    message: Message, ruleset: RuleSet, history: History, outcome: Outcome, reason: str, case: bool
) -> None:
    found = entry(message, ruleset, history)
    assert (found.outcome, found.reason, found.case is not None) == (outcome, reason, case)


def test_the_reply_leaves_from_the_address_that_was_written_to() -> None:
    (mail_out,) = entry(mail()).outgoing
    read = message_from_bytes(mail_out.raw, policy=policy.default)
    assert read["From"].addresses[0].addr_spec == OWNER
    assert read["In-Reply-To"] == "<1@customer.example>"
    assert mail_out.not_before == NOW + timedelta(minutes=4)
    assert (mail_out.key, mail_out.state) == (read["Message-ID"], State.QUEUED)


def test_or_from_the_one_that_was_configured() -> None:
    (mail_out,) = entry(mail(), sending=replace(SENDING, always=True)).outgoing
    read = message_from_bytes(mail_out.raw, policy=policy.default)
    assert read["From"].addresses[0].addr_spec == "clienti@ferri-av.example"


def test_the_same_message_always_gives_the_same_identity() -> None:
    assert entry(mail()).outgoing[0].key == entry(mail()).outgoing[0].key
    assert entry(mail()).outgoing[0].key != entry(mail(fingerprint="f2")).outgoing[0].key


def test_a_receipt_for_an_emergency_does_not_wait() -> None:
    assert entry(mail(FLOOD)).outgoing[0].not_before == NOW + timedelta(seconds=30)


def test_a_date_in_a_reply_is_a_promise() -> None:
    promised = entry(mail()).promise
    assert promised
    assert (promised.due, promised.template) == (datetime(2026, 12, 2, 18, tzinfo=ROME), "ordinary")
    emergency = entry(mail(FLOOD)).promise
    assert emergency
    assert emergency.due == datetime(2026, 11, 26, 12, 10, tzinfo=ROME)


def test_a_promise_has_a_matter_an_owner_and_a_reminder() -> None:
    day = entry(mail(subject="Re: R: Preventivo infissi")).promise
    assert day
    assert (day.what, day.owner, day.hour) == ("Preventivo infissi", "me", False)
    assert day.remind_at == datetime(2026, 12, 1, 9, tzinfo=ROME)
    hour = entry(mail(FLOOD)).promise
    assert hour
    assert (hour.hour, hour.remind_at) == (True, datetime(2026, 11, 26, 11, 40, tzinfo=ROME))


RUSHED = "Mi serve per stasera il preventivo."


@pytest.mark.parametrize("ruleset", [client(), client(client=replace(client().client, trust=Trust.DRAFT))])
def test_an_offer_is_kept_by_its_message_id_even_as_a_draft(ruleset: RuleSet) -> None:
    found = entry(mail(RUSHED, sender="marco@acme.example"), ruleset)
    (sent,) = found.outgoing
    assert found.rush
    assert found.rush.offer_key == sent.key
    assert (found.rush.client, found.rush.to, found.rush.what) == ("acme", "marco@acme.example", "Preventivo")
    assert (found.rush.percent, found.rush.language) == (50, "it")
    assert found.rush.ready_at == datetime(2026, 11, 26, 18, tzinfo=ROME)
    assert found.rush.accept_by == datetime(2026, 11, 26, 11, 30, tzinfo=ROME)
    assert found.rush.ordinary == datetime(2026, 12, 2, 18, tzinfo=ROME)
    assert found.promise
    assert found.promise.due == found.rush.ordinary, "silence means A, so A is promised"


def test_what_is_not_sent_offers_and_promises_nothing() -> None:
    found = entry(mail(RUSHED, sender="marco@acme.example"), OBSERVED)
    assert (found.rush, found.promise, found.outgoing) == (None, None, ())
    assert entry(mail(RUSHED)).rush is None


DATED = re.compile(
    r"\d{1,2}[:.]\d{2}|\d{1,2}\.? ?(?:novembre|dicembre|prosince|listopadu|November|December)|(?:°|º) dicembre"
)
TEXTS = (
    *("Ciao, mi mandi il preventivo?", RUSHED, FLOOD, "Grazie mille.", "Terza mail, ancora niente."),
    *("Serve subito un sopralluogo.", "URGENTE!!!", "Mi serve entro domani", "non è urgente, quando puoi", "ok"),
)
WRITERS = ("marco@acme.example", CUSTOMER, "alarm@tower.example", "laura@conti.example")


@given(
    st.sampled_from(TEXTS),
    st.sampled_from(WRITERS),
    st.sampled_from([client(), absent(), DRAFTED, OBSERVED, client(rush=None), client(lead=None, rush=None)]),
    st.sampled_from(["it", "cs", "en"]),
    st.integers(1, 6),
    st.sampled_from([(), ("vacation-first",), ("vacation-first", "vacation-second")]),
    st.sampled_from(["", "ordinary", "lead-time", "rush-offer", "vacation-first", "vacation-second", "colleague"]),
)
def test_a_reply_with_a_date_and_no_row_is_impossible(
    text: str, sender: str, ruleset: RuleSet, code: str, count: int, told: tuple[str, ...], template: str
) -> None:
    rules = (Rule("own text", Kind.RUSH_REQUEST, {"says": ("serve", "ok")}, reply=template),) if template else ()
    person = tuple(replace(p, language=code) for p in ruleset.people)
    spoken = replace(ruleset, rules=rules, people=person, client=replace(ruleset.client, language=code))
    history = History(count, 1, tuple(Said(t, NOW - timedelta(days=2)) for t in told))
    tools = replace(TOOLS, render=Texts(TEMPLATES))
    decision = decide(mail(text, sender=sender), spoken, book(spoken), history, tools, NOW)
    found = decided(origin(decision.case.message), decision, SENDING)
    for out in found.outgoing:
        body = str(message_from_bytes(out.raw, policy=policy.default).get_content())
        if DATED.search(body):
            assert found.promise, f"{out.template} names a date"
            assert found.promise.template == out.template
            assert found.promise.remind_at
            assert NOW <= found.promise.remind_at < found.promise.due
        if "B)" in body:
            assert found.rush
            assert found.rush.offer_key == out.key
    assert (found.promise is None) or found.outgoing


@pytest.mark.parametrize("text", ["Ciao, mi mandi il preventivo?", FLOOD])
def test_a_reply_that_may_not_leave_is_held_and_the_alarm_goes_out(text: str) -> None:
    def unprintable(template: str, language: str, client: str, words: object) -> Letter:
        return Letter("Re", "x\n")

    ruleset = client()
    decision = decide(mail(text), ruleset, book(ruleset), History(), replace(TOOLS, render=unprintable), NOW)
    broken = Sending("no address")
    found = decided(origin(decision.case.message), decision, replace(broken, always=True))
    assert found.outgoing == ()
    assert found.promise is None
    assert found.outcome is (Outcome.ESCALATED if text == FLOOD else Outcome.WAITING)
    assert found.case
    assert found.case.escalates == (text == FLOOD)


def test_what_no_client_claims_waits_for_a_person() -> None:
    found = unclaimed(origin(mail()))
    assert (found.outcome, found.reason, found.client) == (Outcome.WAITING, "no-client", "")
    assert found.case
    assert OWNER in found.case.note


def test_what_could_not_be_decided_waits_for_a_person() -> None:
    found = held(origin(mail(subject="a\r\nb")), "acme", "the service failed on it")
    assert (found.outcome, found.client) == (Outcome.WAITING, "acme")
    assert found.case
    assert found.case.subject == "a b"


def test_the_explanation_is_kept_with_the_message() -> None:
    found = entry(mail("Mi serve per stasera il preventivo.", sender="marco@acme.example"))
    assert found.explanation["kind"] == "rush-request"
    assert found.explanation["who"] == "Marco"
    offer = found.explanation["offer"]
    assert isinstance(offer, dict)
    assert offer["percent"] == 50


def test_deciding_twice_is_deciding_the_same() -> None:
    ruleset = client()
    one, two = (decide(mail(), ruleset, book(ruleset), History(), TOOLS, NOW) for _ in range(2))
    assert (one.verdict, one.plan, one.withheld) == (two.verdict, two.plan, two.withheld)
