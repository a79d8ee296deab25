"""Many idle mailboxes in one process: memory a mailbox beyond the first ten, and CPU while nothing happens.

How many of them wait in IDLE is said: Dovecot watches no more than the kernel lets it (fs.inotify).

`python -m benchmarks.idle CONFIG STATE COUNT SECONDS` is the process that is measured.
"""

import json
import os
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from vamaild.adapters.mailbox import ImapMailbox
from vamaild.adapters.systemd import Notifier
from vamaild.boxes import mailroom
from vamaild.daemon import Daemon

from . import endtoend, memory, ours, setting
from .asked import Asked
from .results import Report
from .running import Run, python, run
from .workload import Workload

SIZE, QUICK = 500, 60
ALSO = 2_000
FEW, REST, LONGEST = 10, 10.0, 300.0
LIMITS = {name: Path(f"/proc/sys/fs/inotify/max_user_{name}") for name in ("instances", "watches")}


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
    print(json.dumps({"seconds": 0.0, "idle": idle, "mib": memory.resident(os.getpid()), "cpu": used}), flush=True)
    os._exit(0)


def _waits(box: object) -> bool:
    inner = getattr(box, "inner", box)
    return isinstance(inner, ImapMailbox) and inner.fileno() is not None


def allow(count: int) -> None:
    """So many connections need files. More than is allowed is not to be had: then fewer wait."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4 * count + 500), hard), hard))


def resting(at: endtoend.Stage, count: int) -> Run:
    """A process with so many mailboxes."""
    _, place = at.fresh()
    boxes = [setting.Box(f"box{n}", a, a.tls_port) for n in range(count) for a in (at.server.account(at.pile),)]
    config = setting.write(place, boxes, at.sink.port)
    return run(python("idle", config, place / "state", count, REST if count > FEW else 1.0))


def measure(asked: Asked) -> Report:
    """The table: in the usual size a larger one too. Rounds do not matter."""
    counts = [asked.size, ALSO] if asked.size == SIZE else [asked.size]
    report = Report("idle", f"{' and '.join(map(str, counts))} idle mailboxes in one process")
    allow(max(counts))
    limits = (f"max_user_{name} = {path.read_text().strip()}" for name, path in LIMITS.items() if path.exists())
    report.notes.append(f"fs.inotify: {', '.join(limits)}")
    with endtoend.stage(Workload(0, attachments=0.0)) as at:
        few = resting(at, FEW)
        report.add(f"memory with {FEW} mailboxes", [few.said["mib"]], "MiB")
        for count in counts:
            _tell(report, count, few, resting(at, count))
    return report


def _tell(report: Report, count: int, few: Run, many: Run) -> None:
    each, rest = 1024 * (many.said["mib"] - few.said["mib"]) / (count - FEW), 100 * float(many.said["cpu"])
    told = f"TLS, {many.said['idle']:,} of {count:,} wait in IDLE"
    report.add(f"memory with {count} mailboxes", [many.said["mib"]], "MiB", told)
    report.add(f"memory a mailbox, of {count}", [each], "KiB")
    report.add(f"CPU at rest with {count}", [rest], "% of a core", f"over {REST:.0f} s")
    what = f"{count:,} idle mailboxes in one process"
    report.most(f"{what}, memory a mailbox beyond the first {FEW}", "<= 40 kB", 40.0, [each], "KiB", told)
    report.most(f"{what}, CPU at rest", "< 0.5 % of a core", 0.5, [rest], "%", f"{told}, {REST:.0f} s")


if __name__ == "__main__":
    wait_in_idle(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
