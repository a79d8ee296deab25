"""`vamaild away`: who is away; begin and end at once (`start`, `end`), the list before leaving (`check`), the questions
for the manual (`interview`), practice (`drill`, `rehearse`), the mail of the return (`digest`).
"""

import sys
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import date, datetime
from importlib import import_module
from typing import TYPE_CHECKING

import click

from ..core.ledger import DATABASE, Store
from .place import Place, Value, desk, place_options
from .screen import Exit, Stop, json_option
from .setup import prepare
from .words import table

if TYPE_CHECKING:  # `--help` should be there at once
    from collections.abc import Iterator

    from ..core.departure import Check
    from ..core.ruleset import Absence, RuleSet
    from ..interview import Interview
    from ..service import Service

MOUNTED = ("drill", "rehearse")
HEAD = ("CLIENT", "WHO", "FROM", "BACK", "CUSTOMERS ARE TOLD")
SEEN = ("texts", "disasters")


class Group(click.Group):
    """Loads what stands in files of its own only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *MOUNTED})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MOUNTED:
            return super().get_command(ctx, cmd_name)
        found = getattr(import_module(f"vamaild.cli.{cmd_name}"), cmd_name)
        return found if isinstance(found, click.Command) else None


@click.group(cls=Group, invoke_without_command=True)
@place_options
@click.pass_context
def away(ctx: click.Context, place: Place) -> int:
    """Who is away, and everything before and after it.

    \b
    vamaild away check novak                     is everything ready?
    vamaild away interview novak                 ask him by mail what the manual does not know
    vamaild away start novak --until 2026-12-07  away from now on
    vamaild away end novak                       back now
    """
    ctx.obj = place
    return _list(place) if ctx.invoked_subcommand is None else Exit.DONE


@contextmanager
def at(place: Place, client: str) -> "Iterator[tuple[Service, RuleSet]]":
    """A service over the ledger, and this client. Stops when there is none."""
    with desk(place) as service:
        found = next((r for r in service.rules.rulebook.clients if r.client.id == client), None)
        if found is None:
            known = ", ".join(r.client.id for r in service.rules.rulebook.clients) or "none"
            raise Stop(f"There is no client {client}. Known here: {known}", Exit.NOT_FOUND)
        yield service, found


def _list(place: Place) -> int:
    from .. import leaving

    ready = prepare(place.config, place.state)
    rows: list[tuple[RuleSet, Absence]] = []
    with _maybe(place) as store:
        for ruleset in ready.rulebook.clients:
            found = leaving.stands(ruleset, store, place.now).absence if store else ruleset.absence
            if found and (found.back is None or found.back > place.here(place.now, ruleset.client.id).date()):
                rows.append((ruleset, found))
    lines = [(r.client.id, r.client.principal or r.client.name, _day(a.first), *_told(a)) for r, a in rows]
    value: Value = {"away": [{"client": r.client.id} | as_value(a) for r, a in rows]}
    place.tell(value, table(HEAD, lines) if lines else ["Nobody is away, and nobody leaves."])
    return Exit.DONE


@contextmanager
def _maybe(place: Place) -> "Iterator[Store | None]":
    """The ledger, if there is one."""
    if not (place.state / DATABASE).exists():
        yield None
        return
    with place.ledger() as store:
        yield store


def as_value(absence: "Absence") -> Value:
    """JSON-ready; keys are stable."""
    days = {"from": absence.first, "back": absence.back, "answer_by": absence.answer_by}
    return {name: found.isoformat() if found else None for name, found in days.items()}


def _day(found: date | None) -> str:
    return f"{found:%a} {found.day} {found:%b}" if found else "-"


def _told(absence: "Absence") -> tuple[str, str]:
    return _day(absence.back), _day(absence.answer_by)


def a_day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    """An ISO date."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise click.BadParameter(f'"{value}" is no date; write it like 2026-12-07') from error


def _confirmed(client: str, confirm: str | None) -> None:
    """What reaches customers asks for the client's name. Stops when it is not said."""
    said = confirm
    if said is None and sys.stdin.isatty():
        said = click.prompt("Type the client's name to confirm", err=True)
    if said is None:
        raise click.UsageError(f"nobody can be asked here: say --confirm {client}")
    if said != client:
        raise Stop(f'"{said}" is not {client}: nothing changed.', Exit.USAGE)


@away.command()
@click.argument("client")
@click.option("--until", callback=a_day, metavar="DATE", help="The day back [default: as the client's file says].")
@click.option("--from", "first", callback=a_day, metavar="DATE", help="First day away [default: from now on].")
@click.option("--confirm", metavar="CLIENT", help="The client's name again, where nobody can be asked.")
@json_option
@click.pass_obj
def start(place: Place, client: str, until: date | None, first: date | None, confirm: str | None, as_json: bool) -> int:
    """Away from now on, over what the file says; it ends by itself."""
    from .. import leaving

    with at(place, client) as (service, ruleset):
        here = leaving.local(ruleset, place.now)
        if (first and first < here.date()) or (until and until <= (first or here.date())):
            raise click.UsageError("--from must not be past, and --until must be later than that")
        margin = service.rules.settings.defaults.answer_margin_days
        planned = leaving.planned(ruleset, first, until, margin, here)
        quiet = place.as_json or as_json
        if not quiet:
            click.echo("\n".join(_plan(ruleset, planned, here)))
        _confirmed(client, confirm)
        leaving.start(ruleset, planned, service)
    off = f"Change your mind: vamaild away end {client}"
    place.tell({"client": client} | as_value(planned), [f"On. {off}"], as_json)
    return Exit.DONE


def _plan(ruleset: "RuleSet", absence: "Absence", here: datetime) -> list[str]:
    """What will hold, before it does."""
    from_ = "now" if absence.first <= here.date() else f"{_day(absence.first)} 00:00"
    until = f"to {_day(absence.back)} 00:00, by itself" if absence.back else "until you say so: no text names a day"
    told = f" Answer by {_day(absence.answer_by)}." if absence.answer_by else ""
    texts = "vacation-first, -second" if absence.answer_by else "vacation-undated"
    chain = [name for name in ruleset.escalation.chain if name != "me"]
    who = ruleset.client.principal or ruleset.client.name
    called = f"{' then '.join(chain)}, after you, at most {ruleset.escalation.budget}" if chain else "nobody but you"
    return [
        f"From {from_} {until}.",
        f"Customers: {texts}, a draft for the fifth.{told}",
        f"{who}: only emergencies; {called}.",
    ]


@away.command()
@click.argument("client")
@json_option
@click.pass_obj
def end(place: Place, client: str, as_json: bool) -> int:
    """Back now. What was promised stays promised."""
    from .. import leaving

    with at(place, client) as (service, ruleset):
        done = leaving.end(ruleset, service)
        if done is None:
            raise Stop(f"{client}: nobody is away, now or later; nothing changed.", Exit.NOT_FOUND)
        here = leaving.local(ruleset, place.now)
    promised = f"{done.promised} {'person was' if done.promised == 1 else 'people were'} promised"
    by = f" {_day(done.by)}" if done.by else " a date"
    lines = [
        f"Off since {here:%H:%M}. {promised}{by}; that promise stays." if done.promised else f"Off since {here:%H:%M}."
    ]
    lines += [f"{done.withdrawn} waiting replies were kept back: vamaild queue"] if done.withdrawn else []
    begun = done.absence.first <= here.date()
    lines += [f"The digest goes out in office hours. Look first: vamaild away digest {client}"] if begun else []
    lines += _file_too(ruleset.absence, here.date(), client)
    value: Value = {"client": client, "ended": True, "promised": done.promised, "withdrawn": done.withdrawn}
    place.tell(value | as_value(done.absence), lines, as_json)
    return Exit.DONE


def _file_too(written: "Absence | None", today: date, client: str) -> list[str]:
    """What the file said of days to come is off with it."""
    if written is None or written.first <= today:
        return []
    until = f" --until {written.back}" if written.back else ""
    again = f"vamaild away start {client} --from {written.first}{until}"
    return [f"So is what its file says from {_day(written.first)} on. All the same: {again}"]


@away.command()
@click.argument("client")
@json_option
@click.pass_obj
def check(place: Place, client: str, as_json: bool) -> int:
    """Is everything ready? Exit 1 while something is open."""
    from .. import leaving
    from ..core.departure import checks, headline, still_open

    with at(place, client) as (service, ruleset):
        here = leaving.local(ruleset, place.now)
        standing = leaving.standing(ruleset, service)
        absence = standing.absence
        if absence is None:
            why = "what its file says was ended by hand" if ruleset.absence else f"no [absence] in {ruleset.file}"
            raise Stop(f"Nobody leaves: {why}. At once: vamaild away start {client}", Exit.NOT_FOUND)
        found = checks(standing, absence, leaving.known(standing, service), here)
    left = still_open(found)
    lines = [headline(standing, absence, here.date()), "", *map(_line, found), "", _next(left)]
    value: Value = {"client": client, "open": len(left), "checks": [_value(c) for c in found]}
    place.tell(value | as_value(absence), lines, as_json)
    return Exit.ATTENTION if left else Exit.DONE


def _line(check: "Check") -> str:
    return f"{'ok' if check.ok else 'open':<6}{check.name:<12}{check.words}"


def _value(check: "Check") -> Value:
    return {"name": check.name, "ok": check.ok, "words": check.words, "next": check.next or None}


def _next(left: Sequence["Check"]) -> str:
    command = next((c.next for c in reversed(left) if c.next), "")
    return f"{len(left)} open.{f' Next: {command}' if command else ''}" if left else "All is ready."


@away.command()
@click.argument("client")
@click.argument("what", nargs=-1, required=True, type=click.Choice(SEEN))
@json_option
@click.pass_obj
def seen(place: Place, client: str, what: tuple[str, ...], as_json: bool) -> int:
    """Keep that the principal has seen the texts, or approved the disasters; a change opens it again."""
    from .. import leaving

    with at(place, client) as (service, ruleset):
        marks = leaving.marks(ruleset, service)
        for name in what:
            service.store.keep_away(client, f"seen {name}", {"mark": marks[name]}, place.now)
    place.tell({"client": client, "seen": list(what)}, [f"Kept. See: vamaild away check {client}"], as_json)
    return Exit.DONE


@away.command()
@click.argument("client")
@click.option("--send", is_flag=True, help="Send the questions to the principal.")
@click.option("--write", is_flag=True, help="Write the answered pages into a file beside the ledger.")
@json_option
@click.pass_obj
def interview(place: Place, client: str, send: bool, write: bool, as_json: bool) -> int:
    """What was asked most in 90 days and the manual does not know; his answers become pages you may take over."""
    from .. import interview as asking
    from ..core.letter import TemplateError

    with at(place, client) as (service, ruleset):
        kept = asking.kept(client, service)
        if kept and not send:
            return _answers(place, client, kept, write, as_json)
        questions = asking.known(ruleset, service).questions
        if not questions:
            raise Stop(f"Nothing was asked twice in {asking.DAYS} days that the manual does not know.", Exit.NOT_FOUND)
        try:
            to = asking.send(ruleset, questions, service) if send else ""
        except (TemplateError, ValueError) as error:
            raise Stop(str(error), Exit.SAFETY) from error
    lines = [f"{q.count:>4}  {q.words}" for q in questions]
    lines += [f"Sent to {to}. His answers: vamaild away interview {client}"] if to else []
    lines += [] if to else [f"Nothing was sent. Ask him: vamaild away interview {client} --send"]
    value: Value = {"client": client, "sent_to": to or None, "questions": [_question(q) for q in questions]}
    place.tell(value, lines, as_json)
    return Exit.DONE


def _question(question: object) -> Value:
    names = ("label", "words", "count", "language", "phrases")
    return {name: getattr(question, name) for name in names}


def _answers(place: Place, client: str, kept: "Interview", write: bool, as_json: bool) -> int:
    """What came back; nothing of it is used until somebody puts it into the file."""
    path = place.state / "proposed" / f"{client}.toml"
    if write and kept.proposal:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text(kept.proposal, encoding="utf-8")
    lines = [f"{len(kept.answers)} of {len(kept.questions)} answered. Nothing of it is used yet.", ""]
    lines += kept.proposal.splitlines()
    lines += [f"Written to {path}: put what you like into the client's file, then vamaild check"] if write else []
    lines += [] if write or not kept.answers else [f"Into a file: vamaild away interview {client} --write"]
    value: Value = {
        "client": client,
        "questions": [_question(q) | {"answer": kept.answers.get(q.label)} for q in kept.questions],
        "proposed": kept.proposal,
        "file": str(path) if write and kept.proposal else None,
    }
    place.tell(value, lines, as_json)
    return Exit.DONE


@away.command()
@click.argument("client")
@click.option("--preview", is_flag=True, help="Only show it [default].")
@click.option("--send", is_flag=True, help="Send it to the principal now.")
@json_option
@click.pass_obj
def digest(place: Place, client: str, preview: bool, send: bool, as_json: bool) -> int:
    """The mail of the return: to decide, promised, handed over, what happened."""
    from .. import returning

    if preview and send:
        raise click.UsageError("say --preview or --send, not both")
    with at(place, client) as (service, ruleset):
        span = returning.span_of(ruleset, service)
        written = returning.write(ruleset, span, service, empty=True) if span else None
        if written is None:
            raise Stop(f"{client}: nobody was away, or nobody knows where the principal reads.", Exit.NOT_FOUND)
        sent = send and returning.send(ruleset, written, service)
        if send and not sent:
            raise Stop("The digest may not leave: it holds something from [contacts] in secrets.toml.", Exit.SAFETY)
    lines = [f"To: {written.to}", f"Subject: {written.letter.subject}", "", *written.letter.body.splitlines(), ""]
    lines += ["It leaves now." if sent else f"Send it now: vamaild away digest {client} --send"]
    found = written.found
    counts: Value = {name: getattr(found, name) for name in ("arrived", "manual", "said", "silent", "archive")}
    named = {n: [_item(i) for i in getattr(found, n)] for n in ("decide", "promised", "handed", "called", "to_judge")}
    place.tell({"client": client, "to": written.to, "sent": bool(sent)} | counts | named, lines, as_json)
    return Exit.DONE


def _item(item: object) -> Value:
    moments = {n: (m.isoformat() if (m := getattr(item, n)) else None) for n in ("promised", "at")}
    return {n: getattr(item, n) for n in ("who", "subject", "times", "code", "minutes")} | moments
