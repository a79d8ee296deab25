"""What the files say at a glance, for showing: time zones, clients, trust. Nothing is decided by it.

Reading a configuration with all its checks takes a second; a list of promises should not. So only the tables [me],
[defaults], [client] and [absence] are read, and a file that cannot be read says nothing.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ..core.ruleset import Absence
from .setup import this_moment

CLIENT = re.compile(r"^\s*\[\s*client\s*\]", re.MULTILINE)
ABSENCE = re.compile(r"^\s*\[\s*absence\s*\]", re.MULTILINE)
HEADER = re.compile(r"^\s*\[", re.MULTILINE)
PLAIN_ID = re.compile(r"""^[ \t]*id[ \t]*=[ \t]*(["'])([\w.-]+)\1[ \t]*(?:#.*)?$""", re.MULTILINE)
MANY_LINES = ('"""', "'''")
Table = Mapping[str, Any]


@dataclass(slots=True)
class _File:
    """One file of rules.d; its table [client] is parsed when somebody asks for more than the id."""

    text: str
    _table: Table | None = None
    _id: str | None = None

    @property
    def id(self) -> str:
        """The client's id; "" in any other file."""
        if self._id is None:
            self._id = _plain_id(self.text) or str(self.table.get("id") or "")
        return self._id

    @property
    def table(self) -> Table:
        if self._table is None:
            self._table = _client_of(self.text)
        return self._table


@dataclass(slots=True)
class Written:
    """The files of a configuration directory, each read once at most."""

    config: Path
    _main: Table | None = None
    _files: dict[Path, _File] = field(default_factory=dict)
    _by_id: dict[str, _File] | None = None

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
        found = self._of(name)
        return found.table if found else {}

    def owner(self, path: Path) -> str:
        """The id of the client whose file this is; "" for any other file."""
        return self._file(path).id

    def absence(self, client: str) -> Absence | None:
        """[absence] of the client's file; None where there is none, or it cannot be read."""
        found = self._of(client)
        return _absence(found.text) if found else None

    def clients(self) -> tuple[str, ...]:
        """The ids of all clients that have a file."""
        return tuple(self._all())

    def _file(self, path: Path) -> _File:
        if path not in self._files:
            self._files[path] = _File(_text(path))
        return self._files[path]

    def _of(self, client: str) -> _File | None:
        """The client's file: the one of its name, else whichever says so; then all are read, once."""
        usual = self._file(self.config / "rules.d" / f"client-{client}.toml")
        return usual if usual.id == client else self._all().get(client)

    def _all(self) -> Mapping[str, _File]:
        """By client; of two files of one client the first counts, as it does for the service."""
        if self._by_id is None:
            self._by_id = {}
            for file in map(self._file, self._paths()):
                self._by_id.setdefault(file.id, file)
            self._by_id.pop("", None)
        return self._by_id

    def _paths(self) -> list[Path]:
        try:
            return sorted((self.config / "rules.d").glob("*.toml"))
        except OSError:
            return []


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


def _plain_id(text: str) -> str:
    """The id where it is written as everybody writes it; "" leaves the question to the parser."""
    start = CLIENT.search(text)
    following = HEADER.search(text, start.end()) if start else None
    table = text[start.end() : following.start() if following else None] if start else ""
    plain = PLAIN_ID.search(table) if not any(q in table for q in MANY_LINES) else None
    return plain[2] if plain else ""


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
