"""`vamaild queue`: what waits for a person. `queue ack CODE` stops an escalation, `queue close CODE` ends a case."""

from datetime import datetime
from pathlib import Path

import click

from ..core.ledger import QueueCase, Store
from ..core.reasons import REASONS
from .screen import Exit, Stop, age, config_option, json_option, print_json, state_dir, state_option
from .setup import open_store, this_moment

HEAD = ("CASE", "AGE", "CLIENT", "WHO", "WHAT", "NEEDS")
WIDTHS = (5, 8, 10, 20, 32, 0)
WORDS = {str(reason): words for reason, words in REASONS.items()} | {
    "emergency": "take it: vamaild queue ack",
    "unconfirmed": "a reply may not have left",
    "not-sent": "a reply was refused",
}


def needs(case: QueueCase) -> str:
    """What the case needs, or who has it."""
    if case.acknowledged_at:
        return f"{case.acknowledged_by} has it"
    return WORDS.get(case.case.reason, case.case.reason)


def row(cells: tuple[str, ...]) -> str:
    """One line of the table; long cells are cut."""
    cut = [c if not w or len(c) <= w else c[: w - 1] + "…" for c, w in zip(cells, WIDTHS, strict=True)]
    return "  ".join(c.ljust(w) for c, w in zip(cut, WIDTHS, strict=True)).rstrip()


def table(cases: tuple[QueueCase, ...], now: datetime) -> list[str]:
    """The queue, oldest first, emergencies on top."""
    ordered = sorted(cases, key=lambda c: (not c.case.escalates, c.opened))
    lines = [row(HEAD)]
    for c in ordered:
        lines.append(row((c.code, age(c.opened, now), c.case.client or "-", c.case.who, c.case.subject, needs(c))))
    return lines


def as_value(case: QueueCase) -> dict[str, object]:
    """A case as JSON-ready values; keys are stable."""
    state = "closed" if case.closed_at else "taken" if case.acknowledged_at else "open"
    return {
        "case": case.code,
        "client": case.case.client,
        "reason": case.case.reason,
        "opened": case.opened.isoformat(),
        "state": state,
        "by": case.acknowledged_by or None,
        "escalates": case.case.escalates,
        "notices": case.step,
    }


def found(store: Store, code: str) -> QueueCase:
    """The case with this code. Stops with exit 5 when there is none."""
    case = store.case(code.upper())
    if case is None:
        raise Stop(f"There is no case {code.upper()}. See all of them: vamaild queue", Exit.NOT_FOUND)
    return case


@click.group(invoke_without_command=True)
@config_option
@state_option
@json_option
@click.pass_context
def queue(ctx: click.Context, config: Path, state: Path | None, as_json: bool) -> None:
    """What waits for a person, oldest first, emergencies on top."""
    store = ctx.obj = open_store(state_dir(state, config))
    ctx.call_on_close(store.close)
    if ctx.invoked_subcommand is None:
        show_all(store, as_json)


def show_all(store: Store, as_json: bool) -> None:
    """Prints the open cases."""
    now, cases = this_moment(), store.cases()
    if as_json:
        print_json({"as_of": now.isoformat(), "cases": [as_value(c) for c in cases]})
    elif not cases:
        click.echo("Nothing waits for you.")
    else:
        click.echo("\n".join(table(cases, now)))
        click.echo(f"Next: vamaild queue show {cases[0].code}")


@queue.command()
@click.argument("code")
@click.pass_obj
def show(store: Store, code: str) -> None:
    """Shows one case."""
    case = found(store, code)
    click.echo(f"{case.code}  {case.case.client or 'no client'}  {case.case.who}: {case.case.subject}")
    click.echo(f"opened   {case.opened.astimezone():%a %d %b %H:%M}")
    click.echo(f"needs    {needs(case)}")
    click.echo(f"because  {case.case.note}")
    if case.case.escalates:
        click.echo(f"told     {case.step} times; stop with: vamaild queue ack {case.code}")


@queue.command()
@click.argument("code")
@click.option("--by", default="me", help="Who takes it.")
@click.pass_obj
def ack(store: Store, code: str, by: str) -> None:
    """Takes a case: the escalation stops at once, for everybody."""
    case = found(store, code)
    if store.acknowledge(case.code, by, this_moment()):
        click.echo(f"{case.code} is yours. Nobody else is told. Done with it: vamaild queue close {case.code}")
    else:
        click.echo(f"{case.code} was taken by {case.acknowledged_by} already; nothing changed.")


@queue.command()
@click.argument("code")
@click.pass_obj
def close(store: Store, code: str) -> None:
    """Closes a case."""
    case = found(store, code)
    store.close_case(case.code, this_moment())
    click.echo(f"{case.code} is closed.")
