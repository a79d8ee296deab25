"""Number 22, found by the soak: the server took the mail, and the wire broke in the middle of its "250"."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from vamaild.adapters.post import SmtpPost
from vamaild.core.ledger import PostError

MAIL = b"From: va@va.example\r\nTo: carla@customer.example\r\nSubject: x\r\nMessage-ID: <a@va.example>\r\n\r\nciao\r\n"


@contextmanager
def answering(last: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A mail server that takes every mail, says `last` and is gone; its port, and what it took."""
    taken: list[bytes] = []

    def talk(sock: socket.socket) -> None:
        with suppress(OSError), sock, sock.makefile("rb") as lines:
            sock.sendall(b"220 x\r\n")
            for line in lines:
                if line == b"DATA\r\n":
                    sock.sendall(b"354 go\r\n")
                    taken.append(b"".join(iter(lines.readline, b".\r\n")))
                    sock.sendall(last)
                    return
                sock.sendall(b"250 ok\r\n")

    def listen() -> None:
        with suppress(OSError):
            while True:
                talk(listener.accept()[0])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=listen, daemon=True).start()
        try:
            yield listener.getsockname()[1], taken
        finally:
            listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("last", [b"", b"2", b"25", b"4", b"\r\n", b"2x0 ok\r\n"])
def test_22_half_an_answer_is_none(last: bytes) -> None:
    """Nobody knows whether it was taken: a courtesy is not sent again, an emergency with the same Message-ID."""
    with answering(last) as (port, taken), pytest.raises(PostError) as caught:
        SmtpPost(host="127.0.0.1", port=port, tls="none").send("carla@customer.example", MAIL)
    assert taken == [MAIL]
    assert caught.value.maybe_sent


@pytest.mark.parametrize("last", [b"250", b"250 ok\r\n", b"250-a\r\n250 b"])
def test_22_a_whole_one_counts(last: bytes) -> None:
    with answering(last) as (port, taken):
        SmtpPost(host="127.0.0.1", port=port, tls="none").send("carla@customer.example", MAIL)
    assert taken == [MAIL]


@pytest.mark.parametrize("last", [b"451 later\r\n", b"554 no\r\n", b"451"])
def test_22_a_refusal_is_a_refusal(last: bytes) -> None:
    with answering(last) as (port, _), pytest.raises(PostError) as caught:
        SmtpPost(host="127.0.0.1", port=port, tls="none").send("carla@customer.example", MAIL)
    assert not caught.value.maybe_sent
