"""Runs variants alternately, each as a process of its own: seconds, CPU, peak memory, and what it says it did.

A program that prints a line of JSON with "seconds" has timed its own work, without its start; of others the whole life
counts. The order turns from round to round, so that nobody always runs into the same neighbour.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `seconds` of work, CPU seconds and peak MiB of the process with its children, and what it said."""

    seconds: float
    cpu: float
    rss: float
    said: Mapping[str, Any] = field(default_factory=dict)


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Runs it. Raises SystemExit with its last words when it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdout is not None
    said = process.stdout.read().decode("utf-8", "replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{said[-2000:]}")
    report = _report(said)
    return Run(report.get("seconds", wall), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, report)


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


def seconds(runs: Sequence[Run]) -> float:
    """The median."""
    return median(run.seconds for run in runs)


def load() -> str:
    """What the machine does beside."""
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
