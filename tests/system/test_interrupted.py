"""Long work shows how far it is; after Ctrl-C it says how far it came, and the same command goes on, or begins anew."""

import os
import pty
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tests.system.bench import STRANGER, Bench
from tests.system.test_privacy import busy
from tests.system.world import World
from vamaild import purging
from vamaild.adapters.store import SqliteStore
from vamaild.cli import handout
from vamaild.core.promise import PromiseState
from vamaild.core.rush import RushState

DONE, INTERRUPTED = 0, 130
HEEDING = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "  # a shell's & leaves it ignored
    "from vamaild.__main__ import main; main()"
)


def pieces(terminal: int) -> Iterator[bytes]:
    with suppress(OSError):  # Linux says EIO at the end
        while piece := os.read(terminal, 4096):
            yield piece


@pytest.mark.slow  # plays the examples of the product
def test_check_goes_on_behind_what_it_has_played(world: World) -> None:
    (world.config / "state").mkdir(mode=0o700, exist_ok=True)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        world.command("check", "--config", str(world.config), program=("-c", HEEDING)),
        stdout=subprocess.PIPE, stderr=theirs, env={"TERM": "xterm", **world.surroundings()},
    )  # fmt: skip
    os.close(theirs)
    shown, asked = b"", False
    for piece in pieces(ours):
        shown += piece
        if not asked and re.search(rb"\] +[3-9]\d\d/\d{4}", shown):
            process.send_signal(signal.SIGINT)
            asked = True
    assert process.stdout is not None
    assert process.stdout.read() == b""
    assert process.wait(60) == INTERRUPTED
    os.close(ours)
    said = re.search(rb"Interrupted: (\d+) of (\d+) examples played\. What held is remembered: the same", shown)
    assert said, shown[-500:]
    assert b"Traceback" not in shown
    again = world.run("check", "--config", str(world.config))
    assert again.code == DONE, again.err
    left = re.fullmatch(r"Playing (\d+) examples\n", again.err)
    assert left, again.err
    assert int(said[2]) - int(said[1]) <= int(left[1]) < int(said[2])
    third = world.run("check", "--config", str(world.config))
    assert (third.code, third.out, third.err) == (DONE, again.out, "")


def ended(bench: Bench) -> None:
    """Nothing is open any more, and six weeks have passed."""
    busy(bench)
    bench.send()
    with bench.store() as store:
        for promise in store.promises():
            store.end_promise(promise.id, PromiseState.KEPT, bench.clock.now())
        for offer in store.rushes((RushState.OFFERED,)):
            store.end_rush(offer.id, RushState.EXPIRED, bench.clock.now())
        for case in store.cases():
            store.close_case(case.code, bench.clock.now())
    bench.clock.advance(timedelta(days=45))


def pressed(after: int, work: Callable[..., object]) -> Callable[..., object]:
    """Ctrl-C is pressed while this is done for the n-th time."""
    count = 0

    def doing(*arguments: object) -> object:
        nonlocal count
        count += 1
        if count == after:
            signal.raise_signal(signal.SIGINT)
        return work(*arguments)

    return doing


def test_purge_goes_on_where_it_stopped(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    ended(bench)
    monkeypatch.setattr(purging, "BATCH", 1)
    with monkeypatch.context() as patch:
        patch.setattr(SqliteStore, "purge", pressed(2, SqliteStore.purge))
        said = bench.ask("purge")
    assert said.code == INTERRUPTED
    assert re.search(r"Interrupted: gone: 2 messages.*\. The same command goes on there", said.err), said.err
    assert said.out == ""
    again = bench.ask("purge")
    assert (again.code, "2 messages" in again.out) == (DONE, True)
    assert "Gone: nothing" in bench.ask("purge").out


def test_a_purge_that_was_interrupted_is_not_done(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    ended(bench)
    monkeypatch.setattr(purging, "BATCH", 1)
    monkeypatch.setattr(SqliteStore, "purge", pressed(1, SqliteStore.purge))
    before = bench.clock.now()
    bench.ask("purge")
    with bench.store() as store:
        assert store.last_run(purging.PURGE) != before


@pytest.mark.parametrize("there", [True, False], ids=["into an empty folder", "into a new one"])
def test_an_export_leaves_nothing_half_and_begins_anew(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    busy(bench)
    folder = tmp_path / "eva"
    if there:
        folder.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(handout, "_readable", pressed(3, handout._readable))
        said = bench.ask("person", "export", STRANGER, str(folder))
    assert said.code == INTERRUPTED
    words = rf"Interrupted: 3 of \d+ rows written\. Nothing is left in {folder}: the same command begins anew\.\n"
    assert re.fullmatch(words, said.err), said.err
    assert (folder.exists(), list(folder.glob("*"))) == (there, [])
    assert bench.ask("person", "export", STRANGER, str(folder)).code == DONE
    assert {"README.txt", "message.jsonl"} <= {path.name for path in folder.iterdir()}
    assert not (folder / handout.UNFINISHED).exists()


def test_what_a_power_cut_left_of_an_export_is_thrown_away(bench: Bench, tmp_path: Path) -> None:
    busy(bench)
    left = tmp_path / "eva" / handout.UNFINISHED
    left.mkdir(parents=True)
    (left / "message.jsonl").write_text("half a li")
    assert bench.ask("person", "export", STRANGER, str(tmp_path / "eva")).code == DONE
    assert not left.exists()
    assert "half a li" not in (tmp_path / "eva" / "message.jsonl").read_text()


def test_a_client_whose_export_was_interrupted_is_still_there(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy(bench)
    monkeypatch.setattr(handout, "_readable", pressed(2, handout._readable))
    wish = (
        "client",
        "remove",
        "novak",
        "--export",
        str(tmp_path / "novak"),
        "--erase",
        "--confirm",
        "novak",
        "--anyway",
    )
    assert bench.ask(*wish).code == INTERRUPTED
    assert (bench.config / "rules.d" / "client-novak.toml").exists()
    with bench.store() as store:
        assert store.about_client("novak").anything  # type: ignore[attr-defined]  # the real store has it
