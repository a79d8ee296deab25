"""What our own people are told: the words of a notice, and the ways to each person. Those are used, shown to nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

from .core.agreement import next_of
from .core.cases import DOUBTFUL, PRACTICE, NoticeRow
from .core.chainwords import COLLEAGUE, Why, from_values
from .core.colleague import on_duty
from .core.escalation import ME, PATIENCE, chain_of
from .core.ledger import Entry, QueueCase
from .core.letter import Letter, TemplateError, clean
from .core.notify import Notice as Told
from .core.reasons import Reason
from .core.ruleset import Colleague, RuleSet
from .service import Service

TEMPLATE, ANSWERED, MANY = "notice-escalation", "notice-answer", "notice-bundle"
LINK_FOR = timedelta(days=3)
TOLD_LIMIT = 300
MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Telling:
    """A notice that is told now, and the case it is about."""

    row: NoticeRow
    case: QueueCase


def ruleset_of(client: str, service: Service) -> RuleSet | None:
    return next((r for r in service.rules.rulebook.clients if r.client.id == client), None)


def colleague_of(client: str, service: Service) -> Colleague | None:
    """Who stands in at this moment; None when nobody is there, or nobody who is there agreed."""
    ruleset = ruleset_of(client, service)
    there = on_duty(ruleset, service.now(), service.store.consents(client)) if ruleset else ()
    return next(iter(there), None)


def ways_of(person: str, client: str, service: Service) -> Mapping[str, str]:
    """The channels to this person that can be used, in the order of secrets.toml; the values are secret.

    The assistant's and the colleague's e-mail address need not be written there. What is written there of the colleague
    is the first one's of the client's file: whoever stands in for him is reached at his own address.
    """
    ruleset = ruleset_of(client, service)
    known = service.rules.settings.secrets.contacts.get(person, {})
    found = {channel: way.reveal() for channel, way in known.items()}
    if person == ME:
        found.setdefault("email", service.rules.settings.assistant.email)
    elif person == COLLEAGUE and ruleset and ruleset.stand_ins:
        there = colleague_of(client, service)
        found = found if there == ruleset.stand_ins[0] else {}
        found.setdefault("email", there.email if there else "")
    return {channel: way for channel, way in found.items() if way and channel in service.notifiers}


def name_of(person: str, client: str, service: Service) -> str:
    """How a notice names this person: the assistant and the colleague by their names, a contact as in the chain."""
    if person == ME:
        return service.rules.settings.assistant.name
    there = colleague_of(client, service) if person == COLLEAGUE else None
    return there.name if there else person


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
    short = letter.subject if told.practice else _in_short(case)
    return Told(told.key, case.code, short, letter.body, link, told.practice)


def _in_short(case: QueueCase) -> str:
    """Who, what, and the code."""
    return f"{clean(case.case.who, 24)}: {clean(case.case.subject, 30)} [{case.code}]"


def compose_many(told: Sequence[Telling], key: str, service: Service, now: datetime) -> Told:
    """Several notices to one person as one message: how many, which, and what an answer means."""
    asking = told[0].row.notice.why not in ("confirm", "stand-down")
    told = sorted(told, key=lambda t: not t.case.case.people)
    row, case = told[0].row, told[0].case
    person, client = row.notice.person, case.case.client
    language = language_of(person, client, service)
    if not asking:
        codes = ", ".join(t.case.code for t in told[:MOST_LISTED]) + ("…" if len(told) > MOST_LISTED else "")
        notice = compose(row, replace(case, code=codes), service, now)
        return replace(notice, key=key, code=case.code, short=f"{clean(case.case.who, 24)} [{codes[:30]}]")
    words = dict(_words(case, person, _follows(case, service), service, now))
    lines = [_line(t, service, now) for t in told[:MOST_LISTED]]
    lines += [f"+ {len(told) - MOST_LISTED}"] if len(told) > MOST_LISTED else []
    words["bundle"] = {"count": len(told), "lines": "\n".join(lines)}
    letter = _letter(case, language, words, service, MANY, "\n".join(lines))
    return Told(key, case.code, letter.subject, letter.body)


def _line(told: Telling, service: Service, now: datetime) -> str:
    """One case among several: its code, who, whose customer, what, and its own link."""
    case, person = told.case, told.row.notice.person
    client = clean(case.case.client, 24)
    link = service.case_link(case.code, person, now + LINK_FOR)
    line = f"[{case.code}] {clean(case.case.who, 24)} ({client}): {clean(case.case.subject, 60)}"
    return f"{line}\n  {link}" if link else line


def _about(
    row: NoticeRow, case: QueueCase, other: str, reason: str, service: Service, now: datetime
) -> Mapping[str, object]:
    """The words of a notice; `other` has the case, or is asked instead."""
    told, client = row.notice, case.case.client
    after = "" if told.why in (Why.AGAIN, Why.SOLVED) else _follows(case, service)  # nobody else is asked
    words = dict(_words(case, told.person, after, service, now))
    known = words["case"]
    assert isinstance(known, dict)
    if told.why in ("confirm", "stand-down"):
        known |= {"next": name_of(other, client, service) if other else ""}
    known |= {"how": "practice" if told.practice else "", "asked": _asked(told.person, case)}
    return words | {"reason": reason}


def _asked(person: str, case: QueueCase) -> int:
    """How often this person was asked before, where that was more than once."""
    told = sum(a.count for a in from_values(case.chain).attempts if a.person == person) - 1 if case.chain else 0
    return told if told > 1 else 0


def _follows(case: QueueCase, service: Service) -> str:
    """Who is asked next and when, if nobody answers: "Tomáš Král, 11:04"."""
    ruleset = ruleset_of(case.case.client, service)
    if ruleset is None or not case.chain:
        return ""
    state = from_values(case.chain)
    perhaps_nothing = case.case.reason == DOUBTFUL or (state.solved is not None and state.solved >= case.joined)
    if perhaps_nothing and state.sweep >= PATIENCE:
        return ""
    chain = chain_of(ruleset.escalation, ruleset.client.trust)
    client = case.case.client
    name = name_of(next_of(chain, state.asked, lambda person: ways_of(person, client, service)), client, service)
    zone = ZoneInfo(ruleset.client.timezone)
    return f"{name}, {state.ends.astimezone(zone):%H:%M}" if state.ends else name


def _letter(
    case: QueueCase, language: str, words: Mapping[str, object], service: Service, template: str, facts: str = ""
) -> Letter:
    """The notice; a broken text must not keep an emergency from anybody, so the bare facts stand in."""
    try:
        return service.rules.tools.render(template, language, case.case.client, words)
    except TemplateError as error:
        service.journal.error("the notice is sent without its text", fault=str(error))
        practice = "PRACTICE " if case.case.reason == PRACTICE else ""
        head = f"{practice}{case.code} {case.case.who}: {case.case.subject}"
        return Letter(head, f"{practice}{facts or case.case.note}\n")


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
            "told": told_of(entry),
            "next": after,
            "doubtful": case.case.reason == Reason.CONFIRM,
            "how": f"vamaild queue ack {case.code}" if name == ME else "",
        },
    }


def told_of(entry: Entry | None) -> str:
    """What the customer was told: our own words, without greeting and signature."""
    if entry is None or not entry.outgoing:
        return ""
    mail = message_from_bytes(entry.outgoing[0].raw, policy=policy.default)
    paragraphs = [clean(p, TOLD_LIMIT) for p in str(mail.get_content()).replace("\r\n", "\n").split("\n\n")]
    return clean(" ".join(paragraphs[1:-1]), TOLD_LIMIT)
