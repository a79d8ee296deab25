"""`vamaild queue pass|give|snooze|wait|resolve`: the answers to a case, through the one door of chain.py."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from ..core.chainwords import COLLEAGUE, DONE, ME, Said
from ..core.ledger import QueueCase, Store
from .pause import moment_of
from .place import Place, Value, desk
from .screen import Exit, Stop
from .words import moment

if TYPE_CHECKING:
    from ..chain import Answer, Answered

WORDS = {
    Said.TAKEN: "{code} is yours. Nobody else is told. Done with it: vamaild queue resolve {code}",
    Said.STILL: "{code} is still yours. Done with it: vamaild queue resolve {code}",
    Said.PASSED: "{code} goes on without you: {who} is asked.",
    Said.NOBODY_ELSE: "There is nobody else who may be asked about {code} now: you are asked again.",
    Said.WAITS: "{code} can wait: {who} is told.",
    Said.GIVEN: "{code} is given to {who}, who is told now.",
    Said.MAY_NOT: "{who} may not be asked now; nothing changed.",
    Said.SNOOZED: "{code} comes back {until}. Earlier: vamaild queue ack {code}",
    Said.RESOLVED: "{code} is closed.",
    Said.ALREADY: "{code} was taken by {who} already; nothing changed.",
    Said.CLOSED: "{code} is closed already; nothing changed.",
    Said.UNKNOWN: "There is no case {code}. See all of them: vamaild queue",
    Said.STRANGER: "Nobody of that name is in the chain of {code}; nothing changed.",
    Said.PRACTISED: "{code} was practice: noted that the alarm reaches you.",
    Said.NO_SUCH_PERSON: "There is nobody of that name in the chain of {code} who can be told; nothing changed.",
}


def found(store: Store, code: str) -> QueueCase:
    """The case with this code. Stops with exit 5 when there is none."""
    case = store.case(code.upper())
    if case is None:
        raise Stop(f"There is no case {code.upper()}. See all of them: vamaild queue", Exit.NOT_FOUND)
    return case


def answered(place: Place, code: str, answer: "Answer", as_json: bool, person: str = ME) -> int:
    """Gives the answer, and says what became of it; exit 1 when it was not taken."""
    from .. import chain

    with desk(place) as service:
        case = found(service.store, code)
        result = chain.answer(service, case.code, person, answer, "cli", place.now)
    done = result.said in DONE
    value: Value = {
        "case": case.code,
        "done": done,
        "said": str(result.said),
        "by": result.who or None,
        "until": place.here(result.until, case.case.client).isoformat() if result.until else None,
    }
    place.tell(value, [_sentence(place, case, result)], as_json)
    return Exit.DONE if done or result.said in (Said.ALREADY, Said.CLOSED) else Exit.ATTENTION


def _sentence(place: Place, case: QueueCase, result: "Answered") -> str:
    client = case.case.client
    until = moment(place.here(result.until, client), place.here(place.now, client)) if result.until else ""
    if result.said is Said.PASSED and not result.who:
        return f"{case.code} goes on without you."
    return WORDS[result.said].format(code=case.code, who=result.who or "nobody", until=until)


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
by_option = click.option("--by", "person", default=ME, metavar="NAME", help="Who answers, as in the chain.")
note_option = click.option("--note", default="", metavar="TEXT", help="What there is to say about it.")


@click.command("pass")
@click.argument("code")
@by_option
@json_option
@click.pass_obj
def pass_on(place: Place, code: str, person: str, as_json: bool) -> int:
    """Not me: the next one in the chain is asked at once."""
    from ..chain import Answer

    return answered(place, code, Answer("pass_on"), as_json, person)


@click.command()
@click.argument("code")
@click.option("--to", required=True, metavar="NAME", help="Who gets it, as in the chain.")
@json_option
@click.pass_obj
def give(place: Place, code: str, to: str, as_json: bool) -> int:
    """Gives a case to somebody of the chain, also in the quiet hours.

    A customer's message that is no emergency goes to the colleague as with: vamaild colleague give
    """
    from ..chain import Answer
    from .colleague import hand_over

    with place.ledger() as store:
        case = found(store, code)
    if to == COLLEAGUE and case.message and not case.case.escalates and not case.closed_at:
        return hand_over(place, case.code, as_json)
    return answered(place, code, Answer("give", to=to), as_json)


def _until(place: Place, code: str, until: str | None) -> datetime | None:
    with place.ledger() as store:
        client = found(store, code).case.client
    return moment_of(until, None, place, client)


@click.command()
@click.argument("code")
@click.option("--until", required=True, metavar="TIME", help="Until then (2026-12-01T09:00, the client's time).")
@json_option
@click.pass_obj
def snooze(place: Place, code: str, until: str, as_json: bool) -> int:
    """Puts a case off; then it comes back by itself."""
    from ..chain import Answer

    return answered(place, code, Answer("snooze", _until(place, code, until)), as_json)


@click.command()
@click.argument("code")
@click.option("--until", metavar="TIME", help="Until then [default: the morning of the return].")
@by_option
@note_option
@json_option
@click.pass_obj
def wait(place: Place, code: str, until: str | None, person: str, note: str, as_json: bool) -> int:
    """It can wait: yours until the return; somebody else's answer brings it back to you."""
    from ..chain import Answer

    return answered(place, code, Answer("wait", _until(place, code, until), note=note), as_json, person)


@click.command()
@click.argument("code")
@click.option("--could-wait", type=click.Choice(("yes", "no")), help="Whether it was an emergency at all.")
@note_option
@json_option
@click.pass_obj
def resolve(place: Place, code: str, could_wait: str | None, note: str, as_json: bool) -> int:
    """It is over: the news that were promised are written as a draft, with your note."""
    from ..chain import Answer

    judged = None if could_wait is None else could_wait == "yes"
    return answered(place, code, Answer("resolve", could_wait=judged, note=note), as_json)


ANSWERS = (pass_on, give, snooze, wait, resolve)
