"""[safety]: what a person adds stands beside what is shipped, and nothing can be taken away."""

import pytest

from tests.config.make import TOOLS, rule_file, said, sources
from tests.make import SHIPPED
from vamaild.config.configuration import Configuration, Source
from vamaild.config.load import load
from vamaild.config.schema.rules import SafetyTable
from vamaild.core.safety import FLOOR, LISTS

SHIPPED_FILE = Source("rules.d/00-safety.toml", SHIPPED.read_bytes(), shipped=True)


def read(text: str, name: str = "00-safety.toml") -> Configuration:
    own = rule_file(name, text, fallback=SHIPPED_FILE if name == "00-safety.toml" else None)
    return load(sources(own) if name == "00-safety.toml" else sources(SHIPPED_FILE, own), TOOLS)


def lists(found: Configuration) -> dict[str, tuple[str, ...]]:
    assert found.rulebook
    return dict(found.rulebook.safety.lists)


def shipped() -> dict[str, tuple[str, ...]]:
    return lists(load(sources(SHIPPED_FILE), TOOLS))


@pytest.mark.parametrize("name", ["00-safety.toml", "60-ours.toml"])
def test_an_own_file_adds(name: str) -> None:
    both = lists(read('[safety]\nrobot_names = ["Zentrale"]\n', name))
    assert "zentrale" in both["robot_names"]
    assert all(set(shipped()[one]) <= set(both[one]) for one in LISTS)


WEAKER = [
    "",
    "[safety]\n",
    "[safety]\nrobot_names = []\nlist_headers = []\nno_reply_names = []\nprecedence = []\n",
    '[safety]\nrobot_names = ["!root"]\n',
    "[safety]\nrobot_names = 3\n",
    '[safety]\nallow = ["noreply"]\n',
    "[safety\n",
    "\x00",
]


@pytest.mark.parametrize("text", WEAKER)
def test_no_file_takes_anything_away(text: str) -> None:
    assert all(set(shipped()[one]) <= set(both) for one, both in lists(read(text)).items())


def test_without_any_file_the_standards_hold() -> None:
    assert lists(load(sources(), TOOLS)) == FLOOR


@pytest.mark.parametrize(
    "line", ['robot_names = ["*"]', 'robot_names = ["a*"]', 'no_reply_names = ["o"]', 'list_headers = ["x-*"]']
)
def test_what_would_silence_people_is_refused(line: str) -> None:
    found = read(f"[safety]\n{line}\n")
    assert "would silence people" in "\n".join(said(found.problems))
    assert lists(found) == shipped()


def test_a_wrong_key_is_told_with_its_line() -> None:
    complaint = "\n".join(said(read('[safety]\nrobot_nams = ["x"]\n').problems))
    assert "00-safety.toml:2" in complaint
    assert "robot_names" in complaint


def test_the_shipped_file_is_in_order_and_says_nothing_twice() -> None:
    found = load(sources(SHIPPED_FILE), TOOLS)
    assert [p for p in found.problems if "00-safety" in p.file] == []
    assert all(shipped()[one] for one in LISTS)


def test_the_name_of_the_own_server() -> None:
    from tests.config.make import MAIN

    main = MAIN.replace(
        'user = "clienti@ferri-av.example"', 'user = "clienti@ferri-av.example"\nserver_id = "MX.Example"', 1
    )
    for text, servers in ((main, ("mx.example",)), (MAIN, ())):
        found = load(sources(main=text), TOOLS)
        assert found.rulebook
        assert found.rulebook.own_servers == servers


def test_every_list_is_described() -> None:
    page = (SHIPPED.parent.parent / "docs" / "rule-files.md").read_text(encoding="utf-8")
    assert [name for name in LISTS if f"| `{name}` |" not in page] == []
    assert tuple(sorted(LISTS)) == tuple(sorted(SafetyTable.model_fields))
