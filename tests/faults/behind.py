"""A world whose program reaches Dovecot only through the proxy, and what a test may do to that Dovecot."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from tests.faults.proxy import Proxy, proxy
from tests.servers import Dovecot, ImapAccount
from tests.system.oracle import audited
from tests.system.world import NOW, PEOPLE, World, raw
from vamaild.adapters.demo.smtp import SmtpSink

IMPATIENT = (str(Path(__file__).with_name("impatient.py")),)
AT = ("--at", NOW.isoformat())


@dataclass(repr=False)
class Behind:
    """`world.imap` is the account itself, `proxy` the only way the program has."""

    world: World
    server: Dovecot
    proxy: Proxy

    def deliver(self, *numbers: int, text: str = "Mi mandi il preventivo?") -> None:
        """A request of person `number` each, numbered as she is."""
        mails = [raw(f"{text} Grazie {n}.", sender=PEOPLE[n], number=n) for n in numbers]
        self.world.imap.deliver(*mails, when=NOW)

    def answered(self) -> list[int]:
        """Who got a reply, by number, once for each."""
        return sorted(PEOPLE.index(str(mail["To"])) for mail in self.world.replies())

    def every(self, period: str) -> None:
        """How often the program looks by itself."""
        main = self.world.config / "vamaild.toml"
        main.write_text(main.read_text().replace('every    = "1s"', f'every    = "{period}"'))


@contextmanager
def behind(server: Dovecot, sink: SmtpSink, folder: Path) -> Iterator[Behind]:
    """A new account. The oracle is asked at the end."""
    account = replace(server.account(), port=server.port, tls="none", ca=None)
    with proxy(server.port) as between:
        world = World(folder, account, sink).build(imap=f"imap://127.0.0.1:{between.port}")
        yield Behind(world, server, between)
        audited(world)


def waits(box: Behind) -> bool:
    """Whether the program waits in IDLE now."""
    return box.proxy.heard.rstrip().endswith(b" IDLE")


def remove(account: ImapAccount, *uids: int) -> None:
    """As somebody's mail program does it."""
    with account.client() as client:
        client.delete_messages(list(uids))
        client.expunge()


def sessions(server: Dovecot) -> list[int]:
    """The processes of this Dovecot that serve somebody who has signed in."""
    pid = server.base / "run" / "master.pid"
    master, found = int(pid.read_text()) if pid.exists() else 0, []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with suppress(OSError):
                name, _, rest = (place / "stat").read_text().partition("(")[2].rpartition(")")
                if name == "imap" and int(rest.split()[1]) == master:
                    found.append(int(place.name))
    return found


def strike(server: Dovecot, number: signal.Signals) -> int:
    """Sends a signal to each of them; how many there were."""
    found = sessions(server)
    for process in found:
        with suppress(ProcessLookupError):
            os.kill(process, number)
    if number is signal.SIGKILL:
        while set(found) & set(sessions(server)):
            time.sleep(0.005)
    return len(found)
