"""Mail to our own people: the notices of the escalation chain. The contact's address is used here, shown to nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

from .core.escalation import ME, chain_of, notice
from .core.ledger import Entry, Outgoing, QueueCase, Sort
from .core.letter import Envelope, Letter, TemplateError, clean, key_for, to_bytes
from .core.reasons import Reason
from .core.ruleset import Escalation, RuleSet, Trust
from .service import Service

TEMPLATE = "notice-escalation"
TOLD_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Step:
    """Who is told (a name), by which mail, when the chain goes on, and how many links of it are behind us then."""

    to: str
    mail: Outgoing
    due: datetime
    step: int


def ruleset_of(client: str, service: Service) -> RuleSet | None:
    return next((r for r in service.rules.rulebook.clients if r.client.id == client), None)


def address_of(name: str, ruleset: RuleSet, service: Service) -> str:
    """The e-mail address behind a name of the chain; "" when it has none."""
    if name == ME:
        return service.rules.settings.assistant.email
    if name == "colleague":
        return ruleset.colleague.email if ruleset.colleague else ""
    way = service.rules.settings.secrets.contacts.get(name, {}).get("email")
    return way.reveal() if way else ""


def next_notice(case: QueueCase, service: Service, now: datetime) -> Step:
    """The notice of this step. A name without an e-mail address is passed over: the next one is told at once."""
    ruleset = ruleset_of(case.case.client, service)
    if ruleset is None:
        return _to_assistant(case, service, now)
    trust = ruleset.client.trust
    for skipped in range(len(chain_of(ruleset.escalation, trust))):
        told = notice(case.step + skipped, ruleset.escalation, trust, now)
        if to := address_of(told.to, ruleset, service):
            zone = ZoneInfo(ruleset.client.timezone)
            after = f"{told.then}, {told.due.astimezone(zone):%H:%M}"
            mail = _mail(case, to, told.to, after, service, now)
            return Step(told.to, mail, told.due, case.step + skipped + 1)
    return _to_assistant(case, service, now)


def _to_assistant(case: QueueCase, service: Service, now: datetime) -> Step:
    """The client's file is gone or its chain is empty: the assistant is told, again and again."""
    told = notice(0, Escalation(), Trust.SEND, now)
    mail = _mail(case, service.rules.settings.assistant.email, ME, ME, service, now)
    return Step(ME, mail, told.due, case.step + 1)


def _mail(case: QueueCase, to: str, name: str, after: str, service: Service, now: datetime) -> Outgoing:
    settings = service.rules.settings
    sender = service.rules.sending.address
    language = settings.assistant.language
    words = _words(case, name, after, service, now)
    letter = _letter(case, language, words, service)
    key = key_for(case.code, case.opened.isoformat(), str(case.step), name, domain=sender.rpartition("@")[2])
    envelope = Envelope(settings.assistant.name, sender, to, key, language=language, auto="auto-generated")
    raw = to_bytes(letter, envelope, now)
    return Outgoing(key, Sort.ESCALATION, to, raw, now, case.case.client, TEMPLATE, case=case.code)


def _letter(case: QueueCase, language: str, words: Mapping[str, object], service: Service) -> Letter:
    """The notice; a broken text must not keep an emergency from anybody, so the bare facts stand in."""
    try:
        return service.rules.tools.render(TEMPLATE, language, case.case.client, words)
    except TemplateError as error:
        service.journal.error("the notice is sent without its text", fault=str(error))
        return Letter(f"{case.code} {case.case.who}: {case.case.subject}", f"{case.case.note}\n")


def _words(case: QueueCase, name: str, after: str, service: Service, now: datetime) -> Mapping[str, object]:
    entry = service.store.entry(case.message) if case.message else None
    ruleset = ruleset_of(case.case.client, service)
    zone = ZoneInfo(ruleset.client.timezone if ruleset else service.rules.settings.assistant.timezone)
    assistant = service.rules.settings.assistant
    return {
        "now": now.astimezone(zone),
        "tu": False,
        "automatic": True,
        "va": {"name": assistant.name, "gender": assistant.gender},
        "case": {
            "code": case.code,
            "who": case.case.who,
            "subject": case.case.subject,
            "client": ruleset.client.name if ruleset else case.case.client,
            "words": case.case.note,
            "told": _told(entry),
            "next": after,
            "doubtful": case.case.reason == Reason.CONFIRM,
            "how": f"vamaild queue ack {case.code}" if name == ME else "",
        },
    }


def _told(entry: Entry | None) -> str:
    """What the customer was told: our own words, without greeting and signature."""
    if entry is None or not entry.outgoing:
        return ""
    mail = message_from_bytes(entry.outgoing[0].raw, policy=policy.default)
    paragraphs = [clean(p, TOLD_LIMIT) for p in str(mail.get_content()).replace("\r\n", "\n").split("\n\n")]
    return clean(" ".join(paragraphs[1:-1]), TOLD_LIMIT)
