"""`vamaild learn`: rules proposed from your corrections. `show N` what one would do, `accept N`, `refuse N`.

`learn correct CODE --as KIND` says what a message really was. Nothing is in force before you accept it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..core.learning import LABEL, Kept, Standing
from ..core.ruleset import Kind
from .place import Place, Value, desk, place_options
from .screen import Exit, Stop, json_option
from .words import day, table

if TYPE_CHECKING:  # the list should be there at once
    from ..learning import Effect
    from ..service import Service

HEAD = ("NO", "CLIENT", "RULE", "IS", "FROM", "SINCE")
WIDEST = (0, 12, 46, 0, 0, 0)
WORDS = {
    Standing.OPEN: "waits for your yes or no",
    Standing.AGREED: "you said yes by mail; the service could not write the file",
    Standing.ACCEPTED: "accepted",
    Standing.REFUSED: "refused",
}


@click.group(invoke_without_command=True)
@place_options
@click.pass_context
def learn(ctx: click.Context, place: Place) -> None:
    """Rules proposed from your corrections; nothing is in force before you accept it.

    \b
    vamaild learn show 3                        the rule, and what it would change of the last 90 days
    vamaild learn accept 3                      put it into rules.d/80-learned.toml
    vamaild learn refuse 3                      never again
    vamaild learn correct 4F7K --as automatic   what a message really was; three alike make a proposal
    """
    ctx.obj = place
    if ctx.invoked_subcommand is None:
        _list(place)


def _list(place: Place) -> None:
    from .. import learning

    with desk(place) as service:
        learning.look(service)
        found = learning.waiting(service)
    rows = [_row(k, place) for k in found]
    nothing = ["Nothing is proposed. Three corrections alike make a proposal: vamaild learn correct CODE --as KIND"]
    lines = [*table(HEAD, rows, WIDEST), f"Next: vamaild learn show {found[0].number}"] if found else nothing
    place.tell({"proposals": [as_value(k, place) for k in found]}, lines)


def _row(kept: Kept, place: Place) -> Sequence[str]:
    proposal, made = kept.proposal, place.here(kept.made_at)
    words = f"{proposal.condition} {', '.join(proposal.values)}"
    count = f"{len(proposal.messages)} messages"
    return (str(kept.number), proposal.client, words, str(proposal.kind), count, day(made, place.now))


def as_value(kept: Kept, place: Place) -> Value:
    """A proposal as JSON-ready values; keys are stable."""
    proposal = kept.proposal
    return {
        "number": kept.number,
        "client": proposal.client,
        "when": {proposal.condition: list(proposal.values)},
        "kind": str(proposal.kind),
        "messages": list(proposal.messages),
        "standing": str(kept.standing),
        "since": place.here(kept.made_at).isoformat(),
    }


def _found(number: int, service: "Service") -> Kept:
    from .. import learning

    kept = learning.find(number, service)
    if kept is None:
        known = ", ".join(str(k.number) for k in learning.waiting(service)) or "none"
        raise Stop(f"There is no proposal {number}. Waiting: {known}", Exit.NOT_FOUND)
    return kept


@learn.command()
@click.argument("number", type=int)
@json_option
@click.pass_obj
def show(place: Place, number: int, as_json: bool) -> int:
    """The rule as it would stand in the file, and what it would change of the last 90 days."""
    from .. import learning

    with desk(place) as service:
        kept = _found(number, service)
        rule = learning.as_rule(kept, service)
        found = learning.effect(kept.proposal, service)
    named = learning.subjects(found)
    value = as_value(kept, place) | {"rule": rule or None, "compared": found.compared, "changed": len(found.changed)}
    lines = [f"Proposal {number}: {WORDS[kept.standing]}.", ""]
    lines += rule.splitlines() if rule else ["Its messages are not kept any more: it cannot be shown, nor accepted."]
    lines += ["", *_effect(found, named), ""]
    lines += [f"Next: vamaild learn accept {number}   or: vamaild learn refuse {number}"]
    place.tell(value | {"subjects": named, "calmed": len(found.calmed)}, lines, as_json)
    return Exit.DONE


def _effect(found: "Effect", named: Sequence[str]) -> list[str]:
    lines = [f"Of the {found.compared} messages of the last 90 days it changes {len(found.changed)}."]
    lines += [f'  "{subject}"' for subject in named]
    if found.calmed:
        lines.append(f"{len(found.calmed)} of them were emergencies: it cannot be accepted.")
    return lines


@learn.command()
@click.argument("number", type=int)
@json_option
@click.pass_obj
def accept(place: Place, number: int, as_json: bool) -> int:
    """Writes the rule into rules.d/80-learned.toml; put back when `check` or its examples do not take it."""
    from .. import learning

    files: list[Path] = []
    with desk(place) as service:
        kept = _waiting(number, service)
        service.learn = lambda rule: files.append(learning.write(place.config, place.state, rule))
        try:
            written = learning.accept(kept, "me", service)
        except learning.NotTakenError as error:
            raise Stop(f"Not accepted: {error}.", Exit.SAFETY) from error
    if not written:
        raise Stop(
            f"{place.config / LABEL} cannot be written by you; try: sudo vamaild learn accept {number}", Exit.ATTENTION
        )
    lines = [f"Accepted, written to {files[0]} and checked.", "It holds from the next reload: systemctl reload vamaild"]
    place.tell({"number": number, "accepted": True, "file": str(files[0])}, lines, as_json)
    return Exit.DONE


def _waiting(number: int, service: "Service") -> Kept:
    kept = _found(number, service)
    if kept.standing in (Standing.ACCEPTED, Standing.REFUSED):
        raise Stop(f"Proposal {number} was {kept.standing} already; nothing changed.", Exit.ATTENTION)
    return kept


@learn.command()
@click.argument("number", type=int)
@json_option
@click.pass_obj
def refuse(place: Place, number: int, as_json: bool) -> int:
    """It is not proposed again."""
    from .. import learning

    with desk(place) as service:
        done = learning.refuse(_waiting(number, service), "me", service)
    place.tell({"number": number, "refused": done}, [f"Refused. Proposal {number} is not made again."], as_json)
    return Exit.DONE


@learn.command()
@click.argument("reference", metavar="CODE")
@click.option("--as", "kind", required=True, type=click.Choice([str(k) for k in Kind]), help="What it really is.")
@json_option
@click.pass_obj
def correct(place: Place, reference: str, kind: str, as_json: bool) -> int:
    """Says what a message really was, by its case or its number in the report; your last word counts."""
    from .. import learning

    with desk(place) as service:
        case = service.store.case(reference.upper())
        row = case.message if case else int(reference) if reference.isdigit() else None
        if not row or not service.store.correct(row, Kind(kind), "me", place.now):
            raise Stop(f"There is no message {reference}: vamaild queue, vamaild report --list arrived", Exit.NOT_FOUND)
        new = learning.look(service)
    lines = [f"Kept: {reference} is {kind}. What was decided about it stays."]
    lines += [f"{new} new {'proposal' if new == 1 else 'proposals'}: vamaild learn"] if new else []
    place.tell({"message": row, "kind": kind, "proposed": new}, lines, as_json)
    return Exit.DONE
