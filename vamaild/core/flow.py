"""Does a client's mail still flow? A broken forwarding looks like a quiet day; this tells them apart, by counts alone.

A silence is measured by how many messages would usually have come while it lasted, not by the clock: nights, weekends
and holidays weigh nothing. It is unusual when that number is beyond the longest silence of the weeks before, and at
least ENOUGH. The usual flow of a weekday's hour leans on that hour of all working days, so that few messages suffice.
All moments are aware; `now` is in the client's time zone, whose days and hours count.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise

from .calendar import is_open
from .ledger import Flowed
from .ruleset import Week

WEEKS = 8
REMEMBERED = timedelta(weeks=WEEKS)
SHORTEST_HISTORY = timedelta(days=14)
FEWEST = 12  # messages: with fewer there is no "usual"
ENOUGH = 8.0  # messages missing; by chance alone that is one silence in three thousand
BEYOND = 1.5  # times the longest usual silence
FAR_BEYOND = 2.0  # a past silence this much longer than the next one was a fault too
LEAN = 4.0  # how many weeks of a weekday's hour the hour of all days weighs as much as
LONGEST = timedelta(days=366)
HOUR = timedelta(hours=1)

Slot = tuple[int, int]  # weekday (0 = Monday), hour; in the client's time zone
NO_WORK: Slot = (7, 24)


@dataclass(frozen=True, slots=True)
class Silence:
    """How long nothing has come and how much is missing.

    `usual`: the longest silence up to this time of the week in the weeks before. `missing`: messages that would usually
    have come since; `unusual` from `limit` on.
    """

    since: datetime
    lasts: timedelta
    usual: timedelta
    missing: float
    limit: float

    @property
    def unusual(self) -> bool:
        return self.missing >= self.limit


def incident(client: str) -> str:
    """The name of the run that keeps which silence was told: its moment is that of the last message before it."""
    return f"silence {client}"


def silence(arrivals: Sequence[Flowed], now: datetime, week: Week) -> Silence | None:
    """The silence that lasts now; None when too little has come so far to know what is usual.

    What came in the eight weeks before the last message is the measure, so a longer silence is never less unusual.
    """
    if not arrivals:
        return None
    last = max(a.last for a in arrivals)
    known = sorted((a for a in arrivals if a.first >= last - REMEMBERED), key=lambda a: a.first)
    working = sum(a.count for a in known if is_open(a.first.astimezone(now.tzinfo).date(), week))
    if not known or last - known[0].first < SHORTEST_HISTORY or working < FEWEST:
        return None
    ends = min(max(now, last), last + LONGEST)
    course = _course(known, ends, now, week)
    limit = max(ENOUGH, BEYOND * _longest([course.between(a.last, b.first) for a, b in pairwise(known)]))
    lasts = max(now - last, timedelta())
    return Silence(last, lasts, usual_gap(known, now), course.between(last, ends), limit)


def usual_gap(arrivals: Sequence[Flowed], now: datetime) -> timedelta:
    """How long it was silent at most up to this time of the week in the weeks before; the worst week is left out."""
    if not arrivals:
        return timedelta()
    last, first = max(a.last for a in arrivals), min(a.first for a in arrivals)
    moments = (now - timedelta(weeks=back) for back in range(1, WEEKS + 1 + max((now - last).days, 0) // 7))
    gaps = sorted(_gap(arrivals, moment) for moment in moments if first < moment <= last)
    shorter = [gap for gap in gaps if gap < now - last]
    return max(shorter[:-1] if len(shorter) >= WEEKS // 2 else shorter, default=timedelta())


def _gap(arrivals: Sequence[Flowed], moment: datetime) -> timedelta:
    """How long before this moment the last message had come."""
    before = (a.last if a.last <= moment else a.first for a in arrivals if a.first <= moment)
    return moment - max(before)


@dataclass(frozen=True, slots=True)
class _Course:
    """How many messages usually come from `begins` (a full hour) to the beginning of each hour after it."""

    begins: datetime
    come: Sequence[float]

    def between(self, one: datetime, other: datetime) -> float:
        return self._until(other) - self._until(one)

    def _until(self, moment: datetime) -> float:
        hour, rest = divmod(moment - self.begins, HOUR)
        return self.come[hour] + rest / HOUR * (self.come[hour + 1] - self.come[hour])


def _course(known: Sequence[Flowed], ends: datetime, now: datetime, week: Week) -> _Course:
    """The usual flow from the first message to this end, as learned up to the last; nothing on days without work."""
    zone, last = now.tzinfo, known[-1].last

    def slot(moment: datetime) -> Slot:
        local = moment.astimezone(zone)
        return (local.weekday(), local.hour) if is_open(local.date(), week) else NO_WORK

    hours = _hours(known[0].first, ends)
    slots = [slot(hour) for hour in hours]
    came: Counter[Slot] = Counter()
    for arrival in known:
        came[slot(arrival.first)] += arrival.count
    seen = Counter(at for at, hour in zip(slots, hours, strict=True) if hour <= last)
    del came[NO_WORK], seen[NO_WORK]
    rates = _blend(came, seen)
    return _Course(hours[0], list(accumulate((rates.get(at, 0.0) for at in slots), initial=0.0)))


def _blend(came: Counter[Slot], seen: Counter[Slot]) -> dict[Slot, float]:
    """Messages an hour for each slot: what its own weeks say, leaning on that hour of all working days."""
    all_came: Counter[int] = Counter()
    all_seen: Counter[int] = Counter()
    for at in seen:
        all_came[at[1]] += came[at]
        all_seen[at[1]] += seen[at]
    return {at: (came[at] + LEAN * all_came[at[1]] / all_seen[at[1]]) / (seen[at] + LEAN) for at in seen}


def _hours(begins: datetime, ends: datetime) -> list[datetime]:
    """Every full hour of this span, the first one begun before it."""
    first = begins.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return [first + HOUR * n for n in range(int((ends - first) / HOUR) + 1)]


def _longest(pauses: Sequence[float]) -> float:
    """The longest usual pause; one that stands far above the rest was a fault, and is no measure."""
    falling = sorted(pauses, reverse=True)
    while len(falling) > 1 and falling[0] >= ENOUGH and falling[0] > FAR_BEYOND * falling[1]:
        falling = falling[1:]
    return falling[0] if falling else 0.0
