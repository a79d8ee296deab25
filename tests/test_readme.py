"""The README shows only what the program really prints: every console block with output is run again.

The commands of a block follow one another, on the morning of the story: at 10:40 Marco wanted something for tonight, at
10:46 he said B, now it is 10:52.
"""

import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.system.bench import PLAIN, Office

ROOT = Path(__file__).parent.parent
NOW = "2026-11-26T10:52:00+01:00"
SAMPLES = Path(__file__).parent / "data" / "readme"
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[tuple[str, str]]:
    """(command line, the output shown below it)."""
    parts = (part.partition("\n") for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:])
    return [(command, output) for command, _, output in parts]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The files of the README, and what its service has in its ledger at 10:52."""
    folder = tmp_path / "here"
    shutil.copytree(SAMPLES, folder)
    office = Office(folder / "config", folder / "config" / "state", iter(["9QXD"]))
    office.write(PLAIN, sender="luca@studiorossi.example", subject="Fattura")
    assert office.bought() == "9QXD"
    office.send(timedelta())
    with office.store() as store:
        store.ran("daemon", office.clock.now())
    return folder


@pytest.mark.parametrize("block", BLOCKS, ids=[commands(block)[0][0] for block in BLOCKS])
def test_the_readme_prints_what_it_says(block: str, here: Path) -> None:
    for command, shown in commands(block):
        assert (command, printed(command, here)) == (command, shown)


def printed(command: str, here: Path) -> str:
    words = command.split("#")[0].split()
    assert words[0] == "vamaild"
    done = subprocess.run(
        [sys.executable, "-m", "vamaild", *words[1:]],
        cwd=here,
        env=os.environ | {"VAMAILD_CONFIG": "config", "PYTHONPATH": str(ROOT), "VAMAILD_AT": NOW},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_is_something_to_check() -> None:
    assert sum(len(commands(block)) for block in BLOCKS) >= 7
