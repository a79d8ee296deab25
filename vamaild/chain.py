"""The escalation chain at work: what is due, what people answered, and what is forgotten.

`answer` is the one door for every answer, from the terminal, a mail or the page; handover.py hands the notices over.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from . import agreed
from .casework import Answer as Answer
from .casework import Answered as Answered
from .casework import Heard, advance, holder_of, state_of
from .casework import tell_about as tell_about
from .core.agreement import LONGEST_WAIT
from .core.cases import QueueCase
from .core.chainwords import (
    ME,
    Action,
    Confirm,
    Due,
    Event,
    Give,
    Left,
    PassOn,
    Phase,
    Resolve,
    Said,
    Snooze,
    Solved,
    State,
    Take,
    Wait,
    to_values,
)
from .core.escalation import step
from .core.resolve import Resolved
from .handover import hand_over
from .notices import ways_of
from .service import Service

TRIES = 5
DAY = timedelta(days=1)
FORGOTTEN = "chains forgotten"
WENT_ON = -1


# --- the clock ---


def watch(service: Service) -> int:
    """Does what is due in every open emergency; returns how many messages were handed over. Raises StoreError.

    Practice comes last, and gives way to a real emergency.
    """
    if not service.send:
        return 0
    cases = sorted(service.store.watched(), key=agreed.is_practice)
    for case in cases:
        if service.stopping():
            break
        service.alive()
        look_at(case, service, _more_urgent(case, cases))
    _forget(service)
    return hand_over(service)


def _more_urgent(case: QueueCase, cases: Sequence[QueueCase]) -> str:
    """The code of an emergency of the same client that nobody has taken yet, while this one is practice."""
    if not agreed.is_practice(case):
        return ""
    real = (c for c in cases if c.case.escalates and not agreed.is_practice(c) and not c.acknowledged_at)
    return next((c.code for c in real if c.case.client == case.case.client), "")


def set_back(service: Service, back: timedelta) -> None:
    """The clock was put back by so much: whoever is asked has no longer for that to answer. Raises StoreError."""
    now = service.now()
    for case in service.store.watched():
        state = state_of(case, service, now)
        if state.phase is Phase.ASKING and state.asked and state.ends and state.ends > now:
            due, ends = (max(now, moment - back) for moment in (state.due or state.ends, state.ends))
            advance(case, replace(state, due=due, ends=ends), (), service, now)


def _forget(service: Service) -> None:
    """Once a day: what was said about cases that are over for longer than events are kept."""
    last, now = service.store.last_run(FORGOTTEN), service.now()
    if last is None or abs(now - last) >= DAY:
        with service.store.transaction():
            service.store.ran(FORGOTTEN, now)
            service.store.forget_chains(now - service.rules.settings.privacy.keep_events)


def next_due(service: Service) -> datetime | None:
    """When the next case is due, so that nobody sleeps past it."""
    moments = [case.case.due for case in service.store.watched() if case.case.due]
    return min(moments, default=None)


def look_at(case: QueueCase, service: Service, more_urgent: str = "") -> bool:
    """What the clock, a new mail or a changed chain makes of this case; whether anything changed.

    `more_urgent` is the emergency to which a practice gives way.
    """
    now = service.now()
    state = state_of(case, service, now)
    if state.solved is not None and 0 <= state.solved < case.joined:
        case, state = replace(case, fresh=True), _went_on(state, case, service, now)
    actions: tuple[Action, ...] = ()
    events: tuple[Event, ...] = (Resolve(ME),) if more_urgent else tuple(_events(case, state, service))
    if events == (Due(),) and _sleeps(case, state, now):
        return False
    for event in events:
        agreement = agreed.agreement_of(case, service, now)
        state, more = step(state, event, agreement, now)
        actions += more
    if to_values(state) == dict(case.chain) and not actions and not case.fresh:
        return False
    return advance(case, state, actions, service, now, instead=more_urgent)


def _sleeps(case: QueueCase, state: State, now: datetime) -> bool:
    """Whether the clock cannot have changed anything, as in most of the open cases at any moment.

    What is further away than it can have been agreed is looked at: the clock was set back.
    """
    furthest = {Phase.ASKING: LONGEST_WAIT, Phase.HELD: DAY}.get(state.phase)
    if case.fresh or not case.chain or agreed.is_practice(case) or state.due is None:
        return False
    return now < state.due and (furthest is None or state.due <= now + furthest)


def _went_on(state: State, case: QueueCase, service: Service, now: datetime) -> State:
    """It was not solved after all: whoever has it hears of it, else it begins again with the assistant."""
    on = replace(state, solved=WENT_ON, sweep=0)
    if state.phase is not Phase.ASKING:
        return on
    return replace(on, asked=ME, ends=now + agreed.agreement_of(case, service, now).wait(ME, 0))


def _events(case: QueueCase, state: State, service: Service) -> Iterator[Event]:
    people = agreed.people_of(case, service)
    for person in (state.asked, state.holder):
        if person and person not in people:
            yield Left(person)
    if case.acknowledged_by and state.phase is Phase.ASKING:
        yield Take(holder_of(case, service))  # taken by a program that knows no chain
    if state.solved is None and case.message and service.store.resolution(case.message) is Resolved.SAID:
        yield Solved(case.joined)
    yield Due()


# --- what people answer ---


def answer(service: Service, code: str, person: str, answer: Answer, via: str, now: datetime | None = None) -> Answered:
    """The one door for answers. `via` names where it came from: "cli", "web", or the channel of the notice ("email").

    Only who is in the chain of that case's client now may answer. Raises StoreError.
    """
    now = now or service.now()
    for _ in range(TRIES):
        case = service.store.case(code)
        if case is None:
            return Answered(Said.UNKNOWN, code)
        if refused := _refused(case, person, answer, service):
            service.journal.warning("an answer was refused", case=code, why=str(refused))
            return Answered(refused, code)
        state, agreement = state_of(case, service, now), agreed.agreement_of(case, service, now)
        event = _event(case, person, answer, service, now)
        new, actions = step(state, event, agreement, now)
        said = next(a for a in actions if isinstance(a, Confirm))
        result = Answered(said.said, code, said.who or new.holder or new.asked, new.due)
        if case.closed_at:
            return result
        heard = Heard(person, answer, via, result)
        if advance(case, new, actions, service, now, heard):
            return result
    return Answered(Said.ALREADY, code)


def _refused(case: QueueCase, person: str, answer: Answer, service: Service) -> Said | None:
    people = agreed.people_of(case, service)
    if person not in people:
        return Said.STRANGER
    if answer.verb == "give" and (answer.to not in people or not ways_of(answer.to, case.case.client, service)):
        return Said.NO_SUCH_PERSON
    return None


def _event(case: QueueCase, person: str, answer: Answer, service: Service, now: datetime) -> Event:
    """Raises ValueError for a verb nobody knows."""
    until = answer.until or agreed.return_of(case, service, now)
    events: dict[str, Callable[[], Event]] = {
        "take": lambda: Take(person),
        "pass_on": lambda: PassOn(person),
        "wait": lambda: Wait(person, until),
        "give": lambda: Give(person, answer.to),
        "snooze": lambda: Snooze(person, until),
        "resolve": lambda: Resolve(person),
    }
    if answer.verb not in events:
        raise ValueError(f'nobody knows the answer "{answer.verb}"; known are {", ".join(events)}')
    return events[answer.verb]()
