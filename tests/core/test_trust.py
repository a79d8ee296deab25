"""The trust ladder: who may send what, when a step up is proposed, when a step down is taken."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make import NOW, TOOLS, book, client, mail
from vamaild.core.decide import Decision, decide
from vamaild.core.message import History
from vamaild.core.reasons import Reason
from vamaild.core.ruleset import Trust
from vamaild.core.trust import (
    AGAIN_AFTER,
    LADDER,
    DraftFate,
    Fate,
    Level,
    Move,
    Pause,
    effective,
    holding,
    level_of,
    lowered,
    next_move,
    proposed,
)

OBSERVE, DRAFT, SEND = Trust.OBSERVE, Trust.DRAFT, Trust.SEND
DAY = timedelta(days=1)


def level(trust: Trust, template: str = "ordinary", **changes: object) -> Level:
    return replace(Level("acme", template, trust, NOW, "giulia"), **changes)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("file", "learned", "result"),
    [
        (OBSERVE, None, OBSERVE),
        (DRAFT, None, DRAFT),
        (SEND, None, SEND),
        (OBSERVE, SEND, OBSERVE),
        (OBSERVE, DRAFT, OBSERVE),
        (DRAFT, SEND, SEND),
        (DRAFT, OBSERVE, OBSERVE),
        (SEND, DRAFT, DRAFT),
        (SEND, OBSERVE, OBSERVE),
        (SEND, SEND, SEND),
    ],
)
def test_the_file_is_the_ceiling_but_for_a_confirmed_step(file: Trust, learned: Trust | None, result: Trust) -> None:
    levels = (level(SEND, "other"), *([level(learned)] if learned else []))
    assert effective(file, levels, "ordinary") is result


def test_a_proposal_alone_changes_nothing() -> None:
    asked = proposed("acme", "ordinary", None, NOW)
    assert not asked.learned
    assert [effective(file, (asked,), "ordinary") for file in LADDER] == list(LADDER)


def test_a_proposal_does_not_undo_what_was_learned() -> None:
    asked = proposed("acme", "ordinary", lowered("acme", "ordinary", SEND, NOW), NOW + DAY)
    assert effective(SEND, (asked,), "ordinary") is DRAFT


def test_the_latest_of_two_counts() -> None:
    levels = (level(SEND, since=NOW), level(OBSERVE, since=NOW - DAY))
    assert level_of(levels, "ordinary") == levels[0]
    assert level_of((), "ordinary") is None


@given(st.sampled_from(LADDER), st.lists(st.sampled_from(LADDER), max_size=3))
def test_never_above_the_file_but_from_draft_to_send(file: Trust, learned: list[Trust]) -> None:
    found = effective(file, [level(t, since=NOW + n * DAY) for n, t in enumerate(learned)], "ordinary")
    assert LADDER.index(found) <= LADDER.index(file) or (file, found) == (DRAFT, SEND)


# ---- the next step


def fates(signs: str, since: datetime = NOW) -> tuple[DraftFate, ...]:
    """One draft a letter: u(nchanged), e(dited), d(iscarded); an hour apart, the first an hour after `since`."""
    kinds = {"u": Fate.UNCHANGED, "e": Fate.EDITED, "d": Fate.DISCARDED}
    hour = timedelta(hours=1)
    return tuple(DraftFate(n, "acme", "ordinary", kinds[s], since + n * hour) for n, s in enumerate(signs, 1))


@pytest.mark.parametrize(
    ("trust", "signs", "move"),
    [
        (DRAFT, "", None),
        (DRAFT, "u" * 19, None),
        (DRAFT, "u" * 20, Move.PROPOSE),
        (DRAFT, "u" * 40, Move.PROPOSE),
        (DRAFT, "e" + "u" * 20, Move.PROPOSE),
        (DRAFT, "u" * 19 + "e", None),
        (DRAFT, "u" * 10 + "e" + "u" * 19, None),
        (DRAFT, "ee", None),
        (DRAFT, "eed", Move.DOWN),
        (DRAFT, "eduuuuuud", Move.DOWN),
        (DRAFT, "eeuuuuuuu" + "ud", None),
        (DRAFT, "eee" + "u" * 8, None),
        (DRAFT, "eee" + "u" * 7, Move.DOWN),
        (SEND, "u" * 40, None),
        (SEND, "uuddd", Move.DOWN),
        (SEND, "uudd", None),
        (OBSERVE, "d" * 20, None),
        (OBSERVE, "u" * 20, None),
    ],
)
def test_the_next_step(trust: Trust, signs: str, move: Move | None) -> None:
    assert next_move(trust, fates(signs), None, NOW + 3 * DAY) is move


@pytest.mark.parametrize(("since_asked", "move"), [(DAY, None), (AGAIN_AFTER - DAY, None), (AGAIN_AFTER, Move.PROPOSE)])
def test_an_unanswered_proposal_is_not_made_again_for_a_month(since_asked: timedelta, move: Move | None) -> None:
    asked = proposed("acme", "ordinary", None, NOW)
    assert next_move(DRAFT, fates("u" * 25), asked, NOW + since_asked) is move


def test_after_a_step_the_count_begins_anew() -> None:
    """Otherwise the drafts that took a text down would take it down again at once, and a "no" would be asked again."""
    down = lowered("acme", "ordinary", SEND, NOW)
    assert next_move(DRAFT, fates("ddd", NOW - DAY), down, NOW) is None
    assert next_move(DRAFT, fates("ddd", NOW), down, NOW + DAY) is Move.DOWN
    said_no = level(DRAFT)
    assert next_move(DRAFT, fates("u" * 20, NOW - 2 * DAY), said_no, NOW + 40 * DAY) is None
    assert next_move(DRAFT, fates("u" * 20), said_no, NOW + 40 * DAY) is Move.PROPOSE


def test_one_step_at_a_time() -> None:
    assert [lowered("acme", "x", trust, NOW).trust for trust in (SEND, DRAFT, OBSERVE)] == [DRAFT, OBSERVE, OBSERVE]
    assert lowered("acme", "x", SEND, NOW).learned


# ---- the guard


def decided(levels: tuple[Level, ...], trust: Trust = SEND, text: str = "Mi mandi il listino?") -> Decision:
    ruleset = client()
    ruleset = replace(ruleset, client=replace(ruleset.client, trust=trust))
    return decide(mail(text), ruleset, book(ruleset), History(levels=levels), TOOLS, NOW)


@pytest.mark.parametrize(
    ("trust", "learned", "reason"),
    [
        (SEND, None, None),
        (SEND, DRAFT, Reason.DRAFT),
        (SEND, OBSERVE, Reason.OBSERVE),
        (DRAFT, SEND, None),
        (DRAFT, None, Reason.DRAFT),
        (OBSERVE, SEND, Reason.OBSERVE),
    ],
)
def test_what_was_learned_about_a_text_holds_its_replies(
    trust: Trust, learned: Trust | None, reason: Reason | None
) -> None:
    decision = decided((level(learned),) if learned else (), trust)
    assert [w.reason for w in decision.withheld] == ([reason] if reason else [])
    assert decision.plan.action == decided(()).plan.action


def test_another_text_is_not_held() -> None:
    assert decided((level(OBSERVE, "lead-time"),)).reply


def test_the_words_name_the_text_where_it_is_the_text() -> None:
    assert (
        decided((level(DRAFT),)).withheld[0].because == '"ordinary" for this client is in draft: it waits for your yes'
    )
    assert decided((), DRAFT).withheld[0].because == "this client is in draft: it waits for your yes"


def test_whom_a_pause_holds() -> None:
    all_, acme, beta = Pause("", NOW), Pause("acme", NOW), Pause("beta", NOW)
    assert holding((all_, acme, beta), "acme") == (all_, acme)
    assert holding((beta,), "acme") == ()
