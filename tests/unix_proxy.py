"""A local socket that leads to a server on a port of this machine, as systemd-socket-proxyd makes one."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.proxy import proxy


@contextmanager
def leading(path: Path, port: int) -> Iterator[Path]:
    """Whoever connects to `path` talks to the server on that port."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen()
    with proxy(port, listener):
        yield path
