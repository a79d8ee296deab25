"""What attachments cost: the same mail with a tenth carrying 5 MB, and without any."""

from . import endtoend
from .results import Report, Target
from .running import alternate, seconds
from .workload import Workload

SIZE, QUICK = 500, 100
FIVE_MB = 5_000_000


def measure(size: int, rounds: int) -> Report:
    """The table."""
    report = Report("attachments", f"{size} messages: 10 % with 5 MB against none")
    heavy = Workload(size, attachments=0.1, smallest=FIVE_MB, largest=FIVE_MB)
    with endtoend.stage(heavy) as with_them, endtoend.stage(Workload(size, attachments=0.0)) as without:
        found = alternate(
            {"without": lambda: endtoend.vamaild(without), "with": lambda: endtoend.vamaild(with_them)}, rounds
        )
    for name, runs in found.items():
        report.add(f"{name} attachments", [size / r.seconds for r in runs], "messages/s")
        report.add(f"{name} attachments, peak memory", [r.said["peak_mib"] for r in runs], "MiB")
    ratio = seconds(found["with"]) / seconds(found["without"])
    more = report.lines[3].middle - report.lines[1].middle
    what = "attachments: 10 % with 5 MB against none"
    report.targets.append(Target(f"{what}, time a message", "<= 1.3x", ratio, 1.3, at_most=True))
    report.targets.append(Target(f"{what}, peak RSS", "+<= 20 MiB", more, 20.0, "MiB", at_most=True))
    return report
