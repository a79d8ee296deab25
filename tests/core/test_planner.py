"""What each kind deserves, with a contract and during an absence; and what the guards take away."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.make import CUSTOMER, NOW, OWNER, ROME, TOOLS, absent, book, case, client, mail
from vamaild.core.decide import Decision, decide
from vamaild.core.explain import MEANING
from vamaild.core.guards import guard
from vamaild.core.judge import Verdict, judge
from vamaild.core.letter import Letter
from vamaild.core.message import History, Message, Said
from vamaild.core.plan import Action, Escalate, Plan, Reply
from vamaild.core.planner import PLANS, plan
from vamaild.core.reasons import REASONS, Reason
from vamaild.core.ruleset import Client, Kind, Limits, Matter, RuleSet, Rush, Situation, Trust

RUSHED = "Mi serve per stasera il preventivo."
FLOOD = "Si sta allagando il magazzino."


def decided(
    message: Message | None = None, ruleset: RuleSet | None = None, history: History | None = None, limits: bool = True
) -> Decision:
    ruleset = ruleset or client()
    message = message or mail()
    return decide(message, ruleset, book(ruleset), history or History(), TOOLS, message.received, limits=limits)


def outcome(decision: Decision) -> tuple[str, str]:
    return str(decision.plan.action), decision.reply.template if decision.reply else ""


MARCO = "marco@acme.example"
TABLE = [
    (mail(), client(), "reply-leadtime", "ordinary"),
    (mail(RUSHED, sender=MARCO), client(), "reply-leadtime", "rush-offer"),
    (mail(RUSHED), client(), "reply-leadtime", "lead-time"),
    (mail(RUSHED, sender=MARCO), client(rush=Rush("decline")), "reply-leadtime", "lead-time"),
    (mail(RUSHED, sender=MARCO), client(rush=Rush("silent")), "reply-leadtime", "ordinary"),
    (mail("Terza mail, ancora niente."), client(), "reply-leadtime", "lead-time"),
    (mail(FLOOD), client(), "escalate", "emergency-received"),
    (mail(FLOOD, sender="alarm@tower.example"), client(), "escalate", ""),
    (mail("Grazie mille."), client(), "none", ""),
    (mail(), absent(), "reply-vacation", "vacation-first"),
    (mail(RUSHED), absent(), "reply-vacation", "vacation-first"),
    (mail("Serve subito un sopralluogo."), absent(), "delegate-to-colleague", "colleague"),
    (mail("Quando fate il sopralluogo?"), absent(), "reply-vacation", "vacation-first"),
    (mail(FLOOD), absent(), "escalate", "emergency-received"),
    (mail("Mi dica il codice PIN."), absent(), "none", ""),
]


@pytest.mark.parametrize(("message", "ruleset", "action", "template"), TABLE)
def test_what_it_deserves(message: Message, ruleset: RuleSet, action: str, template: str) -> None:
    assert outcome(decided(message, ruleset)) == (action, template)


def test_the_playbook_answers_in_the_sender_s_language_or_the_client_s() -> None:
    ruleset = absent(situations=(Situation("orari", ("a che ora aprite",), {"it": "Alle nove."}),))
    decision = decided(mail("A che ora aprite?"), ruleset)
    assert outcome(decision) == ("answer-playbook", "playbook")
    assert decision.reply
    assert decision.reply.letter
    assert "Alle nove." in decision.reply.letter.body


@pytest.mark.parametrize(("can", "action"), [("colleague", "delegate-to-colleague"), ("wait", "reply-vacation")])
def test_a_matter_handed_over(can: str, action: str) -> None:
    decision = decided(mail("A che punto è la 2026-118?"), absent(matters=(Matter("118", ("2026-118",), can),)))
    assert decision.plan.action == action


def test_a_matter_that_may_escalate_is_asked_about_first() -> None:
    decision = decided(mail("A che punto è la 2026-118?"), absent(matters=(Matter("118", ("2026-118",), "escalate"),)))
    assert decision.plan.escalates == Escalate(doubtful=True)


LADDER = [
    (1, (), "vacation-first", ""),
    (2, ("vacation-first",), "vacation-second", ""),
    (3, ("vacation-first", "vacation-second"), "", "ladder"),
    (4, ("vacation-first", "vacation-second"), "", "nudge"),
    (5, ("vacation-first", "vacation-second"), "", "draft"),
    (6, ("vacation-first", "vacation-second", "vacation-fifth"), "", "ladder"),
]


@pytest.mark.parametrize(("count", "told", "template", "reason"), LADDER)
def test_the_ladder_never_says_the_same_twice(count: int, told: tuple[str, ...], template: str, reason: str) -> None:
    said = tuple(Said(t, NOW - timedelta(hours=1)) for t in told)
    decision = decided(mail(), absent(), History(count, count, said, replies_today=0))
    assert (decision.reply.template if decision.reply else "") == template
    held = [w.reason for w in decision.withheld] + [h.reason for h in decision.plan.holds]
    assert [str(r) for r in held] == ([reason] if reason else [])


def test_the_fifth_text_is_a_draft_and_promises_an_hour_of_work() -> None:
    decision = decided(mail(), absent(), History(5, 5))
    (held,) = decision.withheld
    assert (held.reply.template, held.reason) == ("vacation-fifth", Reason.DRAFT)
    assert held.reply.promise == datetime(2026, 11, 27, 9, 0, tzinfo=ROME)


def test_an_emergency_names_the_hour_of_the_next_news() -> None:
    decision = decided(mail(FLOOD))
    assert decision.reply
    assert decision.reply.promise == datetime(2026, 11, 26, 12, 10, tzinfo=ROME)


def test_who_is_away_no_longer_is_not_promised_for() -> None:
    late = mail(received=datetime(2026, 12, 8, 9, tzinfo=ROME), sent=datetime(2026, 12, 8, 9, tzinfo=ROME))
    decision = decided(late, absent())
    assert (str(decision.plan.action), decision.plan.holds[0].reason) == ("none", Reason.NOT_AWAY)


def test_an_unreadable_message_is_held_never_calm() -> None:
    decision = decided(mail(unreadable="nested too deep"))
    assert decision.plan.holds[0].reason is Reason.UNREADABLE
    assert decision.reply is None


SAID = (Said("ordinary", NOW - timedelta(hours=2)),)
HELD = [
    ("a list", mail(headers={"List-Id": "<x>"}), client(), History(), None),
    ("by hand", mail(sender=OWNER, subject="Fwd: x"), client(), History(), "hand-forwarded"),
    ("doubt", mail(doubts=("it names two senders",)), client(), History(), "doubt"),
    ("seen", mail(), client(), History(seen_before=True), "seen-before"),
    ("answered", mail(), client(), History(answered_by_person=True), "answered"),
    ("same text", mail(), client(), History(2, 2, SAID), "ladder"),
    ("another matter", mail(), client(), History(2, 1, SAID), ""),
    ("per person", mail(), client(), History(replies_today=3), "per-person"),
    ("per hour", mail(), client(), History(replies_last_hour=60), "per-hour"),
]


@pytest.mark.parametrize(("name", "message", "ruleset", "history", "reason"), HELD, ids=[h[0] for h in HELD])
def test_guards(name: str, message: Message, ruleset: RuleSet, history: History, reason: str | None) -> None:
    decision = decided(message, ruleset, history)
    assert (decision.reply is None) == (reason != "")
    assert [str(w.reason) for w in decision.withheld] == ([reason] if reason else [])


@pytest.mark.parametrize(("trust", "reason"), [(Trust.OBSERVE, "observe"), (Trust.DRAFT, "draft"), (Trust.SEND, "")])
def test_trust(trust: Trust, reason: str) -> None:
    about = client().client
    ruleset = client(client=replace(about, trust=trust))
    assert [str(w.reason) for w in decided(mail(), ruleset).withheld] == ([reason] if reason else [])
    assert decided(mail(), ruleset, limits=False).reply, "judged by itself, trust does not count"


def test_old_mail_is_not_answered_and_wakes_nobody() -> None:
    ruleset = client()
    old = mail(FLOOD, received=NOW - timedelta(days=4), sent=NOW - timedelta(days=4))
    decision = decide(old, ruleset, book(ruleset), History(), TOOLS, NOW)
    assert decision.plan.escalates is None
    assert decision.plan.holds[0].reason is Reason.TOO_OLD
    assert decision.withheld[0].reason is Reason.TOO_OLD


def test_a_secret_in_a_text_holds_the_reply_back_but_not_the_alarm() -> None:
    def telling(template: str, language: str, client: str, words: object) -> Letter:
        return Letter("Re", "Volejte 603 111 222.")

    ruleset = absent()
    decision = decide(mail(FLOOD), ruleset, book(ruleset), History(), replace(TOOLS, render=telling), NOW)
    assert decision.plan.escalates
    assert decision.reply is None
    assert decision.withheld[0].reason is Reason.SECRET


def test_a_missing_text_is_a_problem_and_no_reply() -> None:
    ruleset = absent()
    drawn = Plan(Action.REPLY_VACATION, (Reply(CUSTOMER, "missing", "it"),))
    kept, withheld = guard(drawn, case(mail(), ruleset))
    assert kept.reply is None
    assert withheld[0].reason is Reason.UNWRITABLE


@pytest.mark.parametrize(
    "to", ["", "boss", OWNER, "va@va.example", "a@b.example, c@d.example", "a@b.example\r\nBcc: x"]
)
def test_no_reply_to_nobody_to_ourselves_or_to_two(to: str) -> None:
    reply = Reply(to, "ordinary", "it", letter=Letter("Re", "x"))
    kept, withheld = guard(Plan(Action.REPLY_LEADTIME, (reply,)), case(), limits=False)
    assert kept.reply is None
    assert len(withheld) == 1


def test_a_past_date_is_not_promised() -> None:
    reply = Reply(CUSTOMER, "ordinary", "it", ready_by=date(2026, 11, 25), letter=Letter("Re", "x"))
    kept, withheld = guard(Plan(Action.REPLY_LEADTIME, (reply,)), case(), limits=False)
    assert (kept.reply, withheld[0].reason) == (None, Reason.PAST_DATE)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_plan_and_a_sentence(kind: Kind) -> None:
    assert kind in PLANS
    assert kind in MEANING
    assert isinstance(plan(Verdict(kind, "x"), case()), Plan)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(reason: Reason) -> None:
    assert REASONS[reason]


def test_limits_are_the_rulebook_s() -> None:
    ruleset = client()
    rulebook = book(ruleset, limits=Limits(per_person_per_day=1))
    decision = decide(mail(), ruleset, rulebook, History(replies_today=1), TOOLS, NOW)
    assert decision.withheld[0].reason is Reason.PER_PERSON


def test_a_customer_is_never_offered_a_price() -> None:
    decision = decided(mail(RUSHED), client())
    assert decision.case.person is None
    assert decision.reply
    assert "rush" not in decision.reply.words
    assert judge(decision.case).kind is Kind.RUSH_REQUEST


def test_the_client_id_is_what_templates_are_found_by() -> None:
    about = Client("x1", "X", (OWNER,), "it", ("it",), "Europe/Rome", Trust.SEND)
    decision = decided(mail(), client(client=about))
    assert decision.reply
    assert decision.reply.letter
    assert "for x1" in decision.reply.letter.body
