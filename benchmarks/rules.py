"""What one more rule costs: the same messages judged with 10 to 10,000 rules of a client, alternately."""

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from vamaild import wire
from vamaild.core.decide import decide
from vamaild.core.ledger import Arrival
from vamaild.core.message import History, Message
from vamaild.core.route import find_client
from vamaild.service import Rules

from . import setting
from .asked import Asked
from .dovecot import Account
from .results import Report
from .workload import Workload

SIZE, QUICK = 10_000, 1_000
MESSAGES, FEW = 200, 100
AGAIN = 3  # judging again costs little beside reading the rules
NOBODY = Account("u", Path("/nonexistent"), 1, 1, 1)


def phrases(count: int) -> tuple[str, ...]:
    """So many rules, all about something else; none fits the workload."""
    return tuple(f"capitolato {number:05d} lotto" for number in range(count))


def rules_with(count: int, folder: Path) -> Rules:
    """The configuration with so many rules for each client. A file of more than a megabyte would be refused."""
    place = folder / str(count)
    place.mkdir()
    config = setting.write(place, [setting.Box("inbox", NOBODY, 993)], 25, phrases(count))
    loaded = wire.load(config, play=False)
    rules = wire.rules_of(loaded)
    if (
        rules is None
        or len(rules.rulebook.clients) != len(setting.CLIENTS)
        or any(len(r.rules) < count for r in rules.rulebook.clients)
    ):
        raise SystemExit("\n".join(["the rules of the benchmark cannot be used", *map(str, loaded.problems)]))
    return rules


def messages(count: int, unique: bool = False) -> list[Message]:
    """Read once; nobody measures that here."""
    read = wire.reader()
    mails = Workload(count, attachments=0.0, unique=unique)
    return [read(Arrival(n, 1, m.when, len(m.raw), m.raw.replace(b"\n", b"\r\n"))) for n, m in enumerate(mails, 1)]


def judge(rules: Rules, pile: list[Message]) -> float:
    """CPU seconds a message."""
    began = time.process_time()
    for message in pile:
        found = find_client(message, rules.rulebook.clients).ruleset
        if found is not None:
            now = message.received + timedelta(minutes=1)
            decide(message, found, rules.rulebook, History(), rules.tools, now)
    return (time.process_time() - began) / len(pile)


def sizes(most: int) -> Iterator[int]:
    size = 10
    while size <= most:
        yield size
        size *= 10


def measure(asked: Asked) -> Report:
    """The table. A round judges every message with every number of rules."""
    size, rounds = asked.size, max(asked.rounds, 1) * AGAIN
    told = f"{size:,} rules of each of three clients, {MESSAGES} messages, {rounds} rounds, CPU"
    report = Report("rules", f"Judging with 10 to {size} rules (milliseconds of CPU a message)", told)
    with tempfile.TemporaryDirectory() as name:
        pile, known = messages(MESSAGES, asked.unique), {}
        for count in sizes(size):
            began = time.process_time()
            known[count] = rules_with(count, Path(name))
            report.add(f"reading {count} rules", [time.process_time() - began], "s")
        times = _alternate({c: lambda r=r: judge(r, pile) for c, r in known.items()}, rounds)
    for count, found in times.items():
        report.add(f"{count} rules", [t * 1000 for t in found], "ms")
    few = FEW if FEW in times else min(times)
    what = f"one more rule: {max(times):,} rules against {few}, time a message"
    report.ratio(what, "<= 1.5x", 1.5, times[max(times)], times[few], at_most=True)
    return report


def _alternate(calls: dict[int, Callable[[], float]], rounds: int) -> dict[int, list[float]]:
    """Once for warming up, then in turns."""
    for call in calls.values():
        call()
    found: dict[int, list[float]] = {count: [] for count in calls}
    for _ in range(rounds):
        for count, call in calls.items():
            found[count].append(call())
    return found
