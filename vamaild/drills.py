"""A practice alarm is begun and looked at; the service carries it along the chain like any other (core/practice.py)."""

from datetime import datetime

from .casework import how_far as how_far
from .core.cases import PRACTICE, NewCase, NewNotice, NoticeRow, NoticeState, QueueCase
from .core.drill import Drill
from .notices import compose
from .service import Service


def begin(client: str, service: Service, now: datetime) -> QueueCase:
    """The practice that runs for this client, begun now where none does. Raises StoreError."""
    running = service.store.last_drill(client)
    case = service.store.case(running.code) if running and not running.ended else None
    if case and not case.closed_at:
        return case
    new = NewCase(client, PRACTICE, "", service.rules.settings.assistant.name, "", escalates=True, joins=False)
    with service.store.transaction():
        code = service.store.open_case(new, now)
        service.store.drill_begins(client, code, now)
        found = service.store.case(code)
    assert found is not None
    return found


def emergency_of(client: str, service: Service) -> str:
    """The code of an emergency of this client that nobody has taken: nobody practises while it burns."""
    waiting = (c for c in service.store.watched() if c.case.escalates and not c.acknowledged_at)
    real = (c for c in waiting if c.case.reason != PRACTICE)
    return next((c.code for c in real if c.case.client == client), "")


def look(code: str, client: str, service: Service) -> Drill | None:
    """How far it has come; None for a code that is none of this client's last practice."""
    drill, case = service.store.last_drill(client), service.store.case(code)
    if drill is None or drill.code != code or drill.ended or case is None:
        return drill if drill and drill.code == code else None
    return Drill(client, code, drill.began, None, how_far(case, service))


def mark_of(case: QueueCase, service: Service, now: datetime, person: str = "") -> str:
    """The word that every text of a practice begins with, in the language of this person ("": of the contacts)."""
    notice = NewNotice("", person, "", 0, "ask", practice=True)
    row = NoticeRow(0, case.code, case.case.client, notice, NoticeState.READY, 0, now, now)
    return compose(row, case, service, now).short.partition(",")[0].lower()
