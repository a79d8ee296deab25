"""The targets of `make fuzz` hold for what they begin with; atheris itself is not needed for that."""

import pytest

from tests.fuzz.targets.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_for_its_seeds(name: str) -> None:
    seeds = list(TARGETS[name].seeds())
    assert seeds
    for seed in [*seeds[:12], b"", b"\xff\0\xfe"]:
        TARGETS[name].feed(seed)
