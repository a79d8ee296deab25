"""What attachments cost: the same mail with a tenth carrying 5 MB, and without any."""

from statistics import median

from . import endtoend
from .asked import Asked
from .results import Report
from .running import alternate, seconds
from .workload import Workload

SIZE, QUICK = 500, 100
FIVE_MB = 5_000_000
WITHOUT, WITH = "without", "with"


def measure(asked: Asked) -> Report:
    """The table."""
    size = asked.size
    told = f"{size:,} messages, {asked.rounds} rounds"
    report = Report("attachments", f"{size} messages: 10 % with 5 MB against none", told)
    heavy = Workload(size, attachments=0.1, smallest=FIVE_MB, largest=FIVE_MB, unique=asked.unique)
    light = Workload(size, attachments=0.0, unique=asked.unique)
    with endtoend.stage(heavy) as with_them, endtoend.stage(light) as without:
        calls = {WITHOUT: lambda: endtoend.vamaild(without), WITH: lambda: endtoend.vamaild(with_them)}
        found = alternate(calls, asked.rounds)
    peaks = {name: [float(r.said["peak_mib"]) for r in runs] for name, runs in found.items()}
    for name, runs in found.items():
        report.add(f"{name} attachments", [size / r.seconds for r in runs], "messages/s")
        report.add(f"{name} attachments, peak memory", peaks[name], "MiB")
    what = "attachments: 10 % with 5 MB against none"
    slower = (seconds(found[WITH]), seconds(found[WITHOUT]))
    report.ratio(f"{what}, time a message", "<= 1.3x", 1.3, *slower, at_most=True)
    more = [with_them - median(peaks[WITHOUT]) for with_them in peaks[WITH]]
    report.most(f"{what}, peak RSS", "+<= 20 MiB", 20.0, more, "MiB")
    return report
