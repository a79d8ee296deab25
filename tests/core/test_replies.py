"""corpus/replies: who is answered, and at which address. A table shows what failed and why."""

import csv
from functools import cache
from pathlib import Path

import pytest

from tests.make import NOW
from vamaild import wire
from vamaild.core.decide import Decision, decide
from vamaild.core.ledger import Arrival
from vamaild.core.message import History
from vamaild.core.route import find_client

CORPUS = Path(__file__).parent.parent / "corpus" / "replies"
HERE = CORPUS / "config"


def rows() -> list[dict[str, str]]:
    with (CORPUS / "expected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def rules() -> wire.Rules:
    found = wire.rules_of(wire.load(HERE, play=False))
    assert found is not None
    return found


def judged(raw: bytes) -> Decision:
    """As `vamaild explain` judges a stored message: by itself, with the reply limits off."""
    message = wire.reader()(Arrival(0, 0, NOW, len(raw), raw))
    client = find_client(message, rules().rulebook.clients).ruleset or rules().rulebook.clients[0]
    return decide(message, client, rules().rulebook, History(), rules().tools, NOW, limits=False)


def wrong(row: dict[str, str]) -> str:
    """One line of the table, "" where all is as it should be."""
    decision = judged((CORPUS / "eml" / f"{row['id']}.eml").read_bytes())
    got = decision.reply.to if decision.reply else ""
    want = row["want_to"] if row["want"] == "reply" else ""
    if got == want:
        return ""
    screened, sender = decision.case.screened, decision.case.sender
    why = f"{screened.code}: {screened.because}" if screened else f"{sender.method} {sender.confidence}"
    return f"{row['id']:24} want {want or 'silence':28} got {got or 'silence':28} {why}; {row['why']}"


def test_every_message_is_answered_as_it_should_be() -> None:
    table = [line for row in rows() if (line := wrong(row))]
    print(f"{len(rows()) - len(table)} of {len(rows())}", *table, sep="\n")
    assert not table, "\n".join(table)
    assert len(rows()) >= 60


@pytest.mark.parametrize("row", [r for r in rows() if r["want"] == "reply"][:3], ids=lambda r: r["id"])
def test_the_table_shows_what_is_wrong(row: dict[str, str]) -> None:
    assert "want nobody@else.example" in wrong(row | {"want_to": "nobody@else.example"})
    assert "want silence" in wrong(row | {"want": "skip"})


def test_no_shipped_safety_is_no_test() -> None:
    assert len(rules().rulebook.safety.lists["robot_headers"]) > 10
