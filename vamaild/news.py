"""What follows from a case for others: the news that were promised to the customer, and a way that does not work."""

from datetime import datetime
from zoneinfo import ZoneInfo

from . import notes
from .core.cases import QueueCase
from .core.chainwords import Failure
from .core.ledger import Outgoing, State
from .core.letter import TemplateError
from .core.promise import Promise
from .notices import ruleset_of
from .service import Service
from .thread import Thread, sender_of, write

UPDATE = "status-update"
FAILED = "note-way"


def status_ready(case: QueueCase, note: str, service: Service, now: datetime) -> int:
    """The news somebody was promised by an hour, as a draft with the assistant's note; returns how many were written.

    Belongs into the transaction that closes the case. It takes the place of one that a reminder wrote.
    """
    promised = service.store.promises_of((case.message,)) if case.message else ()
    written = 0
    for promise in (p for p in promised if p.promise.hour):
        draft = _draft(promise, case, note, service, now) or _draft(promise, case, "", service, now)
        if draft is None:
            continue
        for item in service.store.outbox((State.DRAFT,)):
            if (item.mail.template, item.mail.to, item.mail.client) == (UPDATE, draft.to, draft.client):
                service.store.settle(item.id, State.STOPPED)
        service.store.queue_mail(draft)
        service.store.reminded(promise.id, now)
        written += 1
    return written


def _draft(promise: Promise, case: QueueCase, note: str, service: Service, now: datetime) -> Outgoing | None:
    told, entry = promise.promise, service.store.entry(promise.message)
    ruleset = ruleset_of(told.client, service)
    if entry is None or ruleset is None:
        return None
    language = entry.language or ruleset.client.language
    about = ("resolved", case.code, case.opened.isoformat(), str(promise.id))
    thread = Thread(entry, told.to, ruleset, language, sender_of(entry, service), about)
    words = {"promise": {"at": told.due.astimezone(thread.zone)}, "status_text": note}
    try:
        return write(UPDATE, words, thread, service, now, draft=True)
    except (TemplateError, ValueError) as error:
        service.journal.warning("no text for the promised news", client=told.client, fault=str(error))
        return None


def way_failed(case: QueueCase, failure: Failure, service: Service) -> None:
    """The assistant hears once a day that a way to somebody does not work; the way itself is not named."""
    words = {
        "case": {
            "code": case.code,
            "who": failure.person,
            "subject": failure.channel,
            "client": case.case.client,
            "next": "",
            "doubtful": False,
        }
    }
    day = service.now().astimezone(ZoneInfo(service.rules.settings.assistant.timezone)).date().isoformat()
    notes.queue(FAILED, (case.case.client, day, failure.person, failure.channel), words, service)
