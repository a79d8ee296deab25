"""The generated history in one file, for every test that only reads it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.report import history
from vamaild.adapters.store import SqliteStore


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a ledger of eight weeks."""
    folder = tmp_path_factory.mktemp("report")
    kept = SqliteStore(folder / "vamaild.db")
    history.write(kept)
    kept.close()
    return folder


@pytest.fixture
def store(written: Path) -> Iterator[SqliteStore]:
    kept = SqliteStore(written / "vamaild.db")
    yield kept
    kept.close()
