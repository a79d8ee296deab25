"""`vamaild colleague`: who stands in for each principal, and what they were handed; `colleague ask CLIENT`."""

from datetime import datetime

import click

from ..core.handover import Forward, Said, Stage, latest
from ..core.ledger import Store
from ..core.ruleset import Colleague, RuleSet
from .place import Place, Value, desk, place_options
from .screen import Exit, Stop
from .words import day, moment, table

HEAD = ("CLIENT", "NAME", "CONSENT", "NOT THERE")
MATTERS = ("SINCE", "CLIENT", "WHO", "WHAT", "WITH", "STATE")
WIDEST = (12, 24, 36, 36)
WIDE = (0, 12, 24, 30, 24, 30)
WHY_NOT = "they are away, have not said yes, it is not in their scope, or they had too many today (vamaild colleague)"
STATES = {
    Stage.OFFERED: "the customer may say yes",
    Stage.AGREED: "goes when our reply has left",
    Stage.TAKEN: "taken",
}


@click.group(invoke_without_command=True)
@place_options
@click.option("--client", default="", metavar="ID", help="Only this client's.")
@click.pass_context
def colleague(ctx: click.Context, place: Place, client: str) -> None:
    """Who stands in for the principal, and what is in their hands.

    \b
    vamaild colleague                show everybody, and every matter
    vamaild colleague ask novak      ask novak's colleagues by mail whether they agree
    vamaild colleague give 4F7K      hand the message of this case over
    """
    ctx.obj = place
    if ctx.invoked_subcommand is None:
        show(place, client)


def show(place: Place, client: str) -> None:
    """Prints who stands in for whom, and the matters that are on their way."""
    from ..core.colleague import standing

    with desk(place) as service:
        store, clients = service.store, service.rules.rulebook.clients
        rulesets = [r for r in clients if client in ("", r.client.id) and r.stand_ins]
        people = [(r, s) for r in rulesets for s in standing(r, store.consents(r.client.id))]
        matters = store.forwards((*STATES, Stage.HANDED), client)
        value: Value = {
            "as_of": place.now.isoformat(),
            "colleagues": [_person(r, s.colleague, s.agreed, store) for r, s in people],
            "matters": [_matter(f, store, place) for f in matters],
        }
        lines = table(HEAD, [(r.client.id, s.colleague.name, s.words, leaves(s.colleague)) for r, s in people], WIDEST)
        rows = [_row(f, store, place) for f in matters]
    if rows:
        lines = [*lines, "", *table(MATTERS, rows, WIDE)]
    unasked = next((r.client.id for r, s in people if s.agreed is None), "")
    hint = [f"Next: vamaild colleague ask {unasked}"] if unasked else []
    place.tell(value, [*lines, *hint] if people else ["No client's file names a [colleague]."])


def leaves(who: Colleague) -> str:
    """His own absences: "30 Nov to 4 Dec"."""
    spans = (
        f"{leave.first:%a} {leave.first.day} {leave.first:%b}, back {leave.back.day} {leave.back:%b}"
        for leave in who.leaves
    )
    return "; ".join(spans) or "-"


def _person(ruleset: RuleSet, who: Colleague, agreed: bool | None, store: Store) -> Value:
    consent = latest(store.consents(ruleset.client.id)).get(who.email.lower())
    at = consent.said_at.isoformat() if consent and consent.said_at else None
    return {
        "client": ruleset.client.id,
        "name": who.name,
        "email": who.email,
        "agreed": agreed,
        "asked": consent.asked_at.isoformat() if consent else None,
        "said": str(consent.said) if consent and consent.said is not Said.ASKED else None,
        "said_at": at,
        "hand_over": who.hand_over,
    }


def _subject(forward: Forward, store: Store) -> tuple[str, str]:
    entry = store.entry(forward.message) if forward.message else None
    return (str(entry.explanation.get("who") or entry.address), entry.subject) if entry else (forward.customer, "")


def _matter(forward: Forward, store: Store, place: Place) -> Value:
    who, what = _subject(forward, store)
    return {
        "number": forward.id,
        "client": forward.client,
        "who": who,
        "what": what,
        "with": forward.email,
        "state": str(forward.stage),
        "answer_due": place.here(forward.due, forward.client).isoformat() if forward.due else None,
    }


def _row(forward: Forward, store: Store, place: Place) -> tuple[str, ...]:
    who, what = _subject(forward, store)
    since = place.here(forward.handed_at or forward.made_at, forward.client)
    return (day(since, place.now), forward.client, who, what, forward.email, _state(forward, place))


def _state(forward: Forward, place: Place) -> str:
    if forward.stage is not Stage.HANDED or forward.due is None:
        return STATES.get(forward.stage, str(forward.stage))
    return f"asked, answer due {_at(forward.due, forward, place)}"


def _at(at: datetime, forward: Forward, place: Place) -> str:
    return moment(place.here(at, forward.client), place.here(place.now, forward.client))


@colleague.command("ask")
@click.argument("client")
@click.option("--name", default="", metavar="NAME", help="Only the one of this name.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def ask(place: Place, client: str, name: str, as_json: bool) -> int:
    """Asks a client's colleagues by mail whether customers may be told of them.

    Only a plain yes, by mail, from the address in the client's file counts. Who has agreed is not asked again unless
    named with --name.
    """
    from .. import consenting
    from ..core.colleague import agreed, chain
    from ..core.letter import TemplateError

    with desk(place) as service:
        ruleset = next((r for r in service.rules.rulebook.clients if r.client.id == client), None)
        if ruleset is None or not ruleset.stand_ins:
            why = f"There is no client {client}." if ruleset is None else f"There is no [colleague] in {ruleset.file}."
            raise Stop(why, Exit.NOT_FOUND)
        consents = service.store.consents(client)
        wanted = [c for c in chain(ruleset.stand_ins) if name.casefold() in ("", c.name.casefold())]
        if not wanted:
            raise Stop(f'No colleague of {client} is called "{name}".', Exit.NOT_FOUND)
        asking = [c for c in wanted if name or agreed(c, consents) is not True]
        try:
            asked = [consenting.ask(c, ruleset, service, place.now) for c in asking]
        except (TemplateError, ValueError) as error:
            raise Stop(f"Nobody was asked: {error}", Exit.ATTENTION) from error
    value: Value = {"asked": [{"name": c.name, "email": c.email} for c in asked]}
    lines = [f"{c.name} ({c.email}) is asked; the answer is read when it comes." for c in asked]
    place.tell(value, lines or ["Everybody has agreed already. To ask somebody again: --name"], as_json)
    return Exit.DONE


@colleague.command("give")
@click.argument("code", metavar="CASE")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def give(place: Place, code: str, as_json: bool) -> int:
    """Hands the message of a case over to a colleague, as a mail to answer; what is not theirs is not sent."""
    return hand_over(place, code, as_json)


def hand_over(place: Place, code: str, as_json: bool) -> int:
    """The same. Stops when there is no such case, it is an emergency, or nobody may be sent it."""
    from .. import handing
    from ..core.letter import TemplateError

    with desk(place) as service:
        case = service.store.case(code.upper())
        if case is None or case.closed_at or case.case.escalates:
            known = (
                "it is an emergency: vamaild queue give"
                if case and not case.closed_at
                else "there is no such open case"
            )
            raise Stop(f"{code}: {known}", Exit.NOT_FOUND)
        try:
            given = handing.give(case, service)
        except (TemplateError, ValueError) as error:
            raise Stop(f"{code} was not handed over: {error}", Exit.ATTENTION) from error
        if given is None:
            raise Stop(f"No colleague of {case.case.client} may be sent {code}: {WHY_NOT}", Exit.ATTENTION)
        value, due = _matter(given, service.store, place), _state(given, place)
    place.tell(value, [f"{case.code} goes to {given.email}: {due}. It comes back when nobody takes it."], as_json)
    return Exit.DONE
