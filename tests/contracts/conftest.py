"""The two stores, for every suite that both must pass."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.memory_store import MemoryStore
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import Store

Make = Callable[..., Store]


@pytest.fixture(params=["memory", "sqlite"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    opened: list[Store] = []

    def one(**options: Any) -> Store:
        store: Store
        if request.param == "memory":
            store = MemoryStore(**options)
        else:
            store = SqliteStore(tmp_path / "state" / "vamaild.db", **options)
        opened.append(store)
        return store

    yield one
    for store in opened:
        store.close()


@pytest.fixture
def store(make: Make) -> Store:
    return make()
