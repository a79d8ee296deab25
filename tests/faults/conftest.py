"""The world of the system tests for the faults: real servers, the real program, and the oracle after each test."""

from collections.abc import Iterator

import pytest

from tests.faults.lives import Lives
from tests.servers import ImapAccount
from tests.system.conftest import each_world, post_office, pymap_server, world
from tests.system.world import World, sink_with_login

__all__ = ["each_world", "lives", "post_office", "pymap_server", "world"]


@pytest.fixture(scope="session")
def lives(pymap_server: ImapAccount, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lives]:
    """One world for all tests that let the service die, or fail, again and again."""
    with sink_with_login() as sink:
        yield Lives(World(tmp_path_factory.mktemp("lives"), pymap_server, sink).build())
