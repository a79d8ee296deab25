"""The way to the server: over the network, or through a local socket that systemd-socket-proxyd hands on (RFC 8314).

TLS begins behind either, with the name of the host checked: whoever hands the bytes on sees nothing and cannot lie.
"""

import socket


def reach(path: str, host: str, port: int, seconds: float) -> socket.socket:
    """A connected socket: through the local socket `path`, to host and port where it is "". Raises OSError."""
    if not path:
        return socket.create_connection((host, port), seconds)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(path)
    except OSError:
        sock.close()
        raise
    return sock


def hurry(sock: socket.socket) -> None:
    """Lets small commands leave at once (no Nagle delay); a local socket has no such delay."""
    if sock.family != socket.AF_UNIX:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
