"""`vamaild reply list`: the texts there are. `reply preview TEXT --client ID`: one of them, as it would leave."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ..core.ledger import DATABASE
from .place import Value
from .screen import Exit, Stop, config_option, json_option, print_json, state_dir, state_option
from .setup import Ready, ledger, prepare, this_moment
from .words import both, day, table

if TYPE_CHECKING:  # the list should be there at once
    from ..core.message import History, Message
    from .preview import Shown, Wanted

HIDDEN = ("_", "note-", "notice-", "letter-")
USED = {
    "ordinary": "a request without urgency: the agreed date",
    "lead-time": "urgency without a price: the notice of the contract, and its date",
    "rush-offer": "urgency with a price: A at the usual rate, or B",
    "rush-confirmed": "you said yes to B",
    "rush-refused": "you said no to B: A stands",
    "vacation-first": "the first reply while the principal is away",
    "vacation-second": "the second one, with a question that helps",
    "vacation-another": "another matter of somebody who was told already",
    "vacation-undated": "the first reply while nobody knows the day back",
    "vacation-fifth": "firm and kind, always a draft",
    "colleague": "a matter that the colleague takes: how to reach them",
    "colleague-ask": "the same: shall it be passed on?",
    "colleague-forwarded": "the same: it is passed on, and who writes until when",
    "matter": "what the customer may know of a matter in progress",
    "playbook": "an answer written beforehand",
    "emergency-received": "an emergency: when news will come",
    "status-update": "the promised news, as a draft",
}
LANGUAGES = {
    "cs": "Czech", "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "pl": "Polish",
    "sk": "Slovak",
}  # fmt: skip
TONES = {
    "cs": ("Vy", "ty"), "de": ("Sie", "du"), "es": ("usted", "tú"), "fr": ("vous", "tu"), "it": ("lei", "tu"),
    "pl": ("Pan/Pani", "ty"), "sk": ("Vy", "ty"),
}  # fmt: skip


@click.group()
def reply() -> None:
    """The texts of the replies.

    \b
    vamaild reply list
    vamaild reply preview rush-offer --client rossi
    vamaild reply preview rush-offer --client rossi --at 2026-12-24T17:00 --tone lei
    """


def texts(roots: Sequence[Path]) -> dict[str, dict[str, bool]]:
    """Each text with its languages, and whether it is one of your own (roots: own first, then shipped)."""
    found: dict[str, dict[str, bool]] = {}
    for root in reversed(roots):
        for path in (*root.glob("*/*.txt"), *root.glob("*/*/*.txt")):
            if not path.name.startswith(HIDDEN):
                found.setdefault(path.name.removesuffix(".txt"), {})[path.parent.name] = root != roots[-1]
    return dict(sorted(found.items()))


@reply.command("list")
@config_option
@json_option
def list_texts(config: Path, as_json: bool) -> None:
    """The texts there are, and when each is sent."""
    from ..adapters.files import shipped

    found = texts((config / "templates", shipped("templates")))
    if as_json:
        values = [
            {"text": t, "languages": sorted(in_), "own": sorted(x for x in in_ if in_[x]), "used": USED.get(t)}
            for t, in_ in found.items()
        ]
        print_json({"texts": values})
        return
    rows = [(t, " ".join(f"{x}*" if in_[x] else x for x in sorted(in_)), USED.get(t, "")) for t, in_ in found.items()]
    own = ["* a text of your own"] if any(any(in_.values()) for in_ in found.values()) else []
    lines = [*table(("TEXT", "LANGUAGES", "WHEN"), rows), *own, "Next: vamaild reply preview ordinary --client ID"]
    click.echo("\n".join(lines))


def moment(at: str | None, ready: Ready, client: str) -> datetime | None:
    """A moment without a zone is the client's own time."""
    if at is None:
        return None
    try:
        found = datetime.fromisoformat(at)
    except ValueError as error:
        raise click.UsageError(f'"{at}" is no moment; write it like 2026-12-03T10:40') from error
    zone = ZoneInfo(ready.client(client).client.timezone)
    return found.replace(tzinfo=zone) if found.tzinfo is None else found.astimezone(zone)


@reply.command()
@click.argument("text")
@config_option
@state_option
@json_option
@click.option("--client", required=True, metavar="ID", help="Whose reply.")
@click.option("--at", metavar="TIME", help="Written at this moment (2026-12-24T17:00, the client's time).")
@click.option("--lang", metavar="it", help="In this language.")
@click.option("--tone", type=click.Choice(["tu", "lei", "ty", "vy"]), help="In this form of address.")
@click.option("--to-person", "person", metavar="EMAIL", help="To this person [default: one who writes in an example].")
def preview(
    text: str,
    config: Path,
    state: Path | None,
    as_json: bool,
    client: str,
    at: str | None,
    lang: str | None,
    tone: str | None,
    person: str | None,
) -> int:
    """One text as it would leave, written by the functions of the service; nothing is sent."""
    from . import preview as written

    place = state_dir(state, config)
    ready = prepare(config, place)
    ruleset = ready.client(client)
    exists(text, config)
    now = this_moment().astimezone(ZoneInfo(ruleset.client.timezone))
    named = moment(at, ready, client) or written.usual(text, ruleset, now)
    wanted = written.Wanted(text, ruleset, named, lang or "", tone or "", person or "")
    try:
        return _show(wanted, ready, place, as_json)
    except written.NotWrittenError as error:
        if error.unsafe:
            raise Stop(str(error), Exit.SAFETY) from error
        raise Stop(f"{error}\nAnother moment: --at TIME   Another person: --to-person EMAIL", Exit.ATTENTION) from error


def exists(text: str, config: Path) -> None:
    """Stops with exit 5 when there is no such text."""
    from ..adapters.files import shipped

    known = texts((config / "templates", shipped("templates")))
    if text not in known:
        near = get_close_matches(text, known, 1)
        hint = f'did you mean "{near[0]}"?' if near else "All of them: vamaild reply list"
        raise Stop(f'There is no text "{text}". {hint}', Exit.NOT_FOUND)


def history(message: "Message", wanted: "Wanted", ready: Ready, state: Path) -> "History":
    """What the ledger remembers of this person; nothing where there is no ledger."""
    from ..core.message import History
    from ..round import asked

    if not (state / DATABASE).exists():
        return History()
    with ledger(state) as store:
        return store.history(asked(message, wanted.ruleset, ready.rulebook, wanted.at))


def _show(wanted: "Wanted", ready: Ready, state: Path, as_json: bool) -> int:
    from .. import wire
    from . import preview as written

    message = written.sample(wanted, ready.examples.get(wanted.ruleset.client.id, ()))
    remembered = history(message, wanted, ready, state)
    case = written.case_of(wanted, message, ready.rulebook, ready.tools, replace(remembered, seen_before=False))
    shown = written.written(wanted, case, ready.tools, wire.sending(ready.settings))
    said = [f"{s.template} {day(s.at.astimezone(wanted.at.tzinfo), wanted.at)}" for s in remembered.said]
    if as_json:
        print_json(as_value(shown, wanted, said))
    else:
        click.echo("\n".join([*written.headers(shown), "", shown.body.rstrip(), "", *judged(shown, said)]))
    return Exit.SAFETY if shown.refused else Exit.DONE


def judged(shown: "Shown", said: Sequence[str]) -> list[str]:
    """How long it is, what the guards say, and what more can be looked at."""
    language = shown.reply.language
    how = [f"{shown.words} words", LANGUAGES.get(language, language)]
    how += [TONES[language][shown.familiar]] if language in TONES else []
    before = f"said to them before: {both(said[-3:])}" if said else "nothing said to them before"
    guards = f"It would not leave: {shown.refused}" if shown.refused else f"No secret, no past date, {before}"
    leaves = "It would leave by itself." if not shown.waits else f"It would wait: {shown.waits}."
    return [
        f"{', '.join(how)}. {guards}.",
        *([leaves] if not shown.refused else []),
        "Other moments: --at 2026-12-24T17:00   Other texts: vamaild reply list",
    ]


def as_value(shown: "Shown", wanted: "Wanted", said: Sequence[str]) -> Value:
    """The same, JSON-ready; keys are stable."""
    mail: Mapping[str, object] = {
        "from": str(shown.mail["From"]),
        "to": str(shown.mail["To"]),
        "subject": str(shown.mail["Subject"]),
        "auto_submitted": str(shown.mail["Auto-Submitted"] or "") or None,
    }
    return {
        "text": wanted.text,
        "client": wanted.ruleset.client.id,
        "at": wanted.at.isoformat(),
        "language": shown.reply.language,
        **mail,
        "body": shown.body,
        "words": shown.words,
        "familiar": shown.familiar,
        "ready_by": shown.reply.ready_by.isoformat() if shown.reply.ready_by else None,
        "refused": shown.refused or None,
        "waits": shown.waits or None,
        "said_before": list(said),
    }
