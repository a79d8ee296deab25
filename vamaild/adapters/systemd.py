"""Tells systemd how the service is doing: sd_notify(3) and sd_watchdog_enabled(3) over a datagram socket."""

import os
import socket
import time
from collections.abc import Mapping
from datetime import timedelta


class Notifier:
    """Messages to the service manager; each returns whether it was sent. Without NOTIFY_SOCKET nothing happens."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        name = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + name[1:] if name.startswith("@") else name

    def ready(self, status: str = "") -> bool:
        """Started, or reloaded."""
        return self._send("READY=1", *_status(status))

    def reloading(self) -> bool:
        """Reading the configuration again; `ready` ends it."""
        return self._send("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self, status: str = "") -> bool:
        return self._send("STOPPING=1", *_status(status))

    def status(self, text: str) -> bool:
        """One line for `systemctl status`."""
        return self._send(*_status(text))

    def watchdog(self) -> bool:
        """Still alive."""
        return self._send("WATCHDOG=1")

    def _send(self, *lines: str) -> bool:
        if not self._address.startswith(("/", "\0")) or not lines:
            return False
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as connection:
                connection.setblocking(False)
                connection.sendto("\n".join(lines).encode("utf-8", "replace"), self._address)
        except OSError:
            return False  # a manager that does not listen must not stop the mail
        return True


def _status(text: str) -> list[str]:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return [f"STATUS={line}"] if line else []


def watchdog_interval(environ: Mapping[str, str], pid: int | None = None) -> timedelta | None:
    """After how long a silence systemd kills this process (call `watchdog` twice as often), or None."""
    wanted = environ.get("WATCHDOG_USEC", "")
    whose = environ.get("WATCHDOG_PID", "")
    if not (wanted.isascii() and wanted.isdigit() and int(wanted)):
        return None
    if whose and whose != str(os.getpid() if pid is None else pid):
        return None
    return timedelta(microseconds=int(wanted))
