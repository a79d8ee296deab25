"""Everything a running service holds, put together from the adapters. Wires; decides nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from .config.settings import Settings, SignIn
from .core.decide import Tools
from .core.egress import Gate
from .core.entries import Sending
from .core.ledger import Arrival, Mailbox, Post, Store
from .core.message import Message
from .core.notify import Notifier
from .core.ruleset import Rulebook
from .core.signin import Bearer


class Clock(Protocol):
    """Tells the time: aware, UTC."""

    def now(self) -> datetime: ...


class Metrics(Protocol):
    """Counts and shows; core/gauges.py names what there is. Labels hold no personal data."""

    def count(self, name: str, **labels: str) -> None: ...
    def wanted(self, now: datetime) -> bool: ...
    def show(self, picture: Mapping[str, Mapping[str, float]]) -> None: ...


class Uncounted:
    """Where nobody asks."""

    def count(self, name: str, **labels: str) -> None: ...

    def wanted(self, now: datetime) -> bool:
        return False

    def show(self, picture: Mapping[str, Mapping[str, float]]) -> None: ...


Tokens = Callable[[SignIn | None], Bearer | None]
"""Where the token of an account comes from; None where a password is used."""


class Journal(Protocol):
    """Writes one line an event; never a secret, never personal data unless configured."""

    def info(self, event: str, **fields: object) -> None: ...
    def warning(self, event: str, **fields: object) -> None: ...
    def error(self, event: str, **fields: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be swapped by a reload, as one thing: settings, rules, and the texts that go with them."""

    settings: Settings
    rulebook: Rulebook
    tools: Tools
    sending: Sending


@dataclass(slots=True)
class Rest:
    """How long nothing is sent after the server took no mail at all; failures in a row lengthen it."""

    until: datetime | None = None
    failures: int = 0


class Holds(Protocol):
    """Keeps other services on this machine out of a mailbox while this one looks after it."""

    def take(self, name: str) -> str:
        """Why somebody else has it, "" when it is ours now."""

    def leave(self, name: str) -> None: ...


class Unheld:
    """Nobody else is there: one look, a test, a replay."""

    def take(self, name: str) -> str:
        return ""

    def leave(self, name: str) -> None: ...


class InHand(Protocol):
    """Keeps a note of the message that is being read or decided, so that dying over it counts as a try."""

    def tried(self, mailbox: str, arrival: Arrival) -> int: ...
    def take(self, mailbox: str, arrival: Arrival) -> None: ...
    def clear(self) -> None: ...
    def take_early(self, mailbox: str, arrival: Arrival) -> None: ...
    def clear_early(self, mailbox: str) -> None: ...


class Unnoted:
    """Nobody is there who would start again."""

    def tried(self, mailbox: str, arrival: Arrival) -> int:
        return 0

    def take(self, mailbox: str, arrival: Arrival) -> None: ...
    def clear(self) -> None: ...
    def take_early(self, mailbox: str, arrival: Arrival) -> None: ...
    def clear_early(self, mailbox: str) -> None: ...


ReadAll = Callable[[Sequence[Arrival], Callable[[Arrival], object]], Sequence[Message]]
"""Reads a batch, and tells which message it has come to."""

Messages = Callable[[Callable[[Arrival], object]], Sequence[Message]]
ReadEarly = Callable[[Sequence[Arrival], Callable[[Arrival], object]], Messages]
"""Has a batch read by somebody else, on any thread; the messages are asked for later, on the thread that decides."""


def read_only(rule: str) -> None:
    """Where no configuration directory is known, nothing can be written into it."""
    raise PermissionError(rule)


@dataclass(slots=True)
class Service:
    """The parts of a running service. `rules` is replaced whole by a reload; `stopping` is asked between messages.

    `notifiers` by the name of the channel ("email", "sms"), as the ways in [contacts] are called. `case_link` makes the
    signed link of a case for one person of the chain until then; "" where there is no page. `alive` tells whoever
    watches over the service that it is not stuck, before anything that may take long. `page_link` makes any link
    (scope, subject, person, expires): "c" a case by its code, "q" the assistant's queue (subject ""), "v" verdicts on
    a client.
    `learn` puts an accepted rule (TOML) into the configuration and has it read; it raises OSError where nobody may
    write there, ValueError when `check` does not take it.
    """

    rules: Rules
    store: Store
    post: Post
    mailboxes: Mapping[str, Mailbox]
    read: Callable[[Arrival], Message]
    clock: Clock
    journal: Journal
    stopping: Callable[[], bool] = lambda: False
    send: bool = True
    rest: Rest = field(default_factory=Rest)
    notifiers: Mapping[str, Notifier] = field(default_factory=dict)
    case_link: Callable[[str, str, datetime], str] = lambda code, person, expires: ""
    alive: Callable[[], object] = lambda: None
    page_link: Callable[[str, str, str, datetime], str] = lambda scope, subject, person, expires: ""
    learn: Callable[[str], object] = read_only
    holds: Holds = field(default_factory=Unheld)
    boxes: Callable[[Mapping[str, Mailbox]], Mapping[str, Mailbox]] = lambda known: known
    tokens: Tokens = lambda sign_in: None
    metrics: Metrics = field(default_factory=Uncounted)
    read_all: ReadAll | None = None
    read_early: ReadEarly | None = None
    in_hand: InHand = field(default_factory=Unnoted)
    gate: Gate = field(default_factory=Gate)

    def now(self) -> datetime:
        return self.clock.now()
