"""The mail that says that the service has stopped: it leaves whatever else is broken, and not again and again."""

import os
import time
from collections.abc import Mapping
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.servers import free_port
from tests.unix_proxy import leading
from vamaild.adapters.demo.smtp import SmtpSink
from vamaild.cli.failure import MARK, tell_failure

from .world import SMTP_LOGIN, sink_with_login

DONE, CONFIGURATION, SERVER = 0, 3, 4
ME = '[me]\nemail = "giulia@ferri-av.example"\nlanguage = "{language}"\n'
SEND = '[send]\nsmtp = "{smtp}"\n'
MAILBOX = '[mailbox]\nuser = "office@ferri-av.example"\n'


class Place:
    """A configuration and a state directory; `ask` runs the verb."""

    def __init__(self, folder: Path, sink: SmtpSink) -> None:
        self.config, self.state, self.sink = folder / "config", folder / "state", sink
        self.config.mkdir()
        self.state.mkdir()
        self.write()

    def write(self, *more: str, language: str = "it", smtp: str = "") -> None:
        found = smtp or f"smtp://{self.sink.host}:{self.sink.port}"
        text = "".join((ME, SEND, *more, "" if any("[mailbox" in m for m in more) else MAILBOX))
        (self.config / "vamaild.toml").write_text(text.format(language=language, smtp=found), encoding="utf-8")

    def ask(self, *more: str, environ: Mapping[str, str] | None = None) -> Result:
        arguments = ["--config", str(self.config), "--state", str(self.state), *more]
        return CliRunner().invoke(tell_failure, arguments, env=dict(environ or {}), standalone_mode=False)

    @property
    def said(self) -> list[str]:
        """Subject and text of every mail."""
        mails = [message_from_bytes(taken.raw, policy=policy.default) for taken in self.sink.mails]
        return [f"{mail['Subject']}\n{mail.get_content()}" for mail in mails]


@pytest.fixture
def place(tmp_path: Path, sink: SmtpSink) -> Place:
    return Place(tmp_path, sink)


def test_one_mail_an_hour(place: Place) -> None:
    assert place.ask().return_value == DONE
    again = place.ask()
    assert again.return_value == DONE
    assert "no second mail" in again.stderr
    assert len(place.said) == 1
    hour = time.time() - 3601
    os.utime(place.state / MARK, (hour, hour))
    place.ask()
    assert len(place.said) == 2


def test_a_mark_from_the_future_keeps_nobody_silent(place: Place) -> None:
    (place.state / MARK).touch()
    os.utime(place.state / MARK, (time.time() + 90_000,) * 2)
    place.ask()
    assert len(place.said) == 1


def test_a_test_mail_leaves_at_once_and_counts_for_nothing(place: Place) -> None:
    for _ in range(2):
        place.ask("--test")
    assert all("Prova" in text for text in place.said)
    place.ask()
    assert "è fermo" in place.said[2]
    assert "una prova" not in place.said[2]


@pytest.mark.parametrize(
    ("language", "result", "status", "words"),
    [
        ("it", "watchdog", "", "non rispondeva più"),
        ("it", "exit-code", "3", "la configurazione non è utilizzabile"),
        ("it", "exit-code", "1", "è terminato con l'errore 1"),
        ("cs", "oom-kill", "", "nestačila mu paměť"),
        ("cs", "core-dump", "SEGV", "spadl se signálem SEGV"),
        ("en", "start-limit-hit", "1", "it broke off too many times in a row"),
        ("de", "signal", "KILL", "it was ended by the signal KILL"),
        ("../../x", "something-new", "", "the reason is in the system's journal"),
    ],
)
def test_it_says_what_happened_in_her_language(
    place: Place, language: str, result: str, status: str, words: str
) -> None:
    place.write(language=language)
    place.ask(environ={"MONITOR_SERVICE_RESULT": result, "MONITOR_EXIT_STATUS": status})
    (text,) = place.said
    assert words in text
    assert "{" not in text


@pytest.mark.parametrize(
    "broken",
    [
        '[[mailbox]]\nuser = "x"\nimap = 7\n',
        "[mailbox]\n",
        "[report]\ncolour = 1\n[week]\ndays = 12\n",
        "[privacy]\nx=1\n",
    ],
    ids=["a mailbox", "an empty one", "other tables", "an unknown key"],
)
def test_what_it_does_not_need_may_be_broken(place: Place, broken: str) -> None:
    place.write(broken)
    assert place.ask().return_value == DONE
    assert len(place.said) == 1


def test_the_password_comes_from_the_credential(place: Place, tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text(f'[passwords]\nsmtp = "{SMTP_LOGIN[1]}"\n')
    (place.config / "secrets.toml").write_text("not this one")
    with sink_with_login() as place.sink:
        place.write(f'user = "{SMTP_LOGIN[0]}"\npassword = "secret:smtp"\n')
        assert place.ask(environ={"CREDENTIALS_DIRECTORY": str(tmp_path)}).return_value == DONE
        assert len(place.said) == 1


TOKEN = 'user = "sender"\ntoken_command = ["echo", "a-token"]\n'
WHOLE = '[mailbox]\nimap = "imaps://localhost"\nuser = "o@ferri-av.example"\npassword = "secret:x"\n'


def test_a_token_signs_in_where_there_is_no_password(place: Place) -> None:
    """The server of this test takes no tokens: that one was to be offered is what counts."""
    (place.config / "secrets.toml").write_text('[passwords]\nx = "y"\n')
    place.write(TOKEN, WHOLE)
    me = (place.config / "vamaild.toml").read_text(encoding="utf-8").replace("[me]", '[me]\nname = "Giulia"')
    (place.config / "vamaild.toml").write_text(me, encoding="utf-8")
    asked = place.ask()
    assert asked.return_value == SERVER
    assert "no sign-in that is needed" in asked.stderr


def test_a_token_needs_the_other_tables(place: Place) -> None:
    place.write(TOKEN, WHOLE, "[report]\ncolour = 1\n")
    asked = place.ask()
    assert asked.return_value == CONFIGURATION
    assert "vamaild.toml cannot be used as a whole" in asked.stderr


def test_it_goes_through_a_local_socket(place: Place, tmp_path: Path) -> None:
    with leading(tmp_path / "smtp.sock", place.sink.port) as path:
        place.write(f'socket = "{path}"\n', smtp="smtp://localhost:1")
        assert place.ask().return_value == DONE
    assert len(place.said) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[me\n", CONFIGURATION),
        ("", CONFIGURATION),
        ("[me]\nemail = 5\n[send]\nsmtp = 'smtp://localhost'\n", CONFIGURATION),
        ("[me]\nemail = 'a@b.example'\n[send]\nsmtp = 'http://localhost'\n", CONFIGURATION),
        ("me = 1\nsend = 2\n", CONFIGURATION),
        (None, CONFIGURATION),
        ("[me]\nemail = 'a@b.example'\n[send]\nsmtp = 'smtp://localhost:{port}'\n", SERVER),
    ],
)
def test_where_nobody_can_be_told_the_journal_is(place: Place, text: str | None, code: int) -> None:
    path = place.config / "vamaild.toml"
    path.unlink()
    if text is not None:
        path.write_text(text.replace("{port}", str(free_port())))
    asked = place.ask(environ={"JOURNAL_STREAM": "8:1"})
    assert asked.exception is None
    assert asked.return_value == code
    assert asked.stderr.startswith("<3>vamaild has stopped, and nobody could be told: ")
    assert not (place.state / MARK).exists()


def test_the_mail_leaves_though_its_mark_cannot_be_kept(place: Place) -> None:
    place.state.rmdir()
    asked = place.ask()
    assert asked.return_value == DONE
    assert "is told again at once" in asked.stderr
    assert len(place.said) == 1
