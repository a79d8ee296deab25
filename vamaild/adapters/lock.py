"""One service per state directory: a lock on a file, which the kernel gives up with the process, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "vamaild.lock"


class LockError(Exception):
    """Another service works in this directory, or the lock cannot be made; the text says which and what to do."""


@contextmanager
def only_one(directory: Path) -> Iterator[Path]:
    """Holds the lock of this directory; raises LockError at once when somebody else has it.

    A process that is forked without exec shares the lock and keeps it alive: start workers by "spawn".
    """
    path = directory / NAME
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise LockError(f"{path}: the lock cannot be made: {error.strerror}. Check the directory.") from error
    try:
        _take(handle, path)
        yield path
    finally:
        os.close(handle)  # the file stays: removing it would let two others lock two different ones


def _take(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LockError(
            f"{path}: another vamaild works here already ({_holder(handle)}). "
            "Stop that one first: systemctl stop vamaild"
        ) from None
    except OSError as error:
        raise LockError(f"{path}: this file system keeps no locks: {error.strerror}.") from error
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)


def _holder(handle: int) -> str:
    text = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
    return f"process {text}" if text.isdigit() else "process unknown"
