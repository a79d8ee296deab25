"""Whether the ledger stays as fast when it grows: the same mail decided over 10,000 rows and over many, alternately.

The rows are copies of those that the service wrote for the workload, with other people, ids and days (fill.py). They
are kept between runs in a folder under the temporary directory, since a million of them takes a while.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from vamaild import round as look
from vamaild import wire
from vamaild.adapters.clock import MovingClock
from vamaild.core.ledger import DATABASE, Arrival, Store
from vamaild.service import Rules, Service

from . import endtoend, fill, ours, rules
from .asked import Asked
from .results import Report
from .workload import Workload

SIZE, QUICK = 1_000_000, 20_000
REAL = 300
SMALL, EACH, AGAIN = 10_000, 100, 2
SEEDS = count(100)


class Pile:
    """A mailbox that holds this mail once."""

    name = "inbox"

    def __init__(self, mails: Sequence[Arrival]) -> None:
        self.mails = tuple(mails)

    def open(self) -> int:
        return 1

    def arrivals(self, after: int) -> Iterator[tuple[Arrival, ...]]:
        if self.mails:
            yield self.mails

    def mark(self, uids: Sequence[int]) -> bool:
        return True

    def answered(self, ids: Sequence[str]) -> frozenset[str]:
        return frozenset()

    def close(self) -> None: ...


def arrivals(first: int, number: int, seed: int, unique: bool = False) -> list[Arrival]:
    """So many messages of this seed, from this UID on."""
    mails = enumerate(Workload(number, seed=seed, attachments=0.0, unique=unique), first)
    return [Arrival(uid, 1, m.when, len(m.raw), m.raw.replace(b"\n", b"\r\n")) for uid, m in mails]


def service_over(found: Rules, store: Store) -> Service:
    """A service that sends nothing."""
    service = wire.service(found, store, MovingClock(endtoend.MOMENT), ours.Silent())
    service.send = False
    return service


@dataclass(slots=True)
class Desk:
    """A service over a ledger of so many rows, and what a message cost it."""

    service: Service
    cpu: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def look(self, pile: Pile) -> tuple[float, float]:
        """(CPU seconds, seconds) a message: reading, deciding, writing."""
        began, cpu = time.perf_counter(), time.process_time()
        look.look_into(pile, self.service)  # type: ignore[arg-type]  # it has what a look asks for
        return (time.process_time() - cpu) / EACH, (time.perf_counter() - began) / EACH


def filled(found: Rules, folder: Path, size: int) -> Desk:
    """A desk over a ledger of so many rows, taken from where it is kept, or made and kept there."""
    kept = fill.place(size, REAL)
    if not kept.exists():
        store = wire.open_store(folder)
        Desk(service_over(found, store)).look(Pile(arrivals(1, REAL, seed=1)))
        store.close()
        fill.grow(folder / DATABASE, size, endtoend.MOMENT)
        fill.keep(folder / DATABASE, kept)
    else:
        shutil.copyfile(kept, folder / DATABASE)
        (folder / DATABASE).chmod(0o600)
    return Desk(service_over(found, wire.open_store(folder)))


def measure(asked: Asked) -> Report:
    """The table."""
    small, rounds = min(SMALL, asked.size // 5), asked.rounds * AGAIN
    told = f"{asked.size:,} rows against {small:,}, {rounds} rounds of {EACH} messages"
    report = Report("ledger", f"A message over a ledger of {small:,} rows and of {asked.size:,}", told)
    with tempfile.TemporaryDirectory(prefix="vamaild-ledger-") as name:
        found = rules.rules_with(20, Path(name))
        desks = {}
        for rows in (small, asked.size):
            folder, began = Path(name) / f"rows{rows}", time.perf_counter()
            folder.mkdir()
            desks[rows] = filled(found, folder, rows)
            mib = (folder / DATABASE).stat().st_size / (1 << 20)
            report.notes.append(f"{rows:,} rows: {mib:,.0f} MiB, there in {time.perf_counter() - began:.0f} s")
        _alternate(list(desks.values()), rounds, asked.unique)
        for desk in desks.values():
            desk.service.store.close()
    for rows, desk in desks.items():
        report.add(f"{rows:,} rows", [t * 1000 for t in desk.seconds], "ms a message")
        report.add(f"{rows:,} rows, CPU of the service", [t * 1000 for t in desk.cpu], "ms a message")
    what = f"ledger of {asked.size:,} messages against {small:,}, time a message"
    report.ratio(what, "<= 1.2x", 1.2, desks[asked.size].seconds, desks[small].seconds, at_most=True)
    report.ratio(f"{what}, CPU", "<= 1.2x", 1.2, desks[asked.size].cpu, desks[small].cpu, at_most=True)
    return report


def _alternate(desks: Sequence[Desk], rounds: int, unique: bool) -> None:
    """Both get the same mail, each first in every other round; the first round warms up."""
    for number in range(rounds + 1):
        mails = arrivals(1_000 + number * EACH, EACH, next(SEEDS), unique)
        for desk in desks if number % 2 else reversed(desks):
            cpu, seconds = desk.look(Pile(mails))
            if number:
                desk.cpu.append(cpu)
                desk.seconds.append(seconds)
