"""The first start on a big backlog: how much memory it takes over time, how fast it goes, whether it can be stopped.

Nothing is sent. Memory is that of the service and of the process that reads mail for it, looked at twice a second. When
the time is over the service is asked to stop; how far it came is said.
"""

import signal
import sqlite3
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from vamaild.core.ledger import DATABASE

from . import endtoend, memory, setting
from .asked import Asked
from .results import Report
from .running import python
from .workload import Workload

SIZE, QUICK = 100_000, 1_000
EVERY = 0.5
WARM, WARM_MESSAGES = 0.2, 1_000
"""Warming up is a fifth of the run, and so many messages at least: then everything was used once."""


@dataclass(frozen=True, slots=True)
class Moment:
    """How it stood at some second: MiB of everything, MiB of the service alone, messages decided."""

    second: float
    whole: float
    alone: float
    done: int


@dataclass(slots=True)
class Watched:
    """A run from outside; `stopped` is how many seconds it took to end when it was asked to, None when it had ended."""

    moments: list[Moment]
    seconds: float
    stopped: float | None = None


def measure(asked: Asked) -> Report:
    """The table; it is one long run."""
    report = Report("backlog", f"First start on {asked.size} unread messages")
    with endtoend.stage(Workload(asked.size, attachments=0.0, unique=asked.unique)) as at:
        account, place = at.fresh()
        config = setting.write(place, [setting.Box("inbox", account, account.tls_port)], at.sink.port)
        ledger = place / "state" / DATABASE
        command = python("ours", config, place / "state", endtoend.MOMENT.isoformat(), "--no-send")
        seen = watched(command, ledger, 60 * asked.minutes)
        reached = known(ledger)
    report.size = f"{reached:,} of {asked.size:,} messages reached in {seen.seconds / 60:.1f} minutes"
    report.add("throughput", [reached / seen.seconds], "messages/s", "with its start")
    if seen.stopped is not None:
        report.add("asked to stop: ended after", [seen.stopped], "s")
    tell(report, seen.moments, f"backlog of {asked.size:,} messages at first start")
    return report


def tell(report: Report, moments: Sequence[Moment], what: str) -> None:
    """Memory over time, and whether it is flat."""
    parts = tenths(moments)
    for number, part in enumerate(parts, 1):
        note = f"up to {part[-1].done:,} messages; the service alone {max(m.alone for m in part):.0f} MiB"
        report.add(f"memory in the {number}. tenth, most", [max(m.whole for m in part)], "MiB", note)
    grown, flat = growth(moments), "flat within 10 %"
    peak = max(m.whole for m in moments)
    report.most(f"{what}, peak memory", "flat, <= 150 MiB", 150.0, [peak], "MiB")
    if grown is None:
        report.without(f"{what}, growth after warming up", flat, f"too short: {moments[-1].done:,} messages")
        return
    report.add("growth after warming up", [grown[0]], "%", f"{grown[1]:+.1f} MiB for 100,000 messages more")
    report.most(f"{what}, growth after warming up", flat, 10.0, [grown[0]], "%")


def tenths(moments: Sequence[Moment]) -> list[Sequence[Moment]]:
    """In order; fewer where there are not ten moments."""
    size = max(len(moments) / 10, 1.0)
    cut = [moments[int(n * size) : int((n + 1) * size)] for n in range(10)]
    return [part for part in cut if part]


def growth(moments: Sequence[Moment]) -> tuple[float, float] | None:
    """(how much more memory in the last tenth than right after warming up, in percent; MiB for 100,000 messages).

    None where there is too little after it to say.
    """
    warm = [m for m in moments[int(WARM * len(moments)) :] if m.done >= WARM_MESSAGES]
    if not warm or warm[-1].done < 2 * WARM_MESSAGES:
        return None
    tenth = max(len(moments) // 10, 1)
    first, last = (median(m.whole for m in part) for part in (warm[:tenth], warm[-tenth:]))
    middle, mean = fmean(m.done for m in warm), fmean(m.whole for m in warm)
    over = sum((m.done - middle) ** 2 for m in warm)
    slope = sum((m.done - middle) * (m.whole - mean) for m in warm) / over if over else 0.0
    return 100 * (last / first - 1), 100_000 * slope


def watched(command: list[str], ledger: Path, longest: float) -> Watched:
    """Runs it for so many seconds at most."""
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as process:
        seen, asked = Watched([], 0.0), 0.0
        while process.poll() is None:
            now = time.monotonic()
            if not asked and now - began > longest:
                process.send_signal(signal.SIGTERM)
                asked = now
            sizes = [memory.resident(pid) for pid in memory.tree(process.pid)]
            if sizes[0] and not asked:
                seen.moments.append(Moment(now - began, sum(sizes), sizes[0], known(ledger)))
            time.sleep(EVERY)
    ended = time.monotonic()
    if process.returncode:
        raise SystemExit(f"the service ended with {process.returncode}")
    seen.seconds, seen.stopped = (asked or ended) - began, ended - asked if asked else None
    return seen


def known(ledger: Path) -> int:
    """How many messages are in the ledger; nothing is deleted here, so the last number tells."""
    with suppress(sqlite3.Error):
        found = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=1)
        try:
            return int(found.execute("SELECT max(id) FROM message").fetchone()[0] or 0)
        finally:
            found.close()
    return 0
