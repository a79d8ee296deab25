"""`vamaild person`: what is kept of somebody who writes, handed out or erased; whether she gets automatic replies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from ..core.privacy import About, Person, canonical, code
from .place import Place, Value, place_options
from .screen import Exit, Stop
from .words import both, moment

if TYPE_CHECKING:
    from ..adapters.store import SqliteStore

client_option = click.option("--client", default="", metavar="ID", help="For this client only [default: everywhere].")
name_option = click.option("--name", "names", multiple=True, metavar="TEXT", help="A name to look for, too.")
COUNTS = "counts without a person; of each message its place in the mailbox and a one-way fingerprint"
MARK = "a one-way mark: she asked for no automatic replies"


@click.group()
def person() -> None:
    """People who write: what is kept of them, and whether they get automatic replies.

    \b
    vamaild person show eva@mala.example                      what is kept
    vamaild person export eva@mala.example /srv/eva           the same as files
    vamaild person erase eva@mala.example                     takes it out, with a receipt
    vamaild person replies eva@mala.example --client novak    does she get any?
    """


@contextmanager
def _kept(place: Place, address: str, client: str, names: tuple[str, ...]) -> "Iterator[tuple[SqliteStore, Person]]":
    """The ledger and whom it is asked about. Stops for what is no address, or an unknown client."""
    from .pause import known

    if not canonical(address).strip("@").count("@"):
        raise Stop(f'"{address}" is no address; write it like eva@mala.example', Exit.USAGE)
    with place.ledger() as store:
        if client:
            known(client, place, store)
        yield cast("SqliteStore", store), Person(address.strip(), client, names)


def _listed(who: Person, about: About) -> list[str]:
    from .erasing import counted

    if not about.anything:
        return [f"Nothing is kept about {who.address}{f', client {who.client}' if who.client else ''}."]
    where = f", client{'s' * (len(about.clients) > 1)} {both(about.clients)}" if about.clients else ""
    found = [f"Kept about {who.address}{where}:", f"  {counted(about.rows, about.texts)}"]
    if about.mentions:
        found.append(f"  {about.mentions} place{'s' * (about.mentions != 1)} in other rows that name or quote them")
    found += [f"  still open: {both(about.open)}"] if about.open else []
    return found + (["  asked for no automatic replies"] if about.silenced else [])


def _value(who: Person, about: About) -> Value:
    """JSON-ready; keys are stable."""
    return {
        "address": who.address,
        "clients": list(about.clients),
        "rows": dict(about.rows),
        "texts": about.texts,
        "mentions": about.mentions,
        "open": list(about.open),
        "no_automatic_replies": about.silenced,
    }


@person.command()
@click.argument("address")
@client_option
@name_option
@place_options
def show(place: Place, address: str, client: str, names: tuple[str, ...]) -> int:
    """What is kept about this person; in any case, with any +tag. Nothing is changed."""
    with _kept(place, address, client, names) as (store, who):
        about = store.about(who)
    place.tell(_value(who, about), _listed(who, about))
    return Exit.DONE if about.anything or about.silenced else Exit.NOT_FOUND


@person.command()
@click.argument("address")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@client_option
@place_options
def export(place: Place, address: str, folder: Path, client: str) -> int:
    """Everything that is kept about this person as files: one JSON line a row, our mails to them as .eml."""
    from . import handout
    from .setup import prepare

    secrets = prepare(place.config, place.state).rulebook.secrets
    with _kept(place, address, client, ()) as (store, who):
        about = store.about(who)
        if not about.anything:
            raise Stop(_listed(who, about)[0], Exit.NOT_FOUND)
        with handout.folder(folder) as to:
            rows = handout.unhurried(store.person_rows(who), sum(about.rows.values()), folder, place.as_json)
            done = handout.write(rows, to, secrets, place.now)
    lines = [f"Wrote {sum(done.rows.values())} rows and {done.mails} mails into {folder} (0700)."]
    lines += [f"{done.withheld} rows were left out: they hold what is secret."] if done.withheld else []
    place.tell({"folder": str(folder), "rows": done.rows, "mails": done.mails, "withheld": done.withheld}, lines)
    return Exit.DONE


@person.command()
@click.argument("address")
@client_option
@name_option
@click.option("--confirm", metavar="ADDRESS", help="The address again, where nobody can be asked.")
@click.option("--anyway", is_flag=True, help="Also what is still open: it is closed, and what waits does not leave.")
@click.option("--backups", is_flag=True, help="Remove the backups made before, too, and make a new one.")
@place_options
def erase(
    place: Place, address: str, client: str, names: tuple[str, ...], confirm: str | None, anyway: bool, backups: bool
) -> int:
    """Takes address, names and texts of this person out of the ledger for good, and writes a receipt.

    \b
    vamaild person erase eva@mala.example                       shows what goes, asks
    vamaild person erase eva@mala.example --confirm eva@mala.example --backups
    vamaild person erase eva@mala.example --client novak        what she wrote to novak only

    In any case, with any +tag; her full name and what she wrote also where others' rows hold it. Exit code 1 when
    something is left that a person must see to.
    """
    from . import erasing

    with _kept(place, address, client, names) as (store, who):
        about = store.about(who)
        for line in () if place.as_json else (*_listed(who, about), *_fate(who, about)):
            click.echo(line)
        if about.anything:
            erasing.may(about, anyway)
        erasing.agreed(address, confirm, "the address")
        counts = store.forget(who, place.now)
        # With a client named, what she wrote to others stays: so do the bytes.
        lines = list(erasing.clear(store, place, [] if client else [canonical(address), *names], backups))
    lines += erasing.written(place, [canonical(address)])
    where = f"one person, for client {client}" if client else "one person, everywhere"
    stays = [COUNTS, *([MARK] if about.silenced else [])]
    path = erasing.receipt(place, erasing.Erased(f"{where}; code {code(address)}", counts, stays, lines))
    value = {"receipt": str(path), "rows": dict(counts), "notes": lines}
    place.tell(_value(who, about) | value, [*lines, f"Erased. Receipt: {path}"])
    looks = any(line.startswith(("LOOK", "Still written")) for line in lines)
    return Exit.ATTENTION if looks else Exit.DONE


def _fate(who: Person, about: About) -> list[str]:
    where = f"for client {who.client} only" if who.client else "everywhere, whichever client they wrote to"
    return [
        f"Goes: texts, names, addresses, here and in backups from now on; {where}.",
        f"Stays: {COUNTS}{f'; {MARK}' if about.silenced else ''}.",
        "Cannot be reached from here: the mailboxes themselves, mail already sent.",
    ]


@person.command()
@click.argument("address")
@click.option("--client", required=True, metavar="ID", help="The client she writes to.")
@click.option("--again/--never", default=None, help="Again: she gets them from now on. Never: none for good.")
@place_options
def replies(place: Place, address: str, client: str, again: bool | None) -> int:
    """Whether this person gets automatic replies; "no automatic replies, please" is kept until you take it back."""
    from .pause import known

    with place.ledger() as store:
        known(client, place, store)
        if again:
            store.unsilence(client, address)
        elif again is False:
            store.silence(client, address, place.now)
        since = store.silenced(client, address)
    value: Value = {"client": client, "automatic": since is None, "since": since.isoformat() if since else None}
    at = moment(place.here(since, client), place.here(place.now, client)) if since else ""
    line = f"No automatic replies since {at}; a person is shown what comes." if since else "Automatic replies as usual."
    back = [f"Take it back: vamaild person replies {address} --client {client} --again"] if since else []
    place.tell(value, [line, *back])
    return Exit.DONE
