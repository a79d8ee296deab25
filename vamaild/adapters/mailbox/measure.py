"""How much one call may bring: a server that sends without end costs neither memory nor time without end.

imaplib keeps every line that it did not ask for until the call is over, and believes whatever length a literal is said
to have (RFC 9051 section 4.3).
"""

import socket
from typing import BinaryIO, cast

MOST_BYTES = 64_000_000
MOST_LINES = 100_000
LONGEST_LINE = 8_000_000
"""A million numbers in the answer to a SEARCH."""
BUFFER = 2_048
"""Bytes; Python's 8 kB would be a fifth of what a waiting mailbox takes, and literals do not go through it."""


class TooMuchError(ValueError):
    """The server sent more than any sensible answer holds. No IMAP4.error: imaplib would make another one of it."""


class Measured:
    """For imaplib.IMAP4 and its kinds: counts from `begin` on."""

    file: BinaryIO
    sock: socket.socket
    _bytes = _lines = 0

    def open(self, *where: object) -> None:
        """As imaplib's, over a small buffer."""
        super().open(*where)  # type: ignore[misc]  # imaplib.IMAP4 stands behind this in every class
        self.file = cast("BinaryIO", self.sock.makefile("rb", BUFFER))

    def begin(self) -> None:
        """A new call."""
        self._bytes = self._lines = 0

    def read(self, size: int) -> bytes:
        """A literal. Raises TooMuchError before it takes one that is too long."""
        self._count(size, 0)
        return self.file.read(size)

    def readline(self) -> bytes:
        """A line. Raises TooMuchError."""
        line = self.file.readline(LONGEST_LINE + 1)
        self._count(len(line), 1)
        if len(line) > LONGEST_LINE:
            raise TooMuchError("a line without end")
        return line

    def _count(self, size: int, lines: int) -> None:
        self._bytes, self._lines = self._bytes + size, self._lines + lines
        if not 0 <= size <= MOST_BYTES >= self._bytes or self._lines > MOST_LINES:
            raise TooMuchError(f"more than {MOST_BYTES // 1_000_000} MB or {MOST_LINES} lines")
