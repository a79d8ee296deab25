"""A mailbox in memory that waits in IDLE, and a server that hangs when a test says so; see `mailroom.Live`."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress

from tests.memory_mailbox import MemoryMailbox
from vamaild.core.ledger import Arrival, MailboxError


class LiveMailbox(MemoryMailbox):
    """`arrive` delivers with a notice, or without; `stuck` holds every question until it is set free or aborted.

    `trouble` is raised by `open`; `deaf` is a server without IDLE. `calls` tells what was asked, in order.
    """

    def __init__(self, name: str, *inbox: bytes, deaf: bool = False, batch: int = 200) -> None:
        super().__init__(name, *inbox)
        self.deaf, self.batch = deaf, batch
        self.calls: list[str] = []
        self.trouble: MailboxError | None = None
        self.stuck: threading.Event | None = None
        self.aborted = self.closed = 0
        self._seen = 0
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._idle = False

    def hang(self) -> None:
        self.stuck = threading.Event()

    def arrive(self, *mails: bytes, notice: bool = True) -> None:
        self.inbox += mails
        if notice:
            self.push()

    def push(self) -> None:
        """A notice, true or not."""
        self._far.send(b"!")

    def _asked(self, what: str) -> None:
        self._idle = False
        self.calls.append(what)
        if self.stuck is not None and not self.stuck.wait(30):
            raise AssertionError("nobody let it go")
        if self.aborted:
            self.aborted = 0
            raise MailboxError("the connection broke")

    def open(self) -> int:
        self._asked("open")
        if self.trouble:
            raise self.trouble
        return 1

    def arrivals(self, after: int) -> Iterator[tuple[Arrival, ...]]:
        found = [a for batch in super().arrivals(after) for a in batch]
        self._seen = len(self.inbox)
        for start in range(0, len(found), self.batch):
            self._asked("batch")
            yield tuple(found[start : start + self.batch])

    def mark(self, uids: Sequence[int]) -> bool:
        self._asked("mark")
        return super().mark(uids)

    def answered(self, ids: Sequence[str]) -> frozenset[str]:
        self._asked("answered")
        return super().answered(ids)

    def idle(self) -> bool:
        self._asked("idle")
        with suppress(BlockingIOError):
            self._near.recv(100)
        self._idle = not self.deaf and len(self.inbox) == self._seen
        return self.deaf or self._idle

    def heard(self) -> bool:
        self._near.recv(100)
        return True

    def fileno(self) -> int | None:
        return self._near.fileno() if self._idle else None

    def abort(self) -> None:
        self.aborted += 1
        if self.stuck is not None:
            self.stuck.set()

    def close(self) -> None:
        self.closed += 1
