"""The first start on a big backlog: how much memory it takes over time, and how fast it goes.

Nothing is sent. Memory is that of the service and of the process that reads mail for it, looked at twice a second.
"""

import subprocess
import time
from datetime import timedelta
from pathlib import Path

from . import endtoend, setting
from .results import Report, Target
from .running import python
from .workload import Workload

SIZE, QUICK = 100_000, 1_000
EVERY = 0.5


def measure(size: int, rounds: int) -> Report:
    """The table; `rounds` does not matter: it is one long run."""
    report = Report("backlog", f"First start on {size} unread messages")
    with endtoend.stage(Workload(size, attachments=0.0)) as at:
        account, place = at.fresh()
        config = setting.write(place, [setting.Box("inbox", account, account.tls_port)], at.sink.port)
        moment = endtoend.MOMENT + timedelta(0)
        command = python("ours", config, place / "state", moment.isoformat(), "--no-send")
        began = time.perf_counter()
        memory = _watched(command)
        seconds = time.perf_counter() - began
    tenth = max(len(memory) // 10, 1)
    warm = max(memory[: 2 * tenth])
    for part in range(10):
        slice_ = memory[part * tenth : (part + 1) * tenth] or memory[-1:]
        report.add(f"memory in the {part + 1}. tenth, most", [max(slice_)], "MiB")
    report.add("throughput", [size / seconds], "messages/s", "with its start")
    report.add("growth after the first fifth", [max(memory) / warm], "x", "1.1 is flat within 10 %")
    what = f"backlog of {size:,} messages at first start, peak memory"
    report.targets.append(Target(what, "flat, <= 150 MiB", max(memory), 150.0, "MiB", at_most=True))
    return report


def _watched(command: list[str]) -> list[float]:
    """Runs it; MiB over time."""
    found = []
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as process:
        while process.poll() is None:
            if mib := _memory(process.pid):
                found.append(mib)
            time.sleep(EVERY)
    if process.returncode:
        raise SystemExit(f"the service ended with {process.returncode}")
    return found


def _memory(pid: int) -> float:
    """Of the process and its children; 0 when it is gone."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return sum(map(_rss, [pid, *map(int, children.read_text().split())]))
    except (OSError, ValueError):
        return 0.0


def _rss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)
