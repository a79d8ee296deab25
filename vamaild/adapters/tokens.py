"""The tokens of `vamaild oauth login`, one file each: STATE/tokens/NAME.json, 0600, replaced whole or not at all.

Who renews a token holds its lock from reading the old one until the new one is on the disk: a provider that changes
the refresh token each time takes the old one for stolen when two use it.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from vamaild.core.signin import SignInError, Token, as_values, from_values

FOLDER = "tokens"


class TokenFile:
    """The token of one account. Every method raises SignInError; none shows anything of the token."""

    def __init__(self, state: Path, name: str) -> None:
        self.path = state / FOLDER / f"{quote(name, safe='@+ ')}.json"
        self._begun = f".{self.path.stem}-new-"
        self._login = f"vamaild oauth login {name}"

    def read(self) -> Token | None:
        """The token; None when nobody has signed in yet."""
        try:
            return from_values(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SignInError(f"{self.path}: the token cannot be read: {error.strerror or error}") from error
        except (ValueError, AttributeError) as error:
            raise SignInError(f"{self.path} is damaged. Sign in again: {self._login}", retry=False) from error

    def mark(self) -> tuple[int, ...] | None:
        """Which file it is and when it was written; None when there is none to be seen."""
        try:
            about = self.path.stat()
        except OSError:
            return None
        return about.st_ino, about.st_mtime_ns, about.st_size

    def write(self, token: Token) -> None:
        """Puts this token into the place of the old one; until that has happened the old one stands."""
        try:
            self._folder()
            handle, name = tempfile.mkstemp(prefix=self._begun, dir=self.path.parent)  # 0600 from the first moment
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(as_values(token), file)
                    file.flush()
                    self._give(file.fileno())
                    os.fsync(file.fileno())
                Path(name).replace(self.path)
            finally:
                Path(name).unlink(missing_ok=True)
            self._settle()
            for left in self.path.parent.glob(f"{self._begun}*"):  # of somebody who was killed
                left.unlink(missing_ok=True)
        except OSError as error:
            raise SignInError(f"{self.path}: the token cannot be kept: {error.strerror or error}") from error

    def remove(self) -> bool:
        """False when there was none."""
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise SignInError(f"{self.path} cannot be removed: {error.strerror or error}") from error
        return True

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else, in this process or another, renews this token meanwhile."""
        try:
            self._folder()
            handle = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise SignInError(f"{self.path.parent}: no lock for the token: {error.strerror or error}") from error
        try:
            self._give(handle)
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _folder(self) -> None:
        if not self.path.parent.exists():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._give(self.path.parent)

    def _give(self, made: int | Path) -> None:
        """What root makes belongs to the service, whose the state directory is."""
        if os.geteuid() == 0:
            owner = self.path.parent.parent.stat()
            os.chown(made, owner.st_uid, owner.st_gid)

    def _settle(self) -> None:
        """The new name too must outlive a power cut."""
        handle = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
