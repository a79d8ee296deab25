"""What the machine says of its clock and of the service; a machine that says nothing is no fault."""

import os
from pathlib import Path

import pytest

from vamaild.adapters import machine

SHOWN = "LoadState=loaded\nActiveState=active\nNRestarts=2\nActiveEnterTimestamp=@1764500000\nSomething=else\n"


def systemctl(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A systemctl of our own before the system's; returns the folder that says that systemd runs."""
    program = folder / "systemctl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin:/bin")
    return folder


def test_what_systemd_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = systemctl(tmp_path, f'test "$2" = vamaild.service && printf "%s" "{SHOWN}"', monkeypatch)
    found = machine.unit(there)
    assert found == {
        "LoadState": "loaded", "ActiveState": "active", "NRestarts": "2", "ActiveEnterTimestamp": "@1764500000",
    }  # fmt: skip


def test_a_systemd_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.unit(systemctl(tmp_path, "exit 1", monkeypatch)) is None


def test_no_systemd(tmp_path: Path) -> None:
    assert machine.unit(tmp_path / "none") is None


def test_the_clock_is_asked_and_left_alone() -> None:
    assert machine.synchronised() in (True, False, None)


def test_a_mark_of_timesyncd_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "synchronized"
    mark.touch()
    monkeypatch.setattr(machine, "SYNCHRONISED", mark)
    assert machine.synchronised() is True
