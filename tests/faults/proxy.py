"""A TCP proxy that does what networks do: it cuts, falls silent, trickles, flips bits, hides words, listens along.

Between a program and its server, both on the loopback. Whatever it is told holds for all its connections and may be
changed while they last; `fair()` ends every fault.
"""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

HOST = "127.0.0.1"
RESET = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class Wire:
    """One connection: `near` is the program's end, `far` the server's."""

    near: socket.socket
    far: socket.socket

    def tell(self, data: bytes) -> None:
        """To the program, in the server's name."""
        self.near.sendall(data)

    def cut(self) -> None:
        """Ends both sides at once, without a goodbye (RST)."""
        for end in (self.near, self.far):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.shutdown(socket.SHUT_RDWR)


Said = Callable[[Wire, bytes], bytes]
"""Gets each line of the program before the server does; what it returns goes on, b"" is swallowed."""
Told = Callable[[bytes], bytes]
"""Gets each piece of the server's answer; what it returns reaches the program."""


@dataclass(eq=False, repr=False)
class Proxy:
    """Listens on `port` and leads to port `to`. `heard` holds every byte the program said, `told` every byte it got.

    `silent`: what the server says is held back until it is fair again. `pace`: seconds between two bytes of it.
    `flips`: of every so many bytes of it one is changed. `deaf`: what the program says is not passed on either.
    """

    to: int
    said: Said | None = None
    telling: Told | None = None
    silent: bool = False
    deaf: bool = False
    pace: float = 0.0
    flips: int = 0
    port: int = 0
    heard: bytearray = field(default_factory=bytearray)
    told: bytearray = field(default_factory=bytearray)
    wires: list[Wire] = field(default_factory=list)
    over: bool = False

    def fair(self) -> None:
        """Ends all faults."""
        self.said, self.telling, self.silent, self.deaf, self.pace, self.flips = None, None, False, False, 0.0, 0

    def cut(self) -> None:
        """Ends every connection."""
        for wire in self.wires:
            wire.cut()

    def serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                try:
                    wire = Wire(near, socket.create_connection((HOST, self.to)))
                except OSError:
                    near.close()
                    continue
                for end in (wire.near, wire.far):
                    with suppress(OSError):  # a local socket has no such thing
                        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.wires.append(wire)
                threading.Thread(target=self._pump, args=(wire, wire.near, self._upward), daemon=True).start()
                threading.Thread(target=self._pump, args=(wire, wire.far, self._downward), daemon=True).start()

    def _pump(self, wire: Wire, source: socket.socket, pass_on: Callable[[Wire, bytes], None]) -> None:
        target = wire.far if source is wire.near else wire.near
        try:
            while data := source.recv(65_536):
                pass_on(wire, data)
        except OSError:
            wire.cut()
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _upward(self, wire: Wire, data: bytes) -> None:
        self.heard += data
        while self.deaf and not self.over:
            time.sleep(0.02)
        for line in data.splitlines(keepends=True) if self.said else [data]:
            if kept := self.said(wire, line) if self.said else line:
                wire.far.sendall(kept)

    def _downward(self, wire: Wire, data: bytes) -> None:
        while self.silent and not self.over:
            time.sleep(0.02)
        data = self.telling(data) if self.telling else data
        if self.flips:
            data = bytes(b ^ 1 if n % self.flips == self.flips - 1 else b for n, b in enumerate(data))
        self.told += data
        sent = 0
        while self.pace and sent < len(data) and not self.over:
            wire.tell(data[sent : sent + 1])
            sent += 1
            time.sleep(self.pace)
        wire.tell(data[sent:])


@contextmanager
def proxy(to: int, listener: socket.socket | None = None, **faults: Any) -> Iterator[Proxy]:
    """Starts one on a free port, or on this listener; every connection ends with it."""
    listener = listener or socket.create_server((HOST, 0))
    port = 0 if listener.family == socket.AF_UNIX else listener.getsockname()[1]
    found = Proxy(to, port=port, **faults)
    threading.Thread(target=found.serve, args=(listener,), daemon=True).start()
    try:
        yield found
    finally:
        found.over = True
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        found.cut()
