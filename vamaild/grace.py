"""The minutes before a reply leaves. Mails in a row get one reply; who was answered by a person gets none of ours.

A thread in which a person has answered belongs to that person: nothing leaves in it by itself any more, and a message
that comes later waits for somebody. An emergency is confirmed in any thread that nobody has answered yet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from . import notices, rushes
from .core.earlier import Earlier
from .core.ledger import Asked, Entry, MailboxError, NewCase, OutboxItem, Outcome, State, for_the_log
from .core.letter import bare_subject, thread_ids
from .core.message import History
from .core.reasons import Reason
from .core.route import our_people
from .core.ruleset import Kind
from .core.sentences import Negation
from .core.trust import DraftFate, Fate
from .core.words import Text
from .service import Service
from .thread import row_of

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A courtesy that has not left, and the ledger row it answers with what is known of that."""

    item: OutboxItem
    row: int
    entry: Earlier


# ---- mails in a row


def history(asked: Asked, service: Service) -> History:
    """What is remembered, as if the replies that the next one would replace had never been written."""
    remembered = service.store.history(asked)
    older = _older(asked.client, {asked.to, asked.address}, asked.references, asked.subject, service)
    made = [w.entry.decided_at for w in older]
    said = {(w.item.mail.template, w.entry.decided_at) for w in older}
    last_hour = sum(at > asked.now - HOUR for at in made)
    return replace(
        remembered,
        said=tuple(s for s in remembered.said if (s.template, s.at) not in said),
        replies_last_hour=remembered.replies_last_hour - last_hour,
        replies_to_domain=remembered.replies_to_domain - last_hour,
        replies_today=remembered.replies_today - sum(at >= asked.day_begins for at in made),
        replies_last_day=remembered.replies_last_day - sum(at > asked.now - DAY for at in made),
    )


def _older(
    client: str, people: Iterable[str], references: Sequence[str], subject: str, service: Service
) -> list[Waiting]:
    """Replies to one of these addresses, about this matter, that still wait."""
    found = waiting(service.store.waiting_for(client, tuple(people)), service)
    return [w for w in found if _one_matter(w.entry, references, subject) and not w.entry.alarm]


def waiting(items: Iterable[OutboxItem], service: Service) -> list[Waiting]:
    """Those that answer a message in the ledger, with it."""
    answers = [(item, item.message) for item in items if item.message]
    known = service.store.earlier({row for _, row in answers})
    return [Waiting(item, row, known[row]) for item, row in answers if row in known]


def _one_matter(older: Earlier, references: Sequence[str], subject: str) -> bool:
    """One thread, or one subject; two mails without any subject belong together while the first still waits."""
    if {older.message_id, *older.references} & set(references) - {""}:
        return True
    return bare_subject(older.subject).casefold() == bare_subject(subject).casefold()


def make_way(row: int, entry: Entry, service: Service) -> int:
    """After a message was recorded: the older replies that still wait make way for its own, which answers all.

    When it gets none they stay, unless it says that the matter is settled. No promise and no offer is lost: an older
    reply that names a date stays beside one that names none, and an offer of a rush stands for both. Belongs into the
    transaction of `record`; returns how many replies were withdrawn.
    """
    people = {entry.address, *(mail.to for mail in entry.outgoing)}
    waits = _older(entry.client, people, entry.references, entry.subject, service)
    older = [w for w in waits if w.item.message != row]
    if not older:
        return 0
    newer = next((i for i in service.store.replies_to(row) if i.state is State.QUEUED), None)
    if newer is None:
        over = older if says_it_is_over(entry, service) else []
        for each in over:
            service.store.withdraw(each.item.id, Reason.NOBODY_WAITS)
        return len(over)
    alarm = entry.outcome is Outcome.ESCALATED
    if not alarm and entry.rush is None and any(w.entry.offered for w in older):
        service.store.settle(newer.id, State.STOPPED)
        return 1
    replaced = [w for w in older if entry.promise or not w.entry.promised]
    for each in replaced:
        service.store.settle(each.item.id, State.STOPPED)  # its message counts as answered: the newer reply does it
    return len(replaced)


def says_it_is_over(entry: Entry, service: Service) -> bool:
    """Whether it only tells that nothing is needed any more ("risolto, non serve più")."""
    ruleset = notices.ruleset_of(entry.client, service)
    if entry.kind != Kind.INFORMATION or ruleset is None:
        return False
    codes = dict.fromkeys((entry.language, ruleset.client.language, *ruleset.client.languages))
    known = [t for code in codes if (t := service.rules.rulebook.languages.get(code))]
    text = Text(str(entry.explanation.get("new_text", "")))
    negation = Negation(known)
    return any(negation.plain(language.phrases("urgency.solved"), text) for language in known)


# ---- a person was quicker


def withdraw_answered(service: Service, items: Sequence[OutboxItem]) -> int:
    """These do not leave when a person has answered, here or in the inbox; returns how many were dropped."""
    waits = waiting(items, service)
    sent = {(name, i) for name in {w.entry.mailbox for w in waits} for i in _in_sent(name, waits, service)}
    dropped = 0
    for each in waits:
        known = _in_ledger(each.entry, service) | {i for name, i in sent if name == each.entry.mailbox}
        if each.entry.message_id in known:
            _drop(each.item, service)
            service.journal.info("dropped: a person has answered", client=each.item.mail.client, who=each.item.mail.to)
        elif known.intersection(each.entry.references) and not each.entry.alarm:
            _leave_to_a_person(each, service)
        else:
            continue
        dropped += 1
    return dropped


def _drop(item: OutboxItem, service: Service) -> None:
    """It does not leave. A draft that nobody has seen says nothing about its text."""
    if item.state is State.DRAFT:
        service.store.settle_draft(
            DraftFate(item.id, item.mail.client, "", Fate.DISCARDED, service.now()), Reason.ANSWERED
        )
    else:
        with service.store.transaction():
            service.store.withdraw(item.id, Reason.ANSWERED)
            why = "you have answered them yourself, so B was not confirmed"
            if rushes.stopped(service, item, service.now(), why):
                service.store.reopen(row_of(item, service.store), Reason.RUSH_RUNNING)


def _leave_to_a_person(each: Waiting, service: Service) -> None:
    """A person has answered before in this thread, but not this message."""
    mail, store = each.item.mail, service.store
    with store.transaction():
        _drop(each.item, service)
        store.reopen(row_of(each.item, store), Reason.ANSWERED)
        if not each.entry.has_case or each.item.state is State.DRAFT:
            note = "a person answers in this thread, so nothing leaves by itself: this message waits for you"
            case = NewCase(mail.client, Reason.ANSWERED, note, mail.to, each.entry.subject)
            store.open_case(case, service.now(), each.item.message)
    service.journal.info("dropped: the thread is a person's", client=mail.client, who=mail.to)


def _in_sent(name: str, waits: Iterable[Waiting], service: Service) -> frozenset[str]:
    """Which of these threads a person has answered from this mailbox. A server that cannot say it delays nobody."""
    mailbox = service.mailboxes.get(name)
    entries = [w.entry for w in waits if w.entry.mailbox == name]
    ids = [e.message_id for e in entries if e.message_id] + [i for e in entries for i in thread_ids(e.references)]
    if mailbox is None or not ids:
        return frozenset()
    try:
        return mailbox.answered(ids)
    except MailboxError as error:
        service.journal.warning("nobody knows whether a person has answered", mailbox=name, fault=for_the_log(error))
        return frozenset()


def _in_ledger(entry: Earlier, service: Service) -> frozenset[str]:
    """Which messages of this thread one of our people answered in a mail that came into the inbox itself."""
    ruleset = notices.ruleset_of(entry.client, service)
    if ruleset is None:
        return frozenset()
    people = our_people(ruleset, service.rules.rulebook)
    return service.store.answers(entry.client, (entry.message_id, *entry.references), people)
