"""The weekly report as numbers: a week of rows -> figures, each with the messages behind it.

Every message that arrived is in exactly one part of each kind of part (core/report_parts.py), so that
arrived = answered + no reply (by reason) + waiting for a person + escalated (promise 6). Nothing here has words.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .ledger import Outcome
from .promise import Promise, PromiseState
from .promises import is_late
from .report_parts import (
    FATES,
    NEEDED_NONE,
    OUTCOMES,
    SORTS,
    URGENT,
    WHYS,
    Number,
    bounds,
    fate_of,
    looks_human,
    number,
    parted,
    sort_of,
    total,
    why_of,
)
from .report_rows import Gathered, Row
from .report_times import middle, notice, office_time
from .report_values import Asking, Figures, Given, Sales, Short
from .resolve import Resolved
from .ruleset import Lead, RuleSet, Week
from .rush import Rush, RushState
from .trust import Fate

LINE = 4  # weeks of the lower bound
NOT_ASKED = (NEEDED_NONE, "insisting", "unread")


def figures(week: Gathered, earlier: Sequence[Gathered], asking: Asking) -> Figures:
    """The figures of this week; `earlier` are the weeks before it, oldest first."""
    rows = tuple({row.id: row for row in week.rows}.values())
    urgent = [row for row in rows if sort_of(row) == URGENT]
    silent = [row for row in rows if row.outcome == Outcome.NO_REPLY]
    said, quiet = (
        Number(name, len(ids), ids)
        for name, ids in ((n, tuple(m for m, how in week.solved if how is w)) for n, w in SOLVED.items())
    )
    corrected = tuple(message for message, fate in week.fates if fate is not Fate.UNCHANGED)
    replied = sum(row.replied_at is not None for row in rows)
    return Figures(
        asking,
        week.since,
        week.until,
        number("arrived", rows),
        week.arrived,
        parted(rows, SORTS, sort_of),
        parted(rows, OUTCOMES, lambda row: str(row.outcome)),
        parted(urgent, FATES, fate_of),
        parted(silent, WHYS, why_of),
        number("looks-human", filter(looks_human, rows)),
        tuple(_line(each.rows) for each in (*earlier, week)[-LINE:]),
        _notices((*earlier, week), asking),
        _sales(week),
        week.alarms,
        _given(week.promises, asking.now),
        middle([row.replied_at - row.received for row in rows if row.replied_at]),
        middle([_in_office(row, asking) for row in rows if row.person_at]),
        said,
        quiet,
        Number("corrected", len(corrected), tuple(m for m in corrected if m)),
        replied + len(week.fates),
        _strip(urgent, asking.now),
        {row.id: row for row in rows},
    )


SOLVED = {"solved-said": Resolved.SAID, "solved-silent": Resolved.SILENT}


def _line(rows: Sequence[Row]) -> tuple[int, int]:
    """(at least so many could wait, of so many)."""
    fates = parted((row for row in rows if sort_of(row) == URGENT), FATES, fate_of)
    return bounds(fates)[0], total(fates)


def _notices(weeks: Sequence[Gathered], asking: Asking) -> tuple[Short, ...]:
    """The clients with the most short notices first; the last of the weeks is this one."""
    asked = [_requests(week.rows) for week in weeks]
    found = (_short(client, [week.get(client, []) for week in asked], asking) for client in asking.clients)
    some = (s for s in found if any(requests for requests, _ in s.weeks))
    return tuple(sorted(some, key=lambda s: (-s.short.count, -s.requests.count, s.client)))


def _requests(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """What asks for something, by client."""
    found: dict[str, list[Row]] = {}
    for row in {row.id: row for row in rows}.values():
        if sort_of(row) not in NOT_ASKED:
            found.setdefault(row.client, []).append(row)
    return found


def _short(client: str, weeks: Sequence[Sequence[Row]], asking: Asking) -> Short:
    ruleset = asking.clients[client]
    lead = ruleset.lead or Lead(asking.lead_days)
    few = [[row for row in week if _is_short(row, lead, ruleset)] for week in weeks]
    trend = tuple((len(some), len(short)) for some, short in zip(weeks, few, strict=True))
    requests, short = number("requests", weeks[-1]), number("short-notice", few[-1])
    return Short(client, lead.days, lead.unit, requests, short, trend)


def _is_short(row: Row, lead: Lead, ruleset: RuleSet) -> bool:
    """A request without a date gives no short notice."""
    if row.deadline is None:
        return False
    zone = ZoneInfo(ruleset.client.timezone)
    asked, wanted = (at.astimezone(zone).date() for at in (row.received, row.deadline))
    return notice(asked, wanted, lead, ruleset.week) < lead.days


def _sales(week: Gathered) -> Sales:
    def offers(name: str, *states: RushState) -> Number:
        some = [r for r in week.rushes if week.since <= r.offered_at < week.until and (r.state in states or not states)]
        return Number(name, len(some), tuple(r.request for r in some if r.request))

    agreed = (r for r in week.rushes if r.state is RushState.AGREED and _taken(r, week))
    return Sales(
        offers("offers"),
        tuple(sorted(agreed, key=lambda r: (r.offer.client, r.offer.percent, r.id))),
        offers("offers-chose-free", RushState.DECLINED, RushState.EXPIRED),
        offers("offers-refused", RushState.REFUSED),
        tuple(r for r in week.rushes if r.state is RushState.TAKEN),
    )


def _taken(rush: Rush, week: Gathered) -> bool:
    return rush.taken_at is not None and week.since <= rush.taken_at < week.until


def _given(promises: Sequence[Promise], now: datetime) -> Given:
    standing = [p for p in promises if p.state is PromiseState.OPEN]
    return Given(
        tuple(p for p in promises if p.state is PromiseState.KEPT),
        tuple(p for p in promises if p.state is PromiseState.LATE),
        tuple(p for p in standing if is_late(p, now)),
        tuple(p for p in standing if not is_late(p, now)),
        sum(p.state is PromiseState.WITHDRAWN for p in promises),
    )


def _in_office(row: Row, asking: Asking) -> timedelta:
    """How long a person took, while the client's office was open."""
    ruleset = asking.clients.get(row.client)
    zone = ZoneInfo(ruleset.client.timezone) if ruleset else asking.now.tzinfo
    at = (row.person_at or row.received).astimezone(zone)
    return office_time(row.received.astimezone(zone), at, ruleset.week if ruleset else Week())


def _strip(urgent: Sequence[Row], now: datetime) -> dict[tuple[int, int], tuple[int, ...]]:
    """The urgencies by weekday (0 = Monday) and hour in which they came."""
    found: dict[tuple[int, int], tuple[int, ...]] = {}
    for row in urgent:
        at = row.received.astimezone(now.tzinfo)
        slot = at.weekday(), at.hour
        found[slot] = (*found.get(slot, ()), row.id)
    return found
