"""The whole decision as one function: Message -> Decision. Read this file first.

bytes -> Message -> who is it -> is anybody waiting -> his own words -> what they say -> Case
      -> judge: Verdict -> planner: Plan -> the text -> guards: Decision. Nothing here asks a clock or opens a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from . import calendar
from .case import UNKNOWN, Authentication, Case
from .guards import guard
from .handed import by_our_people, to_judge
from .judge import Verdict, judge
from .letter import Render, TemplateError
from .message import History, Message
from .plan import Hold, Plan, Reply, Step, Withheld
from .planner import plan
from .reading import read
from .route import find_person
from .ruleset import Language, Rulebook, RuleSet
from .screen import Scene, screen
from .sender import resolve
from .words import Text

DATE_MAY_DIFFER_DAYS = 3


class Detect(Protocol):
    """Guesses the language of a text among those given; the confidence is 0 to 1."""

    def __call__(self, text: str, among: Sequence[str], default: str) -> tuple[str, float]:
        """(language code, confidence)."""


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


def client_zone(ruleset: RuleSet) -> ZoneInfo:
    return ZoneInfo(ruleset.client.timezone)


def moment_sent(message: Message, received: datetime) -> datetime:
    """What "tonight" is counted from: the Date header, unless it is far from the moment of arrival (a forged clock)."""
    sent = message.sent
    if sent is None or abs((received - sent).days) > DATE_MAY_DIFFER_DAYS:
        return received
    return sent


def days_of(ruleset: RuleSet, arrived: datetime) -> tuple[date, date]:
    """(horizon, ready by): the first day that is no rush, and the date an ordinary reply promises or names."""
    absence = ruleset.away(arrived.date())
    if absence:
        return absence.back, absence.answer_by
    if ruleset.lead:
        ready = calendar.ready_on(arrived, ruleset.lead, ruleset.week)
        return calendar.horizon(arrived, ruleset.lead, ruleset.week), ready
    return arrived.date(), arrived.date()


def language_of(text: str, message: Message, ruleset: RuleSet, history: History, tools: Tools) -> str:
    """The person's language, else the one he wrote before, else a guess among the client's, else the client's."""
    person = find_person(ruleset, message.from_[0]) if message.from_ else None
    known = (person.language if person else "") or history.language
    if known:
        return known
    among = ruleset.client.languages or (ruleset.client.language,)
    return tools.detect(text, among, ruleset.client.language)[0] if len(among) > 1 else ruleset.client.language


def tables(ruleset: RuleSet, rulebook: Rulebook, code: str) -> tuple[Language, ...]:
    """The language tables to look in: the message's own first, then the client's others."""
    codes = dict.fromkeys((code, ruleset.client.language, *ruleset.client.languages))
    found = tuple(rulebook.languages[c] for c in codes if c in rulebook.languages)
    return found or tuple(rulebook.languages.values())


def gather(
    message: Message, ruleset: RuleSet, rulebook: Rulebook, history: History, tools: Tools, now: datetime
) -> Case:
    """Everything that is known about the message, before any rule is asked."""
    zone = client_zone(ruleset)
    arrived = message.received.astimezone(zone)
    proof = tools.authenticate(message.all("authentication-results"), rulebook.own_servers)
    sender = resolve(message, ruleset, proof)
    judged, new = to_judge(message, ruleset)
    known_by = judged if by_our_people(message, ruleset) else message
    subject, body = Text(judged.subject), Text(new.own)
    code = language_of(f"{judged.subject}\n{new.own}", judged, ruleset, history, tools)
    known = tables(ruleset, rulebook, code)
    codes = {language.code for language in known}
    own_only = ruleset.escalation.own_only
    damages = () if own_only else tuple(e for e in rulebook.emergencies if e.language in codes)
    horizon, ready_by = days_of(ruleset, arrived)
    return Case(
        message=message,
        ruleset=ruleset,
        rulebook=rulebook,
        history=history,
        sender=sender,
        person=find_person(ruleset, known_by.from_[0]) if known_by.from_ else None,
        screened=screen(Scene(message, sender, ruleset, rulebook, history, arrived)),
        subject=subject,
        body=body,
        cut=new.cut,
        reading=read(subject, body, known, damages, moment_sent(judged, arrived).astimezone(zone), code),
        arrived=arrived,
        now=now.astimezone(zone),
        horizon=horizon,
        ready_by=ready_by,
        absence=ruleset.away(arrived.date()),
        judged=judged,
        authentication=proof,
    )


def compose(draft: Plan, case: Case, render: Render) -> tuple[Plan, tuple[str, ...]]:
    """The plan with its texts written; a text that cannot be written leaves its reply without a letter."""
    steps: list[Step] = []
    problems: list[str] = []
    for step in draft.steps:
        if isinstance(step, Reply):
            try:
                letter = render(step.template, step.language, case.ruleset.client.id, step.words)
                step = replace(step, letter=letter)
            except TemplateError as error:
                problems.append(str(error))
        steps.append(step)
    return replace(draft, steps=tuple(steps)), tuple(problems)


def decide(
    message: Message,
    ruleset: RuleSet,
    rulebook: Rulebook,
    history: History,
    tools: Tools,
    now: datetime,
    *,
    limits: bool = True,
) -> Decision:
    """What to do about one message. `now` is aware; without `limits` the message is judged by itself."""
    case = gather(message, ruleset, rulebook, history, tools, now)
    verdict = judge(case)
    drawn, problems = compose(plan(verdict, case), case, tools.render)
    kept, withheld = guard(drawn, case, limits)
    return Decision(case, verdict, kept, withheld, problems)


__all__ = ["Decision", "Detect", "Hold", "Tools", "compose", "decide", "gather"]
