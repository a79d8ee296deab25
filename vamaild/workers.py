"""Threads that wait for mail servers, so that nobody else does. They only wait: what is decided stays on one thread.

A call that hangs must not use up a place: after `STUCK` seconds it does not count any more and another thread takes
its place, so a few places are enough for hundreds of mailboxes, whatever some of their servers do. What was fetched and
not taken yet is bounded too: memory stays flat however much lies in the mailboxes.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

STUCK = 3.0
MOST_THREADS = 400
IDLE_SECONDS = 10.0


@dataclass(slots=True, eq=False)
class Job:
    """One call and what came of it. `about` is for whoever asked; `begun` is of time.monotonic(), None before."""

    call: Callable[[], object]
    about: object = None
    begun: float | None = None
    over: threading.Event = field(default_factory=threading.Event)
    result: object = None
    error: BaseException | None = None

    @property
    def done(self) -> bool:
        return self.over.is_set()

    def seconds(self) -> float:
        """How long it has been running."""
        return 0.0 if self.begun is None else time.monotonic() - self.begun

    def work(self) -> None:
        """Makes the call; whatever it raises is kept for whoever asked."""
        self.begun = time.monotonic()
        try:
            self.result = self.call()
        except BaseException as error:  # noqa: BLE001  # raised again on the thread that asked: nothing is swallowed
            self.error = error
        finally:
            self.over.set()


class Workers:
    """At most `places` calls at a time, those that hang not counted. Without places each call is made at once, here.

    `told` is called, on another thread, when a call is over. All other methods belong to the thread that asks.
    """

    def __init__(self, places: int, told: Callable[[], object] = lambda: None) -> None:
        self.places, self._told = places, told
        self._queue: deque[Job] = deque()
        self._finished: deque[Job] = deque()
        self._running: set[Job] = set()
        self._guard = threading.Condition()
        self._threads = self._free = 0

    def run(self, call: Callable[[], object], about: object = None) -> Job:
        """Has it called, in its turn."""
        job = Job(call, about)
        if self.places:
            with self._guard:
                self._queue.append(job)
                self._guard.notify()
            self.staff()
        else:
            job.work()
            self._finished.append(job)
        return job

    def now(self, call: Callable[[], object]) -> Job:
        """Has it called before everything else, by a thread of its own; it is never among those that `take` gives."""
        job = Job(call)
        if self.places:
            threading.Thread(target=job.work, daemon=True, name="vamaild-ask").start()
        else:
            job.work()
        return job

    def take(self) -> Job | None:
        """The next one that is over."""
        with self._guard:
            job = self._finished.popleft() if self._finished else None
            self._guard.notify()
        return job

    @property
    def finished(self) -> bool:
        """Whether `take` has something."""
        return bool(self._finished)

    def stop(self) -> None:
        """Nothing that still stands in the queue is begun."""
        with self._guard:
            for job in self._queue:
                job.over.set()
            self._queue.clear()

    def staff(self) -> None:
        """Sees to it that somebody works on the queue; to be said again while calls are under way."""
        with self._guard:
            while self._short():
                self._threads += 1
                self._free += 1
                threading.Thread(target=self._serve, daemon=True, name="vamaild-mail").start()

    def _short(self) -> bool:
        counted = sum(job.seconds() < STUCK for job in self._running)
        return len(self._queue) > self._free and counted + self._free < self.places and self._threads < MOST_THREADS

    def _serve(self) -> None:
        while (job := self._next()) is not None:
            job.work()
            with self._guard:
                self._running.discard(job)
                self._finished.append(job)
                self._free += 1
            self._told()

    def _next(self) -> Job | None:
        """None when there has been nothing to do for a while."""
        with self._guard:
            ready = self._guard.wait_for(self._ready, IDLE_SECONDS)
            self._free -= 1
            if not ready:
                self._threads -= 1
                return None
            job = self._queue.popleft()
            job.begun = time.monotonic()
            self._running.add(job)
            return job

    def _ready(self) -> bool:
        return bool(self._queue) and len(self._finished) < 2 * self.places
