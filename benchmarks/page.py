"""The results as a page with bars. No script, nothing from elsewhere."""

import html
from collections.abc import Mapping, Sequence

from .results import HEAD, Line, Report, Target, number

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75em; margin: 2em auto; padding: 0 1em; }
td, th { padding: .2em .8em .2em 0; text-align: left; vertical-align: baseline; } td.n { text-align: right; }
.bar { background: #3b6ea5; height: .9em; display: block; } .w { width: 20em; }
@media (prefers-color-scheme: dark) { body { background: #16181c; color: #ddd; } .bar { background: #7aa7d9; } }
"""


def page(title: str, reports: Sequence[Report], before: Mapping[str, float] | None = None) -> str:
    """The targets of all of them first, beside what was reached before; then each with its bars."""
    rows = "".join(_target(target, report, before) for report in reports for target in report.targets)
    names = [cell.strip() for cell in HEAD.partition("\n")[0].strip("|").split("|")] + ["before"] * (before is not None)
    head = "<tr>" + "".join(f"<th>{name}</th>" for name in names) + "</tr>"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{STYLE}</style><h1>{html.escape(title)}</h1>"
        + (f"<h2>Targets</h2><table>{head}{rows}</table>" if rows else "")
        + "".join(map(_section, reports))
        + "</html>\n"
    )


def _target(target: Target, report: Report, before: Mapping[str, float] | None) -> str:
    cells = [cell.strip("*") for cell in target.cells(report.machine)]
    if before is not None:
        cells.append(number(before[target.what]) if target.what in before else "")
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"


def _section(report: Report) -> str:
    """Bars of one unit are to one scale."""
    most = {line.unit: max(x.middle for x in report.lines if x.unit == line.unit) for line in report.lines}
    rows = "".join(_row(line, most[line.unit]) for line in report.lines)
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in report.notes)
    return f"<h2>{html.escape(report.title)}</h2><p>{html.escape(report.machine)}</p><table>{rows}</table>{notes}"


def _row(line: Line, most: float) -> str:
    share = 100 * max(line.middle, 0.0) / most if most > 0 else 0
    spread = f"{number(min(line.runs))} to {number(max(line.runs))}" if len(line.runs) > 1 else ""
    return (
        f'<tr><td>{html.escape(line.what)}</td><td class="w"><span class="bar" style="width:{share:.1f}%"></span></td>'
        f'<td class="n">{number(line.middle)} {html.escape(line.unit)}</td><td>{spread}</td>'
        f"<td>{html.escape(line.note)}</td></tr>"
    )
