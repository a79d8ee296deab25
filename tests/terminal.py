"""A real terminal (pty) with a program in it: what it shows, what somebody types, which keys are pressed."""

import os
import pty
import re
import select
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

SECONDS = 90.0
CTRL_C = "\x03"


@dataclass
class Terminal:
    """The program's side is a child process; `shown` is everything it wrote, with plain line ends."""

    pid: int
    handle: int
    shown: str = ""
    read: int = 0

    def until(self, words: str, seconds: float = SECONDS) -> str:
        """Waits until these words appear behind what was waited for before; returns what came up to them."""
        ends = time.monotonic() + seconds
        while words not in self.shown[self.read :]:
            if not self._more(ends - time.monotonic()):
                pytest.fail(f"{words!r} did not appear:\n{self.shown}")
        start, self.read = self.read, self.shown.index(words, self.read) + len(words)
        return self.shown[start : self.read]

    def type(self, text: str) -> None:
        """Types a line and presses Enter."""
        os.write(self.handle, text.encode() + b"\r")

    def press(self, key: str) -> None:
        os.write(self.handle, key.encode())

    def answer(self, words: str, text: str = "") -> None:
        """Waits for a question and answers it; nothing: presses Enter."""
        self.until(words)
        self.type(text)

    def end(self) -> int:
        """Reads to the end; the exit code."""
        while self._more(SECONDS):
            pass
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def _more(self, seconds: float) -> bool:
        if seconds <= 0 or not select.select([self.handle], [], [], seconds)[0]:
            return False
        try:
            raw = os.read(self.handle, 65_536)
        except OSError:  # the other side is closed
            return False
        self.shown += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", raw.decode("utf-8", "replace")).replace("\r\n", "\n")
        return bool(raw)


@contextmanager
def terminal(command: Sequence[str], environ: Mapping[str, str], folder: Path) -> Iterator[Terminal]:
    """Starts the program; it is killed at the end should it still live."""
    pid, handle = pty.fork()
    if pid == 0:  # in the child: nothing but exec, whatever happens
        try:
            os.chdir(folder)
            os.execve(command[0], list(command), dict(environ))
        finally:
            os._exit(127)
    seen = Terminal(pid, handle)
    try:
        yield seen
    finally:
        if seen.pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(handle)
    assert "Traceback" not in seen.shown, seen.shown
