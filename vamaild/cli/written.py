"""What the files say at a glance, for showing: time zones, clients, trust. Nothing is decided by it.

Reading a configuration with all its checks takes a second; a list of promises should not. So only the tables [me],
[defaults], [client] and [absence] are read, and a file that cannot be read says nothing.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ..core.ruleset import Absence
from .setup import this_moment

ABSENCE = re.compile(r"^\s*\[\s*absence\s*\]", re.MULTILINE)
HEADER = re.compile(r"^\s*\[", re.MULTILINE)
Table = Mapping[str, Any]


@dataclass(slots=True)
class Written:
    """The files of a configuration directory."""

    config: Path
    _main: Table | None = None
    _clients: dict[str, Table] = field(default_factory=dict)

    @property
    def main(self) -> Table:
        if self._main is None:
            self._main = _parsed(_text(self.config / "vamaild.toml"))
        return self._main

    def zone(self, client: str = "") -> tzinfo:
        """The time zone of a client, else the assistant's, else this machine's."""
        named = self.client(client).get("timezone") if client else None
        for name in (named, _within(self.main, "me").get("timezone")):
            try:
                if isinstance(name, str):
                    return ZoneInfo(name)
            except (ValueError, OSError):  # no such zone: `check` says so
                continue
        return this_moment().tzinfo or UTC

    def trust(self, client: str) -> str:
        """The trust level that the client's file says, "" when nobody knows."""
        table = self.client(client)
        level = table.get("trust") or _within(self.main, "defaults").get("trust", "observe")
        return str(level) if table else ""

    def client(self, name: str) -> Table:
        """[client] of the file of this client; {} when there is none."""
        if name not in self._clients:
            usual = _client_table(self.config / "rules.d" / f"client-{name}.toml")
            found = usual if usual.get("id") == name else dict(self._all()).get(name, {})
            self._clients[name] = found
        return self._clients[name]

    def owner(self, path: Path) -> str:
        """The id of the client whose file this is; "" for any other file."""
        return str(_client_table(path).get("id") or "")

    def absence(self, client: str) -> Absence | None:
        """[absence] of the client's file; None where there is none, or it cannot be read."""
        usual = self.config / "rules.d" / f"client-{client}.toml"
        text = next((t for t in map(_text, (usual, *self._paths())) if _client_of(t).get("id") == client), "")
        return _absence(text)

    def _all(self) -> Iterator[tuple[str, Table]]:
        for table in map(_client_table, self._paths()):
            if isinstance(table.get("id"), str):
                yield table["id"], table

    def _paths(self) -> list[Path]:
        try:
            return sorted((self.config / "rules.d").glob("*.toml"))
        except OSError:
            return []

    def clients(self) -> tuple[str, ...]:
        """The ids of all clients that have a file."""
        return tuple(name for name, _ in self._all())


def _within(table: Table, name: str) -> Table:
    inner = table.get(name)
    return inner if isinstance(inner, dict) else {}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


def _parsed(text: str) -> Table:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _client_table(path: Path) -> Table:
    return _client_of(_text(path))


def _client_of(text: str) -> Table:
    """[client], which stands at the top of a file as a rule: then the rest need not be read."""
    heads = [m.start() for m in HEADER.finditer(text)]
    top = text[: heads[1]] if len(heads) > 1 else text
    return _within(_parsed(top), "client") or (_within(_parsed(text), "client") if "client" in text else {})


def _absence(text: str) -> Absence | None:
    start = ABSENCE.search(text)
    following = HEADER.search(text, start.end()) if start else None
    table = _parsed(text[start.start() : following.start() if following else None]) if start else {}
    days = [_within(table, "absence").get(name) for name in ("from", "back", "answer_by")]
    first, back, by = (d if isinstance(d, date) and not isinstance(d, datetime) else None for d in days)
    return Absence(first, back, by) if first else None
