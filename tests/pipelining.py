"""An SMTP server that takes several mails in one go (PIPELINING, CHUNKING), and misbehaves as a test says."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

OFFERS = ("x", "PIPELINING", "8BITMIME", "CHUNKING")


@dataclass
class Window:
    """`said` maps a recipient to the answer to its RCPT, or to its mail ("BDAT"); "" hangs up. `taken` are mails."""

    port: int = 0
    offers: tuple[str, ...] = OFFERS
    said: dict[tuple[str, str], str] = field(default_factory=dict)
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)
    sessions: int = 0


@contextmanager
def window_server(**more: object) -> Iterator[Window]:
    """Until the test is over."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Window(listener.getsockname()[1], **more)  # type: ignore[arg-type]

    def listen() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                server.sessions += 1
                threading.Thread(target=_talk, args=(server, sock), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _talk(server: Window, sock: socket.socket) -> None:
    with suppress(OSError), sock, sock.makefile("rb") as lines:
        sock.sendall(b"220 x\r\n")
        to, refused = "", False
        for line in lines:
            verb, _, rest = line.strip().decode().partition(" ")
            verb = verb.upper()
            server.verbs.append(verb)
            said = "250 fine"
            if verb == "EHLO":
                said = "\r\n".join(f"250{'-' if o != server.offers[-1] else ' '}{o}" for o in server.offers)
            elif verb == "RCPT":
                to = rest.partition("<")[2].partition(">")[0]
                said = server.said.get((to, "RCPT"), said)
                refused = not said.startswith("25")
            elif verb == "DATA":
                sock.sendall(b"354 go on\r\n")
                server.taken.append((to, b"".join(iter(lines.readline, b".\r\n"))))
            elif verb == "BDAT":
                raw = lines.read(int(rest.split()[0]))
                said = "503 no recipient" if refused else server.said.get((to, "BDAT"), said)
                if said.startswith("25") or not said:
                    server.taken.append((to, raw))
            if not said:
                sock.shutdown(socket.SHUT_RDWR)
                return
            sock.sendall(said.encode() + b"\r\n")
            if said.startswith("421"):
                sock.shutdown(socket.SHUT_RDWR)
                return
