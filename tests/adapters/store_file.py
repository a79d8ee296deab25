"""The ledger as a file: another process that has it open, what is in it, whether it is whole."""

import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.contracts.entries import entry
from vamaild.adapters.store import SqliteStore

ROOT = Path(__file__).parents[2]


def integrity(path: Path) -> str:
    with sqlite3.connect(path) as raw:
        return str(raw.execute("PRAGMA integrity_check").fetchone()[0])


def program(path: Path, body: str) -> subprocess.Popen[str]:
    """Another process that has `store` open."""
    start = (
        "import sys, time\nfrom pathlib import Path\nfrom vamaild.adapters.store import SqliteStore\n"
        "from vamaild.core.ledger import *\nfrom tests.contracts.entries import *\n"
        "store = SqliteStore(Path(sys.argv[1]), busy=30)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", start + body, str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def some_store(path: Path) -> None:
    store = SqliteStore(path)
    for uid in range(1, 200):
        store.record(entry(uid, explanation={"x": "y" * 500}))
    store.close()


def finish(processes: list[subprocess.Popen[str]]) -> list[str]:
    done = [(p.communicate(timeout=60), p.returncode) for p in processes]
    assert [(code, error) for (_, error), code in done if code] == []
    return [out for (out, _), _ in done]
