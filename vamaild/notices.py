"""What our own people are told: the words of a notice, and the ways to each person. Those are used, shown to nobody."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

from .core.cases import NoticeRow
from .core.chainwords import from_values
from .core.escalation import ME, chain_of
from .core.ledger import Entry, QueueCase
from .core.letter import Letter, TemplateError, clean
from .core.notify import Notice as Told
from .core.reasons import Reason
from .core.ruleset import RuleSet
from .service import Service

TEMPLATE, ANSWERED = "notice-escalation", "notice-answer"
LINK_FOR = timedelta(days=3)
TOLD_LIMIT = 300


def ruleset_of(client: str, service: Service) -> RuleSet | None:
    return next((r for r in service.rules.rulebook.clients if r.client.id == client), None)


def ways_of(person: str, client: str, service: Service) -> Mapping[str, str]:
    """The channels to this person that can be used, in the order of secrets.toml; the values are secret.

    The assistant's and the colleague's e-mail address need not be written there.
    """
    ruleset = ruleset_of(client, service)
    known = service.rules.settings.secrets.contacts.get(person, {})
    found = {channel: way.reveal() for channel, way in known.items()}
    if person == ME:
        found.setdefault("email", service.rules.settings.assistant.email)
    elif person == "colleague" and ruleset and ruleset.colleague:
        found.setdefault("email", ruleset.colleague.email)
    return {channel: way for channel, way in found.items() if way and channel in service.notifiers}


def name_of(person: str, client: str, service: Service) -> str:
    """How a notice names this person: the assistant and the colleague by their names, a contact as in the chain."""
    ruleset = ruleset_of(client, service)
    if person == ME:
        return service.rules.settings.assistant.name
    if person == "colleague" and ruleset and ruleset.colleague:
        return ruleset.colleague.name
    return person


def language_of(person: str, client: str, service: Service) -> str:
    """The assistant's own language; everybody else's is the client's."""
    ruleset = ruleset_of(client, service)
    assistant = service.rules.settings.assistant.language
    return ruleset.client.language if ruleset and person != ME else assistant


def compose(row: NoticeRow, case: QueueCase, service: Service, now: datetime) -> Told:
    """The notice in the words of now: who and what first, what happens without an answer, how to answer."""
    told, client = row.notice, case.case.client
    language = language_of(told.person, client, service)
    template = ANSWERED if told.why in ("confirm", "stand-down") else TEMPLATE
    expires = now + LINK_FOR
    link = service.case_link(case.code, told.person, expires) if template == TEMPLATE else ""
    who, _, other = told.about.partition(" ")
    reason = "stand-down" if told.why == "stand-down" else who or told.why
    words = _about(row, case, other or who, reason, service, now)
    letter = _letter(case, language, words, service, template)
    short = f"{clean(case.case.who, 24)}: {clean(case.case.subject, 30)} [{case.code}]"
    return Told(told.key, case.code, short, letter.body, link, told.practice)


def _about(
    row: NoticeRow, case: QueueCase, other: str, reason: str, service: Service, now: datetime
) -> Mapping[str, object]:
    """The words of a notice; `other` has the case, or is asked instead."""
    told, client = row.notice, case.case.client
    words = dict(_words(case, told.person, _follows(case, service), service, now))
    known = words["case"]
    assert isinstance(known, dict)
    if told.why in ("confirm", "stand-down"):
        known |= {"next": name_of(other, client, service) if other else ""}
    known |= {"how": "practice" if told.practice else ""}
    return words | {"reason": reason}


def _follows(case: QueueCase, service: Service) -> str:
    """Who is asked next and when, if nobody answers: "Tomáš Král, 11:04"."""
    ruleset = ruleset_of(case.case.client, service)
    if ruleset is None or not case.chain:
        return ""
    state = from_values(case.chain)
    chain = chain_of(ruleset.escalation, ruleset.client.trust)
    at = chain.index(state.asked) if state.asked in chain else -1
    name = name_of(chain[(at + 1) % len(chain)], case.case.client, service)
    zone = ZoneInfo(ruleset.client.timezone)
    return f"{name}, {state.ends.astimezone(zone):%H:%M}" if state.ends else name


def _letter(
    case: QueueCase, language: str, words: Mapping[str, object], service: Service, template: str = TEMPLATE
) -> Letter:
    """The notice; a broken text must not keep an emergency from anybody, so the bare facts stand in."""
    try:
        return service.rules.tools.render(template, language, case.case.client, words)
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
