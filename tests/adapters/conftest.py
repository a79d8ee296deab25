"""A ledger of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vamaild.adapters.store import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "vamaild.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(path, busy=0.2)
    yield opened
    opened.close()
