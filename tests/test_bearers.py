"""When a token is renewed, kept, or given up: the rules over the file, the program and the provider."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.authority import CLIENT, Authority, authority
from vamaild import bearers
from vamaild.adapters.tokens import TokenFile
from vamaild.bearers import Bearers
from vamaild.config.settings import Secret, SignIn
from vamaild.core.signin import SignInError, Token

START = datetime(2026, 12, 3, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def fake() -> Iterator[Authority]:
    with authority() as held:
        yield held


@pytest.fixture
def watch() -> Watch:
    return Watch()


def account(fake: Authority) -> SignIn:
    return SignIn("novak", fake.user, provider=fake.provider(), client_id=CLIENT, client_secret=Secret(""))


def signed_in(fake: Authority, state: Path, lasts: timedelta = HOUR) -> TokenFile:
    """As after `vamaild oauth login novak`."""
    given, file = fake.give(), TokenFile(state, "novak")
    file.write(Token(str(given["access_token"]), str(given["refresh_token"]), START + lasts, START))
    return file


@pytest.mark.parametrize(
    ("lasts", "after", "renewed"),
    [
        (3600, 0, False),
        (3600, 3299, False),
        (3600, 3301, True),
        (3600, 9999, True),
        (120, 59, False),
        (120, 61, True),
    ],
)
def test_a_token_is_renewed_before_its_end(
    fake: Authority, watch: Watch, tmp_path: Path, lasts: int, after: int, renewed: bool
) -> None:
    file = signed_in(fake, tmp_path, timedelta(seconds=lasts))
    old = file.read()
    bearer = Bearers(tmp_path, watch.now).of(account(fake))
    assert bearer and old
    watch.at += timedelta(seconds=after)
    token = bearer.token()
    assert (token != old.access) is renewed
    assert token == bearer.token()
    assert fake.count("/token") == renewed
    kept = file.read()
    assert kept
    assert kept.access == token
    assert kept.refresh in fake.refreshes


@pytest.mark.parametrize("rotates", ["no", "late", "at once"])
def test_many_renewals_in_a_row(fake: Authority, watch: Watch, tmp_path: Path, rotates: str) -> None:
    fake.rotates = rotates
    signed_in(fake, tmp_path)
    seen = set()
    for hour in range(10):
        watch.at = START + HOUR * hour
        bearer = Bearers(tmp_path, watch.now).of(account(fake))  # another process each time
        assert bearer
        seen.add(bearer.token())
    assert len(seen) == 10


def test_nobody_has_signed_in(fake: Authority, watch: Watch, tmp_path: Path) -> None:
    bearer = Bearers(tmp_path, watch.now).of(account(fake))
    assert bearer
    with pytest.raises(SignInError, match="vamaild oauth login novak") as caught:
        bearer.token()
    assert not caught.value.retry
    signed_in(fake, tmp_path)
    assert bearer.token() in fake.tokens  # no restart is needed


def test_a_revoked_sign_in_is_asked_once_until_somebody_signs_in_again(
    fake: Authority, watch: Watch, tmp_path: Path
) -> None:
    signed_in(fake, tmp_path)
    fake.forget()
    watch.at += HOUR
    bearer = Bearers(tmp_path, watch.now).of(account(fake))
    assert bearer
    for _ in range(5):
        with pytest.raises(SignInError, match=r"ended or was revoked: vamaild oauth login novak") as caught:
            bearer.token()
        assert not caught.value.retry
        assert "refresh-" not in str(caught.value)
        watch.at += timedelta(minutes=5)
    assert fake.count("/token") == 1
    signed_in(fake, tmp_path, watch.at - START + HOUR)
    assert bearer.token() in fake.tokens


@pytest.mark.parametrize("fails", [503, "temporarily_unavailable"])
def test_a_provider_that_is_down_costs_nothing_while_the_token_holds(
    fake: Authority, watch: Watch, tmp_path: Path, fails: int | str
) -> None:
    file = signed_in(fake, tmp_path)
    old = file.read()
    assert old
    fake.fails = fails
    bearer = Bearers(tmp_path, watch.now).of(account(fake))
    assert bearer
    watch.at += HOUR - timedelta(minutes=1)
    assert bearer.token() == old.access
    watch.at += timedelta(minutes=2)
    with pytest.raises(SignInError) as caught:
        bearer.token()
    assert caught.value.retry
    assert file.read() == old
    fake.fails = None
    assert bearer.token() in fake.tokens


def test_after_a_logout_nothing_is_kept_in_memory(fake: Authority, watch: Watch, tmp_path: Path) -> None:
    file = signed_in(fake, tmp_path)
    bearer = Bearers(tmp_path, watch.now).of(account(fake))
    assert bearer
    first = bearer.token()
    assert bearer.stands()
    file.remove()
    with pytest.raises(SignInError, match="nobody has signed in yet"):
        bearer.token()
    assert not bearer.stands()
    assert first not in repr_of(bearer)
    signed_in(fake, tmp_path)
    assert bearer.stands()
    assert bearer.token() != first


def test_who_only_asks_whether_it_stands_keeps_nothing_either(fake: Authority, watch: Watch, tmp_path: Path) -> None:
    file = signed_in(fake, tmp_path)
    bearer = Bearers(tmp_path, watch.now).of(account(fake))
    assert bearer
    first = bearer.token()
    file.remove()
    assert not bearer.stands()
    assert first not in repr_of(bearer)


def repr_of(bearer: object) -> str:
    """Everything it holds, tokens too."""
    held = getattr(bearer, "_held", None)
    return f"{held.access} {held.refresh}" if isinstance(held, Token) else ""


def test_another_sign_in_is_used_at_once(fake: Authority, watch: Watch, tmp_path: Path) -> None:
    """Somebody has signed in with another account, while the old token still holds."""
    signed_in(fake, tmp_path)
    bearer = Bearers(tmp_path, watch.now).of(account(fake))
    assert bearer
    first = bearer.token()
    second = signed_in(fake, tmp_path).read()
    assert second
    assert bearer.token() == second.access != first
    assert fake.count("/token") == 0


def test_a_token_the_server_refuses_is_renewed_once(fake: Authority, watch: Watch, tmp_path: Path) -> None:
    signed_in(fake, tmp_path)
    sources = Bearers(tmp_path, watch.now)
    bearer = sources.of(account(fake))
    assert bearer
    assert bearer is sources.of(account(fake))  # what reads and what sends ask the same one
    first = bearer.token()
    assert bearer.refused(first)
    second = bearer.token()
    assert second != first
    assert bearer.refused(first)  # the other connection had the old one: nothing is renewed for it
    assert bearer.token() == second
    assert fake.count("/token") == 1
    fake.forget()
    assert not bearer.refused(second)


def test_two_that_renew_at_once_use_one_refresh_token_once(fake: Authority, watch: Watch, tmp_path: Path) -> None:
    fake.rotates = "at once"
    signed_in(fake, tmp_path)
    watch.at += HOUR
    told: list[str] = []

    def ask() -> None:
        bearer = Bearers(tmp_path, watch.now).of(account(fake))  # as in two processes: nothing is shared but the file
        told.append(bearer.token() if bearer else "")

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(told) == 6
    assert len(set(told)) == 1
    assert fake.count("/token") == 1


KILLED = """
import os, signal, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from vamaild.adapters import tokens
from vamaild.bearers import Bearers
from vamaild.config.settings import SignIn
from vamaild.core.signin import Provider

where, state, point = sys.argv[1:]
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
if point == "write": tokens.TokenFile.write = die
if point == "fsync": os.fsync = die
if point == "rename": tokens.Path.replace = die
provider = Provider("fake", where + "/token", "mail.read mail.send")
sign_in = SignIn("novak", "petr@novak.example", provider=provider, client_id="client-7")
now = lambda: datetime(2026, 12, 3, 11, 0, tzinfo=UTC)
Bearers(Path(state), now).of(sign_in).token()
"""


@pytest.mark.slow
@pytest.mark.parametrize("point", ["write", "fsync", "rename"])
@pytest.mark.parametrize("rotates", ["no", "late"])
def test_killed_between_renewal_and_the_disk(
    fake: Authority, watch: Watch, tmp_path: Path, point: str, rotates: str
) -> None:
    """The old refresh token stands until the new one is there, and works where the provider allows it."""
    fake.rotates = rotates
    file = signed_in(fake, tmp_path)
    before = file.read()
    done = subprocess.run([sys.executable, "-c", KILLED, fake.url, str(tmp_path), point], timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert fake.count("/token") == 1
    assert file.read() == before
    watch.at += HOUR
    bearer = Bearers(tmp_path, watch.now).of(account(fake))
    assert bearer
    assert bearer.token() in fake.tokens
    assert sorted(p.name for p in file.path.parent.iterdir()) == ["novak.json", "novak.lock"]


# ---- programs


def counting(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []

    def fetch(_: object) -> str:
        calls.append(1)
        return f"tok-{len(calls)}"

    monkeypatch.setattr(bearers, "fetch", fetch)
    return calls


@pytest.mark.parametrize(("lasts", "after", "asked"), [(None, 999_999, 1), (3000, 2999, 1), (3000, 3000, 2)])
def test_a_programs_token_is_used_until_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch, watch: Watch, tmp_path: Path, lasts: int | None, after: int, asked: int
) -> None:
    calls = counting(monkeypatch)
    sign_in = SignIn("x", "u", ("prog",), timedelta(seconds=lasts) if lasts else None)
    bearer = Bearers(tmp_path, watch.now).of(sign_in)
    assert bearer
    assert bearer.token() == bearer.token() == "tok-1"
    watch.at += timedelta(seconds=after)
    assert bearer.token() == f"tok-{asked}"
    assert len(calls) == asked


def test_a_refused_token_is_fetched_anew_but_not_without_end(
    monkeypatch: pytest.MonkeyPatch, watch: Watch, tmp_path: Path
) -> None:
    counting(monkeypatch)
    bearer = Bearers(tmp_path, watch.now).of(SignIn("x", "u", ("prog",)))
    assert bearer
    first = bearer.token()
    watch.at += HOUR
    assert bearer.refused(first)
    second = bearer.token()
    assert second == "tok-2"
    assert not bearer.refused(second)  # it had only just been given: no third attempt
    assert bearer.token() == "tok-3"  # the next round asks the program again


def test_a_password_needs_no_token(watch: Watch, tmp_path: Path) -> None:
    assert Bearers(tmp_path, watch.now).of(None) is None
