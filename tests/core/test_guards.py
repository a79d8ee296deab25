"""The breakers: each limit and each sign of a machine that lies holds one reply back, and nothing else does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.make import CUSTOMER, NOW, TOOLS, book, client, mail
from vamaild.core.decide import Decision, decide
from vamaild.core.guards import LIMITS
from vamaild.core.message import History
from vamaild.core.reasons import Reason
from vamaild.core.ruleset import Limits
from vamaild.core.sameness import alike, domain_of, responds, same_hand, same_subject, text_mark

FEW = Limits(per_person_per_day=2, per_domain_per_hour=4, per_hour=5, per_day=6)
SECOND = timedelta(seconds=1)
FLOOD = "Si sta allagando il magazzino."


def decided(history: History, text: str = "Ciao, mi mandi il preventivo?", limits: bool = True) -> Decision:
    ruleset = client()
    return decide(mail(text), ruleset, book(ruleset, limits=FEW), history, TOOLS, NOW, limits=limits)


TABLE = [
    (History(), None),
    (History(replies_today=1), None),
    (History(replies_today=2), Reason.PER_PERSON),
    (History(replies_to_domain=3), None),
    (History(replies_to_domain=4), Reason.PER_DOMAIN),
    (History(replies_last_hour=4), None),
    (History(replies_last_hour=5), Reason.PER_HOUR),
    (History(replies_last_day=5), None),
    (History(replies_last_day=6), Reason.PER_DAY),
    (History(answers_after=60 * SECOND), Reason.QUICK_ANSWER),
    (History(answers_after=0 * SECOND), Reason.QUICK_ANSWER),
    (History(answers_after=61 * SECOND), None),
    (History(same_text=True), Reason.SAME_TEXT),
    (History(bounced=True), Reason.BOUNCED),
    (History(told_alike=("ordinary",)), Reason.LADDER),
    (History(told_alike=("lead-time",)), None),
    (History(our_ids=frozenset({"<ours@x>"})), None),
]


@pytest.mark.parametrize(("history", "reason"), TABLE, ids=[f"{n} {r or 'goes'}" for n, (_, r) in enumerate(TABLE)])
def test_what_holds_a_reply_back(history: History, reason: Reason | None) -> None:
    decision = decided(history)
    assert [w.reason for w in decision.withheld] == ([reason] if reason else [])
    assert (decision.reply is None) == (reason is not None)
    assert all(w.person for w in decision.withheld), "a person looks at it: silence to a human is as bad as a loop"


@pytest.mark.parametrize("history", [h for h, reason in TABLE if reason])
def test_no_limit_keeps_an_alarm_from_anybody(history: History) -> None:
    decision = decided(history, FLOOD)
    assert decision.plan.escalates
    assert decided(history, limits=False).reply, "judged by itself, what came before does not count"


def test_every_limit_is_in_words_for_explain() -> None:
    assert all(guard.__doc__ and guard.__doc__[0].islower() for guard in LIMITS)


def test_the_reason_names_domain_and_seconds() -> None:
    held = decided(History(replies_to_domain=4)).withheld[0]
    assert held.because == "4 replies to customer.example in one hour are enough"
    assert "after 7 seconds" in decided(History(answers_after=7.9 * SECOND)).withheld[0].because


# --- when two mails are the same ---


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ricevuto, ticket 118.", "ricevuto\n\n  TICKET 2026-119!", True),
        ("Je to naléhavé", "je to nalehave", True),
        ("Ricevuto.", "Ricevuto, grazie.", False),
        ("Entro giovedì 10 dicembre.", "Entro venerdì 11 dicembre.", False),
    ],
)
def test_the_same_words(one: str, other: str, same: bool) -> None:
    assert (text_mark(one) == text_mark(other)) is same


@pytest.mark.parametrize("empty", ["", "   ", "118 / 2026", "?!", "\ud800"])
def test_no_words_are_not_the_same_as_anything(empty: str) -> None:
    assert text_mark(empty) == ""


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("info@b.example", "info@b.example", True),
        ("info@b.example", "INF0@B.example", True),
        ("info@b.example", "infos@b.example", True),
        ("info@b.example", "nfo@b.example", True),
        ("info@b.example", "inxo@b.example", True),
        ("t118@b.example", "t20931@b.example", True),
        ("help+118@b.example", "help+x@b.example", True),
        ("info@b.example", "infoxy@b.example", False),
        ("info@b.example", "office@b.example", False),
        ("info@b.example", "info@c.example", False),
        ("anna@b.example", "mario@b.example", False),
    ],
)
def test_addresses_that_differ_by_a_byte(one: str, other: str, near: bool) -> None:
    assert alike(one, other) is near
    assert alike(other, one) is near


@pytest.mark.parametrize(
    ("other", "responding", "same"),
    [
        ("carla@customer.example", False, True),
        ("carl4@customer.example", False, True),
        ("dora@customer.example", False, False),
        ("dora@customer.example", True, True),
        ("carla@other.example", True, False),
    ],
)
def test_the_same_hand(other: str, responding: bool, same: bool) -> None:
    assert same_hand(other, CUSTOMER, responding) is same


@pytest.mark.parametrize(
    ("changes", "shape"),
    [
        ({}, False),
        ({"subject": "Re: Preventivo"}, True),
        ({"subject": "R: Preventivo"}, True),
        ({"subject": "Relazione"}, False),
        ({"references": ("<a@b>",)}, True),
    ],
)
def test_the_shape_of_an_answer(changes: dict[str, object], shape: bool) -> None:
    assert responds(replace(mail(), **changes)) is shape  # type: ignore[arg-type]


def test_subjects_and_domains() -> None:
    assert same_subject("Re: R: Preventivo", "preventivo")
    assert not same_subject("", "Re: ")
    assert not same_subject("Preventivo", "Fattura")
    assert [domain_of(a) for a in ("A@B.Example", "nobody", "")] == ["b.example", "", ""]
