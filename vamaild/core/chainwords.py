"""The words of the escalation chain: what may happen to a case, what is then to be done, and where it stands.

A state is written down as JSON-ready values and read back after a restart.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum

from .notify import Delivery

ME, COLLEAGUE = "me", "colleague"


class Phase(StrEnum):
    """Somebody is asked (or will be), has it, has put it off, or it is over."""

    ASKING = "asking"
    HELD = "held"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Why(StrEnum):
    """Why somebody is told. `remind`: another channel in the same round; `again`: is it over?; `fact`: new damage;
    `given`: by name; `returned`: the contact says that it can wait; `solved`: the sender says that it is."""

    ASK = "ask"
    REMIND = "remind"
    AGAIN = "again"
    FACT = "fact"
    GIVEN = "given"
    RETURNED = "returned"
    SOLVED = "solved"


class Said(StrEnum):
    """What became of an answer."""

    TAKEN = "taken"
    STILL = "still"
    PASSED = "passed"
    NOBODY_ELSE = "nobody-else"
    WAITS = "waits"
    GIVEN = "given"
    MAY_NOT = "may-not"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    ALREADY = "already"
    CLOSED = "closed"
    UNCLEAR = "unclear"
    UNKNOWN = "unknown"
    STRANGER = "stranger"
    NO_SUCH_PERSON = "no-such-person"
    PRACTISED = "practised"


DONE = frozenset(
    (
        *(Said.TAKEN, Said.STILL, Said.PASSED, Said.NOBODY_ELSE, Said.WAITS, Said.GIVEN, Said.SNOOZED),
        *(Said.RESOLVED, Said.PRACTISED),
    )
)


class Event:
    """Something that happens to a case."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Due(Event):
    """The clock was looked at; the first one begins the chain. Nothing happens before the case is due."""


@dataclass(frozen=True, slots=True)
class Result(Event):
    """What a channel said of one attempt."""

    person: str
    channel: str
    round: int
    result: Delivery


@dataclass(frozen=True, slots=True)
class Take(Event):
    """ "It is mine": reminders stop for everybody."""

    person: str


@dataclass(frozen=True, slots=True)
class PassOn(Event):
    """ "Not me": the next one, at once."""

    person: str


@dataclass(frozen=True, slots=True)
class Wait(Event):
    """ "It can wait", until then (aware)."""

    person: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Give(Event):
    """To somebody by name."""

    by: str
    to: str


@dataclass(frozen=True, slots=True)
class Snooze(Event):
    """Put off until then (aware); then it comes back by itself."""

    person: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Resolve(Event):
    """It is over."""

    person: str


@dataclass(frozen=True, slots=True)
class Fact(Event):
    """Another mail about it brought a damage nobody knew of."""


@dataclass(frozen=True, slots=True)
class Solved(Event):
    """The sender says that it is solved, after so many further mails about it."""

    joined: int = 0


@dataclass(frozen=True, slots=True)
class Left(Event):
    """This person is no longer in the chain."""

    person: str


class Action:
    """Something to be done."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Tell(Action):
    """A notice to this person over this channel. `round` counts the times that somebody was asked."""

    person: str
    channel: str
    round: int
    why: Why


@dataclass(frozen=True, slots=True)
class Confirm(Action):
    """What became of his answer; `who` has the case, or was asked instead."""

    person: str
    said: Said
    who: str = ""


@dataclass(frozen=True, slots=True)
class StandDown(Action):
    """He was told, and need not do anything any more: `by` has answered."""

    person: str
    by: str


@dataclass(frozen=True, slots=True)
class Failure(Action):
    """The assistant hears that this way to this person does not work."""

    person: str
    channel: str


@dataclass(frozen=True, slots=True)
class StatusReady(Action):
    """It is over: the news that were promised can be written."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How often this person was told over this channel."""

    person: str
    channel: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """Where a case stands. `due` is the next event (None: over, or no emergency), `ends` when the asked one's time is.

    `tried` are the channels of this round, `unreachable` those who could not be told since the last pause, `told` those
    who would like to know that it is over, `passed` those who said "not me", `forced` whom the assistant gave it to by
    hand. `sweep` counts how often the chain began again, `rests` the pauses in which nobody could be reached.
    `lost`: the channels of a practice round that do not work. `solved`: after how many further mails the sender said
    that it is solved (None: he did not; -1: it went on after all).
    """

    phase: Phase = Phase.ASKING
    asked: str = ""
    since: datetime | None = None
    round: int = 0
    channel: str = ""
    tried: tuple[str, ...] = ()
    why: Why = Why.ASK
    ends: datetime | None = None
    due: datetime | None = None
    holder: str = ""
    told: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()
    forced: str = ""
    sweep: int = 0
    rests: int = 0
    lost: tuple[str, ...] = ()
    solved: int | None = None
    attempts: tuple[Attempt, ...] = ()


MOMENTS = ("since", "ends", "due")
NAMES = ("tried", "told", "passed", "unreachable", "lost")


def to_values(state: State) -> dict[str, object]:
    """The state as JSON-ready values; times in RFC 3339, UTC."""
    values = asdict(state)
    for name in MOMENTS:
        moment = values[name]
        values[name] = moment.astimezone(UTC).isoformat() if moment else None
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def from_values(values: Mapping[str, object]) -> State:
    """The state that was written down. Raises ValueError for what was mended by hand and makes no sense."""
    try:
        kept: dict[str, object] = {name: values[name] for name in State.__dataclass_fields__ if name in values}
        kept |= {name: _moment(kept.get(name)) for name in MOMENTS}
        kept |= {name: tuple(map(str, _list(kept.get(name)))) for name in NAMES}
        attempts = tuple(Attempt(**attempt) for attempt in _list(kept.get("attempts")))  # type: ignore[arg-type]  # checked by the constructor's names
        phase, why = Phase(str(kept.get("phase", "asking"))), Why(str(kept.get("why", "ask")))
        return State(**kept | {"attempts": attempts, "phase": phase, "why": why})  # type: ignore[arg-type]  # fields by name
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"this is no state of a case: {error}") from error


def _moment(value: object) -> datetime | None:
    found = datetime.fromisoformat(str(value)) if value else None
    if found is not None and found.tzinfo is None:
        raise ValueError("a time without a zone")
    return found


def _list(value: object) -> list[object]:
    if not isinstance(value, (list, tuple)):
        return []
    return list(value)
