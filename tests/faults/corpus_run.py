"""Stored mail through the real path: read in the process apart, decided, and written into a ledger of its own.

    python -m tests.faults.corpus_run DIR ...

No test by itself: it is for public collections of odd and hostile mail, which are not ours to keep. It prints what must
be zero (crashes, over five seconds, without a state) and what else is worth knowing; exit code 1 when one is not zero.
"""

import os
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.corpus.configure import configure
from tests.corpus.judging import TRIAGE
from tests.memory_mailbox import MemoryMailbox
from vamaild import reader, round, wire
from vamaild.adapters.apart import Apart
from vamaild.adapters.clock import MovingClock
from vamaild.adapters.oldmail import FileMail
from vamaild.core.ledger import Entry, StoreError
from vamaild.service import Service

NOW = datetime(2026, 11, 26, 9, 40, tzinfo=UTC)
LONG = 5.0
MOST_MEMORY = 300_000
OUTLOOK = b"\xd0\xcf\x11\xe0"
HEADER = re.compile(rb"\A(?:>?From [^\n]*\n)?[!-9;-~]{2,60}[ \t]*:[^\n]*\r?\n(?:[!-9;-~]{2,60}[ \t]*:|[ \t])")
CODE = {".py", ".java", ".xml", ".json", ".html", ".rb", ".rs", ".js", ".md", ".toml", ".yml", ".yaml", ".css", ".out"}


@dataclass
class Journal:
    """Keeps the faults, and what the reader broke on."""

    faults: list[str] = field(default_factory=list)

    def info(self, event: str, **fields: object) -> None: ...

    def warning(self, event: str, **fields: object) -> None:
        self.faults.append(f"{event}: {fields}")

    error = warning


@dataclass
class Found:
    """What came of a run."""

    mails: int = 0
    crashes: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    stateless: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    broke: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    doubts: int = 0
    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    longest: tuple[float, str] = (0.0, "")
    here: int = 0
    apart: int = 0

    @property
    def bad(self) -> bool:
        return bool(self.crashes or self.slow or self.stateless or max(self.here, self.apart) > MOST_MEMORY)


def mails(place: Path) -> Iterator[tuple[str, bytes]]:
    """(where, bytes) of everything below that looks like a mail; an mbox is taken apart."""
    for path in sorted([place] if place.is_file() else place.rglob("*")):
        if not path.is_file() or path.suffix in CODE or path.stat().st_size > 60_000_000:
            continue
        raw = path.read_bytes()
        if raw.startswith(OUTLOOK) or not (path.suffix == ".eml" or HEADER.match(raw[:4_000])):
            continue
        if raw.startswith(b"From ") and raw.count(b"\nFrom ") > 0:
            box = FileMail(path)
            for arrival in box.read([m.number for m in box.listed(None, None)]):
                yield f"{path}#{arrival.uid}", arrival.raw
        else:
            yield str(path), raw


class Inbox(MemoryMailbox):
    """Hands out one mail at a time and keeps none."""

    def put(self, raw: bytes) -> None:
        if self.inbox:
            self.inbox[-1] = b""
        self.inbox.append(raw)


@dataclass
class Run:
    """A service over a ledger of its own; `client` is whom everything is addressed to."""

    service: Service
    box: Inbox
    journal: Journal
    apart: Apart
    address: str

    def one(self, where: str, raw: bytes, found: Found) -> None:
        """One mail: read, decided, written."""
        found.mails += 1
        before = len(self.journal.faults)
        self.box.put(f"Delivered-To: {self.address}\r\nResent-To: {self.address}\r\n".encode() + raw)
        begun = self._used()
        try:
            round.look_into(self.box, self.service)
        except Exception as error:  # noqa: BLE001  # that is what this program looks for
            found.crashes.append(f"{where}: {type(error).__name__}: {error}")
        self._note(where, max(self._used() - begun, 0.0), found)
        for fault in self.journal.faults[before:]:
            (found.broke if "reader" in fault else found.crashes).append(f"{where}: {fault}")

    def _note(self, where: str, took: float, found: Found) -> None:
        found.longest = max(found.longest, (took, where))
        if took > LONG:
            found.slow.append(f"{where}: {took:.1f} s")
        entry = self._entry()
        if entry is None:
            found.stateless.append(where)
            return
        found.states[str(entry.outcome)] += 1
        found.reasons[entry.reason or "-"] += 1
        found.doubts += entry.reason == "doubt"
        if entry.outgoing:
            found.answered.append(f"{where}: {entry.kind}, {entry.outcome}")
        if entry.reason == "unreadable":
            told = entry.case.note if entry.case else entry.explanation.get("withheld", "")
            found.unreadable.append(f"{where}: {told}")
        found.apart = max(found.apart, _peak(self.apart.pid))

    def _used(self) -> float:
        """CPU seconds, here and in the reading process: what the machine does beside is not what is asked."""
        try:
            spent = Path(f"/proc/{self.apart.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return time.process_time()
        return time.process_time() + (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")

    def _entry(self) -> Entry | None:
        try:
            return self.service.store.find_entry(self.box.name, len(self.box.inbox))
        except StoreError:
            return None


def _peak(pid: int | None) -> int:
    """Kilobytes."""
    try:
        said = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(said[1]) if said else 0


def run(*places: Path, tell: Any = print) -> Found:
    """Everything below these directories."""
    found, journal, apart = Found(), Journal(), reader.apart()
    apart.warn = journal.warning
    with TemporaryDirectory() as folder:
        config, state = Path(folder, "config"), Path(folder, "state")
        config.mkdir()
        state.mkdir()
        configure(TRIAGE / "contexts.json", config)
        rules = wire.rules_of(wire.load(config, play=False))
        assert rules is not None
        address = next(a for a in rules.rulebook.clients[0].client.arrives if "*" not in a)
        store, box = wire.open_store(state), Inbox()
        service = Service(rules, store, None, {box.name: box}, apart.read, MovingClock(NOW), journal)  # type: ignore[arg-type]  # nothing is sent
        service.read_all = apart.read_all
        each = Run(service, box, journal, apart, address)
        each.one("", b"From: a@b.example\r\n\r\nciao", Found())  # what is loaded late is loaded now
        for place in places:
            for where, raw in mails(place):
                each.one(where, raw, found)
                if found.mails % 200 == 0:
                    tell(f"  {found.mails} …", file=sys.stderr)
        store.close()
    apart.close()
    found.here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found


def shown(found: Found) -> str:
    """The figures, then each thing that must be looked at."""
    lines = [
        f"{found.mails} mails: {len(found.crashes)} crashes, {len(found.slow)} over {LONG:.0f} s, "
        f"{len(found.stateless)} without a state, {len(found.broke)} times the reader broke",
        f"states: {dict(found.states)}",
        f"reasons: {dict(found.reasons.most_common())}",
        f"{len(found.unreadable)} unreadable, {found.doubts} doubtful; longest {found.longest[0]:.2f} s "
        f"({found.longest[1]})",
        f"peak memory: {found.here / 1024:.0f} MB here, {found.apart / 1024:.0f} MB in the reading process",
    ]
    for name in ("crashes", "slow", "stateless", "broke", "unreadable", "answered"):
        lines += [f"{name}: {each}" for each in getattr(found, name)]
    return "\n".join(lines)


def main() -> int:
    places = [Path(name) for name in sys.argv[1:]]
    if not places:
        print(__doc__)
        return 2
    found = run(*places)
    print(shown(found))
    return 1 if found.bad else 0


if __name__ == "__main__":
    sys.exit(main())
