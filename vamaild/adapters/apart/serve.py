"""The process that reads hostile mail: one message after the other, until whoever started it is gone.

Before the first message it gives up what reading does not need: files, sockets, processes, and more memory or time
than a message may take. What breaks a limit ends this process, not the service; at the end of its input it ends, too,
so that none is left over when the service was killed.
"""

import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from vamaild.core.ledger import Arrival
from vamaild.core.message import Message

from . import codec

CPU_SECONDS = 5
MEMORY = 268_435_456
"""Bytes that reading may take beyond what the process has when it is ready."""

STATM = Path("/proc/self/statm")
OUT_OF_MEMORY = 61
READY = b"ready"
NO_MORE = (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE)

Read = Callable[[Arrival], Message]


def serve(read: Read, warm_up: Callable[[], object], memory: int = MEMORY) -> None:
    """Answers until the input ends. `warm_up` loads everything that reading may ever load."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who presses Ctrl-C means the service, and that ends its children
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    _silence()
    warm_up()
    _shut_in(memory)
    _send(answers, READY)
    used = 0
    while (arrival := _next(requests)) is not None:
        used = _allow_time(used)
        try:
            _send(answers, codec.answer(read(arrival)))
        except MemoryError:
            os._exit(OUT_OF_MEMORY)  # whatever else is under way here has no memory either


def _silence() -> None:
    """Whatever a library prints must not get between the answers."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def _shut_in(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_size() + memory,) * 2)
    for limit in NO_MORE:
        resource.setrlimit(limit, (0, 0))


def _size() -> int:
    """Bytes of address space taken now; what its peak was where /proc is not there."""
    try:
        return int(STATM.read_bytes().split()[0]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024


def _allow_time(used: int) -> int:
    """Five seconds more than what was used; the limit counts whole seconds since the start of the process."""
    now = int(time.process_time()) + 1
    if now != used:
        resource.setrlimit(resource.RLIMIT_CPU, (now + CPU_SECONDS, resource.RLIM_INFINITY))
    return now


def _next(requests: BinaryIO) -> Arrival | None:
    lengths = requests.read(2 * codec.LENGTH.size)
    if len(lengths) < 2 * codec.LENGTH.size:
        return None
    head, raw = (length for (length,) in codec.LENGTH.iter_unpack(lengths))
    return codec.arrival_of(requests.read(head), requests.read(raw))


def _send(answers: BinaryIO, answer: bytes) -> None:
    answers.write(codec.LENGTH.pack(len(answer)) + answer)
    answers.flush()
