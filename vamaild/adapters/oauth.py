"""Talks to a provider of tokens, through authlib: device codes (RFC 8628), consent with PKCE (RFC 8252, RFC 7636),
renewal (RFC 6749 section 6), revocation (RFC 7009).

Nothing a provider says is shown but its error code: descriptions hold names, addresses and, from some, the token.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from vamaild.core.signin import Provider, SignInError, Token, token_of

try:
    from authlib.common.errors import AuthlibBaseError
    from authlib.integrations.requests_client import OAuth2Session
except ImportError as error:  # the extra, or the HTTP library below it, is not installed
    raise SignInError("signing in with tokens needs: pip install 'vamaild[oauth]'", retry=False) from error

SECONDS = 20.0
SLOWER = timedelta(seconds=5)
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
LOST = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
"""What a provider says of a refresh token that is revoked, expired or used up."""
MISTAKEN = frozenset({"invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type"})
WORDS = {
    "access_denied": "consent was declined",
    "authorization_declined": "consent was declined",
    "expired_token": "the code has run out. Begin again",
    "mismatching_state": "the answer belongs to another question. Begin again",
    "invalid_client": "it does not know this client_id, or wants another client_secret",
    "unauthorized_client": "the application may not sign in this way: allow public client flows",
}
PLAIN = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class Code:
    """What a person types in elsewhere. Times: `every` between two questions, `ends` aware."""

    user_code: str
    url: str
    every: timedelta
    ends: datetime
    device_code: str


class RefusedError(SignInError):
    """The provider's answer is no; `code` is its own word for why."""

    def __init__(self, message: str, code: str, *, retry: bool = True) -> None:
        super().__init__(message, retry=retry)
        self.code = code


class OAuth:
    """One registered application at one provider. Every method raises SignInError. Not for several threads at once."""

    def __init__(self, provider: Provider, client_id: str, client_secret: str, now: Callable[[], datetime]) -> None:
        self._provider, self._id, self._secret, self._now = provider, client_id, client_secret, now

    def _session(self, **more: object) -> OAuth2Session:
        method = "client_secret_post" if self._secret else "none"
        return OAuth2Session(
            self._id, self._secret or None, token_endpoint_auth_method=method, default_timeout=SECONDS, **more
        )

    def begin(self) -> Code:
        """Asks for a code that a person types in elsewhere."""
        answer = self._asked(lambda: self._post(self._provider.device_url, {"scope": self._provider.scope}))
        url = answer.get("verification_uri") or answer.get("verification_url")  # the second is Google's own name
        code, device = answer.get("user_code"), answer.get("device_code")
        if not (isinstance(url, str) and isinstance(code, str) and isinstance(device, str)):
            raise SignInError(f"{self._where}: the answer holds no code to type in")
        every, lasts = _seconds(answer.get("interval"), 5), _seconds(answer.get("expires_in"), 900)
        return Code(code, url, every, self._now() + lasts, device)

    def collect(self, code: Code) -> Token | timedelta:
        """The token, or how much longer than before to wait until the next question; nothing is said yet."""
        try:
            return self._token(lambda session: session.fetch_token(
                self._provider.token_url, grant_type=DEVICE, device_code=code.device_code, allow_redirects=False
            ))  # fmt: skip
        except RefusedError as refused:
            if refused.code in ("authorization_pending", "slow_down"):
                return SLOWER if refused.code == "slow_down" else timedelta()
            raise

    def consent_url(self, redirect: str, state: str, verifier: str, user: str) -> str:
        """The address that a person opens in a browser."""
        session = self._session(scope=self._provider.scope, redirect_uri=redirect, code_challenge_method="S256")
        asks = {**dict(self._provider.asks), "login_hint": user}
        url, _ = session.create_authorization_url(
            self._provider.authorize_url, state=state, code_verifier=verifier, **asks
        )
        return str(url)

    def exchange(self, answer: str, redirect: str, state: str, verifier: str) -> Token:
        """The token for what the browser came back with: the whole address. A wrong state is refused unseen."""
        if refused := parse_qs(urlsplit(answer).query).get("error"):
            raise self._refused(refused[0])
        return self._token(lambda session: session.fetch_token(
            self._provider.token_url, authorization_response=answer, state=state, redirect_uri=redirect,
            code_verifier=verifier, allow_redirects=False,
        ))  # fmt: skip

    def renew(self, token: Token) -> Token:
        """A new token for the old one's refresh token."""
        return self._token(lambda session: session.refresh_token(
            self._provider.token_url, refresh_token=token.refresh, allow_redirects=False
        ), token)  # fmt: skip

    def revoke(self, token: Token) -> bool:
        """Tells the provider that it is no longer needed; False where the provider has no such address."""
        if not self._provider.revoke_url:
            return False
        self._asked(lambda: self._post(self._provider.revoke_url, {"token": token.refresh or token.access}))
        return True

    @property
    def _where(self) -> str:
        return f"{self._provider.name} ({urlsplit(self._provider.token_url).hostname})"

    def _token(self, ask: Callable[[OAuth2Session], Mapping[str, object]], before: Token | None = None) -> Token:
        try:
            return token_of(self._asked(lambda: ask(self._session())), self._now(), before)
        except SignInError as error:
            if isinstance(error, RefusedError) or self._where in str(error):
                raise
            raise SignInError(f"{self._where}: {error}") from error

    def _post(self, url: str, wanted: Mapping[str, str]) -> Mapping[str, object]:
        session = self._session()
        auth = session.client_auth(session.token_endpoint_auth_method)
        answer = session.post(url, data=dict(wanted), auth=auth, withhold_token=True, allow_redirects=False)
        try:
            found = answer.json() if answer.content else {}
        except ValueError:
            found = {}
        if not isinstance(found, dict) or (answer.status_code >= 400 and "error" not in found):
            raise SignInError(f"{self._where}: the answer makes no sense (HTTP {answer.status_code})")
        if "error" in found:
            raise self._refused(str(found["error"]))
        return found

    def _asked(self, ask: Callable[[], Mapping[str, object]]) -> Mapping[str, object]:
        """The answer. Neither the library's nor the provider's own words are passed on: they quote what was sent."""
        try:
            return ask()
        except AuthlibBaseError as error:
            raise self._refused(error.error or "") from None
        except OSError as error:  # every error of the HTTP library is one
            raise SignInError(f"{self._where} does not answer ({type(error).__name__}). It is tried again") from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise SignInError(f"{self._where}: the answer makes no sense ({type(error).__name__})") from None

    def _refused(self, code: str) -> RefusedError:
        said = code if PLAIN.fullmatch(code) else "no reason"
        why = WORDS.get(said, f"it says no ({said})")
        return RefusedError(f"{self._where}: {why}", said, retry=said not in LOST | MISTAKEN)


def _seconds(value: object, otherwise: int) -> timedelta:
    try:
        return timedelta(seconds=min(max(int(str(value)), 1), 3_600))
    except ValueError:
        return timedelta(seconds=otherwise)
