"""How long a person waits for `vamaild status`, and for `vamaild check` with 300 client files."""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from . import ours, setting
from .dovecot import Account
from .results import Report, Target
from .running import alternate, run

SIZE, QUICK = 300, 30
NOBODY = Account("u", Path("/nonexistent"), 1, 1, 1)
CLIENT = """
[client]
id = "client{n}"
name = "Client {n}"
arrives = ["info@client{n}.example"]
language = "it"
languages = ["it", "en"]
timezone = "Europe/Rome"
trust = "send"

[lead]
days = 4

[[rule]]
name = "fatture"
why = "Invoices go on Friday"
kind = "scheduled-request"
when.says = ["fattura", "nota di credito"]
unless.says = ["sollecito"]
fits = ["Mi mandi la fattura di ottobre?"]
fits_not = ["Secondo sollecito per la fattura!"]
"""


def measure(size: int, rounds: int) -> Report:
    """The table."""
    report = Report("start-up", f"Starting, with {size} client files")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config, state = setting.write(folder, [setting.Box("inbox", NOBODY, 993)], 25), folder / "state"
        for number in range(size):
            (config / "rules.d" / f"client-{number:03d}.toml").write_text(CLIENT.format(n=number))
        service = ours.service_of(config, state, datetime.now(UTC))
        service.store.ran("daemon", datetime.now(UTC))
        service.store.close()
        vamaild = [sys.executable, "-m", "vamaild"]
        places = ["--config", str(config), "--state", str(state)]
        calls = {
            "python alone": [vamaild[0], "-c", "pass"],
            "vamaild --version": [*vamaild, "--version"],
            "vamaild status": [*vamaild, "status", *places],
            f"vamaild check, {size} clients": [*vamaild, "check", *places],
        }
        run(calls[f"vamaild check, {size} clients"])  # the first one compiles
        found = alternate({what: lambda c=command: run(c) for what, command in calls.items()}, 2 * rounds)
    for what, runs in found.items():
        report.add(what, [r.seconds for r in runs], "s", f"CPU {min(r.cpu for r in runs):.2f} s")
    status, check = report.lines[2].middle, report.lines[3].middle
    report.targets.append(
        Target("start: `vamaild status`", "< 0.15 s on an idle machine", status, 0.15, "s", at_most=True)
    )
    what = f"start: `vamaild check` with {size} client files"
    report.targets.append(Target(what, "< 1.5 s on an idle machine", check, 1.5, "s", at_most=True))
    return report
