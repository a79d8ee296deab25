"""What leaves: the outbox and the escalation chain. Claim before DATA, confirm after (promise 1).

A courtesy that was claimed when somebody died is never sent again but shown to the assistant; an escalation notice is
sent again, with the same Message-ID, until somebody acknowledges.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from . import notices
from .core.egress import inspect
from .core.ledger import Entry, Mailbox, MailboxError, NewCase, OutboxItem, PostError, Sort, State
from .core.reasons import Reason
from .core.route import our_people
from .service import Service

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)
FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=5)
SENT, DRAFTS = "\\Sent", "\\Drafts"


def recover(service: Service) -> int:
    """At start: settles what was claimed when the service died; returns how many a person must look at."""
    shown = 0
    for item in service.store.interrupted():
        if item.mail.sort is Sort.COURTESY:
            shown += 1
            _unconfirmed(item, service, "the service stopped while it was being sent")
        else:
            service.store.settle(item.id, State.QUEUED)
    return shown


def _unconfirmed(item: OutboxItem, service: Service, why: str) -> None:
    service.store.settle(item.id, State.UNCONFIRMED)
    note = f'"{item.mail.template}" may or may not have left: {why}. Look into the Sent folder; it is not sent again.'
    _show(item, service, "unconfirmed", note)


def _show(item: OutboxItem, service: Service, reason: str, note: str) -> None:
    """Opens a case about a mail of ours; a mail about a case needs no other case."""
    if item.mail.sort is not Sort.COURTESY:
        return
    entry = service.store.entry(item.message) if item.message else None
    subject = entry.subject if entry else ""
    case = NewCase(item.mail.client, reason, note, item.mail.to, subject)
    service.store.open_case(case, service.now(), item.message)
    service.journal.warning("a reply needs you", client=item.mail.client, reason=reason, who=item.mail.to)


def send_due(service: Service) -> int:
    """Sends what is due, one after the other; returns how many left. A server that takes nothing is left in peace."""
    sent = 0
    if service.send and not resting(service):
        withdraw_answered(service)
    while service.send and not service.stopping() and not resting(service):
        item = service.store.claim(service.now())
        if item is None:
            break
        sent += _send(item, service)
    return sent


def resting(service: Service) -> bool:
    """Whether the server took no mail at all a moment ago: asking again for each mail would lock the account."""
    until = service.rest.until
    return until is not None and service.now() < until


def withdraw_answered(service: Service) -> int:
    """A courtesy is not sent when a person has answered while it waited; returns how many were dropped."""
    due = [item for item in service.store.outbox((State.QUEUED,)) if _is_due_courtesy(item, service)]
    about = {item.id: entry for item in due if item.message and (entry := service.store.entry(item.message))}
    answered = {(box, i) for box in {e.mailbox for e in about.values()} for i in _in_sent(box, about, service)}
    dropped = 0
    for item in due:
        entry = about.get(item.id)
        if entry and ((entry.mailbox, entry.message_id) in answered or _in_ledger(entry, service)):
            service.store.withdraw(item.id, Reason.ANSWERED)
            service.journal.info("dropped: a person has answered", client=item.mail.client, who=item.mail.to)
            dropped += 1
    return dropped


def _is_due_courtesy(item: OutboxItem, service: Service) -> bool:
    return item.mail.sort is Sort.COURTESY and item.mail.not_before <= service.now()


def _in_sent(name: str, about: Mapping[int, Entry], service: Service) -> frozenset[str]:
    """Which of these a person has answered from this mailbox. A server that cannot say it keeps nobody waiting."""
    mailbox = service.mailboxes.get(name)
    ids = [e.message_id for e in about.values() if e.mailbox == name and e.message_id]
    if mailbox is None or not ids:
        return frozenset()
    try:
        return mailbox.answered(ids)
    except MailboxError as error:
        service.journal.warning("nobody knows whether a person has answered", mailbox=name, fault=str(error))
        return frozenset()


def _in_ledger(entry: Entry, service: Service) -> bool:
    """Whether an answer of one of our people came into the inbox itself."""
    ruleset = notices.ruleset_of(entry.client, service)
    if ruleset is None or not entry.message_id:
        return False
    people = our_people(ruleset, service.rules.rulebook)
    return bool(service.store.answers(entry.client, (entry.message_id,), people))


def _send(item: OutboxItem, service: Service) -> bool:
    refusal = _may_not(item, service)
    if refusal:
        service.store.settle(item.id, State.STOPPED)
        _show(item, service, Reason.UNWRITABLE, refusal)
        return False
    try:
        service.post.send(item.mail.to, item.mail.raw)
    except PostError as error:
        _failed(item, error, service)
        return False
    service.rest.until, service.rest.failures = None, 0
    service.store.confirm(item.id, service.now())
    service.journal.info("sent", client=item.mail.client, reply=item.mail.template, who=item.mail.to)
    return True


def _may_not(item: OutboxItem, service: Service) -> str:
    """The gate, once more at the last moment: the secret, the form, and a courtesy that comes too late to help."""
    courtesy = item.mail.sort is Sort.COURTESY
    secrets = service.rules.rulebook.secrets if courtesy else ()
    if refused := inspect(item.mail.raw, item.mail.to, secrets):
        return f"it was stopped at the gate: {refused}"
    oldest = service.rules.rulebook.limits.oldest
    if courtesy and service.now() - item.mail.not_before > oldest:
        return f"it could not be sent for {oldest // timedelta(hours=1)} hours and would come too late"
    return ""


def _failed(item: OutboxItem, error: PostError, service: Service) -> None:
    service.journal.warning("not sent", client=item.mail.client, who=item.mail.to, fault=str(error))
    courtesy = item.mail.sort is Sort.COURTESY
    if error.everybody:
        _leave_in_peace(item, error, service)
    elif error.maybe_sent and courtesy:
        _unconfirmed(item, service, str(error))
    elif error.permanent and courtesy:
        service.store.fail(item.id, str(error), None)
        _show(item, service, "not-sent", f"the mail server refuses it: {error}")
    else:
        service.store.fail(item.id, str(error), service.now() + backoff(item.attempts))


def _leave_in_peace(item: OutboxItem, error: PostError, service: Service) -> None:
    """The mail is not to blame: it stays due, and nothing is tried for a while."""
    rest = service.rest
    rest.failures += 1
    rest.until = service.now() + min(FIRST_REST * (1 << min(rest.failures - 1, 5)), LONGEST_REST)
    service.store.fail(item.id, str(error), rest.until)


def backoff(attempts: int) -> timedelta:
    """One minute, two, four … at most an hour."""
    doublings = min(max(attempts - 1, 0), 10)
    return min(FIRST_RETRY * (1 << doublings), LONGEST_RETRY)


def escalate(service: Service) -> int:
    """Tells the next one in the chain of every emergency nobody has taken; returns how many notices were queued."""
    now, told = service.now(), 0
    for case in service.store.escalations_due(now):
        with service.store.transaction():
            step = notices.next_notice(case, service, now)
            service.store.queue_mail(step.mail)
            service.store.stepped(case.code, step.step, step.due)
        told += 1
        service.journal.warning("emergency", case=case.code, client=case.case.client, told=step.to, step=case.step)
    return told


def file_copies(mailbox: Mailbox, service: Service) -> int:
    """Copies of what left into Sent, drafts into Drafts, so that people see what was said in their name."""
    filed = 0
    for item in service.store.unfiled():
        folder = DRAFTS if item.state is State.DRAFT else SENT
        try:
            mailbox.file(item.mail.raw, folder)
        except MailboxError as error:
            service.journal.warning("no copy kept", folder=folder, fault=str(error))
            return filed
        service.store.filed(item.id, service.now())
        filed += 1
    return filed


def next_due(service: Service, now: datetime) -> datetime | None:
    """When the next queued mail is due, so that nobody sleeps past it."""
    waiting = [item.mail.not_before for item in service.store.outbox((State.QUEUED,))]
    return max(min(waiting), service.rest.until or now, now) if waiting else None
