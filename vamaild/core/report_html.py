"""A report as HTML for mail programs: tables and cells for bars, no image, no script, nothing loaded from anywhere.

The style sheet stands in the head; the adapter writes it into the elements as well, for programs that drop it there,
and keeps what only a sheet can say (the dark colours, the narrow screen).
"""

from .markup import Html, lines, put, tag
from .report_tree import Bar, Bars, Block, Grid, Items, Page, Section, Strip

STYLE = """body{margin:0;padding:16px;background:#ffffff;color:#1c2430}
.page{max-width:600px;margin:0 auto;font:15px/1.5 -apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}
h1{font-size:22px;line-height:1.3;margin:4px 0 14px}
h2{font-size:17px;line-height:1.3;margin:26px 0 8px}
p{margin:8px 0 0}
ul{margin:4px 0 6px;padding-left:20px}
.wide{width:100%;font-size:15px;line-height:1.35}
.soft,.about{color:#5b6675}
.small{color:#5b6675;font-size:13px}
.about{margin:0}
.todo{margin:0;font-weight:bold}
.warning{margin:0 0 12px;padding:10px 12px;background:#b3261e;color:#ffffff;font-weight:bold}
.bar{height:14px}
.column{width:6px;background:#2f6db5}
.slots{width:100%;table-layout:fixed;font-size:11px;line-height:16px;text-align:center}
.fine{background:#2f6db5}
.unknown{background:#8a94a3}
.busy{background:#c77700}
.grave{background:#b3261e}
.h0{background:#eef1f5}
.h1{background:#ffe2b8}
.h2{background:#f5b04d}
.h3{background:#a85f00;color:#ffffff}
@media (prefers-color-scheme:dark){
body{background:#14181f !important;color:#e6eaf0 !important}
.soft,.small,.about{color:#a3adba !important}
.fine,.column{background:#6ea3e0 !important}
.unknown{background:#7c8798 !important}
.busy{background:#e6a23c !important}
.grave{background:#f2746b !important}
.h0{background:#232a35 !important}
.h1{background:#4a3a1e !important}
.h2{background:#8a6420 !important}
.h3{background:#e6a23c !important;color:#14181f !important}
.warning{background:#f2746b !important;color:#14181f !important}
}
@media (max-width:480px){
body{padding:12px !important}
h1{font-size:20px !important}
.wide{font-size:14px !important}
.slots{font-size:10px !important}
}"""
TALLEST = 18
SHORTEST = 1


def document(page: Page) -> str:
    """The whole report as one HTML document, its sheet in the head."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{put(page.title)}</title><style>{STYLE}</style>"
    )
    body = tag("div", _top(page), lines(map(_section, page.sections)), _foot(page), class_="page")
    return f'<!doctype html><html lang="{put(page.language)}"><head>{head}</head><body>{body}</body></html>\n'


def _top(page: Page) -> Html:
    warnings = (tag("p", w, class_="warning") for w in page.warnings)
    todo = tag("ul", *(tag("li", line) for line in page.todo)) if page.todo else ""
    return lines(
        (
            *warnings,
            tag("p", page.about, class_="about"),
            tag("h1", page.headline),
            tag("p", page.todo_title, class_="todo"),
            todo,
        )
    )


def _foot(page: Page) -> Html:
    return tag("p", page.foot, class_="small") if page.foot else Html("")


def _section(section: Section) -> Html:
    return put(tag("h2", section.title), lines(map(_block, section.blocks)))


def _block(block: Block) -> Html:
    if isinstance(block, str):
        return tag("p", block) if block else Html("")
    if isinstance(block, Bars):
        return _table(*map(_bar, block.bars), class_="wide")
    if isinstance(block, Grid):
        return _grid(block)
    if isinstance(block, Strip):
        return _strip(block)
    return tag("ul", *(tag("li", line) for line in block.lines)) if isinstance(block, Items) else Html("")


def _table(*rows: Html, class_: str, pad: str = "3") -> Html:
    return tag("table", *rows, role="presentation", cellspacing="0", cellpadding=pad, class_=class_)


def _bar(bar: Bar) -> Html:
    share = max(round(100 * bar.number.count / bar.of), 1) if bar.of and bar.number.count else 0
    cells = [tag("td", width=f"{share}%", class_=f"bar {bar.tint}")] if share else []
    drawn = _table(tag("tr", *cells, tag("td") if share < 100 else ""), class_="wide", pad="0") if share else ""
    count = tag("td", tag("b", str(bar.number.count)), width="8%", align="right")
    return tag("tr", tag("td", bar.label, width="46%"), count, tag("td", drawn))


def _grid(grid: Grid) -> Html:
    columns = [tag("td", h, align="right") if n else tag("td", h) for n, h in enumerate(grid.head)]
    trends = grid.trends or ((),) * len(grid.rows)
    rows = [tag("tr", *map(_cell, range(len(r)), r), _trend(t)) for r, t in zip(grid.rows, trends, strict=True)]
    return _table(tag("tr", *columns, class_="soft"), *rows, class_="wide")


def _cell(column: int, text: str) -> Html:
    return tag("td", text, align="right") if column else tag("td", text)


def _trend(shares: tuple[int, ...]) -> Html:
    """Small columns, one for each week, on a common foot."""
    if not shares:
        return Html("")
    columns = (tag("td", tag("div", class_="column", style=f"height:{_height(s)}px"), valign="bottom") for s in shares)
    drawn = tag("table", tag("tr", *columns), role="presentation", cellspacing="1", cellpadding="0", align="right")
    return tag("td", drawn)


def _height(share: int) -> int:
    return max(round(TALLEST * share / 100), SHORTEST)


def _strip(strip: Strip) -> Html:
    head = tag("tr", tag("td"), *(tag("td", h) for h in strip.head), class_="soft")
    most = max((n for _, counts in strip.rows for n in counts), default=0)
    rows = (tag("tr", tag("td", day, class_="soft"), *(_slot(n, most) for n in counts)) for day, counts in strip.rows)
    drawn = tag("table", head, *rows, role="presentation", cellspacing="2", cellpadding="0", class_="slots")
    return put(drawn, tag("p", strip.line))


def _slot(count: int, most: int) -> Html:
    """The darker, the more."""
    level = 0 if not count else min(1 + 3 * (count - 1) // max(most, 1), 3)
    return tag("td", str(count) if count else "", class_=f"h{level}")
