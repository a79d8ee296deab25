"""The story of a rush on real servers: Studio Rossi asks for something by tonight, and the clock is moved by the test.

The service and its verbs work in this process, so that its clock can be moved; the servers are real.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import StringIO
from pathlib import Path
from unittest import mock

from vamaild import wire
from vamaild.adapters.clock import MovingClock
from vamaild.cli import main
from vamaild.core.ledger import Entry, OutboxItem, QueueCase, State
from vamaild.core.promise import Promise
from vamaild.core.rush import Rush, RushState
from vamaild.daemon import Daemon
from vamaild.service import Service

from .bench import load
from .world import BOX, ROME, Ran, World, raw

MARCO, LUCA, CARLA = "marco@rossi.example", "luca@rossi.example", "carla@customer.example"
OFFICE = "office@rossi.example"
RUSHED = "Ciao, mi serve per stasera il preventivo."
SUBJECT = "Preventivo infissi"
REQUEST = "<request@rossi.example>"
ROSSI = """
[client]
id       = "rossi"
name     = "Studio Rossi"
arrives  = ["office@rossi.example"]
language = "it"
timezone = "Europe/Rome"
trust    = "send"

[[person]]
email    = "marco@rossi.example"
name     = "Marco"
role     = "client"
tone     = "tu"
accepts_rush = true

[[person]]
email    = "luca@rossi.example"
name     = "Luca"
role     = "client"

[lead]
days     = 4
cutoff   = "17:00"
holidays = ["IT"]

[rush]
mode     = "offer"
confirm  = "me"
per_week = 2

[[rush.tier]]
ready      = "today 18:00"
percent    = 50
ask_before = "11:30"
"""


def on(hour: int, minute: int = 0, day: int = 28, month: int = 11) -> datetime:
    """A moment of the story; it begins on Thursday 28 November 2024."""
    return datetime(2024, month, day, hour, minute, tzinfo=ROME)


def furnish(world: World, client: str = ROSSI, *, wait: str = "4m", server_id: str = "") -> World:
    """One client with a contract; replies wait four minutes."""
    world.build({"client-rossi.toml": client})
    main = world.config / "vamaild.toml"
    text = main.read_text(encoding="utf-8").replace('wait     = "0s"', f'wait     = "{wait}"')
    if server_id:
        text = text.replace('every    = "1s"', f'every    = "1s"\nserver_id = "{server_id}"')
    main.write_text(text, encoding="utf-8")
    return world


def arrive(
    world: World, text: str, *, at: datetime, key: str = REQUEST, sender: str = MARCO, subject: str = SUBJECT,
    answers: str = "", headers: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    """Somebody writes to the office; returns the Message-ID."""
    fields = {"Message-ID": key} | ({"In-Reply-To": answers, "References": answers} if answers else {})
    mail = raw(text, sender=sender, to=OFFICE, subject=subject, at=at, headers=fields | dict(headers or {}))
    world.imap.deliver(mail, when=at)
    return key


def verb(world: World, at: datetime, *arguments: str) -> Ran:
    """One call of the program's verb at this moment, in this process: a process of its own takes seconds to start."""
    environ = {"VAMAILD_CONFIG": str(world.config), "STATE_DIRECTORY": str(world.state), "VAMAILD_AT": at.isoformat()}
    out, err = StringIO(), StringIO()
    with (
        mock.patch.object(sys, "argv", ["vamaild", *arguments]),
        mock.patch.object(wire, "load", load),
        mock.patch.dict(os.environ, environ),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = main.run()
    assert "Traceback" not in out.getvalue() + err.getvalue()
    return Ran(code, out.getvalue(), err.getvalue())


# ---- what the ledger says


def rushes(world: World) -> list[Rush]:
    with world.ledger() as store:
        return list(store.rushes(tuple(RushState)))


def rush(world: World) -> Rush:
    (found,) = rushes(world)
    return found


def promises(world: World) -> list[Promise]:
    with world.ledger() as store:
        return sorted(store.promises(open_only=False), key=lambda p: p.id)


def cases(world: World) -> list[QueueCase]:
    with world.ledger() as store:
        return list(store.cases())


def outbox(world: World, *states: State) -> list[OutboxItem]:
    with world.ledger() as store:
        return list(store.outbox(states or tuple(State)))


def entry(world: World, message_id: str) -> Entry:
    with world.ledger() as store:
        for uid in world.imap.mails():
            found = store.find_entry(BOX, uid)
            if found and found.message_id == message_id:
                return found
    raise AssertionError(f"{message_id} is not in the ledger")


def owed(world: World) -> list[tuple[str, str, str]]:
    """(text, due, state) of every promise ever made, in the order in which they were made."""
    made = ((p.promise, p.promise.due.astimezone(ROME), str(p.state)) for p in promises(world))
    return [(promise.template, f"{due:%d %b %H:%M}", state) for promise, due, state in made]


def read(raw_mail: bytes) -> EmailMessage:
    """A mail as a program reads it."""
    found = message_from_bytes(raw_mail, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def body(mail: EmailMessage) -> str:
    """The text of a mail, its lines joined."""
    return " ".join(str(mail.get_content()).split())


# ---- the service in this process


class Quiet:
    def info(self, event: str, **fields: object) -> None: ...
    def warning(self, event: str, **fields: object) -> None: ...
    def error(self, event: str, **fields: object) -> None: ...


class Nobody:
    """Nobody watches over the service."""

    def ready(self) -> None: ...
    def reloading(self) -> None: ...
    def stopping(self) -> None: ...
    def status(self, text: str) -> None: ...
    def watchdog(self) -> None: ...


class Shop:
    """The running service over the servers of a world; time passes only in `go`."""

    def __init__(self, world: World, service: Service, clock: MovingClock) -> None:
        self.world, self.service, self.clock = world, service, clock
        self.daemon = Daemon(service, Nobody(), lambda: None)

    def go(self, at: datetime) -> None:
        """It is this moment, and the daemon passes once."""
        self.clock.advance(at - self.clock.now())
        assert self.daemon.pass_once()

    def offered(self, headers: Mapping[str, str] | None = None) -> str:
        """Marco asks at 10:40, the offer leaves at 10:45; its Message-ID."""
        arrive(self.world, RUSHED, at=on(10, 40), headers=headers)
        self.go(on(10, 40))
        self.go(on(10, 45))
        return str(self.world.replies()[-1]["Message-ID"])


@contextmanager
def open_shop(world: World, at: datetime) -> Iterator[Shop]:
    rules = wire.rules_of(load(world.config, play=False))
    assert rules is not None
    world.state.mkdir(exist_ok=True)
    clock = MovingClock(at - timedelta(minutes=1))
    service = wire.service(rules, wire.open_store(Path(world.state)), clock, Quiet())
    try:
        yield Shop(world, service, clock)
    finally:
        service.post.close()
        for mailbox in service.mailboxes.values():
            mailbox.close()
        service.store.close()
