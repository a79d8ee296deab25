"""The promise ledger at work: who was told a date or an hour, whether it was kept, and the reminder before it is due.

A promise is kept by a person: an answer in the thread, in the Sent folder or in the inbox itself. Nothing is promised
as long as the reply that names the date waits or is a draft.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import policy
from email.errors import MessageError
from email.parser import BytesHeaderParser
from zoneinfo import ZoneInfo

from . import notes
from .core.ledger import Entry, Mailbox, MailboxError, Outgoing, State, for_the_log
from .core.letter import TemplateError, key_for
from .core.promise import Promise, PromiseState
from .core.promises import ended, is_late
from .core.route import our_people
from .notices import ruleset_of
from .service import Service
from .thread import Thread, sender_of, write

NOTE, UPDATE = "note-promise", "status-update"
RUN, EVERY = "promises", timedelta(minutes=5)
ME = "me"


@dataclass(frozen=True, slots=True)
class Owed:
    """A promise that stands, and whether it is past due."""

    promise: Promise
    late: bool


def owed(service: Service, now: datetime, client: str = "") -> tuple[Owed, ...]:
    """What is promised and not kept yet, the first due first; `now` is aware."""
    waiting = _not_said(service)
    standing = (p for p in service.store.promises(client=client) if _about(p) not in waiting)
    return tuple(Owed(p, is_late(p, now)) for p in standing)


def _about(promise: Promise) -> tuple[int | None, str]:
    return promise.message, promise.promise.template


def _not_said(service: Service) -> frozenset[tuple[int | None, str]]:
    """The replies that nobody has been sent, as (ledger row, text)."""
    return frozenset((i.message, i.mail.template) for i in service.store.outbox((State.QUEUED, State.DRAFT)))


def watch(service: Service) -> int:
    """Ends what was kept, and reminds of what is due; returns how many reminders were given. Raises StoreError.

    The Sent folders are looked into every five minutes, and before each reminder.
    """
    store, now = service.store, service.now()
    due = store.reminders_due(now)
    last = store.last_run(RUN)
    if not due and last is not None and timedelta() <= now - last < EVERY:
        return 0
    store.ran(RUN, now)
    waiting = _not_said(service)
    standing = [p for p in store.promises() if _about(p) not in waiting]
    kept = _keep(standing, service, now)
    return sum(_remind(p, service, now) for p in due if p.id not in kept and _about(p) not in waiting)


def _keep(standing: Sequence[Promise], service: Service, now: datetime) -> frozenset[int]:
    """Ends every promise whose message a person has answered; returns their numbers."""
    found = set()
    about = {p.message: entry for p in standing if (entry := service.store.entry(p.message))}
    sent = _in_sent(tuple(about.values()), service)
    for promise in standing:
        entry = about.get(promise.message)
        at = _answered_at(promise, entry, sent, service, now) if entry else None
        if at is not None:
            found.add(promise.id)
            end(promise, ended(promise.promise.due, at), at, service)
    return frozenset(found)


def _in_sent(entries: Sequence[Entry], service: Service) -> frozenset[tuple[str, str]]:
    """(mailbox, Message-ID) of what a person has answered from there. A server that cannot say it is asked again."""
    found: set[tuple[str, str]] = set()
    for name in dict.fromkeys(e.mailbox for e in entries):
        mailbox = service.mailboxes.get(name)
        ids = [e.message_id for e in entries if e.mailbox == name and e.message_id]
        if mailbox is None or not ids:
            continue
        try:
            found |= {(name, i) for i in mailbox.answered(ids)}
        except MailboxError as error:
            service.journal.warning("nobody knows which promises were kept", mailbox=name, fault=for_the_log(error))
    return frozenset(found)


def _answered_at(
    promise: Promise, entry: Entry, sent: frozenset[tuple[str, str]], service: Service, now: datetime
) -> datetime | None:
    """When a person answered; `now` where that is not known. None when nobody has."""
    if (entry.mailbox, entry.message_id) in sent:
        return _moment(service.mailboxes[entry.mailbox], promise, entry, now)
    ruleset = ruleset_of(entry.client, service)
    if ruleset is None or not entry.message_id:
        return None
    people = our_people(ruleset, service.rules.rulebook)
    return now if service.store.answers(entry.client, (entry.message_id,), people) else None


def _moment(mailbox: Mailbox, promise: Promise, entry: Entry, now: datetime) -> datetime:
    """The Date of the answer that lies in Sent, when it is believable; our ready text has that of the reminder."""
    try:
        raw = mailbox.sent_answer(entry.message_id)
        mail = BytesHeaderParser(policy=policy.default).parsebytes(raw) if raw else None
        at = mail["Date"].datetime if mail else None
        ours = str(mail["Message-ID"]).strip() if mail else ""
    except (MailboxError, MessageError, ValueError, LookupError, TypeError, AttributeError):
        return now
    if ours and ours == _key(promise, ours):
        return now
    if isinstance(at, datetime) and at.tzinfo is not None and entry.received <= at <= now:
        return at
    return now


def end(promise: Promise, state: PromiseState, at: datetime, service: Service) -> bool:
    """It ended then, in this state; a text for it that nobody has sent is needed no more. False when it was not open.

    `at` is aware. Raises StoreError.
    """
    with service.store.transaction():
        if not service.store.end_promise(promise.id, state, at.astimezone(UTC)):
            return False
        for item in service.store.outbox((State.DRAFT,)):
            if item.mail.template == UPDATE and item.mail.key == _key(promise, item.mail.key):
                service.store.settle(item.id, State.STOPPED)
    service.journal.info("promise", client=promise.promise.client, state=str(state))
    return True


def _tag(promise: Promise) -> str:
    return f"promise {promise.id} {promise.made_at.astimezone(UTC).isoformat()}"


def _key(promise: Promise, like: str) -> str:
    """The Message-ID of the text for this promise, in the domain of this other one."""
    return key_for(promise.promise.client, _tag(promise), UPDATE, domain=like.rpartition("@")[2].rstrip(">"))


def _remind(promise: Promise, service: Service, now: datetime) -> int:
    """The note, the ready text, and that both were given: in one transaction, so that a crash doubles nothing."""
    with service.store.transaction():
        draft = _draft(promise, service, now)
        if draft:
            service.store.queue_mail(draft)
        words = _words(promise, draft is not None, service, now)
        notes.queue(NOTE, (_tag(promise),), words, service)
        service.store.reminded(promise.id, now)
    service.journal.info("reminded of a promise", client=promise.promise.client)
    return 1


def _draft(promise: Promise, service: Service, now: datetime) -> Outgoing | None:
    """What may be sent with one press: where things stand. None for what a colleague promised, and in a lost thread."""
    told, entry = promise.promise, service.store.entry(promise.message)
    ruleset = ruleset_of(told.client, service)
    if told.owner != ME or entry is None or ruleset is None:
        return None
    language = entry.language or ruleset.client.language
    thread = Thread(entry, told.to, ruleset, language, sender_of(entry, service), (_tag(promise),))
    due = told.due.astimezone(thread.zone)
    named: dict[str, object] = {"promise": {"at": due}} if told.hour else {"lead": {"ready_on": due.date()}}
    try:
        return write(UPDATE, named | {"status_text": ""}, thread, service, now, draft=True)
    except (TemplateError, ValueError) as error:
        service.journal.warning("no text for a promise", client=told.client, fault=str(error))
        return None


def _words(promise: Promise, drafted: bool, service: Service, now: datetime) -> Mapping[str, object]:
    told, entry = promise.promise, service.store.entry(promise.message)
    ruleset = ruleset_of(told.client, service)
    who = str(entry.explanation.get("who") or told.to) if entry else told.to
    zone = ZoneInfo(service.rules.settings.assistant.timezone)
    return {
        "case": {
            "who": who,
            "subject": told.what or (entry.subject if entry else ""),
            "client": ruleset.client.name if ruleset else told.client,
            "next": told.to if drafted else "",
            "doubtful": is_late(promise, now),
        },
        "promise": {"at": told.due.astimezone(zone)},
    }
