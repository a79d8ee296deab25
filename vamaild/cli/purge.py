"""`vamaild purge`: takes away now what is kept long enough; the service does the same every night."""

from collections.abc import Mapping

import click

from .. import purging
from ..core.privacy import Plan
from ..service import Service
from .erasing import counted
from .place import Place, desk, place_options
from .progress import Interrupt, interrupted, progress
from .screen import Exit

MANY = 1_000
"""So many rows take a moment."""


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
        done = _purged(service, wanted, place.as_json)
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


def _purged(service: Service, wanted: Plan, quiet: bool) -> Mapping[str, int]:
    """Everything, batch by batch. Stops where Ctrl-C is pressed; what is gone by then is gone."""
    whole, gone = sum(dict(service.store.purgeable(wanted)).values()), 0
    with Interrupt().caught() as stop, progress(whole, "Taking away", "rows", quiet=quiet or whole < MANY) as step:

        def tell(done: Mapping[str, int]) -> None:
            nonlocal gone
            before, gone = gone, sum(done.values())
            step(gone - before)

        service.stopping = stop
        done, finished = purging.purge(service, tell=tell)
    if not finished:
        raise interrupted(f"gone: {counted(done)}", "The same command goes on there; so does the service every night.")
    return done
