"""The README shows only what the program really prints: every console block with output is run again.

The commands of a block follow one another, on the morning of the story: at 10:40 Marco wanted something for tonight, at
10:46 he said B, now it is 10:52. The digest of the return is written on the Monday after Petr Novák's week away.
After a change of rules or texts the outputs are written again with:  python -m tests.test_readme
"""

import re
import shlex
import shutil
from contextlib import redirect_stdout
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.system.bench import NOVAK, PLAIN, ROME, Office, load
from vamaild import chain, wire
from vamaild.cli import main

ROOT = Path(__file__).parent.parent
NOW = "2026-11-26T10:52:00+01:00"
RETURN = "2026-12-07T09:05:00+01:00"
SAMPLES = Path(__file__).parent / "data" / "readme"
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
OPEN = ("vamaild away check novak",)  # something is open: exit code 1
AWAY = (
    (30, 9, 10, "eva@mala.example", "Klika", "Dobrý den, kdy prosím přijde ta druhá klika?"),
    (31, 11, 20, "jana@firma.example", "Poptávka", "Dobrý den, prosím o nabídku na tři okna 120 × 150."),
    (32, 8, 30, "karel@dum.example", "Faktura", "Fakturu jsem nedostal, pošlete mi ji prosím?"),
    (33, 10, 40, "olga@prodejna.example", "Voda", "Praskla přípojka a teče to stropem do prodejny!"),
    (34, 9, 0, "ivo@byt.example", "Sklo", "Máme rozbité sklo a potřebujeme to vyřešit ještě dnes."),
    (34, 15, 0, "jana@firma.example", "Re: Poptávka", "Děkuji, počkám, není kam spěchat."),
)  # the day counted from the 1st of November


def commands(block: str) -> list[tuple[str, str]]:
    """(command line, the output shown below it)."""
    parts = (part.partition("\n") for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:])
    return [(command, output) for command, _, output in parts]


def morning(folder: Path) -> Path:
    """The files of the README, and what its service has in its ledger at 10:52."""
    office = office_in(folder, "9QXD")
    office.write(PLAIN, sender="luca@studiorossi.example", subject="Fattura")
    assert office.bought() == "9QXD"
    office.send(timedelta())
    with office.store() as store:
        store.ran("daemon", office.clock.now())
    return folder


def after_the_week(folder: Path) -> Path:
    """The same files, after Petr Novák's week away; the contact had the emergency after five minutes."""
    office = office_in(folder, "4F7K")
    for day, hour, minute, sender, subject, text in AWAY:
        office.clock.advance(datetime(2026, 11, 1, hour, minute, tzinfo=ROME) + timedelta(day - 1) - office.clock.now())
        office.write(text, sender=sender, to=NOVAK, subject=subject)
        office.send()
        if subject == "Voda":
            with office.service() as service:
                for verb in ("take", "resolve"):
                    chain.answer(service, "4F7K", "petr-sea", chain.Answer(verb), "email")
            printed("vamaild promises kept 3", folder, office.clock.now().isoformat())
    return folder


def office_in(folder: Path, code: str) -> Office:
    """A service over a copy of the samples; its case gets this code."""
    shutil.copytree(SAMPLES, folder)
    return Office(folder / "config", folder / "config" / "state", iter([code]))


def outputs(block: str, folder: Path) -> list[tuple[str, str]]:
    """The commands of a block, each with what it really prints."""
    later = "digest" in block
    here, now = (after_the_week if later else morning)(folder), RETURN if later else NOW
    return [(command, printed(command, here, now)) for command, _ in commands(block)]


@pytest.mark.parametrize("block", BLOCKS, ids=[commands(block)[0][0] for block in BLOCKS])
def test_the_readme_prints_what_it_says(block: str, tmp_path: Path) -> None:
    assert outputs(block, tmp_path / "here") == commands(block), "write it again: python -m tests.test_readme"


def printed(command: str, here: Path, now: str = NOW) -> str:
    """What the program says. The same files are read once, wherever they lie."""
    words = shlex.split(command.split("#")[0])
    assert words[0] == "vamaild"
    environ = {"VAMAILD_CONFIG": "config", "VAMAILD_AT": now}
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as said:
        patch.chdir(here)
        patch.setattr("sys.argv", words)
        patch.setattr(wire, "load", load)
        for name, value in environ.items():
            patch.setenv(name, value)
        try:
            code: object = main.run()
        except SystemExit as end:
            code = end.code
    assert code == (1 if command in OPEN else 0), command
    return said.getvalue()


def test_there_is_something_to_check() -> None:
    assert sum(len(commands(block)) for block in BLOCKS) >= 12


def written_again() -> str:
    """The README with what the program prints today."""
    page = README
    for block in BLOCKS:
        with TemporaryDirectory() as folder:
            shown = "".join(f"$ {command}\n{output}" for command, output in outputs(block, Path(folder) / "here"))
        page = page.replace(f"```console\n{block}```", f"```console\n{shown}```")
    return page


if __name__ == "__main__":
    (ROOT / "README.md").write_text(written_again(), encoding="utf-8")
