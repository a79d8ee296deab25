"""`vamaild rush`: what was offered at which price, and what became of it; `--csv` for the invoice, `rush hours`."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import click

from ..core.ledger import Store
from ..core.rush import OPEN, Rush, RushState
from .place import Place, Value, desk, place_options
from .screen import Exit, Stop
from .words import clock, day, hours, moment, table

HEAD = ("NO", "WHEN", "CLIENT", "WHO", "WHAT", "STATE", "PERCENT", "HOURS")
WIDEST = (0, 0, 12, 24, 32, 0, 0, 0)
LATELY = timedelta(days=31)
MONTH = re.compile(r"(\d{4})-(\d{1,2})")
BEGINNING, END = date(1970, 1, 2), date(9999, 12, 30)
WORDS = {
    RushState.AGREED: "agreed",
    RushState.DECLINED: "chose A",
    RushState.REFUSED: "you said no",
    RushState.EXPIRED: "no answer: A",
    RushState.WITHDRAWN: "never sent",
}


def span(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[date, date] | None:
    """The first day of a month and that of the next one."""
    if value is None:
        return None
    match = MONTH.fullmatch(value)
    year, month = (int(match[1]), int(match[2])) if match else (0, 0)
    if not (1 <= month <= 12 and 1971 <= year <= 9998):
        raise click.BadParameter(f'"{value}" is no month; write it like 2026-11')
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def state_words(rush: Rush, place: Place) -> str:
    """Where an offer stands, and what is awaited from whom."""
    latest = clock(place.here(rush.offer.accept_by), place.now)
    if rush.state is RushState.OFFERED:
        return f"open until {latest}"
    if rush.state is RushState.TAKEN:
        return f"says B, your yes: vamaild queue ack {rush.case}" if rush.case else "says B, your yes is missing"
    return WORDS[rush.state]


def who(rush: Rush, store: Store) -> str:
    entry = store.entry(rush.request) if rush.request else None
    return str(entry.explanation.get("who") or rush.offer.to) if entry else rush.offer.to


def as_value(rush: Rush, store: Store, place: Place) -> Value:
    """An offer as JSON-ready values; keys are stable."""
    offer = rush.offer

    def at(moment: datetime | None) -> str | None:
        return place.here(moment, offer.client).isoformat() if moment else None

    return {
        "number": rush.id,
        "client": offer.client,
        "to": offer.to,
        "who": who(rush, store),
        "what": offer.what,
        "state": str(rush.state),
        "percent": offer.percent,
        "hours": rush.hours,
        "charged": rush.charged,
        "offered": at(rush.offered_at),
        "accept_by": at(offer.accept_by),
        "ready": at(offer.ready_at),
        "ordinary": at(offer.ordinary),
        "agreed_by": rush.taken_by or None,
        "agreed_at": at(rush.taken_at),
        "case": rush.case or None,
    }


@click.group(invoke_without_command=True)
@place_options
@click.option("--client", default="", metavar="ID", help="Only this client's.")
@click.option("--month", callback=span, metavar="2026-11", help="Only of this month.")
@click.option("--all", "everything", is_flag=True, help="Not only of the last 31 days.")
@click.option("--csv", "as_csv", is_flag=True, help="The agreed ones as CSV, for the invoice.")
@click.pass_context
def rush(
    ctx: click.Context,
    place: Place,
    client: str,
    month: tuple[date, date] | None,
    everything: bool,
    as_csv: bool,
) -> None:
    """What was offered at which price, and what became of it.

    \b
    vamaild rush                        the last 31 days, and all that is open
    vamaild rush --csv --month 2026-11  what was agreed in November, for the invoice
    vamaild rush hours 3 1.5            the hours of sale number 3
    """
    ctx.obj = place
    if ctx.invoked_subcommand is not None:
        return
    zone = place.written.zone()
    since, until = (datetime.combine(d, time(), zone) for d in month or (BEGINNING, END))
    if as_csv:
        invoice(place, since, until, client)
    else:
        show_all(place, client, since if month or everything else place.now - LATELY, until, bool(month))


def invoice(place: Place, since: datetime, until: datetime, client: str) -> None:
    """Prints the CSV."""
    from .. import rushes

    with desk(place) as service:
        click.echo(rushes.invoice(service, since, until, client), nl=False)


def show_all(place: Place, client: str, since: datetime, until: datetime, only: bool) -> None:
    """Prints the offers of this time, and, unless `only` those, all that are open; the oldest first."""
    with place.ledger() as store:
        found = [
            r
            for r in store.rushes(tuple(RushState), client=client)
            if since <= r.offered_at < until or (not only and r.state in OPEN)
        ]
        value: Value = {"as_of": place.now.isoformat(), "rush": [as_value(r, store, place) for r in found]}
        lines = table(HEAD, [_row(r, store, place) for r in found], WIDEST)
    place.tell(value, [*lines, *_next(found)] if found else ["No rush was offered in this time. Earlier ones: --all"])


def _row(rush: Rush, store: Store, place: Place) -> Sequence[str]:
    when, percent = day(place.here(rush.offered_at), place.now), f"{rush.offer.percent} %"
    noted = hours(rush.hours) or "-"
    if not rush.charged:
        noted = f"{hours(rush.hours)}, no charge".removeprefix(", ")
    state = state_words(rush, place)
    return (str(rush.id), when, rush.offer.client, who(rush, store), rush.offer.what, state, percent, noted)


def _next(found: Sequence[Rush]) -> list[str]:
    """What is still to be done: a yes, else the hours of a sale."""
    taken = next((r for r in found if r.state is RushState.TAKEN and r.case), None)
    if taken:
        return [f"Next: vamaild queue ack {taken.case} --hours 1.5, or vamaild queue decline {taken.case}"]
    open_ = next((r for r in found if r.state is RushState.AGREED and r.charged and r.hours is None), None)
    return [f"Next: vamaild rush hours {open_.id} 1.5    (or --no-charge)"] if open_ else []


@rush.command("hours")
@click.argument("number", type=click.IntRange(1))
@click.argument("spent", type=click.FloatRange(0, 10_000), metavar="HOURS", required=False)
@click.option("--no-charge", is_flag=True, help="A favour: it is on no invoice.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def enter_hours(place: Place, number: int, spent: float | None, no_charge: bool, as_json: bool) -> int:
    """Enters the hours of an agreed rush for the invoice."""
    if spent is None and not no_charge:
        raise click.UsageError("say how many hours, or --no-charge")
    with place.ledger() as store:
        found = store.rush(number)
        if found is None:
            raise Stop(f"There is no rush offer {number}. See all of them: vamaild rush --all", Exit.NOT_FOUND)
        if not store.set_hours(number, spent, not no_charge):
            state = state_words(found, place)
            raise Stop(f"Offer {number} is not agreed ({state}): there is nothing to charge.", Exit.ATTENTION)
        found = replace(found, hours=spent, charged=not no_charge)
        value = as_value(found, store, place)
    place.tell(value, [_noted(found, place)], as_json)
    return Exit.DONE


def _noted(rush: Rush, place: Place) -> str:
    if not rush.charged:
        return f"Noted: no charge for {rush.offer.what or 'it'} ({rush.offer.client})."
    by = f", agreed by {rush.taken_by} {moment(place.here(rush.taken_at), place.now)}" if rush.taken_at else ""
    return f"Noted for the invoice: {hours(rush.hours)} at {rush.offer.percent} %{by}."
