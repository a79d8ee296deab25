"""`make bench`: the same mail through vamaild and through a naive script, alternately, against a real Dovecot.

Prints medians and ratios and keeps them in benchmarks/results/last.json. Needs Dovecot (Debian: dovecot-imapd).
"""

import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from benchmarks import naive, workload
from tests.servers import ImapAccount, running_dovecot
from vamaild import wire
from vamaild.adapters.clock import MovingClock
from vamaild.adapters.demo.smtp import smtp_sink
from vamaild.adapters.systemd import Notifier
from vamaild.core.ledger import Arrival
from vamaild.daemon import Daemon

MESSAGES, ROUNDS = 500, 3
RESULTS = Path(__file__).parent / "results"
CLIENT = """
[client]
id = "acme"
name = "Acme"
arrives = ["info@acme.example"]
language = "it"
languages = ["it", "cs", "en"]
timezone = "Europe/Rome"
trust = "send"

[lead]
days = 4
"""
MAIN = """
[me]
name = "Giulia Ferri"
email = "giulia@ferri-av.example"
language = "it"
timezone = "Europe/Rome"

[mailbox]
imap = "imaps://localhost:{imap}"
user = "{user}"
password = "secret:mailbox"
ca = "{ca}"

[send]
smtp = "smtp://127.0.0.1:{smtp}"
from = "info@acme.example"
wait = "0s"
per_hour = 10000
per_person_per_day = 100
"""


class Silent:
    """A journal that keeps quiet, but for what went wrong."""

    def info(self, event: str, **fields: object) -> None: ...
    def warning(self, event: str, **fields: object) -> None: ...
    def error(self, event: str, **fields: object) -> None:
        print(event, fields, file=sys.stderr)


def configuration(folder: Path, account: ImapAccount, smtp: int) -> Path:
    """A directory such as /etc/vamaild."""
    config = folder / "config"
    (config / "rules.d").mkdir(parents=True)
    main = MAIN.format(imap=account.port, user=account.user, ca=account.ca, smtp=smtp)
    (config / "vamaild.toml").write_text(main)
    (config / "secrets.toml").write_text(f'[passwords]\nmailbox = "{account.password}"\n')
    (config / "secrets.toml").chmod(0o600)
    (config / "rules.d" / "client-acme.toml").write_text(CLIENT)
    return config


def ours(account: ImapAccount, smtp: int, folder: Path) -> float:
    """Seconds for one whole round of vamaild: fetch, decide, commit, mark, send, file the copies."""
    loaded = wire.load(configuration(folder, account, smtp), play=False)
    rules = wire.rules_of(loaded)
    if rules is None:
        raise SystemExit("\n".join(str(p) for p in loaded.errors))
    clock = MovingClock(workload.START + timedelta(hours=1))
    (folder / "state").mkdir(mode=0o700)
    service = wire.service(rules, wire.open_store(folder / "state"), clock, Silent())
    began = time.perf_counter()
    if not Daemon(service, Notifier({}), lambda: None).cycle():
        raise SystemExit("the round failed")
    seconds = time.perf_counter() - began
    for mailbox in service.mailboxes.values():
        mailbox.close()
    service.post.close()
    service.store.close()
    return seconds


def theirs(account: ImapAccount, smtp: int, folder: Path) -> float:
    """Seconds for the naive script."""
    with account.client() as imap:
        began = time.perf_counter()
        naive.run(imap, smtp, folder / "naive.db")
        return time.perf_counter() - began


def fresh(new: Callable[[], ImapAccount], pile: list[bytes]) -> ImapAccount:
    """An account with the pile of mail in it."""
    account = new()
    account.deliver(*pile, when=workload.START)
    return account


def reading(pile: list[bytes]) -> float:
    """Messages a second through the parser alone."""
    read = wire.reader()
    began = time.perf_counter()
    for raw in pile:
        read(Arrival(1, 1, workload.START, len(raw), raw))
    return len(pile) / (time.perf_counter() - began)


def main() -> None:
    """Runs everything, prints the table."""
    dovecot = shutil.which("dovecot", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if dovecot is None:
        raise SystemExit("This needs Dovecot: sudo apt install dovecot-imapd")
    pile = list(workload.mails(MESSAGES))
    times: dict[str, list[float]] = {"vamaild": [], "naive": []}
    base = Path(tempfile.mkdtemp(prefix="vamaild-bench-"))
    try:
        with running_dovecot(dovecot, base) as server, smtp_sink() as sink:
            for number in range(ROUNDS):
                for name, run in (("vamaild", ours), ("naive", theirs)):
                    folder = base / f"{name}{number}"
                    folder.mkdir()
                    times[name].append(run(fresh(server.account, pile), sink.port, folder))
    finally:
        shutil.rmtree(base, ignore_errors=True)
    report(times, reading(pile))


def report(times: dict[str, list[float]], parsed: float) -> None:
    """Prints medians, spread and the ratio, and keeps them."""
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    for name, seconds in times.items():
        low, high = MESSAGES / max(seconds), MESSAGES / min(seconds)
        print(f"{name:<10}{MESSAGES / medians[name]:8.0f} messages/s   ({low:.0f} to {high:.0f})")
    ratio = medians["naive"] / medians["vamaild"]
    print(f"{'ratio':<10}{ratio:8.1f} times the naive use of the same libraries")
    print(f"{'reading':<10}{parsed:8.0f} messages/s through the parser alone")
    RESULTS.mkdir(exist_ok=True)
    found = {"messages": MESSAGES, "seconds": times, "ratio": round(ratio, 2), "parsed_per_second": round(parsed)}
    (RESULTS / "last.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
