"""`vamaild pause` and `vamaild resume`: no reply leaves for a while, for one client or for everybody.

Mail is read and sorted as ever, and emergencies are passed on. A broken configuration must not keep anybody from this.
"""

import re
from datetime import datetime, timedelta
from difflib import get_close_matches

import click

from ..core.ledger import OutboxItem, Sort, State, Store
from ..core.trust import Pause, holding
from .place import Place, Value, place_options
from .screen import Exit, Stop
from .words import both, clock

DURATION = re.compile(r"(\d{1,4})\s?(m|h|d)")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
EVERYBODY = "everybody"


def duration(_ctx: click.Context, _param: click.Parameter, value: str | None) -> timedelta | None:
    """ "30m", "2h", "3d"."""
    match = DURATION.fullmatch(value) if value else None
    if value is not None and (match is None or not int(match[1])):
        raise click.BadParameter(f'"{value}" is no duration; write it like 30m, 2h or 3d')
    return timedelta(**{UNITS[match[2]]: int(match[1])}) if match else None


def name(client: str) -> str:
    return client or EVERYBODY.capitalize()


def known(client: str, place: Place, store: Store) -> None:
    """Stops with exit 5 when neither the files nor the ledger know this client."""
    ids = {*place.written.clients(), *store.standing(place.now).last_mail} - {""}
    if client and client not in ids:
        near = get_close_matches(client, ids, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"Known here: {', '.join(sorted(ids)) or 'none'}"
        raise Stop(f"There is no client {client}. {hint}", Exit.NOT_FOUND)


def moment_of(until: str | None, lasts: timedelta | None, place: Place, client: str) -> datetime | None:
    """The end of the pause; a moment without a zone is the client's own time. Stops when it is past."""
    if until and lasts:
        raise click.UsageError("say --for or --until, not both")
    if not until:
        return place.now + lasts if lasts else None
    try:
        at = datetime.fromisoformat(until)
    except ValueError as error:
        raise click.UsageError(f'"{until}" is no moment; write it like 2026-12-01T09:00') from error
    end = at if at.tzinfo else at.replace(tzinfo=place.written.zone(client))
    if end <= place.now:
        raise click.UsageError(f"--until {until} is past")
    return end


@click.command()
@place_options
@click.option("--client", default="", metavar="ID", help="Only for this client [default: everybody].")
@click.option("--for", "lasts", callback=duration, metavar="2h", help="For so long: 30m, 2h, 3d.")
@click.option("--until", metavar="TIME", help="Until then (2026-12-01T09:00, the client's time).")
def pause(place: Place, client: str, lasts: timedelta | None, until: str | None) -> int:
    """No replies for a while; emergencies are passed on all the same."""
    end = moment_of(until, lasts, place, client)
    with place.ledger() as store:
        known(client, place, store)
        store.pause(Pause(client, place.now, end, "me"))
    place.tell(as_value(Pause(client, place.now, end), place), _paused(client, end, place))
    return Exit.DONE


def _paused(client: str, end: datetime | None, place: Place) -> list[str]:
    until = f"until {clock(place.here(end, client), place.here(place.now, client))}" if end else "until you say so"
    go_on = f"vamaild resume --client {client}" if client else "vamaild resume"
    return [
        f"{name(client)}: no replies {until}. Mail is read and sorted, emergencies are",
        f"passed on. Go on{' earlier' if end else ''}: {go_on}",
    ]


def as_value(pause: Pause, place: Place) -> Value:
    """A pause as JSON-ready values; keys are stable. `client` null: everybody."""
    end = place.here(pause.until, pause.client).isoformat() if pause.until else None
    return {"client": pause.client or None, "since": place.here(pause.since).isoformat(), "until": end}


@click.command()
@place_options
@click.option("--client", default="", metavar="ID", help="Only this client [default: the pause of everybody].")
def resume(place: Place, client: str) -> int:
    """Replies leave again."""
    with place.ledger() as store:
        ended = store.resume(client)
        left = store.pauses(place.now)
        held = [i for i in store.outbox((State.QUEUED,)) if i.mail.sort is Sort.COURTESY]
    if not ended and (client or left):
        raise Stop(f"{name(client)} {_is(client)} not paused. {_still(left)}", Exit.NOT_FOUND)
    place.tell(
        {"client": client or None, "resumed": ended, "paused": [as_value(p, place) for p in left]},
        [_resumed(client, ended, left, held)],
    )
    return Exit.DONE


def _is(client: str) -> str:
    return "is" if client else "as a whole is"


def _still(left: tuple[Pause, ...]) -> str:
    return f"Paused now: {both([p.client or EVERYBODY for p in left])}." if left else "Nobody is paused."


def _resumed(client: str, ended: bool, left: tuple[Pause, ...], held: list[OutboxItem]) -> str:
    if not ended:
        return "Nothing is paused; nothing changed."
    if client and holding(left, client):
        return f"{client} itself goes on, but everybody is paused. Go on: vamaild resume"
    waiting = [i for i in held if client in ("", i.mail.client) and not holding(left, i.mail.client)]
    said = [f"{name(client)}: replies leave again."]
    said += [f"{len(waiting)} waiting: vamaild outbox"] if waiting else []
    said += [_still(left)] if left else []
    return " ".join(said)
