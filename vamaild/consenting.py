"""A colleague is asked whether customers may be told of him, and what he answers by mail is read.

Only a plain yes in his own new words, from his address, in answer to our question, counts as agreed. The same holds for
what he answers to a matter that was handed over to him. Whatever else refers to these mails does nothing but show
itself to the assistant.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from . import handing, leaving
from .core import answers, wording
from .core.cases import NewCase
from .core.consent import Spoken, spoken
from .core.egress import inspect
from .core.handover import Consent, Forward, Said, Stage
from .core.ledger import Outgoing, Sort
from .core.letter import Envelope, clean, key_for, to_bytes
from .core.message import Message
from .core.newtext import split
from .core.reasons import Reason
from .core.ruleset import Colleague, Language, RuleSet
from .core.sameness import domain_of
from .core.sender import disputed
from .core.words import Text
from .hearing import Heard
from .notices import ruleset_of
from .service import Service

QUESTION = "notice-consent"
SHOWN = 200
SAID = {Spoken.YES: Said.YES, Spoken.NO: Said.NO}


# ---- asking


def ask(colleague: Colleague, ruleset: RuleSet, service: Service, now: datetime) -> Consent:
    """Queues the question and keeps that he was asked; an answer to an earlier one counts no more.

    `now` is aware. Raises TemplateError, ValueError when it may not leave, and StoreError.
    """
    rules, client = service.rules, ruleset.client
    sender, zone = rules.sending.address, ZoneInfo(client.timezone)
    absence = leaving.standing(ruleset, service).absence
    words = wording.common(ruleset, rules.rulebook.assistant, None, "", now.astimezone(zone)) | {
        "colleague": wording.colleague_words(colleague, client.language),
        "consent": {
            "what": colleague.what.get(client.language) or colleague.role.get(client.language, ""),
            "way": colleague.hand_over,
            "first": (absence.first if absence else None) or "",
            "back": (absence.back if absence else None) or "",
        },
    }
    letter = rules.tools.render(QUESTION, client.language, client.id, words)
    key = key_for(client.id, QUESTION, colleague.email, now.isoformat(), domain=sender.rpartition("@")[2])
    name = rules.rulebook.assistant.name
    envelope = Envelope(name, sender, colleague.email, key, language=client.language, auto="auto-generated")
    raw = to_bytes(letter, envelope, now.astimezone(zone))
    if refused := inspect(raw, colleague.email, handing.secrets_but(colleague.email, service)):
        raise ValueError(f"{QUESTION} may not leave: {refused}")
    asked = Consent(client.id, colleague.email, colleague.name, key, now)
    with service.store.transaction():
        service.store.queue_mail(Outgoing(key, Sort.NOTE, colleague.email, raw, now, client.id, QUESTION))
        service.store.ask_consent(asked)
    return asked


# ---- hearing


@dataclass(frozen=True, slots=True)
class _Question:
    """What a mail of somebody answers: a consent, or a matter with the address that was asked."""

    client: str
    email: str
    about: Consent | Forward


def hear(message: Message, service: Service) -> Heard | None:
    """A mail about one of these questions, dealt with; None for every other mail. Raises StoreError.

    Belongs into the transaction of the message's ledger row.
    """
    if found := _bounced(message, service):
        _came_back(found, service)
        return Heard(found.client, Reason.NOTICE_BOUNCED)
    question = _asked_in(message.references, service)
    if question is None:
        return None
    if _by_a_machine(message):
        return Heard(question.client, Reason.NOTICE_ECHO)
    if why := _doubt(message, question, service):
        note = f"an answer in the name of {question.email} that does nothing: {why}"
        _show(Reason.ANSWER_FORGED, note, message, question, service)
        return Heard(question.client, Reason.ANSWER_FORGED)
    own = split(message.text).own
    if isinstance(question.about, Consent):
        return Heard(question.client, _consented(question.about, own, message, question, service))
    return Heard(question.client, _answered(question.about, own, message, question, service))


def _asked_in(ids: tuple[str, ...], service: Service) -> _Question | None:
    if consent := service.store.consent_of(ids):
        return _Question(consent.client, consent.email, consent)
    found = service.store.forward_of(ids)
    return _Question(found[0].client, found[1], found[0]) if found else None


def _bounced(message: Message, service: Service) -> _Question | None:
    report = message.report
    return _asked_in((*report.returned, *message.references), service) if report and report.permanent else None


def _came_back(question: _Question, service: Service) -> None:
    """Mail to him does not arrive: the matter goes on at once, and nobody is told that he has agreed."""
    if isinstance(question.about, Forward):
        handing.pass_on(question.about, question.email, "mail to this address came back", service)
        return
    service.store.answer_consent(question.about.key, Said.UNCLEAR, service.now())
    note = f"the question to {question.about.name} ({question.email}) came back: is the address right?"
    service.store.open_case(NewCase(question.client, Reason.HANDED_BACK, note, question.about.name, ""), service.now())


def _by_a_machine(message: Message) -> bool:
    """An absence notice is no answer: he has read nothing."""
    said = {value.strip().lower() for value in message.all("auto-submitted")}
    marks = message.has_any(("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response-suppress", "list-id"))
    bulk = {v.strip().lower() for v in message.all("precedence")} & {"bulk", "junk", "list", "auto_reply"}
    return bool(said - {"no"} or marks or bulk or message.report or message.return_path == "")


def _doubt(message: Message, question: _Question, service: Service) -> str:
    """Why this may not be from who was asked; "" when it may. Where our server proves senders, it must have."""
    if message.from_ != (question.email.lower(),):
        return "it comes from another address"
    if message.forwarded is not None:
        return "it was handed on by somebody else"
    servers = service.rules.rulebook.own_servers
    proof = service.rules.tools.authenticate(message.all("authentication-results"), servers)
    if proof.failed:
        return "it does not come from where it says (DMARC)"
    if servers and (proof.dmarc != "pass" or proof.domain != domain_of(question.email)):
        return "nothing proves that it comes from where it says (no DMARC pass)"
    return disputed(message, proven=bool(servers))


def _languages(client: str, service: Service) -> tuple[Language, ...]:
    """The client's first, then every other that is known."""
    ruleset, known = ruleset_of(client, service), service.rules.rulebook.languages
    codes = dict.fromkeys((*(ruleset.client.languages if ruleset else ()), *known))
    return tuple(known[code] for code in codes if code in known)


def _consented(consent: Consent, own: str, message: Message, question: _Question, service: Service) -> Reason:
    said = SAID.get(spoken(Text(own), _languages(consent.client, service)), Said.UNCLEAR)
    if consent.said in (Said.YES, Said.NO) and said is Said.UNCLEAR:
        _show(Reason.ANSWER_UNCLEAR, f"{consent.name} writes: {clean(own, SHOWN)}", message, question, service)
        return Reason.ANSWER_UNCLEAR  # "thanks, see you" after a yes takes nothing back
    service.store.answer_consent(consent.key, said, service.now())
    service.journal.info("a colleague has answered", client=consent.client, said=str(said))
    if said is Said.YES:
        return Reason.NOTICE_ANSWERED
    how = "says no" if said is Said.NO else "answered, but neither a plain yes nor a plain no"
    note = f"{consent.name} {how}, so customers are not told of him: {clean(own, SHOWN)}"
    _show(Reason.ANSWER_UNCLEAR if said is Said.UNCLEAR else Reason.HANDED_BACK, note, message, question, service)
    return Reason.NOTICE_ANSWERED if said is Said.NO else Reason.ANSWER_UNCLEAR


def _answered(forward: Forward, own: str, message: Message, question: _Question, service: Service) -> Reason:
    """What he makes of a matter: he takes it, somebody else must, or a person reads what he says."""
    his = forward.email.lower() == question.email.lower() and forward.stage in (Stage.HANDED, Stage.TAKEN)
    languages = _languages(forward.client, service)
    said = (answers.read(own, languages), spoken(Text(own), languages))
    if his and (said[0] is answers.Spoken.PASS_ON or (said[1] is Spoken.NO and said[0] is not answers.Spoken.TAKE)):
        handing.pass_on(forward, question.email, "he cannot", service)
        return Reason.NOTICE_ANSWERED
    plain = said[0] is answers.Spoken.TAKE or (said[1] is Spoken.YES and not said[0])
    if his and forward.stage is Stage.HANDED:  # he has read it: whatever he says, his clock stands still
        service.store.move_forward(replace(forward, stage=Stage.TAKEN, due=None), Stage.HANDED)
        service.journal.info("a colleague takes a matter", client=forward.client, plain=plain)
    if his and plain:
        return Reason.NOTICE_ANSWERED
    late = "" if his else ", but the matter is not his any more"
    note = f"{question.email} writes about a matter that was handed over{late}: {clean(own, SHOWN)}"
    _show(Reason.ANSWER_UNCLEAR, note, message, question, service)
    return Reason.ANSWER_UNCLEAR


def _show(reason: Reason, note: str, message: Message, question: _Question, service: Service) -> None:
    who = clean(message.from_name or next(iter(message.from_), "nobody named"), 60)
    case = NewCase(question.client, reason, clean(note, 400), who, clean(message.subject, 120))
    service.store.open_case(case, service.now())
    service.journal.warning("an answer of a colleague needs you", client=question.client, reason=str(reason))
