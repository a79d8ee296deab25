"""The manual pages: written from the commands, complete, and good groff."""

import shutil
import subprocess
from pathlib import Path

import click
import pytest

from vamaild.cli.main import vamaild
from vamaild.cli.man import pages

MAN = Path(__file__).parent.parent / "man"
PAGES = pages(vamaild)


def commands(command: click.Command, context: click.Context) -> list[tuple[click.Command, click.Context]]:
    """A command and everything below it."""
    inner = [(command.get_command(context, n), n) for n in command.list_commands(context)] if isinstance(
        command, click.Group
    ) else []  # fmt: skip
    below = [(c, click.Context(c, info_name=n, parent=context)) for c, n in inner if c]
    return [(command, context), *(found for c, within in below for found in commands(c, within))]


VERBS = [
    (name, verb)
    for name in vamaild.list_commands(click.Context(vamaild))
    if (verb := vamaild.get_command(click.Context(vamaild), name))
]


def test_the_kept_pages_are_those_of_today() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in MAN.iterdir()}
    stale = [name for name in kept | PAGES if kept.get(name) != PAGES.get(name)]
    assert stale == [], "write them again: rm man/*.8; vamaild man man"


def test_the_same_bytes_every_time() -> None:
    assert pages(vamaild) == PAGES


@pytest.mark.parametrize(("name", "verb"), VERBS, ids=[name for name, _ in VERBS])
def test_every_command_and_every_option_is_there(name: str, verb: click.Command) -> None:
    page = PAGES[f"vamaild-{name}.8"].replace("\\-", "-")
    context = click.Context(
        verb, info_name=name, parent=click.Context(vamaild, info_name="vamaild", **vamaild.context_settings)
    )
    for command, within in commands(verb, context):
        assert within.command_path in page
        lacking = [o for p in command.params if isinstance(p, click.Option) and not p.hidden for o in p.opts]
        assert [option for option in lacking if option not in page] == []
    assert f"vamaild {name}" in PAGES["vamaild.8"].replace("\\-", "-")


def test_words_groff_would_act_on_are_only_words() -> None:
    @click.group()
    def root() -> None:
        """Look \\fBhere\\fR."""

    @root.command()
    @click.option("--dotted", help=".so /etc/passwd")
    def odd(dotted: str) -> None:
        """'ignore this line -- it begins with a quote."""

    assert isinstance(odd, click.Command)
    made = pages(root)
    assert "\n.so" not in made["vamaild-odd.8"]
    assert "\n\\&.so" in made["vamaild-odd.8"]
    assert "\n\\&'ignore" in made["vamaild-odd.8"]
    assert "\\efBhere" in made["vamaild.8"]


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_groff_has_nothing_to_say(tmp_path: Path) -> None:
    paths = []
    for name, page in PAGES.items():
        (tmp_path / name).write_text(page, encoding="utf-8")
        paths.append(str(tmp_path / name))
    done = subprocess.run(
        ["groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-Wbreak", "-z", *paths],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
