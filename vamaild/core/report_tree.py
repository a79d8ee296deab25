"""A report as a tree of values: headline, what is to be done, sections of sentences, bars and tables. No markup."""

import re
from dataclasses import dataclass
from enum import StrEnum

from .letter import clean
from .report_parts import Number

ADDRESS = re.compile(r"[^\s<>,;:\"']+@[^\s<>,;:\"']+")
HIDDEN = "…"


class Tint(StrEnum):
    """What a bar stands for: fine, unknown or nothing to do, asked something of somebody, an emergency."""

    FINE = "fine"
    UNKNOWN = "unknown"
    BUSY = "busy"
    GRAVE = "grave"


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a whole; `number.name` is what `report --list` takes."""

    label: str
    number: Number
    of: int
    tint: Tint


@dataclass(frozen=True, slots=True)
class Bars:
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: the first column is text, the others are figures. `trends` has a few small bars for each row (0 to 100).

    `lines` say the same in plain text.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[str, ...]
    trends: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Strip:
    """How many in each hour of each weekday; `line` says it in plain text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    line: str


@dataclass(frozen=True, slots=True)
class Items:
    lines: tuple[str, ...]


Block = str | Bars | Grid | Strip | Items


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """`about` says which time, `headline` the one number that matters; `warnings` stand above everything."""

    language: str
    title: str
    about: str
    headline: str
    todo_title: str
    todo: tuple[str, ...]
    sections: tuple[Section, ...]
    foot: str
    warnings: tuple[str, ...] = ()


def shown(text: str, limit: int = 48) -> str:
    """Words of a customer as they may be shown to the assistant: one short line, no address in it."""
    return clean(ADDRESS.sub(HIDDEN, clean(text, 400)), limit)
