"""`vamaild client`: all (`list`), what holds for one (`check`), a new one (`add`), how far its texts go (`trust`)."""

import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..core.ledger import DATABASE
from .place import Place, Value, place_options
from .reply import exists
from .screen import Exit, Stop
from .setup import prepare
from .words import both, day, table

if TYPE_CHECKING:  # `--help` should be there at once
    from ..core.ruleset import Absence, RuleSet
    from .newclient import NewClient

HEAD = ("CLIENT", "NAME", "TRUST", "LAST MAIL", "TERMS")
WIDEST = (0, 28, 0, 0, 0)


@click.group()
def client() -> None:
    """The clients: one file each in rules.d.

    \b
    vamaild client list
    vamaild client check rossi
    vamaild client add verdi --name "Verdi srl" --address info@verdi.example --language it
    vamaild client trust rossi                     how far each text goes
    vamaild client trust rossi lead-time send      "lead-time" leaves by itself from now on
    vamaild client record rossi                    what is kept, why, how long: one page
    vamaild client remove rossi --export /srv/rossi --erase
    """


@client.command("list")
@place_options
def list_clients(place: Place) -> None:
    """Every client with its trust level, its last mail and its terms."""
    ready = prepare(place.config, place.state)
    last = last_mail(place)
    clients = ready.rulebook.clients
    value: Value = {"clients": [_value(r, last.get(r.client.id), place) for r in clients]}
    rows = [_row(r, last.get(r.client.id), place) for r in clients]
    place.tell(value, table(HEAD, rows, WIDEST) if rows else ["There is no client yet: vamaild client add"])


def last_mail(place: Place) -> Mapping[str, datetime]:
    """When each client last got mail; nothing where there is no ledger yet."""
    if not (place.state / DATABASE).exists():
        return {}
    with place.ledger() as store:
        return store.standing(place.now).last_mail


def _row(ruleset: "RuleSet", last: datetime | None, place: Place) -> tuple[str, ...]:
    about, when = ruleset.client, place.here(last) if last else None
    shown = f"{day(when, place.now)} {when:%H:%M}" if when else "-"
    return (about.id, about.name, str(about.trust), shown, terms(ruleset, place))


def terms(ruleset: "RuleSet", place: Place) -> str:
    """The notice, the price of haste, the absence that is on or ahead."""
    today = place.here(place.now, ruleset.client.id).date()
    said = []
    if ruleset.absence and (ruleset.absence.back is None or ruleset.absence.back > today):
        said.append(away(ruleset.absence, place))
    if ruleset.lead:
        said.append(f"{ruleset.lead.days} {ruleset.lead.unit} days")
    if ruleset.lead and ruleset.rush and ruleset.rush.mode == "offer" and ruleset.rush.tiers:
        said.append(f"rush +{both([str(t.percent) for t in ruleset.rush.tiers])} %")
    return ", ".join(said) or "no notice agreed, nobody away"


def away(absence: "Absence", place: Place) -> str:
    """ "away Mon 30 Nov to Sun 6 Dec, back Mon 7 Dec"."""
    here = place.now.date()
    begun = absence.first <= here
    first, back = absence.first, absence.back
    from_ = "now" if begun else f"from {first:%a} {first.day} {first:%b}"
    return f"away {from_}, back {back:%a} {back.day} {back:%b}" if back else f"away {from_}, nobody knows until when"


def _value(ruleset: "RuleSet", last: datetime | None, place: Place) -> Value:
    """A client as JSON-ready values; keys are stable."""
    about, lead, absence = ruleset.client, ruleset.lead, ruleset.absence
    return {
        "client": about.id,
        "name": about.name,
        "file": ruleset.file,
        "trust": str(about.trust),
        "language": about.language,
        "timezone": about.timezone,
        "arrives": list(about.arrives),
        "last_mail": place.here(last).isoformat() if last else None,
        "lead": {"days": lead.days, "unit": lead.unit} if lead else None,
        "absence": {"from": absence.first.isoformat(), "back": absence.back and absence.back.isoformat()}
        if absence
        else None,
    }


@client.command()
@click.argument("name", metavar="ID")
@place_options
def check(place: Place, name: str) -> int:
    """What holds for a client, from which file; what is wrong; whether its examples hold."""
    from . import merged

    found = merged.look(place, name)
    place.tell(found.value(), found.page())
    return Exit.CONFIGURATION if found.errors else Exit.DONE


@client.command()
@click.argument("name", metavar="[ID]", required=False)
@place_options
@click.option("--name", "called", metavar="TEXT", help="How you call this client.")
@click.option("--address", "addresses", multiple=True, metavar="EMAIL", help="Where its mail arrives; may be repeated.")
@click.option("--language", metavar="it", help="Language of replies when the sender's is not known [default: yours].")
@click.option("--principal", metavar="NAME", help="Whose inbox it is.")
@click.option("--timezone", metavar="ZONE", help="Where the client lives [default: yours].")
@click.option(
    "--lead-days", type=click.IntRange(0, 366), metavar="N", help="Days of notice [default: as vamaild.toml]."
)
@click.option("--from", "csv", type=click.Path(path_type=Path, dir_okay=False), help="Many at once, from a CSV.")
@click.option("--dry-run", is_flag=True, help="Look at everything, write nothing.")
def add(
    place: Place,
    name: str | None,
    called: str | None,
    addresses: tuple[str, ...],
    language: str | None,
    principal: str | None,
    timezone: str | None,
    lead_days: int | None,
    csv: Path | None,
    dry_run: bool,
) -> int:
    """Writes the file of a new client, in observe: its mail is read and judged, nothing is sent.

    \b
    vamaild client add verdi --name "Verdi srl" --address info@verdi.example --language it
    vamaild client add --from clients.csv      columns: id, name, address; language, principal, timezone, lead_days
    """
    from . import newclient

    if csv is not None:
        if name or called or addresses:
            raise click.UsageError("say one client, or --from clients.csv, not both")
        new = newclient.from_csv(csv)
    else:
        if not (name and called and addresses):
            raise click.UsageError("say ID, --name and --address (or --from clients.csv)")
        new = [newclient.NewClient(name, called, addresses, language, principal, timezone, lead_days)]
    paths = newclient.write(new, place.config, dry=dry_run)
    if dry_run:
        said = [*map(str, paths), "All good. Nothing was written."]
        place.tell({"written": [], "clients": [n.id for n in new]}, said)
        return Exit.DONE
    place.tell({"written": [str(p) for p in paths], "clients": [n.id for n in new]}, _added(new, paths))
    return Exit.DONE


def _added(new: "list[NewClient]", paths: list[Path]) -> list[str]:
    wrote = f"Wrote {paths[0]}" if len(paths) == 1 else f"Wrote {len(paths)} files into {paths[0].parent}"
    return [
        f"{wrote} and checked {'it' if len(paths) == 1 else 'them'}; in observe: read and judged, nothing is sent.",
        f"Next: vamaild client check {new[0].id}",
        "      sudo systemctl reload vamaild",
    ]


@client.command()
@click.argument("name", metavar="ID")
@click.argument("text", required=False)
@click.argument("level", required=False, type=click.Choice(["observe", "draft", "send"]))
@place_options
@click.option("--yes", is_flag=True, help="Do not ask before a text leaves by itself that nobody has proposed.")
def trust(place: Place, name: str, text: str | None, level: str | None, yes: bool) -> int:
    """How far each text of a client goes; with TEXT and LEVEL, sets it for one.

    The client's file is the ceiling, but for one step: a text of a client in draft may be let go by itself.
    """
    from . import ladder

    if text and not level:
        raise click.UsageError("say how far: observe, draft or send")
    found = prepare(place.config, place.state).client(name)
    if not (text and level):
        with place.ledger() as store:
            rungs = ladder.rungs(found, store, place.now)
        place.tell(ladder.as_value(found, rungs, place), ladder.page(found, rungs, place))
        return Exit.DONE
    exists(text, place.config)
    if why := ladder.refused(found, level):
        raise Stop(why, Exit.SAFETY)
    with place.ledger() as store:
        before = ladder.rung(found, text, store, place.now)
        if ladder.rises(before, level) and level == "send" and not before.proposed:
            _agree(ladder.question(before), yes)
        after = ladder.set_level(found, text, level, store, place.now)
    place.tell(ladder.as_value(found, [after], place), ladder.said(found, before, after))
    return Exit.DONE


def _agree(question: str, yes: bool) -> None:
    """Asks at a terminal; elsewhere --yes says it. Stops when the answer is no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Stop(f"{question} Nobody can be asked here: say --yes. Nothing changed.", Exit.SAFETY)
    if not click.confirm(question, err=True):
        raise Stop("Nothing changed.", Exit.ATTENTION)


@client.command()
@click.argument("name", metavar="ID")
@place_options
@click.option("--language", metavar="it", help="Language of the page: it, cs, en [default: the client's].")
def record(place: Place, name: str, language: str | None) -> None:
    """What is kept for a client, why, how long, who receives it: one page for an audit (Art. 30 GDPR)."""
    from ..core.privacy import About
    from . import record as page

    ready = prepare(place.config, place.state)
    found, about = ready.client(name), About()
    if (place.state / DATABASE).exists():
        with place.ledger() as store:
            about = store.about_client(name)
    here, spoken = place.here(place.now, name), language or found.client.language
    text = page.page(found, ready.settings, about, spoken, place.config, here)
    place.tell({"client": name, "record": text, "rows": dict(about.rows)}, [text])


@client.command()
@click.argument("name", metavar="ID")
@place_options
@click.option("--export", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Hand everything back.")
@click.option("--erase", is_flag=True, help="Erase it here, with a receipt; only together with --export.")
@click.option("--confirm", metavar="ID", help="The client's ID again, where nobody can be asked.")
@click.option("--anyway", is_flag=True, help="Also what is still open: it is closed, and what waits does not leave.")
@click.option("--backups", is_flag=True, help="Remove the backups made before, too, and make a new one.")
def remove(
    place: Place, name: str, export: Path | None, erase: bool, confirm: str | None, anyway: bool, backups: bool
) -> int:
    """Takes a client out: its file is moved aside; with --export and --erase it gets everything, and nothing stays.

    \b
    vamaild client remove horak                                  the file is moved aside, the ledger stays
    vamaild client remove horak --export /srv/horak --erase      hands back, erases, writes a receipt
    """
    from . import removal

    if erase and export is None:
        raise click.UsageError("--erase needs --export DIR: what is erased is handed back first")
    secrets = prepare(place.config, place.state).rulebook.secrets
    wish = removal.Wish(name, export, erase, confirm, anyway, backups)
    value, lines, left = removal.remove(place, wish, secrets)
    place.tell(value, lines)
    return Exit.ATTENTION if left else Exit.DONE
