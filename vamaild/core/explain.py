"""Decision -> words (`vamaild explain`) and the stable JSON object of docs/interface.md. One source for both."""

from collections.abc import Sequence

from .account import who
from .case import Case
from .decide import Decision
from .handover import Stage
from .letter import Letter
from .marked import in_sentences, not_used
from .plan import Decline, Escalate, HandOver, Reply, Step, Take, Withheld
from .planner import NOBODY
from .reading import Deadline, Evidence
from .reasons import REASONS
from .ruleset import Kind, Place

MEANING: dict[Kind, str] = {
    Kind.HOSTILE: "it works against the owner; nobody answers",
    Kind.AUTOMATIC: "a machine wrote it; nobody waits for an answer",
    Kind.EMERGENCY: "damage is going on and cannot wait",
    Kind.INSISTING: "the same person about the same matter, nothing new",
    Kind.RUSH_REQUEST: "urgency is stated, or a date before the agreed one",
    Kind.SCHEDULED_REQUEST: "an ordinary request; it is planned as usual",
    Kind.PERCEIVED_ONLY: "it only looks urgent; it is planned as usual",
    Kind.INFORMATION: "nobody waits for an answer",
}

HANDED = {
    Stage.OFFERED: "if they say yes, it is sent to {}",
    Stage.AGREED: "it is sent to {} once the reply has left",
    Stage.DECLINED: "they say no: it is not sent to {}",
}


def masked(address: str) -> str:
    """An address that shows only its first letter and its domain."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}***@{domain}" if domain else "(no address)"


def _where(place: Place) -> str:
    return f" ({place})" if place.file else ""


def quoted(evidence: Sequence[Evidence]) -> str:
    """The sender's own words, each in quotes."""
    return " + ".join(f'"{" ".join(e.words.split())}"' for e in evidence)


def head(case: Case) -> str:
    when = f"{case.arrived:%a} {case.arrived.day} {case.arrived:%b %H:%M}"
    return f"{who(case)} to {case.ruleset.client.id}, {when}: {case.message.subject or '(no subject)'}"


def may_we(decision: Decision) -> str:
    screened = decision.case.screened
    if screened:
        return f"no   {REASONS[screened.code]}: {screened.because}"
    return "yes  written by a person; nobody has answered yet"


def who_is_it(case: Case) -> str:
    author = next(iter((case.judged or case.message).from_), "")
    known = "" if case.person else ", not known by name"
    return f"a {case.role} of {case.ruleset.client.id} ({masked(author)}){known}"


def urgency(case: Case) -> str:
    reading = case.reading
    said = reading.stated or reading.tagged
    if reading.deadline:
        named = reading.deadline
        soon = "before" if named.at.date() < case.horizon else "not before"
        at = f"{named.at:%a} {named.at.day} {named.at:%b %H:%M}"
        horizon = f"{case.horizon:%a} {case.horizon.day} {case.horizon:%b}"
        return f'{"yes" if soon == "before" or said else "no "}  "{named.words}" = {at}, {soon} {horizon}'
    if said:
        where = " in the subject only" if reading.stated is None else ""
        return f'yes  "{said.words}"{where}{_where(said.place)}'
    return f'no   denied: "{reading.denied.words}"' if reading.denied else "no"


def in_playbook(decision: Decision) -> str:
    situation = decision.verdict.situation
    return f'yes  "{situation.title}"{_where(situation.place)}' if situation else "no"


def disaster(case: Case) -> str:
    damage = case.reading.damage
    if damage is None:
        return "no"
    answer = {"now": "yes", "doubtful": "perhaps", "past": "no, it is over:"}[damage.when]
    place = damage.evidence[0].place if damage.evidence else Place()
    return f'{answer}  "{damage.name}": {quoted(damage.evidence)}{_where(place)}'


def describe(step: Step) -> str:
    """One step of a plan, in words."""
    if isinstance(step, Reply):
        named = f", names {step.ready_by:%a} {step.ready_by.day} {step.ready_by:%b}" if step.ready_by else ""
        return f'reply     "{step.template}" to {masked(step.to)}, in {step.language}{named}'
    if isinstance(step, Escalate):
        first = "you are asked first; then the chain goes on by itself" if step.doubtful else "the chain is started"
        return f"escalate  {first}"
    if isinstance(step, HandOver):
        return f"hand over {HANDED[step.stage]}".format(masked(step.email))
    if isinstance(step, (Take, Decline)):
        return f"rush      {step.note}"
    return f"hold      for you: {step.note}"


def held(withheld: Withheld) -> str:
    """A reply that was held back, and why."""
    return f'held back "{withheld.reply.template}": {withheld.because}'


def _plan(decision: Decision) -> list[str]:
    lines = [f"  {n} {describe(step)}" for n, step in enumerate(decision.plan.steps, 1)]
    lines += [f"  - {held(w)}" for w in decision.withheld]
    return lines or ["  nothing is sent"]


def _reason(decision: Decision) -> str:
    verdict = decision.verdict
    words = quoted(verdict.evidence) or "no rule fits"
    return f"    because of {verdict.name}: {words}{_where(verdict.place)}"


def _said(decision: Decision) -> list[str]:
    """The sender's words that decided, the date and the damage among them."""
    reading = decision.case.reading
    words = [e.words for e in decision.verdict.evidence]
    words += [reading.deadline.words] if reading.deadline else []
    return words + ([e.words for e in reading.damage.evidence] if reading.damage else [])


def letters(decision: Decision) -> list[Letter]:
    """Every text that was written, sent or held back."""
    replies = [s for s in decision.plan.steps if isinstance(s, Reply)] + [w.reply for w in decision.withheld]
    return [r.letter for r in replies if r.letter]


def text(decision: Decision, otherwise: Sequence[str] = ()) -> str:
    """The page `vamaild explain` prints. `otherwise` are the changes that would have led elsewhere (whatif.py)."""
    case = decision.case
    questions = [
        f"1  May we answer?       {may_we(decision)}",
        f"2  Who is it?           {who_is_it(case)}",
        f"3  Urgency stated?      {urgency(case)}",
        f"4  In the playbook?     {in_playbook(decision)}",
        f"5  A disaster?          {disaster(case)}",
    ]
    verdict = f"So: {decision.verdict.kind}, {MEANING[decision.verdict.kind]}"
    marked = [f"    in: {sentence}" for sentence in in_sentences(case, _said(decision))]
    lines = [head(case), "", *questions, verdict, _reason(decision), *marked, "", "Plan", *_plan(decision)]
    if otherwise:
        lines += ["", "It would have been otherwise", *(f"  - {o}" for o in otherwise)]
    lines += ["", f"Looked at and not used: {', '.join(not_used(case))}"]
    for letter in letters(decision):
        lines += ["", f"Text: {letter.subject}", *(f"  | {line}".rstrip() for line in letter.body.splitlines())]
    lines += [f"Problem: {p}" for p in decision.problems]
    return "\n".join(lines)


def _suppressed(decision: Decision) -> dict[str, str] | None:
    screened = decision.case.screened
    if screened:
        return {"code": screened.code, "because": screened.because}
    held_back = next(iter(decision.withheld), None)
    if held_back:
        return {"code": held_back.reason, "because": held_back.because}
    hold = next(iter(decision.plan.holds), None)
    return {"code": hold.reason, "because": hold.note} if hold else None


def _reply(decision: Decision) -> dict[str, str] | None:
    reply = decision.reply
    if reply is None or reply.letter is None:
        return None
    words = {"subject": reply.letter.subject, "body": reply.letter.body}
    return {"template": reply.template, "language": reply.language, "to": reply.to} | words


def stated(case: Case) -> bool:
    """Whether the sender says that it is urgent, or gives a date before the horizon (docs/kinds.md)."""
    named = case.reading.deadline
    soon = named is not None and named.at.date() < case.horizon
    return case.reading.stated is not None or case.reading.tagged is not None or soon


def given_to_us(decision: Decision) -> Deadline | None:
    """The date the sender gives to us; one in a mail that asks us nothing is somebody else's."""
    verdict = decision.verdict
    asks_nothing = verdict.kind in (Kind.HOSTILE, Kind.AUTOMATIC, Kind.INFORMATION) or verdict.reply == NOBODY
    return None if asks_nothing else decision.case.reading.deadline


def as_json(decision: Decision, file: str) -> dict[str, object]:
    """The stable object of docs/interface.md, JSON-ready."""
    case, verdict = decision.case, decision.verdict
    named, reply = given_to_us(decision), decision.reply
    ready = reply.ready_by if reply else None
    evidence = [e.words for e in verdict.evidence] + ([named.words] if named else [])
    return {
        "file": file,
        "client": case.ruleset.client.id,
        "kind": str(verdict.kind),
        "action": str(decision.plan.action),
        "sender": {
            "address": case.sender.address,
            "method": case.sender.method,
            "confidence": case.sender.confidence,
        },
        "suppressed": _suppressed(decision),
        "stated_urgency": stated(case),
        "deadline": named.at.isoformat() if named else None,
        "language": case.language,
        "new_text": case.body.original,
        "ready_by": ready.isoformat() if ready else None,
        "doubtful": bool(decision.plan.escalates and decision.plan.escalates.doubtful),
        "rule": {"file": verdict.place.file, "line": verdict.place.line, "name": verdict.name},
        "evidence": list(dict.fromkeys(evidence)),
        "reply": _reply(decision),
    }
