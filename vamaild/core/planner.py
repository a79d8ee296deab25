"""Verdict -> Plan: what each kind of message deserves (docs/kinds.md has the table). Data only."""

from collections.abc import Callable
from dataclasses import replace

from . import colleague, ladder, sale, wording
from .case import Case
from .judge import Verdict
from .plan import Action, Escalate, Hold, Plan, Reply, Step
from .promises import enough, news_at, offer
from .reasons import Reason
from .ruleset import Kind, Role, Situation
from .writing import reply

NOBODY = "none"
RUSH_OFFER = "rush-offer"
MATTER = "matter"


def emergency(verdict: Verdict, case: Case) -> Plan:
    """The chain is started; the sender hears at once when he will hear again, and nothing of anybody called."""
    if case.role is Role.ALARM:
        return Plan(Action.ESCALATE, (Escalate(),))
    at = news_at(case.now, case.ruleset.escalation.tell_customer_within)
    answer = reply(case, "emergency-received", **wording.promise(at))
    return Plan(Action.ESCALATE, (Escalate(), replace(answer, promise=at, emergency=True, ready_by=None)))


def nothing(verdict: Verdict, case: Case) -> Plan:
    return Plan(Action.NONE)


def request(verdict: Verdict, case: Case) -> Plan:
    """Work or a question: what it deserves depends on who is there to do it."""
    if verdict.situation:
        return by_page(verdict.situation, verdict, case)
    if case.absence:
        return delegated(verdict, case) or in_progress(verdict, case) or vacation(verdict, case)
    if case.ruleset.lead:
        return lead_time(verdict, case)
    return Plan(Action.NONE, (Hold(Reason.NOT_AWAY, "no absence is on and no lead time is agreed"),))


def by_page(page: Situation, verdict: Verdict, case: Case) -> Plan:
    """The page's answer; the colleague instead, where the page says so, he is there and it is his."""
    passed = colleague.delegated(verdict, case, True) if page.then == "colleague" else None
    if passed or page.then != "tell-me":
        return passed or playbook(verdict, case)
    answered = playbook(verdict, case)
    return replace(answered, steps=(*answered.steps, Hold(Reason.PAGE_TELLS, f'answered from "{page.title}"')))


def playbook(verdict: Verdict, case: Case) -> Plan:
    """The answer written beforehand, in the sender's language or else the client's."""
    answers = verdict.situation.answer if verdict.situation else {}
    language = case.language if case.language in answers else next(iter(answers), case.language)
    answer = reply(case, "playbook", answer=answers.get(language, ""))
    return Plan(Action.ANSWER_PLAYBOOK, (replace(answer, language=language, ready_by=None),))


def delegated(verdict: Verdict, case: Case) -> Plan | None:
    """To the colleague: urgency that is stated, in his scope; or a matter that was handed to him."""
    urgent = verdict.kind is Kind.RUSH_REQUEST or (verdict.kind is Kind.INSISTING and _too_soon(case))
    return colleague.delegated(verdict, case, urgent)


def in_progress(verdict: Verdict, case: Case) -> Plan | None:
    """What the customer may know of a matter that waits, once; what stands in its note is for our own people."""
    matter, absence = verdict.matter, case.absence
    words = matter.say.get(case.language, "") if matter else ""
    told = case.history.same_matter > 1 and any(s.template == MATTER for s in case.history.said)
    if matter is None or absence is None or not words or told or verdict.reply or matter.can == "colleague":
        return None
    until = matter.news_by or absence.answer_by
    if until is None or until < case.now.date():
        return None
    answer = reply(case, MATTER, matter={"say": words, "news_by": until})
    return Plan(Action.REPLY_VACATION, (replace(answer, ready_by=until),))


def _too_soon(case: Case) -> bool:
    named = case.reading.deadline
    return named is not None and named.at.date() < case.horizon


def vacation(verdict: Verdict, case: Case) -> Plan:
    """The ladder for one person and matter."""
    return ladder.climb(verdict.kind, case, verdict.reply)


def lead_time(verdict: Verdict, case: Case) -> Plan:
    """The four answers to a date: none asked, met by the notice, sooner at a price, sooner than anybody can."""
    if verdict.reply == RUSH_OFFER:
        return Plan(Action.REPLY_LEADTIME, (rush(case),))
    if verdict.reply:
        return Plan(Action.REPLY_LEADTIME, (reply(case, verdict.reply),))
    if _short(verdict, case):
        return Plan(Action.REPLY_LEADTIME, (rush(case),))
    plain = verdict.kind in (Kind.RUSH_REQUEST, Kind.SCHEDULED_REQUEST, Kind.PERCEIVED_ONLY)
    return Plan(Action.REPLY_LEADTIME, (reply(case, "ordinary" if plain else "lead-time"),))


def _short(verdict: Verdict, case: Case) -> bool:
    """Whether he asks for it sooner than the notice allows: a date before the agreed one, or at once in words."""
    named = case.reading.deadline
    if named and verdict.kind in (Kind.RUSH_REQUEST, Kind.SCHEDULED_REQUEST):
        return not enough(named.at, case.ready_by, case.ruleset.week.closes)
    return verdict.kind is Kind.RUSH_REQUEST


def rush(case: Case) -> Reply:
    """Two possibilities where the contract has them, to those who may accept them; else the agreed notice and its date.

    Where no price meets the date asked for, B is the soonest there is.
    """
    agreed, named = case.ruleset.rush, case.reading.deadline
    offered = None
    if agreed and may_be_offered(case):
        offered = offer(agreed, case.now, named.at if named else None, case.ready_by, case.ruleset.week)
    if offered:
        return replace(reply(case, RUSH_OFFER, **wording.rush(offered)), offer=offered)
    return reply(case, "ordinary" if agreed and agreed.mode == "silent" else "lead-time")


def may_be_offered(case: Case) -> bool:
    """Never to a client's customers, nor to one who cannot say yes, nor more than is taken on in a week."""
    agreed, person = case.ruleset.rush, case.person
    if agreed is None or agreed.mode != "offer" or case.history.rush_sold >= agreed.per_week:
        return False
    return person is not None and person.role is Role.CLIENT and person.accepts_rush


PLANS: dict[Kind, Callable[[Verdict, Case], Plan]] = {
    Kind.EMERGENCY: emergency,
    Kind.HOSTILE: nothing,
    Kind.AUTOMATIC: nothing,
    Kind.INFORMATION: nothing,
    Kind.INSISTING: request,
    Kind.RUSH_REQUEST: request,
    Kind.SCHEDULED_REQUEST: request,
    Kind.PERCEIVED_ONLY: request,
}


def extras(verdict: Verdict, case: Case) -> tuple[Step, ...]:
    """What goes with any plan: a doubtful emergency is asked about, a broken rule is looked at."""
    steps: tuple[Step, ...] = ()
    asked = verdict.matter is not None and verdict.matter.can == "escalate" and verdict.kind is not Kind.INFORMATION
    if verdict.doubtful or asked:
        steps += (Escalate(doubtful=True),)
    if ladder.wants_silence(case):
        steps += (Hold(Reason.NO_AUTO, ladder.SILENCED),)
    if verdict.broken:
        steps += (Hold(Reason.BROKEN_RULE, f"rule {verdict.broken[0]!r}: its regex took too long"),)
    return steps


def plan(verdict: Verdict, case: Case) -> Plan:
    """What the message deserves; guards may still take replies away."""
    if case.message.unreadable:
        return Plan(Action.NONE, (Hold(Reason.UNREADABLE, case.message.unreadable),))
    drawn = sale.answer(verdict, case) or colleague.answer(verdict, case)
    if drawn is None:
        drawn = nothing(verdict, case) if verdict.reply == NOBODY else PLANS[verdict.kind](verdict, case)
    drawn = ladder.once(verdict.kind, drawn, case)
    return Plan(drawn.action, drawn.steps + extras(verdict, case))
