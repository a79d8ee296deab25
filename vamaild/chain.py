"""The escalation chain at work: what is due, what people answered, and the notices that are handed over.

A notice is written into the store before it is handed to a notifier and settled afterwards, with the same key, so that
it reaches somebody at least once whatever happens between (promise 1). `answer` is the one door for every answer, from
the terminal, a mail or the page.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from . import agreed
from .casework import Answer as Answer
from .casework import Answered as Answered
from .casework import Heard, advance, holder_of, state_of
from .casework import tell_about as tell_about
from .core.cases import NoticeRow, NoticeState, QueueCase
from .core.chainwords import (
    Action,
    Confirm,
    Due,
    Event,
    Give,
    Left,
    PassOn,
    Phase,
    Resolve,
    Result,
    Said,
    Snooze,
    State,
    Take,
    Wait,
    to_values,
)
from .core.escalation import step
from .core.letter import clean
from .core.notify import Delivered, Delivery
from .notices import compose, ways_of
from .service import Service

TRIES, MOST_HANDED = 5, 2_000
RETRY_AFTER, MOST_ATTEMPTS = timedelta(minutes=1), 4
MOST_DEATHS = 5
ABOUT_ANSWERS = ("confirm", "stand-down")
NOTE_LIMIT = 400
FROM_DELIVERY = {
    Delivery.DELIVERED: NoticeState.DELIVERED,
    Delivery.RETRY: NoticeState.FAILED,
    Delivery.FAILED: NoticeState.FAILED,
}


# --- the clock ---


def watch(service: Service) -> int:
    """Does what is due in every open emergency; returns how many notices were handed over. Raises StoreError."""
    if not service.send:
        return 0
    for case in service.store.watched():
        if service.stopping():
            break
        look_at(case, service)
    return _hand_over(service)


def next_due(service: Service) -> datetime | None:
    """When the next case is due, so that nobody sleeps past it."""
    moments = [case.case.due for case in service.store.watched() if case.case.due]
    return min(moments, default=None)


def look_at(case: QueueCase, service: Service) -> bool:
    """What the clock, a new mail or a changed chain makes of this case; whether anything changed."""
    now = service.now()
    state = state_of(case, service, now)
    actions: tuple[Action, ...] = ()
    for event in _events(case, state, service):
        agreement = agreed.agreement_of(case, service, now)
        state, more = step(state, event, agreement, now)
        actions += more
    if to_values(state) == dict(case.chain) and not actions and not case.fresh:
        return False
    return advance(case, state, actions, service, now)


def _events(case: QueueCase, state: State, service: Service) -> Iterator[Event]:
    people = agreed.people_of(case, service)
    for person in (state.asked, state.holder):
        if person and person not in people:
            yield Left(person)
    if case.acknowledged_by and state.phase is Phase.ASKING:
        yield Take(holder_of(case, service))  # taken by a program that knows no chain
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


# --- handing over ---


def _hand_over(service: Service) -> int:
    """Everything that is ready, until nothing is; what a failure calls for goes at once."""
    handed = 0
    while handed < MOST_HANDED and (ready := service.store.notices_ready(service.now())):
        for row in ready:
            if service.stopping():
                return handed
            _hand(row, service)
            handed += 1
    return handed


def _hand(row: NoticeRow, service: Service) -> None:
    case, store = service.store.case(row.code), service.store
    if case is None or not _still_wanted(row, case, service):
        store.notice_settled(row.id, NoticeState.DROPPED, service.now(), "nobody need be told any more")
        return
    if row.attempts >= MOST_DEATHS:
        settle(row, Delivered(Delivery.FAILED, "the service died while it was handed over"), service)
        return
    store.notice_handed(row.id, service.now())
    result = _delivered(row, case, service)
    settle(row, result, service)


def _still_wanted(row: NoticeRow, case: QueueCase, service: Service) -> bool:
    """Nobody is asked about what somebody took meanwhile, nor after he left the chain."""
    if row.notice.person not in agreed.people_of(case, service):
        return False
    if row.notice.why in ABOUT_ANSWERS:
        return True
    state = state_of(case, service, service.now())
    person = state.asked if case.case.escalates else state.holder  # what is no emergency is his once it is given
    return not case.closed_at and (person, state.round) == (row.notice.person, row.notice.round)


def _delivered(row: NoticeRow, case: QueueCase, service: Service) -> Delivered:
    told = row.notice
    way = ways_of(told.person, case.case.client, service).get(told.channel, "")
    notifier = service.notifiers.get(told.channel)
    if notifier is None or not way:
        return Delivered(Delivery.FAILED, "there is no such way any more")
    return notifier.notify(way, compose(row, case, service, service.now()))


def settle(row: NoticeRow, result: Delivered, service: Service) -> None:
    """What became of an attempt, and what follows from it, in one transaction."""
    now, store = service.now(), service.store
    detail = clean(result.detail, NOTE_LIMIT)
    retry = result.result is Delivery.RETRY and row.notice.why in ABOUT_ANSWERS and row.attempts + 1 < MOST_ATTEMPTS
    with store.transaction():
        if retry:
            store.notice_settled(row.id, NoticeState.READY, now, detail, now + RETRY_AFTER * (1 << row.attempts))
            return
        store.notice_settled(row.id, FROM_DELIVERY[result.result], now, detail)
        if row.notice.why not in ABOUT_ANSWERS:
            _heard_of_delivery(row, result.result, service, now)


def _heard_of_delivery(row: NoticeRow, result: Delivery, service: Service, now: datetime) -> None:
    case = service.store.case(row.code)
    if case is None or case.closed_at:
        return
    told = row.notice
    state, agreement = state_of(case, service, now), agreed.agreement_of(case, service, now)
    new, actions = step(state, Result(told.person, told.channel, told.round, result), agreement, now)
    if result is not Delivery.DELIVERED:
        service.journal.warning("a notice did not arrive", case=case.code, told=told.person, channel=told.channel)
    if new != state or actions:
        advance(case, new, actions, service, now)
