"""A mailbox that waits takes little memory: what comes in goes through a small buffer, and nothing of it is lost."""

import io
import socket
from typing import cast

from vamaild.adapters.mailbox.measure import BUFFER, Measured

SENT = b"* 1 FETCH {9000}\r\n" + b"x" * 9_000 + b")\r\n"


class Library:
    """What imaplib does when it opens a connection."""

    def open(self, sock: socket.socket) -> None:
        self.sock = sock
        self.file = sock.makefile("rb")


class Connection(Measured, Library):
    pass


def test_lines_and_literals_come_through_a_small_buffer() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        connection = Connection()
        connection.open(ours)
        theirs.sendall(SENT)
        assert 0 < len(cast("io.BufferedReader", connection.file).peek()) <= BUFFER
        assert connection.readline() == b"* 1 FETCH {9000}\r\n"
        assert connection.read(9_000) == b"x" * 9_000
        assert connection.readline() == b")\r\n"
        connection.file.close()
