"""What the assistant is told once, not once a message: a limit was reached, mail of ours came back.

An incident lasts until nothing has happened for a while; while it lasts she gets one note, at most one a day. Both
moments are kept as runs, so that a restart tells nothing twice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .core.ledger import Entry, NewCase, OutboxItem, Outgoing, Sort
from .core.letter import Envelope, Letter, TemplateError, key_for, to_bytes
from .core.message import Message
from .core.reasons import REASONS, Reason
from .core.sameness import domain_of
from .service import Service

LIMIT, BOUNCED = "note-limit", "note-bounced"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OVER_AFTER = {Reason.PER_PERSON: DAY, Reason.PER_DOMAIN: HOUR, Reason.PER_HOUR: HOUR, Reason.PER_DAY: DAY}
"""How long nothing must happen until a limit's incident is over."""

REPORTS, MOST_REPORTS = "reports", 100
HOW = "vamaild queue"


def tell_of_limits(entered: Sequence[Entry], service: Service) -> None:
    """Queues the notes that these new messages call for; belongs into their transaction."""
    for reason, quiet in OVER_AFTER.items():
        hit = next((e for e in entered if reason in (e.reason, _suppressed(e))), None)
        if hit and _begins(reason, quiet, service):
            _queue(LIMIT, _limit(reason, hit.address, service), service)
    if any(e.reason == Reason.REPORT for e in entered):
        too_many = service.store.reports_since(service.now() - HOUR) > MOST_REPORTS
        if too_many and not _told_of_bounces(service) and _begins(REPORTS, HOUR, service):
            _queue(LIMIT, {"limit": {"what": REPORTS, "number": MOST_REPORTS, "who": "", "how": HOW}}, service)


def _suppressed(entry: Entry) -> str:
    """Why no reply to it leaves; that of an emergency, too, whose own reason is that it was passed on."""
    found = entry.explanation.get("suppressed")
    return str(found.get("code", "")) if isinstance(found, Mapping) else ""


def take_back(message: Message, service: Service) -> None:
    """A permanent failure of one of our own replies: no automatic mail there for 60 days, and the assistant is told."""
    report = message.report
    if report is None or not report.permanent:
        return
    for item in service.store.bounced((*report.returned, *message.references), service.now()):
        _came_back(item, report.failed[0][1], service)


def _came_back(item: OutboxItem, status: str, service: Service) -> None:
    entry = service.store.entry(item.message) if item.message else None
    note = f"our reply came back: the other server says that it cannot be delivered ({status})"
    case = NewCase(item.mail.client, Reason.BOUNCED, note, item.mail.to, entry.subject if entry else "")
    code = service.store.open_case(case, service.now(), item.message)
    service.journal.warning("a reply came back", client=item.mail.client, who=item.mail.to, status=status)
    if _begins(Reason.BOUNCED, HOUR, service):
        words = {"limit": {"what": "bounced", "number": 1, "who": item.mail.to, "how": HOW}, "reason": status}
        _queue(BOUNCED, {**words, "case": {"code": code}}, service)


def _told_of_bounces(service: Service) -> bool:
    """One note an hour about mail that comes back is enough."""
    told = service.store.last_run(f"told {Reason.BOUNCED}")
    return told is not None and abs(service.now() - told) < HOUR


def _begins(name: str, quiet: timedelta, service: Service) -> bool:
    """Whether this is a new incident, or one that has lasted for another day. Keeps that it was seen."""
    store, now = service.store, service.now()
    seen, told = store.last_run(f"seen {name}"), store.last_run(f"told {name}")
    store.ran(f"seen {name}", now)
    if seen and told and abs(now - seen) < quiet and abs(now - told) < DAY:
        return False
    store.ran(f"told {name}", now)
    return True


def _limit(reason: Reason, address: str, service: Service) -> Mapping[str, object]:
    limits = service.rules.rulebook.limits
    number, who = {
        Reason.PER_PERSON: (limits.per_person_per_day, address),
        Reason.PER_DOMAIN: (limits.per_domain_per_hour, domain_of(address)),
        Reason.PER_HOUR: (limits.per_hour, ""),
        Reason.PER_DAY: (limits.per_day, ""),
    }[reason]
    return {"limit": {"what": str(reason), "number": number, "who": who, "how": HOW}}


def _queue(template: str, words: Mapping[str, object], service: Service) -> None:
    now, sender = service.now(), service.rules.sending.address
    assistant = service.rules.settings.assistant
    key = key_for(template, str(words["limit"]), now.isoformat(), domain=sender.rpartition("@")[2])
    envelope = Envelope(
        assistant.name, sender, assistant.email, key, language=assistant.language, auto="auto-generated"
    )
    raw = to_bytes(_letter(template, words, now, service), envelope, now)
    service.store.queue_mail(Outgoing(key, Sort.NOTE, assistant.email, raw, now, "", template))


def _letter(template: str, words: Mapping[str, object], now: datetime, service: Service) -> Letter:
    """The note; a broken text must not hide what happened, so the bare facts stand in."""
    assistant = service.rules.settings.assistant
    about = {"name": assistant.name, "gender": assistant.gender}
    common = {"now": now.astimezone(ZoneInfo(assistant.timezone)), "tu": False, "automatic": True, "va": about}
    try:
        return service.rules.tools.render(template, assistant.language, "", {**common, **words})
    except TemplateError as error:
        service.journal.error("the note is sent without its text", fault=str(error))
        named = next((REASONS[r] for r in Reason if r in str(words)), "something needs you")
        return Letter(f"vamaild: {named}", f"{words}\n")
