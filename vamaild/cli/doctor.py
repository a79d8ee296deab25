"""`vamaild doctor`: looks at everything once, and says for each thing whether it is well and what to do about it."""

import shutil
import sys
import textwrap
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from ..core.ledger import DATABASE
from .place import Place, Value, place_options
from .screen import Exit, Stop, print_json
from .setup import open_store, prepare

if TYPE_CHECKING:  # `--help` should be there at once
    from ..core.checkup import Finding
    from ..core.ledger import Store
    from ..core.ruleset import RuleSet

INDENT = " " * 18
NARROWEST, WIDEST = 60, 110


@click.command()
@click.argument("file", required=False, metavar="[FILE|-]")
@place_options
@click.option("--client", default="", metavar="ID", help="This client only; with --send also through its forwarding.")
@click.option("--send", is_flag=True, help="Try with messages: one to yourself, one to the client of --client.")
@click.option("--letter", "letter", metavar="ID", help="Print the letter to this client about its forwarding.")
@click.option("--forwarding", is_flag=True, help="Learn from a message what the client's forwarding does.")
@click.option("--probe", "probing", is_flag=True, help="Print a message that tries the forwarding.")
@click.option("--uid", type=click.IntRange(1), metavar="UID", help="The message is in the live mailbox.")
@click.option("--write", "writing", is_flag=True, help="Put what was learned into the client's file.")
@click.option("--from", "sender", default="", metavar="ADDRESS", help="Who sends the probe [default: you].")
def doctor(
    place: Place,
    file: str | None,
    client: str,
    send: bool,
    letter: str | None,
    forwarding: bool,
    probing: bool,
    uid: int | None,
    writing: bool,
    sender: str,
) -> int:
    """Is everything well? Files, clock, mailbox, sending, forwarding, alarm, texts, ledger, service.

    \b
    vamaild doctor                                            looks at everything, sends nothing
    vamaild doctor --send                                     with a message to yourself (SPF, DKIM, DMARC)
    vamaild doctor --send --client rossi                      with one through the client's forwarding
    vamaild doctor --letter rossi                             what to write to the client about it
    vamaild doctor --probe --client rossi > probe.eml         a message to send by hand
    vamaild doctor --forwarding --client rossi probe.eml      what the forwarding did to it
    vamaild doctor --forwarding --client rossi --uid 4711 --write

    Exit 1: something needs you; 4: a mail server did not answer.
    """
    if letter:
        return _letter(place, letter)
    if forwarding or probing:
        return _forwarding(place, (file, uid), client, (forwarding, probing, writing), sender)
    if file is not None or uid is not None or writing:
        raise click.UsageError("a message is looked at with --forwarding --client ID")
    return _everything(place, client, send)


def _forwarding(
    place: Place,
    message: tuple[str | None, int | None],
    client: str,
    wishes: tuple[bool, bool, bool],
    sender: str,
) -> int:
    """One message, or one to be sent."""
    from . import doctor_forwarding

    (file, uid), (learning, probing, writing) = message, wishes
    if learning == probing:
        raise click.UsageError("say what to do: --forwarding FILE (or --uid UID), or --probe")
    if learning and (file is None) == (uid is None):
        raise click.UsageError("name the message that came through: a FILE, - or --uid UID")
    if not client:
        raise click.UsageError("say whose forwarding: --client ID")
    if probing:
        ready = prepare(place.config, place.state)
        doctor_forwarding.probe(ready, ready.client(client), sender)
        return Exit.DONE
    return doctor_forwarding.forwarded(file, uid, client, place, writing)


def _everything(place: Place, client: str, send: bool) -> int:
    """Every check, each line as soon as it is known."""
    from .. import checkup, checkup_mail, wire
    from ..core.checkup import Mark, summary

    loaded = wire.load(place.config, place.state, texts=True)
    book = loaded.configuration.rulebook
    if client and book and client not in [r.client.id for r in book.clients]:
        prepare(place.config, place.state).client(client)  # says who is known
    store = _store(place)
    patient = checkup.Patient(place.config, place.state, place.now, loaded, store, client, send)
    checks: dict[str, checkup.Check] = {
        "files": checkup.look_at_files,
        "clock": checkup.look_at_clock,
        "mailbox": checkup_mail.look_at_mailboxes,
        "sending": checkup_mail.look_at_sending,
        "sign-in": checkup_mail.look_at_sign_in,
        "forwarding": checkup_mail.look_at_forwarding,
        "alarm": checkup.look_at_alarm,
        "texts": checkup.look_at_texts,
        "store": checkup.look_at_store,
        "service": checkup.look_at_service,
    }
    found: list[Finding] = []
    for finding in checkup.examined(patient, checks):
        found.append(finding)
        if not place.as_json:
            click.echo("\n".join(lines(finding)))
            sys.stdout.flush()
    if store:
        store.close()
    if place.as_json:
        print_json(as_value(found))
    else:
        click.echo(summary(found))
    well = all(f.mark is Mark.OK for f in found)
    return Exit.SERVER if any(f.silent for f in found) else Exit.DONE if well else Exit.ATTENTION


def _store(place: Place) -> "Store | None":
    """The ledger, where it can be read; why it cannot is found by its own check."""
    with suppress(Stop, OSError):
        if (place.state / DATABASE).exists():
            return open_store(place.state)
    return None


def lines(finding: "Finding") -> list[str]:
    """One finding for people: mark, name, words, and what to do."""
    width = max(NARROWEST, min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST))
    head = f"{finding.mark:<6}{finding.name:<12}"
    said = textwrap.wrap(finding.words, width, initial_indent=head, subsequent_indent=INDENT, break_on_hyphens=False)
    do = f"Do: {finding.do}"
    return [*said, *([INDENT + do] if finding.do else [])]


def as_value(found: "Sequence[Finding]") -> Value:
    """The same, JSON-ready; keys are stable."""
    from ..core.checkup import worst

    checks = [
        {"name": f.name, "mark": f.mark, "words": f.words, "do": f.do or None, "client": f.client or None}
        for f in found
    ]
    return {"worst": worst(found), "checks": checks}


def _letter(place: Place, client: str) -> int:
    """The letter to a client: how to forward, or what his administrator must allow."""
    from ..adapters.discovery import hosted
    from ..checkup_mail import address_of
    from ..core.letter import TemplateError
    from .init import letter_words

    ready = prepare(place.config, place.state)
    ruleset = ready.client(client)
    me = ready.settings.assistant
    users = [box.user for box in ready.settings.mailboxes]
    to, address = address_of(ruleset, users), _forward_to(ruleset, users)
    if not to:
        raise Stop(f"{ruleset.file} names no address of theirs in `arrives`; add it first", Exit.ATTENTION)
    there = hosted(to.rpartition("@")[2])
    host = {"google": "gmail", "microsoft": "m365"}.get(there.provider, there.provider) if there else ""
    name = _text_for(ruleset, host)
    try:
        words = letter_words(me.name, me.gender, to, address)
        text = ready.tools.render(name, ruleset.client.language, client, words)
    except TemplateError as error:
        raise Stop(str(error), Exit.CONFIGURATION) from error
    place.tell(
        {"client": client, "to": to, "text": name, "subject": text.subject, "body": text.body},
        [f"To: {to}", f"Subject: {text.subject}", "", text.body.rstrip("\n")],
    )
    return Exit.DONE


def _forward_to(ruleset: "RuleSet", users: Sequence[str]) -> str:
    """Our address to which this client forwards."""
    from ..core.route import untagged

    ours = [a for a in ruleset.client.arrives if untagged(a.lower()) in {user.lower() for user in users}]
    return next(iter(ours), users[0])


def _text_for(ruleset: "RuleSet", host: str) -> str:
    """The letter that fits: Microsoft 365 forbids forwarding, elsewhere it has to be set up."""
    if "m365" in (host, ruleset.forwarding.profile):
        return "letter-blocked"
    known = ("gmail", "aruba", "seznam")
    return f"letter-{host if host in known else 'gmail' if ruleset.forwarding.profile == 'gmail' else 'other'}"
