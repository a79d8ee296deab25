"""Many idle mailboxes in one process: memory a mailbox beyond the first ten, and CPU while nothing happens.

`python -m benchmarks.idle CONFIG STATE COUNT SECONDS` is the process that is measured.
"""

import json
import os
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from vamaild.adapters.systemd import Notifier
from vamaild.boxes import mailroom
from vamaild.daemon import Daemon

from . import endtoend, ours, setting
from .results import Report, Target
from .running import Run, python, run
from .workload import Workload

SIZE, QUICK = 500, 60
FEW, REST, LONGEST = 10, 10.0, 300.0
INSTANCES = Path("/proc/sys/fs/inotify/max_user_instances")


def wait_in_idle(config: Path, state: Path, count: int, seconds: float) -> None:
    """Until all of them wait in IDLE; then memory, and what resting costs."""
    service = ours.service_of(config, state, datetime.now(UTC))
    service.send = False
    daemon = Daemon(service, Notifier({}), lambda: None)
    daemon.room = mailroom(service)
    ends, idle = time.monotonic() + LONGEST, 0
    while idle < count and time.monotonic() < ends:
        daemon.turn()
        idle = sum(_waits(box) for box in service.mailboxes.values())
    cpu, began = time.process_time(), time.monotonic()
    while time.monotonic() < began + seconds:
        daemon.turn()
    used = (time.process_time() - cpu) / (time.monotonic() - began)
    print(json.dumps({"seconds": 0.0, "idle": idle, "kib": _kib(), "cpu": used}), flush=True)
    os._exit(0)


def _waits(box: object) -> bool:
    inner = getattr(box, "inner", box)
    return inner.fileno() is not None  # type: ignore[attr-defined]


def _kib() -> float:
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmRSS:"))
    return float(line.split()[1])


def allow(count: int) -> None:
    """Dovecot needs an inotify instance a connection; without it notices are missed, and mail is polled for."""
    if os.geteuid() == 0 and int(INSTANCES.read_text()) < count + 200:
        INSTANCES.write_text(str(count + 200))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4 * count + 500), hard), hard))


def resting(at: endtoend.Stage, count: int) -> Run:
    """A process with so many mailboxes."""
    _, place = at.fresh()
    boxes = [setting.Box(f"box{n}", a, a.tls_port) for n in range(count) for a in (at.server.account(at.pile),)]
    config = setting.write(place, boxes, at.sink.port)
    return run(python("idle", config, place / "state", count, REST if count > FEW else 1.0))


def measure(size: int, rounds: int) -> Report:
    """The table; `rounds` does not matter."""
    report = Report("idle", f"{size} idle mailboxes in one process")
    allow(size)
    with endtoend.stage(Workload(0, attachments=0.0)) as at:
        few, many = resting(at, FEW), resting(at, size)
    each = (many.said["kib"] - few.said["kib"]) / (size - FEW)
    report.add(f"memory with {FEW} mailboxes", [few.said["kib"] / 1024], "MiB")
    report.add(f"memory with {size} mailboxes", [many.said["kib"] / 1024], "MiB", f"{many.said['idle']} wait in IDLE")
    report.add("memory a mailbox", [each], "kB")
    report.add("CPU at rest", [100 * many.said["cpu"]], "% of a core")
    what = f"{size} idle mailboxes in one process"
    report.targets.append(Target(f"{what}, memory a mailbox", "<= 40 kB", each, 40.0, "kB", at_most=True))
    rest = 100 * float(many.said["cpu"])
    report.targets.append(Target(f"{what}, CPU at rest", "< 0.5 % of a core", rest, 0.5, "%", at_most=True))
    return report


if __name__ == "__main__":
    wait_in_idle(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
