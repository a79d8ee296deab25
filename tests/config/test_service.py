"""How the service works, as vamaild.toml says it; and a key that does nothing."""

import pytest

from tests.config.make import MAIN, SECRETS, TOOLS, said, sources
from vamaild.config.load import load


@pytest.mark.parametrize(("lines", "workers"), [("", 8), ("[service]\n", 8), ("[service]\nworkers = 40\n", 40)])
def test_how_many_servers_are_asked_at_once(lines: str, workers: int) -> None:
    found = load(sources(main=MAIN + lines), TOOLS)
    assert found.settings
    assert found.settings.workers == workers


@pytest.mark.parametrize("workers", ["0", "201", '"many"', "2.5"])
def test_no_number_of_workers(workers: str) -> None:
    found = load(sources(main=f"{MAIN}[service]\nworkers = {workers}\n"), TOOLS)
    assert found.settings is None
    assert any("workers" in line for line in said(found.problems))


def test_folders_is_taken_and_said_to_do_nothing() -> None:
    """A file from before goes on working; the line says what to write instead."""
    main = MAIN.replace(
        'password = "secret:mailbox"\n\n[send]', 'password = "secret:mailbox"\nfolders = "VA"\n\n[send]'
    )
    found = load(sources(main=main, secrets=SECRETS), TOOLS)
    assert found.settings
    (problem,) = [p for p in found.problems if p.file == "vamaild.toml"]
    assert not problem.is_error
    assert main.splitlines()[problem.line - 1] == 'folders = "VA"'
    assert "no message is ever moved" in problem.what
    assert "second [[mailbox]]" in problem.help
