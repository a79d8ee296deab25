"""What leaves: the outbox. Claim before DATA, confirm after (promise 1).

A courtesy that was claimed when somebody died is never sent again but shown to the assistant; an escalation notice is
sent again, with the same Message-ID, until somebody acknowledges.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import repeat
from typing import Protocol, runtime_checkable

from . import grace, rushes, signin
from .core.drafting import for_a_person
from .core.earlier import Earlier
from .core.egress import BETRAYS
from .core.gauges import NOT_SENT
from .core.gauges import SENT as SENT_MAILS
from .core.ledger import Mailbox, MailboxError, NewCase, OutboxItem, PostError, Sort, State, for_the_log, held_by
from .core.reasons import Reason
from .core.signin import SEND as SEND_SIGN_IN
from .core.trust import Pause
from .patience import file_all
from .service import Service
from .thread import row_of

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)
FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=5)
SENT, DRAFTS = "\\Sent", "\\Drafts"
FILED = 20
"""So many copies are filed in one go."""


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
    """Opens a case about a mail of ours; a mail about a case needs no other case, unless it betrays the secret."""
    if item.mail.sort is not Sort.COURTESY and reason != Reason.SECRET:
        return
    entry = service.store.entry(item.message) if item.message else None
    subject = entry.subject if entry else ""
    case = NewCase(item.mail.client, reason, note, item.mail.to, subject)
    service.store.open_case(case, service.now(), item.message)
    service.journal.warning("a reply needs you", client=item.mail.client, reason=reason, who=item.mail.to)


def send_due(service: Service, seconds: float = float("inf")) -> int:
    """Sends what is due, one after the other; returns how many left. A server that takes nothing is left in peace.

    After so many seconds no other mail is begun: emergencies that have come meanwhile overtake what waits.
    """
    sent, ends = 0, time.monotonic() + seconds
    _give_up_paused(service)
    if service.send and not resting(service):
        withdraw_answered(service)
    while service.send and not service.stopping() and not resting(service) and time.monotonic() < ends:
        items = _claim(service)
        if not items:
            break
        service.alive()
        sent += _send(items, service)
    return sent


def resting(service: Service) -> bool:
    """Whether the server took no mail at all a moment ago: asking again for each mail would lock the account."""
    until = service.rest.until
    return until is not None and service.now() < until


def set_back(service: Service, back: timedelta) -> None:
    """The clock was put back by so much: what waits, and the rest of the server, last no longer for that."""
    service.store.set_back(service.now(), back)
    if service.rest.until is not None:
        service.rest.until -= back


def withdraw_answered(service: Service) -> int:
    """A courtesy is not sent when a person has answered while it waited; returns how many were dropped."""
    pauses = service.store.pauses(service.now())
    queued = service.store.outbox((State.QUEUED,))
    return grace.withdraw_answered(service, [item for item in queued if _is_due_courtesy(item, pauses, service)])


def _is_due_courtesy(item: OutboxItem, pauses: Sequence[Pause], service: Service) -> bool:
    due = item.mail.sort is Sort.COURTESY and item.mail.not_before <= service.now()
    return due and not held_by(item.mail, pauses)


def _give_up_paused(service: Service) -> None:
    """What a pause has held too long is a person's: after it, it would come too late."""
    pauses = service.store.pauses(service.now())
    held = service.store.outbox((State.QUEUED,)) if pauses else ()
    about = _answered_by(held, service)
    for item in held:
        if held_by(item.mail, pauses) and (why := _too_late(item, about, service)):
            _stop(item, Reason.TOO_OLD, why, service)


def _stop(item: OutboxItem, reason: Reason, why: str, service: Service) -> None:
    """It does not leave: whoever it was for has heard nothing, so the message waits for a person."""
    with service.store.transaction():
        service.store.withdraw(item.id, reason)
        service.store.reopen(row_of(item, service.store), reason)
        if not rushes.stopped(service, item, service.now(), why):
            _show(item, service, reason, why)


@runtime_checkable
class Pipelining(Protocol):
    """A way out that may have several mails under way at once; see `adapters.post.SmtpPost`."""

    @property
    def window(self) -> int: ...
    def send_all(self, mails: Sequence[tuple[str, bytes]]) -> Iterator[PostError | None]: ...


def _claim(service: Service) -> list[OutboxItem]:
    """The next mail; several, in one transaction, where the server takes several at once."""
    most = service.post.window if isinstance(service.post, Pipelining) else 1
    return list(service.store.claim_all(service.now(), most))


def _send(items: Sequence[OutboxItem], service: Service) -> int:
    """What is claimed; of each it is kept what became of it as soon as that is known. Returns how many left."""
    sent = 0
    passed = []
    about = _answered_by(items, service)
    for item in items:
        if refused := _may_not(item, about, service):
            _stop(item, *refused, service)
        else:
            passed.append(item)
    for item, error in zip(passed, _hand_over(passed, service), strict=False):
        if error is None:
            _left(item, service)
            sent += 1
            if sent == 1:
                signin.fine(SEND_SIGN_IN, service)
        elif error.everybody and resting(service):
            service.store.fail(item.id, str(error), service.rest.until)
        else:
            _failed(item, error, service)
    return sent


def _hand_over(items: Sequence[OutboxItem], service: Service) -> Iterator[PostError | None]:
    """What became of each: None when it was taken."""
    post = service.post
    try:
        if len(items) > 1 and isinstance(post, Pipelining):
            yield from post.send_all([(item.mail.to, item.mail.raw) for item in items])
            return
        for item in items:
            post.send(item.mail.to, item.mail.raw)
            yield None
    except PostError as error:
        yield from repeat(error)


def _left(item: OutboxItem, service: Service) -> None:
    service.rest.until, service.rest.failures = None, 0
    service.store.confirm(item.id, service.now())
    service.metrics.count(SENT_MAILS, client=item.mail.client or "-", sort=str(item.mail.sort))
    service.journal.info("sent", client=item.mail.client, reply=item.mail.template, who=item.mail.to)


def _may_not(item: OutboxItem, about: Mapping[int, Earlier], service: Service) -> tuple[Reason, str] | None:
    """The gate, once more at the last moment: the secret, the form, and a courtesy that comes too late to help."""
    courtesy = item.mail.sort is Sort.COURTESY
    if refused := service.gate.inspect(item.mail.raw, item.mail.to, _forbidden(item, service)):
        reason = Reason.SECRET if refused.startswith(BETRAYS) else Reason.UNWRITABLE
        return reason, f"it was stopped at the gate: {refused}"
    late = _too_late(item, about, service) if courtesy else ""
    return (Reason.TOO_OLD, late) if late else None


def _forbidden(item: OutboxItem, service: Service) -> tuple[str, ...]:
    """What this mail must not hold: of an emergency nothing is kept back, and of a note not her own address."""
    secrets = service.rules.rulebook.secrets
    if item.mail.sort is Sort.NOTE:
        return tuple(s for s in secrets if s.lower() != item.mail.to.lower())
    return secrets if item.mail.sort is Sort.COURTESY else ()


def _too_late(item: OutboxItem, about: Mapping[int, Earlier], service: Service) -> str:
    """Why it would come too late, "" when it does not. It is as old as the decision, however often it was tried."""
    entry = about.get(item.message or 0)
    made = min(entry.decided_at, item.mail.not_before) if entry else item.mail.not_before
    oldest = service.rules.rulebook.limits.oldest
    if service.now() - made <= oldest:
        return ""
    return f"it could not be sent for {oldest // timedelta(hours=1)} hours and would come too late"


def _failed(item: OutboxItem, error: PostError, service: Service) -> None:
    service.journal.warning("not sent", client=item.mail.client, who=item.mail.to, fault=for_the_log(error))
    service.metrics.count(NOT_SENT, client=item.mail.client or "-", sort=str(item.mail.sort))
    courtesy = item.mail.sort is Sort.COURTESY
    if error.everybody:
        _leave_in_peace(item, error, service)
    elif error.maybe_sent and courtesy:
        _unconfirmed(item, service, str(error))
    elif error.permanent and courtesy:
        _refused(item, f"the mail server refuses it: {error}", service)
    else:
        service.store.fail(item.id, str(error), service.now() + backoff(item.attempts))


def _refused(item: OutboxItem, why: str, service: Service) -> None:
    with service.store.transaction():
        service.store.fail(item.id, why, None)
        service.store.reopen(row_of(item, service.store), Reason.NOT_SENT)
        if not rushes.stopped(service, item, service.now(), why):
            _show(item, service, Reason.NOT_SENT, why)


def _leave_in_peace(item: OutboxItem, error: PostError, service: Service) -> None:
    """The mail is not to blame: it stays due, and nothing is tried for a while."""
    signin.refused(SEND_SIGN_IN, error, service)
    rest = service.rest
    rest.failures += 1
    rest.until = service.now() + min(FIRST_REST * (1 << min(rest.failures - 1, 5)), LONGEST_REST)
    service.store.fail(item.id, str(error), rest.until)


def backoff(attempts: int) -> timedelta:
    """One minute, two, four … at most an hour."""
    doublings = min(max(attempts - 1, 0), 10)
    return min(FIRST_RETRY * (1 << doublings), LONGEST_RETRY)


def file_copies(mailbox: Mailbox, service: Service) -> int:
    """Copies of what left into Sent, drafts into Drafts of the mailbox that was written to, so that people see them."""
    _drop_answered_drafts(mailbox, service)
    copies: dict[str, list[tuple[OutboxItem, bytes]]] = {SENT: [], DRAFTS: []}
    for item in _unfiled(mailbox, service):
        is_draft = item.state is State.DRAFT
        folder, raw = (DRAFTS, for_a_person(item.mail.raw)) if is_draft else (SENT, item.mail.raw)
        if betrayed := service.gate.betrays(raw, service.rules.rulebook.secrets):
            _keep_here(item, betrayed, service)
        else:
            copies[folder].append((item, raw))
    filed = 0
    for folder, group in [(f, c[at : at + FILED]) for f, c in copies.items() for at in range(0, len(c), FILED)]:
        try:
            _file(mailbox, folder, group, service)
        except MailboxError as error:
            service.journal.warning("no copy kept", folder=folder, fault=for_the_log(error))
            return filed
        filed += len(group)
    return filed


def _file(mailbox: Mailbox, folder: str, group: Sequence[tuple[OutboxItem, bytes]], service: Service) -> None:
    """A few copies into one folder; what an account has no folder for is not tried again."""
    service.alive()
    if not file_all(mailbox, [raw for _, raw in group], folder):
        service.journal.warning("no copy kept: the account has no such folder", folder=folder, mailbox=mailbox.name)
    with service.store.transaction():
        for item, _ in group:
            service.store.filed(item.id, service.now())


def _keep_here(item: OutboxItem, betrayed: str, service: Service) -> None:
    """What betrays the secret is put into no folder; a draft of it waits for a person as what it answers."""
    service.journal.error("no copy kept", reply=item.mail.template, fault=betrayed)
    if item.state is State.DRAFT:
        _stop(item, Reason.SECRET, f"the draft was stopped at the gate: {betrayed}", service)
    service.store.filed(item.id, service.now())


def _unfiled(mailbox: Mailbox, service: Service) -> list[OutboxItem]:
    """What belongs into this account: what answers a message of its inbox, or of none that is still looked into."""
    return [item for item, home in _homes(service.store.unfiled(), service) if home in ("", mailbox.name)]


def homes(service: Service) -> frozenset[str]:
    """The mailboxes for which there is something to file; "" among them when any of them will do."""
    return frozenset(home for _, home in _homes(service.store.unfiled(), service))


def awaited(service: Service) -> frozenset[str]:
    """The mailboxes that will be asked whether a person has answered, before what is queued leaves."""
    return frozenset(home for _, home in _homes(service.store.outbox((State.QUEUED,)), service)) - {""}


def _homes(items: Sequence[OutboxItem], service: Service) -> Iterator[tuple[OutboxItem, str]]:
    """Each with the mailbox it belongs to."""
    about = _answered_by(items, service)
    for item in items:
        entry = about.get(item.message or 0)
        yield item, entry.mailbox if entry and entry.mailbox in service.mailboxes else ""


def _answered_by(items: Sequence[OutboxItem], service: Service) -> Mapping[int, Earlier]:
    """The messages that these mails answer, by their ledger row."""
    return service.store.earlier({item.message for item in items if item.message})


def _drop_answered_drafts(mailbox: Mailbox, service: Service) -> None:
    """Nobody needs a draft for a message that was answered while it was written."""
    drafts = [item for item in _unfiled(mailbox, service) if item.state is State.DRAFT]
    if drafts:
        grace.withdraw_answered(service, drafts)


def next_due(service: Service, now: datetime) -> datetime | None:
    """When the next queued mail may leave, so that nobody sleeps past it; what is paused without end wakes nobody."""
    pauses = service.store.pauses(now)
    leaves = [_leaves(item, pauses) for item in service.store.outbox((State.QUEUED,))]
    waiting = [moment for moment in leaves if moment]
    return max(min(waiting), service.rest.until or now, now) if waiting else None


def _leaves(item: OutboxItem, pauses: Sequence[Pause]) -> datetime | None:
    """When it is due, or its pause ends; None when that has no end."""
    ends = [pause.until for pause in held_by(item.mail, pauses)]
    known = [end for end in ends if end is not None]
    return None if len(known) < len(ends) else max([item.mail.not_before, *known])
