"""What was agreed for a case, as it stands now: who is in its chain, how they are reached, what holds just now."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .core.agreement import Agreement, chain_of
from .core.calendar import next_morning
from .core.cases import DOUBTFUL, PRACTICE, QueueCase
from .core.chainwords import COLLEAGUE, ME
from .core.ruleset import Escalation, RuleSet, Trust
from .notices import colleague_of, ruleset_of, ways_of
from .presence import stands
from .service import Service

WOLF, WOLF_FOR = 2, timedelta(days=60)
WEEK = timedelta(days=7)


def is_contact(person: str) -> bool:
    """Whether this is neither the assistant nor the colleague: somebody who is on holiday."""
    return person not in (ME, COLLEAGUE)


def is_practice(case: QueueCase) -> bool:
    """Whether the assistant only tries the chain."""
    return case.case.reason == PRACTICE


def people_of(case: QueueCase, service: Service) -> frozenset[str]:
    """Everybody who may be asked, and may answer, now; the assistant always."""
    ruleset = ruleset_of(case.case.client, service)
    if ruleset is None:
        return frozenset((ME,))
    colleague = (COLLEAGUE,) if colleague_of(ruleset.client.id, service) else ()
    named = (name for name in ruleset.escalation.chain if name != COLLEAGUE)
    return frozenset((ME, *named, *colleague))


def agreement_of(case: QueueCase, service: Service, now: datetime) -> Agreement:
    """What holds for this case. A client whose file is gone leaves the assistant."""
    client, ruleset = case.case.client, ruleset_of(case.case.client, service)
    trust = ruleset.client.trust if ruleset else Trust.OBSERVE
    terms = ruleset.escalation if ruleset else Escalation()
    people = people_of(case, service)
    practice = is_practice(case)
    tomorrow, morning = _mornings(ruleset, service, now)
    return Agreement(
        chain=chain_of(terms, Trust.SEND if practice else trust),
        ways={person: tuple(ways_of(person, client, service)) for person in people},
        terms=terms,
        disturbed=service.store.disturbances(client, _budget_begins(ruleset, service, now)),
        people=case.case.people,
        assistant_only=not practice and (trust is Trust.OBSERVE or _cried_wolf(case, service, now)),
        observe=trust is Trust.OBSERVE and not practice,
        escalates=case.case.escalates,
        practice=practice,
        patient=case.case.reason == DOUBTFUL or says_solved(case),
        morning=morning,
        tomorrow=tomorrow,
    )


def _mornings(ruleset: RuleSet | None, service: Service, now: datetime) -> tuple[datetime, datetime]:
    """When the office opens tomorrow, were it open, and when it next does; in the time of the client, else hers."""
    settings = service.rules.settings
    week = ruleset.week if ruleset else settings.week
    local = now.astimezone(ZoneInfo(ruleset.client.timezone if ruleset else settings.assistant.timezone))
    return datetime.combine(local.date() + timedelta(days=1), week.opens, local.tzinfo), next_morning(local, week)


def says_solved(case: QueueCase) -> bool:
    """Whether the sender said so, the chain knows, and no further mail about it has come since."""
    after = case.chain.get("solved")
    return isinstance(after, int) and case.joined <= after


def _budget_begins(ruleset: RuleSet | None, service: Service, now: datetime) -> datetime:
    """Since when a contact's disturbances count: the first day of the absence, else a week."""
    if ruleset is None:
        return now - WEEK
    zone = ZoneInfo(ruleset.client.timezone)
    away = stands(ruleset, service.store, now).away(now.astimezone(zone).date())
    return datetime.combine(away.first, datetime.min.time(), zone).astimezone(now.tzinfo) if away else now - WEEK


def _cried_wolf(case: QueueCase, service: Service, now: datetime) -> bool:
    """Whether two emergencies of this sender within 60 days could have waited. Danger to people is always believed."""
    if case.case.people:
        return False
    entry = service.store.entry(case.message) if case.message else None
    if entry is None or not entry.address:
        return False
    return service.store.cried_wolf(case.case.client, entry.address, now - WOLF_FOR) >= WOLF


def return_of(case: QueueCase, service: Service, now: datetime) -> datetime:
    """Until when "it can wait": the morning of the return, else the next working morning."""
    ruleset = ruleset_of(case.case.client, service)
    if ruleset is None:
        return now + timedelta(days=1)
    local = now.astimezone(ZoneInfo(ruleset.client.timezone))
    away = stands(ruleset, service.store, now).away(local.date())
    if away is None or away.back is None:
        return next_morning(local, ruleset.week)
    return datetime.combine(away.back, ruleset.week.opens, local.tzinfo)
