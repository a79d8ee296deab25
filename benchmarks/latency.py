"""How long from the server's own notice of a new message to its decision, with IDLE, in a running service."""

import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path

from imapclient import IMAPClient

from vamaild.adapters.systemd import Notifier
from vamaild.boxes import mailroom
from vamaild.daemon import Daemon

from . import endtoend, ours, setting
from .asked import Asked
from .dovecot import Account
from .results import Report
from .workload import Workload

SIZE, QUICK = 40, 12
LONGEST = 30.0


class Heard(ours.Silent):
    """A journal that notes when something was decided."""

    def __init__(self) -> None:
        self.decided: list[float] = []
        self.more = threading.Condition()

    def info(self, event: str, **fields: object) -> None:
        if event == "decided":
            with self.more:
                self.decided.append(time.perf_counter())
                self.more.notify_all()

    def wait(self, count: int) -> float:
        """When the message of this number was decided."""
        with self.more:
            if not self.more.wait_for(lambda: len(self.decided) >= count, LONGEST):
                raise SystemExit(f"message {count} was not decided within {LONGEST:.0f} s")
            return self.decided[count - 1]


def client_of(account: Account) -> IMAPClient:
    client = IMAPClient("localhost", account.tls_port, ssl_context=trust_of(account))
    client.login(account.user, account.password)
    client.select_folder("INBOX")
    return client


def trust_of(account: Account) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=account.ca)


def noticed(client: IMAPClient, deliver: Callable[[], object]) -> float:
    """When this server tells another connection in IDLE of what is delivered now."""
    client.idle()
    deliver()
    ends = time.monotonic() + LONGEST
    while time.monotonic() < ends:
        if any(isinstance(line, tuple) and b"EXISTS" in line for line in client.idle_check(1)):
            moment = time.perf_counter()
            client.idle_done()
            return moment
    raise SystemExit("Dovecot told nothing: raise fs.inotify.max_user_instances")


def serve(config: Path, state: Path, heard: Heard, stop: threading.Event, ready: threading.Event) -> None:
    """The service on a thread of its own, as `vamaild run` has it."""
    service = ours.service_of(config, state, endtoend.MOMENT)
    service.journal, service.send = heard, False
    daemon = Daemon(service, Notifier({}), lambda: None)
    daemon.room = mailroom(service)
    while not stop.is_set():
        daemon.turn()
        ready.set()
    daemon.room.close()
    service.store.close()


def measure(asked: Asked) -> Report:
    """The table; rounds do not matter: each message is a measurement."""
    title, told = (
        f"From the server's notice to the decision, {asked.size} messages",
        f"{asked.size} messages, one at a time",
    )
    report = Report("latency", title, told)
    with endtoend.stage(Workload(0, attachments=0.0)) as at:
        account, place = at.fresh()
        config = setting.write(place, [setting.Box("inbox", account, account.tls_port)], at.sink.port)
        heard, stop, ready = Heard(), threading.Event(), threading.Event()
        thread = threading.Thread(target=serve, args=(config, place / "state", heard, stop, ready), daemon=True)
        thread.start()
        ready.wait(LONGEST)
        found = _one_by_one(account, heard, asked)
        stop.set()
        thread.join(LONGEST)
    report.add("notice to decision", found, "s", f"nine of ten within {sorted(found)[9 * len(found) // 10]:.2f} s")
    what = "arrival to decision with IDLE, beyond the server's own notice"
    report.most(what, "median < 0.3 s", 0.3, found, "s")
    return report


def _one_by_one(account: Account, heard: Heard, asked: Asked) -> list[float]:
    sender, watcher = client_of(account), client_of(account)
    found = []
    for number, mail in enumerate(Workload(asked.size + 1, seed=9, attachments=0.0, unique=asked.unique)):
        time.sleep(1.0)  # everybody is back in IDLE
        raw = mail.raw.replace(b"\n", b"\r\n")
        told = noticed(watcher, lambda raw=raw, mail=mail: sender.append("INBOX", raw, msg_time=mail.when))
        decided = heard.wait(number + 1)
        if number:  # the first one warms up
            found.append(max(decided - told, 0.0))
    sender.logout()
    watcher.logout()
    return found
