"""A flood has been reported, and nobody knows of it yet."""

import pytest

from tests.chain.alarm import FLOOD, Alarm
from tests.office import letter


@pytest.fixture
def office() -> Alarm:
    found = Alarm()
    found.arrive(letter(1, FLOOD))
    return found
