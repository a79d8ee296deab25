"""Takes the figures that stand still from the ledger, now and then, where somebody asks for them."""

from .core.gauges import Ledger, taken
from .core.ledger import State
from .service import Service


def watch(service: Service) -> bool:
    """True when the figures were taken. Belongs to the thread that has the ledger."""
    now, store = service.now(), service.store
    if not service.metrics.wanted(now):
        return False
    ledger = Ledger(
        now,
        store.last_run("started") or now,
        store.standing(now),
        store.outbox((State.QUEUED,)),
        store.promises(),
        [ruleset.client.id for ruleset in service.rules.rulebook.clients],
        {name: store.last_run(f"looked {name}") for name in service.mailboxes},
        {name: store.last_run(f"failing {name}") for name in service.mailboxes},
    )
    service.metrics.show(taken(ledger))
    return True
