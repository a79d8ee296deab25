"""The web server, by way of uvicorn: one process, one thread, loopback. Addresses hold tokens: none is written."""

import signal
import socket
from collections.abc import Awaitable, Callable
from types import FrameType

from uvicorn import Config, Server

MOST_CONNECTIONS, KEEP_ALIVE, LAST_SECONDS = 64, 5, 5
LONGEST_HEAD = 8_192


def serve(app: Callable[..., Awaitable[None]], host: str, port: int, ready: Callable[[int], object]) -> None:
    """Until SIGTERM or SIGINT. `ready` hears the port when visitors can come; 0 takes a free one. Raises OSError."""
    config = Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=LAST_SECONDS,
        h11_max_incomplete_event_size=LONGEST_HEAD,
    )
    server, listening = Server(config), _listen(host, port)

    def stop(number: int, frame: FrameType | None) -> None:
        """Before uvicorn has its own handlers, and after them: it raises the signal once more."""
        server.should_exit = True

    signal.signal(signal.SIGTERM, stop)
    ready(listening.getsockname()[1])
    server.run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=MOST_CONNECTIONS)
