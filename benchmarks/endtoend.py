"""The same mail through vamaild and through what people use today, alternately: fetched, judged, answered, marked.

Against the raw limit too: the bytes that the design needs (size, header, first 32 kB), asked for and thrown away.
"""

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from . import others, setting, words
from .asked import Asked
from .dovecot import Account, Dovecot, delivers, running_dovecot
from .peers import getmail, pigeonhole
from .results import Report
from .running import Run, alternate, python, run, seconds
from .sink import Sink, running_sink
from .workload import START, Workload

SIZE, QUICK = 1_000, 100
MOMENT = START + timedelta(hours=6, minutes=1)
VAMAILD, OWN_WORDS = "vamaild", "vamaild, no sentence twice"
NAIVE, IMAP_TOOLS = "the same libraries, naively", "imap_tools script"
GETMAIL, PIGEONHOLE, RAW = "getmail -> procmail + formail", "Pigeonhole LMTP + vacation", "raw limit (fetch only)"
GOALS = {GETMAIL: 20.0, IMAP_TOOLS: 4.0, PIGEONHOLE: 3.0, NAIVE: 6.0}
PEERS = os.environ.get("BENCH_PEERS_PYTHON", "")
MISSING = {
    IMAP_TOOLS: "pip install imap_tools (in any venv; its python in BENCH_PEERS_PYTHON)",
    GETMAIL: "sudo apt install getmail6 procmail",
    PIGEONHOLE: "sudo apt install dovecot-lmtpd dovecot-sieve",
}
WORK = (
    "What each does with a message: vamaild decides, enters it in its ledger, marks every message with a keyword and "
    "files each reply in Sent; the naive one enters and marks every message; the imap_tools script marks those that a "
    "rule fits; getmail delivers to a Maildir and marks nothing; Pigeonhole flags what a rule fits.",
    "Replies: the peers answer everybody once who is no robot. vamaild does not answer what it passes on as an "
    "emergency or leaves to a person, and may answer the same person about another matter.",
    "Seconds are those of the work. Only of getmail the start counts too; signing in counts for vamaild and getmail.",
    "Peers search for phrases: whether sentences come twice is nothing to them, so they are run on one workload only.",
)


@dataclass(frozen=True)
class Stage:
    """Where it all happens."""

    server: Dovecot
    sink: Sink
    pile: Path
    folder: Path

    def fresh(self, pile: Path | None = None) -> tuple[Account, Path]:
        """A new account with all of the mail (or with another pile), and an empty folder."""
        place = Path(tempfile.mkdtemp(dir=self.folder))
        place.chmod(0o755)
        return self.server.account(pile or self.pile), place


@contextmanager
def stage(mails: Workload) -> Iterator[Stage]:
    """Servers, and the mail as a pile."""
    with running_sink() as sink, running_dovecot(sink.port) as server:
        folder = Path(tempfile.mkdtemp(prefix="runs-", dir=server.base))
        folder.chmod(0o755)
        yield Stage(server, sink, server.pile(mails), folder)


def vamaild(
    at: Stage, rules: tuple[str, ...] = words.PHRASES, port: int = 0, smtp: int = 0, pile: Path | None = None
) -> Run:
    """One whole look of the service into a new account, and everything sent; through other ports where given."""
    account, place = at.fresh(pile)
    config = setting.write(
        place, [setting.Box("inbox", account, port or account.tls_port)], smtp or at.sink.port, rules
    )
    return run(python("ours", config, place / "state", MOMENT.isoformat()))


def peer(at: Stage, name: str) -> Run:
    """One of those written in Python."""
    account, _ = at.fresh()
    program = {NAIVE: "naive", IMAP_TOOLS: "imap_tools_script", RAW: "raw"}[name]
    command = python(f"peers.{program}")
    if name == IMAP_TOOLS and PEERS:
        command[0] = PEERS
    return run(command, {**account.environment, "BENCH_SMTP": str(at.sink.port)})


def by_getmail(at: Stage) -> Run:
    account, place = at.fresh()
    return run(getmail.command(account, place, at.sink.port))


def by_pigeonhole(at: Stage) -> Run:
    account = at.server.account()
    pigeonhole.install(account)
    return run(python("peers.pigeonhole", at.pile), account.environment)


def variants(at: Stage) -> dict[str, Callable[[], Run]]:
    """Those that are installed."""
    found: dict[str, Callable[[], Run]] = {
        VAMAILD: lambda: vamaild(at),
        NAIVE: lambda: peer(at, NAIVE),
        RAW: lambda: peer(at, RAW),
    }
    if PEERS or importlib.util.find_spec("imap_tools"):
        found[IMAP_TOOLS] = lambda: peer(at, IMAP_TOOLS)
    if all(map(shutil.which, ("getmail", "procmail", "formail"))):
        found[GETMAIL] = lambda: by_getmail(at)
    if delivers():
        found[PIGEONHOLE] = lambda: by_pigeonhole(at)
    return found


def measure(asked: Asked) -> Report:
    """The table."""
    size = asked.size
    told = f"{size:,} messages, {asked.rounds} rounds"
    report = Report("end-to-end", f"End to end, the same {size} messages, twenty rules, replies to a sink", told)
    with stage(Workload(size, unique=asked.unique)) as at:
        known = variants(at) | (others.variants(at) if asked.all_peers else {})
        if not asked.unique:
            own_words = at.server.pile(Workload(size, unique=True))
            known[OWN_WORDS] = lambda: vamaild(at, pile=own_words)
        replies: dict[str, int] = {}
        found = alternate({name: _counted(name, call, at.sink, replies) for name, call in known.items()}, asked.rounds)
    for name, runs in found.items():
        peak = median(r.said.get("peak_mib", r.rss) for r in runs)
        note = f"{replies[name]} replies, CPU {median(r.cpu for r in runs):.1f} s, peak {peak:.0f} MiB"
        report.add(name, [size / r.seconds for r in runs], "messages/s", note)
    wanted = MISSING | (others.MISSING if asked.all_peers else {})
    report.notes += [f"{name}: not installed here. {how}" for name, how in wanted.items() if name not in found]
    report.notes += [*WORK, f"vamaild's decisions: {_outcomes(found[VAMAILD])}"]
    for ours in filter(found.__contains__, (VAMAILD, OWN_WORDS)):
        _targets(report, found, ours)
    return report


def _targets(report: Report, found: Mapping[str, Sequence[Run]], ours: str) -> None:
    """The rows of the table; those for mail without repetition say so."""
    more = "" if ours == VAMAILD else ", no sentence twice"
    for name, goal in GOALS.items():
        what = f"end to end{more}, against: {name}"
        if name in found:
            report.ratio(what, f">= {goal:g}x", goal, seconds(found[name]), seconds(found[ours]))
        elif not more:
            report.without(what, f">= {goal:g}x", MISSING[name])
    what = f"against the raw limit (the bytes fetched and discarded){more}"
    report.ratio(what, "report; aim >= 0.15", 0.15, seconds(found[RAW]), seconds(found[ours]))


def _outcomes(runs: Sequence[Run]) -> str:
    counts: Mapping[str, int] = runs[0].said["outcomes"]
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _counted(name: str, call: Callable[[], Run], sink: Sink, replies: dict[str, int]) -> Callable[[], Run]:
    def counting() -> Run:
        before = sink.count()
        done = call()
        replies[name] = sink.count() - before
        return done

    return counting
