"""Reads mail in a process of its own, so that no message can take the service's memory, time or life.

One process serves many messages; a batch is under way at once. A message that breaks it is tried three times, then only
its header is read, then nothing of it: it goes to a person, and the next one is read. Where no process can be had, mail
is read here, behind the reader's own limits, and that is said.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from vamaild.core.ledger import Arrival
from vamaild.core.message import Message

from . import codec
from .process import BrokenError, Process
from .serve import Read

TRIES = 3
AGAIN_SECONDS = 60.0

FAULTS = (RecursionError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, MemoryError)
"""What a fault of ours in reading looks like."""

Begun = Callable[[Arrival], object]
Warn = Callable[..., object]


def unnoticed(arrival: Arrival) -> None:
    """For whoever need not know which message is being read."""


def silent(event: str, **fields: object) -> None:
    """For whoever has no journal."""


class Apart:
    """Reads mails apart. `module` names what the process runs (its `main`); `here` makes the reader to fall back on.

    `warn` is told what went wrong. Every method may be called from any thread, one at a time gets through.
    """

    def __init__(self, module: str, here: Callable[[], Read], start: Callable[[str], Process] = Process) -> None:
        self.warn: Warn = silent
        self._module, self._make, self._start = module, here, start
        self._process: Process | None = None
        self._here: Read | None = None
        self._not_before = 0.0
        self._lock = threading.Lock()

    def read(self, arrival: Arrival) -> Message:
        """The message that arrived. Never raises."""
        return self.read_all((arrival,))[0]

    def read_all(self, arrivals: Sequence[Arrival], begun: Begun = unnoticed) -> list[Message]:
        """The messages, in order. `begun` is told which one is waited for. Never raises."""
        found: list[Message] = []
        with self._lock:
            tries = 0
            while len(found) < len(arrivals):
                rest, read = arrivals[len(found) :], len(found)
                try:
                    for message in self._answers(rest, begun):
                        found.append(message)
                except BrokenError as broke:
                    tries = tries + 1 if len(found) == read else 1
                    self._gone(broke, rest[len(found) - read])
                    if tries >= TRIES or not broke.again:
                        found.append(self._barely(arrivals[len(found)], str(broke)))
                        tries = 0
        return found

    @property
    def pid(self) -> int | None:
        """The process that reads at the moment, None when there is none."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """Ends the process; the next message starts another one."""
        process, self._process = self._process, None
        if process:
            process.close()

    def _answers(self, arrivals: Sequence[Arrival], begun: Begun) -> Iterator[Message]:
        process = self._ready()
        if process is None:
            yield from self._by_ourselves(arrivals, begun)
            return
        answers = process.exchange(deque(map(codec.request, arrivals)), len(arrivals))
        for arrival in arrivals:
            begun(arrival)
            try:
                yield codec.message_of(next(answers), arrival)
            except codec.CodecError as error:
                raise BrokenError(str(error)) from error

    def _ready(self) -> Process | None:
        """The process, started when there is none; None where none can be had just now."""
        if self._process and self._process.owner != os.getpid():
            self._process.forget()
            self._process = None
        if self._process is None and time.monotonic() >= self._not_before:
            try:
                self._process = self._start(self._module)
            except (OSError, ValueError, BrokenError) as error:
                self._not_before = time.monotonic() + AGAIN_SECONDS
                self.warn("mail is read without a process of its own", fault=str(error) or type(error).__name__)
        return self._process

    def _gone(self, broke: BrokenError, arrival: Arrival) -> None:
        self.close()
        self.warn("a message broke the reader", uid=arrival.uid, size=arrival.size, fault=str(broke))

    def _barely(self, arrival: Arrival, why: str) -> Message:
        """As much as can be known of a message that cannot be read: its header, or only when it came."""
        try:
            return next(self._answers((replace(arrival, problem=why),), unnoticed))
        except BrokenError as broke:
            self._gone(broke, arrival)
            return Message(arrival.received, size=arrival.size, unreadable=why)

    def _by_ourselves(self, arrivals: Sequence[Arrival], begun: Begun) -> Iterator[Message]:
        if self._here is None:
            self._here = self._make()
        for arrival in arrivals:
            begun(arrival)
            try:
                yield self._here(arrival)
            except FAULTS as error:  # the process would have died of it; here one message must not stop the others
                why = f"the reader broke on it ({type(error).__name__})"
                self.warn("a message broke the reader", uid=arrival.uid, size=arrival.size, fault=why)
                yield Message(arrival.received, size=arrival.size, unreadable=why)
