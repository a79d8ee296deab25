"""A case is written down: its new state, its timeline, the notices and mails that follow, all in one transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from . import agreed, news
from .core.agreement import again_after, is_quiet
from .core.cases import Advance, CaseEvent, NewNotice, NoticeState, QueueCase
from .core.chainwords import (
    DONE,
    ME,
    Action,
    Confirm,
    Fact,
    Failure,
    Phase,
    Said,
    StandDown,
    State,
    StatusReady,
    Tell,
    from_values,
    to_values,
)
from .core.drill import Link, links
from .core.escalation import step
from .core.letter import clean, key_for
from .service import Service

OURSELVES, NOTE_LIMIT = "vamaild", 400


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answers: `verb` take, pass_on, wait, give, snooze or resolve; `until` is aware, `to` a name."""

    verb: str
    until: datetime | None = None
    to: str = ""
    could_wait: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer; `who` has the case now, or is asked instead (a name of the chain)."""

    said: Said
    code: str
    who: str = ""
    until: datetime | None = None

    @property
    def accepted(self) -> bool:
        return self.said in DONE


@dataclass(frozen=True, slots=True)
class Heard:
    """Who answered what, from where, and what became of it."""

    person: str
    answer: Answer
    via: str
    result: Answered


def state_of(case: QueueCase, service: Service, now: datetime) -> State:
    """Where the case stands; one from before there was a chain keeps its holder, a damaged one begins anew."""
    if case.chain:
        try:
            return from_values(case.chain)
        except ValueError as error:
            service.journal.error(
                "the chain of a case could not be read: it begins anew", case=case.code, fault=str(error)
            )
            # Above every round there was: a notice that bears the key of an old one would be taken for told.
            return State(due=now, round=max((n.notice.round for n in service.store.notices(case.code)), default=0))
    if not case.acknowledged_at:
        return State(due=case.case.due or now)
    terms = agreed.agreement_of(case, service, now).terms
    due = max(now, case.acknowledged_at) + again_after(terms)
    return State(Phase.HELD, since=case.acknowledged_at, due=due, ends=due, holder=holder_of(case, service))


def holder_of(case: QueueCase, service: Service) -> str:
    """Who took it by a program that knows no chain; a name of nobody in the chain stands for the assistant."""
    return case.acknowledged_by if case.acknowledged_by in agreed.people_of(case, service) else ME


def advance(
    case: QueueCase,
    state: State,
    actions: Sequence[Action],
    service: Service,
    now: datetime,
    heard: Heard | None = None,
    *,
    instead: str = "",
) -> bool:
    """Keeps the new state, its timeline, its notices and mails; False when somebody was quicker.

    A damage that the chain has not heard of yet is told to whoever has it after this change, never lost in it.
    `instead` is the emergency to which a practice gives way.
    """
    if case.fresh:
        state, more = step(state, Fact(), agreed.agreement_of(case, service, now), now)
        actions = (*actions, *more)
    to = _becomes(case, state, actions, service, now, heard)
    with service.store.transaction():
        if not service.store.advance(case.code, case.version, to, now):
            return False
        _follow(case, actions, to, service, now)
        if agreed.is_practice(case) and to.closed_at:
            service.store.drill_ends(case.code, how_far(case, service), now, instead)
    _journal(case, actions, service)
    return True


def how_far(case: QueueCase, service: Service) -> tuple[Link, ...]:
    """How far a practice has come, in the order of its chain."""
    chain = agreed.agreement_of(case, service, service.now()).chain
    return links(chain, service.store.notices(case.code), service.store.case_events(case.code))


def _becomes(
    case: QueueCase, state: State, actions: Sequence[Action], service: Service, now: datetime, heard: Heard | None
) -> Advance:
    """The change as the store keeps it."""
    told = [a for a in actions if isinstance(a, Tell)]
    asking = (_asking(case, tell, service, agreed.is_practice(case)) for tell in told)
    over = state.phase is Phase.RESOLVED
    holder, since = _holds(case, state, now)
    ended = heard.answer if heard and over and not agreed.is_practice(case) else None
    return Advance(
        chain=to_values(state),
        due=state.due,
        held_by=holder,
        held_since=since,
        closed_at=now if over else None,
        could_wait=ended.could_wait if ended else None,
        resolution=clean(ended.note, NOTE_LIMIT) if ended else "",
        asked=len(told),
        events=tuple(_timeline(actions, now, heard)),
        notices=(*asking, *_about_answers(case, actions, service, now, heard)),
    )


def _holds(case: QueueCase, state: State, now: datetime) -> tuple[str, datetime | None]:
    """Who has it and since when; to be asked again is no new taking, and to end it takes it from nobody."""
    same = state.phase is Phase.HELD and state.holder == case.acknowledged_by
    if case.acknowledged_at and (same or state.phase is Phase.RESOLVED):
        return case.acknowledged_by, case.acknowledged_at
    if state.phase in (Phase.RESOLVED, Phase.HELD, Phase.SNOOZED):
        return state.holder, state.since or now
    return "", None


def _follow(case: QueueCase, actions: Sequence[Action], to: Advance, service: Service, now: datetime) -> None:
    """The mails that go with the change."""
    for action in actions:
        if isinstance(action, Failure):
            news.way_failed(case, action, service)
        elif isinstance(action, StatusReady):
            news.status_ready(case, to.resolution, service, now)


def _journal(case: QueueCase, actions: Sequence[Action], service: Service) -> None:
    for action in actions:
        if isinstance(action, Tell):
            service.journal.warning(
                "emergency", case=case.code, client=case.case.client, told=action.person, why=str(action.why)
            )
        elif isinstance(action, Confirm):
            service.journal.info("answered", case=case.code, by=action.person, said=str(action.said))


def _timeline(actions: Sequence[Action], now: datetime, heard: Heard | None) -> Iterator[CaseEvent]:
    """What the timeline keeps: names of people and channels, what they said and their notes; no address, no number."""
    for action in actions:
        if isinstance(action, Tell):
            yield CaseEvent(now, "asked", OURSELVES, f"{action.person} {action.channel} {action.why}")
        elif isinstance(action, Failure):
            yield CaseEvent(now, "failed", OURSELVES, f"{action.person} {action.channel}")
        elif isinstance(action, StandDown):
            yield CaseEvent(now, "stand-down", OURSELVES, action.person)
        elif isinstance(action, Confirm) and heard:
            which = heard.answer.verb if action.said is Said.PRACTISED else action.who
            detail = " ".join(filter(None, (heard.via, which, clean(heard.answer.note, NOTE_LIMIT))))
            yield CaseEvent(now, str(action.said), action.person, detail)
        elif isinstance(action, Confirm):
            yield CaseEvent(now, str(action.said), action.person, action.who)


def _key(case: QueueCase, service: Service, *parts: str) -> str:
    domain = service.rules.sending.address.rpartition("@")[2]
    return key_for(case.code, case.opened.isoformat(), *parts, domain=domain)


def _asking(case: QueueCase, tell: Tell, service: Service, practice: bool) -> NewNotice:
    key = _key(case, service, str(tell.round), tell.person, tell.channel)
    return NewNotice(key, tell.person, tell.channel, tell.round, str(tell.why), "", practice)


def _about_answers(
    case: QueueCase, actions: Sequence[Action], service: Service, now: datetime, heard: Heard | None
) -> Iterator[NewNotice]:
    """A confirmation to whoever answered over a channel, and "no need any more" to the others who were told."""
    for action in actions:
        if isinstance(action, Confirm) and heard and heard.via in service.notifiers:
            about = f"{action.said} {action.who}".strip()
            yield _notice(case, action.person, heard.via, "confirm", about, service, now)
        elif isinstance(action, StandDown) and (channel := _told_over(case, action.person, service, now)):
            yield _notice(case, action.person, channel, "stand-down", action.by, service, now)


def _notice(
    case: QueueCase, person: str, channel: str, why: str, about: str, service: Service, now: datetime
) -> NewNotice:
    key = _key(case, service, why, person, channel, now.isoformat())
    return NewNotice(key, person, channel, 0, why, about, agreed.is_practice(case))


def _told_over(case: QueueCase, person: str, service: Service, now: datetime) -> str:
    """The channel over which this person was reached last; "" when he was not, or it is quiet time there."""
    terms = agreed.agreement_of(case, service, now).terms
    if agreed.is_contact(person) and is_quiet(terms, now):
        return ""
    rows = [n for n in service.store.notices(case.code) if n.notice.person == person]
    reached = (n.notice.channel for n in reversed(rows) if n.state is NoticeState.DELIVERED)
    return next(reached, "")


def tell_about(case: QueueCase, person: str, channel: str, about: str, service: Service) -> None:
    """A word to whoever answered that changes nothing in the chain. A case that changes just now goes without."""
    now = service.now()
    state = state_of(case, service, now)
    notice = _notice(case, person, channel, "confirm", about, service, now)
    held = state.phase in (Phase.HELD, Phase.SNOOZED)
    to = Advance(
        *(to_values(state), state.due, state.holder if held else "", state.since if held else None),
        events=(CaseEvent(now, about, person),),
        notices=(notice,),
    )
    service.store.advance(case.code, case.version, to, now)
