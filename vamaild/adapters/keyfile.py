"""Keys in files of their own: made whole or not at all, never shown. web.key signs links (0600).

log.key makes the codes that stand for addresses in the journal: the page, which runs as another user of the same group,
needs the same ones (0640).
"""

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

NAME, SHORTEST, NONE = "web.key", 32, b"none"
LOG, GROUP_TOO = "log.key", 0o640


class KeyFileError(Exception):
    """The key cannot be had; the text says why and what to do, and shows nothing of it."""


def read(state: Path, environ: Mapping[str, str] = os.environ) -> bytes:
    """The key that systemd hands over (LoadCredential), else the one in the state directory. Raises KeyFileError."""
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    places = [Path(folder) / NAME] if folder else []
    for path in (*places, state / NAME):
        with suppress(FileNotFoundError):
            if key := _content(path):
                return key
    raise KeyFileError(f"{state / NAME}: there is no key for links yet; vamaild makes it when it starts with [web] set")


def make(state: Path) -> bytes:
    """The key in the state directory; a new one when there is none. Raises KeyFileError."""
    path = state / NAME
    try:
        if not path.exists():
            _create(path)
    except OSError as error:
        raise KeyFileError(f"{path}: the key for links cannot be made: {error.strerror or error}") from error
    return read(state, {})


def of_log(state: Path) -> bytes:
    """The key for the codes of addresses; where none can be had, one for this run: other codes, but nothing shown."""
    path = state / LOG
    with suppress(OSError, KeyFileError):
        if not path.exists():
            _create(path, GROUP_TOO)
        return _content(path)
    return secrets.token_bytes(SHORTEST)


def _content(path: Path) -> bytes:
    """The key; nothing where the unit says "none" (SetCredential), or the file is empty."""
    try:
        key = path.read_bytes().strip()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise KeyFileError(f"{path}: the key for links cannot be read: {error.strerror or error}") from error
    if key == NONE:
        return b""
    if key and len(key) < SHORTEST:
        raise KeyFileError(f"{path}: the key for links is too short; remove the file, and vamaild makes a new one")
    return key


def _create(path: Path, mode: int = 0o600) -> None:
    handle, name = tempfile.mkstemp(prefix=".web-key-", dir=path.parent)  # 0600 from the first moment
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(SHORTEST).encode() + b"\n")
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was quicker: its key is as good
            path.hardlink_to(name)
    finally:
        Path(name).unlink(missing_ok=True)
