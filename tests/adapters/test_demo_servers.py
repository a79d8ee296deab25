"""The servers of the demo: they start on a free port and end with whoever started them, even when it is killed."""

import socket
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from tests.servers import ImapAccount
from vamaild.adapters.demo.imap import imap_server

STARTER = """
import sys, time
from vamaild.adapters.demo.imap import imap_server
with imap_server("a", "b") as server:
    print(server.port, flush=True)
    time.sleep(60)
"""


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def ends(port: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not listens(port):
            return True
        time.sleep(0.05)
    return False


def test_it_ends_with_its_block() -> None:
    with imap_server("a", "b") as server:
        assert listens(server.port)
    assert ends(server.port)


def test_it_ends_when_its_starter_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        port = int(starter.stdout.readline())
        assert listens(port)
        starter.kill()
    assert ends(port)


def test_it_does_not_start_without_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(RuntimeError, match="did not start"), imap_server("a", "b"):
        pass


def test_a_server_without_keywords() -> None:
    with imap_server("a", "b", keywords=()) as server:
        box = ImapAccount("x", server.host, server.port, "none", server.user, server.password).mailbox()
        box.open()
        assert box.keeps_keyword is False
        assert box.mark([101]) is False
        box.close()


def test_special_folders_are_declared(pymap: ImapAccount) -> None:
    with pymap.client() as client:
        declared = {name: flags for flags, _, name in client.list_folders()}
    assert b"\\Sent" in declared["Sent"]
    assert b"\\Drafts" in declared["Drafts"]
