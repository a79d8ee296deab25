"""What a benchmark found: lines of figures, and rows of the table of targets; table.py and page.py show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from .running import Machine, so_far

HEAD = "| what | target | reached | spread | measured with | |\n| --- | --- | --- | --- | --- | --- |"
MARKS = {True: "held", False: "**short**", None: "not measured"}


@dataclass(frozen=True, slots=True)
class Line:
    """One measured thing, in all its runs."""

    what: str
    runs: tuple[float, ...]
    unit: str
    note: str = ""

    @property
    def middle(self) -> float:
        return median(self.runs)

    def __str__(self) -> str:
        spread = f"({number(min(self.runs))} to {number(max(self.runs))})" if len(self.runs) > 1 else ""
        return f"{self.what:<44}{number(self.middle):>9} {self.unit:<12}{spread:<22}{self.note}"


@dataclass(frozen=True, slots=True)
class Target:
    """A row of the table of docs/performance.md: what is to be reached, and what was; None: not measured.

    `size`: what it was measured with. `spread`: the least and the most of its rounds.
    """

    what: str
    goal: str
    reached: float | None
    limit: float
    unit: str = "x"
    at_most: bool = False
    why_not: str = ""
    size: str = ""
    spread: tuple[float, float] | None = None

    @property
    def held(self) -> bool | None:
        if self.reached is None:
            return None
        return self.reached <= self.limit if self.at_most else self.reached >= self.limit

    def cells(self, machine: str = "") -> list[str]:
        """As a row of the table."""
        reached = self.why_not if self.reached is None else f"{number(self.reached)} {self.unit}".strip()
        spread = f"{number(self.spread[0])} to {number(self.spread[1])}" if self.spread else ""
        size = "; ".join(filter(None, (self.size, machine)))
        return [self.what, self.goal, reached, spread, size, MARKS[self.held]]

    def row(self, machine: str = "") -> str:
        """The same in Markdown."""
        return "| " + " | ".join(self.cells(machine)) + " |"


@dataclass(slots=True)
class Report:
    """Everything one benchmark found. `size` says for all of its rows what they were measured with."""

    name: str
    title: str
    size: str = ""
    lines: list[Line] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    machine: str = ""
    began: Machine = field(default_factory=so_far)

    def add(self, what: str, runs: Sequence[float], unit: str, note: str = "") -> float:
        """Adds a line; returns its median."""
        self.lines.append(Line(what, tuple(runs), unit, note))
        return self.lines[-1].middle

    def ratio(
        self, what: str, goal: str, limit: float, over: Sequence[float], under: Sequence[float], at_most: bool = False
    ) -> None:
        """Adds a row: the median of `over` against that of `under`; the spread is that of the rounds."""
        each = [a / b for a, b in zip(over, under, strict=True)]
        spread = (min(each), max(each)) if len(each) > 1 else None
        reached = median(over) / median(under)
        self.targets.append(Target(what, goal, reached, limit, at_most=at_most, size=self.size, spread=spread))

    def most(self, what: str, goal: str, limit: float, found: Sequence[float], unit: str, size: str = "") -> None:
        """Adds a row: the median of what was found, which is to be small."""
        spread = (min(found), max(found)) if len(found) > 1 else None
        size = size or self.size
        self.targets.append(Target(what, goal, median(found), limit, unit, at_most=True, size=size, spread=spread))

    def without(self, what: str, goal: str, why: str) -> None:
        """Adds a row that could not be measured."""
        self.targets.append(Target(what, goal, None, 0.0, why_not=why, size=self.size))

    def finish(self) -> None:
        """Notes what else the machine did; the first call holds."""
        self.machine = self.machine or self.began.beside(so_far())

    def rows(self) -> list[str]:
        """Of the table of targets, in Markdown."""
        return [target.row(self.machine) for target in self.targets]


def number(value: float) -> str:
    """Three digits that mean something."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3g}"
