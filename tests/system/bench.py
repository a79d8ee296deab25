"""The verbs of the command line over a ledger that a real service has filled: real rules and texts, no servers.

The service works in this process, on the configuration of the README; the program is called with its own arguments,
files and clock, as from a shell.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from vamaild import dispatch, round, wire
from vamaild.adapters.clock import MovingClock
from vamaild.adapters.store import SqliteStore, random_code
from vamaild.cli import main
from vamaild.core.ledger import DATABASE, Arrival, State
from vamaild.service import Service

SAMPLES = Path(__file__).parents[1] / "data" / "readme" / "config"
ROME = ZoneInfo("Europe/Rome")
MORNING = datetime(2026, 11, 26, 10, 40, tzinfo=ROME)  # a Thursday
MARCO, STRANGER = "marco@studiorossi.example", "eva@mala.example"
ROSSI, NOVAK = "info@studiorossi.example", "info@novak-okna.example"
CONTACT = ("petr.more@proton.example", "+420 603 111 222", "603111222")
RUSHED = "Ciao, mi serve per stasera il preventivo."
PLAIN = "Ciao, quando puoi mi mandi il preventivo?"


read = wire.load
LOADED: dict[object, wire.Loaded] = {}


def load(config: Path, state: Path | None = None, **how: bool) -> wire.Loaded:
    """As wire.load, but the same files are read once, wherever they lie: reading them takes a second."""
    places = (config, *((state / "rules.d",) if state else ()))
    files = tuple((str(p.relative_to(place)), p.read_bytes()) for place in places for p in sorted(place.rglob("*.t*")))
    key = (files, tuple(sorted(how.items())))
    if key not in LOADED:
        LOADED[key] = read(config, state, **how)
    return LOADED[key]


class Box:
    """A mailbox as a list."""

    name = "mailbox"

    def __init__(self) -> None:
        self.mails: list[Arrival] = []

    def open(self) -> int:
        return 1

    def arrivals(self, after: int) -> Iterator[tuple[Arrival, ...]]:
        if found := tuple(a for a in self.mails if a.uid > after):
            yield found

    def mark(self, uids: Sequence[int]) -> bool:
        return True

    def answered(self, ids: Sequence[str]) -> frozenset[str]:
        return frozenset()

    def file(self, raw: bytes, special: str) -> bool:
        return True

    def close(self) -> None: ...


class Post:
    """Takes everything; keeps the recipients."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []

    def send(self, to: str, raw: bytes) -> None:
        self.sent.append((to, raw))

    def close(self) -> None: ...


class Quiet:
    def info(self, event: str, **fields: object) -> None: ...
    def warning(self, event: str, **fields: object) -> None: ...
    def error(self, event: str, **fields: object) -> None: ...


@dataclass(frozen=True)
class Said:
    """What one call of the program said."""

    code: int
    out: str
    err: str


class Office:
    """A configuration directory, its ledger, and the service that fills it. `codes` are the case codes, in order."""

    def __init__(self, config: Path, state: Path, codes: Iterator[str] | None = None) -> None:
        self.config, self.state = config, state
        if not config.exists():
            shutil.copytree(SAMPLES, config)
        (config / "secrets.toml").chmod(0o600)
        self.clock, self.box, self.post = MovingClock(MORNING), Box(), Post()
        self._new_code = (lambda: next(codes)) if codes else random_code

    def change(self, file: str, old: str, new: str) -> None:
        """Edits a file of the configuration."""
        path = self.config / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    @contextmanager
    def store(self) -> Iterator[SqliteStore]:
        self.state.mkdir(exist_ok=True)
        store = SqliteStore(self.state / DATABASE, new_code=self._new_code)
        try:
            yield store
        finally:
            store.close()

    @contextmanager
    def service(self) -> Iterator[Service]:
        """The service, as the running daemon has it."""
        rules = wire.rules_of(load(self.config, self.state, play=False))
        assert rules is not None
        with self.store() as store:
            boxes = {self.box.name: cast(Any, self.box)}
            yield Service(rules, store, self.post, boxes, wire.reader(), self.clock, Quiet())

    def go(self, hour: int, minute: int = 0, day: int = 26) -> None:
        moment = MORNING.replace(day=day, hour=hour, minute=minute)
        self.clock.advance(moment - self.clock.now())

    def write(self, text: str, *, sender: str = MARCO, to: str = ROSSI, answers: str = "", subject: str = "") -> None:
        """Somebody writes, and the service looks; nothing is sent."""
        number = len(self.box.mails) + 1
        mail = EmailMessage()
        mail["Return-Path"], mail["Delivered-To"] = f"<{sender}>", to
        mail["From"], mail["To"] = f"{sender.partition('@')[0].capitalize()} <{sender}>", to
        mail["Subject"] = subject or "Preventivo infissi"
        mail["Date"], mail["Message-ID"] = format_datetime(self.clock.now()), f"<{number}@there.example>"
        if answers:
            mail["In-Reply-To"] = mail["References"] = answers
        mail.set_content(text)
        raw = mail.as_bytes(policy=SMTP)
        self.box.mails.append(Arrival(number, 1, self.clock.now(), len(raw), raw))
        with self.service() as service:
            round.look_into(cast(Any, self.box), service)

    def send(self, after: timedelta = timedelta(minutes=5)) -> list[str]:
        """What is due leaves; returns the recipients."""
        self.clock.advance(after)
        before = len(self.post.sent)
        with self.service() as service:
            dispatch.send_due(service)
            dispatch.file_copies(cast(Any, self.box), service)
        return [to for to, _ in self.post.sent[before:]]

    def bought(self) -> str:
        """Marco is offered two prices at 10:40 and says B at 10:46; the code of the case. It is 10:52 then."""
        self.write(RUSHED)
        self.send()
        with self.store() as store:
            (offer,) = [i.mail.key for i in store.outbox((State.SENT,)) if i.mail.template == "rush-offer"]
        self.go(10, 46)
        self.write("ok B, grazie", answers=offer, subject="Re: Preventivo infissi")
        self.go(10, 52)
        with self.store() as store:
            return store.cases()[-1].code


class Bench(Office):
    """The same, and the program."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(folder / "config", folder / "state")
        self._patch, self._capture = monkeypatch, capsys

    def ask(self, *arguments: str) -> Said:
        """The program, at the moment of the clock. Nothing of a contact is ever said."""
        self._patch.setattr("sys.argv", ["vamaild", *arguments])
        self._patch.setattr(wire, "load", load)
        environ = {
            "VAMAILD_CONFIG": str(self.config), "STATE_DIRECTORY": str(self.state),
            "VAMAILD_AT": self.clock.now().isoformat(),
        }  # fmt: skip
        for name, value in environ.items():
            self._patch.setenv(name, value)
        self._capture.readouterr()
        code = main.run()
        out, err = self._capture.readouterr()
        assert "Traceback" not in out + err
        assert not [secret for secret in CONTACT if secret in out + err]
        return Said(code, out, err)
