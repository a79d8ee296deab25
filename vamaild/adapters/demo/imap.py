"""Starts and stops the demo's IMAP server, which runs in a process of its own (see imap_process.py)."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ImapServer:
    """A running server: where it listens and who may sign in. `process` is its process number."""

    port: int
    user: str
    password: str
    process: int
    host: str = "127.0.0.1"


@contextmanager
def imap_server(user: str, password: str, *, keywords: Iterable[str] = ("$vamaild",)) -> Iterator[ImapServer]:
    """Starts a server with an empty INBOX, Sent and Drafts on a free port, and stops it at the end.

    `keywords` are the flags it keeps beside the standard ones; with none it is a server without keywords. It reads
    from a pipe that only this process holds, so it ends even when this one is killed. Raises RuntimeError.
    """
    command = [sys.executable, "-m", "vamaild.adapters.demo.imap_process", user, password, *keywords]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            port = process.stdout.readline().strip() if process.stdout else ""
            if not port:
                raise RuntimeError("the demo's IMAP server did not start; is pymap installed (vamaild[demo])?")
            yield ImapServer(int(port), user, password, process.pid)
        finally:
            _stop(process)


def _stop(process: "subprocess.Popen[str]") -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
