"""A configuration with a page, its ledger with floods in it, and the page as a process of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.contracts.entries import entry
from vamaild import chain, wire
from vamaild.adapters.clock import MovingClock
from vamaild.adapters.store import SqliteStore
from vamaild.core.cases import NewCase, QueueCase
from vamaild.core.chainwords import Said
from vamaild.core.ledger import DATABASE, Entry, Outcome, Outgoing, Sort
from vamaild.service import Rules, Service
from vamaild.web import desk, links

PRAGUE = ZoneInfo("Europe/Prague")
NOW = datetime(2026, 12, 3, 10, 40, tzinfo=PRAGUE)  # a Thursday
TELEPHONE, ADDRESS = "+420 603 111 222", "petr.more@proton.example"
MAIN = """
[me]
name     = "Jana Horáková"
email    = "jana@asistentka.example"
language = "cs"
timezone = "Europe/Prague"

[mailbox]
imap     = "imaps://imap.asistentka.example"
user     = "klienti@asistentka.example"
password = "secret:mailbox"

[send]
smtp     = "smtps://smtp.asistentka.example"
user     = "klienti@asistentka.example"
password = "secret:mailbox"

[web]
url      = "http://127.0.0.1:{port}"
listen   = "127.0.0.1:{port}"
"""
SECRETS = f"""
[passwords]
mailbox = "Walnut-55-Kite"

[contacts.petr-sea]
sms   = "{TELEPHONE}"
email = "{ADDRESS}"
command = "true"
"""
CLIENT = """
[client]
id       = "{name}"
name     = "{name}"
arrives  = ["petr@{name}.example"]
language = "{language}"
timezone = "Europe/Prague"
trust    = "send"

[absence]
from     = 2026-11-30
back     = 2026-12-07
say      = {{ cs = "na dovolené", it = "in ferie", en = "away" }}

[colleague]
name     = "Tomáš Král"
email    = "tomas@kral.example"

[escalation]
chain    = [{chain}]
me_first = "10m"
ack_within = "20m"
timezone = "Europe/Athens"
"""
CLIENTS = {"novak": "cs", "rossi": "it", "smith": "en"}
SUBJECT = "voda teče do prodejny pod námi"
CHAIN = '"me", "petr-sea", "colleague"'
TEXT = (
    "Dobrý den,\n\npo montáži praskla přípojka a teče to stropem do prodejny pod námi. Zavřeli jsme hlavní uzávěr, "
    "ale nevíme, co dál. Jsem tady na 555 000 222.\n\nEva Malá"
)
TOLD = """Subject: x
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Dobrý den,

Vaše zpráva dorazila a je označená jako naléhavá. Dnes do 12:10 Vám napíšu.

Jana
"""
READY = re.compile(r"listens on ([\d.]+):(\d+)")


@dataclass
class World:
    """Three clients, in three languages, with the same chain."""

    root: Path
    port: int
    mails: int = 0
    read: list[Rules] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.root / "etc"

    @property
    def state(self) -> Path:
        return self.root / "state"

    def write(self, chain: str = CHAIN) -> "World":
        (self.config / "rules.d").mkdir(parents=True, exist_ok=True)
        (self.config / "vamaild.toml").write_text(MAIN.format(port=self.port))
        (self.config / "secrets.toml").write_text(SECRETS)
        (self.config / "secrets.toml").chmod(0o600)
        for name, language in CLIENTS.items():
            client = CLIENT.format(name=name, language=language, chain=chain)
            (self.config / "rules.d" / f"client-{name}.toml").write_text(client)
        self.state.mkdir(mode=0o700, exist_ok=True)
        return self

    def rules(self) -> Rules:
        if not self.read:
            found = wire.rules_of(wire.load(self.config, self.state, play=False))
            assert found is not None
            self.read.append(found)
        return self.read[0]

    @contextmanager
    def service(self, at: datetime = NOW) -> Iterator[Service]:
        """As the daemon has it, but that nothing is sent."""
        store, clock = SqliteStore(self.state / DATABASE), MovingClock(at)
        try:
            rules = self.rules()
            service = desk.service(rules, store, clock, wire.journal(rules.settings, clock, self.state))
            links.equip(service, self.state)
            yield service
        finally:
            store.close()

    def flood(self, client: str = "novak", subject: str = SUBJECT, text: str = TEXT) -> str:
        """The mail came, the customer got the receipt, the assistant passed the case on; returns its code."""
        self.mails += 1
        with self.service() as service:
            store = service.store
            row = store.record(_mail(self.mails, client, subject, text))
            (case,) = (c for c in store.cases() if c.message == row)
            assert chain.look_at(case, service)
            service.clock.advance(timedelta(minutes=4))  # type: ignore[attr-defined]  # a MovingClock
            assert chain.answer(service, case.code, "me", chain.Answer("pass_on"), "cli").said is Said.PASSED
            return case.code

    def case(self, code: str) -> QueueCase:
        with self.service() as service:
            found = service.store.case(code)
        assert found is not None
        return found

    def link(self, about: str, person: str = "petr-sea", *, scope: str = "c", hours: float = 72) -> str:
        with self.service() as service:
            return service.page_link(scope, about, person, NOW + timedelta(hours=hours))

    @contextmanager
    def running(self, at: datetime = NOW + timedelta(minutes=5)) -> Iterator[subprocess.Popen[str]]:
        """`vamaild web`, until the end of the block; it must end by itself and say nothing on stderr."""
        command = [sys.executable, "-m", "vamaild", "web", "--config", str(self.config), "--state", str(self.state)]
        process = subprocess.Popen(
            [*command, "--at", at.isoformat()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert READY.search(line), line + (process.stderr.read() if process.stderr else "")
            yield process
        finally:
            process.terminate()
            _, said = process.communicate(timeout=20)
        assert (process.returncode, said.strip()) == (0, "")


def _mail(number: int, client: str, subject: str, text: str) -> Entry:
    told = Outgoing(
        f"<r{number}@v>", Sort.COURTESY, "eva@mala.example", TOLD.encode(), NOW, client, "emergency-received"
    )
    evidence = ["teče to stropem", "do prodejny"]
    case = NewCase(client, "emergency", ", ".join(evidence), "Eva Malá", subject, escalates=True, due=NOW, joins=False)
    plain = entry(number, received=NOW, decided_at=NOW, client=client, outcome=Outcome.ESCALATED, reason="", case=case)
    return replace(plain, outgoing=(told,), explanation={"new_text": text, "evidence": evidence})


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
