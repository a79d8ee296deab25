"""What was agreed for a case, as it stands now: who is in its chain, how they are reached, what holds just now."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .core.agreement import Agreement, chain_of
from .core.calendar import next_morning
from .core.cases import QueueCase
from .core.chainwords import COLLEAGUE, ME
from .core.ruleset import Escalation, RuleSet, Trust
from .notices import ruleset_of, ways_of
from .service import Service

WOLF, WOLF_FOR = 2, timedelta(days=60)
WEEK = timedelta(days=7)
PRACTICE = "practice"


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
    colleague = (COLLEAGUE,) if ruleset.colleague else ()
    return frozenset((ME, *ruleset.escalation.chain, *colleague))


def agreement_of(case: QueueCase, service: Service, now: datetime) -> Agreement:
    """What holds for this case. A client whose file is gone leaves the assistant."""
    client, ruleset = case.case.client, ruleset_of(case.case.client, service)
    trust = ruleset.client.trust if ruleset else Trust.OBSERVE
    terms = ruleset.escalation if ruleset else Escalation()
    people = people_of(case, service)
    practice = is_practice(case)
    return Agreement(
        chain=chain_of(terms, Trust.SEND if practice else trust),
        ways={person: tuple(ways_of(person, client, service)) for person in people},
        terms=terms,
        disturbed=service.store.disturbances(client, budget_begins(ruleset, now)),
        people=case.case.people,
        assistant_only=not practice and (trust is Trust.OBSERVE or _cried_wolf(case, service, now)),
        observe=trust is Trust.OBSERVE and not practice,
        escalates=case.case.escalates,
        practice=practice,
    )


def budget_begins(ruleset: RuleSet | None, now: datetime) -> datetime:
    """Since when a contact's disturbances count: the first day of the absence, else a week."""
    if ruleset is None:
        return now - WEEK
    zone = ZoneInfo(ruleset.client.timezone)
    away = ruleset.away(now.astimezone(zone).date())
    return datetime.combine(away.first, datetime.min.time(), zone).astimezone(now.tzinfo) if away else now - WEEK


def _cried_wolf(case: QueueCase, service: Service, now: datetime) -> bool:
    """Whether two emergencies of this sender within 60 days could have waited."""
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
    away = ruleset.away(local.date())
    if away is None:
        return next_morning(local, ruleset.week)
    return datetime.combine(away.back, ruleset.week.opens, local.tzinfo)
