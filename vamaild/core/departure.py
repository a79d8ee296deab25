"""The list before an absence: what is ready and what is still open, each with the next thing to do (`away check`)."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from .absence import last_day, oddities
from .colleague import nobody_on, standing
from .drill import Drill
from .escalation import ME
from .handover import Consent
from .interview import Coverage
from .ruleset import Absence, Kind, RuleSet

DRILL_HOLDS = timedelta(days=30)
OFTEN, MOST_GAPS = 3, 3
SEEN = ("texts", "disasters")


@dataclass(frozen=True, slots=True)
class Check:
    """One line: whether it is ready, in words, and the command that helps ("" for none)."""

    name: str
    ok: bool
    words: str
    next: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger says. `seen` are the days on which the principal saw something, with a mark of what he saw;

    `own_reply` is an address of his that answers by itself, "" for none; `rehearsal` as it was kept.
    """

    coverage: Coverage
    consents: Sequence[Consent] = ()
    drill: Drill | None = None
    seen: Mapping[str, tuple[datetime, str]] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    own_reply: str = ""
    rehearsal: Mapping[str, object] | None = None


def mark(*parts: object) -> str:
    """A digest of what somebody has seen: when it changes, he has not seen it any more."""
    return hashlib.blake2b("\0".join(map(str, parts)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def disasters(ruleset: RuleSet) -> tuple[str, ...]:
    """The kinds of emergency that are the client's own."""
    return tuple(rule.name for rule in ruleset.rules if rule.kind is Kind.EMERGENCY)


def headline(ruleset: RuleSet, absence: Absence, today: date) -> str:
    """ "Petr Novák leaves in 3 days: Mon 30 Nov to Fri 4 Dec, back Mon 7 Dec"."""
    who, days = ruleset.client.principal or ruleset.client.name, (absence.first - today).days
    last, back = last_day(absence, ruleset.week), absence.back
    if back and back <= today:
        return f"{who} has been back since {_day(back)}"
    if days <= 0:
        return (
            f"{who} is away since {_day(absence.first)}, {f'back {_day(back)}' if back else 'nobody knows until when'}"
        )
    when = f"in {days} days" if days > 1 else "tomorrow"
    span = (
        f"{_day(absence.first)} to {_day(last)}, back {_day(back)}" if last and back else f"from {_day(absence.first)}"
    )
    return f"{who} leaves {when}: {span}"


def checks(ruleset: RuleSet, absence: Absence, known: Known, now: datetime) -> tuple[Check, ...]:
    """Every line of the list; `now` in the client's zone."""
    lines = (
        _dates(ruleset, absence, now),
        _manual(ruleset, known.coverage),
        _colleague(ruleset, known.consents),
        _disasters(ruleset, known),
        _alarm(ruleset, known.drill, now),
        _matters(ruleset),
        _texts(ruleset, known),
        _own_reply(ruleset, known.own_reply),
        _rehearsal(ruleset, known.rehearsal),
    )
    return tuple(check for found in lines for check in found)


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _dates(ruleset: RuleSet, absence: Absence, now: datetime) -> Iterator[Check]:
    odd = list(oddities(absence, ruleset.week, now.date()))
    for _, what, help in odd:
        yield Check("dates", False, f"{what}: {help}", f"vamaild client check {ruleset.client.id}")
    if not odd and absence.answer_by:
        yield Check("dates", True, f"customers are told {_day(absence.answer_by)}")


def _manual(ruleset: RuleSet, coverage: Coverage) -> Iterator[Check]:
    ask, count = f"vamaild away interview {ruleset.client.id}", len(ruleset.situations)
    if not count:
        yield Check("manual", False, "it has no page yet", ask)
    else:
        share = f", {coverage.percent} % of the last 90 days' questions" if coverage.asked else ""
        yield Check("manual", True, f"{count} {'situation' if count == 1 else 'situations'}{share}")
    for gap in [q for q in coverage.questions if q.count >= OFTEN][:MOST_GAPS]:
        yield Check("manual", False, f'"{gap.words}" was asked {gap.count} times, no answer yet', ask)


def _colleague(ruleset: RuleSet, consents: Sequence[Consent]) -> Iterator[Check]:
    ask = f"vamaild colleague ask {ruleset.client.id}"
    found = standing(ruleset, consents)
    if not found:
        yield Check("colleague", True, "nobody stands in: what cannot wait goes along the chain")
    for each in found:
        yield Check("colleague", bool(each.agreed), f"{each.colleague.name} {each.words}", "" if each.agreed else ask)
    if found and (alone := nobody_on(ruleset)):
        yield Check("colleague", False, f"nobody stands in on {', '.join(map(_day, alone[:3]))}")


def _disasters(ruleset: RuleSet, known: Known) -> Iterator[Check]:
    own, general = len(disasters(ruleset)), "" if ruleset.escalation.own_only else " and the general ones"
    kinds = f"{own} {'kind' if own == 1 else 'kinds'} of his own{general}"
    if not own and ruleset.escalation.own_only:
        yield Check("disasters", False, "none is described, so nothing would ever reach him")
    else:
        yield _approved("disasters", kinds, "approved", ruleset, known)


def _approved(name: str, what: str, how: str, ruleset: RuleSet, known: Known) -> Check:
    """Whether the principal has seen this, as it is now."""
    who, help = _first_name(ruleset), f"vamaild away seen {ruleset.client.id} {name}"
    at, seen = known.seen.get(name, (None, ""))
    if at is None:
        return Check(name, False, f"{what}; {who} has not seen them", help)
    if seen != known.marks.get(name, seen):
        return Check(name, False, f"{what}; changed since {who} saw them on {at.day} {at:%b}", help)
    return Check(name, True, f"{what}, {how} by {who} on {at.day} {at:%b}")


def _first_name(ruleset: RuleSet) -> str:
    return (ruleset.client.principal or ruleset.client.name).split()[0]


def _alarm(ruleset: RuleSet, drill: Drill | None, now: datetime) -> Iterator[Check]:
    try_it, others = f"vamaild away drill {ruleset.client.id}", [p for p in ruleset.escalation.chain if p != ME]
    if not others:
        yield Check("alarm", False, "only you are called: name a contact in [escalation] chain")
    elif drill is None or drill.ended is None or now - drill.ended > DRILL_HOLDS:
        tried = "has not been tried" if drill is None or drill.ended is None else "was tried too long ago"
        yield Check("alarm", False, f"the way to {others[0]} {tried}", try_it)
    elif drill.works:
        yield Check("alarm", True, f"tried on {drill.ended.day} {drill.ended:%b}: everybody answered")
    else:
        silent = [link.person for link in drill.links if not link.works]
        yield Check("alarm", False, f"tried, but not reached: {', '.join(silent) or 'nobody'}", try_it)


def _matters(ruleset: RuleSet) -> Iterator[Check]:
    count = len(ruleset.matters)
    yield Check("matters", True, f"{count} handed over, each with a decision" if count else "none handed over")


def _texts(ruleset: RuleSet, known: Known) -> Iterator[Check]:
    yield _approved("texts", f"in {' '.join(ruleset.client.languages)}", "seen", ruleset, known)


def _own_reply(ruleset: RuleSet, address: str) -> Iterator[Check]:
    if address:
        yield Check("own reply", False, f"{address} answers by itself, too: customers would get two answers")
    else:
        yield Check("own reply", True, "no vacation reply of his own mailbox was seen")


def _rehearsal(ruleset: RuleSet, kept: Mapping[str, object] | None) -> Iterator[Check]:
    if kept is None:
        yield Check(
            "rehearsal", False, "the manual was not tried on past mail", f"vamaild away rehearse {ruleset.client.id}"
        )
        return
    times = {0: "not disturbed", 1: "disturbed once"}.get(int(str(kept.get("disturbed", 0))))
    said = times or f"disturbed {kept['disturbed']} times"
    yield Check("rehearsal", True, f"{kept.get('messages')} messages, {said}")


def still_open(found: Iterable[Check]) -> tuple[Check, ...]:
    return tuple(check for check in found if not check.ok)
