"""One reading process and the pipes to it: many requests under way at once, answers in order, a limit on the wait."""

import os
import select
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from .codec import LENGTH, LONGEST
from .serve import OUT_OF_MEMORY, READY

START_SECONDS, WALL_SECONDS = 30.0, 30.0
CHUNK = 65_536
KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH")
WHY = {-signal.SIGXCPU: "it takes too long to read", OUT_OF_MEMORY: "it needs too much memory to be read"}


class BrokenError(Exception):
    """The process ended, or had to be ended, with requests unanswered. `again`: another one may do better."""

    def __init__(self, why: str, *, again: bool = True) -> None:
        super().__init__(why)
        self.again = again


class Process:
    """A reading process that is ready. Raises BrokenError or OSError where none can be had."""

    def __init__(self, module: str, seconds: float = WALL_SECONDS) -> None:
        self.owner = os.getpid()
        self._seconds = seconds
        start = f"import sys; sys.path[:] = sys.argv[1:]; import {module} as m; m.main()"
        self._child = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", start, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in KEPT if name in os.environ},
            start_new_session=True,
            bufsize=0,
        )
        self._in, self._out = self._child.stdin.fileno(), self._child.stdout.fileno()  # type: ignore[union-attr]  # PIPE
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        self._got = bytearray()
        try:
            ready = next(self.exchange(deque(), 1, START_SECONDS))
        except BrokenError:
            self.close()
            raise
        if ready != READY:
            self.close()
            raise BrokenError("it cannot be started")

    @property
    def pid(self) -> int:
        return self._child.pid

    def exchange(self, requests: "deque[bytes]", count: int, seconds: float = 0.0) -> Iterator[bytes]:
        """So many answers in the order of the requests. Raises BrokenError; then this process is at its end."""
        poll = select.poll()
        poll.register(self._out, select.POLLIN)
        if requests:
            poll.register(self._in, select.POLLOUT)
        sending = memoryview(b"")
        while count:
            ends = time.monotonic() + (seconds or self._seconds)
            while (answer := self._whole()) is None:
                ready = dict(poll.poll(max(0.0, ends - time.monotonic()) * 1_000))
                if not ready:
                    raise self._broken("it takes too long to read")
                if self._out in ready:
                    self._receive()
                if ready.get(self._in, 0) & select.POLLOUT:
                    sending = self._send(sending or _chunk(requests))
                    if not sending and not requests:
                        poll.unregister(self._in)
            count -= 1
            yield answer

    def _whole(self) -> bytes | None:
        """The next answer, when all of it is there."""
        if len(self._got) < LENGTH.size:
            return None
        (length,) = LENGTH.unpack_from(self._got)
        if length > LONGEST:
            raise self._broken("it needs too much memory to be read")
        if len(self._got) < LENGTH.size + length:
            return None
        answer = bytes(self._got[LENGTH.size : LENGTH.size + length])
        del self._got[: LENGTH.size + length]
        return answer

    def _receive(self) -> None:
        with suppress(BlockingIOError):
            came = os.read(self._out, CHUNK)
            if not came:
                raise self._broken("the reader broke on it")
            self._got += came

    def _send(self, sending: memoryview) -> memoryview:
        """What is left to send; a process that is gone is noticed when its answer is waited for."""
        try:
            return sending[os.write(self._in, sending) :]
        except BlockingIOError:
            return sending
        except BrokenPipeError:
            return memoryview(b"")

    def _broken(self, why: str) -> BrokenError:
        code = self.close()
        return BrokenError(WHY.get(code, why), again=code != -signal.SIGXCPU)

    def kill(self) -> None:
        """Ends it under whoever waits for its answers; for another thread."""
        self._child.kill()

    def close(self) -> int:
        """Ends the process; how it ended."""
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                pipe.close()
        with suppress(subprocess.TimeoutExpired):
            return self._child.wait(0.2)
        self._child.kill()
        return self._child.wait()

    def forget(self) -> None:
        """In a copy of the service that was forked: the process is not this one's."""
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                pipe.close()
        self._child.returncode = 0


def _chunk(requests: "deque[bytes]") -> memoryview:
    """Small requests together, so that a system call carries many."""
    sending: list[bytes] = []
    while requests and (not sending or sum(map(len, sending)) + len(requests[0]) <= CHUNK):
        sending.append(requests.popleft())
    return memoryview(b"".join(sending))
