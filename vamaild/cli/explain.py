"""`vamaild explain`: what would happen to a message, and why. The same function decides as in the daemon."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from ..core.decide import FAULTS, Decision, decide
from ..core.explain import as_json, text
from ..core.handover import Consent
from ..core.ledger import Arrival
from ..core.message import History, Message
from ..core.recall import recalled
from ..core.route import find_client, recipients
from ..core.ruleset import RuleSet
from ..core.whatif import otherwise
from .screen import (
    Exit,
    at_option,
    color_option,
    coloured,
    complain,
    config_option,
    json_option,
    paint,
    print_json,
    state_dir,
    state_option,
)
from .setup import Ready, consents, ledger_entry, prepare, this_moment


class NotJudgedError(Exception):
    """This message cannot be judged; the sentence says why."""


def raw_of(file: str) -> bytes:
    """The bytes of a file, or of standard input for "-". Raises NotJudgedError."""
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise NotJudgedError(f"{file}: {error.strerror or error}") from error


def message_of(raw: bytes, ready: Ready, at: datetime | None) -> Message:
    """The message; it arrived at `at`, or when its Date says, or now."""
    message = ready.read(Arrival(0, 0, at or this_moment(), len(raw), raw))
    return replace(message, received=at or message.sent or this_moment())


def claimed(message: Message, ready: Ready, client: str | None) -> RuleSet:
    """The client whose rules judge it. Raises NotJudgedError."""
    if client:
        return ready.client(client)
    ruleset = find_client(message, ready.rulebook.clients).ruleset
    if ruleset is None:
        to = ", ".join(dict.fromkeys(a for _, a in recipients(message))) or "nobody"
        raise NotJudgedError(f"no client's file claims mail to {to}; force one with --client ID")
    return ruleset


def judged(file: str, ready: Ready, client: str | None, at: datetime | None, said: Sequence[Consent] = ()) -> Decision:
    """The decision about one file, by itself: no history but what colleagues `said`, reply limits off.

    Raises NotJudgedError.
    """
    message = message_of(raw_of(file), ready, at)
    ruleset = claimed(message, ready, client)
    history = History(consents=tuple(c for c in said if c.client == ruleset.client.id))
    try:
        return decide(message, ruleset, ready.rulebook, history, ready.tools, message.received, limits=False)
    except FAULTS as error:
        # The daemon holds such a message for a person; here the files behind it must still be judged.
        raise NotJudgedError(f"a fault of vamaild ({type(error).__name__}: {error}); please report it") from error


def objects(
    files: tuple[str, ...], ready: Ready, client: str | None, at: datetime | None, said: Sequence[Consent] = ()
) -> Iterator[dict[str, object]]:
    """One JSON-ready object a file, in order; a file that cannot be judged gives an error object."""
    for file in files:
        try:
            yield as_json(judged(file, ready, client, at, said), file)
        except NotJudgedError as error:
            yield {"file": file, "error": str(error)}


def page(decision: Decision, ready: Ready, colour: bool) -> str:
    """The page for people, the verdict marked."""
    shown = text(decision, otherwise(decision, ready.tools))
    return "\n".join(paint(x, colour, bold=True) if x.startswith("So: ") else x for x in shown.splitlines())


def stored(reference: str, ready: Ready, state: Path) -> str:
    """The page of a message in the ledger, by its case code or UID."""
    entry = ledger_entry(state, reference, [m.name for m in ready.settings.mailboxes])
    if entry is None:
        raise NotJudgedError(f"{reference} is neither a file nor a case code nor a UID in the ledger")
    return recalled(entry, ZoneInfo(ready.settings.assistant.timezone))


def is_file(reference: str) -> bool:
    return reference == "-" or Path(reference).exists() or "." in reference or "/" in reference


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE|-|CASE|UID ...")
@config_option
@state_option
@json_option
@at_option
@color_option
@click.option("--client", metavar="ID", help="Judge by this client's rules, whoever it was for.")
def explain(
    files: tuple[str, ...],
    config: Path,
    state: Path | None,
    as_json: bool,
    at: datetime | None,
    color: str,
    client: str | None,
) -> int:
    """What would happen to a message, and why.

    \b
    vamaild explain message.eml          a stored message, as if it arrived when it was written
    vamaild explain - < message.eml      from standard input
    vamaild explain 4F7K                 a message in the ledger, by its case or UID
    """
    ready, where = prepare(config), state_dir(state, config)
    if as_json:
        failed = False
        for found in objects(files, ready, client, at, consents(where)):
            print_json(found)
            failed = failed or "error" in found
        return Exit.ATTENTION if failed else Exit.DONE
    return _pages(files, ready, client, at, coloured(color), where)


def _pages(
    files: tuple[str, ...], ready: Ready, client: str | None, at: datetime | None, colour: bool, state: Path
) -> int:
    code, said = Exit.DONE, consents(state)
    for number, file in enumerate(files):
        try:
            if is_file(file):
                shown = page(judged(file, ready, client, at, said), ready, colour)
            else:
                shown = stored(file, ready, state)
            click.echo(("\n" if number else "") + shown)
        except NotJudgedError as error:
            complain(str(error))
            code = Exit.ATTENTION if is_file(file) else Exit.NOT_FOUND
    return code
