"""What a benchmark found: printed as a table, kept as JSON and as a page with bars, compared with the last one kept."""

import html
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from .running import load

RESULTS = Path(__file__).parent / "results"
BAR = 40


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
    """A row of the table of docs/performance.md: what is to be reached, and what was; None: not measured."""

    what: str
    goal: str
    reached: float | None
    limit: float
    unit: str = "x"
    at_most: bool = False
    why_not: str = ""

    @property
    def held(self) -> bool | None:
        if self.reached is None:
            return None
        return self.reached <= self.limit if self.at_most else self.reached >= self.limit

    def __str__(self) -> str:
        reached = self.why_not if self.reached is None else f"{number(self.reached)} {self.unit}".strip()
        return f"| {self.what} | {self.goal} | {reached} | {MARKS[self.held]} |"


MARKS = {True: "held", False: "**short**", None: "not measured"}


@dataclass(slots=True)
class Report:
    """Everything one benchmark found."""

    name: str
    title: str
    lines: list[Line] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    machine: str = field(default_factory=load)

    def add(self, what: str, runs: Sequence[float], unit: str, note: str = "") -> float:
        """Adds a line; returns its median."""
        self.lines.append(Line(what, tuple(runs), unit, note))
        return self.lines[-1].middle

    def show(self) -> None:
        """Prints it, beside what was kept the last time, and keeps it."""
        before = _before(self.name)
        print(f"\n## {self.title}   ({time.strftime('%Y-%m-%d %H:%M')}, {self.machine})\n")
        for line in self.lines:
            old = before.get(line.what)
            print(str(line).rstrip() + (f"   before: {number(old)}" if old is not None else ""))
        for note in self.notes:
            print(f"  {note}")
        if self.targets:
            print(f"\n{HEAD}" + "".join(f"\n{target}" for target in self.targets))
        self._keep()

    def _keep(self) -> None:
        RESULTS.mkdir(exist_ok=True)
        kept = {**asdict(self), "when": time.strftime("%Y-%m-%d %H:%M:%S")}
        (RESULTS / f"{self.name}.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
        (RESULTS / f"{self.name}.html").write_text(page(self))


HEAD = "| what | target | reached | |\n| --- | --- | --- | --- |"


def number(value: float) -> str:
    """Three digits that mean something."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3g}"


def _before(name: str) -> dict[str, float]:
    try:
        kept: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text())
        return {line["what"]: median(line["runs"]) for line in kept["lines"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
td, th { padding: .2em .8em .2em 0; text-align: left; vertical-align: baseline; } td.n { text-align: right; }
.bar { background: #3b6ea5; height: .9em; display: block; } .w { width: 20em; }
@media (prefers-color-scheme: dark) { body { background: #16181c; color: #ddd; } .bar { background: #7aa7d9; } }
"""


def page(report: Report) -> str:
    """The same as a page: bars of one unit are to one scale. No script, nothing from elsewhere."""
    most = {line.unit: max(x.middle for x in report.lines if x.unit == line.unit) for line in report.lines}
    rows = "".join(_row(line, most[line.unit]) for line in report.lines)
    goals = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell.strip(' *'))}</td>" for cell in str(t).strip("|").split("|")) + "</tr>"
        for t in report.targets
    )
    head = "<tr><th>what</th><th>target</th><th>reached</th><th></th></tr>"
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in report.notes)
    title = html.escape(report.title)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
        f"<h1>{title}</h1><p>{html.escape(report.machine)}</p><table>{rows}</table>{notes}"
        + (f"<h2>Targets</h2><table>{head}{goals}</table>" if goals else "")
        + "</html>\n"
    )


def _row(line: Line, most: float) -> str:
    share = 100 * line.middle / most if most > 0 else 0
    return (
        f'<tr><td>{html.escape(line.what)}</td><td class="w"><span class="bar" style="width:{share:.1f}%"></span></td>'
        f'<td class="n">{number(line.middle)} {html.escape(line.unit)}</td><td>{html.escape(line.note)}</td></tr>'
    )
