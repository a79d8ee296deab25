"""`vamaild status`: how things stand, the worst first, from the ledger alone; asks no server and answers at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import click

from .. import __version__
from ..core.absence import ORDER, holding, order_of
from ..core.ledger import Outcome, Standing, State, Store
from ..core.ruleset import Absence
from .ahead import Ahead, ahead
from .ahead import as_value as ahead_value
from .ahead import lines as ahead_lines
from .place import Place, Value, place_options
from .screen import Exit, Stop, age
from .standing import LONG_FAILING, Health, health, mail_line, store_line
from .standing import as_value as health_value
from .words import day

SHOWN = 12
"""As many clients are shown even when all is well with them."""

OVERDUE = timedelta(minutes=15)
"""A mail that should have left so long ago has not."""

OK, WARNING, CRITICAL, UNKNOWN = range(4)
"""Exit codes of `--check`, as Nagios wants them."""


@dataclass(frozen=True, slots=True)
class Row:
    """What there is to say of a client. `rank`: 0 something is wrong, 1 something waits, 2 away, 3 fine."""

    rank: int
    client: str
    words: tuple[str, ...] = ()


def last_look(found: Health, now: datetime) -> str:
    """When the service last looked, in words."""
    return f"last look {age(found.seen, now)} ago" if found.seen else "never ran"


def lines(standing: Standing, store: Store, found: Ahead, every: bool = False) -> list[str]:
    """The page for people; `every` shows all clients."""
    place, now = found.place, found.place.now
    well = health(standing, store, place)
    since = f", up {age(well.since, now)}" if well.since else ""
    page = [f"vamaild {__version__}, {'running' if well.up else 'not running'}{since}, {last_look(well, now)}", ""]
    page += _shown(_rows(standing, store, place, well), standing, place, every)
    page += [f"! {old}: {old.what}" for old in well.old if not old.client]
    oldest = f", oldest {age(standing.oldest_case, now)}" if standing.oldest_case else ""
    sums = ", ".join(f"{standing.by_outcome.get(o, 0)} {o}" for o in Outcome)
    page += [
        "",
        f"Arrived   {standing.arrived}: {sums}",
        f"Queue     {standing.open_cases} waiting{oldest}, {standing.escalations_open} emergencies not taken",
        *ahead_lines(found, standing),
        f"Mail      {mail_line(well, now)}",
        f"Store     {store_line(well, now)}",
    ]
    return page + (["Next: vamaild queue"] if standing.open_cases else [])


def away(client: str, store: Store, place: Place) -> Absence | None:
    """The absence that is on now for this client: what the file says, and what the assistant said over it."""
    said, written = store.away_kept(client, ORDER), place.written.absence(client)
    if said is None and written is None:
        return None
    today = place.here(place.now, client).date()
    found = holding(written, order_of(client, said), today)
    return found if found and found.covers(today) else None


def _away_words(absent: Absence, place: Place, client: str) -> str:
    now = place.here(place.now, client)
    back = datetime.combine(absent.back, now.timetz()) if absent.back else None
    return f"away, back {day(back, now)}" if back else "away"


def _rows(standing: Standing, store: Store, place: Place, well: Health) -> list[Row]:
    """A line for each client that has a file or has written, the worst first."""
    known = {*place.written.clients(), *standing.last_mail, *standing.today, *standing.waiting}
    known |= {old.client for old in well.old if old.client}
    rows = [_row(client, standing, store, place, well) for client in sorted(known)]
    return sorted(rows, key=lambda row: row.rank)


def _row(client: str, standing: Standing, store: Store, place: Place, well: Health) -> Row:
    waiting = standing.waiting.get(client, 0)
    wrong = [str(well.silent[client])] if client in well.silent else []
    wrong += [str(old) for old in well.old if old.client == client]
    absent = away(client, store, place)
    words = [f"! {', '.join(wrong)}"] if wrong else []
    words += [_away_words(absent, place, client)] if absent else []
    rank = 0 if wrong else 1 if waiting else 2 if absent else 3
    return Row(rank, client, tuple(words))


def _line(row: Row, standing: Standing, place: Place) -> str:
    last, waiting = standing.last_mail.get(row.client), standing.waiting.get(row.client, 0)
    trust = (place.written.trust(row.client) if row.client else "") or "-"
    when = f"{place.here(last):%a %H:%M}" if last else "-"
    counts = f"{standing.today.get(row.client, 0):>6}{waiting:>9}"
    line = f"{row.client or '(none)':<12}{trust:<9}{when:<12}{counts}"
    return f"{line}  {', '.join(row.words)}" if row.words else line


def _shown(rows: list[Row], standing: Standing, place: Place, every: bool) -> list[str]:
    """The table; of many clients only those there is something to say about."""
    shown = rows if every or len(rows) <= SHOWN else [row for row in rows if row.rank < 3]
    page = [f"{'CLIENT':<12}{'TRUST':<9}{'LAST MAIL':<12}{'TODAY':>6}{'WAITING':>9}"]
    page += [_line(row, standing, place) for row in shown]
    fine = len(rows) - len(shown)
    return page + ([f"{fine} more {'is' if fine == 1 else 'are'} fine: vamaild status --all"] if fine else [])


def as_value(standing: Standing, store: Store, found: Ahead) -> Value:
    """The same, JSON-ready; keys are stable."""
    now, clients = found.place.now, sorted(c for c in standing.last_mail if c)
    on = {client: absent for client in clients if (absent := away(client, store, found.place))}
    well = health(standing, store, found.place)
    return (
        {
            "as_of": now.isoformat(),
            "version": __version__,
            "running": well.up,
            "arrived": standing.arrived,
            "by_outcome": dict(standing.by_outcome),
            "by_reason": dict(standing.by_reason),
            "outbox": dict(standing.outbox),
            "overdue_seconds": int(overdue(found).total_seconds()),
            "queue": {"open": standing.open_cases, "escalations": standing.escalations_open},
            "today": dict(standing.today),
            "away": {client: {"back": a.back.isoformat() if a.back else None} for client, a in on.items()},
        }
        | health_value(well)
        | ahead_value(found)
    )


def overdue(found: Ahead) -> timedelta:
    """How long ago the oldest mail that may leave should have left."""
    late = [found.place.now - moment for moment in found.leaving]
    return max((*late, timedelta()))


def verdict(standing: Standing, store: Store, found: Ahead) -> tuple[int, str]:
    """(exit code, one line) for Nagios and its like: the worst first, then figures."""
    well, now = health(standing, store, found.place), found.place.now
    critical, warning = _critical(standing, well, found), _warnings(standing, well, found)
    level, name = (CRITICAL, "CRITICAL") if critical else (WARNING, "WARNING") if warning else (OK, "OK")
    said = "; ".join((*critical, *warning)) or last_look(well, now)
    return level, f"{name}: {said} | {_figures(standing, well, found)}"


def _critical(standing: Standing, well: Health, found: Ahead) -> list[str]:
    """What lets somebody down right now."""
    now = found.place.now
    said = [] if well.up else [f"not running, {last_look(well, now)}"]
    open_ones = standing.escalations_open
    said += [f"{open_ones} {'emergency' if open_ones == 1 else 'emergencies'} not taken"] if open_ones else []
    long = [box for box in well.failing if box.failing and now - box.failing > LONG_FAILING]
    said += [f"{box.name} failing for {age(box.failing, now)}" for box in long if box.failing]
    late = overdue(found)
    return said + ([f"mail has not left for {age(now - late, now)}"] if late > OVERDUE else [])


def _warnings(standing: Standing, well: Health, found: Ahead) -> list[str]:
    now, doubt = found.place.now, standing.outbox.get(State.UNCONFIRMED, 0)
    said = [f"{box.name} failing" for box in well.failing if box.failing and now - box.failing <= LONG_FAILING]
    said += [
        f"{old.client or old.file} on {old}" if old.kept else f"{old.client or old.file}: {old}" for old in well.old
    ]
    said += [f"{doubt} {'reply' if doubt == 1 else 'replies'} may or may not have left"] if doubt else []
    said += [f"{found.late} {'promise is' if found.late == 1 else 'promises are'} late"] if found.late else []
    said += [f"{client} silent {gap.lasts // timedelta(hours=1)} h" for client, gap in well.silent.items()]
    return said + ([f"last backup {age(well.backup, now)} ago"] if well.backup and well.stale(now) else [])


def _figures(standing: Standing, well: Health, found: Ahead) -> str:
    """Performance data: label=value, seconds with their unit."""
    figures = {
        "queue": standing.open_cases,
        "emergencies": standing.escalations_open,
        "promises_late": found.late,
        "old_rules": len(well.old),
        "silent": len(well.silent),
        "failing": len(well.failing),
    }
    seconds = {"overdue": overdue(found)} | ({"last_look": found.place.now - well.looked} if well.looked else {})
    return " ".join(
        (*(f"{k}={v}" for k, v in figures.items()), *(f"{k}={int(v.total_seconds())}s" for k, v in seconds.items()))
    )


@click.command()
@place_options
@click.option("--check", is_flag=True, help="One line for monitoring; exit 0 ok, 1 warning, 2 critical, 3 unknown.")
@click.option("--all", "every", is_flag=True, help="All clients, also those with whom all is well.")
def status(place: Place, check: bool, every: bool) -> int:
    """How things stand, the worst first."""
    try:
        with place.ledger() as store:
            standing = store.standing(place.now.replace(hour=0, minute=0, second=0, microsecond=0))
            found = ahead(store, place)
            if check:
                code, line = verdict(standing, store, found)
                click.echo(line)
                return code
            place.tell(as_value(standing, store, found), lines(standing, store, found, every))
    except Stop as error:
        if not check:
            raise
        click.echo(f"UNKNOWN: {error.message}")
        return UNKNOWN
    return Exit.DONE
