"""`python -m benchmarks NAME ...`: measures, prints, keeps in benchmarks/results/ (JSON, and a page with bars).

Without a name: the end to end comparison. `all`: everything. `targets`: the table of docs/performance.md.
"""

import argparse
from collections.abc import Callable

from . import attachments, backlog, endtoend, idle, latency, ledger, rtt, rules, startup
from .results import HEAD, Report

BENCHMARKS = {
    "end-to-end": endtoend,
    "rtt": rtt,
    "rules": rules,
    "attachments": attachments,
    "backlog": backlog,
    "ledger": ledger,
    "latency": latency,
    "idle": idle,
    "start-up": startup,
}


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", default=["end-to-end"], help=", ".join([*BENCHMARKS, "all", "targets"]))
    parser.add_argument("--quick", action="store_true", help="small sizes: a first impression in minutes")
    parser.add_argument("--size", type=int, help="how many messages, rules, rows or mailboxes")
    parser.add_argument("--rounds", type=int, help="how often each variant runs")
    given = parser.parse_args()
    names = [*BENCHMARKS] if {"all", "targets"} & {*given.name} else given.name
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no {unknown[0]}; there are: {', '.join(BENCHMARKS)}, all, targets")
    reports = [measured(name, given.quick, given.size, given.rounds) for name in names]
    if "targets" in given.name:
        print("\n" + "\n".join([HEAD, *(str(target) for report in reports for target in report.targets)]))
        print(f"\n{reports[0].machine}")


def measured(name: str, quick: bool, size: int | None = None, rounds: int | None = None) -> Report:
    """One of them, shown and kept."""
    module = BENCHMARKS[name]
    measure: Callable[[int, int], Report] = module.measure
    report = measure(size or (module.QUICK if quick else module.SIZE), rounds or (1 if quick else 3))
    report.show()
    return report


if __name__ == "__main__":
    main()
