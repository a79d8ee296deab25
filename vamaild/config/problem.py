"""A problem in a file somebody wrote, told so that a non-programmer can mend it: where, what, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

SHOWN = 100


class Severity(StrEnum):
    """An error sets its file aside; what is needed fails `check` and sets nothing aside; a warning is only said."""

    ERROR = "error"
    NEEDED = "needed"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One complaint. `line` counts from 1; 0 means the file as a whole. `shown_line` is that line as it was written."""

    file: str
    line: int
    what: str
    help: str = ""
    shown_line: str = ""
    severity: Severity = Severity.ERROR

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        warning = "" if self.is_error else f"{self.severity}: "
        lines = [f"{where}  {warning}{self.what}"]
        if self.shown_line:
            lines.append(f"    {self.line} | {shortened(self.shown_line)}")
        lines += [f"    {line}" for line in self.help.splitlines()]
        return "\n".join(lines)


def shortened(line: str) -> str:
    """A line for showing: without control characters and not endless."""
    plain = "".join(c if c.isprintable() else " " for c in line.strip())
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + "…"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The nearest of the known words, or all of them when none is near."""
    names = sorted(known)
    near = get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else "known here: " + ", ".join(names)


def nearest(word: str, known: Iterable[str]) -> str:
    """As `did_you_mean`, but "" when nothing is near: for lists too long to print."""
    by_folded = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), by_folded, n=1, cutoff=0.6)
    return f'did you mean "{by_folded[near[0]]}"?' if near else ""
