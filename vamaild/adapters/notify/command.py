"""A notice through a program of the administrator: a modem, a pager. No shell ever sees a word of it."""

import os
import shlex
import signal
import subprocess
from contextlib import suppress

from vamaild.core.notify import Delivered, Delivery, Notice

SECONDS = 15.0
CANNOT_START = (OSError, ValueError)


class CommandNotifier:
    """`way` is a command line as in a shell, quotes included, but without anything a shell would do.

    The program gets the notice on its standard input, VAMAILD_CODE and VAMAILD_KEY in its environment; exit 0 means
    delivered. It is killed with all its children after `seconds`.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds

    def notify(self, way: str, notice: Notice) -> Delivered:
        """Runs the command."""
        try:
            process = self._start(shlex.split(way), notice)
        except CANNOT_START as error:
            return Delivered(Delivery.FAILED, f"the program cannot be started ({type(error).__name__})")
        text = "\n\n".join(filter(None, (notice.short, notice.text.rstrip(), notice.link))) + "\n"
        try:
            process.communicate(text.encode("utf-8", "replace"), timeout=self._seconds)
        except subprocess.TimeoutExpired:
            return Delivered(Delivery.RETRY, f"the program did not end within {self._seconds:g} seconds")
        finally:
            _end(process)
        if process.returncode:
            return Delivered(Delivery.RETRY, f"the program ended with {process.returncode}")
        return Delivered(Delivery.DELIVERED)

    @staticmethod
    def _start(command: list[str], notice: Notice) -> "subprocess.Popen[bytes]":
        """Raises OSError; ValueError for an empty command line."""
        if not command:
            raise ValueError("no command")
        environ = {**os.environ, "VAMAILD_CODE": notice.code, "VAMAILD_KEY": notice.key}
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environ,
            start_new_session=True,
        )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Whatever of it still runs; its children are in its own process group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
