"""`vamaild outbox`: what has not left yet, and why. `outbox stop CODE` takes a reply back, `outbox approve CODE` lets a
draft go.

A mail without a case is called m-17: no case code looks like that. The address of a contact is never shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ..core.ledger import OutboxItem, QueueCase, Sort, State, Store, held_by
from ..core.trust import Pause
from .place import Place, Value, desk, place_options
from .screen import Exit, Stop
from .setup import running
from .words import clock, table, wait

if TYPE_CHECKING:  # the list should be there at once
    from .letting import Done

HEAD = ("CASE", "LEAVES", "TO", "TEXT", "WHY STILL HERE")
WIDEST = (0, 0, 20, 20, 0)
HERE = (State.QUEUED, State.DRAFT, State.CLAIMED)
NUMBERED = "m-"


@dataclass(frozen=True, slots=True)
class Known:
    """What is looked up once for a list of mails."""

    store: Store
    place: Place
    pauses: Sequence[Pause] = ()
    cases: Mapping[int, QueueCase] = field(default_factory=dict)
    running: bool = True

    def code(self, item: OutboxItem) -> str:
        """How the mail is called: by its case, else by its number."""
        about = self.cases.get(item.message or 0)
        return item.mail.case or (about.code if about else "") or f"{NUMBERED}{item.id}"


def known(store: Store, place: Place) -> Known:
    cases = {c.message: c for c in store.cases() if c.message}
    return Known(store, place, store.pauses(place.now), cases, running(store, place.now))


def to_whom(item: OutboxItem, store: Store) -> str:
    """A name for people. Who is behind an alarm is secret."""
    if item.mail.sort is Sort.ESCALATION:
        return "the chain"
    if item.mail.sort is Sort.NOTE:
        return "you"
    if entry := store.entry(item.message) if item.message else None:
        return str(entry.explanation.get("who") or item.mail.to)
    case = store.case(item.mail.case) if item.mail.case else None
    return case.case.who if case else item.mail.to


def leaves(item: OutboxItem, pauses: Iterable[Pause]) -> datetime | None:
    """When it may leave; None for what waits for a person."""
    if item.state is State.DRAFT:
        return None
    ends = [pause.until for pause in held_by(item.mail, pauses)]
    known_ends = [end for end in ends if end]
    return max([item.mail.not_before, *known_ends]) if len(known_ends) == len(ends) else None


def why(item: OutboxItem, found: Known) -> str:
    """Why it is still here."""
    mail, place = item.mail, found.place
    if item.state is State.DRAFT:
        case = found.cases.get(item.message or 0)
        because = case.case.note.removesuffix(": it waits for your yes") if case else ""
        return f"draft: {because}" if because else "draft: it waits for your yes"
    if item.state is State.CLAIMED:
        return "it is being sent"
    if mail.sort is Sort.ESCALATION:
        return "an alarm; it stops when somebody takes it: vamaild queue ack"
    if held := held_by(mail, found.pauses):
        until = held[0].until
        return f"paused until {clock(place.here(until), place.now)}" if until else "paused: vamaild resume"
    if item.error:
        return f"the mail server did not take it: {item.error}"
    if mail.sort is Sort.NOTE:
        return "a note to you" if found.running else "a note to you, but the service does not run"
    if mail.not_before > place.now:
        return "grace time, you can stop it"
    return "due: it is sent at the next look" if found.running else "due, but the service does not run"


def as_row(item: OutboxItem, found: Known) -> tuple[str, ...]:
    at = leaves(item, found.pauses)
    in_ = wait(at, found.place.now) if at else "-"
    return (found.code(item), in_, to_whom(item, found.store), item.mail.template, why(item, found))


def as_value(item: OutboxItem, found: Known) -> Value:
    """A mail as JSON-ready values; keys are stable. No address but a customer's."""
    at = leaves(item, found.pauses)
    ours = item.mail.sort is not Sort.COURTESY
    return {
        "mail": f"{NUMBERED}{item.id}",
        "case": found.code(item) if not found.code(item).startswith(NUMBERED) else None,
        "client": item.mail.client,
        "sort": str(item.mail.sort),
        "to": None if ours else item.mail.to,
        "who": to_whom(item, found.store),
        "text": item.mail.template,
        "state": str(item.state),
        "leaves": found.place.here(at).isoformat() if at else None,
        "why": why(item, found),
    }


def in_order(items: Sequence[OutboxItem], pauses: Sequence[Pause]) -> list[OutboxItem]:
    """What leaves first comes first; what waits for a person at the end."""
    last = datetime.max.replace(tzinfo=UTC)
    return sorted(items, key=lambda item: (leaves(item, pauses) or last, item.id))


@click.group(invoke_without_command=True)
@place_options
@click.pass_context
def outbox(ctx: click.Context, place: Place) -> None:
    """What has not left yet, and why.

    \b
    vamaild outbox                    replies in their grace time, drafts, what is held by a pause
    vamaild outbox stop 9QXD          take a reply back; nothing is sent
    vamaild outbox approve 2MWT       a draft leaves as it was written
    """
    ctx.obj = place
    if ctx.invoked_subcommand is None:
        show_all(place)


def show_all(place: Place) -> None:
    """Prints what waits."""
    with place.ledger() as store:
        found = known(store, place)
        items = in_order(store.outbox(HERE), found.pauses)
        value: Value = {"as_of": place.now.isoformat(), "mails": [as_value(item, found) for item in items]}
        rows = [as_row(item, found) for item in items]
    place.tell(value, table(HEAD, rows, WIDEST) if rows else ["Nothing waits to leave."])


def called(store: Store, reference: str) -> list[OutboxItem]:
    """The customers' mails with this case code or number that have not left. Stops with exit 5 when there are none."""
    case = store.case(reference.upper())
    number = reference.lower().removeprefix(NUMBERED)
    waiting = [i for i in store.outbox(HERE) if i.mail.sort is Sort.COURTESY]
    if case:
        found = [i for i in waiting if i.mail.case == case.code or (i.message and i.message == case.message)]
    else:
        found = [i for i in waiting if number.isdecimal() and i.id == int(number)]
    if not found:
        raise Stop(_nothing(reference, case), Exit.NOT_FOUND)
    return found


def _nothing(reference: str, case: QueueCase | None) -> str:
    if case:
        return f"No reply of {case.code} waits: it has left, or there was none. What waits: vamaild outbox"
    return f"Nothing that waits is called {reference}. What waits: vamaild outbox"


@outbox.command()
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def stop(place: Place, code: str, as_json: bool) -> int:
    """Takes a reply back before it leaves: nothing is sent, and the case is yours again."""
    from . import letting

    with place.ledger() as store:
        called(store, code)
    with desk(place) as service:
        done = [letting.stop(item, service, place.now) for item in called(service.store, code)]
    place.tell({"stopped": [d.value for d in done]}, [d.words for d in done], as_json)
    return Exit.DONE if all(d.done for d in done) else Exit.ATTENTION


@outbox.command()
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def approve(place: Place, code: str, as_json: bool) -> int:
    """Lets a draft leave as it was written, after the usual grace time."""
    from . import letting

    with place.ledger() as store:
        called(store, code)
    with desk(place) as service:
        items = called(service.store, code)
        drafts = [item for item in items if item.state is State.DRAFT]
        if not drafts:
            advice = f"To take it back: vamaild outbox stop {code}"
            raise Stop(f"{code} is no draft: it leaves by itself. {advice}", Exit.ATTENTION)
        done = [letting.approve(item, service, place.now) for item in drafts]
        lines = [_approved(item, each, code, place, service.store) for item, each in zip(drafts, done, strict=True)]
        lines += place.held(service.store, drafts[0].mail.client)
    place.tell({"approved": [d.value for d in done]}, lines, as_json)
    return Exit.DONE


def _approved(item: OutboxItem, done: "Done", code: str, place: Place, store: Store) -> str:
    who = to_whom(item, store)
    at = clock(place.here(done.leaves or place.now), place.now)
    return (
        f'At {at} {who} gets "{item.mail.template}". Undo: vamaild outbox stop {code}\n'
        "A copy that lies in your Drafts folder stays there: throw it away, so that it does not leave twice."
    )
