"""`vamaild web`: the page behind the links in notices, as a process of its own; `--link` prints such a link."""

import os
import signal
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..core.chainwords import ME
from .screen import Exit, Stop, at_option, config_option, state_dir, state_option
from .setup import ledger, prepare

if TYPE_CHECKING:
    from ..core.ledger import Store
    from ..service import Clock, Journal, Rules
    from ..web.site import Pages

OFF = 'The page is off. Switch it on in vamaild.toml:  [web]  url = "https://…"  (see docs/web.md)'
MISSING = "The page needs two more packages. Install them:  pip install 'vamaild[web]'"
QUEUE_WORD = "queue"


def rules_for(config: Path, state: Path) -> "Rules":
    """What the page works by. Stops when the configuration cannot be used or has no [web]."""
    from .. import wire
    from ..service import Rules

    ready = prepare(config, state)
    if ready.settings.web is None:
        raise Stop(OFF, Exit.CONFIGURATION)
    return Rules(ready.settings, ready.rulebook, ready.tools, wire.sending(ready.settings))


def opened(store: "Store", rules: "Rules", config: Path, state: Path, clock: "Clock", journal: "Journal") -> "Pages":
    """The pages over this ledger. Stops when there is no key, or a text that cannot be used."""
    from ..adapters.keyfile import KeyFileError
    from ..web import desk
    from ..web.wording import WordingError

    try:
        return desk.pages(desk.service(rules, store, clock, journal), config, state)
    except (KeyFileError, WordingError) as error:
        raise Stop(str(error), Exit.CONFIGURATION) from error


@click.command()
@config_option
@state_option
@at_option
@click.option("--link", "about", metavar="WHAT", help='Print a link: a case, "queue", or a client (verdicts).')
@click.option("--person", default=ME, show_default=True, help="For whom the link is: a name of the chain.")
def web(config: Path, state: Path | None, at: datetime | None, about: str | None, person: str) -> int:
    """The page behind the links in notices, on this machine only: a proxy adds TLS. HUP reads the rules again.

    \b
    vamaild web                    in the foreground, for systemd
    vamaild web --link 4F7K        a link to that case
    vamaild web --link queue       a link to your queue of today
    """
    from .. import wire
    from ..adapters.clock import Clock, MovingClock

    place = state_dir(state, config)
    rules = rules_for(config, place)
    clock = MovingClock(at, runs=True) if at else Clock()
    with ledger(place) as store:
        pages = opened(store, rules, config, place, clock, wire.journal(rules.settings, clock, place))
        if about is not None:
            return _print(pages, about, person)
        _watch_for_reload(pages, config, place)
        return _serve(pages)


def _print(pages: "Pages", about: str, person: str) -> int:
    """A link for the assistant to open, or to hand to somebody of the chain."""
    from ..web.links import CASE, LASTS, QUEUE, VERDICTS, whose

    service = pages.service
    clients = [r.client.id for r in service.rules.rulebook.clients]
    scope, subject = CASE, about.upper()
    if about == QUEUE_WORD:
        scope, subject = QUEUE, ""
    elif about in clients:
        scope, subject = VERDICTS, about
    elif service.store.case(subject) is None:
        raise Stop(f"There is no case and no client {about}. See: vamaild queue", Exit.NOT_FOUND)
    who = whose(scope, subject, person, service)
    click.echo(pages.links.page(scope, subject, person, service.now() + LASTS, who))
    return Exit.DONE


def _watch_for_reload(pages: "Pages", config: Path, state: Path) -> None:
    """SIGHUP asks; the next visit is answered by the new rules and key, or by the old ones if those are faulty."""
    asked: list[int] = []
    signal.signal(signal.SIGHUP, lambda number, frame: asked.append(number))

    def fresh(pages: "Pages") -> None:
        if not asked:
            return
        asked.clear()
        old = pages.service
        try:
            new = opened(old.store, rules_for(config, state), config, state, old.clock, old.journal)
        except Stop as error:
            old.journal.error("the old rules stay in force", fault=error.message)
            return
        pages.service, pages.links, pages.wordings = new.service, new.links, new.wordings
        old.journal.info("reloaded", clients=len(new.service.rules.rulebook.clients))

    pages.fresh = fresh


def _serve(pages: "Pages") -> int:
    try:
        from ..adapters.serve import serve
        from ..adapters.web import App
    except ImportError as error:
        raise Stop(MISSING, Exit.CONFIGURATION) from error
    from ..adapters.systemd import Notifier

    settings, notifier, journal = pages.service.rules.settings.web, Notifier(os.environ), pages.service.journal
    assert settings is not None

    def ready(port: int) -> None:
        journal.info(f"ready: the page listens on {settings.host}:{port}")
        notifier.ready()

    try:
        serve(App(pages), settings.host, settings.port, ready)
    except OSError as error:
        raise Stop(f"{settings.host}:{settings.port}: {error.strerror or error}", Exit.ATTENTION) from error
    notifier.stopping()
    return Exit.DONE
