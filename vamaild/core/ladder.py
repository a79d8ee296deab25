"""The ladder for one person and one matter during an absence: what is said, when there is silence, who is nudged.

First message: when he is back and when an answer comes. Second: one useful question. Third: silence. Fourth: the
assistant is asked to telephone. Fifth on one day: one firm text as a draft, then silence until the promised hour. No
text twice to one person, at most two a day. A new concrete fact (damage, a date, an amount) is looked at afresh.
"""

import re
from dataclasses import replace
from datetime import datetime, time

from . import wording
from .calendar import next_morning
from .case import Case
from .message import Said
from .plan import Action, Hold, Plan, Reply
from .reasons import Reason
from .ruleset import Kind
from .writing import reply

FIRST, SECOND, ANOTHER, FIFTH, UNDATED = (
    "vacation-first",
    "vacation-second",
    "vacation-another",
    "vacation-fifth",
    "vacation-undated",
)
NUDGE_AT, FIFTH_AT, MOST_A_DAY = 4, 5, 2
NO_AUTO = "no_auto"
SILENCED = "asks for no automatic replies: none leaves for this person any more (vamaild person replies)"
ANSWERS = ("playbook", "matter", "colleague", "colleague-ask", "colleague-forwarded")
CURRENCIES = r"€|eur|euros?|kč|kc|czk|korun\w*|zł|zl|pln|usd|dollar\w*|\$|£|gbp|chf"
AMOUNT = re.compile(
    rf"(?:(?:{CURRENCIES})\s?(\d[\d .,'\u00a0]{{0,14}}))|(?:(\d[\d .,'\u00a0]{{0,14}})\s?(?:{CURRENCIES})(?!\w))",
    re.IGNORECASE,
)
CENTS = re.compile(r"[.,]\d{1,2}$")
MOST_FACTS = 20


def facts(case: Case) -> tuple[str, ...]:
    """The concrete things the sender says: damage, the date he needs it by, amounts; in a form that can be compared."""
    damage, named = case.reading.damage, case.reading.deadline
    found = [f"damage {damage.name}"] if damage else []
    found += [f"by {named.at:%Y-%m-%d}"] if named else []
    sums = {_amount(m[1] or m[2]) for m in AMOUNT.finditer(f"{case.subject.original}\n{case.body.original}"[:20_000])}
    return tuple([*found, *sorted(f"amount {a}" for a in sums if a)][:MOST_FACTS])


def _amount(digits: str) -> str:
    """ "1.200,00" and "1 200" are one amount."""
    return re.sub(r"\D", "", CENTS.sub("", digits.strip(" .,'\u00a0")))


def news(case: Case) -> tuple[str, ...]:
    """Those facts that this person has not told before about this matter; () where he has told nothing before."""
    if case.history.same_matter < 2:
        return ()
    return tuple(fact for fact in facts(case) if fact not in case.history.facts)


def wants_silence(case: Case) -> bool:
    """Whether the message asks for no automatic replies; a machine's, or a forged one, asks for nothing."""
    robot = case.screened is not None and case.screened.robot
    return NO_AUTO in case.reading.signs and not robot and not case.authentication.failed


def told(case: Case) -> tuple[Said, ...]:
    """What this person was told since the absence began; what was said before the last one counts no more."""
    if case.absence is None:
        return ()
    begun = datetime.combine(case.absence.first, time.min, case.now.tzinfo)
    return tuple(s for s in case.history.said if s.at >= begun)


def step(kind: Kind, case: Case) -> int:
    """Which message of today this is about the matter. Who insists may change the subject each time."""
    history = case.history
    return history.messages_today if kind is Kind.INSISTING else min(history.messages_today, history.same_matter)


def climb(kind: Kind, case: Case, override: str = "") -> Plan:
    """The next rung. `override` is the text a rule of the client's names instead."""
    template = override or _next(kind, case)
    said = {s.template for s in told(case)}
    if template == FIFTH and FIFTH not in said:
        return Plan(Action.REPLY_VACATION, (fifth(case),))
    if template and template not in said and case.history.replies_today < MOST_A_DAY:
        return Plan(Action.REPLY_VACATION, (reply(case, template),))
    return Plan(Action.NONE, (_silence(kind, case),))


def _next(kind: Kind, case: Case) -> str:
    """The text that is due; "" for none."""
    before = told(case)
    said = {s.template for s in before}
    if step(kind, case) >= FIFTH_AT and FIFTH not in said:
        return FIFTH
    if case.absence is None or case.absence.answer_by is None or case.absence.back is None:
        return UNDATED
    if FIRST not in said:
        return FIRST
    if not any(s.matter for s in before) and ANOTHER not in said and kind is not Kind.INSISTING:
        return ANOTHER
    return SECOND if SECOND not in said and case.reading.deadline is None else ""


def fifth(case: Case) -> Reply:
    """Kind and firm, and always seen by the assistant first: feelings run high by now."""
    at = next_morning(case.now, case.ruleset.week)
    answer = reply(case, FIFTH, **wording.promise(at))
    return replace(answer, promise=at, approve=True, ready_by=None)


def _silence(kind: Kind, case: Case) -> Hold:
    """No text, but a case: the assistant sees every message, and hears of what is new or goes on for too long."""
    count, new = step(kind, case), news(case)
    if new:
        return Hold(Reason.NEW_FACT, f"says something new: {', '.join(new)}")
    note = f"message {count} today from the same person; said everything already."
    if count == NUDGE_AT and all(s.template != FIFTH for s in told(case)):
        return Hold(Reason.NUDGE, f"{note} Perhaps telephone?")
    return Hold(Reason.LADDER, note)


def once(kind: Kind, drawn: Plan, case: Case) -> Plan:
    """The plan; an answer of the manual, or a contact, that was given about this matter already is not given again."""
    answer = drawn.reply
    if answer is None or answer.template not in ANSWERS:
        return drawn
    if any(s.template == answer.template and s.matter for s in told(case)):
        kept = tuple(s for s in drawn.steps if s is not answer)
        return Plan(Action.NONE, (*kept, _silence(kind, case)))
    return drawn
