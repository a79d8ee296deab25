"""`vamaild away drill`: what the assistant sees while everybody answers, and what is kept of it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from unittest import mock

import click
import pytest
from click.testing import CliRunner

from vamaild import chain
from vamaild.chain import Answer
from vamaild.cli import drill as verb
from vamaild.cli.place import Place
from vamaild.cli.written import Written
from vamaild.core.cases import NewCase

from . import story
from .story import Shop
from .world import ACME, NOW, World

pytestmark = pytest.mark.slow
AWAY = """
[absence]
from = 2024-12-02
back = 2024-12-09
"""


@pytest.fixture
def shop(world: World) -> Iterator[Shop]:
    world.build(
        {"client-acme.toml": ACME.partition("[lead]")[0] + AWAY + "[escalation]" + ACME.partition("[escalation]")[2]}
    )
    with story.open_shop(world, NOW) as shop:
        shop.go(NOW)
        yield shop


def run(shop: Shop, *arguments: str, as_json: bool = False, answers: bool = True) -> tuple[int, str]:
    """The verb; while it sleeps a minute goes by, the service looks, and whoever is asked answers."""
    place = Place(shop.world.config, shop.world.state, NOW, as_json, Written(shop.world.config))

    def a_minute_later(_seconds: float) -> None:
        shop.go(shop.clock.now() + timedelta(minutes=1))
        for case in shop.service.store.cases():
            asked = str(case.chain.get("asked", ""))
            if asked and (answers or asked == "me"):
                chain.answer(shop.service, case.code, asked, Answer("take"), "email")

    @click.group()
    @click.pass_context
    def away(ctx: click.Context) -> None:
        ctx.obj = place

    away.add_command(verb.drill)
    with mock.patch.object(verb, "sleep", a_minute_later):
        done = CliRunner().invoke(away, ["drill", *arguments], standalone_mode=False)
    if done.exception:
        raise done.exception
    return int(done.return_value), done.output


def test_everybody_answers(shop: Shop) -> None:
    code, said = run(shop, "acme")
    assert said.splitlines() == [
        'A practice alarm marked "prova" goes along the whole chain.',
        '  Giulia Ferri  10:41:00  mail answered "1" after 0 s',
        '  petr          10:41:00  mail answered "1" after 1 min',
        'The chain works. Shown in "away check" until 2 Dec.',
    ]
    assert code == 0
    found = shop.service.store.last_drill("acme")
    assert found
    assert found.works
    assert all("PROVA" in str(mail["Subject"]) for mail in shop.world.notices())


def test_somebody_does_not_answer(shop: Shop) -> None:
    code, said = run(shop, "acme", answers=False)
    assert code == 1
    assert "  petr          10:41:00  mail did not answer" in said
    assert said.endswith('The chain does not work: petr did not answer. Shown in "away check" until 2 Dec.\n')


def test_as_json_and_without_waiting(shop: Shop) -> None:
    assert run(shop, "acme", "--no-wait") == (
        0, 'A practice alarm marked "prova" goes along the whole chain.\nIts result: vamaild away check acme\n',
    )  # fmt: skip
    code, said = run(shop, "acme", "--json")
    value = json.loads(said)
    assert (code, value["works"], [link["person"] for link in value["links"]]) == (0, True, ["me", "petr"])


@pytest.mark.parametrize("why", ["nobody of that name", "no service", "an emergency"])
def test_when_nobody_practises(shop: Shop, why: str) -> None:
    if why == "no service":
        shop.service.store.ran("daemon", NOW - timedelta(hours=1))
    elif why == "an emergency":
        shop.service.store.open_case(NewCase("acme", "emergency", "x", "Zoe", "Fuoco", escalates=True), NOW)
    words, code = {
        "nobody of that name": ("There is no client bella. Known here: acme", 5),
        "no service": ("The service is not running", 1),
        "an emergency": ("nobody practises now", 6),
    }[why]
    with pytest.raises(click.ClickException, match=words) as stopped:
        run(shop, "bella" if why == "nobody of that name" else "acme")
    assert stopped.value.code == code  # type: ignore[attr-defined]  # Stop's own
    assert shop.service.store.last_drill("acme") is None
