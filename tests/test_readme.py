"""The README shows only what the program really prints: every console block with output is run again."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SAMPLES = Path(__file__).parent / "data" / "readme"
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """(command line, the output shown below it)."""
    found = []
    for block in BLOCKS:
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


@pytest.mark.parametrize(("command", "shown"), commands(), ids=[c for c, _ in commands()])
def test_the_readme_prints_what_it_says(command: str, shown: str, tmp_path: Path) -> None:
    shutil.copytree(SAMPLES, tmp_path / "here")
    (tmp_path / "here" / "config" / "secrets.toml").chmod(0o600)
    words = command.split("#")[0].split()
    assert words[0] == "vamaild"
    done = subprocess.run(
        [sys.executable, "-m", "vamaild", *words[1:]],
        cwd=tmp_path / "here",
        env=os.environ | {"VAMAILD_CONFIG": "config", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.returncode) == (shown, 0), done.stderr


def test_there_is_something_to_check() -> None:
    assert len(commands()) >= 2
