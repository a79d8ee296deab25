"""Reads the configuration again while mail goes on: on a thread of its own, when asked to or when a file has changed.

A file that is being written is left alone: nothing is read before everything has been as it is for a second. What was
read is taken over by the loop, all at once, between two messages.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

from .wire import Loaded
from .workers import Job

Mark: TypeAlias = frozenset[tuple[str, int, int, int]]
LOOK_EVERY, WHILE_CHANGING, SETTLED = 2.0, 0.25, 1.0


def mark_of(config: Path, state: Path) -> Mark:
    """How the files are now: names, sizes, moments; nothing is opened."""
    tops = [config / "vamaild.toml", config / "secrets.toml"]
    folders = [config / "rules.d", config / "templates", state / "rules.d"]
    return frozenset(found for path in (*tops, *folders) for found in _marks(path))


def _marks(path: Path) -> Iterator[tuple[str, int, int, int]]:
    try:
        about = path.stat()
        yield str(path), about.st_mtime_ns, about.st_size, about.st_ino
        inside = [Path(entry.path) for entry in os.scandir(path)] if path.is_dir() else []
    except OSError:  # gone, or not ours to see: the reading tells of it
        return
    for entry in inside:
        yield from _marks(entry)


@dataclass(slots=True)
class Reader:
    """`load` reads everything, `marks` tells how the files are; `told` is called when it is read, on another thread."""

    load: Callable[[], Loaded]
    marks: Callable[[], Mark]
    told: Callable[[], object] = lambda: None
    now: Callable[[], float] = time.monotonic
    _reading: Job | None = None
    _once_more: bool = False
    _used: Mark = frozenset()
    _seen: Mark = frozenset()
    _since: float = 0.0
    _next: float = 0.0

    def __post_init__(self) -> None:
        self._used = self._seen = self.marks()

    def begin(self) -> None:
        """Reads everything again; when that is going on already, once more after it."""
        self._used = self.marks()
        self._once_more = self._reading is not None and not self._reading.done
        if not self._once_more:
            self._reading = Job(self.load)
            threading.Thread(target=self._work, args=(self._reading,), daemon=True, name="vamaild-reload").start()

    def _work(self, reading: Job) -> None:
        reading.work()
        self.told()

    def look(self) -> bool:
        """Whether something was read that is to be taken; begins to read when the files have changed."""
        self._watch()
        if self._reading is None or not self._reading.done:
            return False
        if self._once_more:
            self.begin()
            return False
        return True

    def take(self) -> Loaded:
        """What was read, once. Raises whatever went wrong."""
        reading, self._reading = self._reading, None
        if reading is None or reading.error is not None:
            raise (reading.error if reading else None) or RuntimeError("nothing was read")
        return cast(Loaded, reading.result)

    def _watch(self) -> None:
        now = self.now()
        if now < self._next:
            return
        mark = self.marks()
        if mark != self._seen:
            self._seen, self._since = mark, now
        changed = mark != self._used
        if changed and now - self._since >= SETTLED:
            self.begin()
        self._next = now + (WHILE_CHANGING if changed else LOOK_EVERY)
