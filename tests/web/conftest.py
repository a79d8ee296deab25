import pytest

from tests.web.phone import House
from tests.web.phone import house as flooded


@pytest.fixture
def house() -> House:
    return flooded()
