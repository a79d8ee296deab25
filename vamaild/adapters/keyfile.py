"""The key that signs links, in a file of its own: 0600, made whole or not at all, never shown."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

NAME, SHORTEST, NONE = "web.key", 32, b"none"


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


def _create(path: Path) -> None:
    handle, name = tempfile.mkstemp(prefix=".web-key-", dir=path.parent)  # 0600 from the first moment
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(SHORTEST).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was quicker: its key is as good
            path.hardlink_to(name)
    finally:
        Path(name).unlink(missing_ok=True)
