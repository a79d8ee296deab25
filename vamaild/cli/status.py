"""`vamaild status`: how things stand, from the ledger alone; asks no server and answers at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import click

from .. import __version__
from ..core.absence import ORDER, holding, order_of
from ..core.flow import HOUR, REMEMBERED, incident, usual_gap
from ..core.ledger import Outcome, Standing, State, Store
from ..core.ruleset import Absence
from .ahead import Ahead, ahead
from .ahead import as_value as ahead_value
from .ahead import lines as ahead_lines
from .place import Place, Value, place_options
from .screen import Exit, age
from .setup import running
from .words import day


def last_look(store: Store, now: datetime) -> tuple[bool, str]:
    """(whether a service looked lately, when it did in words)."""
    seen = store.last_run("daemon")
    return running(store, now), f"last look {age(seen, now)} ago" if seen else "never ran"


@dataclass(frozen=True, slots=True)
class Quiet:
    """A client whose usual mail has stopped: for how long, and how long the longest usual gap is."""

    lasts: timedelta
    usual: timedelta

    def __str__(self) -> str:
        usual = f", usual gap {self.usual // HOUR} h" if self.usual >= HOUR else ""
        return f"silent {self.lasts // HOUR} h{usual}"


def quiet(standing: Standing, store: Store, now: datetime) -> dict[str, Quiet]:
    """The clients whose silence the service found unusual, up to when it last looked."""
    up = running(store, now)
    until = now if up else store.last_run("daemon") or now
    return {
        client: Quiet(until - last, usual_gap(store.flowed(client, last - REMEMBERED), until))
        for client, last in sorted(standing.last_mail.items())
        if store.last_run(incident(client)) == last and until > last
    }


def lines(standing: Standing, store: Store, found: Ahead) -> list[str]:
    """The page for people."""
    now = found.place.now
    up, seen = last_look(store, now)
    page = [f"vamaild {__version__}, {'running' if up else 'not running'}, {seen}", ""]
    page += _clients(standing, store, found.place)
    oldest = f", oldest {age(standing.oldest_case, now)}" if standing.oldest_case else ""
    sums = ", ".join(f"{standing.by_outcome.get(o, 0)} {o}" for o in Outcome)
    page += [
        "",
        f"Arrived   {standing.arrived}: {sums}",
        f"Queue     {standing.open_cases} waiting{oldest}, {standing.escalations_open} emergencies not taken",
        *ahead_lines(found, standing),
    ]
    return page + (["Next: vamaild queue"] if standing.open_cases else [])


def away(client: str, store: Store, place: Place) -> Absence | None:
    """The absence that is on now for this client: what the file says, and what the assistant said over it."""
    today = place.here(place.now, client).date()
    found = holding(place.written.absence(client), order_of(client, store.away_kept(client, ORDER)), today)
    return found if found and found.covers(today) else None


def _away_words(absent: Absence, place: Place, client: str) -> str:
    now = place.here(place.now, client)
    back = datetime.combine(absent.back, now.timetz()) if absent.back else None
    return f"away, back {day(back, now)}" if back else "away"


def _clients(standing: Standing, store: Store, place: Place) -> list[str]:
    """A line for each client that has written."""
    silent = quiet(standing, store, place.now)
    page = [f"{'CLIENT':<12}{'TRUST':<9}{'LAST MAIL':<12}{'TODAY':>6}{'WAITING':>9}"]
    for client in sorted({*standing.last_mail, *standing.today, *standing.waiting}):
        last = standing.last_mail.get(client)
        when = f"{place.here(last):%a %H:%M}" if last else "-"
        words = [f"! {silent[client]}"] if client in silent else []
        words += [_away_words(absent, place, client)] if (absent := away(client, store, place)) else []
        warning = f"  {', '.join(words)}" if words else ""
        counts = f"{standing.today.get(client, 0):>6}{standing.waiting.get(client, 0):>9}"
        trust = place.written.trust(client) if client else ""
        page.append(f"{client or '(none)':<12}{trust or '-':<9}{when:<12}{counts}{warning}")
    return page


def as_value(standing: Standing, store: Store, found: Ahead) -> Value:
    """The same, JSON-ready; keys are stable."""
    now = found.place.now
    up, clients = running(store, now), sorted(c for c in standing.last_mail if c)
    on = {client: absent for client in clients if (absent := away(client, store, found.place))}
    return {
        "as_of": now.isoformat(),
        "version": __version__,
        "running": up,
        "arrived": standing.arrived,
        "by_outcome": dict(standing.by_outcome),
        "by_reason": dict(standing.by_reason),
        "outbox": dict(standing.outbox),
        "queue": {"open": standing.open_cases, "escalations": standing.escalations_open},
        "today": dict(standing.today),
        "silent": {
            client: {"hours": gap.lasts // HOUR, "usual_gap_hours": gap.usual // HOUR}
            for client, gap in quiet(standing, store, now).items()
        },
        "away": {client: {"back": a.back.isoformat() if a.back else None} for client, a in on.items()},
    } | ahead_value(found)


def verdict(standing: Standing, store: Store, now: datetime, late: int) -> tuple[int, str]:
    """(exit code, one line) for Nagios and its like."""
    up, seen = last_look(store, now)
    numbers = f"queue={standing.open_cases} emergencies={standing.escalations_open} promises_late={late}"
    if not up:
        return Exit.ATTENTION, f"CRITICAL: not running, {seen} | {numbers}"
    if standing.escalations_open or standing.outbox.get(State.UNCONFIRMED, 0):
        return Exit.ATTENTION, f"WARNING: somebody must look | {numbers}"
    if late:
        return Exit.ATTENTION, f"WARNING: {late} {'promise is' if late == 1 else 'promises are'} late | {numbers}"
    if silent := quiet(standing, store, now):
        named = "; ".join(f"{client} silent {found.lasts // HOUR} h" for client, found in silent.items())
        return Exit.ATTENTION, f"WARNING: {named} | {numbers}"
    return Exit.DONE, f"OK: {seen} | {numbers}"


@click.command()
@place_options
@click.option("--check", is_flag=True, help="One line and an exit code, for monitoring.")
def status(place: Place, check: bool) -> int:
    """How things stand."""
    now = place.now
    with place.ledger() as store:
        standing = store.standing(now.replace(hour=0, minute=0, second=0, microsecond=0))
        found = ahead(store, place)
        if check:
            code, line = verdict(standing, store, now, found.late)
            click.echo(line)
            return code
        place.tell(as_value(standing, store, found), lines(standing, store, found))
    return Exit.DONE
