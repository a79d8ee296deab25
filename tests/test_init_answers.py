"""What `vamaild init` says about wrong answers, before anything is written; without a server and without a process."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from vamaild.cli import init_files
from vamaild.cli.init import init, machine_zone
from vamaild.cli.init_talk import environment_language
from vamaild.cli.screen import Stop

MAILBOX, CLIENT = "clienti@ferri-av.example", "info@studiorossi.example"
USUAL = {
    "name": "Giulia Ferri", "email": "giulia@ferri-av.example", "language": "it", "mailbox": MAILBOX,
    "imap": "imap://localhost:1", "smtp": "smtp://localhost:1", "client": "rossi", "client-address": CLIENT,
}  # fmt: skip
WRONG = [
    ({"email": "giulia"}, '--email should be an e-mail address like "marco@studiorossi.example"'),
    ({"client": "Studio Rossi"}, "--client should be a short name of small letters"),
    ({"client-address": MAILBOX}, "--client-address is the mailbox itself"),
    ({"language": "cz"}, '--language cannot be "cz": did you mean "cs"?'),
    ({"gender": "x"}, '--gender cannot be "x"'),
    ({"imap": "imap://imap.x.example"}, "without the s the password travels readable"),
    ({"smtp": "https://x.example"}, "--smtp should be a server like"),
    ({"holidays": "Milano"}, '--holidays "Milano" is not known: no country has that code. Did you mean "IT-MI"?'),
    ({"week": "mon-fri 18:00-09:00"}, "--week should be days and hours like mon-fri 09:00-18:00"),
    ({"week": "fri-mon 09:00-18:00"}, "--week should be days and hours like mon-fri 09:00-18:00"),
    ({"surcharge": "5000"}, "--surcharge should be 1000 or less"),
    ({"lead-days": "soon"}, "--lead-days should be a whole number"),
    ({"rush": "maybe"}, '--rush cannot be "maybe": known here: decline, offer, silent'),
    ({"hosted": "6"}, '--hosted cannot be "6"'),
    ({"timezone": "Europe/Roma"}, '--timezone cannot be "Europe/Roma": did you mean "Europe/Rome"?'),
    ({"name": "", "email": "", "client": ""}, "say --name, --email, --client"),
    ({"imap": "", "smtp": ""}, "say --imap, --smtp"),
    ({"password-file": ""}, "say --password-file"),
    ({"password-file": "/nowhere"}, "/nowhere: the password cannot be read"),
]


def run(tmp_path: Path, other: dict[str, str], *more: str, password: str = "x y\n") -> BaseException | None:
    (tmp_path / "password").write_text(password)
    said = {**USUAL, "password-file": str(tmp_path / "password"), **other}
    options = [word for name, value in said.items() if value for word in (f"--{name}", value)]
    arguments = ["--config", str(tmp_path / "config"), "--no-input", "--offline", *more, *options]
    return CliRunner().invoke(init, arguments, standalone_mode=False).exception


@pytest.mark.parametrize(("other", "words"), WRONG, ids=[w[1][:40] for w in WRONG])
def test_a_wrong_answer_is_told_and_nothing_is_written(tmp_path: Path, other: dict[str, str], words: str) -> None:
    error = run(tmp_path, other)
    assert isinstance(error, click.UsageError | Stop)
    assert words in error.format_message()
    assert {p.name for p in (tmp_path / "config").iterdir()} <= {".init-answers.json", "letter-rossi.txt"}


@pytest.mark.parametrize("password", ["", "\n", "one\ttwo\n", "one\x07\n"])
def test_a_password_that_cannot_be_one(tmp_path: Path, password: str) -> None:
    error = run(tmp_path, {}, password=password)
    assert isinstance(error, Stop)
    assert "the first line should be the password" in error.format_message()


def test_a_main_file_that_is_there_stops_at_once(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "vamaild.toml").write_text("# mine\n")
    error = run(tmp_path, {})
    assert isinstance(error, Stop)
    assert "nothing was changed" in error.format_message()
    assert [p.name for p in (tmp_path / "config").iterdir()] == ["vamaild.toml"]


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "it_IT.UTF-8"}, "it"),
        ({"LANG": "cs_CZ", "LC_ALL": ""}, "cs"),
        ({"LC_ALL": "de_DE.UTF-8", "LANG": "it_IT"}, "de"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_of_the_environment(environ: dict[str, str], language: str) -> None:
    assert environment_language(environ) == language


@pytest.mark.parametrize(
    ("target", "zone"),
    [("/usr/share/zoneinfo/Europe/Prague", "Europe/Prague"), ("/usr/share/zoneinfo/posix/UTC", "UTC"), ("/x", "")],
)
def test_the_zone_of_the_machine(tmp_path: Path, target: str, zone: str) -> None:
    (tmp_path / "localtime").symlink_to(target)
    assert machine_zone(tmp_path / "localtime") == zone


@pytest.mark.parametrize(
    ("group", "secret", "other", "folder"), [(4711, 0o640, 0o640, 0o750), (None, 0o600, 0o640, 0o750)]
)
def test_who_may_read_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int | None, secret: int, other: int, folder: int
) -> None:
    """As root the files are given to the service's group; without one the secrets are for nobody else."""
    given: list[tuple[object, ...]] = []
    monkeypatch.setattr(init_files, "service_group", lambda: group)
    monkeypatch.setattr(init_files.os, "chown", lambda *who: given.append(who))
    path = tmp_path / "secrets.toml"
    path.touch()
    assert (init_files.give(path, True), init_files.give(path, False), init_files.give(tmp_path, False)) == (
        secret, other, folder,
    )  # fmt: skip
    assert path.stat().st_mode & 0o777 == other
    assert given == ([(path, 0, group), (path, 0, group), (tmp_path, 0, group)] if group else [])
