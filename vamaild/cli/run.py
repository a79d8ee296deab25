"""`vamaild run`: the service, in the foreground, for people and for systemd alike."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import click

from .. import inforce, learning, warming, wire
from ..adapters.clock import Clock, MovingClock
from ..adapters.lock import LockError, only_one
from ..adapters.systemd import Notifier
from ..blame import blame
from ..boxes import mailroom, renew
from ..core.decide import FAULTS
from ..core.gauges import FILES
from ..core.ledger import MailboxError, StoreError
from ..daemon import Daemon
from ..gauges import Exporter
from ..reload import Reader, mark_of
from ..round import judge_only
from ..service import Rules, Service
from ..web import links
from .screen import Exit, Stop, at_option, complain, config_option, state_dir, state_option
from .setup import unusable


def usable(config: Path, state: Path) -> tuple[wire.Loaded, Rules]:
    """The configuration to start with; everything wrong is said. Stops with exit 3 when it cannot be used."""
    loaded = wire.load(config, state, proofs=state)
    rules = wire.rules_of(loaded)
    for problem in loaded.problems:
        complain(str(problem))
    if rules is None:
        raise Stop(unusable(config), Exit.CONFIGURATION)
    return loaded, rules


def again(
    read: Callable[[], wire.Loaded], state: Path, service: Service, figures: Callable[[], object] = lambda: None
) -> Rules | None:
    """Takes over what was read. One line for each fault; None, so that the old rules stay, when it cannot be used.

    `figures` sees to it that they are shown where the new settings say.
    """
    try:
        loaded = read()
    except (*FAULTS, OSError) as error:  # a fault of ours in reading must not stop what works
        service.journal.error("the old rules stay in force", fault=blame(error))
        return None
    for problem in loaded.errors:
        place = f"{problem.file}:{problem.line}"
        service.journal.error("not taken over", file=place, fault=problem.what, advice=problem.help)
        service.metrics.count(FILES)
    inforce.keep(loaded, state, service.now())
    rules = wire.rules_of(loaded)
    if rules is None:
        service.journal.error("the old rules stay in force")
        return None
    wire.keep_good(loaded, state)
    before, service.rules = service.rules, rules
    service.journal = wire.journal(rules.settings, service.clock, state)  # other secrets, another format
    renew(service, before)
    links.equip(service, state)
    figures()
    return rules


@contextmanager
def working(rules: Rules, state: Path, clock: Clock) -> Iterator[Service]:
    """A service over an open ledger, locked against a second one. Stops when that cannot be had."""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with only_one(state):
            log = wire.journal(rules.settings, clock, state)
            service = wire.service(rules, wire.open_store(state), clock, log, state)
            links.equip(service, state)
            try:
                yield service
            finally:
                service.post.close()
                for mailbox in service.mailboxes.values():
                    mailbox.close()
                service.store.close()
    except (LockError, StoreError) as error:
        raise Stop(str(error), Exit.ATTENTION) from error


@click.command()
@config_option
@state_option
@at_option
@click.option("--once", is_flag=True, help="One round, then stop (cron, tests).")
@click.option("--dry-run", is_flag=True, help="Look at the live mailbox; keep nothing, send nothing.")
def run(config: Path, state: Path | None, at: datetime | None, once: bool, dry_run: bool) -> int:
    """Look, decide, send, until stopped. HUP reads the rules again, TERM finishes the message in hand."""
    place = state_dir(state, config)
    loaded, rules = usable(config, place)
    clock = MovingClock(at, runs=True) if at else Clock()
    with working(rules, place, clock) as service:
        if dry_run:
            return _dry(service)
        wire.keep_good(loaded, place)
        inforce.keep(loaded, place, service.now())
        room, exporter = mailroom(service), Exporter(service, place)
        reader = Reader(lambda: wire.load(config, place, proofs=place), lambda: mark_of(config, place), room.ears.ring)
        daemon = Daemon(service, Notifier(os.environ), lambda: again(reader.take, place, service, exporter.follow))
        daemon.reader, daemon.room, daemon.settle = reader, room, warming.settle
        service.learn = lambda rule: _learn(rule, config, place, daemon)
        count = len(rules.rulebook.clients)
        service.journal.info(f"ready: {count} client{'' if count == 1 else 's'}")
        if once:
            daemon.start()
            good = daemon.pass_once()
            room.close()
            return Exit.DONE if good else Exit.SERVER
        daemon.wishes.catch()
        with closing(exporter):
            exporter.follow()
            daemon.run()
    return Exit.DONE


def _learn(rule: str, config: Path, state: Path, daemon: Daemon) -> None:
    """Writes an accepted rule, and asks for the rules to be read again. Raises OSError, ValueError."""
    learning.write(config, state, rule)
    daemon.wishes.reload = True


def _dry(service: Service) -> int:
    """What would happen to what is new; nothing is kept, marked or sent."""
    try:
        entries = [e for mailbox in service.mailboxes.values() for e in judge_only(mailbox, service)]
    except MailboxError as error:
        raise Stop(str(error), Exit.SERVER) from error
    for entry in entries:
        reply = entry.outgoing[0].template if entry.outgoing else "-"
        click.echo(f"{entry.received:%a %H:%M}  {entry.client or '-':<10} {entry.kind or '-':<18} {reply}")
    click.echo(f"{len(entries)} new messages. Nothing was kept or sent.")
    return Exit.DONE
