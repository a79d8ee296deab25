"""Waiting for news in IDLE (RFC 2177): a wake-up and nothing else, because notices are lost, late, cut and invented.

Whatever comes is never believed: it only makes somebody look. So no line is understood here but "still here". What the
server sends before or together with its "+" counts as news at once: no selector sees what lies in a buffer already. A
line that is not complete and a connection that ended are news too; the look reads the rest, or connects again.

Leans on the inside of imapclient and imaplib: `idle()` of imapclient loses a notice that comes before the "+", and
`idle_check()` takes the end of the connection for silence (68,000 times a second).
"""

import imaplib
import os
import re
import resource
import selectors
import ssl
from contextlib import suppress

from imapclient import IMAPClient

STILL_HERE = re.compile(rb"(?:\* OK[^\r\n]*\r\n)+", re.IGNORECASE)
MOST_LINES = 10_000
MOST_READS = 4


def newer(client: IMAPClient, last: int) -> bool:
    """Whether there is a message above this UID, or one came while this was asked."""
    told = client._imap.untagged_responses
    told.pop("EXISTS", None)
    found = client.search(f"UID {last + 1}:*")  # names the last message even when its UID is below
    return "EXISTS" in told or any(int(uid) > last for uid in found)


def begin(client: IMAPClient) -> bytes | None:
    """Sends IDLE and waits for the "+". The tag of the command while nothing is new; b"" when something is.

    None when the server takes no IDLE. Only after a tag does the connection wait in IDLE.
    """
    if not client.has_capability("IDLE"):
        return None
    imap = client._imap
    tag: bytes = imap._command("IDLE")
    news = False
    for _ in range(MOST_LINES):
        if imap._get_response() is None:  # the "+"
            if not news and not _in_buffer(client):
                return tag
            end(client, tag)
            return b""
        if imap.tagged_commands[tag]:  # NO or BAD: it says that it can, and cannot
            imap.tagged_commands.pop(tag)
            return None
        news = True
    raise imaplib.IMAP4.abort("no end of lines before IDLE")


def end(client: IMAPClient, tag: bytes) -> None:
    """Sends DONE and reads everything up to the answer. Somebody looks for new messages afterwards in any case."""
    imap = client._imap
    imap.send(b"DONE\r\n")
    for _ in range(MOST_LINES):
        imap._get_response()
        if imap.tagged_commands[tag]:
            imap.tagged_commands.pop(tag)
            imap.untagged_responses.clear()
            return
    raise imaplib.IMAP4.abort("no end of lines in IDLE")


def heard(client: IMAPClient) -> bool:
    """Whether what just came is news. Never waits."""
    for _ in range(MOST_READS):
        try:
            came = _peek(client)
        except (BlockingIOError, ssl.SSLWantReadError):  # the beginning of a TLS record, or nothing for us in it
            return False
        except OSError:
            return True
        if not STILL_HERE.fullmatch(came):
            return True
        client._imap.file.read(len(came))  # it lies in the buffer: this waits for nothing
        if not _in_buffer(client):
            return False
    return True


def _in_buffer(client: IMAPClient) -> bool:
    try:
        return bool(_peek(client))
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True


def _peek(client: IMAPClient) -> bytes:
    """What has come and was not read; b"" at the end of the connection, and often when nothing has come."""
    imap = client._imap
    waits = imap.sock.gettimeout()
    imap.sock.settimeout(0)
    try:
        return bytes(imap.file.peek(1))
    finally:
        with suppress(OSError):
            imap.sock.settimeout(waits)


def allow_many() -> int:
    """Lets this process have as many sockets as the system allows it: a mailbox takes three. Returns how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        return hard
    return soft


class Ears:
    """One selector over all connections that wait in IDLE, and a bell that ends the waiting. `ring` may be called by
    signal handlers and other threads; everything else belongs to one thread.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._sockets: dict[str, int] = {}
        self._bell, self._hammer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._bell, selectors.EVENT_READ, None)

    def listen(self, name: str, fileno: int) -> None:
        """From now on `wait` tells when something comes there."""
        self.forget(name)
        self._selector.register(fileno, selectors.EVENT_READ, name)
        self._sockets[name] = fileno

    def forget(self, name: str) -> None:
        """Must be said before the connection is used or closed: its number may belong to another soon."""
        fileno = self._sockets.pop(name, None)
        if fileno is not None:
            self._selector.unregister(fileno)

    def listens(self, name: str) -> bool:
        return name in self._sockets

    def wait(self, seconds: float) -> list[str]:
        """At most so long; who has something to say."""
        names = [key.data for key, _ in self._selector.select(max(seconds, 0.0))]
        if None in names:
            with suppress(BlockingIOError):
                os.read(self._bell, 4096)
        return [name for name in names if name is not None]

    def ring(self) -> None:
        """Ends the waiting, now or the next time."""
        with suppress(BlockingIOError):  # a full pipe rings already
            os.write(self._hammer, b"!")

    def close(self) -> None:
        """The bell stays: a thread that rings late must not write into a file that got its number."""
        self._sockets.clear()
        self._selector.close()
