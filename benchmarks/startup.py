"""How long a person waits for `vamaild status`, and for `vamaild check` with 300 client files: at first, and again."""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from . import ours, setting
from .asked import Asked
from .dovecot import Account
from .results import Report
from .running import Run, run, seconds

SIZE, QUICK = 300, 30
NOBODY = Account("u", Path("/nonexistent"), 1, 1, 1)
VAMAILD = (sys.executable, "-m", "vamaild")
ALONE, VERSION, STATUS, FIRST, AGAIN = "python alone", "vamaild --version", "vamaild status", "first", "again"
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


def measure(asked: Asked) -> Report:
    """The table. `check` keeps in the state directory what it has found to hold: each round begins without."""
    size, title = asked.size, f"Starting, with {asked.size} client files"
    report = Report("start-up", title, f"{size} client files, {asked.rounds} rounds")
    found: dict[str, list[Run]] = {name: [] for name in (ALONE, VERSION, STATUS, FIRST, AGAIN)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = setting.write(folder, [setting.Box("inbox", NOBODY, 993)], 25)
        for number in range(size):
            (config / "rules.d" / f"client-{number:03d}.toml").write_text(CLIENT.format(n=number))
        run([*VAMAILD, "check", "--help"])  # whatever Python has to compile is compiled now
        for number in range(asked.rounds):
            for what, ran in _round(config, folder / f"state{number}").items():
                found[what].append(ran)
    for what, runs in found.items():
        shown = f"vamaild check, {size} clients, {what}" if what in (FIRST, AGAIN) else what
        report.add(shown, seconds(runs), "s", f"CPU {median(r.cpu for r in runs):.2f} s")
    report.most("start: `vamaild status`", "< 0.15 s on an idle machine", 0.15, seconds(found[STATUS]), "s")
    for what, when in ((FIRST, "the first time"), (AGAIN, "again")):
        row = f"start: `vamaild check` with {size} client files, {when}"
        report.most(row, "< 1.5 s on an idle machine", 1.5, seconds(found[what]), "s")
    return report


def _round(config: Path, state: Path) -> dict[str, Run]:
    service = ours.service_of(config, state, datetime.now(UTC))
    service.store.ran("daemon", datetime.now(UTC))
    service.store.close()
    places = ["--config", str(config), "--state", str(state)]
    return {
        ALONE: run([sys.executable, "-c", "pass"]),
        VERSION: run([*VAMAILD, "--version"]),
        STATUS: run([*VAMAILD, "status", *places]),
        FIRST: run([*VAMAILD, "check", *places]),
        AGAIN: run([*VAMAILD, "check", *places]),
    }
