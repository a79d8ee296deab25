"""The ladder for one person and matter: what is said when, what is never said twice, and what is looked at afresh."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.make import AWAY, ITALIAN, NOW, ROME, TOOLS, absent, book, client, mail
from vamaild.core import ladder
from vamaild.core.case import Authentication
from vamaild.core.decide import Decision, Tools, decide
from vamaild.core.message import History, Message, Said
from vamaild.core.reasons import Reason
from vamaild.core.ruleset import Absence, Kind, Language, Rule, RuleSet, Situation

HOUR = timedelta(hours=1)
WORDS = {"it": replace(ITALIAN, lists=dict(ITALIAN.lists) | {"signs.asks": ("mi serve",)})}
TOMORROW = "Mi serve entro domani il preventivo."


def said(*texts: str, about: bool = True, ago: timedelta = HOUR) -> tuple[Said, ...]:
    return tuple(Said(text, NOW - ago, about) for text in texts)


def decided(history: History, message: Message | None = None, ruleset: RuleSet | None = None) -> Decision:
    ruleset, message = ruleset or absent(), message or mail()
    return decide(message, ruleset, book(ruleset, languages=WORDS), history, TOOLS, message.received)


def came(decision: Decision) -> tuple[str, str]:
    """(the text that leaves or is drafted, why not)."""
    reply = decision.reply or next((w.reply for w in decision.withheld), None)
    why = [str(w.reason) for w in decision.withheld] + [str(h.reason) for h in decision.plan.holds]
    return reply.template if reply else "", ",".join(why)


BOTH = ("vacation-first", "vacation-second")
STEPS = [
    ("first", 1, 1, (), 0, "vacation-first", ""),
    ("second", 2, 2, said("vacation-first"), 1, "vacation-second", ""),
    ("third", 3, 3, said(*BOTH), 2, "", "ladder"),
    ("fourth", 4, 4, said(*BOTH), 2, "", "nudge"),
    ("fifth, although two have left", 5, 5, said(*BOTH), 2, "vacation-fifth", "draft"),
    ("sixth: silence until the promised hour", 6, 6, said(*BOTH, "vacation-fifth"), 2, "", "ladder"),
    ("fourth of tomorrow, after the fifth", 4, 10, said(*BOTH, "vacation-fifth"), 0, "", "ladder"),
    ("next day", 1, 4, said(*BOTH, ago=24 * HOUR), 0, "", "ladder"),
    ("two a day are enough", 3, 3, said("vacation-first"), 2, "", "ladder"),
    ("another matter", 2, 1, said("vacation-first", about=False), 1, "vacation-another", ""),
    (
        "its second message",
        3,
        2,
        said("vacation-first", about=False) + said("vacation-another"),
        1,
        "vacation-second",
        "",
    ),
    ("a third matter", 3, 1, said("vacation-first", "vacation-another", about=False), 0, "vacation-second", ""),
    ("five matters are five requests", 5, 1, said(*BOTH, "vacation-another", about=False), 0, "", "ladder"),
    ("what was said before the absence counts no more", 1, 1, said(*BOTH, ago=24 * HOUR * 30), 0, "vacation-first", ""),
]


@pytest.mark.parametrize(("name", "today", "matter", "before", "sent", "text", "why"), STEPS, ids=[s[0] for s in STEPS])
def test_the_rungs(
    name: str, today: int, matter: int, before: tuple[Said, ...], sent: int, text: str, why: str
) -> None:
    assert came(decided(History(today, matter, before, replies_today=sent))) == (text, why)


def test_who_insists_may_change_the_subject_each_time() -> None:
    insisting = mail("Terza mail, ancora niente.")
    assert came(decided(History(5, 1, said(*BOTH, about=False)), insisting)) == ("vacation-fifth", "draft")


def test_the_second_question_is_not_asked_of_who_has_answered_it() -> None:
    assert came(decided(History(2, 2, said("vacation-first")), mail(TOMORROW))) == ("", "new-fact")


# ---- a new concrete fact


FACTS = [
    ("Mi manda il preventivo?", ()),
    (TOMORROW, ("by 2026-11-27",)),
    ("Si sta allagando il magazzino.", ("damage acqua",)),
    ("Ho pagato 1.200,00 € e poi EUR 300: mi manda la ricevuta?", ("amount 1200", "amount 300")),
    ("Zaplatil jsem 15 000 Kč.", ("amount 15000",)),
    ("Il numero 12 di 24 ore", ()),
]


@pytest.mark.parametrize(("text", "facts"), FACTS)
def test_what_counts_as_a_fact(text: str, facts: tuple[str, ...]) -> None:
    assert ladder.facts(decided(History(), mail(text)).case) == facts


@pytest.mark.parametrize(
    ("text", "known", "why"),
    [
        ("Il conto è di 900 euro.", (), "new-fact"),
        ("Il conto è di 900 euro.", ("amount 900",), "ladder"),
        (TOMORROW, ("by 2026-11-27",), "ladder"),
        (TOMORROW, ("by 2026-12-04",), "new-fact"),
        ("Ancora niente?", (), "ladder"),
    ],
)
def test_only_a_new_fact_is_new(text: str, known: tuple[str, ...], why: str) -> None:
    assert came(decided(History(3, 3, said(*BOTH), facts=frozenset(known)), mail(text)))[1] == why


def test_a_new_date_is_judged_afresh_and_the_same_one_is_not() -> None:
    insists = (
        Rule("again", Kind.INSISTING, {"repeats": True}),
        Rule("stated", Kind.RUSH_REQUEST, {"urgency": "stated"}),
    )
    ruleset = absent()
    asked = mail(f"Ancora una volta: {TOMORROW}")

    def kind(*known: str) -> Kind:
        history = History(3, 3, said(*BOTH), facts=frozenset(known))
        return decide(asked, ruleset, book(ruleset, kinds=insists, languages=WORDS), history, TOOLS, NOW).verdict.kind

    assert (kind("by 2026-11-27"), kind("by 2026-12-30"), kind()) == (
        Kind.INSISTING,
        Kind.RUSH_REQUEST,
        Kind.RUSH_REQUEST,
    )


def test_three_thanks_in_one_thread_insist_on_nothing() -> None:
    again = Rule("again", Kind.INSISTING, {"repeats": True})
    thanks = Rule("thanks", Kind.INFORMATION, {"shows": ("thanks",)})
    ruleset = absent()
    known = book(ruleset, kinds=(again, thanks), languages=WORDS)

    def judged(text: str) -> Decision:
        return decide(mail(text), ruleset, known, History(4, 4, said(*BOTH)), TOOLS, NOW)

    calm = judged("Grazie mille.")
    assert (calm.verdict.kind, came(calm)) == (Kind.INFORMATION, ("", ""))
    assert [t.name for t in calm.verdict.tried if t.fits] == ["thanks"]
    assert judged("Grazie mille, ma ancora una volta: quando?").verdict.kind is Kind.INSISTING
    assert judged("Quando arriva?").verdict.kind is Kind.INSISTING


def test_new_damage_is_an_emergency_on_any_rung() -> None:
    flood = mail("Si sta allagando il magazzino, venite!")
    decision = decided(History(6, 6, said(*BOTH, "vacation-fifth"), replies_today=2), flood)
    assert decision.plan.escalates
    insisting = decided(
        History(7, 7, said(*BOTH, "vacation-fifth"), replies_today=2), mail("Ancora una volta: allora?")
    )
    assert insisting.plan.escalates is None


# ---- never the same sentence twice


def test_the_manual_s_answer_and_the_contact_are_given_once_for_a_matter() -> None:
    manual = absent(situations=(Situation("orari", ("a che ora aprite",), {"it": "Alle nove."}),))
    hours = mail("A che ora aprite?")
    assert came(decided(History(), hours, manual)) == ("playbook", "")
    assert came(decided(History(2, 2, said("playbook")), hours, manual)) == ("", "ladder")
    assert came(decided(History(2, 1, said("playbook", about=False)), hours, manual)) == ("playbook", "")
    site = mail("Serve subito un sopralluogo.")
    assert came(decided(History(2, 2, said("colleague")), site)) == ("", "ladder")


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["same", "other", "insists", "next day"]), max_size=14))
def test_whatever_a_person_does_no_text_comes_twice_and_no_more_than_two_a_day(moves: list[str]) -> None:
    told: list[tuple[str, str, int]] = []
    day, today, matters = 0, 0, {"a": 0, "b": 0}
    for move in moves:
        day, today = (day + 1, 0) if move == "next day" else (day, today)
        subject = "b" if move == "other" else "a"
        today, matters[subject] = today + 1, matters[subject] + 1
        history = History(
            today,
            matters[subject],
            tuple(Said(t, NOW + timedelta(days=d), s == subject) for t, s, d in told),
            replies_today=sum(d == day for t, _, d in told if t != "vacation-fifth"),
        )
        at = NOW + timedelta(days=day)
        text = "Ancora una volta!" if move == "insists" else "Mi manda il preventivo?"
        decision = decided(
            history,
            mail(text, received=at, sent=at),
            absent(absence=Absence(AWAY.first, date(2027, 1, 11), date(2027, 1, 13))),
        )
        reply = decision.reply or next((w.reply for w in decision.withheld if w.reason is Reason.DRAFT), None)
        assert decision.plan.escalates is None
        if reply:
            told.append((reply.template, subject, day))
    texts = [t for t, _, _ in told]
    assert len(texts) == len(set(texts))
    assert max((sum(d == n for t, _, d in told if t != "vacation-fifth") for n in range(day + 1)), default=0) <= 2


# ---- nobody knows when he is back


UNKNOWN = absent(absence=Absence(AWAY.first, None, None, AWAY.say))


def test_without_a_day_back_no_text_names_one() -> None:
    first = decided(History(), None, UNKNOWN)
    assert came(first) == ("vacation-undated", "")
    assert first.reply
    assert (first.reply.ready_by, first.reply.promise) == (None, None)
    assert came(decided(History(2, 2, said("vacation-undated")), None, UNKNOWN)) == ("", "ladder")
    drafted = decided(History(5, 5, said("vacation-undated")), None, UNKNOWN).withheld[0].reply
    assert (drafted.template, drafted.promise) == ("vacation-fifth", datetime(2026, 11, 27, 9, tzinfo=ROME))


# ---- no automatic replies, please


SILENCE = Language("it", {"signs.no_auto": ("niente risposte automatiche",)})
PLEASE = "Niente risposte automatiche, per favore. Mi manda il preventivo?"


def heard(text: str, history: History, failed: bool = False) -> Decision:
    ruleset = client()
    tools = Tools(TOOLS.render, TOOLS.detect, lambda v, s: Authentication("fail" if failed else "", "x.example"))
    known = book(ruleset, languages={"it": SILENCE})
    return decide(mail(text), ruleset, known, history, tools, NOW)


def test_who_asks_for_none_gets_none_and_a_person_looks() -> None:
    asking, later = heard(PLEASE, History()), heard("Mi manda il preventivo?", History(no_auto=True))
    for decision in (asking, later):
        assert decision.reply is None
        assert [w.reason for w in decision.withheld] == [Reason.NO_AUTO]
    assert [h.reason for h in asking.plan.holds] == [Reason.NO_AUTO]
    assert ladder.wants_silence(asking.case)
    assert not ladder.wants_silence(later.case)


def test_not_even_an_emergency_is_confirmed_but_it_is_passed_on() -> None:
    ruleset = absent()
    decision = decide(mail("Si sta allagando il magazzino."), ruleset, book(ruleset), History(no_auto=True), TOOLS, NOW)
    assert decision.plan.escalates
    assert decision.reply is None


def test_a_forged_wish_silences_nobody() -> None:
    assert not ladder.wants_silence(heard(PLEASE, History(), failed=True).case)
