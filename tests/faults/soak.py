"""A month of mail in minutes, with everything going wrong at once (number 75 of the faults):

    python -m tests.faults.soak --mails 10000 --minutes 30

Three mailboxes on Dovecot behind a proxy that cuts connections, an outgoing server behind another, SIGKILL at random
moments, a clock that is another one after each start. Then the wires are left alone, the service ends its work, and the
oracle is asked (`vamaild audit`); what customers got is looked through beside it. Figures are printed.
"""

import argparse
import json
import logging
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tests.servers import Dovecot, running_dovecot
from tests.system.world import Daemon, letter, sink_with_login, until
from vamaild.adapters.demo.smtp import SmtpSink

from .soak_world import BEGIN, Place, Post, betrayed, children, lives, open_files, place, resident

LEFT_ALONE = 0.2  # of the mails come into one last life that nobody kills: there memory and files are watched
BACKLOG = 150
LIVES = 40.0  # seconds until the service is killed, at most
AN_HOUR = 14  # so many mails come in an hour of the service's clock
ENOUGH = 200  # samples, to speak of memory that grows
QUIET_FOR = 300.0  # seconds in which the service has to end its work


@dataclass
class Figures:
    """What a soak found."""

    mails: int = 0
    seconds: float = 0.0
    kills: int = 0
    cuts: int = 0
    clock_back: int = 0
    replies: int = 0
    notices: int = 0
    arrived: dict[str, int] = field(default_factory=dict)
    outbox: dict[str, int] = field(default_factory=dict)
    audit: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    most_files: int = 0
    most_memory_mib: float = 0.0
    files_middle_end: tuple[int, int] = (0, 0)
    memory_middle_end_mib: tuple[float, float] = (0.0, 0.0)
    samples: int = 0


@dataclass
class Soak:
    """One run."""

    place: Place
    sink: SmtpSink
    chance: random.Random
    figures: Figures
    total: int
    rate: float
    """Mails a second."""
    ends: float = float("inf")
    """When nobody is killed any more, however much mail is left (monotonic)."""
    life: float = LIVES
    clock: datetime = BEGIN
    samples: list[tuple[int, int]] = field(default_factory=list)
    orphans: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.post = Post(self.chance)
        self.begun = time.monotonic()

    @property
    def delivered(self) -> int:
        return len(self.post.kinds)

    def run(self) -> None:
        first = int(self.total * (1 - LEFT_ALONE))
        while self.delivered < first and time.monotonic() < self.ends:
            with self._life() as daemon:
                self._feed(first, daemon, time.monotonic() + self.chance.uniform(0.5, self.life))
                self._watch(daemon)
                self.orphans += children(daemon.process.pid)
            self.figures.kills += 1
        self.total = min(self.total, int(self.delivered / (1 - LEFT_ALONE)))
        with self._life() as daemon:
            self.samples.clear()
            self._feed(self.total, daemon, time.monotonic() + 86_400)
            self.place.imap.calm = self.place.smtp.calm = True
            until(lambda: self.known() == self.delivered, QUIET_FOR, daemon.said)
            self._watch(daemon)
            until(self._outbox_rests, QUIET_FOR, daemon.said)
            daemon.end(60)
        for minutes in (20, 40, 60):  # a burst is told in few messages: the last of them after a while
            self.place.world.once(self.clock + timedelta(minutes=minutes))
        until(lambda: not any(map(lives, self.orphans)), 60, lambda: f"processes left behind: {self.orphans}")

    @contextmanager
    def _life(self) -> Iterator[Daemon]:
        """The service at another moment: the month goes on, but the clock is now and then an hour or a day behind."""
        step = self.chance.choice((timedelta(0), timedelta(hours=1), timedelta(days=1), timedelta(0), timedelta(0)))
        self.figures.clock_back += bool(step)
        self.clock = BEGIN + timedelta(hours=self.delivered / AN_HOUR) - step
        with self.place.world.daemon("--at", self.clock.isoformat()) as daemon:
            yield daemon

    def _feed(self, until_count: int, daemon: Daemon, ends: float) -> None:
        """Mail comes in, at its rate as long as the service keeps up."""
        clients = {name: account.client() for name, account in self.place.accounts.items()}
        opened = {name: client.__enter__() for name, client in clients.items()}
        try:
            while self.delivered < until_count and time.monotonic() < ends:
                wanted = min(until_count, int((time.monotonic() - self.begun) * self.rate) + 1)
                for _ in range(min(20, wanted - self.delivered, BACKLOG - (self.delivered - self.known()))):
                    box, raw = self.post.next(self.sink, self.clock)
                    opened[box].append("INBOX", raw, msg_time=self.clock)
                self._watch(daemon)
                time.sleep(0.1)
        finally:
            for client in clients.values():
                with suppress(OSError):
                    client.__exit__(None, None, None)

    def _watch(self, daemon: Daemon) -> None:
        number = daemon.process.pid
        assert daemon.process.poll() is None, daemon.said()[-5000:]
        self.samples.append((open_files(number), resident(number)))
        self.figures.most_files = max(self.figures.most_files, self.samples[-1][0])
        self.figures.most_memory_mib = max(self.figures.most_memory_mib, round(self.samples[-1][1] / 1024, 1))

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        """Asks the ledger; nothing where there is none yet."""
        with suppress(sqlite3.Error):
            ledger = sqlite3.connect(f"file:{self.place.world.state}/vamaild.db?mode=ro", uri=True, timeout=10)
            try:
                return ledger.execute(sql).fetchall()
            finally:
                ledger.close()
        return []

    def known(self) -> int:
        return int(str((self.ask("SELECT count(*) FROM message") or [(0,)])[0][0]))

    def _outbox_rests(self) -> bool:
        waiting = self.ask("SELECT count(*) FROM outbox WHERE state IN ('queued', 'claimed') AND sort = 'courtesy'")
        return waiting == [(0,)]

    # ---- what was found

    def tell(self) -> None:
        f = self.figures
        f.mails, f.seconds = self.delivered, round(time.monotonic() - self.begun, 1)
        f.cuts = self.place.imap.cuts + self.place.smtp.cuts
        f.arrived = {str(name): int(str(n)) for name, n in self.ask("SELECT outcome, count(*) FROM message GROUP BY 1")}
        f.outbox = {str(name): int(str(n)) for name, n in self.ask("SELECT state, count(*) FROM outbox GROUP BY 1")}
        third = max(1, len(self.samples) // 3)  # the first one holds the start
        files, memory = ([s[i] for s in self.samples] for i in (0, 1))
        f.samples = len(self.samples)
        middle, last = slice(third, 2 * third), slice(-third, None)
        f.files_middle_end = (int(statistics.median(files[middle])), int(statistics.median(files[last])))
        f.memory_middle_end_mib = (
            round(statistics.median(memory[middle]) / 1024, 1),
            round(statistics.median(memory[last]) / 1024, 1),
        )
        self._judge()

    def _judge(self) -> None:
        f, world = self.figures, self.place.world
        ran = world.run("audit", "--json", *world.places())
        f.audit = {row["check"]: row["found"] for row in json.loads(ran.out)["checks"]}
        lasted = len(self.samples) > ENOUGH
        said = {
            "vamaild audit is not content": ran.code != 0,
            "not every message is in the ledger": self.known() != self.delivered,
            "a message is gone from a mailbox, or marked read": not self._untouched(),
            "a secret left": bool(betrayed(self.sink)),
            "files are left open": f.most_files > 100
            or (lasted and f.files_middle_end[1] > f.files_middle_end[0] + 10),
            "memory grows": lasted and f.memory_middle_end_mib[1] > f.memory_middle_end_mib[0] + 20,
            "an emergency told nobody": bool(self.ask(SILENT)),
        }
        f.wrong = [what for what, true in said.items() if true] + self._wrong_replies()

    def _untouched(self) -> bool:
        flags = [flags for account in self.place.accounts.values() for flags, _ in account.mails().values()]
        return len(flags) == self.delivered and not any(rb"\Seen" in f for f in flags)

    def _wrong_replies(self) -> list[str]:
        """Nobody got the same twice, no machine got anything."""
        mails = [letter(mail) for mail in self.sink.mails]
        replies = [mail for mail in mails if mail["Auto-Submitted"] == "auto-replied"]
        self.figures.replies = len(replies)
        self.figures.notices = sum(mail["Auto-Submitted"] == "auto-generated" for mail in mails)
        twice = [key for key, n in Counter(str(mail["In-Reply-To"]) for mail in replies).items() if n > 1]
        machines = [m for m in replies if self.post.kinds.get(str(m["In-Reply-To"])) in ("machine", "answer")]
        unasked = [m for m in replies if str(m["In-Reply-To"]) not in self.post.kinds]
        found = {"answered twice": twice, "a machine was answered": machines, "answers nothing": unasked}
        return [f"{what}: {len(which)}" for what, which in found.items() if which]


SILENT = (
    "SELECT code FROM queue WHERE escalates = 1 AND closed_at IS NULL AND NOT EXISTS "
    "(SELECT 1 FROM notice WHERE notice.code = queue.code AND notice.state = 'delivered')"
)


def soak(
    dovecot: Dovecot, folder: Path, mails: int, minutes: float, seed: int, most: float = 600.0, life: float = LIVES
) -> Figures:
    """Runs it; the figures, with everything that is wrong. Killed after `life` seconds at most, `most` minutes long."""
    chance, figures = random.Random(seed), Figures()
    with sink_with_login() as sink, place(folder, dovecot, sink, chance) as found:
        run = Soak(found, sink, chance, figures, mails, mails / (minutes * 60), time.monotonic() + most * 60, life)
        run.run()
        run.tell()
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=30.0, help="the mail is spread over this time at least")
    parser.add_argument("--most", type=float, default=600.0, help="minutes after which nobody is killed any more")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)  # aiosmtpd warns of itself
    base = Path(tempfile.mkdtemp(prefix="vamaild-soak-"))
    base.chmod(0o755)  # Dovecot reads mail as somebody else
    server, folder = base / "dovecot", base / "world"
    server.mkdir()
    folder.mkdir()
    with running_dovecot(shutil.which("dovecot") or "/usr/sbin/dovecot", server) as dovecot:
        figures = soak(dovecot, folder, arguments.mails, arguments.minutes, arguments.seed, arguments.most)
    print(json.dumps(asdict(figures), indent=1, ensure_ascii=False))
    if figures.wrong:
        print(f"kept for a look: {base}", file=sys.stderr)
        return 1
    shutil.rmtree(base, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
