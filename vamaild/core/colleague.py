"""Who stands in, and what a customer hears of him: his scope, his consent, his own absence, the next one in the chain.

Nobody is named to a customer who said no, or was asked and has not answered; nothing of a customer is sent to anybody
whose yes is not proven. Whoever is away is passed over; a chain that runs in a circle asks nobody twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from . import wording
from .calendar import add_working_days, in_office_hours, is_open, next_open
from .case import Case
from .consent import Spoken, spoken
from .handover import Consent, Forward, Said, Stage, latest
from .judge import Verdict
from .plan import Action, HandOver, Hold, Plan
from .reasons import Reason
from .route import matches
from .ruleset import Colleague, Kind, Language, RuleSet, Week
from .words import Text, find
from .writing import reply

CONTACT, ASK, FORWARDED = "colleague", "colleague-ask", "colleague-forwarded"
IN_PERSON = "in_person"
TEXTS = {"give-contact": CONTACT, "ask-then-forward": ASK, "forward": FORWARDED}
STRONGER = (Kind.EMERGENCY, Kind.HOSTILE, Kind.AUTOMATIC)
LONGEST_LEAVE = 366
TO_FOLLOW_UP = timedelta(hours=2)


# ---- who is there


def chain(colleagues: Sequence[Colleague]) -> tuple[Colleague, ...]:
    """Everybody once: each is followed by his substitute, else by the next of the file who has not had his turn."""
    by_name = {c.name.casefold(): c for c in reversed(colleagues)}
    found: list[Colleague] = []
    rest = list(colleagues)
    while rest:
        named = by_name.get(found[-1].substitute.casefold()) if found and found[-1].substitute else None
        turn = named if named in rest else rest[0]
        assert turn is not None
        found.append(turn)
        rest.remove(turn)
    return tuple(found)


def circles(colleagues: Sequence[Colleague]) -> tuple[tuple[str, ...], ...]:
    """Names that stand in for each other in a circle, each circle once, beginning with the first of the file."""
    by_name = {c.name.casefold(): c for c in reversed(colleagues)}
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for start in colleagues:
        walked, at = [start.name], by_name.get(start.substitute.casefold())
        while at is not None and at.name not in walked:
            walked.append(at.name)
            at = by_name.get(at.substitute.casefold())
        if at is not None and at.name == start.name:
            found.setdefault(frozenset(walked), tuple(walked))
    return tuple(found.values())


def is_there(colleague: Colleague, day: date) -> bool:
    """Whether he is not on leave on this day of his own zone."""
    return not any(leave.covers(day) for leave in colleague.leaves)


def nobody_on(ruleset: RuleSet) -> tuple[date, ...]:
    """The working days of the absence on which no colleague is there; () where there is none at all."""
    absence, colleagues = ruleset.absence, ruleset.stand_ins
    if absence is None or absence.back is None or not colleagues:
        return ()
    length = min((absence.back - absence.first).days, LONGEST_LEAVE)
    days = (absence.first + timedelta(days=n) for n in range(length))
    return tuple(d for d in days if is_open(d, ruleset.week) and not any(is_there(c, d) for c in colleagues))


def agreed(colleague: Colleague, consents: Sequence[Consent]) -> bool | None:
    """Whether he has agreed: by mail, else as the client's file says. None: nobody has asked him."""
    said = latest(consents).get(colleague.email.lower())
    known = colleague.confirmed
    if said is None or said.said is Said.ASKED:
        return True if known else (None if said is None else False)
    if said.said is Said.YES:
        return True
    return bool(known and said.said_at and known > said.said_at)


def on_duty(ruleset: RuleSet, now: datetime, consents: Sequence[Consent]) -> tuple[Colleague, ...]:
    """Who may be named at this moment, in the order in which they are asked."""
    return tuple(
        c
        for c in chain(ruleset.stand_ins)
        if is_there(c, now.astimezone(_zone(c, ruleset)).date()) and agreed(c, consents) is not False
    )


def _zone(colleague: Colleague, ruleset: RuleSet) -> ZoneInfo:
    return ZoneInfo(colleague.timezone or ruleset.client.timezone)


def present(ruleset: RuleSet, now: datetime, consents: Sequence[Consent]) -> RuleSet:
    """The same, with the colleague of this moment in the place of the first one of the file; None when nobody is."""
    everybody = ruleset.stand_ins
    if not everybody:
        return ruleset
    there = on_duty(ruleset, now, consents)
    return replace(ruleset, colleague=next(iter(there), None), colleagues=everybody)


@dataclass(frozen=True, slots=True)
class Standing:
    """One colleague as `away check` shows him: whether he agreed (None: not asked), and in words."""

    colleague: Colleague
    agreed: bool | None
    words: str


def standing(ruleset: RuleSet, consents: Sequence[Consent]) -> tuple[Standing, ...]:
    """Every colleague in the order in which they are asked."""
    known = latest(consents)
    return tuple(
        Standing(c, agreed(c, consents), _words(c, known.get(c.email.lower()), _zone(c, ruleset)))
        for c in chain(ruleset.stand_ins)
    )


def _words(colleague: Colleague, consent: Consent | None, zone: ZoneInfo) -> str:
    if consent is None:
        known = colleague.confirmed
        return f"agreed {_day(known, zone)}, as the file says" if known else "has not been asked"
    if consent.said is Said.ASKED or consent.said_at is None:
        return f"was asked {_day(consent.asked_at, zone)}, no answer yet"
    said = {Said.YES: "said yes", Said.NO: "said no", Said.UNCLEAR: "answered, but neither yes nor no"}[consent.said]
    return f"{said} {_day(consent.said_at, zone)}"


def _day(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}"


# ---- what is his


def in_scope(colleague: Colleague, ruleset: RuleSet, author: str, *texts: Text) -> bool:
    """Whether a matter of this customer, in these words, is his: nothing of what is not may be sent to him.

    By his phrases (one who names none stands in for the first of the file), or handed over to him by name.
    """
    if colleague.customers and not matches(author.lower(), colleague.customers):
        return False
    everybody = ruleset.stand_ins
    phrases = colleague.takes or (everybody[0].takes if everybody else ())
    handed = (m.about for m in ruleset.matters if m.can == "colleague")
    return any(find(wanted, text) for wanted in (phrases, *handed) for text in texts)


def delegated(verdict: Verdict, case: Case, urgent: bool) -> Plan | None:
    """To the first colleague there whose matter it is: urgent and in his scope, or handed over to him by name."""
    handed = verdict.matter is not None and verdict.matter.can == "colleague"
    if not (handed or urgent):
        return None
    author = next(iter((case.judged or case.message).from_), "")
    for colleague in on_duty(case.ruleset, case.now, case.history.consents):
        his = in_scope(colleague, case.ruleset, author, case.body, case.subject)
        if his and (handed or not _in_person(colleague, case)):
            return _handed_over(colleague, case)
    return None


def _in_person(colleague: Colleague, case: Case) -> bool:
    """Only the principal himself can give what is asked for (his portrait, his signature), and no phrase of the
    colleague's names just that."""
    sign = case.reading.signs.get(IN_PERSON)
    return sign is not None and find(colleague.takes, Text(sign.words)) is None


def _handed_over(colleague: Colleague, case: Case) -> Plan:
    """What the customer hears, and what follows. Without his proven yes nothing of hers is sent to him."""
    way = colleague.hand_over if agreed(colleague, case.history.consents) else "give-contact"
    if way == "forward":
        return passed_on(colleague, case)
    named = reply(case, TEXTS[way], colleague=wording.colleague_words(colleague, case.language))
    return Plan(Action.DELEGATE, (named, HandOver(colleague.email, Stage.OFFERED)))


def passed_on(colleague: Colleague, case: Case, offer: int = 0) -> Plan:
    """Her message goes to him; she hears by when one of us writes. `offer` is the row she said yes to."""
    at = follow_up_by(colleague, case.ruleset, case.now)
    words = wording.promise(at) | {"colleague": wording.colleague_words(colleague, case.language)}
    told = replace(reply(case, FORWARDED, **words), promise=at, ready_by=None)
    return Plan(Action.DELEGATE, (told, HandOver(colleague.email, Stage.AGREED, offer)))


def answer(verdict: Verdict, case: Case) -> Plan | None:
    """The plan for a customer's yes or no to "shall I forward it?"; None for everything else."""
    offer = next((f for f in reversed(case.history.forwards) if f.stage is Stage.OFFERED), None)
    if offer is None or verdict.kind in STRONGER or verdict.doubtful or case.history.seen_before:
        return None
    said = spoken(case.body, _tables(case))
    if said is Spoken.NO:
        return Plan(Action.NONE, (HandOver(offer.email, Stage.DECLINED, offer.id),)) if _hers(offer, case) else None
    if said is not Spoken.YES:
        return None
    colleague = next(
        (c for c in on_duty(case.ruleset, case.now, case.history.consents) if c.email == offer.email), None
    )
    if why := _may_not(offer, colleague, case):
        return Plan(Action.NONE, (Hold(Reason.HANDED_BACK, f"wants it forwarded to {offer.email}, but {why}"),))
    assert colleague is not None
    return passed_on(colleague, case, offer.id)


def _tables(case: Case) -> tuple[Language, ...]:
    """The message's own language first, the client's others, English anyway."""
    known, client = case.rulebook.languages, case.ruleset.client
    codes = dict.fromkeys((case.language, client.language, *client.languages, "en"))
    return tuple(known[c] for c in codes if c in known)


def _hers(offer: Forward, case: Case) -> bool:
    mine = case.message.from_[:1] == (offer.customer,) and case.judged in (None, case.message)
    return mine and not case.authentication.failed and case.screened is None


def _may_not(offer: Forward, colleague: Colleague | None, case: Case) -> str:
    """Why her yes forwards nothing; "" when it does."""
    if not _hers(offer, case):
        return "this is not who was asked, or nobody can be sure of it"
    if colleague is None:
        return "he is not there"
    if agreed(colleague, case.history.consents) is not True:
        return f"he has not been asked (vamaild colleague ask {case.ruleset.client.id})"
    return ""


# ---- how long he has


def ack_due(colleague: Colleague, ruleset: RuleSet, now: datetime) -> datetime:
    """Until when he has to answer: what is agreed, else one working day in his hours, his leaves left out. Aware."""
    if colleague.ack_within:
        return now + colleague.ack_within
    local, week = now.astimezone(_zone(colleague, ruleset)), ruleset.week
    if in_office_hours(local, week) and is_there(colleague, local.date()):
        day = _there(add_working_days(local.date(), 1, week), colleague, week)
        return datetime.combine(day, local.timetz()).astimezone(now.tzinfo)
    begins = local.date() + timedelta(days=local.time() >= week.opens)
    day = _there(next_open(begins, week), colleague, week)
    return datetime.combine(day, week.closes, local.tzinfo).astimezone(now.tzinfo)


def _there(day: date, colleague: Colleague, week: Week) -> date:
    """This working day, or the first after it on which he is there."""
    for _ in range(LONGEST_LEAVE):
        if is_there(colleague, day):
            return day
        day = add_working_days(day, 1, week)
    return day


def follow_up_by(colleague: Colleague, ruleset: RuleSet, now: datetime) -> datetime:
    """By when the customer hears from him or from us: the end of a day that leaves us time after his is over.

    In the client's zone, as `now` is.
    """
    due, week = ack_due(colleague, ruleset, now).astimezone(now.tzinfo), ruleset.week
    closes = datetime.combine(due.date(), week.closes, now.tzinfo)
    if is_open(due.date(), week) and due + TO_FOLLOW_UP <= closes:
        return closes
    return datetime.combine(next_open(due.date() + timedelta(days=1), week), week.closes, now.tzinfo)
