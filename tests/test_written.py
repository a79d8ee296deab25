"""What verbs read of a configuration at a glance: each file once, however many clients there are."""

from datetime import date
from pathlib import Path

import pytest

from vamaild.cli import written
from vamaild.cli.written import Written

CLIENT = '[client]\nid = "{id}"\nname = "Client"\ntimezone = "Europe/Prague"\ntrust = "send"\n'
AWAY = "\n[absence]\nfrom = 2026-12-07\nback = 2026-12-14\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "rules.d").mkdir()
    (tmp_path / "vamaild.toml").write_text('[me]\ntimezone = "Europe/Rome"\n')
    return tmp_path


def client(config: Path, file: str, text: str) -> None:
    (config / "rules.d" / file).write_text(text)


def test_each_file_is_read_once_also_when_no_file_is_named_like_its_client(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    plainly = written._text
    monkeypatch.setattr(written, "_text", lambda path: (read.append(path), plainly(path))[1])
    for number in range(20):
        client(config, f"client-{number:03}.toml", CLIENT.format(id=f"c{number}") + AWAY)
    found = Written(config)
    for name in found.clients():
        assert found.trust(name) == "send"
        assert str(found.zone(name)) == "Europe/Prague"
        assert found.absence(name) is not None
    assert len(found.clients()) == 20
    there = [path for path in read if path.exists()]
    assert len(there) == len(set(there)) == 21


def test_no_table_is_parsed_for_the_names_alone(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        client(config, f"client-{number}.toml", CLIENT.format(id=f"c{number}"))
    monkeypatch.setattr(written, "_parsed", lambda text: pytest.fail("the parser was asked"))
    assert Written(config).clients() == ("c0", "c1", "c2", "c3", "c4")


@pytest.mark.parametrize(
    "text",
    [
        "[client]\nid = 'rossi'\n",
        '[ client ]\n  id="rossi"  # her\n',
        'client.id = "rossi"\n',
        'client = { id = "rossi" }\n',
        '[client]\n"id" = "rossi"\n',
        '[client]\nid = "ros\\u0073i"\n',
        '[client]\nname = """\nid = "other"\n"""\nid = "rossi"\n',
        '[[rule]]\nname = "x"\n\n[client]\nid = "rossi"\n',
        '[client]\narrives = [\n  "a@x.example",\n]\nid = "rossi"\n',
    ],
)
def test_the_id_is_found_however_it_is_written(config: Path, text: str) -> None:
    client(config, "somebody.toml", text)
    assert Written(config).clients() == ("rossi",)


@pytest.mark.parametrize(
    "text",
    ['id = "x"\n', '[person]\nid = "x"\n', '[client]\nname = "x"\n\n[other]\nid = "x"\n', "[client", "\x00\xff"],
)
def test_an_id_elsewhere_makes_no_client(config: Path, text: str) -> None:
    client(config, "somebody.toml", text)
    assert Written(config).clients() == ()


def test_of_two_files_of_one_client_the_first_counts(config: Path) -> None:
    client(config, "a.toml", CLIENT.format(id="rossi") + AWAY)
    client(config, "b.toml", CLIENT.format(id="rossi").replace("send", "observe"))
    found = Written(config)
    absence = found.absence("rossi")
    assert (found.clients(), found.trust("rossi")) == (("rossi",), "send")
    assert absence is not None
    assert absence.first == date(2026, 12, 7)


def test_somebody_without_a_file_has_nothing(config: Path) -> None:
    found = Written(config)
    assert (found.client("nobody"), found.trust("nobody"), found.absence("nobody")) == ({}, "", None)
    assert str(found.zone("nobody")) == "Europe/Rome"
