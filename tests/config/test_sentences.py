"""[[sentences]]: whole messages in one language and the kind they must be."""

import pytest

from tests.config.make import DECIDING, TOOLS, rule_file, said, sources
from vamaild.config.load import load
from vamaild.config.stories import play

HEAD = '[language]\ncode = "it"\n[urgency]\nstated = ["mi serve subito"]\n'
RUSH = '[[rule]]\nname = "rush"\nkind = "rush-request"\nwhen.urgency = "stated"\n'
NAME = "rules.d/40-sentences-it.toml"


def played(text: str) -> tuple[int, list[str]]:
    """(how many hold, what is said of the others)."""
    found = load(sources(rule_file("40-sentences-it.toml", text)), TOOLS)
    assert said(found.errors) == []
    files = [p for p in play(found, DECIDING) if p.file == NAME]
    return sum(p.passed for p in files), said([f for p in files for f in p.failed])


def test_a_message_is_judged_as_a_whole() -> None:
    text = f'{HEAD}{RUSH}[[sentences]]\nkind = "rush-request"\nfits = ["Mi serve subito."]\nfits_not = ["Grazie."]\n'
    assert played(text) == (2, [])


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            'kind = "rush-request"\nfits = ["Grazie  mille."]\n',
            "this should be rush-request: Grazie mille.\n    it is scheduled-request: [otherwise], no words",
        ),
        (
            'kind = "rush-request"\nfits_not = ["Mi serve subito."]\n',
            'this should not be rush-request: Mi serve subito.\n    it is rush-request: rush, "Mi serve subito"',
        ),
    ],
)
def test_what_comes_out_otherwise_is_said_with_its_reason(table: str, told: str) -> None:
    assert played(f"{HEAD}{RUSH}[[sentences]]\n{table}") == (0, [f"{NAME}:9  {told}"])


def test_each_counts_as_an_example() -> None:
    text = f'{HEAD}{RUSH}[[sentences]]\nkind = "information"\nfits = ["a", "b"]\nfits_not = ["c"]\n'
    assert load(sources(rule_file("40-sentences-it.toml", text)), TOOLS).counts.examples == 3


def test_somebody_must_say_whose_language_it_is() -> None:
    text = '[[sentences]]\nkind = "information"\nfits = ["Grazie."]\n'
    found = load(sources(rule_file("40-sentences-it.toml", text)), TOOLS)
    assert any("nothing says whose language this is" in line for line in said(found.errors))
