"""What verbs need before they can work: a configuration that can be used, the ledger, the time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.handover import Consent
from ..core.ledger import DATABASE, Arrival, Entry, Store, StoreError
from .screen import Exit, Stop, complain

if TYPE_CHECKING:  # status and queue must answer at once: they need none of this
    from ..config.configuration import Example
    from ..config.settings import Settings
    from ..core.decide import Tools
    from ..core.message import Message
    from ..core.ruleset import Rulebook, RuleSet


LATE = timedelta(minutes=10)


def this_moment() -> datetime:
    """Now, in this machine's zone."""
    return datetime.now(UTC).astimezone()


@dataclass(frozen=True, slots=True)
class Ready:
    """A configuration that can be used, and what judging needs."""

    settings: "Settings"
    rulebook: "Rulebook"
    tools: "Tools"
    read: "Callable[[Arrival], Message]"
    examples: "Mapping[str, tuple[Example, ...]]" = field(default_factory=dict)
    state: Path | None = None

    def client(self, name: str) -> "RuleSet":
        """The client with this id. Stops with exit 5 when there is none."""
        found = next((r for r in self.rulebook.clients if r.client.id == name), None)
        if found is None:
            known = ", ".join(r.client.id for r in self.rulebook.clients) or "none"
            raise Stop(f"There is no client {name}. Known here: {known}", Exit.NOT_FOUND)
        return found


def prepare(config: Path, state: Path | None = None) -> Ready:
    """Reads the configuration; what is set aside is said on stderr. Stops with exit 3 when it cannot be used.

    With `state` the last good copy of a faulty client's file stands in, as in the service.
    """
    from .. import wire

    loaded = wire.load(config, state, play=False)
    rules = wire.rules_of(loaded)
    for problem in loaded.errors:
        complain(str(problem))
    if rules is None:
        raise Stop(unusable(config), Exit.CONFIGURATION)
    examples = loaded.configuration.examples
    return Ready(rules.settings, rules.rulebook, rules.tools, wire.reader(), examples, state)


def unusable(config: Path) -> str:
    """Why nothing can be done, and what to do."""
    if not (config / "vamaild.toml").exists():
        return f"There is no {config / 'vamaild.toml'}. Another place: --config DIR. To see it work: vamaild demo"
    return f"The configuration in {config} cannot be used. Details: vamaild check --config {config}"


def open_store(state: Path) -> Store:
    """The ledger, which must be there. Stops when it is not."""
    path = state / DATABASE
    try:
        there = path.exists()
    except PermissionError as error:
        raise Stop(f"{path} cannot be read by you; try: sudo -u vamaild vamaild ...", Exit.ATTENTION) from error
    if not there:
        raise Stop(f"There is no ledger in {state} yet; it begins with: vamaild run", Exit.NOT_FOUND)
    from ..adapters.store import SqliteStore

    try:
        return SqliteStore(path)
    except StoreError as error:
        raise Stop(str(error), Exit.ATTENTION) from error


def running(store: Store, now: datetime) -> bool:
    """Whether a service looked lately."""
    seen = store.last_run("daemon")
    return seen is not None and now - seen < LATE


@contextmanager
def ledger(state: Path) -> Iterator[Store]:
    """The ledger for as long as it is needed. Stops when it is not there or cannot be written."""
    store = open_store(state)
    try:
        yield store
    except StoreError as error:
        raise Stop(str(error), Exit.ATTENTION) from error
    finally:
        store.close()


def consents(state: Path) -> tuple[Consent, ...]:
    """What colleagues said to being named, where there is a ledger; one that cannot be read is said on stderr."""
    try:
        if not (state / DATABASE).exists():
            return ()
        with ledger(state) as store:
            return store.consents()
    except (PermissionError, Stop) as error:
        complain(f"What colleagues agreed to is not known: {error}")
        return ()


def ledger_entry(state: Path, reference: str, mailboxes: Sequence[str]) -> Entry | None:
    """The message with this case code or UID, from the ledger."""
    store = open_store(state)
    try:
        case = store.case(reference.upper())
        if case is not None:
            return store.entry(case.message) if case.message else None
        if not reference.isdigit():
            return None
        return next((e for m in mailboxes if (e := store.find_entry(m, int(reference)))), None)
    finally:
        store.close()
