"""`vamaild demo`: a week of sample mail through the real service, over real IMAP and SMTP on this machine alone."""

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from email import message_from_bytes
from importlib.resources import files as files_of
from pathlib import Path
from textwrap import wrap

import click

from .. import chain, wire
from ..adapters import files
from ..adapters.clock import MovingClock
from ..adapters.systemd import Notifier
from ..core.ledger import Entry, Outcome
from ..core.reasons import REASONS
from ..core.ruleset import Kind
from ..daemon import Daemon
from ..demo.week import Sample, samples
from ..service import Service
from .screen import Exit, Stop, color_option, coloured, complain, paint

USER, PASSWORD, KEYWORD = "demouser", "demopass", "vamaild"
WIDTH = 79
LOOKS_FIRST, TAKES = timedelta(minutes=10), timedelta(minutes=5)
COLOURS = {Kind.EMERGENCY: "red", Kind.RUSH_REQUEST: "yellow", Kind.HOSTILE: "magenta"}
WORDS = {str(reason): words for reason, words in REASONS.items()}


@dataclass(slots=True)
class Stage:
    """The service of the demo, and what it plays on. `sent` are the bytes of every mail that left, oldest first."""

    service: Service
    daemon: Daemon
    clock: MovingClock
    deliver: Callable[[Sample], None]
    sent: Callable[[], list[bytes]]
    taken: list[str]


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Servers, configuration and service; nothing runs any more when it ends."""
    try:
        from ..adapters.demo.deliver import Deliverer
        from ..adapters.demo.imap import imap_server
        from ..adapters.demo.smtp import smtp_sink
    except ImportError as error:
        install = f"{sys.executable} -m pip install 'vamaild[demo]'"
        raise Stop(f"The demo needs two small servers that are not installed: {install}", Exit.ATTENTION) from error
    with imap_server(USER, PASSWORD, keywords=(KEYWORD,)) as imap, smtp_sink() as sink:
        deliverer = Deliverer(imap.host, imap.port, USER, PASSWORD)
        service, daemon, clock = play_on(folder, imap.port, sink.port)
        yield Stage(
            service,
            daemon,
            clock,
            lambda sample: deliverer.deliver(sample.raw, sample.at),
            lambda: [mail.raw for mail in sink.mails],
            [],
        )
        service.post.close()
        for mailbox in service.mailboxes.values():
            mailbox.close()
        service.store.close()
        deliverer.close()


def play_on(folder: Path, imap: int, smtp: int) -> tuple[Service, Daemon, MovingClock]:
    """Writes the configuration, loads it as `vamaild run` does, and puts the service together."""
    config, state = folder / "config", folder / "state"
    source = Path(str(files_of("vamaild.demo"))) / "config"
    shutil.copytree(source, config)
    (config / "secrets.toml").chmod(0o600)
    main = config / "vamaild.toml"
    text = main.read_text(encoding="utf-8").replace("@IMAP@", str(imap)).replace("@SMTP@", str(smtp))
    main.write_text(text, encoding="utf-8")
    shutil.copytree(files.shipped("rules.d") / "examples", config / "rules.d")
    state.mkdir(mode=0o700)
    rules = wire.rules_of(loaded := wire.load(config, play=False))
    if rules is None or loaded.errors:
        raise Stop("\n".join(str(p) for p in loaded.errors) or "the demo's configuration is broken", Exit.CONFIGURATION)
    clock = MovingClock(samples()[0].at)
    service = wire.service(rules, wire.open_store(state), clock, _Silent())
    return service, Daemon(service, Notifier({}), lambda: None), clock


class _Silent:
    """The demo tells its story itself; only what went wrong is said."""

    def info(self, event: str, **fields: object) -> None:
        """Not said."""

    def warning(self, event: str, **fields: object) -> None:
        """Not said."""

    def error(self, event: str, **fields: object) -> None:
        complain(f"{event}: {fields}")


def play(sample: Sample, stage: Stage) -> Entry:
    """One message: the clock moves on, it arrives, the service makes its round."""
    stage.clock.advance(max(sample.at - stage.clock.now(), timedelta(seconds=2)))
    stage.deliver(sample)
    _cycle(stage)
    entry = newest(stage)
    if entry.outcome is Outcome.ESCALATED:
        _take(stage)
    return entry


def _cycle(stage: Stage) -> None:
    stage.clock.advance(timedelta(seconds=2))
    if not stage.daemon.cycle():
        raise Stop("The demo's own mail server did not answer; please try again.", Exit.SERVER)


def newest(stage: Stage) -> Entry:
    """The entry of the message that came last."""
    (name,) = stage.service.mailboxes
    mark = stage.service.store.watermark(name)
    entry = stage.service.store.find_entry(name, mark.uid) if mark else None
    if entry is None:
        raise Stop("The message is not in the ledger.", Exit.ATTENTION)
    return entry


def _take(stage: Stage) -> None:
    """Nobody looks for ten minutes, so the contact is told, and takes it five minutes later."""
    stage.clock.advance(LOOKS_FIRST)
    _cycle(stage)
    stage.clock.advance(TAKES)
    for case in stage.service.store.watched():
        if not case.acknowledged_at:
            chain.answer(stage.service, case.code, "petr-sea", chain.Answer("take"), "cli")
            stage.taken.append(case.code)


def day(value: str) -> str:
    """ "Wed 9 Dec" for an ISO date."""
    moment = date.fromisoformat(value)
    return f"{moment:%a} {moment.day} {moment:%b}"


def moment_of(value: str) -> str:
    """ "Mon 30 Nov 18:00" for an ISO moment."""
    return f"{day(value[:10])} {value[11:16]}"


def result(entry: Entry) -> str:
    """What was done about a message, in a few words."""
    told = entry.explanation
    rule = told.get("rule")
    ready = told.get("ready_by")
    if entry.outcome is Outcome.ESCALATED:
        return "the assistant is told, then the contact; taken after 15 min"
    if entry.outcome is Outcome.ANSWERED:
        template = entry.outgoing[0].template
        if template == "playbook" and isinstance(rule, dict):
            return f'answered from the playbook: "{rule["name"]}"'
        offer = told.get("offer")
        if isinstance(offer, dict) and isinstance(ready, str):
            return f"offered A ({day(ready)}) or B ({moment_of(str(offer['ready_at']))}, +{offer['percent']} %)"
        until = f", {day(ready)}" if isinstance(ready, str) else ""
        return f'answered "{template}" ({entry.language}){until}'
    words = WORDS.get(entry.reason, entry.reason)
    return f"waits for you: {words}" if entry.outcome is Outcome.WAITING else f"no reply: {words}"


def lines(sample: Sample, entry: Entry, colour: bool) -> list[str]:
    """A message and what became of it, in two lines that fit a terminal."""
    text = " ".join(sample.text.split())
    said = f"{sample.at:%a %H:%M}  {sample.who[:16]:<17}{text}"
    kind = paint(f"{entry.kind:<19}", colour, fg=COLOURS.get(Kind(entry.kind)), bold=entry.kind == Kind.EMERGENCY)
    return [said if len(said) <= WIDTH else said[: WIDTH - 1] + "…", f"           {kind}{result(entry)}"]


def keep_replies(stage: Stage, folder: Path) -> int:
    """Writes every mail that left into files anybody can open; returns how many."""
    place = folder / "replies"
    place.mkdir()
    for number, raw in enumerate(stage.sent(), 1):
        to = message_from_bytes(raw)["To"].replace("@", "-at-")
        (place / f"{number:02}-{to}.eml").write_bytes(raw)
    return number if stage.sent() else 0


def closing(entries: list[Entry], replies: int, folder: Path) -> list[str]:
    """The sums of the week, where the replies lie, and what to do next."""
    kinds = Counter(e.kind for e in entries)
    escalated = sum(e.outcome is Outcome.ESCALATED for e in entries)
    return [
        "",
        *wrap(", ".join(f"{kind} {count}" for kind, count in kinds.most_common()), WIDTH, break_on_hyphens=False),
        f"{len(entries) - escalated} of {len(entries)} did not need the person on holiday.",
        "",
        f"The {replies} mails that left are in {folder / 'replies'}",
        "Next: look at one, then ask about a message of your own:",
        f"  vamaild explain --config {folder / 'config'} --client rossi FILE.eml",
    ]


@click.command()
@color_option
def demo(color: str) -> int:
    """A week of sample mail, answered before your eyes. Nothing leaves this machine."""
    week, colour, folder = samples(), coloured(color), Path(tempfile.mkdtemp(prefix="vamaild-demo-"))
    click.echo(f"{len(week)} sample messages, one week, three languages. Nothing leaves this machine.\n")
    entries = []
    with stage(folder) as played:
        for sample in week:
            entries.append(play(sample, played))
            click.echo("\n".join(lines(sample, entries[-1], colour)))
        replies = keep_replies(played, folder)
    click.echo("\n".join(closing(entries, replies, folder)))
    return Exit.DONE
