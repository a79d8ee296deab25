"""One service per state directory, and one per mailbox: locks that the kernel gives up with the process.

For a directory it is a lock on a file. A mailbox belongs to no directory: there it is the name of an abstract socket,
which only one process on this machine can have (within one network namespace), whoever its user is.
"""

import errno
import fcntl
import hashlib
import os
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NAME = "vamaild.lock"
PEER = struct.Struct("3i")  # process, user, group: what SO_PEERCRED gives on Linux


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


class MailboxLocks:
    """Keeps every other service on this machine out of the mailboxes that this one looks after.

    `account` says by the name of a mailbox whose it is: server, user, folder. On a system without abstract sockets
    nobody is kept out.
    """

    def __init__(self, account: Callable[[str], tuple[str, ...]]) -> None:
        self._account = account
        self._held: dict[str, tuple[tuple[str, ...], socket.socket | None]] = {}

    def take(self, name: str) -> str:
        """Why somebody else has it, "" when it is ours now."""
        account = self._account(name)
        if name in self._held and self._held[name][0] == account:
            return ""
        self.leave(name)
        try:
            self._held[name] = (account, _bound(_address(account)))
        except FileExistsError:
            return f'mailbox "{name}": another vamaild looks after it already ({_owner(account)}). Stop one of the two.'
        return ""

    def leave(self, name: str) -> None:
        """Others may have it now."""
        _, sock = self._held.pop(name, ((), None))
        if sock is not None:
            sock.close()

    def close(self) -> None:
        for name in list(self._held):
            self.leave(name)


def _bound(address: str) -> socket.socket | None:
    """None where there are no such names; FileExistsError when another process has this one."""
    sock = None
    try:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.bind(address)
        sock.listen(64)
    except OSError as error:
        if sock is not None:
            sock.close()
        if error.errno == errno.EADDRINUSE:
            raise FileExistsError(address) from error
        return None
    return sock


def _address(account: tuple[str, ...]) -> str:
    """A name that tells nothing of the account to whoever lists the sockets of this machine."""
    return "\0vamaild-" + hashlib.sha256("\n".join(account).encode()).hexdigest()[:40]


def _owner(account: tuple[str, ...]) -> str:
    with suppress(OSError, AttributeError), socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
        sock.settimeout(1.0)
        sock.connect(_address(account))
        return f"process {PEER.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size))[0]}"
    return "process unknown"
