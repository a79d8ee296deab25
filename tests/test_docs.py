"""The documentation cannot rot: every command and option it shows exists, every condition, reason and key stands in it.

docs/keys.md is written by this file from the sentences of the schema:  python -m tests.test_docs > docs/keys.md
"""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from pydantic.fields import FieldInfo

from vamaild.cli.main import VERBS, vamaild
from vamaild.config.schema.client import ClientFile
from vamaild.config.schema.main import MainFile, SecretsFile
from vamaild.config.schema.rules import SharedFile
from vamaild.config.schema.values import Table
from vamaild.core.conditions import CONDITIONS
from vamaild.core.plan import Action
from vamaild.core.reasons import WORDS, Reason
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
        elif isinstance(command, click.Group) and word.replace("-", "").isalpha() and word.islower():
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


def test_every_reason_is_described() -> None:
    page = (ROOT / "docs" / "interface.md").read_text(encoding="utf-8")
    assert [r for r in Reason if f"| `{r}` | {WORDS['en'][r]} |" not in page] == []


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


def test_every_list_is_described() -> None:
    """`[days]` has a page of its own; the lists of [safety] are keys of docs/keys.md, too."""
    page = (ROOT / "docs" / "rule-files.md").read_text(encoding="utf-8")
    files = [tomllib.loads(p.read_text(encoding="utf-8")) for p in sorted((ROOT / "rules.d").glob("*.toml"))]
    found = {(t, name) for f in files for t, lists in f.items() if isinstance(lists, dict) for name in lists}
    lists = sorted((t, name) for t, name in found if t not in ("days", "language"))
    assert [pair for pair in lists if f"`[{pair[0]}]`" not in page and f"## [{pair[0]}]" not in page] == []
    assert [pair for pair in lists if f"`{pair[1]}`" not in page] == []


FILES: tuple[tuple[str, type[Table]], ...] = (
    ("vamaild.toml", MainFile),
    ("secrets.toml", SecretsFile),
    ("rules.d/client-NAME.toml", ClientFile),
    ("any other file of rules.d", SharedFile),
)


def tables(file: type[Table]) -> Iterator[tuple[str, str, type[Table] | None]]:
    """(heading, meaning, its keys) of every table of a file, the tables inside a table after it."""
    for name, field in file.model_fields.items():
        yield from table_of(field.alias or name, field)


def table_of(path: str, field: FieldInfo) -> Iterator[tuple[str, str, type[Table] | None]]:
    model, many = model_of(field.annotation)
    yield f"[[{path}]]" if many else f"[{path}]", field.description or "", model
    for name, inner in model.model_fields.items() if model else ():
        if model_of(inner.annotation)[0]:
            yield from table_of(f"{path}.{inner.alias or name}", inner)


def model_of(annotation: Any) -> tuple[type[Table] | None, bool]:
    """The table behind an annotation, and whether there may be several."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation, False
    found = [model for inner in get_args(annotation) if (model := model_of(inner)[0])]
    return (found[0] if found else None), bool(found) and getattr(annotation, "__origin__", None) is list


def default_of(field: FieldInfo) -> str:
    """As it would be written in the file; "" where there is none."""
    found = field.default
    if field.is_required():
        return "must be given"
    if isinstance(found, timedelta):
        minutes = int(found.total_seconds()) // 60
        days, hours = divmod(minutes // 60, 24)
        return f"`{days}d`" if days and not hours else f"`{minutes}m`" if minutes else f"`{found.seconds}s`"
    if isinstance(found, bool):
        return f"`{found}`".lower()
    if isinstance(found, tuple):
        return f"`{':'.join(map(str, found))}`" if found else ""
    if isinstance(found, list):
        return f"`{json.dumps(found)}`" if found else ""
    return f"`{found.value if isinstance(found, Enum) else found}`" if found not in (None, "", {}) else ""


def rows(model: type[Table]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if model_of(field.annotation)[0] is None:
            meaning = (field.description or "").replace("|", "\\|")
            yield f"| `{field.alias or name}` | {default_of(field)} | {meaning} |"


def keys_page() -> str:
    """docs/keys.md."""
    lines = ["# Every key", "", "Written by `python -m tests.test_docs`. What they mean together: the other pages.", ""]
    for file, model in FILES:
        lines += [f"## {file}", ""]
        for heading, meaning, table in tables(model):
            lines += [f"### {heading}", "", meaning, ""]
            if table and (found := [*rows(table)]):
                lines += ["| key | without it | meaning |", "| --- | --- | --- |", *found, ""]
    return "\n".join(lines)


def test_every_key_is_described() -> None:
    page = (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")
    assert page == keys_page(), "write it again: python -m tests.test_docs > docs/keys.md"


TEST = re.compile(r"`(tests/[\w/]+\.py)?::(\w+)`")


def test_every_test_that_holds_a_promise_exists() -> None:
    """`file::test`, or `::test` of the file named before it."""
    page, path, missing, count = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8"), "", [], 0
    for named, function in TEST.findall(page):
        path, count = named or path, count + 1
        if not re.search(rf"^ *def {function}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE):
            missing.append(f"{path}::{function}")
    assert missing == []
    assert count >= 10


if __name__ == "__main__":
    print(keys_page(), end="")
