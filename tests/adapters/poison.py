"""A reading process for tests: does what the message says, to see what becomes of the service. Reads no mail."""

import os
import resource
import signal
import socket
import sys
import time
from dataclasses import replace

from vamaild.adapters.apart import serve
from vamaild.core.ledger import Arrival
from vamaild.core.message import Message

MODULE = "tests.adapters.poison"


def _deny(what: str) -> str:
    try:
        {"file": lambda: os.open("/etc/hostname", os.O_RDONLY), "socket": socket.socket, "process": os.fork}[what]()
    except OSError as error:
        return type(error).__name__
    return "allowed"


def _read(arrival: Arrival) -> Message:
    word, _, rest = arrival.raw.decode().partition(" ")
    message = Message(arrival.received, text=word, subject=rest, size=arrival.size, unreadable=arrival.problem)
    if arrival.problem and rest != "always":
        return message
    if word == "loop":
        resource.setrlimit(resource.RLIMIT_CPU, (1, resource.RLIM_INFINITY))  # as it is after five seconds
        while True:
            pass
    if word == "memory":
        bytearray(2 * serve.MEMORY)
    if word == "die":
        os.kill(os.getpid(), signal.SIGSEGV)
    if word == "sleep":
        time.sleep(60)
    if word == "raise":
        raise ValueError(rest)
    if word == "lie":
        return replace(message, subject="a\r\nBcc: b")
    if word == "print":
        print("noise")
        sys.stdout.flush()
    if word == "deny":
        return replace(message, text=_deny(rest))
    if word == "environment":
        return replace(message, text=" ".join(sorted(os.environ)))
    return message


def main() -> None:
    serve.serve(_read, lambda: None)
