"""A practice alarm as a pure state machine: everybody in the chain is told once, over every channel at the same time.

Nothing has happened, so nobody is asked twice, nobody's quiet hours or budget count, and it ends after the last name.
"""

from dataclasses import replace
from datetime import datetime

from .agreement import Agreement
from .chainwords import (
    Action,
    Confirm,
    Due,
    Event,
    Fact,
    Failure,
    Left,
    Phase,
    Resolve,
    Result,
    Said,
    Solved,
    StandDown,
    State,
    Tell,
    Why,
)
from .notify import Delivery

Done = tuple[State, tuple[Action, ...]]


def practise(state: State, event: Event, agreement: Agreement, now: datetime) -> Done:
    """What becomes of the practice, and what is to be done; escalation.step's part for a case that is none."""
    match event:
        case Due():
            return (state, ()) if state.due and now < state.due else _next(state, agreement, now)
        case Result():
            return _result(state, event, agreement, now)
        case Left():
            return _next(state, agreement, now) if state.asked == event.person else (state, ())
        case Resolve():
            waiting = (p for p in state.told if p not in (*state.passed, event.person))
            return _over(state), (Confirm(event.person, Said.RESOLVED), *(StandDown(p, "") for p in waiting))
        case Fact() | Solved():
            return state, ()
    return _answered(state, event, agreement, now)


def _over(state: State) -> State:
    return replace(state, phase=Phase.RESOLVED, asked="", due=None, ends=None)


def _next(state: State, agreement: Agreement, now: datetime) -> Done:
    """The next one of the chain to whom there is a way; after the last one it is over."""
    left = (p for p in agreement.chain if p not in state.told and agreement.ways.get(p))
    person = next(left, None)
    if person is None:
        return _over(state), ()
    ways, ends, number = agreement.ways[person], now + agreement.wait(person, 0), state.round + 1
    asked = replace(state, asked=person, since=now, round=number, tried=ways, lost=(), ends=ends, due=ends)
    told = replace(asked, told=(*state.told, person))
    return told, tuple(Tell(person, channel, number, Why.ASK) for channel in ways)


def _result(state: State, event: Result, agreement: Agreement, now: datetime) -> Done:
    """A channel that does not work is noted; when none of his does, it is the next one's turn at once."""
    if event.result is Delivery.DELIVERED or (state.asked, state.round) != (event.person, event.round):
        return state, ()
    noted = replace(state, lost=tuple(dict.fromkeys((*state.lost, event.channel))))
    new, actions = (noted, ()) if set(noted.tried) - set(noted.lost) else _next(noted, agreement, now)
    return new, (Failure(event.person, event.channel), *actions)


def _answered(state: State, event: Event, agreement: Agreement, now: datetime) -> Done:
    """Whatever he answers: it has reached him, and he knows how to answer."""
    person = getattr(event, "person", "") or getattr(event, "by", "")
    passed = replace(state, passed=tuple(dict.fromkeys((*state.passed, person))))
    new, actions = _next(passed, agreement, now) if state.asked == person else (passed, ())
    return new, (Confirm(person, Said.PRACTISED), *actions)
