"""`vamaild queue`: what waits for a person. `queue ack CODE` takes a case, `queue close CODE` ends it.

A case in which somebody says B to a rush offer asks for a yes or a no: `queue ack`, `queue decline`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from ..core.cases import PRACTICE, CaseEvent
from ..core.ledger import QueueCase, Store
from ..core.reasons import REASONS, Reason
from ..core.rush import Rush
from .answering import ANSWERS, answered, found
from .place import Place, Value, desk, place_options
from .screen import Exit, Stop, age
from .words import clock, day, hours, moment, table

if TYPE_CHECKING:  # the list should be there at once
    from ..rushes import Answer

HEAD = ("CASE", "AGE", "CLIENT", "WHO", "WHAT", "NEEDS")
WIDEST = (0, 0, 12, 20, 32, 0)
WORDS = {str(reason): words for reason, words in REASONS.items()} | {
    "emergency": "take it: vamaild queue ack",
    PRACTICE: "practice: nothing has happened",
    "unconfirmed": "a reply may not have left",
    "not-sent": "a reply was refused",
    "stopped": "you stopped the reply: write to them",
    str(Reason.DRAFT): "draft to approve",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """The open cases, and the rush offers whose B waits in some of them for a yes."""

    cases: Sequence[QueueCase]
    place: Place
    sales: Mapping[str, Rush] = field(default_factory=dict)

    def needs(self, case: QueueCase) -> str:
        """What the case needs, or who has it."""
        sale = self.sales.get(case.code)
        if sale:
            latest = clock(self.place.here(sale.offer.accept_by), self.place.now)
            return f"yes by {latest}" if sale.offer.accept_by > self.place.now else f"yes (awaited until {latest})"
        if case.acknowledged_at:
            return f"{case.acknowledged_by} has it"
        return WORDS.get(case.case.reason, case.case.reason)

    def what(self, case: QueueCase) -> str:
        """The subject, or what was chosen."""
        sale = self.sales.get(case.code)
        return f"says B: {b(sale, self.place)}" if sale else case.case.subject


def b(sale: Rush, place: Place) -> str:
    """The second possibility: "today 18:00, +50 %", in the client's time."""
    ready = place.here(sale.offer.ready_at, sale.offer.client)
    return f"{moment(ready, place.here(place.now, sale.offer.client))}, +{sale.offer.percent} %"


def sales(store: Store, cases: Sequence[QueueCase]) -> dict[str, Rush]:
    """By case code."""
    asked = ((c.code, store.rush_of_case(c.code)) for c in cases if c.case.reason == Reason.RUSH_ACCEPTED)
    return {code: sale for code, sale in asked if sale}


def in_order(cases: Sequence[QueueCase]) -> list[QueueCase]:
    """Oldest first, emergencies on top; practice is none."""
    return sorted(cases, key=lambda c: (not c.case.escalates or c.case.reason == PRACTICE, c.opened))


def as_value(case: QueueCase, waiting: Waiting) -> Value:
    """A case as JSON-ready values; keys are stable."""
    place, sale = waiting.place, waiting.sales.get(case.code)
    state = "closed" if case.closed_at else "taken" if case.acknowledged_at else "open"
    return {
        "case": case.code,
        "client": case.case.client,
        "who": case.case.who,
        "what": waiting.what(case),
        "reason": case.case.reason,
        "needs": waiting.needs(case),
        "opened": place.here(case.opened).isoformat(),
        "state": state,
        "by": case.acknowledged_by or None,
        "escalates": case.case.escalates,
        "notices": case.step,
        "rush": sale.id if sale else None,
        "yes_by": place.here(sale.offer.accept_by).isoformat() if sale else None,
    }


@click.group(invoke_without_command=True)
@place_options
@click.pass_context
def queue(ctx: click.Context, place: Place) -> None:
    """What waits for a person, oldest first, emergencies on top.

    \b
    vamaild queue ack 4F7K                take a case: nobody else is told
    vamaild queue give 4F7K --to NAME     somebody of the chain shall take it
    vamaild queue resolve 4F7K            it is over
    vamaild queue ack 9QXD --hours 1.5    say yes to a rush: it is confirmed and noted for the invoice
    vamaild queue decline 9QXD            say no to a rush: the agreed date stands
    """
    ctx.obj = place
    if ctx.invoked_subcommand is None:
        show_all(place)


def show_all(place: Place) -> None:
    """Prints the open cases."""
    with place.ledger() as store:
        cases = in_order(store.cases())
        waiting = Waiting(cases, place, sales(store, cases))
    value: Value = {"as_of": place.now.isoformat(), "cases": [as_value(c, waiting) for c in cases]}
    rows = [_row(c, waiting) for c in cases]
    following = [f"Next: vamaild queue show {cases[0].code}"] if cases else []
    place.tell(value, [*table(HEAD, rows, WIDEST), *following] if cases else ["Nothing waits for you."])


def _row(case: QueueCase, waiting: Waiting) -> Sequence[str]:
    since, client = age(case.opened, waiting.place.now), case.case.client or "-"
    return (case.code, since, client, case.case.who, waiting.what(case), waiting.needs(case))


@queue.command()
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def show(place: Place, code: str, as_json: bool) -> None:
    """Shows one case."""
    with place.ledger() as store:
        case = found(store, code)
        waiting = Waiting((case,), place, sales(store, (case,)))
        events = store.case_events(case.code)
    value = as_value(case, waiting) | {"note": case.case.note, "events": [_event(e, place) for e in events]}
    place.tell(value, [*_page(case, waiting), *_timeline(case, events, place)], as_json)


def _event(event: CaseEvent, place: Place) -> Value:
    return {"at": place.here(event.at).isoformat(), "what": event.what, "who": event.who, "detail": event.detail}


def _timeline(case: QueueCase, events: Sequence[CaseEvent], place: Place) -> list[str]:
    """What happened, one line each: when, who, what."""
    here = place.here(place.now, case.case.client)
    at = [moment(place.here(e.at, case.case.client), here) for e in events]
    rows = [(when, e.who, e.what, e.detail) for when, e in zip(at, events, strict=True)]
    return ["", *table(("WHEN", "WHO", "WHAT", ""), rows, (0, 20, 14, 60))] if rows else []


def _page(case: QueueCase, waiting: Waiting) -> list[str]:
    lines = [
        f"{case.code}  {case.case.client or 'no client'}  {case.case.who}: {case.case.subject}",
        f"opened   {waiting.place.here(case.opened):%a %d %b %H:%M}",
        f"needs    {'nothing: it is closed' if case.closed_at else waiting.needs(case)}",
        f"because  {case.case.note}",
    ]
    if case.case.escalates:
        lines.append(f"told     {case.step} times; stop with: vamaild queue ack {case.code}")
    if case.code in waiting.sales:
        lines.append(f"Next: vamaild queue ack {case.code} --hours 1.5, or vamaild queue decline {case.code}")
    elif case.case.reason == Reason.DRAFT and not case.closed_at:
        lines.append(f"Next: vamaild outbox approve {case.code}, or send it from your Drafts folder")
    return lines


@queue.command()
@click.argument("code")
@click.option("--by", default="me", help="Who takes it.")
@click.option("--hours", "spent", type=click.FloatRange(0, 10_000), metavar="1.5", help="Of a rush, for the invoice.")
@click.option("--no-charge", is_flag=True, help="Of a rush: a favour, on no invoice.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def ack(place: Place, code: str, by: str, spent: float | None, no_charge: bool, as_json: bool) -> int:
    """Takes a case: the escalation stops at once, for everybody. In a rush it is the yes that was missing."""
    with place.ledger() as store:
        case = found(store, code)
        if sale := store.rush_of_case(case.code):
            return _confirm(place, case, sale, (spent, not no_charge), as_json)
        if spent is not None or no_charge:
            raise click.UsageError(f"{case.code} is no rush that waits for a yes: it has no hours")
        if not case.case.escalates:
            done = store.acknowledge(case.code, by, place.now)
            now = found(store, code)
    if case.case.escalates:
        from ..chain import Answer as Taken

        return answered(place, code, Taken("take"), as_json, by)
    words = f"{case.code} is yours. Nobody else is told. Done with it: vamaild queue close {case.code}"
    value: Value = {"case": case.code, "done": done, "by": now.acknowledged_by or None}
    place.tell(value, [words if done else _known(now)], as_json)
    return Exit.DONE


def _known(case: QueueCase) -> str:
    if case.closed_at:
        return f"{case.code} is closed already; nothing changed."
    return f"{case.code} was taken by {case.acknowledged_by} already; nothing changed."


def _confirm(place: Place, case: QueueCase, sale: Rush, invoice: tuple[float | None, bool], as_json: bool) -> int:
    """The assistant's yes, as the service would carry it out."""
    from .. import rushes
    from ..core.sale import CONFIRMED

    spent, charged = invoice
    with desk(place) as service:
        answer = rushes.confirm(service, sale, spent, charged, place.now)
        held = place.held(service.store, sale.offer.client)
    at = place.here(answer.leaves or place.now)
    lines = [
        f'{case.code} is yours. At {at:%H:%M} {case.case.who} gets "{CONFIRMED}": '
        f"ready {b(sale, place).replace('+', '')}.",
        _noted(sale, invoice, place),
        *held,
        f"Undo: vamaild outbox stop {case.code}",
    ]
    return _told(place, case, answer, lines, as_json)


def _noted(sale: Rush, invoice: tuple[float | None, bool], place: Place) -> str:
    spent, charged = invoice
    if not charged:
        return "A favour: nothing is noted for the invoice."
    agreed = f"agreed by {sale.taken_by}"
    if sale.taken_at:
        agreed += f" at {clock(place.here(sale.taken_at), place.now)}"
    if spent is None:
        return f"Noted for the invoice: {agreed}. Its hours, when you know them: vamaild rush hours {sale.id} 1.5"
    return f"Noted for the invoice: {hours(spent)}, {agreed}."


def _told(place: Place, case: QueueCase, answer: "Answer", lines: list[str], as_json: bool) -> int:
    """What became of the yes or no; exit 1 when nothing was done."""
    leaves = place.here(answer.leaves).isoformat() if answer.leaves else None
    if not answer.done and not (as_json or place.as_json):
        raise Stop(answer.words, Exit.ATTENTION)
    value: Value = {"case": case.code, "done": answer.done, "words": answer.words, "leaves": leaves}
    place.tell(value, lines, as_json)
    return Exit.DONE if answer.done else Exit.ATTENTION


@queue.command()
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def decline(place: Place, code: str, as_json: bool) -> int:
    """Says no to a rush: the agreed date stands, and they are told so."""
    from .. import rushes

    with place.ledger() as store:
        case = found(store, code)
        sale = store.rush_of_case(case.code)
    if sale is None:
        raise Stop(f"{case.code} is no rush that waits for your yes or no; nothing changed.", Exit.ATTENTION)
    with desk(place) as service:
        answer = rushes.refuse(service, sale, place.now)
        held = place.held(service.store, sale.offer.client)
    at, ordinary = place.here(answer.leaves or place.now), place.here(sale.offer.ordinary, sale.offer.client)
    lines = [
        f'At {at:%H:%M} {case.case.who} gets "{rushes.REFUSED}": A stands, ready {day(ordinary, place.now)}.',
        *held,
        f"Nothing is charged. Undo: vamaild outbox stop {case.code}",
    ]
    return _told(place, case, answer, lines, as_json)


@queue.command()
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def close(place: Place, code: str, as_json: bool) -> int:
    """Closes a case; an emergency is resolved by it."""
    with place.ledger() as store:
        case = found(store, code)
        done = not case.case.escalates and store.close_case(case.code, place.now)
    if case.case.escalates:
        from ..chain import Answer as Over

        return answered(place, code, Over("resolve"), as_json)
    place.tell({"case": case.code, "done": done}, [f"{case.code} is closed."], as_json)
    return Exit.DONE


for verb in ANSWERS:
    queue.add_command(verb)
