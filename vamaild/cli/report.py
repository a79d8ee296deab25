"""`vamaild report`: the week as it would be sent; as HTML, as JSON; sent now; and the messages behind each number."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..core.ledger import Sort
from ..core.letter import TemplateError
from ..core.report_csv import as_values
from ..core.report_parts import Number
from ..core.report_text import text
from ..core.report_tree import shown
from .place import Place, desk, place_options
from .screen import Exit, Stop
from .words import day, table

if TYPE_CHECKING:
    from ..core.report_values import Figures
    from ..reporting import Made
    from ..service import Service

WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)
HEAD = ("MESSAGE", "CAME", "CLIENT", "WHO", "SUBJECT", "KIND", "OUTCOME", "WHY")
WIDEST = (0, 0, 12, 24, 36, 0, 0, 0)
BAR = 27


def iso_week(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """(year, number)."""
    if value is None:
        return None
    match = WEEK.fullmatch(value.strip())
    if not match or not (1971 <= int(match[1]) <= 9998 and 1 <= int(match[2]) <= 53):
        raise click.BadParameter(f'"{value}" is no week; write it like 2026-W47')
    return int(match[1]), int(match[2])


@click.command()
@place_options
@click.option("--preview", is_flag=True, help="Show it as it would be sent now (this is what happens anyhow).")
@click.option("--html", "html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the HTML.")
@click.option("--send", is_flag=True, help="Send it to yourself now.")
@click.option("--week", callback=iso_week, metavar="2026-W47", help="The report of another week.")
@click.option("--client", default="", metavar="ID", help="Only this client's part.")
@click.option("--list", "name", metavar="NAME", help="The messages behind a number; without a known NAME all names.")
@click.option("--agency", is_flag=True, help="What the agency of [report] reads: numbers of all clients.")
@click.option("--return", "returning", metavar="ID", help="What a principal reads on the morning of the return.")
def report(
    place: Place,
    preview: bool,
    html: Path | None,
    send: bool,
    week: tuple[int, int] | None,
    client: str,
    name: str | None,
    agency: bool,
    returning: str | None,
) -> int:
    """The weekly report: look at it, send it, or see the messages behind a number.

    \b
    vamaild report                        as it would be sent now
    vamaild report --week 2026-W47        that of another week
    vamaild report --list urgent          the messages behind a number
    vamaild report --html r.html          to look at in a browser
    """
    if sum((bool(html), send, name is not None, returning is not None, preview)) > 1:
        raise click.UsageError("choose one of --preview, --html, --send, --list and --return")
    with desk(place) as service:
        if returning is not None:
            return show_return(service, returning)
        if send and client:
            raise click.UsageError("--send sends the report on everybody to you; a client's part is only shown")
        if agency and client:
            raise click.UsageError("the agency's report is about everybody; leave --client out")
        if send and agency and not service.rules.settings.report.agency:
            raise click.UsageError('there is no agency: write under [report] in vamaild.toml  agency = "ADDRESS"')
        return show(place, service, html, send, week, client, name, agency)


def show_return(service: "Service", client: str) -> int:
    """The digest of a principal."""
    from .. import returning

    known(service, client)
    click.echo(returning.preview(service, client).rstrip("\n"))
    return Exit.DONE


def known(service: "Service", client: str) -> None:
    """Stops with exit 5 when there is no such client."""
    ids = [r.client.id for r in service.rules.rulebook.clients]
    if client not in ids:
        raise Stop(f"There is no client {client}. Known here: {', '.join(ids) or 'none'}", Exit.NOT_FOUND)


def show(
    place: Place,
    service: "Service",
    html: Path | None,
    send: bool,
    week: tuple[int, int] | None,
    client: str,
    name: str | None,
    agency: bool = False,
) -> int:
    """Whatever was asked for; exit 1 where the figures do not add up."""
    from .. import reporting

    if client:
        known(service, client)
    since, until = _span(service, week)
    found = reporting.look(service, since, until, client)
    code = Exit.DONE if found.adds_up else Exit.ATTENTION
    if name is not None:
        return show_list(place, found, name)
    if place.as_json and not (send or html):
        place.tell(as_values(found), [])
        return code
    try:
        made = (reporting.make_agency if agency else reporting.make)(service, found)
    except TemplateError as error:
        raise Stop(str(error), Exit.CONFIGURATION) from error
    if html:
        html.write_text(made.html, encoding="utf-8")
        place.tell({"html": str(html), "bytes": len(made.html.encode())}, [f"Written: {html}. Open it in a browser."])
    elif send:
        _send(place, service, made, service.rules.settings.report.agency if agency else "", again=week is not None)
    else:
        report, me = service.rules.settings.report, service.rules.settings.assistant.email
        _preview(report.agency or "nobody yet" if agency else me, made, bool(client or week or agency))
    return code


def _span(service: "Service", week: tuple[int, int] | None) -> tuple[datetime, datetime]:
    from .. import reporting

    if week is None:
        return reporting.span(service)
    try:
        since, until = reporting.of_week(service, *week)
    except ValueError as error:
        raise Stop(f"There is no week {week[1]} in {week[0]}.", Exit.NOT_FOUND) from error
    if until > service.now():
        raise Stop("That week is not over yet. As far as it goes: vamaild report", Exit.NOT_FOUND)
    return since, until


def _preview(to: str, made: "Made", part: bool) -> None:
    """The page with bars, after the line that says to whom it goes."""
    attached = "".join(f"   + {name}" for name in made.attached)
    click.echo(f"To: {to}{attached}\n\n{text(made.page, BAR)}", nl=False)
    if not part:
        click.echo("\nSend it now: vamaild report --send    As HTML: vamaild report --html r.html")


def _send(place: Place, service: "Service", made: "Made", agency: str, *, again: bool) -> None:
    """Queues it; the next one begins where this one ends, unless it is that of an earlier week."""
    from .. import reporting

    now, store = service.now(), service.store
    try:
        mail = reporting.mail(service, made, now.isoformat() if again else "", agency)
    except ValueError as error:
        raise Stop(f"{error}. Nothing was sent.", Exit.SAFETY) from error
    with store.transaction():
        store.queue_mail(mail)
        if not again:
            store.ran(reporting.AGENCY_RUN if agency else reporting.RUN, made.figures.until)
    line = f"Queued for {mail.to}: the service sends it at its next look."
    place.tell({"to": mail.to, "sort": str(Sort.NOTE), "attached": list(made.attached)}, [line])


def show_list(place: Place, found: "Figures", name: str) -> int:
    """The messages behind a number."""
    numbers = {n.name: n for n in found.numbers}
    if name not in numbers:
        raise Stop(f"There is no number {name}. Known here: {', '.join(numbers)}", Exit.NOT_FOUND)
    number = numbers[name]
    value: dict[str, object] = {"name": name, "count": number.count, "messages": _values(place, found, number)}
    lines = table(HEAD, _rows(place, found, number), WIDEST)
    place.tell(
        value, [*lines, f"{number.count} in all."] if number.messages else [f"{name}: {number.count}, no messages."]
    )
    return Exit.DONE


def _rows(place: Place, found: "Figures", number: Number) -> list[Sequence[str]]:
    return [_row(place, found, message) for message in number.messages]


def _row(place: Place, found: "Figures", message: int) -> Sequence[str]:
    row = found.subjects.get(message)
    if row is None:
        return str(message), "-", "-", "-", "of an earlier week", "-", "-", "-"
    came = place.here(row.received, row.client)
    when = f"{day(came, place.now)} {came:%H:%M}"
    told = (shown(row.who, 24), shown(row.subject), row.kind or "-", str(row.outcome), row.reason or "-")
    return str(row.id), when, row.client or "-", *told


def _values(place: Place, found: "Figures", number: Number) -> list[dict[str, object]]:
    keys = ("message", "came", "client", "who", "subject", "kind", "outcome", "why")
    return [dict(zip(keys, _row(place, found, message), strict=True)) for message in number.messages]
