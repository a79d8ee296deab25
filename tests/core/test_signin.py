"""The values of a sign-in: what a provider's answer becomes, when it is renewed, what is said to a mail server."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.signin import (
    PROVIDERS,
    Provider,
    Saying,
    SignInError,
    Token,
    as_values,
    from_values,
    mechanism,
    token_of,
)

NOW = datetime(2026, 12, 3, 10, 0, tzinfo=UTC)
OLD = Token("old", "old-refresh")
moments = st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("answer", "refresh", "lasts"),
    [
        ({"access_token": "a", "refresh_token": "r", "expires_in": 3599}, "r", 3599),
        ({"access_token": "a", "expires_in": "3599"}, "old-refresh", 3599),
        ({"access_token": "a", "refresh_token": "", "expires_in": 3599.5}, "old-refresh", 3599),
        ({"access_token": "a", "refresh_token": None}, "old-refresh", None),
        ({"access_token": "a", "expires_in": "soon"}, "old-refresh", None),
        ({"access_token": "a", "expires_in": float("nan")}, "old-refresh", None),
        ({"access_token": "a", "expires_in": float("inf")}, "old-refresh", None),
        ({"access_token": "a", "expires_in": -5}, "old-refresh", 1),
        ({"access_token": "a", "expires_in": 10**30}, "old-refresh", None),
        ({"access_token": "a", "expires_in": 10**9}, "old-refresh", 366 * 86_400),
        ({"access_token": "a", "expires_in": []}, "old-refresh", None),
    ],
)
def test_what_an_answer_becomes(answer: dict[str, object], refresh: str, lasts: int | None) -> None:
    expires = NOW + timedelta(seconds=lasts) if lasts else None
    assert token_of(answer, NOW, OLD) == Token("a", refresh, expires, NOW)


@pytest.mark.parametrize(
    "answer", [{}, {"access_token": ""}, {"access_token": 7}, {"access_token": "a b"}, {"access_token": "a\r\nb"},
               {"access_token": "č"}, {"access_token": "a\x01"}]
)  # fmt: skip
def test_an_answer_without_a_token_that_can_be_sent(answer: dict[str, object]) -> None:
    with pytest.raises(SignInError, match="no usable token"):
        token_of(answer, NOW)


@given(st.text(max_size=20), st.text(max_size=20), moments, moments)
def test_the_file_gives_back_what_it_got(access: str, refresh: str, expires: datetime, obtained: datetime) -> None:
    token = Token(access, refresh, expires, obtained)
    assert from_values(as_values(token)) == token


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_a_token_is_renewed_before_its_end_but_not_at_once(lasts: int, after: int) -> None:
    token = Token("a", "r", NOW + timedelta(seconds=lasts), NOW)
    at = NOW + timedelta(seconds=after)
    assert not token.ends_soon(NOW)
    assert token.ends_soon(at) or not token.ended(at)
    assert token.ends_soon(at) or after < lasts


@pytest.mark.parametrize(
    ("how", "first", "then"),
    [
        ("XOAUTH2", "user=a=b,c@x.example\x01auth=Bearer tok\x01\x01", ""),
        ("OAUTHBEARER", "n,a=a=3Db=2Cc@x.example,\x01auth=Bearer tok\x01\x01", "\x01"),
    ],
)
def test_what_is_said(how: str, first: str, then: str) -> None:
    saying = Saying(how, "a=b,c@x.example", "tok")
    assert [saying(), saying(b"{}"), saying(b"{}")] == [first, then, then]


@pytest.mark.parametrize(
    ("offered", "found"),
    [
        ({"PLAIN", "XOAUTH2", "OAUTHBEARER"}, "XOAUTH2"),
        ({"OAUTHBEARER"}, "OAUTHBEARER"),
        ({"PLAIN"}, ""),
        (set(), ""),
    ],
)
def test_the_way_that_is_offered(offered: set[str], found: str) -> None:
    assert mechanism(frozenset(offered)) == found


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda p: p.name)
def test_every_provider_is_asked_over_https(provider: Provider) -> None:
    found = provider.of("")
    urls = [found.token_url, found.device_url, found.authorize_url, found.revoke_url]
    assert all(url.startswith("https://") and "{" not in url for url in urls if url)
    assert found.device_url or found.authorize_url
    assert found.scope
