"""Each client as it stands at this moment: what the assistant said of its absence, put over its file."""

from datetime import datetime
from zoneinfo import ZoneInfo

from .core import absence
from .core.absence import ORDER, Order, order_of
from .core.ledger import Store
from .core.ruleset import RuleSet
from .service import Service


def local(ruleset: RuleSet, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(ruleset.client.timezone))


def order(ruleset: RuleSet, store: Store) -> Order | None:
    """What the assistant said over the file, if anything."""
    return order_of(ruleset.client.id, store.away_kept(ruleset.client.id, ORDER))


def stands(ruleset: RuleSet, store: Store, now: datetime) -> RuleSet:
    """The client as it stands at this moment, the assistant's order put over its file."""
    return absence.standing(ruleset, order(ruleset, store), local(ruleset, now).date())


def standing(ruleset: RuleSet, service: Service) -> RuleSet:
    """The same, now."""
    return stands(ruleset, service.store, service.now())
