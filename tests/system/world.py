"""A small world for the real program: its configuration directory, its servers, what it left in them afterwards.

The program runs as a process of its own (`python -m vamaild ...`), at a moment the test names; nothing here reaches
into it. Whatever it is given, it must never end in a traceback: `World.run` fails the test when it does.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.servers import ImapAccount
from vamaild.adapters.demo.smtp import SmtpSink, Taken, smtp_sink
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import Entry

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2024, 11, 28, 10, 40, tzinfo=ROME)  # a Thursday; past, because Dovecot keeps no future INTERNALDATE
CUSTOMER = "carla@customer.example"
PEOPLE = tuple(f"{name}@{town}.example" for town in ("alba", "brno", "cork", "dorf") for name in (
    "anna", "bruno", "cora", "dino", "elsa", "fabio", "gemma", "hugo", "ines", "jan"
))  # fmt: skip
"""Forty people who have nothing to do with each other."""
ALIAS = "office@acme.example"
ASSISTANT = "giulia@ferri-av.example"
CONTACT = {"email": "petr.more@proton.example", "phone": "+420 603 111 222"}
KEYWORD = "$vamaild"
BOX = "inbox"
SMTP_LOGIN = ("sender", "Heron-19-Ladder")
ORDINARY = "Ciao, mi mandi il preventivo per gli infissi? Grazie, Carla"
DAMAGE = "Aiuto, si sta allagando il magazzino e l'acqua non si ferma!"
MAIN = """
[me]
name     = "Giulia Ferri"
email    = "{assistant}"
language = "it"
timezone = "Europe/Rome"

{mailboxes}
[send]
smtp     = "{smtp}"
user     = "{smtp_user}"
password = "secret:smtp"
wait     = "0s"
wait_emergency = "0s"
{send_more}
"""
MAILBOX = """
[[mailbox]]
name     = "{name}"
imap     = "{imap}"
user     = "{user}"
password = "secret:{secret}"
every    = "1s"
folder   = "{folder}"
keyword  = "{keyword}"
ca       = "{ca}"
"""
SECRETS = """
[passwords]
mailbox = "{mailbox}"
wrong   = "Walnut-55-Kite"
smtp    = "{smtp}"

[contacts.petr]
email = "{email}"
phone = "{phone}"
"""
ACME = """
[client]
id       = "acme"
name     = "Acme"
principal = "Mario Rossi"
arrives  = ["office@acme.example"]
language = "it"
timezone = "Europe/Rome"
trust    = "send"

[lead]
days = 4

[escalation]
chain      = ["me", "petr"]
me_first   = "10m"
ack_within = "10m"
"""
BETA = ACME.replace("acme", "beta").replace("Acme", "Beta").replace("Mario Rossi", "Bruno Bianchi")


@dataclass(frozen=True)
class Ran:
    """One run of the program."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass
class World:
    """A configuration directory, its servers, and the program."""

    folder: Path
    imap: ImapAccount
    sink: SmtpSink
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def build(self, clients: Mapping[str, str] | None = None, **changes: str) -> "World":
        """Writes the configuration. `changes` replace values of the [[mailbox]], of [send] or of secrets.toml."""
        rules = self.config / "rules.d"
        shutil.rmtree(self.config, ignore_errors=True)
        rules.mkdir(parents=True)
        for name, text in (clients or {"client-acme.toml": ACME}).items():
            (rules / name).write_text(text, encoding="utf-8")
        self.write_main(**changes)
        self.write_secrets(**changes)
        return self

    def mailbox_table(self, **changes: str) -> str:
        scheme = {"none": "imap", "implicit": "imaps", "starttls": "imap+starttls"}[self.imap.tls]
        usual = {
            "name": BOX, "imap": f"{scheme}://{self.imap.host}:{self.imap.port}", "user": self.imap.user,
            "secret": "mailbox", "folder": "INBOX", "keyword": KEYWORD, "ca": self.imap.ca or "",
        }  # fmt: skip
        return MAILBOX.format(**{**usual, **{k: v for k, v in changes.items() if k in usual}})

    def write_main(self, *, more_mailboxes: str = "", **changes: str) -> None:
        usual = {
            "smtp": f"smtp://{self.sink.host}:{self.sink.port}", "smtp_user": SMTP_LOGIN[0], "send_more": "",
            "assistant": ASSISTANT,
        }  # fmt: skip
        known = {k: v for k, v in changes.items() if k in usual}
        text = MAIN.format(mailboxes=self.mailbox_table(**changes) + more_mailboxes, **{**usual, **known})
        (self.config / "vamaild.toml").write_text(text, encoding="utf-8")

    def write_secrets(self, **changes: str) -> None:
        usual = {"mailbox": self.imap.password, "smtp": SMTP_LOGIN[1], **CONTACT}
        path = self.config / "secrets.toml"
        path.write_text(SECRETS.format(**usual | {k: v for k, v in changes.items() if k in ("mailbox",)}))
        path.chmod(0o600)

    def rule_file(self, name: str) -> Path:
        return self.config / "rules.d" / name

    # ---- the program

    def command(self, *arguments: str, program: Sequence[str] = ("-m", "vamaild")) -> list[str]:
        return [sys.executable, *program, *arguments]

    def surroundings(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
        return {**kept, "PYTHONUTF8": "1", "TZ": "Europe/Rome", **self.environ}

    def run(self, *arguments: str, program: Sequence[str] = ("-m", "vamaild"), stdin: bytes = b"") -> Ran:
        """Runs the program to its end; a traceback fails the test, whatever the test is about."""
        done = subprocess.run(
            self.command(*arguments, program=program), input=stdin, capture_output=True,
            timeout=90, env=self.surroundings(), cwd=self.folder,
        )  # fmt: skip
        ran = Ran(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))
        assert "Traceback" not in ran.said, ran.said
        return ran

    def once(self, at: datetime = NOW, *more: str, program: Sequence[str] = ("-m", "vamaild")) -> Ran:
        """`vamaild run --once` at this moment."""
        return self.run("run", "--once", *self.places(), "--at", at.isoformat(), *more, program=program)

    def places(self) -> list[str]:
        return ["--config", str(self.config), "--state", str(self.state)]

    @contextmanager
    def daemon(self, *more: str, program: Sequence[str] = ("-m", "vamaild")) -> Iterator["Daemon"]:
        """`vamaild run`, which is killed at the end should it still live."""
        out = self.folder / "daemon.log"
        with out.open("wb") as log:
            process = subprocess.Popen(
                self.command("run", *self.places(), *more, program=program), stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, env=self.surroundings(), cwd=self.folder,
            )  # fmt: skip
        try:
            yield Daemon(process, out)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()
        assert "Traceback" not in out.read_text(encoding="utf-8", errors="replace")

    # ---- what it left

    @contextmanager
    def ledger(self) -> Iterator[SqliteStore]:
        store = SqliteStore(self.state / "vamaild.db")
        try:
            yield store
        finally:
            store.close()

    def entries(self, *, mailbox: str = BOX) -> dict[int, Entry]:
        """What the ledger says about every message that is in the mailbox now, by UID."""
        with self.ledger() as store:
            found = {uid: store.find_entry(mailbox, uid) for uid in self.imap.mails()}
        missing = [uid for uid, entry in found.items() if entry is None]
        assert not missing, f"messages {missing} are not in the ledger"
        return {uid: entry for uid, entry in found.items() if entry is not None}

    def flags(self) -> dict[int, set[bytes]]:
        """The flags of every message, without \\Recent, which belongs to a session and to nobody's doing."""
        return {uid: set(flags) - {rb"\Recent"} for uid, (flags, _) in self.imap.mails().items()}

    def sent(self) -> list[EmailMessage]:
        """Every mail that left, oldest first."""
        return [letter(mail) for mail in self.sink.mails]

    def replies(self) -> list[EmailMessage]:
        """Those of them that went to customers."""
        return [mail for mail in self.sent() if mail["Auto-Submitted"] == "auto-replied"]

    def notices(self) -> list[EmailMessage]:
        """Those of them that went to our own people."""
        return [mail for mail in self.sent() if mail["Auto-Submitted"] == "auto-generated"]


@dataclass
class Daemon:
    """A running `vamaild run`."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait_for(self, what: str | Callable[[], object], seconds: float = 30.0) -> None:
        """Until the log holds these words, or the function answers yes."""
        until(lambda: what in self.said() if isinstance(what, str) else what(), seconds, lambda: self.said())

    def end(self, seconds: float = 10.0) -> int:
        """SIGTERM; the exit code."""
        self.signal(signal.SIGTERM)
        return self.process.wait(seconds)


def until(true: Callable[[], object], seconds: float = 30.0, shown: Callable[[], str] = str) -> None:
    """Waits for something to become true; fails the test with what is shown when it does not."""
    ends = time.monotonic() + seconds
    while not true():
        if time.monotonic() > ends:
            pytest.fail(f"it did not happen within {seconds:g} s:\n{shown()}")
        time.sleep(0.05)


def letter(mail: Taken) -> EmailMessage:
    """A mail that left, as the program that reads it sees it."""
    found = message_from_bytes(mail.raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def raw(
    text: str = ORDINARY, *, sender: str = CUSTOMER, to: str = ALIAS, subject: str = "Preventivo",
    number: int = 1, at: datetime = NOW - timedelta(minutes=10), headers: Mapping[str, str] | None = None,
) -> bytes:  # fmt: skip
    """A message of a customer as the last server hands it over."""
    fields = {
        "Return-Path": f"<{sender}>",
        "Delivered-To": to,
        "From": sender,
        "To": to,
        "Subject": subject,
        "Date": format_datetime(at),
        "Message-ID": f"<{number}@customer.example>",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        **(headers or {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"{head}\r\n{text}\r\n".encode()


@contextmanager
def sink_with_login() -> Iterator[SmtpSink]:
    """The outgoing server of a world; it lets nobody send who has not signed in."""
    with smtp_sink(login=SMTP_LOGIN) as sink:
        yield sink


def assert_secret_kept(*texts: bytes | str) -> None:
    """Nothing of [contacts] stands in any of these, as written or with blanks, dashes and case taken away."""
    for text in texts:
        shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        bare = re.sub(r"[^a-z0-9@]", "", shown.lower())
        for value in CONTACT.values():
            assert value not in shown
            assert re.sub(r"[^a-z0-9@]", "", value.lower()) not in bare


class Manager:
    """A service manager that listens where NOTIFY_SOCKET points."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(0.2)
        self.heard: list[str] = []
        self._over = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._over:
            with suppress(TimeoutError):
                self.heard += self._socket.recv(4096).decode().splitlines()

    def close(self) -> None:
        self._over = True
        self._thread.join(5)
        self._socket.close()
