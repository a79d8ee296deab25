"""The escalation chain as a pure state machine: (state, event, agreement, now) -> (state, actions).

An open emergency always has a next event: whoever is asked is asked with a deadline, whoever took it is asked once a
day whether it is over, and after the last name the chain begins again (promise 1). A contact is
left alone in his quiet hours and beyond his budget; only these may break that: danger to people, the assistant who
gives the case to him by hand, and a practice alarm she started. Nothing ever delays the assistant.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from .agreement import LONGEST_WAIT, Agreement, again_after, quiet_ends
from .agreement import chain_of as chain_of
from .chainwords import (
    COLLEAGUE,
    Action,
    Attempt,
    Confirm,
    Due,
    Event,
    Fact,
    Failure,
    Give,
    Left,
    PassOn,
    Phase,
    Resolve,
    Result,
    Said,
    Snooze,
    Solved,
    StandDown,
    State,
    StatusReady,
    Take,
    Tell,
    Wait,
    Why,
)
from .chainwords import ME as ME
from .notify import Delivery
from .practice import practise

FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(minutes=15)
SHORTEST, DAY = timedelta(minutes=1), timedelta(days=1)
PATIENCE = 2
"""How often everybody is asked about what is perhaps nothing, before it is left to the mornings."""
Done = tuple[State, tuple[Action, ...]]
E = TypeVar("E", bound=Event)


def step(state: State, event: Event, agreement: Agreement, now: datetime) -> Done:
    """What becomes of the case, and what is to be done. `now` is aware. Raises nothing."""
    if state.phase is Phase.RESOLVED:
        person = getattr(event, "person", "") or getattr(event, "by", "")
        answered = isinstance(event, (Take, PassOn, Wait, Give, Snooze, Resolve))
        return state, (Confirm(person, Said.CLOSED),) if answered else ()
    handle = practise if agreement.practice else HANDLERS[type(event)]
    new, actions = handle(_clamped(state, agreement, now), event, agreement, now)
    return (new, actions) if agreement.escalates else _calm(new, actions)


def _calm(state: State, actions: tuple[Action, ...]) -> Done:
    """A case that is no emergency is nobody's alarm: it waits; only who it was given to is told, once."""
    told = next((a for a in actions if isinstance(a, Tell) and a.why is Why.GIVEN), None)
    if told:
        state = replace(state, phase=Phase.HELD, holder=told.person)
    kept = tuple(a for a in actions if a is told or isinstance(a, (Confirm, StatusReady)))
    return replace(state, due=state.due if state.phase is Phase.SNOOZED else None, ends=None), kept


# --- asking ---


def _ask(
    state: State, person: str, why: Why, agreement: Agreement, now: datetime, wait: timedelta | None = None
) -> Done:
    """A new round: this person is told, over the first of his channels, and has until `ends`."""
    ends = now + (wait or agreement.wait(person, state.sweep))
    asked = replace(
        state,
        phase=Phase.ASKING,
        asked=person,
        since=now,
        round=state.round + 1,
        tried=(),
        why=why,
        holder="",
        ends=ends,
    )
    return _tell(asked, agreement, now)


def _tell(state: State, agreement: Agreement, now: datetime) -> Done:
    """The next channel of the person who is asked; when none is left, the next person at once."""
    left = [c for c in agreement.ways.get(state.asked, ()) if c not in state.tried]
    if not left or not _may(state, agreement, now):
        return _next(replace(state, unreachable=(*state.unreachable, state.asked)), agreement, now)
    channel, person = left[0], state.asked
    told = replace(
        state,
        channel=channel,
        tried=(*state.tried, channel),
        told=tuple(dict.fromkeys((*state.told, person))),
        attempts=_counted(state.attempts, person, channel),
    )
    return replace(told, due=_due(told, agreement, now)), (Tell(person, channel, state.round, state.why),)


def _may(state: State, agreement: Agreement, now: datetime) -> bool:
    """Whether the round may go on: the quiet hours may have begun since. What the assistant decided by hand may."""
    return state.forced == state.asked or agreement.may_disturb(state.asked, now, begun=bool(state.tried))


def _counted(attempts: tuple[Attempt, ...], person: str, channel: str) -> tuple[Attempt, ...]:
    before = next((a for a in attempts if (a.person, a.channel) == (person, channel)), Attempt(person, channel))
    return (*(a for a in attempts if a is not before), replace(before, count=before.count + 1))


def _due(state: State, agreement: Agreement, now: datetime) -> datetime:
    """The next look: half-way, where another channel is left; the end; the end of a contact's quiet hours."""
    ends = state.ends or now + SHORTEST
    moments = [ends]
    if set(agreement.ways.get(state.asked, ())) - set(state.tried):
        moments.append(now + (ends - now) / 2)
    waiting = [p for p in agreement.chain if p not in (ME, COLLEAGUE) and p not in state.passed]
    quiet = quiet_ends(agreement.terms, now)
    if quiet and waiting and not agreement.people and not agreement.assistant_only:
        moments.append(quiet)
    return max(min(moments), now + timedelta(seconds=1))


def _next(state: State, agreement: Agreement, now: datetime) -> Done:
    """The next one who can and may be told; when nobody can, a pause, and then everybody anew."""
    chain = agreement.chain or (ME,)
    at = chain.index(state.asked) if state.asked in chain else -1
    order = (*chain[at + 1 :], *chain[: at + 1])
    person = next((p for p in order if _free(p, state, agreement, now)), None)
    if person is None:
        return _rest(state, agreement, now)
    again = at >= 0 and chain.index(person) <= at
    if agreement.patient and state.sweep + again >= PATIENCE:
        return _each_morning(state, agreement, now)
    sweep = state.sweep + 1 if again else state.sweep
    return _ask(replace(state, sweep=sweep, forced=""), person, Why.ASK, agreement, now)


def _each_morning(state: State, agreement: Agreement, now: datetime) -> Done:
    """Everybody was asked twice about what is perhaps nothing: she alone, once each office morning."""
    if ME in state.unreachable:
        return _rest(state, agreement, now)
    late = replace(state, sweep=PATIENCE, forced="")
    if not state.asked:
        return _ask(late, ME, Why.ASK, agreement, now)
    until = agreement.morning or now + DAY
    return replace(late, asked="", channel="", tried=(), since=now, ends=until, due=until, unreachable=()), ()


def _free(person: str, state: State, agreement: Agreement, now: datetime) -> bool:
    """The assistant is asked again even when she passed it on: she must know that nobody took it."""
    if person in state.unreachable or (person in state.passed and person != ME):
        return False
    return agreement.may_disturb(person, now)


def _rest(state: State, agreement: Agreement, now: datetime) -> Done:
    rest = min(FIRST_REST * (1 << min(state.rests, 8)), LONGEST_REST)
    calm = replace(state, phase=Phase.ASKING, asked="", channel="", tried=(), holder="", unreachable=(), forced="")
    return replace(calm, since=now, rests=state.rests + 1, ends=now + rest, due=now + rest), ()


# --- the clock and the channels ---


def _on_due(state: State, event: Due, agreement: Agreement, now: datetime) -> Done:
    if state.due is not None and now < state.due:
        return state, ()
    if not agreement.escalates:
        woken = state.phase is Phase.SNOOZED
        return (replace(state, phase=Phase.ASKING, asked="", due=None), ()) if woken else (state, ())
    if state.phase is Phase.ASKING:
        return _time_is_up(state, agreement, now)
    if state.phase is Phase.HELD:
        return _is_it_over(state, Why.AGAIN, agreement, now)
    return _again(state, Why.AGAIN, agreement, now)


def _clamped(state: State, agreement: Agreement, now: datetime) -> State:
    """A clock that was set back must not keep anybody waiting: nothing is further away than it was agreed."""
    if state.phase in (Phase.SNOOZED, Phase.RESOLVED) or not agreement.escalates or state.due is None:
        return state
    longest = max(again_after(agreement.terms), LONGEST_WAIT, agreement.terms.me_first, agreement.terms.ack_within)
    waits = state.phase is Phase.HELD or (agreement.patient and not state.asked)
    latest = max(
        now + longest, *((agreement.tomorrow or now + DAY, agreement.morning or now + DAY) if waits else ()), now
    )
    ends = min(state.ends, latest) if state.ends else None
    return replace(state, due=min(state.due, latest), ends=ends)


def _time_is_up(state: State, agreement: Agreement, now: datetime) -> Done:
    """Half-way the same person is told over another channel; at the end it is the next one's turn."""
    if not state.asked or not state.ends or now >= state.ends:
        return _next(replace(state, unreachable=()), agreement, now)
    if woken := _woken(state, agreement, now):
        return _ask(replace(state, forced=""), woken, Why.ASK, agreement, now)
    every = agreement.ways.get(state.asked, ())
    if set(every) - set(state.tried) and _may(state, agreement, now):
        return _tell(replace(state, why=Why.REMIND), agreement, now)
    waited = replace(state, tried=every)
    return replace(waited, due=_due(waited, agreement, now)), ()


def _woken(state: State, agreement: Agreement, now: datetime) -> str:
    """A contact who may be told at last, now that his quiet hours are over; the assistant's first look comes first."""
    if state.asked == ME and state.sweep == 0:
        return ""
    contacts = (p for p in agreement.chain if p not in (ME, COLLEAGUE, state.asked, *state.told))
    return next((p for p in contacts if _free(p, state, agreement, now)), "")


def _is_it_over(state: State, why: Why, agreement: Agreement, now: datetime) -> Done:
    """Who has it is asked, and then once a day; nobody else is, as long as there is a way to him."""
    due = agreement.tomorrow or now + DAY
    held = replace(state, why=why, round=state.round + 1, tried=(), since=now, due=due, ends=due)
    quiet = quiet_ends(agreement.terms, now)
    if quiet and state.holder not in (ME, COLLEAGUE) and not agreement.people:
        return replace(state, due=quiet, ends=quiet), ()
    known = state.holder in agreement.chain and agreement.may_disturb(state.holder, now)
    return _tell_holder(replace(held, asked=state.holder if known else ME), agreement, now)


def _tell_holder(state: State, agreement: Agreement, now: datetime) -> Done:
    """Over his next channel; when none is left the assistant is told, and when she cannot be, it is nobody's."""
    channel = next((c for c in agreement.ways.get(state.asked, ()) if c not in state.tried), "")
    if channel:
        told = replace(state, channel=channel, tried=(*state.tried, channel))
        told = replace(told, attempts=_counted(told.attempts, state.asked, channel))
        return told, (Tell(state.asked, channel, state.round, state.why),)
    if state.asked != ME:
        return _tell_holder(replace(state, asked=ME, tried=(), round=state.round + 1), agreement, now)
    return _again(state, state.why, agreement, now)


def _again(state: State, why: Why, agreement: Agreement, now: datetime) -> Done:
    """It was put off until now, or something new came: its holder is asked, and it goes on without him."""
    known = state.holder if state.holder in agreement.chain else ME
    person = known if agreement.may_disturb(known, now) else ME
    return _ask(replace(state, unreachable=(), passed=(), forced=""), person, why, agreement, now)


def _on_result(state: State, event: Result, agreement: Agreement, now: datetime) -> Done:
    """What the channel said of the attempt in hand; what is said of an older one changes nothing."""
    if event.result is Delivery.DELIVERED:
        reached = (state.asked, state.round) == (event.person, event.round)
        return (replace(state, rests=0, unreachable=()) if reached else state), ()
    tries = sum(a.count for a in state.attempts if (a.person, a.channel) == (event.person, event.channel))
    broken = event.result is Delivery.FAILED or tries > 1  # a way that is down again and again is as good as none
    told = (Failure(event.person, event.channel),) if event.person != ME and broken else ()
    current = (state.asked, state.round, state.channel)
    if current != (event.person, event.round, event.channel) or state.phase not in (Phase.ASKING, Phase.HELD):
        return state, told
    tell = _tell if state.phase is Phase.ASKING else _tell_holder
    new, actions = tell(state, agreement, now)
    return new, told + actions


# --- what people answer ---


def _held_by_another(state: State, person: str) -> Confirm | None:
    taken = state.phase in (Phase.HELD, Phase.SNOOZED) and state.holder not in ("", person)
    return Confirm(person, Said.ALREADY, state.holder) if taken else None


def _others(state: State, *but: str) -> tuple[StandDown, ...]:
    """Everybody who was told and has not answered."""
    return tuple(StandDown(p, but[0]) for p in state.told if p not in but)


def _held(state: State, holder: str, now: datetime, due: datetime) -> State:
    calm = replace(state, phase=Phase.HELD, holder=holder, asked="", channel="", tried=(), told=(), unreachable=())
    return replace(calm, since=now, due=due, ends=due, forced="", rests=0, sweep=0)


def _on_take(state: State, event: Take, agreement: Agreement, now: datetime) -> Done:
    if already := _held_by_another(state, event.person):
        return state, (already,)
    still = state.holder == event.person
    said = Said.STILL if still else Said.TAKEN
    asked_already = still and state.why in (Why.AGAIN, Why.SOLVED)
    first = now + again_after(agreement.terms)
    held = _held(state, event.person, now, (agreement.tomorrow or now + DAY) if asked_already else first)
    return held, (Confirm(event.person, said), *_others(state, event.person))


def _on_pass(state: State, event: PassOn, agreement: Agreement, now: datetime) -> Done:
    """It goes to the next one at once. Who passed it on is not asked again, unless he is the assistant."""
    if already := _held_by_another(state, event.person):
        return state, (already,)
    passed = replace(state, passed=tuple(dict.fromkeys((*state.passed, event.person))))
    if state.phase is Phase.ASKING and state.asked != event.person:
        return passed, (Confirm(event.person, Said.PASSED, state.asked),)
    order = tuple(p for p in agreement.chain if p != event.person)
    if not any(_free(p, replace(passed, unreachable=()), agreement, now) for p in order):
        ends = now + agreement.wait(event.person, max(state.sweep, 1))
        alone = replace(passed, phase=Phase.ASKING, asked=event.person, holder="", since=now, ends=ends, due=ends)
        return alone, (Confirm(event.person, Said.NOBODY_ELSE),)
    new, actions = _next(replace(passed, asked=event.person, holder="", unreachable=()), agreement, now)
    return new, (Confirm(event.person, Said.PASSED, new.asked), *actions)


def _on_wait(state: State, event: Wait, agreement: Agreement, now: datetime) -> Done:
    """It can wait: the assistant puts it off herself; from anybody else she gets it back, with his note."""
    if already := _held_by_another(state, event.person):
        return state, (already,)
    if event.person == ME:
        return _on_snooze(state, Snooze(ME, event.until), agreement, now)
    actions = (Confirm(event.person, Said.WAITS, ME), *_others(state, event.person, ME))
    told = replace(state, told=(), passed=tuple(dict.fromkeys((*state.passed, event.person))), unreachable=())
    new, asked = _ask(told, ME, Why.RETURNED, agreement, now, again_after(agreement.terms))
    return new, actions + asked


def _on_give(state: State, event: Give, agreement: Agreement, now: datetime) -> Done:
    """To somebody by name. Only what the assistant gives by hand breaks the quiet hours and the budget."""
    if event.by != ME and (already := _held_by_another(state, event.by)):
        return state, (already,)
    if event.by == event.to:
        return _on_take(state, Take(event.by), agreement, now)
    if event.by != ME and not (event.to in agreement.chain and agreement.may_disturb(event.to, now)):
        return state, (Confirm(event.by, Said.MAY_NOT, event.to),)
    forced = event.to if event.by == ME else ""
    passed = tuple(p for p in state.passed if p != event.to)
    others = _others(state, event.by, event.to)
    given = replace(state, forced=forced, passed=passed, told=(), unreachable=())
    new, actions = _ask(given, event.to, Why.GIVEN, agreement, now)
    return new, (Confirm(event.by, Said.GIVEN, event.to), *others, *actions)


def _on_snooze(state: State, event: Snooze, agreement: Agreement, now: datetime) -> Done:
    if event.person != ME and (already := _held_by_another(state, event.person)):
        return state, (already,)
    until = max(event.until, now + SHORTEST)
    put_off = replace(_held(state, event.person, now, until), phase=Phase.SNOOZED)
    return put_off, (Confirm(event.person, Said.SNOOZED), *_others(state, event.person))


def _on_resolve(state: State, event: Resolve, agreement: Agreement, now: datetime) -> Done:
    ended = replace(_held(state, event.person, now, now), phase=Phase.RESOLVED, due=None, ends=None)
    return ended, (Confirm(event.person, Said.RESOLVED), *_others(state, event.person), StatusReady())


def _on_fact(state: State, event: Fact, agreement: Agreement, now: datetime) -> Done:
    """A new concrete damage: whoever has it hears of it; whoever is asked is told, and his time does not begin anew."""
    if state.phase is not Phase.ASKING:
        return _again(state, Why.FACT, agreement, now)
    fresh = replace(state, passed=())
    may = state.forced == state.asked or agreement.may_disturb(state.asked, now)
    if not state.asked or not state.ends or state.ends <= now or not may:
        return replace(fresh, due=now, ends=now), ()
    return _ask(fresh, state.asked, Why.FACT, agreement, now, state.ends - now)


def _on_solved(state: State, event: Solved, agreement: Agreement, now: datetime) -> Done:
    """The sender says so: whoever has it hears of it, else the assistant; nobody else need do anything."""
    noted = replace(state, solved=event.joined)
    if state.phase is not Phase.ASKING:
        return _is_it_over(replace(noted, phase=Phase.HELD), Why.SOLVED, agreement, now)
    calm = replace(noted, told=(), passed=(), unreachable=(), forced="", sweep=PATIENCE)
    new, actions = _ask(calm, ME, Why.SOLVED, agreement, now)
    return new, (*_others(state, ME), *actions)


def _on_left(state: State, event: Left, agreement: Agreement, now: datetime) -> Done:
    """Somebody is no longer in the chain: what lay with him goes on without him."""
    gone = replace(state, told=tuple(p for p in state.told if p != event.person), unreachable=())
    if state.phase is Phase.ASKING and state.asked == event.person:
        return _next(gone, agreement, now)
    if state.holder == event.person and state.phase is not Phase.ASKING:
        return _again(replace(gone, holder=""), Why.AGAIN, agreement, now)
    return gone, ()


HANDLERS: Mapping[type[Event], Callable[..., Done]] = {
    Due: _on_due,
    Result: _on_result,
    Take: _on_take,
    PassOn: _on_pass,
    Wait: _on_wait,
    Give: _on_give,
    Snooze: _on_snooze,
    Resolve: _on_resolve,
    Fact: _on_fact,
    Left: _on_left,
    Solved: _on_solved,
}
