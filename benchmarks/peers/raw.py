"""The limit: size, header and first 32 kB of every message, all asked for at once, read and thrown away. No judging."""

import socket

from benchmarks.peers import common

PIECE = 1 << 20
ITEMS = "RFC822.SIZE INTERNALDATE FLAGS BODY.PEEK[HEADER]<0.262144> BODY.PEEK[TEXT]<0.32768>"


def work(sock: socket.socket) -> tuple[int, int]:
    """(messages, 0)."""
    sock.sendall(f"a LOGIN {common.USER} {common.PASSWORD}\r\n".encode())
    _until(sock, b"a OK")
    sock.sendall(b"b SELECT INBOX\r\n")
    count = int(_until(sock, b"b OK").partition(b" EXISTS")[0].rpartition(b"* ")[2])
    starts = range(1, count + 1, 200)
    sock.sendall(b"".join(f"f FETCH {n}:{min(n + 199, count)} ({ITEMS})\r\n".encode() for n in starts) + b"z NOOP\r\n")
    tail = b""
    while b"\r\nz OK" not in tail:
        tail = tail[-200:] + sock.recv(PIECE)
    return count, 0


def _until(sock: socket.socket, end: bytes) -> bytes:
    said = b""
    while end not in said:
        said += sock.recv(PIECE)
    return said


if __name__ == "__main__":
    with common.trust().wrap_socket(
        socket.create_connection(("localhost", common.IMAP)), server_hostname="localhost"
    ) as s:
        common.timed(lambda: work(s))
