"""Every column of the store is classified, and what the classes promise is what the store does."""

import re
from pathlib import Path

import pytest

from vamaild.adapters.store import SqliteStore
from vamaild.adapters.store.erasure import BLANKS, GOING, MINE
from vamaild.adapters.store.handback import CLIENT_ROWS, NOBODYS
from vamaild.adapters.store.privacy import STEPS
from vamaild.core.privacy import KEPT, PERSONAL, Data, Until, columns

PAGE = (Path(__file__).parents[1] / "docs" / "privacy.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    store = SqliteStore(tmp_path_factory.mktemp("state") / "vamaild.db")
    names = [row["name"] for row in store._db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {t: [row["name"] for row in store._db.rows(f"PRAGMA table_info({t})")] for t in names}
    store.close()
    return found


def test_every_column_is_classified_once(tables: dict[str, list[str]]) -> None:
    classified = {t: sorted(" ".join(parts.values()).split()) for t, parts in KEPT.items()}
    assert classified == {table: sorted(names) for table, names in tables.items()}


def test_every_table_belongs_to_a_client_or_to_nobody(tables: dict[str, list[str]]) -> None:
    assert set(CLIENT_ROWS) & set(NOBODYS) == set()
    assert set(CLIENT_ROWS) | set(NOBODYS) == set(tables)


def test_what_has_a_client_is_found_by_it(tables: dict[str, list[str]]) -> None:
    assert {t for t, names in tables.items() if "client" in names} - set(CLIENT_ROWS) == {"arrival"}


@pytest.mark.parametrize("table", [t for t in KEPT if any(d in PERSONAL for d, _ in KEPT[t])])
def test_no_personal_word_is_kept_for_good(table: str) -> None:
    assert not [until for (data, until) in KEPT[table] if data in PERSONAL and until is Until.ALWAYS]


@pytest.mark.parametrize(
    ("table", "column"),
    [(t, c) for t, parts in KEPT.items() for (d, u), names in parts.items() for c in names.split()
     if d in (Data.TEXT, Data.ADDRESS, Data.NAME) and u is Until.TEXT],
)  # fmt: skip
def test_every_text_has_a_step_that_takes_it(table: str, column: str) -> None:
    steps = [s for s in STEPS if s.table == table]
    assert any(not s.change or re.search(rf"\b{column} = ", s.change) for s in steps), f"{table}.{column}"


@pytest.mark.parametrize("table", [t for t, parts in KEPT.items() if any(u is Until.EVENTS for _, u in parts)])
def test_every_event_has_a_step_that_ends_it(table: str) -> None:
    cascades = {"case_event": "queue", "notice": "queue", "verdict": "queue", "packet": "forward"}
    last = [s for s in STEPS if s.table == cascades.get(table, table)]
    assert last and (not last[-1].change or table == "message" or any(not s.change for s in last))


def test_whoever_is_erased_is_looked_for_everywhere() -> None:
    """Rows of hers are blanked; every other table with personal columns is looked through by what it holds."""
    assert set(BLANKS) == set(MINE)
    for table, change in BLANKS.items():
        for column in columns(table, (Data.ADDRESS,)):
            if (table, column) not in (("forward", "email"), ("forward", "tried")):  # of colleagues: looked through
                assert f"{column} = ''" in change, f"{table}.{column}"
    assert all(columns(table, (Data.ADDRESS,)) for table in GOING)


@pytest.mark.parametrize("table", KEPT)
def test_the_page_names_every_table(table: str) -> None:
    assert f"`{table}`" in PAGE
