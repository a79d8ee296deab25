"""The interview before an absence: what was asked most goes to the principal by mail; his answers become proposals.

A proposal is shown to the assistant (`vamaild away interview`), and does nothing until she puts it into the file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .core import wording
from .core.egress import inspect
from .core.inline import answers
from .core.interview import Coverage, Question, from_values, proposed, to_values
from .core.interview import coverage as covered
from .core.ledger import Entry, NewCase, Outgoing, Sort
from .core.letter import Envelope, clean, key_for, to_bytes
from .core.message import Message
from .core.reasons import Reason
from .core.route import find_person
from .core.ruleset import RuleSet
from .hearing import Heard
from .principal import address_of, speaks
from .service import Service

KEPT, TEMPLATE, DAYS = "interview", "note-interview", 90


@dataclass(frozen=True, slots=True)
class Interview:
    """What was asked, when (None: not yet), and what came back, by label."""

    questions: tuple[Question, ...]
    sent: datetime | None
    answers: Mapping[str, str]
    key: str = ""

    @property
    def proposal(self) -> str:
        """The answered pages, as they would stand in the client's file."""
        return proposed(self.questions, self.answers)


def coverage(entries: Iterable[Entry], ruleset: RuleSet, service: Service) -> Coverage:
    """What these messages asked, and how much of it the manual answers."""
    return covered(entries, service.rules.rulebook.languages, ruleset.situations)


def known(ruleset: RuleSet, service: Service) -> Coverage:
    """The same of the last 90 days."""
    since, client = service.now() - timedelta(days=DAYS), ruleset.client.id
    entries = service.store.decided_between(since, service.now() + timedelta(microseconds=1))
    return coverage((e for e in entries if e.client == client), ruleset, service)


def kept(client: str, service: Service) -> Interview | None:
    """The last interview of this client."""
    found = service.store.away_kept(client, KEPT)
    if found is None:
        return None
    value = found[1]
    said = value.get("answers")
    sent = datetime.fromisoformat(str(value["sent"]))
    return Interview(
        from_values(value.get("questions")), sent, said if isinstance(said, dict) else {}, str(value["key"])
    )


def send(ruleset: RuleSet, questions: tuple[Question, ...], service: Service) -> str:
    """Queues the mail to the principal; returns his address. Raises TemplateError, ValueError when it may not leave."""
    to, client, now = address_of(ruleset), ruleset.client, service.now()
    if not to:
        raise ValueError("nobody knows where the principal reads: write a [[person]] with the role principal")
    assistant, sender = service.rules.rulebook.assistant, service.rules.sending.address
    here = now.astimezone(ZoneInfo(client.timezone))
    common = wording.common(ruleset, assistant, find_person(ruleset, to), "", here, True)
    words = {"count": len(questions), "days": DAYS, "lines": lines(questions)}
    letter = service.rules.tools.render(TEMPLATE, client.language, client.id, {**common, "interview": words})
    key = key_for(KEPT, client.id, now.isoformat(), domain=sender.rpartition("@")[2])
    envelope = Envelope(assistant.name, sender, to, key, language=client.language, auto="auto-generated")
    raw = to_bytes(letter, envelope, here)
    if refused := inspect(raw, to, service.rules.rulebook.secrets):
        raise ValueError(f"the interview may not leave: {refused}")
    with service.store.transaction():
        _keep(client.id, key, now, questions, {}, service)
        service.store.queue_mail(Outgoing(key, Sort.NOTE, to, raw, now, client.id, TEMPLATE))
    return to


def lines(questions: Iterable[Question]) -> str:
    """One line a question; he writes below it."""
    return "\n\n".join(f"[{q.label}] {q.words} ({q.count})" for q in questions)


def _keep(
    client: str, key: str, sent: datetime, questions: Iterable[Question], said: Mapping[str, str], service: Service
) -> None:
    value = {"key": key, "sent": sent.isoformat(), "questions": to_values(questions), "answers": dict(said)}
    service.store.keep_away(client, KEPT, value, service.now())


def hear(message: Message, service: Service) -> Heard | None:
    """An answer to the interview, dealt with; None for every other mail. Only in its thread, and only if proven his."""
    who = speaks(message, service) if message.references else None
    found = kept(who.ruleset.client.id, service) if who else None
    if who is None or found is None or found.sent is None or found.key not in message.references:
        return None
    client = who.ruleset.client.id
    if who.doubt:
        _show(
            client, Reason.ANSWER_FORGED, f"an answer to the interview that does nothing: {who.doubt}", message, service
        )
        return Heard(client, Reason.ANSWER_FORGED)
    said = dict(found.answers) | answers(message.text, [q.label for q in found.questions])
    _keep(client, found.key, found.sent, found.questions, said, service)
    note = f"{len(said)} of {len(found.questions)} questions are answered. See them: vamaild away interview {client}"
    _show(client, Reason.PRINCIPAL_SAYS, note if said else clean(message.text, 300), message, service)
    return Heard(client, Reason.PRINCIPAL_SAYS)


def _show(client: str, reason: Reason, note: str, message: Message, service: Service) -> None:
    case = NewCase(client, reason, clean(note, 400), clean(message.from_[0], 60), clean(message.subject, 120))
    service.store.open_case(case, service.now())
