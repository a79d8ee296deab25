"""The sale of a rush: what an answer to an offer does. A sale needs every single proof; without one, a person looks.

`answer` is None where the message says nothing about the offer, so that it is planned like any other.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from . import wording
from .case import Case
from .choice import Choice, Chosen, Terms, choose
from .judge import Verdict
from .letter import clean
from .plan import Action, Decline, Hold, Plan, Take
from .promises import Offer, cancel_by
from .reasons import Reason
from .ruleset import Kind, Language, Role, Trust
from .rush import Rush, RushState
from .sameness import domain_of
from .sender import SURE_ENOUGH
from .writing import reply

STRONGER = (Kind.EMERGENCY, Kind.HOSTILE, Kind.AUTOMATIC)
RUNNING = (RushState.TAKEN, RushState.AGREED)
QUICKEST_PERSON = timedelta(seconds=60)
CONFIRMED = "rush-confirmed"
NOTHING = Plan(Action.NONE)
ENDED = {
    RushState.DECLINED: "he had chosen A",
    RushState.REFUSED: "you had said no",
    RushState.EXPIRED: "the offer had ended",
    RushState.WITHDRAWN: "our offer has not left, or was taken back",
}


def answer(verdict: Verdict, case: Case) -> Plan | None:
    """The plan for an answer to a rush offer of ours; None when it is none, or something stronger was seen."""
    offers = case.history.offers
    if verdict.kind in STRONGER or verdict.doubtful:
        return None
    if not offers:
        return _elsewhere(case)
    rush = next((o for o in reversed(offers) if o.state is RushState.OFFERED), offers[-1])
    chosen = choose(case.body, _tables(case, rush), _terms(case, rush))
    if case.history.seen_before and chosen.choice is not Choice.NOTHING:
        return NOTHING
    if rush.state is RushState.OFFERED:
        return _offered(chosen, case, rush)
    if rush.state in RUNNING and case.arrived < rush.offer.ready_at:
        return _running(chosen, case, rush)
    return _ended(case, rush) if chosen.choice is Choice.B else None


def _elsewhere(case: Case) -> Plan | None:
    """B outside the thread of an offer: no mail program does that, and nobody knows which offer he means."""
    rush = next(reversed(case.history.offers_elsewhere), None)
    if rush is None or choose(case.body, _tables(case, rush), _terms(case, rush)).choice is not Choice.B:
        return None
    return _held(Reason.RUSH_UNCLEAR, f"says B ({_b(rush, case)}), but outside the thread of the offer")


def _tables(case: Case, rush: Rush) -> tuple[Language, ...]:
    """The message's own language first, that of the offer, then the client's others; English anyway."""
    known, client = case.rulebook.languages, case.ruleset.client
    codes = dict.fromkeys((case.language, rush.offer.language, client.language, *client.languages, "en"))
    return tuple(known[c] for c in codes if c in known) or tuple(known.values())


def _terms(case: Case, rush: Rush) -> Terms:
    person, client = case.person, case.ruleset.client
    author = next(iter(case.message.from_), "").partition("@")[0]
    theirs = (case.message.from_name, person.name if person else "", author, client.name, client.principal)
    ready_at = rush.offer.ready_at.astimezone(case.arrived.tzinfo)
    return Terms(rush.offer.percent, ready_at, case.arrived, (*theirs, case.rulebook.assistant.name))


def _offered(chosen: Chosen, case: Case, rush: Rush) -> Plan | None:
    """An answer while the offer stands."""
    if chosen.choice is Choice.B:
        against = obstacle(case, rush)
        return _held(*against) if against else _taken(case, rush)
    if chosen.choice is Choice.A:
        mine = _stranger(case) is None and not case.authentication.failed and case.screened is None
        return Plan(Action.NONE, (Decline(rush.id, f"says A: {_day(rush.offer.ordinary)}"),) if mine else ())
    if chosen.choice is Choice.ASKS:
        return _held(Reason.RUSH_QUESTION, f"asks about the offer ({_b(rush, case)}): {_words(case)}")
    if chosen.choice is Choice.UNCLEAR:
        return _held(
            Reason.RUSH_UNCLEAR, f"answers the offer ({_b(rush, case)}), but does not plainly say B: {_words(case)}"
        )
    return None


def _running(chosen: Chosen, case: Case, rush: Rush) -> Plan:
    """An answer while the work is sold: B once more and thanks are known; anything else may change the work."""
    if chosen.choice is Choice.B or chosen.polite:
        return NOTHING
    sold = "agreed" if rush.state is RushState.AGREED else "taken, your yes is missing"
    return _held(Reason.RUSH_RUNNING, f"about the rush work ({_b(rush, case)}, {sold}): {_words(case)}")


def _ended(case: Case, rush: Rush) -> Plan:
    """B after the end of the offer."""
    if rush.state in RUNNING:
        return NOTHING
    if case.arrived > rush.offer.accept_by.astimezone(case.arrived.tzinfo):
        return _held(Reason.RUSH_LATE, _after(case, rush))
    return _held(Reason.RUSH_LATE, f"says B ({_b(rush, case)}), but {ENDED[rush.state]}")


def _taken(case: Case, rush: Rush) -> Plan:
    """The sale, as far as the client can make it: the assistant's yes is missing, unless all is proven and agreed."""
    latest = rush.offer.accept_by.astimezone(case.arrived.tzinfo)
    note = f"says B: {_b(rush, case)}; needs your yes by {latest:%H:%M}"
    take = Take(rush.id, case.message.from_[0], case.arrived, note, at_once=_at_once(case))
    if not take.at_once:
        return Plan(Action.NONE, (take, Hold(Reason.RUSH_ACCEPTED, note)))
    ready = rush.offer.ready_at.astimezone(case.now.tzinfo)
    sold = Offer(ready, rush.offer.percent, latest)
    words = wording.sold(sold, case.arrived, cancel_by(case.now, ready, case.ruleset.week))
    said = replace(reply(case, CONFIRMED, **words), promise=ready, ready_by=ready.date())
    return Plan(Action.REPLY_LEADTIME, (take, said))


def _at_once(case: Case) -> bool:
    """Whether the contract sells without the assistant's yes, and everything is proven."""
    agreed, after = case.ruleset.rush, case.history.answers_after
    return (
        agreed is not None
        and agreed.confirm != "me"
        and case.history.rush_sold < agreed.per_week
        and not case.history.paused
        and case.ruleset.client.trust is Trust.SEND
        and proven(case)
        and not case.history.answered_by_person
        and (after is None or after > QUICKEST_PERSON)
    )


def proven(case: Case) -> bool:
    """Whether our own mail server found that the mail comes from the sender's domain (DMARC, RFC 7489)."""
    author = domain_of(next(iter(case.message.from_), ""))
    return case.authentication.dmarc == "pass" and case.authentication.domain == author != ""


def obstacle(case: Case, rush: Rush) -> tuple[Reason, str] | None:
    """Why a plain B is no sale; None when it is one."""
    if case.arrived > rush.offer.accept_by.astimezone(case.arrived.tzinfo):
        return Reason.RUSH_LATE, _after(case, rush)
    if case.now >= rush.offer.ready_at:
        return Reason.RUSH_LATE, f"says B ({_b(rush, case)}), but that moment is past"
    why = _unsure(case)
    if why:
        return Reason.RUSH_UNPROVEN, f"says B ({_b(rush, case)}), but {why}"
    stranger = _stranger(case)
    if stranger:
        return Reason.RUSH_STRANGER, f"says B ({_b(rush, case)}), but {stranger}"
    return None


def _unsure(case: Case) -> str:
    """Why nobody can be sure that the sender wrote this himself; "" when one can."""
    message = case.message
    if case.authentication.failed:
        return "it does not come from where it says (DMARC)"
    if case.screened:
        return case.screened.because
    if len(message.from_) != 1 or case.sender.confidence < SURE_ENOUGH:
        return f"nobody can be sure who wrote it ({case.sender.method})"
    if case.judged is not None and case.judged is not message:
        return "it was handed on by somebody else"
    if message.doubts:
        return f"it could not be read whole: {message.doubts[0]}"
    if case.rulebook.own_servers and not proven(case):
        return "nothing proves that it comes from its sender's domain (no DMARC pass)"
    return ""


def _stranger(case: Case) -> str | None:
    """Why this person cannot agree to a surcharge; None when he can. A pattern with * counts when it says so itself."""
    person = case.person
    if person is None or person.role is not Role.CLIENT:
        return "does not belong to the client"
    return None if person.accepts_rush else "may not agree to a surcharge (accepts_rush is not set)"


def _held(reason: Reason, note: str) -> Plan:
    return Plan(Action.NONE, (Hold(reason, note),))


def _after(case: Case, rush: Rush) -> str:
    latest = rush.offer.accept_by.astimezone(case.arrived.tzinfo)
    late = f"{latest:%H:%M}" if latest.date() == case.arrived.date() else f"{_day(latest)} {latest:%H:%M}"
    return f"says B ({_b(rush, case)}), but after {late}: it came {_day(case.arrived)} {case.arrived:%H:%M}"


def _b(rush: Rush, case: Case) -> str:
    ready = rush.offer.ready_at.astimezone(case.arrived.tzinfo)
    day = "today" if ready.date() == case.now.date() else _day(ready)
    return f"{day} {ready:%H:%M}, +{rush.offer.percent} %"


def _day(at: datetime) -> str:
    return f"{at:%a} {at.day} {at:%b}"


def _words(case: Case) -> str:
    return f'"{clean(case.body.original, 120)}"' if case.body.words else "no words of his own"
