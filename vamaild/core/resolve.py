"""How matters end by themselves, and how many urgent ones could wait: a lower and an upper bound.

Said and silent are kept apart: silence is no satisfaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from .calendar import is_open
from .letter import bare_subject
from .ruleset import Week


class Resolved(StrEnum):
    """How a message ended: the customer said so, a person answered, or nothing more came. The first is the surest."""

    SAID = "said"
    ANSWERED = "answered"
    SILENT = "silent"


SUREST = tuple(Resolved)


@dataclass(frozen=True, slots=True)
class Urgent:
    """A message that was called urgent, and how it ended. `could_wait` is a person's verdict; None: nobody said."""

    message: int
    address: str
    subject: str
    received: datetime
    resolved: Resolved | None = None
    could_wait: bool | None = None


def surer(new: Resolved, old: Resolved | None) -> bool:
    """Whether this says more than what is known."""
    return old is None or SUREST.index(new) < SUREST.index(old)


def matters(rows: Iterable[Urgent]) -> tuple[Urgent, ...]:
    """One for each person and subject: how the matter ended at its surest, "could not wait" before "could"."""
    found: dict[tuple[str, str], Urgent] = {}
    for row in rows:
        name = (row.address.lower(), bare_subject(row.subject).casefold())
        found[name] = _together(found[name], row) if name in found else row
    return tuple(found.values())


def _together(one: Urgent, other: Urgent) -> Urgent:
    ways = [r.resolved for r in (one, other) if r.resolved]
    verdicts = [r.could_wait for r in (one, other) if r.could_wait is not None]
    return Urgent(
        *(one.message, one.address, one.subject, min(one.received, other.received)),
        resolved=min(ways, key=SUREST.index, default=None),
        could_wait=all(verdicts) if verdicts else None,
    )


def could_wait(rows: Sequence[Urgent]) -> tuple[int, int]:
    """(at least, at most) so many of these urgent matters could wait; of how many, says `len(matters(rows))`.

    At least those whose sender said that it is solved, or of which a person says so; at most those, too, of which
    nothing more was heard. What a person says could not wait is in neither.
    """
    judged = [m for m in matters(rows) if m.could_wait is not False]
    lower = sum(m.could_wait is True or m.resolved is Resolved.SAID for m in judged)
    silent = sum(m.could_wait is None and m.resolved is Resolved.SILENT for m in judged)
    return lower, lower + silent


def working_days_between(first: date, last: date, week: Week) -> int:
    """How many working days have gone by since this day, which does not count."""
    return sum(is_open(first + timedelta(days=n), week) for n in range(1, max((last - first).days, 0) + 1))
