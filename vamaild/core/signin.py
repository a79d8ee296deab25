"""Signing in with a token instead of a password (RFC 6749, RFC 7628, Google's XOAUTH2): the values and the rules.

PROVIDERS is the table of those that are known: where they hand out tokens, and for what. A further one is a row more,
or an [oauth.NAME] of one's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

BEFORE = timedelta(minutes=5)
"""A token is renewed so long before it ends."""
SHORTEST, LONGEST = timedelta(seconds=1), timedelta(days=366)
SEND = "send"
XOAUTH2, OAUTHBEARER = "XOAUTH2", "OAUTHBEARER"


class SignInError(Exception):
    """No token can be had. `retry` is False where a person must sign in, or correct something, first."""

    def __init__(self, message: str, *, retry: bool = True) -> None:
        super().__init__(message)
        self.retry = retry


class Bearer(Protocol):
    """Where the token of an account comes from. May be asked by several threads."""

    def token(self) -> str:
        """A token that should work now. Raises SignInError."""

    def stands(self) -> bool:
        """Whether the sign-in is still there; after a logout open connections end, too. Never waits."""

    def refused(self, token: str) -> bool:
        """The server did not take this token. True when another one may be had, which is worth one more attempt."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Who hands out tokens. `device_url` "": there is no code to type in elsewhere, only consent in a browser.

    `host` is what the browser calls this machine at the end of the consent; `asks` goes into the address of the
    consent. In `tenanted` addresses {tenant} is replaced.
    """

    name: str
    token_url: str
    scope: str
    device_url: str = ""
    authorize_url: str = ""
    revoke_url: str = ""
    host: str = "127.0.0.1"
    asks: tuple[tuple[str, str], ...] = ()

    def of(self, tenant: str) -> "Provider":
        """The same with the addresses of one organisation (Microsoft)."""
        urls = (self.token_url, self.device_url, self.authorize_url)
        token, device, authorize = (url.replace("{tenant}", tenant or "common") for url in urls)
        return replace(self, token_url=token, device_url=device, authorize_url=authorize)


_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
PROVIDERS: Mapping[str, Provider] = {
    "microsoft": Provider(
        "microsoft",
        f"{_MICROSOFT}/token",
        "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access",
        device_url=f"{_MICROSOFT}/devicecode",
        authorize_url=f"{_MICROSOFT}/authorize",
        host="localhost",
    ),
    "google": Provider(
        "google",
        "https://oauth2.googleapis.com/token",
        "https://mail.google.com/",
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        revoke_url="https://oauth2.googleapis.com/revoke",
        asks=(("access_type", "offline"), ("prompt", "consent")),
    ),
}


@dataclass(frozen=True, slots=True)
class Token:
    """What a provider gave. `expires` is aware, None where nobody said. Shows itself in no text."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires: datetime | None = None
    obtained: datetime | None = None

    def ends_soon(self, now: datetime) -> bool:
        """Whether it should be renewed: at most 5 minutes before its end, a short-lived one after half its life."""
        if self.expires is None:
            return False
        life = self.expires - self.obtained if self.obtained else BEFORE * 2
        return now >= self.expires - min(BEFORE, life / 2)

    def ended(self, now: datetime) -> bool:
        return self.expires is not None and now >= self.expires


def token_of(answer: Mapping[str, object], now: datetime, before: Token | None = None) -> Token:
    """The token in the provider's answer; without a new refresh token the old one goes on. Raises SignInError."""
    access, refresh, seconds = answer.get("access_token"), answer.get("refresh_token"), answer.get("expires_in")
    if not isinstance(access, str) or not usable(access):
        raise SignInError("the provider's answer holds no usable token")
    kept = refresh if isinstance(refresh, str) and refresh else before.refresh if before else ""
    try:
        lasts = timedelta(seconds=int(float(str(seconds)))) if seconds is not None else None
    except (ValueError, OverflowError):
        lasts = None
    return Token(access, kept, now + min(max(lasts, SHORTEST), LONGEST) if lasts is not None else None, now)


def usable(token: str) -> bool:
    """Whether it can stand in a sign-in: printable ASCII without a space (RFC 6750 2.1)."""
    return bool(token) and all("!" <= c <= "~" for c in token)


def as_values(token: Token) -> dict[str, object]:
    """The token for its file; keys are stable."""
    moments = {"expires": token.expires, "obtained": token.obtained}
    iso = {name: at.astimezone(UTC).isoformat() if at else None for name, at in moments.items()}
    return {"access_token": token.access, "refresh_token": token.refresh, **iso}


def from_values(values: Mapping[str, object]) -> Token:
    """The token of a file. Raises ValueError where it is none."""
    access, refresh = values.get("access_token"), values.get("refresh_token")
    if not (isinstance(access, str) and isinstance(refresh, str)):
        raise ValueError("no token")
    return Token(access, refresh, _moment(values.get("expires")), _moment(values.get("obtained")))


def _moment(value: object) -> datetime | None:
    at = datetime.fromisoformat(value) if isinstance(value, str) else None
    if at is not None and at.tzinfo is None:
        raise ValueError("a moment without a zone")
    return at


class Saying:
    """What is said to the mail server with this mechanism: first the token, then, if it objects, only "go on"."""

    def __init__(self, mechanism: str, user: str, token: str) -> None:
        bearer = f"auth=Bearer {token}\x01\x01"
        named = user.replace("=", "=3D").replace(",", "=2C")
        first = f"user={user}\x01{bearer}" if mechanism == XOAUTH2 else f"n,a={named},\x01{bearer}"
        self._lines = [first, "" if mechanism == XOAUTH2 else "\x01"]

    def __call__(self, _challenge: bytes | None = None) -> str:
        """The next line."""
        return self._lines.pop(0) if len(self._lines) > 1 else self._lines[0]


def mechanism(offered: frozenset[str]) -> str:
    """Which of the two the server offers, "" for neither; XOAUTH2 first: it is what the large providers test."""
    return next((name for name in (XOAUTH2, OAUTHBEARER) if name in offered), "")
