"""`vamaild promises`: the dates and hours people were told, the first due first. `promises kept NUMBER`, `drop NUMBER`.

A promise in a reply that has not left was told nobody: it is shown with --all only.
"""

from collections.abc import Sequence
from datetime import datetime

import click

from ..core.ledger import State, Store
from ..core.promise import Promise, PromiseState
from ..core.promises import ended, is_late
from .place import Place, Value, desk, place_options
from .screen import Exit, Stop, age
from .words import day, moment, table

HEAD = ("NO", "DUE", "CLIENT", "TO", "WHAT", "STATE")
WIDEST = (0, 0, 12, 24, 40, 0)
NOT_SENT = "not sent yet"
WORDS = {PromiseState.KEPT: "kept", PromiseState.LATE: "kept, but late", PromiseState.WITHDRAWN: "withdrawn"}


def told(store: Store, client: str = "", everything: bool = False) -> tuple[tuple[Promise, bool], ...]:
    """Promises with whether somebody was told them already: their reply does not wait and is no draft."""
    waiting = {(i.message, i.mail.template) for i in store.outbox((State.QUEUED, State.DRAFT))}
    found = store.promises(open_only=not everything, client=client)
    pairs = ((p, (p.message, p.promise.template) not in waiting) for p in found)
    return tuple((p, said) for p, said in pairs if said or everything)


def due_words(promise: Promise, place: Place) -> str:
    """The hour, or the day, as it was told: in the client's time zone."""
    client = promise.promise.client
    at, now = place.here(promise.promise.due, client), place.here(place.now, client)
    return moment(at, now) if promise.promise.hour else day(at, now)


def state_words(promise: Promise, said: bool, now: datetime) -> str:
    if promise.state is not PromiseState.OPEN:
        return WORDS[promise.state]
    if not said:
        return NOT_SENT
    return f"late {age(promise.promise.due, now)}" if is_late(promise, now) else "open"


def who(promise: Promise, store: Store) -> str:
    entry = store.entry(promise.message) if promise.message else None
    return str(entry.explanation.get("who") or promise.promise.to) if entry else promise.promise.to


def as_value(promise: Promise, said: bool, store: Store, place: Place) -> Value:
    """A promise as JSON-ready values; keys are stable."""
    told_, client = promise.promise, promise.promise.client
    return {
        "number": promise.id,
        "client": client,
        "to": told_.to,
        "who": who(promise, store),
        "what": told_.what,
        "text": told_.template,
        "due": place.here(told_.due, client).isoformat(),
        "names_hour": told_.hour,
        "owner": told_.owner,
        "state": str(promise.state),
        "late": is_late(promise, place.now),
        "told": said,
        "made": place.here(promise.made_at, client).isoformat(),
        "ended": place.here(promise.ended_at, client).isoformat() if promise.ended_at else None,
    }


@click.group(invoke_without_command=True)
@place_options
@click.option("--client", default="", metavar="ID", help="Only this client's.")
@click.option("--all", "everything", is_flag=True, help="Also those that were kept, withdrawn, or not sent yet.")
@click.pass_context
def promises(ctx: click.Context, place: Place, client: str, everything: bool) -> None:
    """What people were told, the first due first."""
    ctx.obj = place
    if ctx.invoked_subcommand is None:
        show_all(place, client, everything)


def show_all(place: Place, client: str, everything: bool) -> None:
    """Prints them."""
    with place.ledger() as store:
        found = told(store, client, everything)
        value: Value = {"as_of": place.now.isoformat(), "promises": [as_value(*f, store, place) for f in found]}
        lines = table(HEAD, [_row(p, said, store, place) for p, said in found], WIDEST)
    due = next((p for p, said in found if said and p.state is PromiseState.OPEN), None)
    following = [f"Next: answer in the thread, or say so: vamaild promises kept {due.id}"] if due else []
    place.tell(value, [*lines, *following] if found else ["Nothing is promised."])


def _row(promise: Promise, said: bool, store: Store, place: Place) -> Sequence[str]:
    what, state = promise.promise.what, state_words(promise, said, place.now)
    return (str(promise.id), due_words(promise, place), promise.promise.client, who(promise, store), what, state)


def numbered(store: Store, number: int) -> Promise:
    """Stops with exit 5 when there is none."""
    found = store.promise(number)
    if found is None:
        raise Stop(f"There is no promise {number}. See all of them: vamaild promises", Exit.NOT_FOUND)
    return found


def end(place: Place, number: int, withdrawn: bool, as_json: bool) -> int:
    """Ends a promise, and the text that lies ready for it; one that has ended stays as it is."""
    from .. import promising

    with place.ledger() as store:
        numbered(store, number)
    with desk(place) as service:
        store = service.store
        promise = numbered(store, number)
        state = PromiseState.WITHDRAWN if withdrawn else ended(promise.promise.due, place.now)
        done = promising.end(promise, state, place.now, service)
        now, to = numbered(store, number), who(promise, store)
        value = as_value(now, True, store, place) | {"changed": done}
    place.tell(value, [_ended(now, to, place) if done else _unchanged(now)], as_json)
    return Exit.DONE


def _unchanged(promise: Promise) -> str:
    return f"Promise {promise.id} is {WORDS.get(promise.state, 'open')} already; nothing changed."


def _ended(promise: Promise, to: str, place: Place) -> str:
    due = due_words(promise, place)
    if promise.state is PromiseState.WITHDRAWN:
        return f"Dropped: nobody is reminded of it. {to} was told {due}: tell them what holds now."
    if promise.state is PromiseState.LATE:
        return f"Noted: kept, {age(promise.promise.due, place.now)} late ({to}, {due})."
    return f"Noted: kept ({to}, {due})."


@promises.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def kept(place: Place, number: int, as_json: bool) -> int:
    """Says that a promise was kept where no mail shows it (a call, a visit)."""
    return end(place, number, False, as_json)


@promises.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def drop(place: Place, number: int, as_json: bool) -> int:
    """Forgets a promise that is needed no more."""
    return end(place, number, True, as_json)
