"""Tells the assistant, once at the end of her day, what would have been written for clients in observe.

That it was told is kept as a run whose moment is the closing it tells of; after a standstill one note tells of all.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from . import notes
from .core import evening
from .service import Service

RUN, TEMPLATE = "evening", "note-evening"


def watch(service: Service) -> bool:
    """Queues the note when her day is over and there is something to tell; True when it was queued."""
    week, store = service.rules.settings.week, service.store
    now = service.now().astimezone(ZoneInfo(service.rules.settings.assistant.timezone))
    told = store.last_run(RUN)
    if told is not None and told > now + timedelta(days=1):  # the clock was wrong then
        told = None
    due = evening.span(now, week, told.astimezone(now.tzinfo) if told else None)
    if due is None:
        return False
    after, until = due
    found = evening.summed(store.decided_between(after, until))
    with store.transaction():
        store.ran(RUN, until)
        if found:
            notes.queue(TEMPLATE, (until.isoformat(),), _words(found, after, service), service)
    return bool(found)


def _words(found: tuple[evening.Would, ...], after: datetime, service: Service) -> dict[str, object]:
    names = {r.client.id: r.client.name for r in service.rules.rulebook.clients}
    return {"evening": {"people": sum(w.people for w in found), "since": after, "lines": evening.lines(found, names)}}
