"""`vamaild oauth login` while somebody types a code in elsewhere: how often it asks, and when it gives up."""

from datetime import datetime, timedelta

import pytest

from vamaild.adapters.oauth import Code, RefusedError
from vamaild.cli import oauth
from vamaild.config.settings import SignIn
from vamaild.core.signin import SignInError, Token

TOKEN, ACCOUNT, SECOND = Token("a", "r"), SignIn("novak", "petr@novak.example"), timedelta(seconds=1)


class Provider:
    """Says one thing after the other; the last one again and again."""

    def __init__(self, *answers: Token | timedelta | SignInError) -> None:
        self.answers = list(answers)

    def begin(self) -> Code:
        return Code("F7Q2", "https://id.example/go", 5 * SECOND, oauth.now() + timedelta(minutes=15), "dev")

    def collect(self, _: Code) -> Token | timedelta:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, SignInError):
            raise answer
        return answer


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were slept, by a clock that they move."""
    slept: list[float] = []
    start = datetime.fromisoformat("2026-12-03T10:00:00+00:00")
    monkeypatch.setattr(oauth, "now", lambda: start + timedelta(seconds=sum(slept)))
    return slept


DOWN, NOTHING, SLOWER = SignInError("does not answer"), timedelta(), 5 * SECOND


@pytest.mark.parametrize(
    ("answers", "slept"),
    [
        ((TOKEN,), [5]),
        ((NOTHING, NOTHING, TOKEN), [5, 5, 5]),
        ((SLOWER, NOTHING, SLOWER, TOKEN), [5, 10, 10, 15]),
        ((DOWN, DOWN, TOKEN), [5, 10, 20]),
        ((DOWN, DOWN, DOWN, DOWN, DOWN, TOKEN), [5, 10, 20, 40, 60, 60]),
    ],
)
def test_how_often_it_asks(
    answers: tuple[Token | timedelta | SignInError, ...], slept: list[float], waited: list[float]
) -> None:
    assert oauth.by_device(Provider(*answers), ACCOUNT, waited.append) == TOKEN  # type: ignore[arg-type]  # a provider that answers by list
    assert waited == slept


@pytest.mark.parametrize("answer", [NOTHING, DOWN])
def test_nobody_types_it_in(answer: timedelta | SignInError, waited: list[float]) -> None:
    with pytest.raises(SignInError, match="in time"):
        oauth.by_device(Provider(answer), ACCOUNT, waited.append)  # type: ignore[arg-type]  # a provider that answers by list
    assert 900 <= sum(waited) < 965


@pytest.mark.parametrize(
    "answer", [RefusedError("declined", "access_denied"), SignInError("no", retry=False)], ids=["refused", "hopeless"]
)
def test_a_no_is_the_end(answer: SignInError, waited: list[float]) -> None:
    with pytest.raises(SignInError) as caught:
        oauth.by_device(Provider(NOTHING, answer), ACCOUNT, waited.append)  # type: ignore[arg-type]  # a provider that answers by list
    assert caught.value is answer
    assert len(waited) == 2
