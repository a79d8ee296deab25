"""Every small situation of the chain, not only those that hypothesis happens to meet.

Two people beside the assistant, one with two channels; from every situation that can be reached every event is tried.
Two states are the same situation when only counters and the length of what is still to come differ.
"""

from collections import deque
from collections.abc import Iterator
from datetime import datetime, time, timedelta

import pytest

from tests.make import NOW
from vamaild.core.agreement import Agreement, is_quiet
from vamaild.core.chainwords import (
    Action,
    Confirm,
    Due,
    Event,
    Fact,
    Give,
    Left,
    PassOn,
    Phase,
    Resolve,
    Result,
    Snooze,
    Solved,
    StandDown,
    State,
    Take,
    Tell,
    Wait,
    Why,
)
from vamaild.core.escalation import step
from vamaild.core.notify import Delivery
from vamaild.core.ruleset import Escalation

pytestmark = pytest.mark.slow
CHAIN = ("me", "petr", "colleague")
WAYS = {"me": ("email",), "petr": ("sms", "email"), "colleague": ("email",)}
TERMS = Escalation(CHAIN, quiet=(time(22), time(7)), timezone="Europe/Rome", budget=1)
NIGHT = NOW.replace(hour=23, minute=0)
DAY = timedelta(days=1)
MOST = 20_000

AGREED = {
    "by day": (Agreement(CHAIN, WAYS, TERMS), NOW),
    "at night": (Agreement(CHAIN, WAYS, TERMS), NIGHT),
    "at night, people in danger": (Agreement(CHAIN, WAYS, TERMS, people=True), NIGHT),
    "budget spent": (Agreement(CHAIN, WAYS, TERMS, disturbed={"petr": 1}), NOW),
    "the assistant alone": (Agreement(CHAIN, WAYS, TERMS, assistant_only=True), NOW),
    "nobody can be reached": (Agreement(CHAIN, {}, TERMS), NOW),
    "he is gone": (Agreement(("me", "colleague"), WAYS, TERMS), NOW),
    "perhaps nothing": (Agreement(CHAIN, WAYS, TERMS, patient=True), NOW),
    "practice": (Agreement(CHAIN, WAYS, TERMS, practice=True), NIGHT),
}


def events(state: State, now: datetime) -> Iterator[Event]:
    """Whatever may happen now: for everybody, also for who is not asked."""
    yield Due()
    for person in CHAIN:
        yield from (Take(person), PassOn(person), Wait(person, now + DAY), Snooze(person, now + DAY), Resolve(person))
        yield from (Give(person, to) for to in CHAIN)
        yield Left(person)
    yield from (Fact(), Solved(0))
    for channel in state.tried or ("email",):
        yield from (Result(state.asked or "me", channel, state.round, result) for result in Delivery)
    yield Result("petr", "sms", 0, Delivery.FAILED)


def situation(state: State, now: datetime) -> tuple[object, ...]:
    """The state without what only counts, and without the order in which people were told; of its times, which came."""
    sets = (frozenset(n) for n in (state.tried, state.told, state.passed, state.unreachable, state.lost))
    times = (state.due is not None and state.due > now, state.ends is not None and state.ends > now)
    began = (state.round > 0, state.sweep > 0, state.rests > 0)
    return (state.phase, state.asked, state.channel, state.holder, state.forced, *sets, *times, *began)


def settled(state: State, agreement: Agreement, now: datetime) -> State:
    """What the service makes of it without any time passing."""
    for _ in range(30):
        new, actions = step(state, Due(), agreement, now)
        if new == state and not actions:
            return state
        state = new
    raise AssertionError("it goes round in circles although no time passes")


def check(
    before: State, event: Event, after: State, actions: tuple[Action, ...], agreed: Agreement, now: datetime
) -> None:
    tells = [a for a in actions if isinstance(a, Tell)]
    if before.phase is Phase.RESOLVED:
        assert after == before
        assert not tells
    if after.phase is Phase.RESOLVED:
        assert after.due is None
        return
    assert after.due is not None, "an open emergency without a next event"
    if isinstance(event, (Take, PassOn, Wait, Give, Snooze)):
        assert sum(isinstance(a, Confirm) for a in actions) == 1, "whoever answers hears what became of it"
    for tell in tells:
        may_be_told(tell, before, event, agreed, now)
    for off in (a for a in actions if isinstance(a, StandDown)):
        assert off.person in before.told


def may_be_told(tell: Tell, before: State, event: Event, agreed: Agreement, now: datetime) -> None:
    assert tell.channel in agreed.ways[tell.person]
    if before.phase in (Phase.HELD, Phase.SNOOZED):
        due = isinstance(event, Due) and before.due is not None and now >= before.due
        failed = isinstance(event, Result) and before.why in (Why.AGAIN, Why.SOLVED)
        assert due or failed or isinstance(event, (Fact, Solved, Left, PassOn, Wait, Give)), (
            "nobody is told after somebody took it, unless something happens"
        )
    by_hand = before.forced == tell.person or (isinstance(event, Give) and event.by == "me")
    if tell.person in ("me", "colleague") or by_hand or agreed.people or agreed.practice:
        assert tell.person == "me" or by_hand or not agreed.assistant_only
        return
    assert not agreed.assistant_only
    assert not is_quiet(agreed.terms, now)
    assert agreed.disturbed.get(tell.person, 0) < agreed.terms.budget or before.asked == tell.person


@pytest.mark.parametrize("name", AGREED)
def test_every_situation_has_a_next_event_and_disturbs_nobody_it_may_not(name: str) -> None:
    agreed, begin = AGREED[name]
    first = State(due=begin)
    seen: set[tuple[object, ...]] = {situation(first, begin)}
    waiting = deque([(first, begin)])
    while waiting:
        state, now = waiting.popleft()
        for at in {now, max(now, state.due or now)}:
            for event in events(state, at):
                after, actions = step(state, event, agreed, at)
                check(state, event, after, actions, agreed, at)
                known = situation(after, at)
                if known not in seen:
                    seen.add(known)
                    waiting.append((after, at))
                    calm = settled(after, agreed, at)
                    assert calm.phase is Phase.RESOLVED or (calm.due is not None and calm.due > at)
        assert len(seen) < MOST, "the situations are not few: something counts that is not left out"
    phases = {phase for phase, *_ in seen}
    assert phases == ({Phase.ASKING, Phase.RESOLVED} if agreed.practice else set(Phase))
