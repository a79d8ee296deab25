"""The figures of the weekly report as values, each number with the messages behind it; and whether they add up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .invoice import surcharge
from .ledger import Outcome
from .promise import Promise
from .report_parts import UNKNOWN, URGENT, Number, bounds, total
from .report_rows import Alarm, Row
from .ruleset import RuleSet
from .rush import Rush


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a client's mail still comes: the last message, and how long the silence lasts where it is unusual."""

    client: str
    last: datetime | None = None
    silent: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """What a report is about. `now` is in the reader's zone; `clients` are all that are known, by id.

    `lead_days` is the notice of clients whose file says none. `only` is the client whose report it is, "" for all.
    """

    now: datetime
    clients: Mapping[str, RuleSet]
    lead_days: int = 4
    health: tuple[Health, ...] = ()
    owed: tuple[Promise, ...] = ()
    only: str = ""

    def name(self, client: str) -> str:
        found = self.clients.get(client)
        return found.client.name if found else client

    def rate(self, client: str) -> tuple[float, str]:
        """(price of an hour, currency) of this client's file; 0 where it says none."""
        found = self.clients.get(client)
        return (found.rush.rate, found.rush.currency) if found and found.rush else (0.0, "")

    def surcharges(self, sold: Iterable[Rush]) -> dict[str, int]:
        """What these come to, in hundredths, by currency; empty as soon as hours or the price of one are missing."""
        sums: dict[str, int] = {}
        for rush in sold:
            rate, currency = self.rate(rush.offer.client)
            if not rate or rush.hours is None:
                return {}
            sums[currency] = sums.get(currency, 0) + surcharge(rush.hours, rush.offer.percent, rate)
        return sums


@dataclass(frozen=True, slots=True)
class Short:
    """How many of a client's requests came with too little notice; `weeks` are (requests, short), oldest first.

    `days` and `unit` are the notice that was agreed.
    """

    client: str
    days: int
    unit: str
    requests: Number
    short: Number
    weeks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Sales:
    """The rush offers of the week. `agreed` may be invoiced; `hours` are what the assistant entered."""

    offered: Number
    agreed: tuple[Rush, ...]
    chose_free: Number
    refused: Number
    waiting: tuple[Rush, ...] = ()

    @property
    def number(self) -> Number:
        return Number("surcharges", len(self.agreed), tuple(r.request for r in self.agreed if r.request))

    @property
    def charged(self) -> tuple[Rush, ...]:
        return tuple(r for r in self.agreed if r.charged)


@dataclass(frozen=True, slots=True)
class Given:
    """The promises that fell due in the week: every one is kept, late, not kept yet though due, open, or withdrawn."""

    kept: tuple[Promise, ...] = ()
    late: tuple[Promise, ...] = ()
    broken: tuple[Promise, ...] = ()
    open: tuple[Promise, ...] = ()
    withdrawn: int = 0

    @property
    def number(self) -> Number:
        every = (*self.kept, *self.late, *self.broken, *self.open)
        return Number("promises", len(every), tuple(p.message for p in every if p.message))


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the report says, without words. Times are aware, in the reader's zone where days matter."""

    asking: Asking
    since: datetime
    until: datetime
    arrived: Number
    counted: int
    sorts: tuple[Number, ...]
    outcomes: tuple[Number, ...]
    fates: tuple[Number, ...]
    whys: tuple[Number, ...]
    human: Number
    line: tuple[tuple[int, int], ...]
    notice: tuple[Short, ...]
    sales: Sales
    alarms: tuple[Alarm, ...]
    given: Given
    automatic: timedelta | None
    personal: timedelta | None
    solved: Number
    silent: Number
    corrected: Number
    decided: int
    strip: Mapping[tuple[int, int], tuple[int, ...]]
    subjects: Mapping[int, Row] = field(default_factory=dict)

    @property
    def bounds(self) -> tuple[int, int]:
        """(at least, at most) so many stated urgencies could wait."""
        return bounds(self.fates)

    @property
    def urgent(self) -> int:
        return total(self.fates)

    @property
    def unknown(self) -> tuple[Row, ...]:
        """The urgencies of which nobody said how they ended."""
        named = {n.name: n.messages for n in self.fates}
        return tuple(self.subjects[message] for message in named[UNKNOWN])

    @property
    def missing(self) -> int:
        """How many messages were counted when they came, and are not among the rows."""
        return self.counted - self.arrived.count

    def part(self, name: str) -> Number:
        """One number by its name. Raises KeyError."""
        return {n.name: n for n in self.numbers}[name]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(n.name for n in self.numbers)

    @property
    def numbers(self) -> tuple[Number, ...]:
        """Every number whose messages can be listed."""
        short = tuple(Number(f"short-notice-{s.client}", s.short.count, s.short.messages) for s in self.notice)
        emergencies = Number("alarms", len(self.alarms), tuple(a.message for a in self.alarms if a.message))
        return (
            *(self.arrived, *self.sorts, *self.outcomes, *self.fates, *self.whys, self.human, *short),
            *(self.sales.number, self.sales.offered, self.sales.chose_free, self.sales.refused),
            *(emergencies, self.given.number, self.solved, self.silent, self.corrected),
        )

    @property
    def adds_up(self) -> bool:
        """Whether every part sums to what it is a part of, and every message that came is among the rows."""
        named = {n.name: n.count for n in (*self.sorts, *self.outcomes)}
        return (
            self.missing == 0
            and total(self.sorts) == total(self.outcomes) == self.arrived.count
            and total(self.fates) == named[URGENT]
            and total(self.whys) == named[Outcome.NO_REPLY]
        )
