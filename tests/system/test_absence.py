"""The second story of the mission, whole: two weeks away, 120 messages, three who insist, one disaster. The golden
files beside the story were read by a person; where the program is meant to answer otherwise, write them again with
GOLDEN=write, read the difference, and commit it."""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest

from . import absence, story
from .absence import Life, Tale
from .world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(params=["cs", "it"])
def told(request: pytest.FixtureRequest) -> Tale:
    return absence.tale(request.param)


@pytest.fixture
def lived(world: World, told: Tale) -> Iterator[Life]:
    absence.furnish(world, told)
    with story.open_shop(world, told.at(told.mails[0]["at"]) - timedelta(minutes=10)) as shop:
        life = Life(shop, told)
        life.live()
        yield life


def compare(told: Tale, name: str, text: str) -> None:
    path = told.golden(name)
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), name


def test_two_weeks_away(lived: Life, told: Tale) -> None:
    world = lived.world
    names = absence.codes(world)
    compare(told, "replies", absence.written(world.replies(), told.zone, names))
    compare(told, "people", absence.written(world.notices(), told.zone, names))
    compare(told, "ledger", absence.judged(world, told.zone))
