"""Two services never work in one directory."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from vamaild.adapters.lock import LockError, only_one

HOLD = (
    "import sys, time\nfrom pathlib import Path\nfrom vamaild.adapters.lock import only_one\n"
    "with only_one(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)\n"
)


def hold(directory: Path) -> subprocess.Popen[str]:
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(directory)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    return other


def test_the_second_is_told_who_the_first_is(tmp_path: Path) -> None:
    other = hold(tmp_path)
    try:
        with (
            pytest.raises(LockError, match=rf"another vamaild works here already \(process {other.pid}\)"),
            only_one(tmp_path),
        ):
            pass
    finally:
        other.kill()
        other.wait()


def test_a_killed_one_leaves_no_lock(tmp_path: Path) -> None:
    other = hold(tmp_path)
    other.send_signal(signal.SIGKILL)
    other.wait()
    with only_one(tmp_path) as path:
        assert path.read_text() == f"{os.getpid()}\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_longer_number_of_an_older_process_is_not_left_over(tmp_path: Path) -> None:
    (tmp_path / "vamaild.lock").write_text("99999999999999\n")
    with only_one(tmp_path) as path:
        assert path.read_text() == f"{os.getpid()}\n"


def test_it_is_given_up_at_the_end_even_of_a_failure(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), only_one(tmp_path):
        raise RuntimeError
    with only_one(tmp_path), pytest.raises(LockError), only_one(tmp_path):
        pass


def test_other_directories_do_not_matter(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with only_one(tmp_path / "a"), only_one(tmp_path / "b"):
        pass


def test_rubbish_in_the_file_is_not_repeated(tmp_path: Path) -> None:
    with only_one(tmp_path) as path:
        path.write_bytes(b"\x1b[2J\xff not a number")
        with pytest.raises(LockError, match="process unknown"), only_one(tmp_path):
            pass


def test_no_directory_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(LockError, match=r"the lock cannot be made: No such file or directory"),
        only_one(tmp_path / "no"),
    ):
        pass


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("keep")
    (tmp_path / "vamaild.lock").symlink_to("precious")
    with pytest.raises(LockError), only_one(tmp_path):
        pass
    assert (tmp_path / "precious").read_text() == "keep"
