"""What systemd is told, read from the socket it would listen on."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from vamaild.adapters.systemd import Notifier, watchdog_interval


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Notifier, Callable[[], str]]]:
    name = f"@vamaild-test-{os.getpid()}-{time.monotonic_ns()}" if request.param == "abstract" else str(tmp_path / "n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + name[1:] if name.startswith("@") else name)
        listener.settimeout(2)
        yield Notifier({"NOTIFY_SOCKET": name}), lambda: listener.recv(4096).decode()


@pytest.mark.parametrize(
    ("say", "heard"),
    [
        (lambda n: n.ready(), "READY=1"),
        (lambda n: n.ready("6 clients"), "READY=1\nSTATUS=6 clients"),
        (lambda n: n.stopping(), "STOPPING=1"),
        (lambda n: n.status("Čeká 3"), "STATUS=Čeká 3"),
        (lambda n: n.status("a\nREADY=0\r\x1b[2J\u2028b"), "STATUS=a READY=0 [2J b"),
        (lambda n: n.status("half \ud800 pair"), "STATUS=half pair"),
        (lambda n: n.watchdog(), "WATCHDOG=1"),
    ],
)
def test_what_is_said(manager: tuple[Notifier, Callable[[], str]], say: Callable[[Notifier], bool], heard: str) -> None:
    notifier, hear = manager
    assert say(notifier) is True
    assert hear() == heard


def test_reloading_carries_the_monotonic_time(manager: tuple[Notifier, Callable[[], str]]) -> None:
    notifier, hear = manager
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert notifier.reloading()
    first, second = hear().split("\n")
    after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert first == "RELOADING=1"
    assert second.startswith("MONOTONIC_USEC=")
    assert before <= int(second.removeprefix("MONOTONIC_USEC=")) <= after


@pytest.mark.parametrize(
    "environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "relative"}, {"NOTIFY_SOCKET": "/no/such"}]
)
def test_without_a_manager_nothing_happens(environ: dict[str, str]) -> None:
    assert Notifier(environ).ready() is False


def test_an_empty_status_is_not_sent() -> None:
    assert Notifier({"NOTIFY_SOCKET": "/no/such"}).status(" \n") is False


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "180000000"}, timedelta(minutes=3)),
        ({"WATCHDOG_USEC": "180000000", "WATCHDOG_PID": "42"}, timedelta(minutes=3)),
        ({"WATCHDOG_USEC": "180000000", "WATCHDOG_PID": "43"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "²"}, None),
    ],
)
def test_the_watchdog(environ: dict[str, str], expected: timedelta | None) -> None:
    assert watchdog_interval(environ, pid=42) == expected
