"""Prints what was found, keeps it in benchmarks/results/ (JSON, and a page), compares it with what was kept before.

Only with what was measured in the same size: the title says it.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from .page import page
from .results import HEAD, Report, number

RESULTS = Path(__file__).parent / "results"
NAME, MOVED = "targets", 0.1


def show(report: Report) -> None:
    """One report, beside the last one of its name."""
    report.finish()
    before = {row["what"]: median(row["runs"]) for row in _kept(report.name, "lines") if row["title"] == report.title}
    print(f"\n## {report.title}   ({time.strftime('%Y-%m-%d %H:%M')}, {report.machine})\n")
    for line in report.lines:
        old = before.get(line.what)
        print(str(line).rstrip() + (f"   before: {number(old)}" if old is not None else ""))
    for note in report.notes:
        print(f"  {note}")
    if report.targets:
        print("\n" + "\n".join([HEAD, *report.rows()]), flush=True)
    _keep(report.name, asdict(report), page(report.title, [report]))


def show_all(reports: Sequence[Report], minutes: float) -> None:
    """The whole table of targets out of one run."""
    titles = {report.title for report in reports}
    kept = (row for row in _kept(NAME, "targets") if row["title"] in titles and row["reached"] is not None)
    before = {row["what"]: row["reached"] for row in kept}
    print("\n# Targets\n\n" + "\n".join([HEAD, *(row for report in reports for row in report.rows())]))
    print(f"\n  {minutes:.0f} minutes in all")
    for what, old, new in _moved(reports, before):
        print(f"  since the last time: {what}: {number(old)} -> {number(new)}")
    rows = [asdict(t) | {"machine": r.machine, "title": r.title} for r in reports for t in r.targets]
    _keep(NAME, {"minutes": minutes, "targets": rows}, page("Targets of one run", reports, before))
    print(f"  kept: {RESULTS / NAME}.html and .json")


def _moved(reports: Sequence[Report], before: Mapping[str, float]) -> list[tuple[str, float, float]]:
    """(what, before, now) of what is a tenth more or less than before."""
    now = {t.what: t.reached for report in reports for t in report.targets if t.reached is not None}
    both = [(what, before[what], reached) for what, reached in now.items() if what in before]
    return [(what, old, new) for what, old, new in both if abs(new - old) > MOVED * abs(old)]


def _kept(name: str, rows: str) -> list[dict[str, Any]]:
    """What the last run of this name left behind; nothing where that cannot be read."""
    try:
        found = json.loads((RESULTS / f"{name}.json").read_text())
        return [{"title": found.get("title", "")} | row for row in found[rows]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def _keep(name: str, found: dict[str, Any], shown: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    kept = {**found, "when": time.strftime("%Y-%m-%d %H:%M:%S")}
    (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    (RESULTS / f"{name}.html").write_text(shown)
