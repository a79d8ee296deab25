"""The documentation cannot rot: every command and option it shows exists, every condition and reason stands in it."""

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from vamaild.cli.main import VERBS, vamaild
from vamaild.core.conditions import CONDITIONS
from vamaild.core.plan import Action
from vamaild.core.ruleset import Kind

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
COMMAND = re.compile(r"^\s*(?:\$ |sudo )?(vamaild(?: [^#|&;`\n]*)?)", re.MULTILINE)
INLINE = re.compile(r"`(vamaild [^`\n]+)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def shown(page: str) -> list[str]:
    """Every `vamaild …` command line that a page shows, in code blocks and inline."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    blocks += ["\n".join(re.findall(r"^ {4}(.*)$", page, re.MULTILINE))]
    found = [m for block in blocks for m in COMMAND.findall(block)]
    return [line.strip() for line in found + INLINE.findall(page)]


def fault(line: str) -> str:
    """What is wrong with a command line, or ""."""
    words = shlex.split(line.replace("'", "").split("  ")[0])[1:]
    command: click.Command = vamaild
    context = click.Context(vamaild)
    for word in words:
        if word.startswith("-"):
            known = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help", "-h", "--version"}
            if word.split("=")[0] not in known:
                return f"{command.name} has no option {word}"
        elif isinstance(command, click.Group) and word.isalpha() and word.islower():
            inner = command.get_command(context, word)
            if inner is None:
                return f"{command.name} has no command {word}"
            command = inner
    return ""


LINES = [(page.name, line) for page in PAGES for line in shown(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("page", "line"), LINES, ids=[f"{p}: {line}" for p, line in LINES])
def test_every_command_shown_exists(page: str, line: str) -> None:
    assert fault(line) == ""


@pytest.mark.parametrize("line", ["vamaild fly", "vamaild explain --wings x.eml", "vamaild queue fly 4F7K"])
def test_a_command_that_does_not_exist_is_seen(line: str) -> None:
    assert fault(line)


def test_the_readme_shows_the_commands_of_the_project() -> None:
    assert len(LINES) >= 8


def test_every_verb_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [verb for verb in VERBS if f"vamaild {verb}" not in readme] == []


def test_every_make_target_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(?:^ *|`|\$ )make ([a-z-]+)", readme, re.MULTILINE)) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert broken == []


def test_every_condition_is_described() -> None:
    page = (ROOT / "docs" / "rule-files.md").read_text(encoding="utf-8")
    assert [c.name for c in CONDITIONS.values() if f"| `{c.name}` |" not in page or c.meaning not in page] == []
    assert all(c.meaning.endswith(".") for c in CONDITIONS.values())


def test_every_kind_and_action_is_described() -> None:
    kinds = (ROOT / "docs" / "kinds.md").read_text(encoding="utf-8")
    interface = (ROOT / "docs" / "interface.md").read_text(encoding="utf-8")
    assert [k for k in Kind if k not in kinds] == []
    assert [a for a in Action if f"`{a}`" not in interface] == []


def test_ci_calls_the_test_command_of_the_readme() -> None:
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^make test$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_list_of_the_days_is_described() -> None:
    page = (ROOT / "docs" / "deadlines.md").read_text(encoding="utf-8")
    tables = [
        tomllib.loads(p.read_text(encoding="utf-8")) for p in sorted((ROOT / "rules.d").glob("10-language-*.toml"))
    ]
    assert tables
    assert sorted({name for t in tables for name in t["days"] if f"`{name}`" not in page}) == []
