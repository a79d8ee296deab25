"""Which files are not in force as they stand, kept where `vamaild status` finds it: STATE/in-force.json.

The service alone knows: it is written after every reading, whole or not at all. No secret is in it, because no problem
quotes one.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `status` reads only, and must answer at once
    from .wire import Loaded

FILE = "in-force.json"


@dataclass(frozen=True, slots=True)
class Old:
    """A file that is not in force as it stands, and why. `client` is "" where it belongs to none.

    `kept`: its last good version is in force instead; else nothing of it is.
    """

    file: str
    line: int
    what: str
    client: str = ""
    kept: bool = True

    def __str__(self) -> str:
        place = f"{self.file.rpartition('/')[2]}:{self.line}" if self.line else self.file.rpartition("/")[2]
        return f"old rules: {place}" if self.kept else f"no rules: {place}"


def keep(loaded: "Loaded", state: Path, now: datetime) -> None:
    """Keeps what is wrong with what was read; a full disk keeps nothing, and the mail goes on."""
    text = json.dumps({"at": now.isoformat(), "old": [asdict(old) for old in _old(loaded)]}, ensure_ascii=False)
    path, new = state / FILE, state / f".{FILE}.new"
    with suppress(OSError):
        new.write_text(text, encoding="utf-8")
        new.chmod(0o600)
        new.replace(path)


def _old(loaded: "Loaded") -> list[Old]:
    """The first fault of every file that has one."""
    aside = {found.file: found for found in loaded.configuration.set_aside}
    running = loaded.configuration.rulebook is not None
    first = {problem.file: problem for problem in reversed(loaded.errors)}
    return [
        Old(
            name,
            problem.line,
            problem.what,
            aside[name].client if name in aside else "",
            aside[name].kept if running and name in aside else True,
        )
        for name, problem in sorted(first.items())
    ]


def read(state: Path) -> tuple[Old, ...]:
    """What was kept; nothing where nothing can be read."""
    try:
        return tuple(Old(**old) for old in json.loads((state / FILE).read_text(encoding="utf-8"))["old"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()
