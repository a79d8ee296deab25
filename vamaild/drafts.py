"""What becomes of the drafts: sent by a person as they were, edited, or thrown away; and what is learned from it.

A mail program takes a draft out of its folder before the answer lies in Sent, or while somebody still writes on it: so
a draft that is gone without an answer counts as thrown away only after a day.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.parser import BytesHeaderParser

from . import notes
from .core.drafting import fate_of
from .core.ledger import Arrival, Entry, Mailbox, MailboxError, OutboxItem, Sort, State, for_the_log
from .core.message import Message
from .core.reasons import Reason
from .core.ruleset import RuleSet, Trust
from .core.trust import (
    IN_A_ROW,
    REMEMBERED,
    DraftFate,
    Fate,
    Level,
    Move,
    effective,
    level_of,
    lowered,
    next_move,
    proposed,
)
from .notices import ruleset_of
from .service import Service

EVERY = timedelta(minutes=2)
GONE_FOR = timedelta(days=1)
TEMPLATE = "note-trust"


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that was filed, and the ledger row it answers."""

    item: OutboxItem
    entry: Entry

    @property
    def gone(self) -> str:
        """The name of the run that keeps when it was first missed."""
        return f"draft gone {self.item.id}"


def watch(mailbox: Mailbox, service: Service) -> int:
    """Looks, every two minutes, what became of the drafts in this mailbox; returns how many were dealt with."""
    run, now = f"drafts {mailbox.name}", service.now()
    before = service.store.last_run(run)
    if before is not None and timedelta() <= now - before < EVERY:
        return 0
    waiting = filed(mailbox.name, service)
    if not waiting:
        return 0
    service.store.ran(run, now)
    try:
        fates = _fates(mailbox, waiting, service)
    except MailboxError as error:
        service.journal.warning(
            "nobody knows what became of the drafts", mailbox=mailbox.name, fault=for_the_log(error)
        )
        return 0
    return sum(settle(draft, fate, service) for draft, fate in fates)


def filed(mailbox: str, service: Service) -> tuple[Draft, ...]:
    """The drafts that lie, or lay, in the Drafts folder of this mailbox, oldest first."""
    unfiled = {item.id for item in service.store.unfiled()}
    drafts = (i for i in service.store.outbox((State.DRAFT,)) if i.mail.sort is Sort.COURTESY and i.id not in unfiled)
    about = ((item, service.store.entry(item.message)) for item in drafts if item.message)
    return tuple(Draft(item, entry) for item, entry in about if entry and entry.mailbox == mailbox)


def _fates(mailbox: Mailbox, waiting: Sequence[Draft], service: Service) -> list[tuple[Draft, Fate]]:
    left = mailbox.drafts_left([d.item.mail.key for d in waiting])
    answered = mailbox.answered([d.entry.message_id for d in waiting])
    found: list[tuple[Draft, Fate]] = []
    for draft in waiting:
        here = draft.item.mail.key in left
        if here and draft.entry.message_id not in answered:
            _seen(draft, service)
        elif fate := _sent(mailbox, draft, service) or (None if here else _missed(draft, service)):
            found.append((draft, fate))
    return found


def _seen(draft: Draft, service: Service) -> None:
    """It is there: the day after which a missing one counts as thrown away begins anew."""
    if service.store.last_run(draft.gone) is not None:
        service.store.ran(draft.gone, service.now())


def _missed(draft: Draft, service: Service) -> Fate | None:
    """Thrown away, when it has been missing for a day."""
    since = service.store.last_run(draft.gone)
    if since is None:
        service.store.ran(draft.gone, service.now())
        return None
    return Fate.DISCARDED if service.now() - since >= GONE_FOR else None


def _sent(mailbox: Mailbox, draft: Draft, service: Service) -> Fate | None:
    """What the answer in the Sent folder says; None when there is none but other mails of ours."""
    raw = mailbox.sent_answer(draft.entry.message_id)
    others = {m.key for m in draft.entry.outgoing} - {draft.item.mail.key}
    if raw is None or str(BytesHeaderParser().parsebytes(raw).get("Message-ID", "")).strip() in others:
        return None
    return fate_of(draft.item.mail.raw, _read(raw, service).text)


def _read(raw: bytes, service: Service) -> Message:
    return service.read(Arrival(0, 0, service.now(), len(raw), raw))


def settle(draft: Draft, fate: Fate, service: Service) -> bool:
    """Keeps what became of a draft, and takes or proposes the step that follows; False when it was settled before."""
    known = _fate(draft.item, _about(draft, service), fate, service)
    return _learn(known, service.store.settle_draft, draft.item, service)


def approve(item: OutboxItem, not_before: datetime, service: Service) -> bool:
    """A person lets a draft go as it is, to leave then; False when it is no draft any more.

    A mail that answers no message says nothing about its text.
    """
    entry = service.store.entry(item.message) if item.message else None
    known = _fate(item, _about(Draft(item, entry), service) if entry else "", Fate.UNCHANGED, service)
    return _learn(known, lambda fate: service.store.approve_draft(fate, not_before), item, service)


def _fate(item: OutboxItem, template: str, fate: Fate, service: Service) -> DraftFate:
    return DraftFate(item.id, item.mail.client, template, fate, service.now())


def _learn(fate: DraftFate, keep: Callable[[DraftFate], bool], item: OutboxItem, service: Service) -> bool:
    """Keeps it this way, and moves on the ladder where it says something about the text."""
    ruleset = ruleset_of(fate.client, service)
    with service.store.transaction():
        if not keep(fate):
            return False
        if ruleset and fate.template:
            _move(ruleset, fate.template, service)
    service.journal.info("draft", client=fate.client, reply=item.mail.template, fate=str(fate.fate))
    return True


def _about(draft: Draft, service: Service) -> str:
    """The text the fate speaks of. One that may be sent was a draft for what the message said, not for its text.

    Nor can it be known what became of the draft for a message without an identifier: no answer refers to it.
    """
    template, ruleset = draft.item.mail.template, ruleset_of(draft.item.mail.client, service)
    levels = service.store.levels(draft.item.mail.client)
    sends = ruleset is not None and effective(ruleset.client.trust, levels, template) is Trust.SEND
    return "" if sends or not draft.entry.message_id else template


def taken_back(item: OutboxItem, service: Service) -> bool:
    """A person stopped a reply in its grace time: nothing leaves, and it counts as a correction of its text.

    So does an approval that is taken back, where the approval said something about the text. False when it does not
    wait any more.
    """
    store = service.store
    if all(waiting.id != item.id for waiting in store.outbox((State.QUEUED,))):
        return False
    with store.transaction():
        known = _fate(item, _approved_as(item, service), Fate.DISCARDED, service)
        store.settle(item.id, State.DRAFT)
        _learn(known, lambda fate: store.settle_draft(fate, Reason.STOPPED), item, service)
        store.withdraw(item.id, Reason.STOPPED)
    return True


def _approved_as(item: OutboxItem, service: Service) -> str:
    """The text its approval spoke of ("" for none); its own where it was no draft."""
    mail, since = item.mail, service.now() - REMEMBERED
    known = (fate for text in ("", mail.template) for fate in service.store.fates(mail.client, text, since))
    return next((fate.template for fate in known if fate.item == item.id), mail.template)


def _move(ruleset: RuleSet, template: str, service: Service) -> None:
    """The step down that is due, or the proposal of a step up; the assistant is told of either."""
    store, now, client = service.store, service.now(), ruleset.client
    level = level_of(store.levels(client.id), template)
    trust = effective(client.trust, (level,) if level else (), template)
    move = next_move(trust, store.fates(client.id, template, now - REMEMBERED), level, now)
    if move is None:
        return
    kept = lowered(client.id, template, trust, now) if move is Move.DOWN else proposed(client.id, template, level, now)
    store.set_level(kept)
    _tell(ruleset, kept, move, now, service)


def _tell(ruleset: RuleSet, level: Level, move: Move, now: datetime, service: Service) -> None:
    client, text = ruleset.client, level.template
    to = level.trust if move is Move.DOWN else Trust.SEND
    back = {Trust.OBSERVE: Trust.DRAFT, Trust.DRAFT: Trust.SEND, Trust.SEND: Trust.SEND}[to]
    words: Mapping[str, object] = {
        "client": {"name": client.name},
        "trust": {
            "text": text,
            "move": str(move),
            "to": str(to),
            "count": IN_A_ROW,
            "how": f"vamaild client trust {client.id} {text} {back}",
        },
    }
    notes.queue(TEMPLATE, (client.id, text, str(move), now.isoformat()), words, service)
    service.journal.info("trust", client=client.id, reply=text, move=str(move), to=str(to))
