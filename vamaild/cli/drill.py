"""`vamaild away drill CLIENT`: a practice alarm along the whole chain, each link shown when it has answered.

The running service tells everybody and hears the answers; this only begins it and looks on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import TYPE_CHECKING

import click

from ..core.drill import Drill, Link
from .place import Place, Value, desk
from .screen import Exit, Stop, json_option
from .setup import running
from .words import both

if TYPE_CHECKING:
    from ..service import Service

EVERY = 1.0
CHANNELS = {"email": "mail", "sms": "text"}
NUMBERS = {"take": "1", "pass_on": "2", "wait": "3"}


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at: whose practice, its case, and how people and channels are named."""

    place: Place
    client: str
    code: str
    names: dict[str, str]
    widths: tuple[int, int]
    mark: str


@click.command()
@click.argument("client")
@click.option("--no-wait", is_flag=True, help="Begin it and return; the result is in `vamaild away check`.")
@json_option
@click.pass_obj
def drill(place: Place, client: str, no_wait: bool, as_json: bool) -> int:
    """Try the alarm: everybody in the chain is told, over every channel, that this is practice."""
    with desk(place) as service:
        look = _begin(place, client, service)
        quiet = place.as_json or as_json
        if not quiet:
            click.echo(f'A practice alarm marked "{look.mark}" goes along the whole chain.')
        if no_wait:
            value: Value = {"client": client, "case": look.code}
            place.tell(value, [f"Its result: vamaild away check {client}"], as_json)
            return Exit.DONE
        ended = _follow(look, service, quiet)
    place.tell(_as_value(ended, look), _verdict(ended, look, _first_day(client, service, place)), as_json)
    return Exit.DONE if ended.works else Exit.ATTENTION


def _begin(place: Place, client: str, service: "Service") -> Look:
    """Begins it, and says so. Stops where it would be no practice: no such client, no service, a real emergency."""
    from .. import drills
    from ..notices import name_of, ruleset_of, ways_of

    ruleset = ruleset_of(client, service)
    if ruleset is None:
        known = ", ".join(r.client.id for r in service.rules.rulebook.clients) or "none"
        raise Stop(f"There is no client {client}. Known here: {known}", Exit.NOT_FOUND)
    if not running(service.store, place.now):
        why = "The service is not running: nobody would be told, and no answer would be heard."
        raise Stop(f"{why} Start it: sudo systemctl start vamaild", Exit.ATTENTION)
    if code := drills.emergency_of(client, service):
        raise Stop(
            f"The emergency {code} is not over: nobody practises now. See: vamaild queue show {code}", Exit.SAFETY
        )
    case = drills.begin(client, service, place.now)
    chain = [link.person for link in drills.how_far(case, service)]
    names = {person: name_of(person, client, service) for person in chain}
    ways = [_ways(tuple(ways_of(person, client, service))) for person in chain]
    widths = (max(map(len, names.values())), max(map(len, ways)))
    return Look(place, client, case.code, names, widths, drills.mark_of(case, service, place.now))


def _first_day(client: str, service: "Service", place: Place) -> datetime | None:
    """When the absence begins that is to come."""
    from ..notices import ruleset_of

    ruleset = ruleset_of(client, service)
    first = ruleset.absence.first if ruleset and ruleset.absence else None
    begins = datetime.combine(first, datetime.min.time(), place.now.tzinfo) if first else None
    return begins if begins and begins > place.now else None


def _follow(look: Look, service: "Service", quiet: bool) -> Drill:
    """Shows each link once it is done, until all are. Stops when the service does."""
    from .. import drills

    shown, began = 0, monotonic()
    while True:
        found = drills.look(look.code, look.client, service)
        if found is None:
            raise Stop(f"The practice {look.code} is no longer there.", Exit.NOT_FOUND)
        done = list(_done(found))
        for link in () if quiet else done[shown:]:
            click.echo(_line(link, look))
        shown = len(done)
        if found.ended:
            return found
        if not running(service.store, look.place.now + timedelta(seconds=monotonic() - began)):
            raise Stop("The service has stopped; the practice goes on when it is started again.", Exit.ATTENTION)
        sleep(EVERY)


def _done(found: Drill) -> Iterator[Link]:
    """The links of which nothing more is to be expected: in the order of the chain, up to the one that is asked."""
    for at, link in enumerate(found.links):
        later = any(other.told_at for other in found.links[at + 1 :])
        if not (found.ended or link.answered_at or later):
            return
        yield link


def _line(link: Link, look: Look) -> str:
    """One link: who, when he was told, over what, and what came of it."""
    name = look.names.get(link.person, link.person).ljust(look.widths[0])
    if link.told_at is None:
        return f"  {name}  {'-':<8}  {'':<{look.widths[1]}} was not told: there is no way that works"
    ways = _ways(link.ways).ljust(look.widths[1])
    return f"  {name}  {look.place.here(link.told_at):%H:%M:%S}  {ways} {_outcome(link)}"


def _outcome(link: Link) -> str:
    broken = f"; {_ways(link.broken)} does not work" if link.broken else ""
    if link.told_at is None or link.answered_at is None:
        return f"did not answer{broken}"
    number = NUMBERS.get(link.answer, "") if link.over not in ("cli", "web") else ""
    said = f'answered "{number}"' if number else "answered"
    return f"{said} after {_long(link.answered_at - link.told_at)}{broken}"


def _long(took: timedelta) -> str:
    seconds = max(int(took.total_seconds()), 0)
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min"


def _ways(ways: Sequence[str]) -> str:
    return ", ".join(CHANNELS.get(way, way) for way in ways)


def _verdict(found: Drill, look: Look, until: datetime | None) -> list[str]:
    """Whether the chain works; if not, why, and what to do."""
    if found.instead:
        return [f"Broken off: the emergency {found.instead} goes first. Later: vamaild away drill {look.client}"]
    shown = 'Shown in "away check"' + (f" until {until.day} {until:%b}." if until else ".")
    if found.works:
        return [f"The chain works. {shown}"]
    silent = [look.names[link.person] for link in found.links if not link.answered_at]
    broken = [f"{_ways(link.broken)} of {look.names[link.person]}" for link in found.links if link.broken]
    why = [f"{both(silent)} did not answer"] if silent else []
    why += [f"{both(broken)} does not work"] if broken else []
    return [f"The chain does not work: {'; '.join(why)}. {shown}"]


def _as_value(found: Drill, look: Look) -> Value:
    def at(moment: datetime | None) -> str | None:
        return look.place.here(moment).isoformat() if moment else None

    links = [
        {
            "person": link.person,
            "ways": list(link.ways),
            "broken": list(link.broken),
            "told": at(link.told_at),
            "answered": at(link.answered_at),
            "answer": link.answer or None,
            "over": link.over or None,
        }
        for link in found.links
    ]
    ends: Value = {"began": at(found.began), "ended": at(found.ended), "instead": found.instead or None}
    return {"client": found.client, "case": found.code, "works": found.works, **ends, "links": links}
