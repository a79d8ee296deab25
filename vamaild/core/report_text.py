"""A report as plain text: the number first, because telephones show it in a proportional font and columns break."""

import re

from .report_tree import Bar, Bars, Block, Grid, Items, Page, Section, Strip

WIDTH = 76
INDENT = 4


def text(page: Page, bar: int = 0) -> str:
    """Lines end in LF; nothing is wider than a mail should be, unless one word is. `bar`: how long one may be drawn."""
    parts = [folded(f"! {w}") for w in page.warnings]
    parts += [page.about, page.headline.upper(), "\n".join([page.todo_title, *map(_item, page.todo)])]
    parts += [_section(section, bar) for section in page.sections]
    return "\n\n".join([*parts, folded(page.foot)]) + "\n"


def _section(section: Section, bar: int) -> str:
    return "\n".join([section.title, *(line for block in section.blocks if (line := _block(block, bar)))])


def _block(block: Block, bar: int) -> str:
    if isinstance(block, str):
        return folded(block)
    if isinstance(block, Bars):
        return bars(block.bars, bar)
    if isinstance(block, Grid):
        several = any("," in line for line in block.lines)  # commas between such lines would be read as theirs
        return "\n".join(map(_item, block.lines)) if several else folded(", ".join(block.lines))
    if isinstance(block, Strip):
        return folded(block.line)
    return "\n".join(map(_item, block.lines)) if isinstance(block, Items) else ""


def bars(some: tuple[Bar, ...], width: int = 0) -> str:
    """One line for each part; on a terminal with a bar of at most `width` signs."""
    most = max((b.number.count for b in some), default=0)
    if not width:
        return "\n".join(f"{b.number.count:>{INDENT}}  {b.label}" for b in some)
    wide = max((len(b.label) for b in some), default=0)
    return "\n".join(
        f"  {b.label:<{wide}}  {b.number.count:>4}  {'#' * _signs(b.number.count, most, width)}".rstrip() for b in some
    )


def _signs(count: int, most: int, width: int) -> int:
    return max(round(width * count / most), 1) if count else 0


def _item(line: str) -> str:
    return folded(f"- {line}", "  ")


def folded(text_: str, indent: str = "") -> str:
    """The text in lines of at most WIDTH characters."""
    lines, line = [], ""
    for word in filter(None, re.split(r"[ \n]+", text_)):  # a no-break space holds a number and its unit together
        if line and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = f"{indent}{word}"
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])
