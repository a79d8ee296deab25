"""What a shell is offered: verbs without loading them, options, the clients of the files, the cases of the ledger."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from vamaild.adapters.store import SqliteStore
from vamaild.cli.completion import ASKED_BY
from vamaild.cli.main import VERBS, Verbs, vamaild
from vamaild.core.ledger import DATABASE, NewCase

from .report.history import NOW

Offered = Callable[[str], list[str]]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Two clients and one open case."""
    (tmp_path / "rules.d").mkdir()
    for name in ("rossi", "novak"):
        (tmp_path / "rules.d" / f"client-{name}.toml").write_text(f'[client]\nid = "{name}"\n')
    (tmp_path / "state").mkdir()
    store = SqliteStore(tmp_path / "state" / DATABASE, new_code=lambda: "4F7K")
    store.open_case(NewCase("rossi", "doubtful", "", "", ""), NOW)
    store.close()
    return tmp_path


@pytest.fixture
def offered(place: Path, monkeypatch: pytest.MonkeyPatch) -> Offered:
    """What a shell would show for this line; the last word is the one being typed."""
    monkeypatch.setenv("VAMAILD_CONFIG", str(place))
    monkeypatch.setenv(ASKED_BY, "bash_complete")
    shell = BashComplete(vamaild, {}, "vamaild", ASKED_BY)

    def ask(line: str) -> list[str]:
        *words, incomplete = line.split(" ")
        return [item.value for item in shell.get_completions(words, incomplete)]

    return ask


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("st", ["status"]),
        ("queue sh", ["show"]),
        ("queue show ", ["4F7K"]),
        ("queue show 5", []),
        ("outbox stop 4", ["4F7K"]),
        ("client check ", ["novak", "rossi"]),
        ("pause --client n", ["novak"]),
        ("away check ro", ["rossi"]),
        ("completion z", ["zsh"]),
        ("status --ch", ["--check"]),
    ],
)
def test_what_is_offered(offered: Offered, words: str, found: list[str]) -> None:
    assert offered(words) == found


def test_another_configuration_is_looked_into(
    offered: Offered, place: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert offered(f"client check --config {tmp_path_factory.mktemp('empty')} ") == []
    assert offered(f"client check --config {place} ") == ["novak", "rossi"]


def test_where_nothing_can_be_read_nothing_is_said(
    offered: Offered, place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (place / "state" / DATABASE).write_bytes(b"no ledger" * 1000)
    (place / "rules.d" / "client-rossi.toml").write_text("[client")
    assert offered("queue show ") == []
    assert offered("client check ") == ["novak"]
    assert capfd.readouterr() == ("", "")


def test_every_verb_is_offered_and_none_is_loaded(offered: Offered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Verbs, "get_command", None)
    assert offered("") == list(VERBS)


@pytest.mark.slow
def test_the_program_answers_a_shell(place: Path) -> None:
    environ = {**os.environ, "VAMAILD_CONFIG": str(place), ASKED_BY: "bash_complete"}
    environ |= {"COMP_WORDS": "vamaild queue show ", "COMP_CWORD": "3"}
    done = subprocess.run([sys.executable, "-m", "vamaild"], env=environ, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("plain,4F7K\n", "")


@pytest.mark.parametrize(("shell", "words"), [("bash", "complete -o"), ("zsh", "#compdef"), ("fish", "complete ")])
def test_each_shell_gets_its_own(shell: str, words: str) -> None:
    done = CliRunner().invoke(vamaild, ["completion", shell])
    assert done.exit_code == 0
    assert words in done.stdout
    assert ASKED_BY in done.stdout
