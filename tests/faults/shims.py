"""A run of the program whose calls of the system fail or kill it: C files beside this one, preloaded.

A call is counted in the whole process, whichever thread makes it; strace counts in each thread by itself.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.system.world import Ran, World

EVERYTHING = bool(os.environ.get("VAMAILD_EVERY_FAULT"))
"""Every call instead of a sample: half an hour of work."""


def must_be_here(fine: bool, why: str) -> None:
    """Skips what this machine cannot do; CI must be able to."""
    if not fine:
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)


def preloaded(name: str, folder: Path) -> Path:
    """A C file beside this one, compiled into `folder`, for LD_PRELOAD."""
    made = folder / f"{name}.so"
    if not made.exists():
        compiler = shutil.which("cc") or shutil.which("gcc")
        must_be_here(compiler is not None, "this test needs a C compiler (Debian: apt install gcc libc6-dev)")
        source = Path(__file__).with_name(f"{name}.c")
        subprocess.run([str(compiler), "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"], check=True)
    return made


def faulty(world: World, fault: str, at: str) -> Ran:
    """`vamaild run --once` with a fault as faulty.c takes it ("send 3 kill"), or with none ("")."""
    shim = {"LD_PRELOAD": str(preloaded("faulty", world.folder)), "FAULT_COUNTS": str(world.folder / "counts")}
    command = world.command("run", "--once", *world.places(), "--at", at)
    done = subprocess.run(
        command, capture_output=True, timeout=100, env=world.surroundings() | shim | {"FAULT": fault}, cwd=world.folder
    )
    ran = Ran(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))
    assert "Traceback" not in ran.said, ran.said
    return ran


def counted(world: World) -> dict[str, int]:
    """How often the last run that came to its end made each call."""
    lines = (world.folder / "counts").read_text().split("\n")[:-1]
    return {name: int(count) for name, _, count in (line.partition(" ") for line in lines)}


def spread(count: int, most: int) -> list[int]:
    """So many of the numbers up to `count`, evenly from behind the first to the last; all of them with EVERYTHING."""
    if EVERYTHING:
        return list(range(1, count + 1))
    return [(n + 1) * count // most for n in range(most)] if count >= most else list(range(1, count + 1))


def forget_all(world: World, state: Path | None = None) -> None:
    """An empty mailbox, nothing sent, and this copy of a state directory."""
    shutil.rmtree(world.state, ignore_errors=True)
    if state is not None:
        shutil.copytree(state, world.state)
    world.sink.mails.clear()
    for folder in ("INBOX", "Sent", "Drafts"):
        with world.imap.client(folder) as client:
            if found := client.search():
                client.delete_messages(found)
                client.expunge()
