"""Everything a running service holds, put together from the adapters. Wires; decides nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from .config.settings import Settings
from .core.decide import Tools
from .core.entries import Sending
from .core.ledger import Arrival, Mailbox, Post, Store
from .core.message import Message
from .core.notify import Notifier
from .core.ruleset import Rulebook


class Clock(Protocol):
    """Tells the time: aware, UTC."""

    def now(self) -> datetime: ...


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

    def now(self) -> datetime:
        return self.clock.now()
