"""`python -m benchmarks NAME ...`: measures, prints, keeps in benchmarks/results/ (JSON, and a page with bars).

Without a name, or as `targets`: the whole table of docs/performance.md in one run.
"""

import argparse
import time

from . import attachments, backlog, endtoend, idle, latency, ledger, rtt, rules, startup, table, week
from .asked import Asked
from .results import Report

TARGETS = "targets"
BENCHMARKS = {
    "end-to-end": endtoend,
    "rtt": rtt,
    "rules": rules,
    "attachments": attachments,
    "ledger": ledger,
    "latency": latency,
    "idle": idle,
    "start-up": startup,
    "week": week,
    "backlog": backlog,
}


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", default=[TARGETS], help=", ".join([*BENCHMARKS, TARGETS]))
    parser.add_argument("--quick", action="store_true", help="small sizes: a first impression in minutes")
    parser.add_argument("--size", type=int, help="how many messages, rules, rows or mailboxes")
    parser.add_argument("--rounds", type=int, help="how often each variant runs")
    parser.add_argument("--minutes", type=float, help="the most that the backlog may take")
    parser.add_argument("--unique", action="store_true", help="mail in which no two sentences are the same")
    given = parser.parse_args()
    whole = TARGETS in given.name
    names = [*BENCHMARKS] if whole else given.name
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no {unknown[0]}; there are: {', '.join(BENCHMARKS)}, {TARGETS}")
    began = time.monotonic()
    reports = [measured(name, asked(name, given), whole) for name in names]
    if whole:
        table.show_all(reports, (time.monotonic() - began) / 60)


def asked(name: str, given: argparse.Namespace) -> Asked:
    """How much, for this one."""
    module, usual = BENCHMARKS[name], Asked(0)
    size = given.size or (module.QUICK if given.quick else module.SIZE)
    rounds = given.rounds or (1 if given.quick else usual.rounds)
    minutes = given.minutes or (1.0 if given.quick else usual.minutes)
    return Asked(size, rounds, minutes, given.unique, all_peers=not {TARGETS} & {*given.name})


def measured(name: str, how: Asked, go_on: bool) -> Report:
    """One of them, shown and kept. `go_on`: what cannot be measured is a row that says why."""
    try:
        report = BENCHMARKS[name].measure(how)
    except SystemExit as why:
        if not go_on:
            raise
        report = Report(name, name)
        report.without(name, "", f"not measured: {str(why).splitlines()[0]}")
    table.show(report)
    return report


if __name__ == "__main__":
    main()
