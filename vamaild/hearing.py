"""Answers to notices that come by mail: read, checked, and taken through the one door of chain.py.

An answer counts only from the address of whoever was asked, in the thread of that notice, once, and not where our own
server says that it is forged. Whatever else refers to a notice does nothing and is shown to the assistant.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import agreed, chain
from .core.answers import Spoken, read
from .core.cases import NewCase, NoticeRow, NoticeState, QueueCase
from .core.chainwords import ME, Said
from .core.deadline import deadline
from .core.letter import clean
from .core.message import Message
from .core.newtext import split
from .core.notify import Delivered, Delivery
from .core.reasons import Reason
from .core.ruleset import Language
from .core.sameness import domain_of
from .core.sender import disputed
from .core.words import Text
from .handover import ABOUT_ANSWERS, settle
from .notices import ruleset_of, ways_of
from .service import Service

CODE = re.compile(r"\[([A-HJ-NP-Z2-9]{4})\]")
CONFIRMED_OVER = "email"
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Heard:
    """A mail that was about a notice: the client it concerns, and what it was (a Reason of core/reasons.py)."""

    client: str
    what: Reason


def read_answer(message: Message, service: Service) -> bool:
    """Whether this was about a notice of ours, and is dealt with; belongs into the transaction of its ledger row."""
    return hear(message, service) is not None


def hear(message: Message, service: Service) -> Heard | None:
    """The same, with what it was; None for every other mail. Raises StoreError."""
    if row := _bounced(message, service):
        settle(row, Delivered(Delivery.FAILED, "the notice came back"), service)
        return Heard(row.client, Reason.NOTICE_BOUNCED)
    row = service.store.notice_of(message.references)
    case = service.store.case(row.code) if row else _named(message, service)
    if case is None:
        return None
    person = _person(message, row, case, service)
    client = case.case.client
    if _by_a_machine(message):
        return Heard(client, Reason.NOTICE_ECHO) if row else None
    if not person and row is None:
        return None
    if why := _doubt(message, person, row, case, service):
        _show(Reason.ANSWER_FORGED, f"an answer to case {case.code} that does nothing: {why}", message, case, service)
        return Heard(client, Reason.ANSWER_FORGED)
    return Heard(client, _answer(message, person, _asked_about(row, case, service), service))


def _bounced(message: Message, service: Service) -> NoticeRow | None:
    """The notice that a delivery report gives back for good."""
    report = message.report
    if report is None or not report.permanent:
        return None
    row = service.store.notice_of((*report.returned, *message.references))
    return row if row and row.state is not NoticeState.FAILED else None


def _named(message: Message, service: Service) -> QueueCase | None:
    """The case whose code stands in the subject, as notices write it."""
    found = CODE.search(message.subject[:SHOWN])
    return service.store.case(found[1]) if found else None


def _addresses(person: str, client: str, service: Service) -> frozenset[str]:
    ways = ways_of(person, client, service).values()
    return frozenset(way.lower() for way in ways if "@" in way and "://" not in way)


def _person(message: Message, row: NoticeRow | None, case: QueueCase, service: Service) -> str:
    """Who of the chain has this address: the one who was asked, first of all; "" for a stranger."""
    author = message.from_[0].lower() if len(message.from_) == 1 else ""
    people = sorted(agreed.people_of(case, service), key=lambda p: (row is None or p != row.notice.person, p))
    return next((p for p in people if author and author in _addresses(p, case.case.client, service)), "")


def _by_a_machine(message: Message) -> bool:
    """An absence notice of the contact is no answer: he has read nothing."""
    said = {value.strip().lower() for value in message.all("auto-submitted")}
    marks = message.has_any(("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response-suppress", "list-id"))
    bulk = {v.strip().lower() for v in message.all("precedence")} & {"bulk", "junk", "list", "auto_reply"}
    return bool(said - {"no"} or marks or bulk or message.report or message.return_path == "")


def _doubt(message: Message, person: str, row: NoticeRow | None, case: QueueCase, service: Service) -> str:
    """Why this may not be from who it says; "" when it may. Without a trusted server the thread has to prove it."""
    if not person:
        return "it comes from an address of nobody in the chain"
    if row and row.notice.person != person:
        return "somebody else was asked in this notice"
    if message.forwarded is not None:
        return "it was handed on by somebody else"
    if row and set(CODE.findall(message.subject[:SHOWN])) - {c.code for c in _asked_about(row, case, service)}:
        return "its subject names another case than the notice it answers"
    if row and _spent(row, service):
        return "it answers an old notice, which was answered before; a later one waits for its answer"
    return _unproven(message, row, service)


def _spent(row: NoticeRow, service: Service) -> bool:
    """Whether this person answered it before and was asked again since: an old answer that comes again is none."""
    person, events = row.notice.person, service.store.case_events(row.code)
    said = max((e.at for e in events if e.who == person and e.at >= row.made_at), default=None)
    later = (n for n in service.store.notices(row.code) if n.notice.person == person and n.id > row.id)
    return said is not None and any(n.notice.why not in ABOUT_ANSWERS and n.made_at > said for n in later)


def _asked_about(row: NoticeRow | None, case: QueueCase, service: Service) -> tuple[QueueCase, ...]:
    """Every case that the message told of which is answered; the first one is the one in its subject."""
    rows = service.store.notices_in(row.bundle) if row else ()
    others = (service.store.case(r.code) for r in rows if r.code != case.code)
    return (case, *(other for other in others if other))


def _unproven(message: Message, row: NoticeRow | None, service: Service) -> str:
    servers = service.rules.rulebook.own_servers
    proof = service.rules.tools.authenticate(message.all("authentication-results"), servers)
    if proof.failed:
        return "it does not come from where it says (DMARC)"
    if servers and (proof.dmarc != "pass" or proof.domain != domain_of(message.from_[0])):
        return "nothing proves that it comes from where it says (no DMARC pass)"
    if not servers and not row:
        return "it does not answer the notice itself"
    return disputed(message, proven=bool(servers))


def _answer(message: Message, person: str, cases: Sequence[QueueCase], service: Service) -> Reason:
    """The answer to every case of the message, or to those of them that it names."""
    own, case = split(message.text).own, cases[0]
    named = [c for c in cases if re.search(rf"\b{c.code}\b", own, re.IGNORECASE)]
    bare = re.sub("|".join(rf"\b{c.code}\b" for c in named) or "$^", "", own, flags=re.IGNORECASE)
    languages = _languages(person, case, service)
    spoken = read(bare, languages)
    if spoken is Spoken.UNCLEAR:
        _not_understood(own, message, person, case, service)
        return Reason.ANSWER_UNCLEAR
    until = _until(bare, message, languages) if spoken is Spoken.WAIT else None
    verb = "resolve" if spoken is Spoken.DONE else str(spoken)
    answer = chain.Answer(verb, until, note=clean(bare, SHOWN) if len(bare.split()) > 1 else "")
    for one in named or cases:
        said = chain.answer(service, one.code, person, answer, CONFIRMED_OVER)
        service.journal.info("a notice was answered", case=one.code, by=person, said=str(said.said))
    return Reason.NOTICE_ANSWERED


def _languages(person: str, case: QueueCase, service: Service) -> tuple[Language, ...]:
    known: Mapping[str, Language] = service.rules.rulebook.languages
    ruleset = ruleset_of(case.case.client, service)
    client = ruleset.client.languages if ruleset else ()
    codes = dict.fromkeys((service.rules.settings.assistant.language if person == ME else "", *client, *known))
    return tuple(known[code] for code in codes if code in known)


def _until(own: str, message: Message, languages: tuple[Language, ...]) -> datetime | None:
    """The date "it can wait until ..." names, when it names one that is still to come."""
    text = Text(own)
    named = (deadline(text, language, message.received) for language in languages)
    return next((n.at for n in named if n and n.sure and n.at > message.received + timedelta(minutes=1)), None)


def _not_understood(own: str, message: Message, person: str, case: QueueCase, service: Service) -> None:
    """Whoever answered hears that it was not understood; the assistant sees what a contact wrote."""
    if case.fresh and chain.look_at(case, service):
        case = service.store.case(case.code) or case
    chain.tell_about(case, person, CONFIRMED_OVER, str(Said.UNCLEAR), service)
    if person != ME:
        note = f"{person} answered case {case.code}, but plainly neither 1, 2 nor 3: {clean(own, SHOWN)}"
        _show(Reason.ANSWER_UNCLEAR, note, message, case, service, who=person)


def _show(reason: str, note: str, message: Message, case: QueueCase, service: Service, who: str = "") -> None:
    shown = who or clean(next(iter(message.from_), "nobody named"), 60)
    new = NewCase(case.case.client, reason, clean(note, 400), shown, clean(case.case.subject, 120))
    if not any(c.case == new for c in service.store.cases()):  # however often it comes, it is one thing to look at
        service.store.open_case(new, service.now())
    service.journal.warning("an answer to a notice was not taken", case=case.code, reason=reason)
