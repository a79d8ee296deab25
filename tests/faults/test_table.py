"""Each of the 75 situations has a test that exists, or a reason why it has none (table.toml)."""

import ast
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = tomllib.loads((Path(__file__).with_name("table.toml")).read_text(encoding="utf-8"))["fault"]


@cache
def functions(path: str) -> frozenset[str]:
    """The names of the test functions of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def missing(test: str) -> str:
    """What is wrong with "file::function"; "" when it is there."""
    path, _, name = test.partition("::")
    if not (ROOT / path).is_file():
        return f"{test}: there is no such file"
    there = name.partition("[")[0].rpartition("::")[2] in functions(path)
    return "" if there else f"{test}: there is no such function"


def test_every_number_is_here_once() -> None:
    assert sorted(map(int, TABLE)) == list(range(1, 76))


@pytest.mark.parametrize("number", TABLE)
def test_each_has_a_test_that_exists_or_a_reason(number: str) -> None:
    entry = TABLE[number]
    assert set(entry) <= {"what", "test", "why"}
    assert entry["what"]
    tests = [entry["test"]] if isinstance(entry.get("test"), str) else entry.get("test", [])
    assert tests or entry.get("why")
    assert [wrong for test in tests if (wrong := missing(test))] == []
