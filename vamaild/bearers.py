"""Where the token of an account comes from: the file `vamaild oauth login` made, or a program. Shows nothing of it.

A token is kept in memory until it ends soon, a server refuses it, or its file is another or gone. What a person must
mend (a revoked sign-in) is asked once and then not again before the file has changed: the provider is not hammered.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .adapters.token_command import fetch
from .adapters.tokens import TokenFile
from .config.settings import SignIn
from .core.signin import Bearer, SignInError, Token

if TYPE_CHECKING:
    from .adapters.oauth import OAuth

Now = Callable[[], datetime]
JUST = timedelta(minutes=1)


@dataclass(slots=True)
class Commanded:
    """The token of a token_command: fetched anew when a server refuses it, or when its time has passed."""

    sign_in: SignIn
    now: Now
    _held: Token | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def token(self) -> str:
        """Raises SignInError."""
        with self._lock:
            if self._held is None or self._held.ended(self.now()):
                at = self.now()
                expires = at + self.sign_in.lasts if self.sign_in.lasts else None
                self._held = Token(fetch(self.sign_in.command), expires=expires, obtained=at)
            return self._held.access

    def stands(self) -> bool:
        """Only the program knows."""
        return True

    def refused(self, token: str) -> bool:
        """Another one may be had, unless the program has only just given this one."""
        with self._lock:
            held, self._held = self._held, None
            just = held is not None and held.obtained is not None and self.now() - held.obtained < JUST
            return held is None or held.access != token or not just


@dataclass(slots=True)
class Stored:
    """The token of `vamaild oauth login`, renewed before it ends. `lost` is the refresh token that was refused."""

    sign_in: SignIn
    file: TokenFile
    now: Now
    _held: Token | None = None
    _mark: tuple[int, ...] | None = None
    _lost: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def token(self) -> str:
        """Raises SignInError."""
        with self._lock:
            held = self._held if self.file.mark() == self._mark else None
            if held is None or held.ends_soon(self.now()):
                self._held = None
                self._held = held = self._current("")
            return held.access

    def stands(self) -> bool:
        """Whether the file of the token is there; without it nothing is kept in memory either."""
        there = self.file.mark() is not None
        if not there:
            self._held = None
        return there

    def refused(self, token: str) -> bool:
        """A server may refuse a token before its end: then it is renewed, or somebody else has done so already."""
        with self._lock:
            try:
                self._held = self._current(token)
            except SignInError:
                self._held = None
                return False
            return True

    def _current(self, refused: str) -> Token:
        """The token of the file, renewed where it ends soon or is the one that was refused."""
        with self.file.alone():
            kept = self.file.read()
            if kept is None:
                raise SignInError(f"nobody has signed in yet: {self._how}", retry=False)
            good = kept.access != refused and not kept.ends_soon(self.now())
            found = kept if good else self._renewed(kept, refused)
            self._mark = self.file.mark()
            return found

    def _renewed(self, kept: Token, refused: str) -> Token:
        """The old token stands in the file until the new one is there."""
        if not kept.refresh or kept.refresh == self._lost:
            raise SignInError(f"the sign-in has ended or was revoked: {self._how}", retry=False)
        try:
            new = application(self.sign_in, self.now).renew(kept)
        except SignInError as error:
            if not error.retry:
                self._lost = kept.refresh
                raise SignInError(f"{error}. The sign-in has ended or was revoked: {self._how}", retry=False) from None
            if kept.access != refused and not kept.ended(self.now()):
                return kept  # it still holds for some minutes; by then the provider may answer again
            raise
        self.file.write(new)
        return new

    @property
    def _how(self) -> str:
        return f"vamaild oauth login {self.sign_in.name}"


def application(sign_in: SignIn, now: Now) -> "OAuth":
    """The registered application at its provider. Raises SignInError where the extra is not installed."""
    from .adapters.oauth import OAuth

    assert sign_in.provider is not None
    return OAuth(sign_in.provider, sign_in.client_id, sign_in.client_secret.reveal(), now)


class Bearers:
    """The sources of one installation: what reads a mailbox and what sends for it ask the same one."""

    def __init__(self, state: Path | None, now: Now) -> None:
        self._state, self._now = state, now
        self._known: dict[SignIn, Bearer] = {}

    def of(self, sign_in: SignIn | None) -> Bearer | None:
        """Where this account's token comes from; None where a password is used."""
        if sign_in is None:
            return None
        if sign_in not in self._known:
            self._known[sign_in] = self._new(sign_in)
        return self._known[sign_in]

    def _new(self, sign_in: SignIn) -> Bearer:
        if sign_in.provider is None:
            return Commanded(sign_in, self._now)
        if self._state is None:
            raise SignInError("nobody said where the tokens are kept (--state DIR)", retry=False)
        return Stored(sign_in, TokenFile(self._state, sign_in.name), self._now)
