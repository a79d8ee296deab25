"""Real mail servers for the tests, on free ports of the loopback interface, each stopped with the test run.

`imap` runs a test against pymap and against Dovecot; `pymap` and `dovecot` are one of them alone. Dovecot comes from
Debian (dovecot-imapd): where it is missing its tests are skipped, but with CI=true they fail. `sink` is an SMTP server
that keeps what it gets. `scripted_imap` answers whatever a test wants, for faults that no real server would commit.
"""

import ctypes
import itertools
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient

from vamaild.adapters.demo.imap import imap_server
from vamaild.adapters.demo.smtp import SmtpSink, smtp_sink
from vamaild.adapters.mailbox import ImapMailbox

TLS_FILES = Path(__file__).parent / "data" / "tls"
CERTIFICATE, KEY = TLS_FILES / "server.pem", TLS_FILES / "server.key"
OTHER_CERTIFICATE, OTHER_KEY = TLS_FILES / "other.pem", TLS_FILES / "other.key"
PASSWORD = "pass word"
DOVECOT_USERS = 400
START_SECONDS = 10


@dataclass(frozen=True)
class ImapAccount:
    """An empty account on a running server: what a test needs to put mail in, and to look at it afterwards."""

    kind: str
    host: str
    port: int
    tls: str
    user: str
    password: str
    ca: str | None = None
    home: Path | None = None

    def mailbox(self, **changes: object) -> ImapMailbox:
        """The adapter under test, pointed at this account."""
        plain = {f: getattr(self, f) for f in ("host", "port", "tls", "user", "password", "ca")}
        return ImapMailbox(**{"name": self.kind, "read_seconds": 10.0, **plain, **changes})

    @contextmanager
    def client(self, folder: str = "INBOX") -> Iterator[IMAPClient]:
        """A second session, as somebody's mail program would have."""
        context = ssl.create_default_context(cafile=self.ca) if self.tls == "implicit" else None
        with IMAPClient(self.host, self.port, ssl=self.tls == "implicit", ssl_context=context, timeout=10) as client:
            client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.login(self.user, self.password) if " " not in self.user else None
            client.select_folder(folder)
            yield client

    def deliver(self, *mails: bytes, folder: str = "INBOX", when: datetime | None = None) -> None:
        """Puts mails into a folder; `when` is their INTERNALDATE."""
        with self.client() as client:
            for mail in mails:
                client.append(folder, mail, msg_time=when)

    def mails(self, folder: str = "INBOX") -> dict[int, tuple[tuple[bytes, ...], bytes]]:
        """Flags and bytes by UID of everything in a folder."""
        with self.client(folder) as client:
            found = client.fetch(client.search(), ["FLAGS", "BODY.PEEK[]"])
            return {uid: (row[b"FLAGS"], row[b"BODY[]"]) for uid, row in found.items()}


def server_tls(certificate: Path = CERTIFICATE, key: Path = KEY) -> ssl.SSLContext:
    """The server's side of TLS, with a certificate for localhost that is valid until 2126."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


# ---- pymap


@pytest.fixture(scope="session")
def pymap_server() -> Iterator[ImapAccount]:
    with imap_server("demo", PASSWORD) as server:
        yield ImapAccount("pymap", server.host, server.port, "none", server.user, server.password)


@pytest.fixture
def pymap(pymap_server: ImapAccount) -> ImapAccount:
    """The account on pymap, emptied."""
    for folder in ("INBOX", "Sent", "Drafts"):
        with pymap_server.client(folder) as client:
            if found := client.search():
                client.delete_messages(found)
                client.expunge()
    return pymap_server


# ---- Dovecot


@dataclass(frozen=True)
class Dovecot:
    """A private Dovecot. `account` hands out a fresh, empty account each time."""

    port: int
    tls_port: int
    base: Path
    numbers: Iterator[int]

    def account(self) -> ImapAccount:
        user = f"u{next(self.numbers)}"
        ca = str(CERTIFICATE)
        return ImapAccount(
            "dovecot", "127.0.0.1", self.tls_port, "implicit", user, PASSWORD, ca, self.base / "mail" / user
        )

    def doveadm(self, *arguments: str) -> str:
        command = ["doveadm", "-c", str(self.base / "dovecot.conf"), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[Dovecot]:
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Dovecot is not installed (Debian: apt install dovecot-imapd), and CI must not skip its tests")
        pytest.skip("Dovecot is not installed (Debian: apt install dovecot-imapd)")
    base = Path(tempfile.mkdtemp(prefix="vamaild-dovecot-"))
    try:
        with running_dovecot(program, base) as server:
            yield server
    finally:
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def dovecot(dovecot_server: Dovecot) -> ImapAccount:
    """A new account on Dovecot, over TLS."""
    return dovecot_server.account()


@contextmanager
def running_dovecot(program: str, base: Path) -> Iterator[Dovecot]:
    server = Dovecot(free_port(), free_port(), base, itertools.count(1))
    (base / "dovecot.conf").write_text(_dovecot_conf(server))
    users = (f"u{n}:{{PLAIN}}{PASSWORD}::::{base}/mail/u{n}::\n" for n in range(1, DOVECOT_USERS))
    (base / "users").write_text("".join(users))
    (base / "mail").mkdir()
    base.chmod(0o755)
    (base / "mail").chmod(0o777)
    with (base / "out.log").open("wb") as out:
        process = subprocess.Popen(
            [program, "-F", "-c", str(base / "dovecot.conf")], stdout=out, stderr=out, preexec_fn=_die_with_parent
        )
    try:
        _wait_for(server.tls_port, process, base)
        yield server
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _wait_for(port: int, process: "subprocess.Popen[bytes]", base: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    logs = [(base / name).read_text() for name in ("out.log", "dovecot.log") if (base / name).exists()]
    pytest.fail("Dovecot did not start:\n" + "\n".join(logs))


ACCOUNTS = """disable_plaintext_auth = no
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%n {base}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%n {base}/users
  default_fields = uid={mail} gid={group}
}}
mail_location = maildir:~/Maildir
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Drafts {{
    auto = create
    special_use = \\Drafts
  }}
}}
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
"""
"""Of a Dovecot: its accounts, their folders, its certificate. The benchmarks have the same."""


DOVECOT = """
base_dir = {server.base}/run
state_dir = {server.base}/state
log_path = {server.base}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
mail_uid = {mail}
mail_gid = {group}
first_valid_uid = 1
mail_max_userip_connections = 500
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {server.port}
  }}
  inet_listener imaps {{
    port = {server.tls_port}
    ssl = yes
  }}
}}
protocol imap {{
  rawlog_dir = {server.base}/rawlog/%u
}}
{accounts}"""


def _dovecot_conf(server: Dovecot) -> str:
    """Everything under one folder; as root the mail belongs to nobody, otherwise all runs as the user of the tests."""
    if os.geteuid() == 0:
        mail, internal, login = "nobody", "dovecot", "dovenull"
    else:
        mail = internal = login = pwd.getpwuid(os.geteuid()).pw_name
    group = subprocess.run(["id", "-gn", mail], check=True, capture_output=True, text=True).stdout.strip()
    internal_group = subprocess.run(["id", "-gn", internal], check=True, capture_output=True, text=True).stdout.strip()
    accounts = ACCOUNTS.format(base=server.base, mail=mail, group=group, certificate=CERTIFICATE, key=KEY)
    found = {"mail": mail, "group": group, "internal": internal, "internal_group": internal_group, "login": login}
    return DOVECOT.format(server=server, accounts=accounts, **found)


@pytest.fixture(params=["pymap", pytest.param("dovecot", marks=pytest.mark.dovecot)])
def imap(request: pytest.FixtureRequest) -> ImapAccount:
    """The same test against both servers."""
    account: ImapAccount = request.getfixturevalue(request.param)
    return account


@pytest.fixture
def starttls(dovecot_server: Dovecot) -> ImapAccount:
    """An account on Dovecot's unencrypted port, which offers STARTTLS."""
    return replace(dovecot_server.account(), port=dovecot_server.port, tls="starttls", host="localhost")


# ---- SMTP


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """An SMTP server without encryption."""
    with smtp_sink() as server:
        yield server


# ---- an IMAP server that does what a test says


class Talk:
    """One connection of a scripted server."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.lines = sock.makefile("rb")

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)


Answer = Callable[[Talk, bytes, bytes, bytes], bool | None]
"""Gets the connection, tag, command (upper case) and arguments; True when it has answered itself."""

SELECTED = b"* 3 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] x\r\n* OK [PERMANENTFLAGS (\\*)] x\r\n"
CAPABILITIES = b"IMAP4rev1 UIDPLUS"


@dataclass
class ScriptedImap:
    """A server that answers like any other, unless `answer` does. `wire` holds every line a client sent."""

    port: int
    wire: list[bytes]
    host: str = "127.0.0.1"

    def mailbox(self, **changes: object) -> ImapMailbox:
        settings = {"name": "x", "host": self.host, "port": self.port, "tls": "none", "user": "u", "password": "p"}
        return ImapMailbox(**{**settings, "read_seconds": 1.0, "call_seconds": 1.5, **changes})


@contextmanager
def scripted_imap(
    answer: Answer = lambda *_: None, *, greeting: bytes = b"* OK hi\r\n", capabilities: bytes = CAPABILITIES,
    selected: bytes = SELECTED, begin: Callable[[Talk], None] | None = None,
) -> Iterator[ScriptedImap]:  # fmt: skip
    listener = socket.create_server(("127.0.0.1", 0))
    server = ScriptedImap(listener.getsockname()[1], [])

    def talk(sock: socket.socket) -> None:
        with suppress(OSError, ValueError), sock:
            conversation = Talk(sock)
            if begin is not None:
                begin(conversation)
            conversation.send(greeting)
            for line in conversation.lines:
                server.wire.append(line)
                tag, command, *rest = [*line.rstrip(b"\r\n").split(b" ", 2), b""]
                command, arguments = command.upper(), rest[0] if rest else b""
                if not answer(conversation, tag, command, arguments):
                    conversation.send(_usual(tag, command, capabilities, selected))

    def listen() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                threading.Thread(target=talk, args=(sock,), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _usual(tag: bytes, command: bytes, capabilities: bytes, selected: bytes) -> bytes:
    done = tag + b" OK done\r\n"
    if command == b"CAPABILITY":
        return b"* CAPABILITY " + capabilities + b"\r\n" + done
    if command == b"SELECT":
        return selected + tag + b" OK [READ-WRITE] done\r\n"
    if command == b"EXAMINE":
        return selected + tag + b" OK [READ-ONLY] done\r\n"
    if command == b"LOGOUT":
        return b"* BYE\r\n" + done
    return done
