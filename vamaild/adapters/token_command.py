"""A token from a program of the administrator (oama, pizauth, mutt_oauth2.py ...). No shell ever sees a word of it."""

import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress

from vamaild.core.signin import SignInError, usable

SECONDS = 30.0
LONGEST = 65_536


def fetch(command: Sequence[str], seconds: float = SECONDS) -> str:
    """The first thing the program prints, without the line's end; what it says on stderr is not looked at.

    It has no input, and is killed with its children after `seconds`. Raises SignInError, which quotes no output.
    """
    named = f'the token_command "{command[0]}"'
    try:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise SignInError(f"{named} cannot be started: {reason}", retry=False) from error
    rang = threading.Event()
    alarm = threading.Timer(seconds, _ring, (rang, process))
    alarm.daemon = True
    alarm.start()
    try:
        said = process.stdout.read(LONGEST + 1) if process.stdout else b""
        code = process.wait() if len(said) <= LONGEST else None
    finally:
        alarm.cancel()
        _end(process)
    if rang.is_set():
        raise SignInError(f"{named} did not end within {seconds:g} seconds")
    return _token(said, code, named)


def _token(said: bytes, code: int | None, named: str) -> str:
    if code:
        raise SignInError(f"{named} ended with {code}. Try it by hand as the user of the service")
    token = said.decode("ascii", "replace").rstrip("\r\n")
    if code is None or not usable(token):
        raise SignInError(f"{named} prints no token: one line of printable characters without a space is expected")
    return token


def _ring(rang: threading.Event, process: "subprocess.Popen[bytes]") -> None:
    rang.set()
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Whatever of it still runs; its children are in its own process group, and may hold the pipe open."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
