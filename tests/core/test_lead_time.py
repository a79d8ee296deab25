"""The four answers to a date that is asked for: none, met by the notice, sooner at a price, sooner than anybody can."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from tests.core.tongues import language
from tests.make import CUSTOMER, NOW, ROME, RUSH, TOOLS, book, client, mail
from vamaild.core.decide import Decision, decide
from vamaild.core.message import History
from vamaild.core.ruleset import Kind, Lead, Person, Role, Rule, RuleSet, Rush, Tier

MARCO = "marco@acme.example"
KINDS = (
    Rule("stated", Kind.RUSH_REQUEST, {"urgency": "stated"}),
    Rule("in time", Kind.SCHEDULED_REQUEST, {"deadline": "in-time"}),
)


def answered(
    text: str, ruleset: RuleSet | None = None, at: datetime = NOW, sender: str = MARCO, sold: int = 0
) -> Decision:
    ruleset = ruleset or client()
    rulebook = book(ruleset, languages={"it": language("it")}, kinds=KINDS)
    message = mail(text, sender=sender, received=at, sent=at)
    return decide(message, ruleset, rulebook, History(rush_sold=sold), TOOLS, at)


TABLE = [  # Thursday 26 November, 10:40; the notice is ready on Wednesday 2 December, 18:00
    ("nothing is asked", "Mi mandi il preventivo?", "ordinary", None, None),
    ("a date the notice meets", "Mi serve il preventivo entro il 9 dicembre.", "ordinary", None, None),
    ("the very day", "Mi serve il preventivo entro il 2 dicembre.", "ordinary", None, None),
    ("a day too soon", "Mi serve il preventivo entro il 1 dicembre.", "rush-offer", 25, "2026-11-30T18:00"),
    ("tomorrow: a price meets it", "Mi serve il preventivo entro domani.", "rush-offer", 50, "2026-11-26T18:00"),
    ("this evening", "Mi serve il preventivo entro stasera.", "rush-offer", 50, "2026-11-26T18:00"),
    ("no price meets it", "Mi serve il preventivo entro le 12 di oggi.", "rush-offer", 50, "2026-11-26T18:00"),
    ("at once", "Mi serve il preventivo subito.", "rush-offer", 50, "2026-11-26T18:00"),
    ("urgent in words, but in time", "Urgente: mi serve il preventivo entro il 9 dicembre.", "ordinary", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "template", "percent", "ready"), TABLE, ids=[t[0] for t in TABLE])
def test_the_four_answers(name: str, text: str, template: str, percent: int | None, ready: str | None) -> None:
    reply = answered(text).reply
    assert reply
    assert reply.template == template
    assert reply.ready_by == date(2026, 12, 2), "every one of them names the agreed date"
    assert (reply.offer.percent if reply.offer else None) == percent
    if ready:
        assert reply.offer
        assert reply.offer.ready_at == datetime.fromisoformat(ready).replace(tzinfo=ROME)
        assert reply.offer.accept_by > NOW


def test_a_date_in_time_by_the_calendar_but_not_by_the_cutoff() -> None:
    """After the cutoff the notice begins to run tomorrow: 2 December is no rush, but it is not 3 December either."""
    ruleset = client(lead=Lead(4, cutoff=time(17)))
    late = answered("Mi serve il preventivo entro il 2 dicembre.", ruleset, NOW.replace(hour=17, minute=30))
    assert late.verdict.kind is Kind.SCHEDULED_REQUEST
    assert late.reply
    assert (late.reply.template, late.reply.ready_by) == ("rush-offer", date(2026, 12, 3))


RUSHED = "Mi serve il preventivo entro stasera."
MODES = [
    ("offer", client(), MARCO, 0, "rush-offer"),
    ("decline", client(rush=replace(RUSH, mode="decline")), MARCO, 0, "lead-time"),
    ("silent", client(rush=replace(RUSH, mode="silent")), MARCO, 0, "ordinary"),
    ("no rush agreed", client(rush=None), MARCO, 0, "lead-time"),
    ("no tiers", client(rush=Rush("offer")), MARCO, 0, "lead-time"),
    ("one is left this week", client(), MARCO, 1, "rush-offer"),
    ("this week's are sold", client(), MARCO, 2, "lead-time"),
    ("a customer", client(), CUSTOMER, 0, "lead-time"),
    ("one who may not say yes", client(people=(Person(MARCO, "Marco", Role.CLIENT),)), MARCO, 0, "lead-time"),
    ("a customer who accepts", client(people=(Person(MARCO, "", accepts_rush=True),)), MARCO, 0, "lead-time"),
    ("too late for every tier", client(rush=Rush("offer", tiers=(Tier("today 10:00", 50),))), MARCO, 0, "lead-time"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "ruleset", "sender", "sold", "template"), MODES, ids=[m[0] for m in MODES])
def test_who_is_offered_a_price(name: str, ruleset: RuleSet, sender: str, sold: int, template: str) -> None:
    reply = answered(RUSHED, ruleset, sender=sender, sold=sold).reply
    assert reply
    assert reply.template == template
    assert (reply.offer is not None) == ("rush" in reply.words) == (template == "rush-offer")


def test_after_the_last_moment_of_today_s_tier_the_next_one_is_offered() -> None:
    reply = answered(RUSHED, at=NOW + timedelta(hours=1)).reply
    assert reply
    assert reply.offer
    assert reply.offer.percent == 100
