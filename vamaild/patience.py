"""A mailbox as the rest of the service asks it beside the looks: whether somebody has answered, to file a copy.

These questions are asked in the middle of work for everybody, so they wait three seconds and no more; a server that
has just failed is not asked at all. Whoever asks can do without the answer for now, and asks again.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar, cast, runtime_checkable

from .core.ledger import Arrival, Mailbox, MailboxError
from .workers import Job, Workers

PATIENCE = 3.0

Answer = TypeVar("Answer")


@runtime_checkable
class Live(Protocol):
    """A mailbox that can tell of news by itself; see `adapters.mailbox.ImapMailbox`."""

    def idle(self) -> bool: ...
    def heard(self) -> bool: ...
    def fileno(self) -> int | None: ...
    def abort(self) -> None: ...
    def answered(self, ids: Sequence[str]) -> frozenset[str]: ...


@runtime_checkable
class Filing(Protocol):
    """A mailbox that files several copies in one go; see `adapters.mailbox.ImapMailbox`."""

    def file_all(self, raws: Sequence[bytes], special: str) -> bool: ...


def file_all(mailbox: Mailbox, raws: Sequence[bytes], special: str) -> bool:
    """Files these copies, together where the mailbox can. As `Mailbox.file`."""
    if isinstance(mailbox, Filing):
        return mailbox.file_all(raws, special)
    kept = [mailbox.file(raw, special) for raw in raws]
    return all(kept)


@dataclass(slots=True)
class Patient:
    """`core.ledger.Mailbox` over another one, whose calls are made by `workers`.

    `ready` is asked before each question: False when the server has failed a moment ago. Whoever uses the connection
    holds `lock`; of the questions asked here one waits at most.
    """

    inner: Mailbox
    workers: Workers
    ready: Callable[[str], bool]
    lock: threading.Lock = field(default_factory=threading.Lock)
    asked: Job | None = None

    @property
    def name(self) -> str:
        return self.inner.name

    @name.setter
    def name(self, name: str) -> None:
        self.inner.name = name

    @property
    def taken(self) -> bool:
        """Whether a call uses the connection just now, or waits for it."""
        return self.lock.locked() or (self.asked is not None and not self.asked.done)

    def alone(self, question: Callable[[], object]) -> Callable[[], object]:
        """The same question, once nobody else uses the connection."""

        def ask() -> object:
            with self.lock:
                return question()

        return ask

    def _ask(self, question: Callable[[], Answer]) -> Answer:
        if not self.ready(self.name):
            raise MailboxError(f'mailbox "{self.name}": its server failed a moment ago and is not asked now.')
        before = self.asked
        if before is not None and not before.over.wait(max(PATIENCE - before.seconds(), 0.0)):
            raise MailboxError(f'mailbox "{self.name}": its server is still busy with another question.')
        self.asked = job = self.workers.now(self.alone(question))
        if not job.over.wait(PATIENCE):
            raise MailboxError(f'mailbox "{self.name}": no answer within {PATIENCE:g} seconds; nobody waits longer.')
        if job.error is not None:
            raise job.error
        return cast(Answer, job.result)

    def open(self) -> int:
        return self._ask(self.inner.open)

    def arrivals(self, after: int) -> Iterator[tuple[Arrival, ...]]:
        batches = self.inner.arrivals(after)
        while (batch := self._ask(lambda: next(batches, None))) is not None:
            yield batch

    def one(self, uid: int) -> Arrival | None:
        return self._ask(lambda: self.inner.one(uid))

    def mark(self, uids: Sequence[int]) -> bool:
        return self._ask(lambda: self.inner.mark(uids))

    def file(self, raw: bytes, special: str) -> bool:
        return self._ask(lambda: self.inner.file(raw, special))

    def file_all(self, raws: Sequence[bytes], special: str) -> bool:
        return self._ask(lambda: file_all(self.inner, raws, special))

    def answered(self, ids: Sequence[str]) -> frozenset[str]:
        return self._ask(lambda: self.inner.answered(ids))

    def drafts_left(self, keys: Sequence[str]) -> frozenset[str]:
        return self._ask(lambda: self.inner.drafts_left(keys))

    def sent_answer(self, message_id: str) -> bytes | None:
        return self._ask(lambda: self.inner.sent_answer(message_id))

    def close(self) -> None:
        """Breaks off whoever still uses the connection."""
        if not self.taken:
            self.inner.close()
        elif isinstance(self.inner, Live):
            self.inner.abort()
