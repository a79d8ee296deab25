"""A Dovecot of its own on loopback (Maildir), with LMTP and Pigeonhole where Debian's packages for them are installed.

A pile of mail is written once as a Maildir; each account gets it by hard links, with an index that knows nothing of it
yet, as mail that has just come.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.servers import ACCOUNTS, CERTIFICATE, KEY, free_port

from .workload import Mail

PATH = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
PASSWORD = "pw"
MOST_USERS = 3_000
MODULES = ("/usr/lib/dovecot/modules", "/usr/lib64/dovecot")


def program() -> str:
    """Where Dovecot is. Raises SystemExit with what to do when it is nowhere."""
    found = shutil.which("dovecot", path=PATH)
    if found is None:
        raise SystemExit("The benchmarks need Dovecot: sudo apt install dovecot-imapd")
    return found


def delivers() -> bool:
    """Whether it can deliver through Pigeonhole."""
    there = [Path(folder) / "lib90_sieve_plugin.so" for folder in MODULES]
    return any(path.exists() for path in there) and Path("/usr/lib/dovecot/lmtp").exists()


@dataclass(frozen=True)
class Account:
    """An account of its own; `home` holds its Maildir."""

    user: str
    home: Path
    port: int
    tls_port: int
    lmtp_port: int
    password: str = PASSWORD
    ca: str = str(CERTIFICATE)

    @property
    def environment(self) -> dict[str, str]:
        """For programs that are started with it."""
        return {
            "BENCH_IMAP": str(self.tls_port),
            "BENCH_LMTP": str(self.lmtp_port),
            "BENCH_USER": self.user,
            "BENCH_PASSWORD": self.password,
            "BENCH_CA": self.ca,
        }


@dataclass
class Dovecot:
    """A running server."""

    base: Path
    port: int
    tls_port: int
    lmtp_port: int
    owner: str
    pid: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def pile(self, mails: Iterable[Mail]) -> Path:
        """Writes them as the content of a Maildir."""
        place = Path(tempfile.mkdtemp(prefix="pile-", dir=self.base))
        (place / "new").mkdir()
        for number, mail in enumerate(mails):
            path = place / "new" / f"{int(mail.when.timestamp())}.M{number:06d}P1.bench,S={len(mail.raw)}"
            path.write_bytes(mail.raw)
            os.utime(path, (mail.when.timestamp(), mail.when.timestamp()))
        return place

    def account(self, pile: Path | None = None) -> Account:
        """A new account with this pile in its inbox."""
        user = f"u{next(self._numbers)}"
        home = self.base / "mail" / user
        maildir = home / "Maildir"
        for name in ("cur", "tmp"):
            (maildir / name).mkdir(parents=True)
        if pile is None:
            (maildir / "new").mkdir()
        else:
            shutil.copytree(pile / "new", maildir / "new", copy_function=os.link)
        self.give(home)
        return Account(user, home, self.port, self.tls_port, self.lmtp_port)

    def give(self, folder: Path) -> None:
        """To whom the server reads mail as."""
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", self.owner, str(folder)], check=True)

    def cpu(self) -> float:
        """CPU seconds of all that it started and that has ended."""
        words = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[13]) + int(words[14])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_dovecot(submission: int = 25) -> Iterator[Dovecot]:
    """A server for as long as it is needed; what Pigeonhole sends goes to the port `submission`."""
    command, base = program(), Path(tempfile.mkdtemp(prefix="vamaild-bench-"))
    server = Dovecot(base, free_port(), free_port(), free_port(), "nobody" if os.geteuid() == 0 else _me())
    (base / "mail").mkdir()
    base.chmod(0o755)
    (base / "mail").chmod(0o777)
    (base / "users").write_text("".join(f"u{n}:{{PLAIN}}{PASSWORD}::::{base}/mail/u{n}::\n" for n in range(MOST_USERS)))
    (base / "dovecot.conf").write_text(_configuration(server, submission))
    with (base / "out.log").open("wb") as out:
        process = subprocess.Popen([command, "-F", "-c", str(base / "dovecot.conf")], stdout=out, stderr=out)
    try:
        server.pid = process.pid
        _wait(server, process)
        yield server
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(base, ignore_errors=True)


def _wait(server: Dovecot, process: "subprocess.Popen[bytes]") -> None:
    import socket

    for _ in range(500):
        try:
            with socket.create_connection(("127.0.0.1", server.tls_port), 1):
                return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.02)
    raise SystemExit("Dovecot did not start:\n" + (server.base / "out.log").read_text())


def _me() -> str:
    return subprocess.run(["id", "-un"], check=True, capture_output=True, text=True).stdout.strip()


def _group(name: str) -> str:
    return subprocess.run(["id", "-gn", name], check=True, capture_output=True, text=True).stdout.strip()


CONFIGURATION = """
base_dir = {server.base}/run
state_dir = {server.base}/state
log_path = {server.base}/dovecot.log
protocols = imap{lmtp}
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
default_process_limit = 3000
default_client_limit = 10000
mail_uid = {mail}
mail_gid = {group}
first_valid_uid = 1
mail_max_userip_connections = 3000
service anvil {{
  chroot =
  client_limit = 12000
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service auth {{
  client_limit = 20000
}}
service imap {{
  process_limit = 3000
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  client_limit = 5000
  inet_listener imap {{
    port = {server.port}
  }}
  inet_listener imaps {{
    port = {server.tls_port}
    ssl = yes
  }}
}}
{delivery}
auth_username_format = %Ln
plugin {{
  sieve = file:~/sieve;active=~/.dovecot.sieve
  sieve_vacation_min_period = 0
}}
submission_host = 127.0.0.1:{submission}
{accounts}"""
DELIVERY = """
service lmtp {{
  inet_listener lmtp {{
    port = {server.lmtp_port}
  }}
}}
protocol lmtp {{
  mail_plugins = sieve
  postmaster_address = postmaster@va.example
}}
"""


def _configuration(server: Dovecot, submission: int) -> str:
    mail, internal, login = (server.owner, "dovecot", "dovenull") if os.geteuid() == 0 else (server.owner,) * 3
    group = _group(mail)
    return CONFIGURATION.format(
        server=server,
        submission=submission,
        mail=mail,
        group=group,
        internal=internal,
        internal_group=_group(internal),
        login=login,
        lmtp=" lmtp" if delivers() else "",
        delivery=DELIVERY.format(server=server) if delivers() else "",
        accounts=ACCOUNTS.format(base=server.base, mail=mail, group=group, certificate=CERTIFICATE, key=KEY),
    )
