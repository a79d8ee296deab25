"""What the verbs over the ledger share: where the files are, the moment, text or JSON; a service that sends nothing.

Some verbs write what the running service would write (the confirmation of a rush). They use the same functions with a
`Service` of their own beside the running one: the ledger keeps the two apart, one transaction after the other.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..core.ledger import PostError, Store
from ..core.trust import holding
from .screen import complain, config_option, json_option, moment, print_json, state_dir, state_option
from .setup import ledger, prepare, this_moment
from .written import Written

if TYPE_CHECKING:  # these verbs should answer at once: most need none of it
    from ..service import Service

Value = dict[str, object]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files are, what time it is, and how to answer."""

    config: Path
    state: Path
    now: datetime
    as_json: bool
    written: Written

    def ledger(self) -> AbstractContextManager[Store]:
        """Stops when there is none."""
        return ledger(self.state)

    def here(self, at: datetime, client: str = "") -> datetime:
        """The moment in the time zone of the client, else in the assistant's."""
        return at.astimezone(self.written.zone(client))

    def held(self, store: Store, client: str) -> list[str]:
        """A line where a pause keeps a reply to this client's people from leaving."""
        if not holding(store.pauses(self.now), client):
            return []
        return [f"{client} is paused: it leaves when the pause is over (vamaild resume)."]

    def tell(self, value: Value, lines: Sequence[str], as_json: bool = False) -> None:
        """One JSON document, or lines for people."""
        if self.as_json or as_json:
            print_json(value)
        elif lines:
            click.echo("\n".join(lines))


def place_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--config, --state, --json and --at; the verb gets a `place` instead of them."""

    @wraps(function)
    def verb(*args: Any, config: Path, state: Path | None, as_json: bool, at: datetime | None, **others: Any) -> Any:
        written = Written(config)
        now = (at or this_moment()).astimezone(written.zone())
        place = Place(config, state_dir(state, config), now, as_json, written)
        return function(*args, place=place, **others)

    words = "As if it were then (2026-12-03T10:40)."
    at_option = click.option("--at", "at", callback=moment, envvar="VAMAILD_AT", metavar="TIME", help=words)
    return config_option(state_option(json_option(at_option(verb))))


class Nobody:
    """A way out that leads nowhere: what is queued here is sent by the service."""

    def send(self, to: str, raw: bytes) -> None:
        raise PostError("nothing is sent from the command line")

    def close(self) -> None: ...


class Aloud:
    """What the service would write into its journal; only what is wrong is said, and no fields but the fault."""

    def info(self, event: str, **fields: object) -> None: ...

    def warning(self, event: str, **fields: object) -> None:
        complain(f"{event}: {fields['fault']}" if "fault" in fields else event)

    error = warning


@dataclass(frozen=True, slots=True)
class Still:
    """A clock that stands at the moment of the command."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


@contextmanager
def desk(place: Place) -> "Iterator[Service]":
    """A service over the ledger without mailboxes and without a way out. Stops when there is no configuration."""
    from .. import wire
    from ..service import Rules, Service

    with place.ledger() as store:
        ready = prepare(place.config, place.state)
        rules = Rules(ready.settings, ready.rulebook, ready.tools, wire.sending(ready.settings))
        service = Service(rules, store, Nobody(), {}, ready.read, Still(place.now), Aloud())
        service.notifiers = wire.notifiers(ready.settings, lambda: rules.sending, Nobody(), service.clock)
        yield service
