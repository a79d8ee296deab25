"""`vamaild run`: the service, in the foreground, for people and for systemd alike."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from .. import learning, wire
from ..adapters.clock import Clock, MovingClock
from ..adapters.lock import LockError, only_one
from ..adapters.systemd import Notifier
from ..core.ledger import MailboxError, StoreError
from ..daemon import Daemon
from ..round import judge_only
from ..service import Rules, Service
from ..web import links
from .screen import Exit, Stop, at_option, complain, config_option, state_dir, state_option
from .setup import unusable


def usable(config: Path, state: Path) -> tuple[wire.Loaded, Rules]:
    """The configuration to start with; everything wrong is said. Stops with exit 3 when it cannot be used."""
    loaded = wire.load(config, state)
    rules = wire.rules_of(loaded)
    for problem in loaded.problems:
        complain(str(problem))
    if rules is None:
        raise Stop(unusable(config), Exit.CONFIGURATION)
    return loaded, rules


def again(config: Path, state: Path, service: Service) -> Rules | None:
    """Reads the rules anew. One line for each fault; None, so that the old ones stay, when they cannot be used."""
    loaded = wire.load(config, state)
    for problem in loaded.errors:
        place = f"{problem.file}:{problem.line}"
        service.journal.error("not taken over", file=place, fault=problem.what, advice=problem.help)
    rules = wire.rules_of(loaded)
    if rules is None:
        service.journal.error("the old rules stay in force")
        return None
    wire.keep_good(loaded, state)
    service.rules = rules
    wire.equip(service)
    links.equip(service, state)
    return rules


@contextmanager
def working(rules: Rules, state: Path, clock: Clock) -> Iterator[Service]:
    """A service over an open ledger, locked against a second one. Stops when that cannot be had."""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with only_one(state):
            service = wire.service(rules, wire.open_store(state), clock, wire.journal(rules.settings, clock, state))
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
        daemon = Daemon(service, Notifier(os.environ), lambda: again(config, place, service))
        service.learn = lambda rule: _learn(rule, config, place, daemon)
        count = len(rules.rulebook.clients)
        service.journal.info(f"ready: {count} client{'' if count == 1 else 's'}")
        if once:
            daemon.start()
            return Exit.DONE if daemon.pass_once() else Exit.SERVER
        daemon.wishes.catch()
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
