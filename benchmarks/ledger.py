"""Whether the ledger stays as fast when it grows: the same mail decided over 10,000 rows and over many, alternately.

The rows are those that the service itself wrote for the workload, again and again with other people and ids.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from vamaild import round as look
from vamaild import wire
from vamaild.adapters.clock import MovingClock
from vamaild.core.ledger import Arrival, Entry, State, Store
from vamaild.service import Rules, Service

from . import endtoend, ours, rules
from .results import Report, Target
from .workload import Workload

SIZE, QUICK = 1_000_000, 20_000
REAL = 300
SMALL, EACH, BATCH = 10_000, 100, 1_000
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


def arrivals(first: int, number: int, seed: int) -> list[Arrival]:
    """So many messages of this seed, from this UID on."""
    mails = enumerate(Workload(number, seed=seed, attachments=0.0), first)
    return [Arrival(uid, 1, m.when, len(m.raw), m.raw.replace(b"\n", b"\r\n")) for uid, m in mails]


def service_over(found: Rules, store: Store) -> Service:
    """A service that sends nothing."""
    service = wire.service(found, store, MovingClock(endtoend.MOMENT), ours.Silent())
    service.send = False
    return service


def filled(found: Rules, folder: Path, size: int) -> Service:
    """A service over a ledger of so many rows."""
    store = wire.open_store(folder)
    service = service_over(found, store)
    look.look_into(Pile(arrivals(1, REAL, seed=1)), service)  # type: ignore[arg-type]  # what a look asks for
    real = [entry for uid in range(1, REAL + 1) if (entry := store.find_entry("inbox", uid))]
    step = timedelta(days=300) / size
    for start in range(REAL, size, BATCH):
        with store.transaction():
            for number in range(start, min(start + BATCH, size)):
                past = endtoend.MOMENT - timedelta(days=320) + step * number
                store.record(_another(real[number % len(real)], number, past))
    return service


def _another(entry: Entry, number: int, moment: datetime) -> Entry:
    """The same decision about a message of somebody else."""
    who = f"p{number % 5_000}@d{number % 300}.example"
    mails = tuple(
        replace(mail, key=f"{mail.key}-{number}", to=who, state=State.SENT, not_before=moment)
        for mail in entry.outgoing
    )
    return replace(
        entry,
        mailbox="old",
        uid=number,
        received=moment,
        decided_at=moment,
        address=who,
        message_id=f"<{number}@old.example>",
        references=(),
        fingerprint=f"{entry.fingerprint[:16]}{number}",
        subject=f"{entry.subject} {number}",
        outgoing=mails,
        case=None,
        promise=None,
        rush=None,
    )


def measure(size: int, rounds: int) -> Report:
    """The table."""
    report = Report("ledger", f"A message over a ledger of {SMALL} rows and of {size}")
    with tempfile.TemporaryDirectory(prefix="vamaild-ledger-") as name:
        found = rules.rules_with(20, Path(name))
        desks = {}
        for rows in (min(SMALL, size // 5), size):
            folder = Path(name) / f"rows{rows}"
            folder.mkdir()
            began = time.perf_counter()
            desks[rows] = filled(found, folder, rows)
            report.notes.append(f"{rows:,} rows written in {time.perf_counter() - began:.0f} s")
        times: dict[int, list[float]] = {rows: [] for rows in desks}
        for number in range(rounds + 1):
            seed = next(SEEDS)
            for rows, service in desks.items():
                spent = _look(service, 1_000 + number * EACH, seed)
                if number:
                    times[rows].append(spent)
    for rows, spent_all in times.items():
        report.add(f"{rows:,} rows", [t * 1000 for t in spent_all], "ms a message")
    ratio = report.lines[1].middle / report.lines[0].middle
    what = f"ledger of {size:,} messages against {min(times):,}"
    report.targets.append(Target(what, "<= 1.2x time a message", ratio, 1.2, at_most=True))
    return report


def _look(service: Service, first: int, seed: int) -> float:
    """CPU seconds a message, reading and deciding and writing."""
    pile = Pile(arrivals(first, EACH, seed))
    began = time.process_time()
    look.look_into(pile, service)  # type: ignore[arg-type]  # what a look asks for
    return (time.process_time() - began) / EACH
