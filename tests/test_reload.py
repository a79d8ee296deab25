"""The configuration is read again while mail goes on: when asked to, or when files have come to rest after a change."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.system.world import until
from vamaild.reload import SETTLED, Mark, Reader, mark_of


class Desk:
    """Files as the reader sees them, a clock, and what was read."""

    def __init__(self) -> None:
        self.mark: Mark = frozenset({("a", 1, 1, 1)})
        self.now = 100.0
        self.reads = 0
        self.rang = 0
        self.gate = threading.Event()
        self.gate.set()
        self.fault: Exception | None = None
        self.reader = Reader(self.load, lambda: self.mark, self.ring, lambda: self.now)

    def load(self) -> Any:
        self.reads += 1
        number = self.reads
        assert self.gate.wait(5)
        if self.fault:
            raise self.fault
        return SimpleNamespace(number=number)

    def ring(self) -> None:
        self.rang += 1

    def write(self, size: int) -> None:
        self.mark = frozenset({("a", int(self.now * 1000), size, 1)})

    def passes(self, seconds: float) -> bool:
        """Time goes by, a quarter of a second at a time; whether something was read to its end."""
        for _ in range(int(seconds * 4)):
            self.now += 0.25
            if self.look():
                return True
        return False

    def look(self) -> bool:
        done = self.reader.look()
        reading = self.reader._reading
        return done or (reading is not None and self.gate.is_set() and reading.over.wait(5) and self.reader.look())


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_nothing_changes_nothing_is_read(desk: Desk) -> None:
    assert not desk.passes(60)
    assert desk.reads == 0


def test_a_changed_file_is_read_once_it_has_come_to_rest(desk: Desk) -> None:
    desk.write(10)
    assert desk.passes(4)
    assert desk.reader.take().number == 1  # type: ignore[attr-defined]  # the one that was just read
    assert not desk.passes(60)
    assert (desk.reads, desk.rang) == (1, 1)


def test_a_file_that_is_being_written_is_left_alone(desk: Desk) -> None:
    for size in range(1, 40):
        desk.write(size)
        assert not desk.passes(0.5), "it changed half a second ago"
    assert desk.reads == 0
    assert not desk.passes(SETTLED - 0.5)
    assert desk.passes(1.5)
    assert desk.reads == 1


def test_an_edit_that_is_taken_back_in_time_is_none(desk: Desk) -> None:
    before = desk.mark
    desk.write(10)
    desk.passes(0.5)
    desk.mark = before
    assert not desk.passes(30)
    assert desk.reads == 0


def test_who_asks_is_served_at_once_and_not_twice(desk: Desk) -> None:
    desk.write(10)
    desk.reader.begin()
    assert desk.look()
    desk.reader.take()
    assert not desk.passes(30)
    assert desk.reads == 1


def test_what_changes_while_it_is_read_is_read_after_it(desk: Desk) -> None:
    desk.gate.clear()
    desk.reader.begin()
    desk.write(10)
    assert not desk.passes(5), "it is still being read; nobody waits for it"
    desk.reader.begin()
    desk.gate.set()
    until(lambda: desk.look(), 5)
    assert desk.reader.take().number == 2  # type: ignore[attr-defined]  # the one that was just read


@pytest.mark.parametrize("fault", [OSError("no disk"), KeyError("x"), RecursionError()])
def test_a_fault_of_ours_is_raised_where_it_is_taken(desk: Desk, fault: Exception) -> None:
    desk.fault = fault
    desk.reader.begin()
    assert desk.look()
    with pytest.raises(type(fault)):
        desk.reader.take()
    desk.fault = None
    desk.write(11)
    assert desk.passes(5)
    assert desk.reader.take()


def edit(path: Path) -> None:
    path.write_text(path.read_text() + "# more\n")


def touch_inside(path: Path) -> None:
    path.with_name("client-new.toml").write_text("x")


def swap(path: Path) -> None:
    """As editors do: another file takes the name, of the same size and age."""
    about = path.stat()
    fresh = path.with_name(".swap")
    fresh.write_bytes(path.read_bytes())
    import os

    os.utime(fresh, ns=(about.st_atime_ns, about.st_mtime_ns))
    fresh.replace(path)


@pytest.mark.parametrize("name", ["vamaild.toml", "secrets.toml", "rules.d/client-a.toml", "templates/it/ordinary.txt"])
@pytest.mark.parametrize("change", [edit, touch_inside, swap, Path.unlink])
def test_every_change_is_seen(tmp_path: Path, name: str, change: Callable[[Path], object]) -> None:
    for each in ("vamaild.toml", "secrets.toml", "rules.d/client-a.toml", "templates/it/ordinary.txt"):
        path = tmp_path / each
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    before = mark_of(tmp_path, tmp_path / "state")
    assert mark_of(tmp_path, tmp_path / "state") == before
    change(tmp_path / name)
    inside_top = change is touch_inside and "/" not in name
    assert (mark_of(tmp_path, tmp_path / "state") == before) is inside_top


def test_no_directory_is_no_fault(tmp_path: Path) -> None:
    assert mark_of(tmp_path / "no", tmp_path / "no") == frozenset()
