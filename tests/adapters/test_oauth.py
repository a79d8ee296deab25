"""Tokens: how they are had from a provider, kept in a file, taken from a program; and that nothing shows them."""

import json
import os
import stat
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.authority import CLIENT, SCOPE, Authority, authority
from vamaild.adapters.consent import Listener
from vamaild.adapters.oauth import OAuth, RefusedError
from vamaild.adapters.token_command import fetch
from vamaild.adapters.tokens import TokenFile
from vamaild.core.signin import SignInError, Token

NOW = datetime(2026, 12, 3, 10, 0, tzinfo=UTC)
TOKEN = Token("access-x", "refresh-x", NOW + timedelta(hours=1), NOW)


@pytest.fixture
def fake() -> Iterator[Authority]:
    with authority() as held:
        yield held


def app(fake: Authority, **changes: str) -> OAuth:
    return OAuth(fake.provider(**changes), CLIENT, "", lambda: NOW)


# ---- device codes


def test_a_code_is_had_and_then_a_token(fake: Authority) -> None:
    fake.says = ["authorization_pending", "slow_down", "ok"]
    oauth = app(fake)
    code = oauth.begin()
    assert (code.user_code, code.url, code.every) == ("F7Q2-LWXD", f"{fake.url}/go", timedelta(seconds=1))
    assert code.ends == NOW + timedelta(minutes=15)
    assert oauth.collect(code) == timedelta()
    assert oauth.collect(code) == timedelta(seconds=5)
    token = oauth.collect(code)
    assert isinstance(token, Token)
    assert token.access in fake.tokens
    assert token.refresh in fake.refreshes
    assert token.expires == NOW + timedelta(hours=1)
    assert fake.asked[0] == ("/device", {"scope": SCOPE, "client_id": CLIENT})


@pytest.mark.parametrize(
    ("said", "words", "retry"),
    [
        ("access_denied", "consent was declined", True),
        ("authorization_declined", "consent was declined", True),
        ("expired_token", "the code has run out", True),
        ("invalid_client", "does not know this client_id", False),
        ("unauthorized_client", "allow public client flows", False),
        ("something_else", r"says no \(something_else\)", True),
        ("<b>evil\x1b[2J", r"says no \(no reason\)", True),
    ],
)
def test_a_no_is_told_in_words_and_quotes_nothing(fake: Authority, said: str, words: str, retry: bool) -> None:
    oauth = app(fake)
    code = oauth.begin()
    fake.says = [said]
    with pytest.raises(RefusedError, match=words) as caught:
        oauth.collect(code)
    assert caught.value.retry is retry
    assert "petr@" not in str(caught.value)
    assert "dev-1" not in str(caught.value)


# ---- renewal


@pytest.mark.parametrize("rotates", ["no", "late", "at once"])
def test_renewal_keeps_the_refresh_token_until_there_is_a_new_one(fake: Authority, rotates: str) -> None:
    fake.rotates = rotates
    first = app(fake).renew(Token("", str(fake.give()["refresh_token"])))
    assert (first.refresh in fake.refreshes) or rotates == "no"
    second = app(fake).renew(first)
    assert second.access != first.access
    assert (second.refresh == first.refresh) is (rotates == "no")


@pytest.mark.parametrize(
    ("fails", "words", "retry"),
    [
        ("invalid_grant", "invalid_grant", False),
        ("invalid_client", "client_id", False),
        ("temporarily_unavailable", "temporarily_unavailable", True),
        (503, "does not answer", True),
        (200, "makes no sense", True),
        (302, "makes no sense", True),
    ],
)
def test_a_renewal_that_fails(fake: Authority, fails: int | str, words: str, retry: bool) -> None:
    fake.fails = fails
    with pytest.raises(SignInError, match=words) as caught:
        app(fake).renew(Token("", "refresh-SECRET" * 5))
    assert caught.value.retry is retry
    assert "SECRET" not in str(caught.value)
    assert caught.value.__cause__ is None  # what the library says quotes what was sent


def test_a_provider_that_is_not_there() -> None:
    with authority() as gone:
        oauth = app(gone)
    with pytest.raises(SignInError, match=r"fake .127.0.0.1. does not answer") as caught:
        oauth.renew(TOKEN)
    assert caught.value.retry


def test_a_token_is_given_back(fake: Authority) -> None:
    token = app(fake).renew(Token("", str(fake.give()["refresh_token"])))
    assert app(fake).revoke(token)
    assert token.refresh not in fake.refreshes
    assert not app(fake, revoke_url="").revoke(token)


# ---- consent in a browser


def consent(fake: Authority, oauth: OAuth, listener: Listener, state: str = "state-1", verifier: str = "v" * 50) -> str:
    """What a browser does with the address we print; returns the address on which it ends."""
    url = oauth.consent_url(listener.redirect, "state-1", verifier, "petr@novak.example")
    back = fake.authorize({k: v[0] for k, v in parse_qs(urlsplit(url).query).items()})
    return back.replace("state-1", state)


def visit(url: str) -> None:
    def go() -> None:
        with suppress(OSError):
            urllib.request.urlopen(url, timeout=5).read()

    threading.Thread(target=go, daemon=True).start()


def test_consent_with_pkce_comes_back_to_this_machine(fake: Authority) -> None:
    oauth, listener = app(fake), Listener()
    assert listener.redirect.startswith("http://127.0.0.1:")
    url = oauth.consent_url(listener.redirect, "state-1", "v" * 50, "petr@novak.example")
    asked = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
    assert asked.pop("code_challenge")
    assert asked == {
        "response_type": "code", "client_id": CLIENT, "redirect_uri": listener.redirect, "scope": SCOPE,
        "state": "state-1", "code_challenge_method": "S256", "login_hint": "petr@novak.example",
    }  # fmt: skip
    visit(f"{listener.redirect}/favicon.ico")
    visit(consent(fake, oauth, listener, state="state-2"))  # somebody else's
    visit(consent(fake, oauth, listener))
    answer = listener.wait("state-1", 5, None, print)
    assert "state=state-1" in answer
    assert oauth.exchange(answer, listener.redirect, "state-1", "v" * 50).access in fake.tokens
    listener.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": "state-2"}, "belongs to another question"),
        ({"verifier": "w" * 50}, "invalid_grant"),
    ],
)
def test_an_answer_that_is_not_ours_gives_no_token(fake: Authority, change: dict[str, str], words: str) -> None:
    oauth, listener = app(fake), Listener()
    answer = consent(fake, oauth, listener, **change)
    with pytest.raises(SignInError, match=words):
        oauth.exchange(answer, listener.redirect, "state-1", "v" * 50)
    assert fake.tokens == {}
    assert (fake.count("/token") == 0) is ("state" in change)
    listener.close()


def test_declined_consent(fake: Authority) -> None:
    oauth, listener = app(fake), Listener()
    fake.says = ["access_denied"]
    answer = consent(fake, oauth, listener)
    with pytest.raises(SignInError, match="consent was declined"):
        oauth.exchange(answer, listener.redirect, "state-1", "v" * 50)
    assert fake.count("/token") == 0
    listener.close()


def test_the_address_may_be_pasted(fake: Authority) -> None:
    oauth, listener = app(fake), Listener()
    answer, said = consent(fake, oauth, listener), list[str]()
    reading, writing = os.pipe()
    with os.fdopen(reading) as typed, os.fdopen(writing, "w") as keys:
        keys.write(f"yes\n{answer.replace('state-1', 'state-2')}\n{answer}\n")
        keys.flush()
        assert listener.wait("state-1", 5, typed, said.append) == answer
    assert len(said) == 2
    listener.close()


def test_nobody_consents() -> None:
    listener = Listener()
    reading, writing = os.pipe()
    os.close(writing)  # the terminal is gone: that must be no busy loop, nor an end
    started = time.process_time()
    with os.fdopen(reading) as typed, pytest.raises(SignInError, match="in time"):
        listener.wait("s", 0.3, typed, print)
    assert time.process_time() - started < 0.2
    listener.close()


def test_the_listener_is_reached_from_this_machine_only() -> None:
    listener = Listener("localhost")
    assert listener._socket.getsockname()[0] == "127.0.0.1"
    assert listener.redirect.startswith("http://localhost:")
    listener.close()


# ---- the file


def test_a_token_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    os.umask(0)
    file = TokenFile(tmp_path / "state", "petr/../novak@x.example")
    assert file.read() is None
    file.write(TOKEN)
    os.umask(0o022)
    assert file.read() == TOKEN
    assert file.path.parent == tmp_path / "state" / "tokens"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    assert [p.name for p in file.path.parent.iterdir()] == [file.path.name]
    assert file.remove()
    assert not file.remove()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"access_token": 1}', "null", '{"access_token":"a"}'])
def test_a_damaged_file_says_what_to_do(tmp_path: Path, content: str) -> None:
    file = TokenFile(tmp_path, "novak")
    file.write(TOKEN)
    file.path.write_text(content)
    with pytest.raises(SignInError, match="vamaild oauth login novak") as caught:
        file.read()
    assert not caught.value.retry


def test_a_disk_that_takes_nothing_leaves_the_old_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = TokenFile(tmp_path, "novak")
    file.write(TOKEN)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SignInError, match="No space left"):
        file.write(Token("other", "other"))
    assert file.read() == TOKEN
    assert len(list(file.path.parent.iterdir())) == 1


def test_one_renews_at_a_time(tmp_path: Path) -> None:
    inside: list[str] = []
    file, other = TokenFile(tmp_path, "novak"), TokenFile(tmp_path, "novak")

    def second() -> None:
        with other.alone():
            inside.append("second")

    with file.alone():
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.05)
        inside.append("first")
    thread.join(5)
    assert inside == ["first", "second"]


# ---- a program


def program(code: str) -> list[str]:
    return [sys.executable, "-S", "-c", code]


def test_a_program_prints_the_token() -> None:
    assert fetch(program("print('tok-1')")) == "tok-1"
    assert fetch(program("print('tok-2', end='\\r\\n')")) == "tok-2"
    assert fetch(program("import sys; sys.stderr.write('noise'); print('tok-3')")) == "tok-3"
    assert fetch(["/bin/echo", "$HOME;id"]) == "$HOME;id"  # no shell looks at it


@pytest.mark.parametrize(
    ("code", "words", "retry"),
    [
        ("import sys; print('SECRET-TOKEN'); sys.exit(3)", "ended with 3", True),
        ("", "prints no token", True),
        ("print('SECRET-TOKEN two')", "prints no token", True),
        ("print('SECRET-TOKEN\\nmore')", "prints no token", True),
        ("print('SECRET-TOKEN\\x1b[2J')", "prints no token", True),
        ("print('SECRET-TOKEN' * 1_000_000)", "prints no token", True),
        ("import sys; sys.stderr.write('SECRET-TOKEN'); sys.exit(1)", "ended with 1", True),
    ],
)
def test_a_program_that_fails_is_not_quoted(code: str, words: str, retry: bool) -> None:
    with pytest.raises(SignInError, match=words) as caught:
        fetch(program(code))
    assert "SECRET" not in str(caught.value)
    assert caught.value.retry is retry


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(SignInError, match=r'"/no/such" cannot be started: No such file') as caught:
        fetch(["/no/such", "SECRET"])
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    "code",
    [
        "import time; time.sleep(60)",
        "import os, time; os.fork() or (print('tok'), time.sleep(60)); time.sleep(60)",
        "import os; os.fork() or __import__('time').sleep(60); os._exit(0)",
    ],
)
def test_a_program_that_never_ends_is_killed_with_its_children(code: str) -> None:
    with pytest.raises(SignInError, match=r"did not end within 0\.5 seconds"):
        fetch(program(code), 0.5)


def test_the_file_holds_nothing_but_the_token(tmp_path: Path) -> None:
    file = TokenFile(tmp_path, "novak")
    file.write(TOKEN)
    assert set(json.loads(file.path.read_text())) == {"access_token", "refresh_token", "expires", "obtained"}
    assert "access-x" not in repr(TOKEN)
    assert "refresh-x" not in f"{TOKEN}"
