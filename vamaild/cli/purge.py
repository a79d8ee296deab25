"""`vamaild purge`: takes away now what is kept long enough; the service does the same every night."""

import sys
from collections.abc import Mapping

import click

from .. import purging
from .erasing import counted
from .place import Place, desk, place_options
from .screen import Exit


@click.command(short_help="Take away what is kept long enough.")
@click.option("--dry-run", is_flag=True, help="Say what would go, change nothing.")
@place_options
def purge(place: Place, dry_run: bool) -> int:
    """Takes away texts older than keep_text and events older than keep_events ([privacy] in vamaild.toml).

    \b
      vamaild purge --dry-run    what would go
      vamaild purge              now; the service does it every night at 03:10

    Nothing that is still open goes: an open case, a promise, a mail that waits, a matter handed over, an absence that
    lasts. It may be stopped at any time (Ctrl-C) and goes on where it stopped. What stays: vamaild client record ID.
    """
    with desk(place) as service:
        wanted = purging.plan(service)
        if dry_run:
            found, kept = dict(service.store.purgeable(wanted)), service.store.held_back(wanted)
            lines = [f"Would go: {counted(found)}. Nothing was changed.", *_longer(kept)]
            place.tell({"would": found, "kept_longer": kept}, lines)
            return Exit.DONE
        done, _ = purging.purge(service, tell=_progress)
        service.store.ran(purging.PURGE, place.now)
        kept = service.store.held_back(wanted)
    place.tell({"done": done, "kept_longer": kept}, [f"Gone: {counted(done)}.", *_longer(kept)])
    return Exit.DONE


def _longer(kept: int) -> list[str]:
    """What an open matter keeps here longer than was meant."""
    if not kept:
        return []
    what = f"{kept} older message{'s' * (kept != 1)}"
    return [
        f"Kept longer: {what}: something about them is open (vamaild queue, promises, outbox), or an absence lasts."
    ]


def _progress(done: Mapping[str, int]) -> None:
    """One line that grows, for whoever sits before it."""
    if sys.stderr.isatty():
        click.echo(f"\r{sum(done.values())} rows", err=True, nl=False)
