"""A later mail in a customer's thread: the confirmation of a rush, the promised news. Same sender, same subject, same
language and tone as the reply that went first (RFC 5322 section 3.6.4, RFC 3834)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.errors import MessageError
from zoneinfo import ZoneInfo

from .core import wording
from .core.drafting import for_a_person
from .core.egress import inspect
from .core.ledger import Entry, OutboxItem, Outgoing, Sort, State, Store
from .core.letter import Envelope, key_for, to_bytes
from .core.route import find_person
from .core.ruleset import RuleSet
from .service import Service


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a mail goes: the ledger row it answers, to whom, whose client, in which language, as which sender.

    `about` names what the mail tells, so that it is written once; `subject` is that of the row where none is given.
    """

    entry: Entry
    to: str
    ruleset: RuleSet
    language: str
    sender: str
    about: tuple[str, ...]
    subject: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.ruleset.client.timezone)


def row_of(item: OutboxItem, store: Store) -> int:
    """The ledger row a mail is about: the message it answers, else that of its case; 0 for none."""
    case = store.case(item.mail.case) if item.message is None and item.mail.case else None
    return item.message or (case.message if case and case.message else 0)


def sender_of(entry: Entry, service: Service) -> str:
    """The address our first reply in this thread came from; the sender of last resort where there is none."""
    for mail in entry.outgoing:
        try:
            named = message_from_bytes(mail.raw, policy=policy.default)["From"]
            if named and named.addresses:
                return str(named.addresses[0].addr_spec)
        except (MessageError, ValueError, LookupError, TypeError, AttributeError):
            continue
    return service.rules.sending.address


def write(
    template: str, words: Mapping[str, object], thread: Thread, service: Service, now: datetime, *, draft: bool = False
) -> Outgoing:
    """The mail, ready for the outbox; a draft has no header of an automatic reply, for a person will send it.

    Raises TemplateError, and ValueError when it may not leave.
    """
    rules, ruleset = service.rules, thread.ruleset
    assistant = rules.rulebook.assistant
    person = find_person(ruleset, thread.to.lower())
    subject = thread.subject or thread.entry.subject
    known = wording.common(ruleset, assistant, person, subject, now.astimezone(thread.zone), False)
    letter = rules.tools.render(template, thread.language, ruleset.client.id, known | dict(words))
    key = key_for(ruleset.client.id, *thread.about, template, domain=thread.sender.rpartition("@")[2])
    entry = thread.entry
    envelope = Envelope(
        assistant.name, thread.sender, thread.to, key, entry.message_id, entry.references, thread.language
    )
    raw = to_bytes(letter, envelope, now.astimezone(thread.zone))
    if refused := inspect(raw, thread.to, rules.rulebook.secrets):
        raise ValueError(f"{template} may not leave: {refused}")
    wait, state = (timedelta(), State.DRAFT) if draft else (rules.sending.wait, State.QUEUED)
    return Outgoing(
        key,
        Sort.COURTESY,
        thread.to,
        for_a_person(raw) if draft else raw,
        now + wait,
        ruleset.client.id,
        template,
        state,
    )
