"""One conversation with a mail server: reached directly or through a socket of this machine, and ended from outside."""

import functools
import select
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Plain(smtplib.SMTP):
    """An SMTP connection that can be ended from outside, from its first byte on; over `path` where there is one."""

    handle: socket.socket | None = None
    path = ""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = _local(self.path, timeout) if self.path else super()._get_socket(host, port, timeout)  # type: ignore[misc]  # the hook of smtplib
        self.handle = sock.dup()
        if not self.path:  # or the end of several mails in one go waits a round trip for the beginning (Nagle)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._host = host  # the name the certificate must bear; smtplib sets it only where it connects by itself
        return sock

    def end(self) -> None:
        """Ends the conversation under whoever is reading; smtplib has no time limit for a whole answer."""
        if self.handle is not None:
            with suppress(OSError):
                self.handle.shutdown(socket.SHUT_RDWR)

    def silent(self) -> bool:
        """Whether the server has said nothing since its last answer: no goodbye, and it has not hung up."""
        poll = select.poll()
        poll.register(self.handle or -1, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """Closes both handles."""
        super().close()
        if self.handle is not None:
            self.handle.close()
            self.handle = None


class Sealed(smtplib.SMTP_SSL, Plain):
    """The same with TLS from the first byte."""


def _local(path: str, timeout: float) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.connect(path)
    except OSError:
        sock.close()
        raise
    return sock


@functools.lru_cache(maxsize=16)
def trust(ca: str | None) -> ssl.SSLContext:
    """The certificates that are believed: the system's, or only those in the file `ca`. Shared: it takes 60 ms."""
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@contextmanager
def limit(smtp: Plain, seconds: float) -> Iterator[None]:
    """Ends the conversation when the block is not done by then."""
    timer = threading.Timer(seconds, smtp.end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
