"""The silence alarm: tells the assistant, once, that a client's usual mail has stopped. core/flow.py says when.

That it was told is kept as a run named after the client, at the moment of its last message: as soon as mail flows
again that moment is another one, and the next silence is told anew.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .core.flow import HOUR, REMEMBERED, Silence, incident, silence
from .core.ledger import Outgoing, Sort, Store
from .core.letter import Envelope, Letter, TemplateError, key_for, to_bytes
from .core.ruleset import RuleSet
from .service import Service

RUN = "silence"
EVERY = timedelta(minutes=15)
TEMPLATE = "note-silent"


def told(store: Store, client: str, last: datetime) -> bool:
    """Whether this client's silence since its last message was found unusual."""
    return store.last_run(f"{RUN} {client}") == last


def watch(service: Service, unseen: frozenset[str] = frozenset()) -> int:
    """Every quarter of an hour: tells of each client that has fallen silent; returns of how many.

    A mailbox that cannot be read is no silent client: whose mail may lie in one of the `unseen` is not judged.
    """
    now, store = service.now(), service.store
    before = store.last_run(RUN)
    if before is not None and timedelta() <= now - before < EVERY:
        return 0
    store.ran(RUN, now)
    last_mail = store.standing(now).last_mail
    clients = service.rules.rulebook.clients
    return sum(_look(ruleset, last_mail.get(ruleset.client.id), unseen, service) for ruleset in clients)


def _look(ruleset: RuleSet, last: datetime | None, unseen: frozenset[str], service: Service) -> bool:
    """Judges one client's silence; True when the assistant is told of it now."""
    client, store, now = ruleset.client.id, service.store, service.now()
    if last is None or now - last < HOUR or store.last_run(incident(client)) == last:
        return False
    arrivals = store.flowed(client, last - REMEMBERED)
    found = silence(arrivals, now.astimezone(ZoneInfo(ruleset.client.timezone)), ruleset.week)
    if found is None or not found.unusual or (unseen and _may_lie_in(unseen, client, last, service)):
        return False
    with store.transaction():
        store.queue_mail(_note(ruleset, found, service, now))
        store.ran(incident(client), last)
    service.journal.warning("silent", client=client, hours=found.lasts // HOUR, usual_gap=found.usual // HOUR)
    return True


def _may_lie_in(unseen: frozenset[str], client: str, last: datetime, service: Service) -> bool:
    """Whether this client's mail comes by one of these, as far as the ledger can tell."""
    boxes = service.store.came_by(client, last - REMEMBERED) & service.mailboxes.keys()
    return not boxes or not boxes.isdisjoint(unseen)


def _note(ruleset: RuleSet, found: Silence, service: Service, now: datetime) -> Outgoing:
    settings, sender = service.rules.settings, service.rules.sending.address
    assistant = settings.assistant
    key = key_for(RUN, ruleset.client.id, found.since.isoformat(), domain=sender.rpartition("@")[2])
    envelope = Envelope(
        assistant.name, sender, assistant.email, key, language=assistant.language, auto="auto-generated"
    )
    raw = to_bytes(_letter(ruleset, _words(ruleset, found, service, now), service), envelope, now)
    return Outgoing(key, Sort.NOTE, assistant.email, raw, now, ruleset.client.id, TEMPLATE)


def _words(ruleset: RuleSet, found: Silence, service: Service, now: datetime) -> Mapping[str, object]:
    """Times are in the assistant's zone: the note is for her."""
    assistant = service.rules.settings.assistant
    zone = ZoneInfo(assistant.timezone)
    return {
        "now": now.astimezone(zone),
        "tu": False,
        "automatic": True,
        "va": {"name": assistant.name, "gender": assistant.gender},
        "client": {"name": ruleset.client.name},
        "silent": {
            "hours": found.lasts // HOUR,
            "usual": found.usual // HOUR,
            "last": found.since.astimezone(zone),
            "how": f"vamaild doctor --probe --client {ruleset.client.id}",
        },
    }


def _letter(ruleset: RuleSet, words: Mapping[str, object], service: Service) -> Letter:
    """The note; a broken text must not hide the alarm, so the bare facts stand in."""
    try:
        return service.rules.tools.render(TEMPLATE, service.rules.settings.assistant.language, "", words)
    except TemplateError as error:
        service.journal.error("the note is sent without its text", fault=str(error))
        return Letter(f"Silent: {ruleset.client.name}", f"{words['silent']}\n")
