"""A world for each test: servers, a configuration directory, and the program that looks after them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ImapAccount
from vamaild.adapters.demo.imap import imap_server
from vamaild.adapters.demo.smtp import SmtpSink

from .bench import Bench
from .oracle import audited
from .world import World, sink_with_login


@pytest.fixture(scope="session")
def pymap_server() -> Iterator[ImapAccount]:
    """pymap with a password of its own: a log line that holds "pass word" in any spelling is withheld whole."""
    with imap_server("demo", "Bramble-73-Otter") as server:
        yield ImapAccount("pymap", server.host, server.port, "none", server.user, server.password)


@pytest.fixture
def post_office() -> Iterator[SmtpSink]:
    """The outgoing server."""
    with sink_with_login() as sink:
        yield sink


@pytest.fixture
def world(pymap: ImapAccount, post_office: SmtpSink, tmp_path: Path) -> Iterator[World]:
    """The usual one: one client, one mailbox on pymap."""
    world = World(tmp_path, pymap, post_office).build()
    yield world
    audited(world)


@pytest.fixture
def each_world(imap: ImapAccount, post_office: SmtpSink, tmp_path: Path) -> Iterator[World]:
    """The same on pymap and on Dovecot."""
    world = World(tmp_path, imap, post_office).build()
    yield world
    audited(world)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bench:
    """The desk of a test that asks verbs as from a shell."""
    return Bench(tmp_path, monkeypatch, capsys)
