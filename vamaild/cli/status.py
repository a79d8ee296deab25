"""`vamaild status`: how things stand, from the ledger alone; asks no server and answers at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click

from .. import __version__
from ..core.flow import HOUR, REMEMBERED, incident, usual_gap
from ..core.ledger import Outcome, Standing, State, Store
from .screen import Exit, age, config_option, json_option, print_json, state_dir, state_option
from .setup import open_store, this_moment

LATE = timedelta(minutes=10)


def running(store: Store, now: datetime) -> tuple[bool, str]:
    """(whether a daemon looked lately, when it did in words)."""
    seen = store.last_run("daemon")
    if seen is None:
        return False, "never ran"
    return now - seen < LATE, f"last look {age(seen, now)} ago"


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
    up, _ = running(store, now)
    until = now if up else store.last_run("daemon") or now
    return {
        client: Quiet(until - last, usual_gap(store.flowed(client, last - REMEMBERED), until))
        for client, last in sorted(standing.last_mail.items())
        if store.last_run(incident(client)) == last and until > last
    }


def lines(standing: Standing, store: Store, now: datetime) -> list[str]:
    """The page for people."""
    up, seen = running(store, now)
    page = [f"vamaild {__version__}, {'running' if up else 'not running'}, {seen}", ""]
    silent = quiet(standing, store, now)
    page.append(f"{'CLIENT':<12}{'LAST MAIL':<12}{'TODAY':>6}{'WAITING':>9}")
    for client in sorted({*standing.last_mail, *standing.today, *standing.waiting}):
        last = standing.last_mail.get(client)
        when = f"{last.astimezone():%a %H:%M}" if last else "-"
        warning = f"  ! {silent[client]}" if client in silent else ""
        counts = f"{standing.today.get(client, 0):>6}{standing.waiting.get(client, 0):>9}"
        page.append(f"{client or '(none)':<12}{when:<12}{counts}{warning}")
    oldest = f", oldest {age(standing.oldest_case, now)}" if standing.oldest_case else ""
    sums = ", ".join(f"{standing.by_outcome.get(o, 0)} {o}" for o in Outcome)
    queued = standing.outbox.get(State.QUEUED, 0)
    doubt = standing.outbox.get(State.UNCONFIRMED, 0)
    page += [
        "",
        f"Arrived   {standing.arrived}: {sums}",
        f"Queue     {standing.open_cases} waiting{oldest}, {standing.escalations_open} emergencies not taken",
        f"Outbox    {queued} to leave, {standing.outbox.get(State.DRAFT, 0)} drafts, {doubt} unconfirmed",
    ]
    return page + (["Next: vamaild queue"] if standing.open_cases else [])


def as_value(standing: Standing, store: Store, now: datetime) -> dict[str, object]:
    """The same, JSON-ready; keys are stable."""
    up, _ = running(store, now)
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
            client: {"hours": found.lasts // HOUR, "usual_gap_hours": found.usual // HOUR}
            for client, found in quiet(standing, store, now).items()
        },
    }


def verdict(standing: Standing, store: Store, now: datetime) -> tuple[int, str]:
    """(exit code, one line) for Nagios and its like."""
    up, seen = running(store, now)
    numbers = f"queue={standing.open_cases} emergencies={standing.escalations_open}"
    if not up:
        return Exit.ATTENTION, f"CRITICAL: not running, {seen} | {numbers}"
    if standing.escalations_open or standing.outbox.get(State.UNCONFIRMED, 0):
        return Exit.ATTENTION, f"WARNING: somebody must look | {numbers}"
    if silent := quiet(standing, store, now):
        named = "; ".join(f"{client} silent {found.lasts // HOUR} h" for client, found in silent.items())
        return Exit.ATTENTION, f"WARNING: {named} | {numbers}"
    return Exit.DONE, f"OK: {seen} | {numbers}"


@click.command()
@config_option
@state_option
@json_option
@click.option("--check", is_flag=True, help="One line and an exit code, for monitoring.")
def status(config: Path, state: Path | None, as_json: bool, check: bool) -> int:
    """How things stand."""
    store, now = open_store(state_dir(state, config)), this_moment()
    try:
        standing = store.standing(now.replace(hour=0, minute=0, second=0, microsecond=0))
        if check:
            code, line = verdict(standing, store, now)
            click.echo(line)
            return code
        if as_json:
            print_json(as_value(standing, store, now))
        else:
            click.echo("\n".join(lines(standing, store, now)))
    finally:
        store.close()
    return Exit.DONE
