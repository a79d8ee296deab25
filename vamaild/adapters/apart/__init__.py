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
Messages = Callable[[Begun], Sequence[Message]]
Attempt = Callable[[Sequence[Arrival], Begun], Iterator[Message]]


def unnoticed(arrival: Arrival) -> None:
    """For whoever need not know which message is being read."""


def silent(event: str, **fields: object) -> None:
    """For whoever has no journal."""


class Early:
    """What the process answered before anybody needed it, and how it broke, if it did."""

    def __init__(self) -> None:
        self.asked = False
        self._answers: list[bytes] = []
        self._broke: BrokenError | None = None

    def gather(self, answers: Iterator[bytes]) -> None:
        """Takes all there are; reads nothing in them."""
        self.asked = True
        try:
            self._answers.extend(answers)
        except BrokenError as broke:
            self._broke = broke

    def messages(self, arrivals: Sequence[Arrival], begun: Begun) -> Iterator[Message]:
        """What they say, as far as they go."""
        for arrival, answer in zip(arrivals, self._answers, strict=False):
            begun(arrival)
            yield _message(answer, arrival)
        if self._broke:
            begun(arrivals[len(self._answers)])
            raise self._broke


class Apart:
    """Reads mails apart. `module` names what the process runs (its `main`); `here` makes the reader to fall back on.

    `warn` is told what went wrong. Every method may be called from any thread, one at a time uses the process.
    """

    def __init__(self, module: str, here: Callable[[], Read], start: Callable[[str], Process] = Process) -> None:
        self.warn: Warn = silent
        self._module, self._make, self._start = module, here, start
        self._process: Process | None = None
        self._here: Read | None = None
        self._not_before = 0.0
        self._lock = threading.RLock()

    def read(self, arrival: Arrival) -> Message:
        """The message that arrived. Never raises."""
        return self.read_all((arrival,))[0]

    def read_all(self, arrivals: Sequence[Arrival], begun: Begun = unnoticed) -> list[Message]:
        """The messages, in order. `begun` is told which one is waited for. Never raises."""
        return self._read(arrivals, begun, self._answers)

    def read_early(self, arrivals: Sequence[Arrival], begun: Begun = unnoticed) -> Messages:
        """Has the process read them now; what is given back makes messages of its answers, later. Never raises.

        For a thread that may wait: what the answers say is looked at by whoever needs the messages, and so is what
        broke. Where there is no process, nothing is read before.
        """
        early = Early()
        with self._lock:
            if process := self._ready():
                early.gather(self._asked(process, arrivals, begun))
        return lambda begun: self._read(arrivals, begun, early.messages if early.asked else self._answers)

    def _read(self, arrivals: Sequence[Arrival], begun: Begun, attempt: Attempt) -> list[Message]:
        found: list[Message] = []
        tries = 0
        while len(found) < len(arrivals):
            rest, read = arrivals[len(found) :], len(found)
            try:
                for message in attempt(rest, begun):
                    found.append(message)
            except BrokenError as broke:
                tries = tries + 1 if len(found) == read else 1
                self._gone(broke, rest[len(found) - read])
                if tries >= TRIES or not broke.again:
                    found.append(self._barely(arrivals[len(found)], str(broke)))
                    tries = 0
            attempt = self._answers
        return found

    @property
    def pid(self) -> int | None:
        """The process that reads at the moment, None when there is none."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """Ends the process, also under whoever is waiting for it; the next message starts another one."""
        process = self._process
        if not self._lock.acquire(blocking=False):
            if process:
                process.kill()
            self._lock.acquire()
        try:
            self._end()
        finally:
            self._lock.release()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process:
            process.close()

    def _answers(self, arrivals: Sequence[Arrival], begun: Begun) -> Iterator[Message]:
        with self._lock:
            process = self._ready()
            if process is None:
                yield from self._by_ourselves(arrivals, begun)
                return
            try:
                yield from _believed(self._asked(process, arrivals, begun), arrivals)
            except BrokenError:
                self._end()
                raise

    def _asked(self, process: Process, arrivals: Sequence[Arrival], begun: Begun) -> Iterator[bytes]:
        """What it answers. Unless all was heard it is at its end: the next answer would be taken for another mail's."""
        answers = process.exchange(deque(map(codec.request, arrivals)), len(arrivals))
        open_answers = len(arrivals)
        try:
            for arrival in arrivals:
                begun(arrival)
                answer = next(answers)
                open_answers -= 1
                yield answer
        finally:
            if open_answers:
                self._end()

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


def _believed(answers: Iterator[bytes], arrivals: Sequence[Arrival]) -> Iterator[Message]:
    for arrival, answer in zip(arrivals, answers, strict=True):
        yield _message(answer, arrival)


def _message(answer: bytes, arrival: Arrival) -> Message:
    """What it says; a process that says what is none is broken."""
    try:
        return codec.message_of(answer, arrival)
    except codec.CodecError as error:
        raise BrokenError(str(error)) from error
