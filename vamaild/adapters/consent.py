"""Waits for the browser to come back from a consent (RFC 8252 section 7.3): on 127.0.0.1 only, for one answer.

Where the browser runs on another machine it ends on an error page; then its address is pasted into the terminal.
An answer with another state than ours is not ours: it is refused, and the waiting goes on.
"""

import hmac
import os
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO
from urllib.parse import parse_qs, urlsplit

from vamaild.core.signin import SignInError

LONGEST = 16_384
READ_SECONDS = 5.0
PAGE = "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n{text}\n"


class Listener:
    """A socket for one answer; close it at the end. Raises SignInError where there is no port."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        try:
            self._socket = socket.create_server(("127.0.0.1", 0))
        except OSError as error:
            raise SignInError(f"no port of this machine is free: {error.strerror or error}") from error
        self.redirect = f"http://{host}:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        """Nobody listens any more."""
        self._socket.close()

    def wait(self, state: str, seconds: float, typed: TextIO | None, complain: Callable[[str], object]) -> str:
        """The address with which the browser came back, or which somebody pasted. Raises SignInError."""
        ends = time.monotonic() + seconds
        sources: list[socket.socket | int] = [self._socket, *([typed.fileno()] if typed else [])]
        kept = b""
        while (left := ends - time.monotonic()) > 0:
            ready = select.select(sources, [], [], left)[0]
            if self._socket in ready and (found := self._visited(state)):
                return found
            if typed and typed.fileno() in ready:
                said = os.read(typed.fileno(), LONGEST)
                sources = sources if said else [self._socket]  # a terminal that is gone says nothing for ever
                *lines, kept = (kept + said)[-LONGEST:].split(b"\n")
                if found := _pasted(lines, state, complain):
                    return found
        raise SignInError("nobody has consented in time. Begin again.")

    def _visited(self, state: str) -> str:
        """The address of one visit, "" when it is not the one that is waited for."""
        with suppress(OSError):
            visitor, _ = self._socket.accept()
            with visitor:
                visitor.settimeout(READ_SECONDS)
                asked = _first_line(visitor).split(" ")
                address = self.redirect + asked[1] if len(asked) == 3 and asked[0] == "GET" else ""
                ours = _ours(address, state)
                status, text = ("200 OK", "Done. Close this page.") if ours else ("400 Bad Request", "Not expected.")
                visitor.sendall(PAGE.format(status=status, text=text).encode())
            return address if ours else ""
        return ""


def _pasted(lines: list[bytes], state: str, complain: Callable[[str], object]) -> str:
    """The first line that is our address; of any other it is said that it is not."""
    for line in filter(None, (line.decode("utf-8", "replace").strip() for line in lines)):
        if _ours(line, state):
            return line
        complain("This is not the address the browser ended on; copy all of it, from http to its end.")
    return ""


def _first_line(visitor: socket.socket) -> str:
    said = b""
    while b"\n" not in said and len(said) < LONGEST:
        more = visitor.recv(LONGEST)
        if not more:
            break
        said += more
    return said.partition(b"\r\n")[0].decode("ascii", "replace")


def _ours(address: str, state: str) -> bool:
    """Whether it answers our question: with our state, and a code or a refusal."""
    try:
        query = parse_qs(urlsplit(address).query)
    except ValueError:
        return False
    told = query.get("state", [""])[0]
    return hmac.compare_digest(told.encode(), state.encode()) and bool({"code", "error"} & set(query))
