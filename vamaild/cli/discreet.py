"""What a terminal, a pipe or a file gets to see of our output: nothing of secrets.toml (promise 3).

Stands before stdout and stderr as soon as a verb knows its --config. A line that betrays a secret is replaced, in a
JSON document the value that does, so that other programs can go on reading.
"""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

import click

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
REMEMBERED = 200
"""Characters: a secret that comes in two pieces is seen with the second."""
CANNOT_READ = (OSError, ValueError)


class Gate:
    """A text stream that keeps secrets back. Has no `buffer`, so that nobody writes past it."""

    def __init__(self, stream: TextIO, secrets: tuple[str, ...]) -> None:
        self._stream, self._secrets, self._said = stream, secrets, ""

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            raise AttributeError(name)
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Writes what may be seen of it; returns the length of the text, as a stream does."""
        plain = ANSI.sub("", text)
        seen = text if self._discreet(self._said + plain) else shown(plain, self._secrets)
        self._said = (self._said + plain)[-REMEMBERED:] if seen is text else ""
        self._stream.write(seen)
        return len(text)

    def _discreet(self, text: str) -> bool:
        from ..core.secrecy import leak

        return not leak(text, self._secrets)


def shown(text: str, secrets: tuple[str, ...]) -> str:
    """What may be seen of a text that betrays something, by itself or with what was said before."""
    import json

    from ..core.egress import WITHHELD, masked, masked_values

    if text.lstrip().startswith(("{", "[")):
        try:
            return json.dumps(masked_values(json.loads(text), secrets), ensure_ascii=False) + "\n"
        except ValueError:
            pass
    found = masked(text, secrets)
    return found if found != text else WITHHELD + "\n" * text.endswith("\n")


def stand_before(ctx: click.Context, config: Path) -> None:
    """Puts the gate before stdout and stderr until the verb ends. Without readable secrets there is nothing to keep."""
    secrets = tuple(_secrets(config))
    if not secrets or isinstance(sys.stdout, Gate):
        return
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (Gate(stream, secrets) for stream in before)

    def step_aside() -> None:
        sys.stdout, sys.stderr = before

    ctx.find_root().call_on_close(step_aside)


def _secrets(config: Path) -> Iterator[str]:
    """As core/ruleset.py's Rulebook holds them: [contacts] and [secrets], but for our own public addresses."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    handed = Path(folder) / "secrets.toml"
    told = _read(handed if folder and handed.exists() else config / "secrets.toml")
    main = _read(config / "vamaild.toml")
    own = {text.lower() for key in ("me", "mailbox", "send") for text in _texts(main.get(key)) if "@" in text}
    found = (*_texts(told.get("contacts")), *_texts(told.get("secrets")))
    yield from (text for text in found if text.lower() not in own)


def _read(path: Path) -> Mapping[str, object]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except CANNOT_READ:
        return {}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
