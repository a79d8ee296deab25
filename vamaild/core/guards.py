"""The last look before anything leaves. A guard may only take away, never add (RFC 3834, promises 2, 3 and 5).

SAFETY always holds. LIMITS count what happened before and the client's trust; `explain --json` leaves them out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from .careful import touchy
from .case import Case
from .ladder import MOST_A_DAY, wants_silence
from .plan import Escalate, Hold, Plan, Reply, Step, Withheld
from .reasons import Reason
from .route import is_ours
from .ruleset import Trust
from .sameness import domain_of
from .secrecy import leaks
from .sender import SURE_ENOUGH
from .trust import effective

QUICKEST_PERSON = timedelta(seconds=60)
ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class No:
    """Why not. `person`: somebody must look."""

    reason: Reason
    because: str
    person: bool = False


Guard = Callable[[Reply, Case], No | None]


def somebody_waits(reply: Reply, case: Case) -> No | None:
    """a person waits for an answer"""
    screened = case.screened
    return No(screened.code, screened.because, person=not screened.robot) if screened else None


def not_forged(reply: Reply, case: Case) -> No | None:
    """our own mail server did not find the sender forged"""
    if not case.authentication.failed:
        return None
    return No(
        Reason.UNPROVEN, f"it does not come from {case.authentication.domain or 'its sender'} (DMARC)", person=True
    )


def one_sure_recipient(reply: Reply, case: Case) -> No | None:
    """it goes to one address, which is sure enough and not our own"""
    if not ADDRESS.fullmatch(reply.to) or case.sender.confidence < SURE_ENOUGH:
        return No(Reason.UNSURE_SENDER, f"nobody can be sure who wrote this ({case.sender.method})", person=True)
    if is_ours(reply.to, case.ruleset, case.rulebook):
        return No(Reason.OWN_ADDRESS, f"{reply.to} is one of our own addresses", person=True)
    return None


def read_whole(reply: Reply, case: Case) -> No | None:
    """all of the message could be read, and it says something"""
    if case.message.doubts:
        return No(Reason.DOUBT, case.message.doubts[0], person=True)
    said = case.body.original.strip()
    return None if said else No(Reason.DOUBT, "it has no text of its own", person=True)


def written(reply: Reply, case: Case) -> No | None:
    """the text could be written"""
    return None if reply.letter else No(Reason.UNWRITABLE, "the text could not be written", person=True)


def keeps_the_secret(reply: Reply, case: Case) -> No | None:
    """says nothing about the emergency contact"""
    letter, secrets = reply.letter, case.rulebook.secrets
    places = {"the address": reply.to} | ({"the subject": letter.subject, "the text": letter.body} if letter else {})
    found = leaks("\n".join(places.values()), secrets, "subject and text together")
    if not found:
        return None
    where = next((hit for name, text in places.items() if (hit := leaks(text, secrets, name))), found)[0]
    because = f"the reply contains something from [contacts] in secrets.toml ({where})"
    return No(Reason.SECRET, because, person=True)


def promises_no_past(reply: Reply, case: Case) -> No | None:
    """names no date that is past"""
    dates = [reply.ready_by, reply.promise.date() if reply.promise else None]
    past = [d for d in dates if d and d < case.now.date()]
    if not past:
        return None
    because = f"it would promise {past[0]:%a %d %b}, which is past"
    return No(Reason.PAST_DATE, because, person=fresh(reply, case) is None)  # not a full mailbox at the first start


def not_seen_before(reply: Reply, case: Case) -> No | None:
    """this message was not here before"""
    if case.history.reused:
        because = "its Message-ID was here before, with other words or for another client"
        return No(Reason.SEEN_BEFORE, because, person=True)
    if case.history.marked:
        because = "it carries the keyword: another vamaild decided about it, or this one before it lost its ledger"
        return No(Reason.SEEN_BEFORE, because)
    return No(Reason.SEEN_BEFORE, "this message was here before") if case.history.seen_before else None


def fresh(reply: Reply, case: Case) -> No | None:
    """the message is not too old"""
    age = case.now - case.arrived
    if age <= case.rulebook.limits.oldest:
        return None
    return No(Reason.TOO_OLD, f"it arrived {age // timedelta(hours=1)} hours ago")


def nobody_answered(reply: Reply, case: Case) -> No | None:
    """nobody has answered yet"""
    return No(Reason.ANSWERED, "a person has answered already") if case.history.answered_by_person else None


def not_twice(reply: Reply, case: Case) -> No | None:
    """the same text did not go to this person about this matter in the last 24 hours"""
    if reply.template in case.history.told_alike:
        because = f'"{reply.template}" went to nearly the same address about the same subject already'
        return No(Reason.LADDER, because, person=True)
    recent = [s for s in case.history.said if case.now - s.at < timedelta(hours=24) and s.template == reply.template]
    if not recent or case.history.same_matter < 2:
        return None
    return No(Reason.LADDER, f'"{reply.template}" went to this person at {recent[-1].at:%H:%M} already', person=True)


def few_a_day(reply: Reply, case: Case) -> No | None:
    """this person has not had too many automatic replies today"""
    limit = case.rulebook.limits.per_person_per_day
    if case.absence and not reply.emergency:
        limit = min(limit, MOST_A_DAY)
    if case.history.replies_today < limit or reply.approve:
        return None
    return No(Reason.PER_PERSON, f"{limit} replies a day are enough for one person", person=True)


def may_be_automatic(reply: Reply, case: Case) -> No | None:
    """the sender has not asked for no automatic replies"""
    if not (case.history.no_auto or wants_silence(case)):
        return None
    return No(Reason.NO_AUTO, "this person has asked for no automatic replies", person=True)


def few_an_hour(reply: Reply, case: Case) -> No | None:
    """the service has not written too many replies this hour"""
    limit = case.rulebook.limits.per_hour
    if case.history.replies_last_hour < limit:
        return None
    return No(Reason.PER_HOUR, f"{limit} replies in one hour: something is wrong", person=True)


def few_to_a_domain(reply: Reply, case: Case) -> No | None:
    """the sender's domain has not had too many automatic replies this hour"""
    limit = case.rulebook.limits.per_domain_per_hour
    if case.history.replies_to_domain < limit:
        return None
    return No(Reason.PER_DOMAIN, f"{limit} replies to {domain_of(reply.to)} in one hour are enough", person=True)


def few_altogether(reply: Reply, case: Case) -> No | None:
    """the service has not written too many replies in the last 24 hours"""
    limit = case.rulebook.limits.per_day
    if case.history.replies_last_day < limit:
        return None
    return No(Reason.PER_DAY, f"{limit} replies in a day: something is wrong", person=True)


def not_too_quick(reply: Reply, case: Case) -> No | None:
    """the message did not answer one of our replies quicker than a person can"""
    after = case.history.answers_after
    if after is None or after > QUICKEST_PERSON:
        return None
    because = f"it answers our reply after {after // timedelta(seconds=1)} seconds, as no person does"
    return No(Reason.QUICK_ANSWER, because, person=True)


def new_words(reply: Reply, case: Case) -> No | None:
    """the sender says something else than before"""
    if not case.history.same_text:
        return None
    return No(Reason.SAME_TEXT, "the same words came already in the last 24 hours", person=True)


def reaches(reply: Reply, case: Case) -> No | None:
    """mail to this address did not come back lately"""
    return No(Reason.BOUNCED, f"mail to {reply.to} came back", person=True) if case.history.bounced else None


def trusted(reply: Reply, case: Case) -> No | None:
    """the trust level of the client and of this text lets it go"""
    allowed = case.ruleset.client.trust
    trust = effective(allowed, case.history.levels, reply.template)
    who = "this client" if trust is allowed else f'"{reply.template}" for this client'
    if trust is Trust.OBSERVE:
        return No(Reason.OBSERVE, f"{who} is in observe: nothing is sent")
    if trust is Trust.DRAFT:
        return No(Reason.DRAFT, f"{who} is in draft: it waits for your yes")
    return No(Reason.DRAFT, "this text always waits for your yes", person=True) if reply.approve else None


def harmless(reply: Reply, case: Case) -> No | None:
    """it is about nothing that a person must always see (a complaint, law, money, a new customer)"""
    topic = None if reply.emergency else touchy(case)
    if topic is None:
        return None
    return No(Reason.DRAFT, f'it is about {topic.name} ("{topic.words}"): that always waits for your yes', person=True)


SAFETY: tuple[Guard, ...] = (
    somebody_waits,
    not_forged,
    one_sure_recipient,
    read_whole,
    written,
    keeps_the_secret,
    promises_no_past,
    may_be_automatic,
)
LIMITS: tuple[Guard, ...] = (
    not_seen_before,
    fresh,
    nobody_answered,
    reaches,
    not_too_quick,
    new_words,
    not_twice,
    few_a_day,
    few_to_a_domain,
    few_an_hour,
    few_altogether,
    trusted,
    harmless,
)


def refuse(reply: Reply, case: Case, guards: tuple[Guard, ...]) -> Withheld | None:
    """The first guard that says no, as a Withheld."""
    no = next((n for guard in guards if (n := guard(reply, case))), None)
    return Withheld(reply, no.reason, no.because, no.person) if no else None


def _fresh_alarm(step: Escalate, case: Case) -> Step | None:
    """Old mail wakes nobody: a person looks instead. A message that was here before has its case already."""
    stale = fresh(Reply("", "", ""), case)
    if case.history.seen_before and not case.history.reused:
        return None
    return Hold(Reason.TOO_OLD, f"an emergency, but {stale.because}") if stale else step


def _sure_alarm(step: Escalate, case: Case) -> Escalate:
    """A mail that is not from where it says calls nobody by itself: the assistant is asked about it first."""
    return replace(step, doubtful=True) if case.authentication.failed else step


def guard(plan: Plan, case: Case, limits: bool = True) -> tuple[Plan, tuple[Withheld, ...]]:
    """Split the plan into what may go and what is held back, each with its reason."""
    guards = SAFETY + (LIMITS if limits else ())
    kept: list[Step] = []
    withheld: list[Withheld] = []
    for step in plan.steps:
        if isinstance(step, Reply) and (held := refuse(step, case, guards)):
            withheld.append(held)
        elif isinstance(step, Escalate):
            alarm = _fresh_alarm(_sure_alarm(step, case), case) if limits else _sure_alarm(step, case)
            kept += [alarm] if alarm else []
        else:
            kept.append(step)
    return replace(plan, steps=tuple(kept)), tuple(withheld)
