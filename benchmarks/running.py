"""Runs variants alternately, each as a process of its own: seconds, CPU, peak memory, and what it says it did.

A program that prints a line of JSON with "seconds" has timed its own work, without its start; of others the whole life
counts. The order turns from round to round, so that nobody always runs into the same neighbour.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import perf_counter
from typing import Any

from . import memory


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `seconds` of work, CPU seconds and peak MiB of the process with its children, and what it said."""

    seconds: float
    cpu: float
    rss: float
    said: Mapping[str, Any] = field(default_factory=dict)


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Runs it. Raises SystemExit with its last words when it fails."""
    began = perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdout is not None
    with memory.watching(process.pid) as seen:
        said = process.stdout.read().decode("utf-8", "replace")
        _, status, usage = os.wait4(process.pid, 0)
    process.stdout.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{said[-2000:]}")
    report = _report(said)
    return Run(report.get("seconds", wall), usage.ru_utime + usage.ru_stime, seen.peak, report)


def _report(said: str) -> dict[str, Any]:
    lines = [line for line in said.splitlines() if line.startswith("{")]
    found: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    return found


def python(module: str, *arguments: object) -> list[str]:
    """A module of the benchmarks as a program."""
    return [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]


def alternate(variants: Mapping[str, Callable[[], Run]], rounds: int) -> dict[str, list[Run]]:
    """Each variant once a round."""
    found: dict[str, list[Run]] = {name: [] for name in variants}
    names = list(variants)
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            print(f"  round {number + 1}/{rounds}: {name} ...", file=sys.stderr, flush=True)
            found[name].append(variants[name]())
    return found


def seconds(runs: Sequence[Run]) -> list[float]:
    """Of each."""
    return [run.seconds for run in runs]


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine and this benchmark (with what it started and what has ended) have done so far, in seconds."""

    busy: float
    ours: float
    moment: float

    def beside(self, now: "Machine") -> str:
        """How much others used of the machine from here to `now`: an idle one shows little."""
        cores = os.cpu_count() or 1
        others = (now.busy - self.busy) - (now.ours - self.ours)
        share = max(others, 0.0) / max((now.moment - self.moment) * cores, 0.01)
        return f"{cores} cores, {100 * min(share, 1.0):.0f} % busy with other programs"


def so_far() -> Machine:
    """At this moment."""
    user, nice, system, _, _, irq, soft, steal = map(int, Path("/proc/stat").read_text().split(maxsplit=9)[1:9])
    ours = [usage for who in (RUSAGE_SELF, RUSAGE_CHILDREN) for usage in (getrusage(who),)]
    used = sum(usage.ru_utime + usage.ru_stime for usage in ours)
    return Machine((user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK"), used, perf_counter())
