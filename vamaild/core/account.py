"""Decision -> what is written into the ledger: every message has one outcome and one reason (promise 6)."""

from .case import Case
from .decide import Decision
from .ledger import NewCase, Outcome
from .letter import clean
from .plan import Take
from .reading import Evidence
from .reasons import Reason
from .ruleset import Kind, Role

WHO_LIMIT = 60
SUBJECT_LIMIT = 120


def outcome(decision: Decision) -> tuple[Outcome, str]:
    """(where the message stands, the reason code): escalated before waiting before answered before no reply."""
    held = next((w for w in decision.withheld if w.person or w.reason is Reason.DRAFT), None)
    if decision.plan.escalates and not decision.plan.escalates.doubtful:
        return Outcome.ESCALATED, ""
    if decision.plan.holds:
        return Outcome.WAITING, decision.plan.holds[0].reason
    if _unsold(decision):
        return Outcome.WAITING, Reason.RUSH_ACCEPTED
    if held:
        return Outcome.WAITING, held.reason
    if decision.reply:
        return Outcome.ANSWERED, ""
    if decision.plan.escalates:
        return Outcome.WAITING, Reason.CONFIRM
    return Outcome.NO_REPLY, why_silent(decision)


def _unsold(decision: Decision) -> Take | None:
    """A "B" that waits for the assistant's yes, if only because its confirmation was held back."""
    return None if decision.plan.sold else decision.plan.take


def why_silent(decision: Decision) -> str:
    """The reason code of a message that gets no reply and waits for nobody."""
    if decision.plan.decline:
        return Reason.RUSH_DECLINED
    if decision.withheld:
        return decision.withheld[0].reason
    if decision.case.screened:
        return decision.case.screened.code
    return Reason.HOSTILE if decision.verdict.kind is Kind.HOSTILE else Reason.NOBODY_WAITS


def who(case: Case) -> str:
    """The sender's name as it may be shown to our own people."""
    message = case.judged or case.message
    named = case.person.name if case.person and case.person.name else message.from_name
    return clean(named or next(iter(message.from_), "nobody named"), WHO_LIMIT)


def case_of(decision: Decision) -> NewCase | None:
    """The case a person must look at, if the decision leaves one."""
    case = decision.case
    client, subject = case.ruleset.client.id, clean(case.message.subject, SUBJECT_LIMIT)
    escalation = decision.plan.escalates
    if escalation:
        reason = Reason.CONFIRM if escalation.doubtful else "emergency"
        note = "; ".join(e.words for e in evidence_of(decision))
        damage, people = damage_of(decision)
        joins = case.role is not Role.ALARM
        note = clean(note, 400)
        return NewCase(client, reason, note, who(case), subject, True, case.now, damage, people, joins)
    if decision.plan.holds:
        hold = decision.plan.holds[0]
        return NewCase(client, hold.reason, clean(hold.note, 400), who(case), subject)
    if taken := _unsold(decision):
        return NewCase(client, Reason.RUSH_ACCEPTED, clean(taken.note, 400), who(case), subject)
    held = next((w for w in decision.withheld if w.person or w.reason is Reason.DRAFT), None)
    return NewCase(client, held.reason, clean(held.because, 400), who(case), subject) if held else None


def damage_of(decision: Decision) -> tuple[str, bool]:
    """(the name of the emergency rule that saw the damage, whether it says that people are in danger)."""
    case, told = decision.case, decision.case.reading.damage
    name = told.name if told else decision.verdict.name
    grave = {rule.name for rule in case.rulebook.emergencies if rule.people}
    grave |= {rule.name for rule in case.ruleset.rules if rule.people}
    return name, bool(grave & {name, decision.verdict.name})


def evidence_of(decision: Decision) -> tuple[Evidence, ...]:
    """The words that decided; for a doubtful emergency those that tell of damage."""
    damage = decision.case.reading.damage
    doubtful = decision.verdict.doubtful and damage
    return damage.evidence if doubtful and damage else decision.verdict.evidence
