"""How the verbs write moments, hours and tables; nothing here decides anything."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ..core.letter import clean

MINUTE = timedelta(minutes=1)


def day(at: datetime, now: datetime) -> str:
    """ "today", "Thu 3 Dec", with the year when it is not this one; both moments in one time zone."""
    if at.date() == now.date():
        return "today"
    year = f" {at.year}" if at.year != now.year else ""
    return f"{at:%a} {at.day} {at:%b}{year}"


def moment(at: datetime, now: datetime) -> str:
    """ "today 18:00", "Thu 3 Dec 12:10"."""
    return f"{day(at, now)} {at:%H:%M}"


def clock(at: datetime, now: datetime) -> str:
    """ "18:00" of today, else with its day."""
    return f"{at:%H:%M}" if at.date() == now.date() else moment(at, now)


def wait(until: datetime, now: datetime) -> str:
    """How long until then, in one unit; "now" when it is due."""
    minutes = -(-(until - now) // MINUTE)  # rounded up: what leaves in ten seconds can still be stopped
    if minutes <= 0:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def hours(value: float | None) -> str:
    """ "1.5 h"."""
    return "" if value is None else f"{value:g} h"


def both(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def cut(text: str, width: int) -> str:
    """The text on one line that does nothing to a terminal, at most so wide; 0: as wide as it is."""
    line = clean(text, 2_000)
    return line if not width or len(line) <= width else line[: width - 1].rstrip() + "…"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], widest: Sequence[int] = ()) -> list[str]:
    """Lines in columns, each as wide as it needs and at most as `widest` says (0: no limit)."""
    limits = [*widest, *[0] * (len(head) - len(widest))]
    cells = [tuple(head), *(tuple(cut(c, w) for c, w in zip(row, limits, strict=True)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
