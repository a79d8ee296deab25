"""A week of the service in minutes: mail in small rounds, the day's and the week's own work, new rules every day.

Whether its memory stays flat is what is looked at. The clock stands still in a round and then goes on by ten minutes.
`python -m benchmarks.week CONFIG STATE MAILDIR PILE DAYS` is the process that is measured.
"""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from vamaild import warming, wire
from vamaild.adapters.clock import MovingClock
from vamaild.adapters.systemd import Notifier
from vamaild.boxes import mailroom
from vamaild.cli.run import again
from vamaild.core.ledger import DATABASE
from vamaild.daemon import Daemon
from vamaild.service import Rules

from . import endtoend, memory, ours, setting
from .asked import Asked
from .results import Report
from .running import Run, python, run
from .workload import START, Workload

SIZE, QUICK = 4_000, 300
DAYS, STEP = 7, timedelta(minutes=10)
LARGEST = 1_000_000
"""Bytes of an attachment: attachments have a benchmark of their own."""
MORE = """
[report]
send = "fri 16:00"
agency = "office@agency.example"
agency_send = "mon 07:00"

[privacy]
keep_text = "2d"
keep_events = "3d"
"""
"""So that there is something to delete within the week."""


def live(config: Path, state: Path, maildir: Path, pile: Path, days: float) -> None:
    """All of it; then a line of JSON: MiB and messages at every hour."""
    clock = MovingClock(START)
    service = ours.service_of(config, state, START, clock)

    def reload() -> Rules | None:
        rules = again(lambda: wire.load(config, state), state, service)
        service.journal = ours.Silent()
        return rules

    daemon = Daemon(service, Notifier({}), reload)
    daemon.room = mailroom(service)
    daemon.settle = warming.settle
    daemon.start()
    warming.warm_up(service)
    daemon.settle()
    began, hours, coming = time.perf_counter(), [], Coming(pile, maildir)
    for step in range(round(days * timedelta(days=1) / STEP)):
        now = clock.advance(STEP)
        coming.until(now)
        if now.hour == now.minute == 0:
            daemon.wishes.reload = True
        daemon.heed()
        if not daemon.cycle():
            raise SystemExit(f"round {step} failed")
        if not now.minute:
            sizes = [memory.resident(pid) for pid in memory.tree(os.getpid())]
            hours.append((sum(sizes), sizes[0], coming.count))
    daemon.room.close()
    said = {"seconds": time.perf_counter() - began, "hours": hours, "reloads": round(days), **done(state)}
    print("\n" + json.dumps(said), flush=True)


def done(state: Path) -> dict[str, int]:
    """What the nights have done."""
    ledger = sqlite3.connect(f"file:{state / DATABASE}?mode=ro", uri=True)
    messages, deleted = ledger.execute("SELECT count(*), total(purged > 0) FROM message").fetchone()
    ledger.close()
    copies = sum(path.is_file() for path in (state / "backup").glob("*"))
    return {"messages": messages, "deleted": int(deleted), "copies": copies}


class Coming:
    """Puts mail into a Maildir when its time has come."""

    def __init__(self, pile: Path, maildir: Path) -> None:
        self.count = 0
        self._rest: Iterator[Path] = iter(sorted((pile / "new").iterdir()))
        self._next = next(self._rest, None)
        self._to = maildir / "new"

    def until(self, now: datetime) -> None:
        """Everything that comes before this moment."""
        while self._next is not None and datetime.fromtimestamp(self._next.stat().st_mtime, UTC) <= now:
            os.link(self._next, self._to / self._next.name)
            self._next, self.count = next(self._rest, None), self.count + 1


def measure(asked: Asked) -> Report:
    """The table; it is one long run."""
    report = Report("week", f"A week of simulated running, {asked.size} messages")
    mails = Workload(asked.size, hours=24.0 * DAYS, largest=LARGEST, unique=asked.unique)
    with endtoend.stage(mails) as at:
        account, place = at.server.account(), at.folder
        at.server.give(at.pile)
        config = setting.write(place, [setting.Box("inbox", account, account.tls_port)], at.sink.port, more=MORE)
        found = run(python("week", config, place / "state", account.home / "Maildir", at.pile, DAYS))
        replies = at.sink.count()
    report.size = f"{found.said['messages']:,} messages, {DAYS} days, a round every 10 minutes"
    rounds, note = DAYS * (timedelta(days=1) / STEP), f"{found.seconds:.0f} s in all, CPU {found.cpu:.0f} s"
    report.add("rounds", [rounds / found.seconds], "a second", note)
    report.notes.append(
        f"{replies} mails sent; read again {found.said['reloads']} times; copies made in the night: "
        f"{found.said['copies']}; messages whose text was deleted: {found.said['deleted']}"
    )
    tell(report, found)
    return report


def tell(report: Report, found: Run) -> None:
    """Memory by the day, and how much more it is in the last one than after the first."""
    hours: list[list[float]] = found.said["hours"]
    days = [hours[n : n + 24] for n in range(0, len(hours), 24)]
    for number, day in enumerate(days, 1):
        note = f"up to {day[-1][2]:,.0f} messages; the service alone {median(h[1] for h in day):.0f} MiB"
        report.add(f"memory on day {number}, median", [median(h[0] for h in day)], "MiB", note)
    first, last = (median(h[0] for h in day) for day in (days[min(1, len(days) - 1)], days[-1]))
    most = max(h[0] for h in hours)
    report.add("the most at any hour", [most], "MiB")
    what = "a week of simulated running: memory on the last day against the second"
    report.most(what, "flat within 10 %", 10.0, [100 * (last / first - 1)], "%")


if __name__ == "__main__":
    live(*map(Path, sys.argv[1:5]), float(sys.argv[5]))
