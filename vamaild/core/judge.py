"""Case -> Verdict: what the message is, by which rule, seen in which words. The first rule that fits decides.

Order: unreadable, the screen (robots), the shipped screens (hostile, automatic by text), the client's own rules, damage
going on now, what was learned, the playbook, the shipped kinds, [otherwise]. A page of the playbook never hides damage.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from .case import Case
from .conditions import CONDITIONS, mentions, without
from .ladder import news
from .reading import Evidence
from .ruleset import NOWHERE, Kind, Matter, Place, Role, Rule, Situation
from .shortlist import worth

NO_ALARM = frozenset(("drill", "all_clear", "solved"))
SIGN_OF_ALARM = "alarm_"
SETTLES = frozenset(("thanks", "informs", "solved"))
TOO_SLOW = "its regex took too long, so nobody knows"


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition of one rule, with what it saw (None: nothing)."""

    condition: str
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule that was tried, and why it did or did not fit."""

    name: str
    place: Place
    fits: bool
    findings: tuple[Finding, ...]
    stopped_by: str = ""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return tuple(f.evidence for f in self.findings if f.evidence)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a message is. `name` and `place` are the rule's; `reply` overrides the usual text ("none": nobody).

    `tried` are the rules that were tried, not those that could not fit since none of their words is in the message.
    """

    kind: Kind
    name: str
    place: Place = NOWHERE
    evidence: tuple[Evidence, ...] = ()
    tried: tuple[Tried, ...] = ()
    reply: str = ""
    situation: Situation | None = None
    matter: Matter | None = None
    doubtful: bool = False

    @property
    def broken(self) -> tuple[str, ...]:
        """Rules that could not answer; a person looks at what they left open."""
        return tuple(t.name for t in self.tried if t.stopped_by == TOO_SLOW)


def look_at(conditions: Mapping[str, object], case: Case) -> tuple[Finding, ...]:
    found = [(name, CONDITIONS[name].test(case, value)) for name, value in conditions.items()]
    return tuple([Finding(name, evidence) if evidence else _unseen(name) for name, evidence in found])


@lru_cache(maxsize=100)
def _unseen(condition: str) -> Finding:
    """Most conditions of most rules: made once."""
    return Finding(condition, None)


def try_rule(rule: Rule, case: Case) -> Tried:
    """All of `when` must be seen and none of `unless`; `strike` is crossed out first."""
    try:
        return _try_rule(rule, without(rule.strike, case))
    except TimeoutError:
        return Tried(rule.name, rule.place, False, (), TOO_SLOW)


def _try_rule(rule: Rule, case: Case) -> Tried:
    when = look_at(rule.when, case)
    missing = next((f"{f.condition}: not found" for f in when if f.evidence is None), "")
    against = "" if missing else _against(look_at(rule.unless, case))
    return Tried(rule.name, rule.place, not missing and not against, when, missing or against)


def _against(unless: tuple[Finding, ...]) -> str:
    return next((f'unless {f.condition}: "{f.evidence.words}"' for f in unless if f.evidence), "")


def try_situation(situation: Situation, case: Case) -> Tried:
    seen = mentions(situation.when, case)
    against = mentions(situation.unless, case) if situation.unless else None
    stopped = "says: not found" if not seen else f'unless: "{against.words}"' if against else ""
    return Tried(situation.title, situation.place, not stopped, (Finding("says", seen),), stopped)


@dataclass(slots=True)
class _Bench:
    """Tries one thing after another and keeps what was tried."""

    case: Case
    tried: list[Tried]

    def first(self, rules: Iterator[Rule]) -> Verdict | None:
        for rule in rules:
            tried = try_rule(rule, self.case)
            self.tried.append(tried)
            if tried.fits:
                return Verdict(rule.kind, rule.name, rule.place, tried.evidence, reply=rule.reply)
        return None

    def playbook(self) -> Verdict | None:
        for situation in worth(self.case.ruleset.situations, self.case.body, self.case.subject):
            tried = try_situation(situation, self.case)
            self.tried.append(tried)
            if tried.fits:
                kind = Kind.SCHEDULED_REQUEST
                return Verdict(kind, situation.title, situation.place, tried.evidence, situation=situation)
        return None


def _automatic(case: Case) -> Verdict | None:
    """A robot is asked no rule, but for an alarm that tells of damage going on now."""
    screened, damage = case.screened, case.reading.damage
    if screened is None or not screened.robot:
        return None
    if case.role is Role.ALARM and NO_ALARM.isdisjoint(case.reading.signs):
        if damage and damage.when != "past":
            return Verdict(Kind.EMERGENCY, f"alarm: {damage.name}", damage.evidence[0].place, damage.evidence)
        signs = tuple(evidence for name, evidence in case.reading.signs.items() if name.startswith(SIGN_OF_ALARM))
        if signs:
            return Verdict(Kind.EMERGENCY, "alarm", signs[0].place, signs)
    return Verdict(Kind.AUTOMATIC, screened.because, evidence=(Evidence(screened.because),))


def _matter(case: Case) -> Matter | None:
    return next((m for m in worth(case.ruleset.matters, case.body, case.subject) if mentions(m.about, case)), None)


def _decide(case: Case, bench: _Bench) -> Verdict:
    book, ruleset = case.rulebook, case.ruleset
    otherwise = Verdict(ruleset.otherwise, "[otherwise]", ruleset.otherwise_place)
    if case.message.unreadable:
        return otherwise
    urgent = tuple(r for r in book.kinds if r.kind is Kind.EMERGENCY)
    calm = tuple(r for r in book.kinds if r.kind is not Kind.EMERGENCY)
    if news(case):  # who tells something new does not only insist: he is judged afresh
        calm = tuple(r for r in calm if r.kind is not Kind.INSISTING)
    return (
        _automatic(case)
        or bench.first(iter(book.screens))
        or bench.first(worth(ruleset.rules, case.body, case.subject))
        or bench.first(iter(urgent))
        or bench.first(
            worth(ruleset.learned, case.body, case.subject)
        )  # behind every emergency: what was learned never calms one
        or bench.playbook()
        or bench.first(iter(calm))
        or otherwise
    )


def _not_only_again(verdict: Verdict, case: Case, bench: _Bench) -> Verdict:
    """Three thanks in one thread insist on nothing: by its number alone no mail that settles something is a demand.

    Who only grumbles asks for nothing either, and does insist.
    """
    signs = case.reading.signs
    if verdict.kind is not Kind.INSISTING or not SETTLES & signs.keys():
        return verdict
    first = _Bench(replace(case, history=replace(case.history, same_matter=1)), [])
    alone = _decide(first.case, first)
    if alone.kind is not Kind.INFORMATION:
        return verdict
    bench.tried[:] = first.tried
    return alone


def judge(case: Case) -> Verdict:
    """What the message is; the verdict carries every rule that was tried."""
    bench = _Bench(case, [])
    verdict = _not_only_again(_decide(case, bench), case, bench)
    damage = case.reading.damage
    practised = "drill" in case.reading.signs  # and something may have gone wrong while they practised
    unsure = damage is not None and (damage.when == "doubtful" or (damage.when == "now" and practised))
    calm = verdict.kind not in (Kind.EMERGENCY, Kind.HOSTILE, Kind.AUTOMATIC)
    return Verdict(
        verdict.kind,
        verdict.name,
        verdict.place,
        verdict.evidence,
        tuple(bench.tried),
        verdict.reply,
        verdict.situation,
        _matter(case) if calm else None,
        unsure and calm,
    )
