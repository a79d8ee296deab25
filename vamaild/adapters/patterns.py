"""Regular expressions of rule files, behind the `regex` library: Unicode right, and stopped when they take too long."""

from dataclasses import dataclass
from typing import Any

import regex

SECONDS = 0.2
LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class TimedPattern:
    """A compiled expression; case does not matter, as with phrases."""

    compiled: Any
    seconds: float = SECONDS

    def search(self, text: str) -> str:
        """The words that matched, or ""; raises TimeoutError after `seconds`."""
        match = self.compiled.search(text, timeout=self.seconds)
        return str(match.group()) if match else ""


def compile_regex(pattern: str, seconds: float = SECONDS) -> TimedPattern:
    """Raises ValueError with a plain sentence for an expression that cannot be used."""
    if len(pattern) > LONGEST:
        raise ValueError(f"it has {len(pattern):,} characters; {LONGEST:,} are the most")
    try:
        compiled = regex.compile(pattern, regex.IGNORECASE | regex.VERSION0)
    except regex.error as error:
        where = f" at character {error.pos + 1}" if error.pos is not None else ""
        raise ValueError(f"{error.msg}{where}") from None
    except (OverflowError, RecursionError):
        raise ValueError("it is nested or repeated too often") from None
    return _useful(TimedPattern(compiled, seconds))


def _useful(pattern: TimedPattern) -> TimedPattern:
    if pattern.compiled.search("", timeout=pattern.seconds):
        raise ValueError("it fits every text, even an empty one")
    return pattern
