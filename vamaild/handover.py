"""Notices are handed over: written before, settled after, with one key, so that each reaches somebody at least once.

What waits for the same person over the same channel is told in one message with a count, and after two messages within
a few minutes the next one waits until they are over: a burst of emergencies is no burst of calls. Danger to people, new
damage, and what the assistant gives by name wait for nothing. Every case stays a case of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import agreed
from .casework import advance, state_of
from .core.cases import NoticeRow, NoticeState, QueueCase
from .core.chainwords import ME, Result, Why
from .core.escalation import step
from .core.letter import clean
from .core.notify import Delivered, Delivery
from .notices import Telling, compose, compose_many, ways_of
from .service import Service

MOST_HANDED, MOST_DEATHS = 2_000, 5
RETRY_AFTER, MOST_ATTEMPTS = timedelta(minutes=1), 4
AT_ONCE, PAUSE = 2, timedelta(minutes=5)
"""So many messages to one person over one channel within this time; the next one waits and takes others with it."""
ABOUT_ANSWERS = ("confirm", "stand-down")
NOTE_LIMIT = 400
FROM_DELIVERY = {
    Delivery.DELIVERED: NoticeState.DELIVERED,
    Delivery.RETRY: NoticeState.FAILED,
    Delivery.FAILED: NoticeState.FAILED,
}


@dataclass(frozen=True, slots=True)
class Together:
    """Notices that are told in one message: to the same person over the same channel, about the same sort of thing."""

    told: tuple[Telling, ...]

    @property
    def key(self) -> str:
        """The Message-ID: that of the first notice, or what it was before somebody died."""
        return next((t.row.bundle for t in self.told if t.row.bundle), self.told[0].row.notice.key)

    @property
    def serious(self) -> bool:
        """Whether it may not wait: people are in danger, there is new damage, or the assistant gave it by name."""
        return any(t.case.case.people or t.row.notice.why in (Why.FACT, Why.GIVEN) for t in self.told)


def hand_over(service: Service) -> int:
    """Everything that is ready, until nothing is; what a failure calls for goes at once. Returns how many messages."""
    handed = 0
    while handed < MOST_HANDED and (ready := service.store.notices_ready(service.now())):
        for together in _together(_wanted(ready, service)):
            if service.stopping():
                return handed
            service.alive()
            handed += _hand(together, service)
    return handed


def _wanted(ready: Sequence[NoticeRow], service: Service) -> list[Telling]:
    """Those that somebody still needs to be told; the others are settled."""
    found = []
    for row in ready:
        case = service.store.case(row.code)
        if case is None or not _still_wanted(row, case, service):
            service.store.notice_settled(row.id, NoticeState.DROPPED, service.now(), "nobody need be told any more")
        elif row.attempts >= MOST_DEATHS:
            settle(row, Delivered(Delivery.FAILED, "the service died while it was handed over"), service)
        else:
            found.append(Telling(row, case))
    return found


def _together(told: Iterable[Telling]) -> list[Together]:
    """What goes into one message; danger to people first, practice last. Practice is never mixed with anything."""
    groups: dict[tuple[object, ...], list[Telling]] = {}
    for one in told:
        notice = one.row.notice
        about = (notice.why, notice.about) if notice.why in ABOUT_ANSWERS else ()
        whose = one.row.client if notice.person != ME else ""  # nobody but the assistant works for several clients
        alone = one.row.id if notice.practice else 0
        groups.setdefault((notice.person, notice.channel, whose, about, alone), []).append(one)
    found = [Together(tuple(group)) for group in groups.values()]
    return sorted(found, key=lambda t: (t.told[0].row.notice.practice, not t.serious))


def _still_wanted(row: NoticeRow, case: QueueCase, service: Service) -> bool:
    """Nobody is asked about what somebody took meanwhile, nor after he left the chain."""
    if row.notice.person not in agreed.people_of(case, service):
        return False
    if row.notice.why in ABOUT_ANSWERS:
        return True
    state = state_of(case, service, service.now())
    person = state.asked if case.case.escalates else state.holder  # what is no emergency is his once it is given
    return not case.closed_at and (person, state.round) == (row.notice.person, row.notice.round)


def _hand(together: Together, service: Service) -> bool:
    """One message; False when it waits."""
    store, now = service.store, service.now()
    if until := _held_back(together, service, now):
        for told in together.told:
            store.notice_settled(told.row.id, NoticeState.READY, now, "it waits to be told with others", until)
        return False
    with store.transaction():
        for told in together.told:
            store.notice_handed(told.row.id, now, together.key)
    result = _delivered(together, service)
    with store.transaction():
        for told in together.told:
            settle(told.row, result, service)
    return True


def _held_back(together: Together, service: Service, now: datetime) -> datetime | None:
    """Until when it waits: for the pause after what this person was told, but never longer than half of his time."""
    notice = together.told[0].row.notice
    if together.serious or notice.practice or notice.why in ABOUT_ANSWERS:
        return None
    lately = service.store.told_since(notice.person, notice.channel, now - PAUSE)
    if len(lately) < AT_ONCE:
        return None
    ends = [state_of(t.case, service, now).ends or now for t in together.told]
    latest = min(t.row.made_at + (end - t.row.made_at) / 2 for t, end in zip(together.told, ends, strict=True))
    until = min(lately[-AT_ONCE] + PAUSE, latest)
    return until if until > now else None


def _delivered(together: Together, service: Service) -> Delivered:
    row, case = together.told[0].row, together.told[0].case
    told = row.notice
    way = ways_of(told.person, case.case.client, service).get(told.channel, "")
    notifier = service.notifiers.get(told.channel)
    if notifier is None or not way:
        return Delivered(Delivery.FAILED, "there is no such way any more")
    now = service.now()
    alone = len(together.told) == 1
    notice = compose(row, case, service, now) if alone else compose_many(together.told, together.key, service, now)
    return notifier.notify(way, notice)


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
