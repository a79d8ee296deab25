"""The whole decision as one function: Message -> Decision. Read this file first.

bytes -> Message -> who is it -> is anybody waiting -> his own words -> what they say -> Case
      -> judge: Verdict -> planner: Plan -> the text -> guards: Decision. Nothing here asks a clock or opens a file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Protocol
from zoneinfo import ZoneInfo

from . import calendar, colleague
from .case import UNKNOWN, Authentication, Case, Sender
from .guards import guard
from .handed import by_our_people, to_judge
from .judge import Verdict, judge
from .letter import Render, TemplateError
from .message import History, Message
from .newtext import NewText
from .plan import Hold, Plan, Reply, Step, Withheld
from .planner import plan
from .reading import Reading, read
from .reasons import Reason
from .route import find_person
from .ruleset import Absence, EmergencyRule, Kind, Language, Rulebook, RuleSet
from .screen import Scene, screen
from .sender import resolve
from .tongues import COMMON, Detect, Tongue, in_both, tongue_of
from .words import Text

DATE_MAY_DIFFER_DAYS = 3
NOBODY_KNOWS = timedelta(days=30)  # no day back is known: what is wanted within a month cannot wait for it
FAULTS = (RecursionError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, MemoryError)
"""What a fault of our own in deciding looks like: the message is held for a person, and the others go on."""


class Authenticate(Protocol):
    """Reads what our own mail server found out about the sender; never raises."""

    def __call__(self, values: Sequence[str], servers: Sequence[str]) -> Authentication:
        """`values`: every Authentication-Results, topmost first; `servers`: the names that are trusted, lower case."""


def knows_nothing(values: Sequence[str], servers: Sequence[str]) -> Authentication:
    """For whoever has no server to trust."""
    return UNKNOWN


@dataclass(frozen=True, slots=True)
class Tools:
    """What deciding needs from outside, as functions without side effects."""

    render: Render
    detect: Detect
    authenticate: Authenticate = knows_nothing


@dataclass(frozen=True, slots=True)
class Decision:
    """What was seen, judged and planned, and what was held back. `problems` are texts that could not be written."""

    case: Case
    verdict: Verdict
    plan: Plan
    withheld: tuple[Withheld, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def reply(self) -> Reply | None:
        """The reply that leaves, if any."""
        return self.plan.reply


@dataclass(frozen=True, slots=True)
class Seen:
    """What a message shows before the ledger is asked: found once, for the question to the ledger and for deciding."""

    sender: Sender
    judged: Message
    new: NewText
    proof: Authentication

    @property
    def spoken(self) -> str:
        """What the language is told by."""
        return f"{self.judged.subject}\n{self.new.own}"


def look_at(message: Message, ruleset: RuleSet, rulebook: Rulebook, authenticate: Authenticate = knows_nothing) -> Seen:
    """Who wrote, which message counts, and its sender's own words."""
    proof = authenticate(message.all("authentication-results"), rulebook.own_servers)
    judged, new = to_judge(message, ruleset, tuple(rulebook.languages.values()))
    return Seen(resolve(message, ruleset, proof), judged, new, proof)


def client_zone(ruleset: RuleSet) -> ZoneInfo:
    return ZoneInfo(ruleset.client.timezone)


def moment_sent(message: Message, received: datetime) -> datetime:
    """What "tonight" is counted from: the Date header, unless it is far from the moment of arrival (a forged clock)."""
    sent = message.sent
    if sent is None or abs((received - sent).days) > DATE_MAY_DIFFER_DAYS:
        return received
    return sent


def days_of(ruleset: RuleSet, arrived: datetime, absence: Absence | None) -> tuple[date, date]:
    """(horizon, ready by): the first day that is no rush, and the date an ordinary reply promises or names."""
    if absence:
        horizon = absence.back or arrived.date() + NOBODY_KNOWS
        return horizon, absence.answer_by or horizon
    if ruleset.lead:
        ready = calendar.ready_on(arrived, ruleset.lead, ruleset.week)
        return calendar.horizon(arrived, ruleset.lead, ruleset.week), ready
    return arrived.date(), arrived.date()


def tables(ruleset: RuleSet, rulebook: Rulebook, tongue: Tongue) -> tuple[Language, ...]:
    """The language tables to look in, the message's own first; the client's others where that is not sure.

    The client's own language and English are always heard: people mix them into any other.
    """
    others = () if tongue.heard else ruleset.client.languages
    codes = dict.fromkeys((tongue.code, ruleset.client.language, *others))
    if COMMON in ruleset.client.languages:
        codes[COMMON] = None
    found = tuple(rulebook.languages[c] for c in codes if c in rulebook.languages)
    return found or tuple(rulebook.languages.values())


def damages_of(ruleset: RuleSet, rulebook: Rulebook, known: Sequence[Language]) -> tuple[EmergencyRule, ...]:
    """The shipped emergencies of these languages; none for a principal who wants only his own."""
    if ruleset.escalation.own_only:
        return ()
    codes = {language.code for language in known}
    return tuple(rule for rule in rulebook.emergencies if rule.language in codes)


def _reading(
    seen: Seen, subject: Text, body: Text, ruleset: RuleSet, rulebook: Rulebook, tongue: Tongue, arrived: datetime
) -> Reading:
    """What they say, in the languages that they may be written in."""
    known = tables(ruleset, rulebook, tongue)
    sent = moment_sent(seen.judged, arrived).astimezone(arrived.tzinfo)
    found = read(subject, body, known, damages_of(ruleset, rulebook, known), sent, tongue.code)
    return replace(found, second=tongue.second, skipped=seen.new.skipped)


def gather(
    message: Message,
    ruleset: RuleSet,
    rulebook: Rulebook,
    history: History,
    tools: Tools,
    now: datetime,
    seen: Seen | None = None,
) -> Case:
    """Everything that is known about the message, before any rule is asked. `seen`: where it was looked at already."""
    zone = client_zone(ruleset)
    ruleset = colleague.present(ruleset, now.astimezone(zone), history.consents)
    arrived = message.received.astimezone(zone)
    seen = seen or look_at(message, ruleset, rulebook, tools.authenticate)
    judged, new = seen.judged, seen.new
    known_by = judged if by_our_people(message, ruleset) else message
    subject, body = Text(judged.subject), Text(new.own)
    writer = find_person(ruleset, judged.from_[0]) if judged.from_ else None
    tongue = tongue_of(seen.spoken, writer, ruleset, history, rulebook.languages, tools.detect)
    absence = ruleset.away(now.astimezone(zone).date())
    horizon, ready_by = days_of(ruleset, arrived, absence)
    return Case(
        message=message,
        ruleset=ruleset,
        rulebook=rulebook,
        history=history,
        sender=seen.sender,
        person=find_person(ruleset, known_by.from_[0]) if known_by.from_ else None,
        screened=screen(Scene(message, seen.sender, ruleset, rulebook, history, arrived)),
        subject=subject,
        body=body,
        cut=new.cut,
        reading=_reading(seen, subject, body, ruleset, rulebook, tongue, arrived),
        arrived=arrived,
        now=now.astimezone(zone),
        horizon=horizon,
        ready_by=ready_by,
        absence=absence,
        judged=judged,
        authentication=seen.proof,
    )


def compose(
    draft: Plan, case: Case, render: Render, answers: Mapping[str, str] = MappingProxyType({})
) -> tuple[Plan, tuple[str, ...]]:
    """The plan with its texts written; a text that cannot be written leaves its reply without a letter.

    `answers` are those of the playbook's page that fits, by language.
    """
    steps: list[Step] = []
    problems: list[str] = []
    for step in draft.steps:
        if isinstance(step, Reply):
            try:
                letter = render(step.template, step.language, case.ruleset.client.id, step.words)
                step = replace(step, letter=in_both(step, case, letter, render, answers))
            except TemplateError as error:
                problems.append(str(error))
        steps.append(step)
    return replace(draft, steps=tuple(steps)), tuple(problems)


def with_doubts(drawn: Plan, verdict: Verdict, case: Case) -> Plan:
    """The plan; of a text too long to be read whole, a person looks at the rest, whatever the beginning and end say."""
    if not case.reading.skipped or verdict.kind in (Kind.AUTOMATIC, Kind.HOSTILE):
        return drawn
    note = f"{case.reading.skipped} characters in the middle of a very long text were not looked at"
    return replace(drawn, steps=(*drawn.steps, Hold(Reason.DOUBT, note)))


def decide(
    message: Message,
    ruleset: RuleSet,
    rulebook: Rulebook,
    history: History,
    tools: Tools,
    now: datetime,
    *,
    limits: bool = True,
    seen: Seen | None = None,
) -> Decision:
    """What to do about one message. `now` is aware; without `limits` the message is judged by itself.

    `seen` is what `look_at` found for this client, where somebody has asked it before.
    """
    case = gather(message, ruleset, rulebook, history, tools, now, seen)
    verdict = judge(case)
    answers = verdict.situation.answer if verdict.situation else {}
    drawn, problems = compose(with_doubts(plan(verdict, case), verdict, case), case, tools.render, answers)
    kept, withheld = guard(drawn, case, limits)
    return Decision(case, verdict, kept, withheld, problems)


__all__ = ["Decision", "Detect", "Hold", "Seen", "Tools", "compose", "decide", "gather", "look_at"]
