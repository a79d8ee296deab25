"""`vamaild demo` as somebody sees it for the first time: one command, a week of mail, nothing left running."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vamaild.adapters.store import SqliteStore
from vamaild.demo.week import samples

LONGEST = 20.0
LAST_UID = 200


def in_session(leader: int) -> list[int]:
    """The processes of this session that are still there."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


@pytest.mark.slow
def test_a_week_of_mail_is_answered_before_your_eyes(tmp_path: Path) -> None:
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "vamaild", "demo", "--color", "never"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True, env={"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"},
    )  # fmt: skip
    out, err = process.communicate(timeout=100)
    took = time.monotonic() - began
    assert (process.returncode, err) == (0, "")
    assert took < LONGEST, f"the demo took {took:.1f} s"
    assert in_session(process.pid) == []

    (folder,) = tmp_path.glob("vamaild-demo-*")
    check_judgement(folder)
    check_story(out, folder)


def check_judgement(folder: Path) -> None:
    """Every message is what week.toml says, in the ledger that the demo leaves."""
    store = SqliteStore(folder / "state" / "vamaild.db")
    entries = [entry for uid in range(1, LAST_UID) if (entry := store.find_entry("demo", uid))]
    store.close()
    week = samples()
    assert len(entries) == len(week) == 30
    wrong = [
        f"{sample.at:%a %H:%M} {sample.text[:40]!r}: {entry.kind}, {entry.action}"
        for sample, entry in zip(week, entries, strict=True)
        if entry.kind != sample.kind or sample.action not in ("", entry.action)
    ]
    assert not wrong, "\n".join(wrong)


def check_story(out: str, folder: Path) -> None:
    """What is printed fits a terminal, counts right, and leads to files that are there."""
    lines = out.splitlines()
    assert max(len(line) for line in lines if str(folder) not in line) <= 100
    assert sum(bool(re.match(r"[A-Z][a-z]{2} \d\d:\d\d  ", line)) for line in lines) == 30
    said = re.search(r"The (\d+) mails that left are in (\S+)", out)
    assert said is not None
    replies = list(Path(said[2]).glob("*.eml"))
    assert Path(said[2]) == folder / "replies"
    assert len(replies) == int(said[1]) > 10
