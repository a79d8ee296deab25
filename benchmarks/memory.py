"""The memory of a program that runs, with everything it started: looked at from outside, a few times a second.

Not what the kernel says when a program has ended: that begins with the memory of whoever started it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

EVERY = 0.1


@dataclass(slots=True)
class Seen:
    """MiB of all of its processes, and of the first one alone, with the second at which they were looked at."""

    at: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)

    @property
    def peak(self) -> float:
        return max(self.whole, default=0.0)


def tree(pid: int) -> list[int]:
    """This process and what it started, and what that started."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(deeper for child in found for deeper in tree(int(child)))]


def resident(pid: int, which: str = "VmRSS:") -> float:
    """MiB of this process now, or the most it ever had (VmHWM:); 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(which)), 0.0)


@contextmanager
def watching(pid: int, every: float = EVERY) -> Iterator[Seen]:
    """Looks on a thread of its own until it is left."""
    seen, over, began = Seen(), threading.Event(), time.monotonic()

    def look() -> None:
        while not over.wait(every):
            sizes = [resident(number) for number in tree(pid)]
            if sizes[0]:
                seen.at.append(time.monotonic() - began)
                seen.whole.append(sum(sizes))
                seen.alone.append(sizes[0])

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
