"""Where each key of a TOML file stands. tomllib keeps no line numbers, so this walks a text that tomllib has accepted.

Paths are those of the data: ("rush", "tier", 1, "percent"), ("rule", 0, "when", "says"), ("rule", 0, "fits", 2).
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

DEEP = 8
BLANK = re.compile(r"[ \t]*")
GAP = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
BARE = re.compile(r"[\w-]+")
SCALAR = re.compile(r"[^,\]}#\r\n]*")
STRINGS = (
    re.compile(r'"""(?:[^\\"]|\\.|"(?!""))*"{3,5}', re.DOTALL),
    re.compile(r"'''(?:[^']|'(?!''))*'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)
PLAIN = r"""(?:"(?!"")(?:[^"\\\n]|\\.)*"|'(?!'')[^'\n]*')"""
TEXTS = re.compile(rf"\[(?:[ \t\r\n,]++|#[^\n]*+|{PLAIN})*+\]")
ITEM = re.compile(rf"(?P<item>{PLAIN})|#[^\n]*")


class Lines:
    """Line numbers by path, found out when the first one is asked for: of most files none ever is."""

    def __init__(self, source: str = "", numbers: Mapping[Path, int] | None = None) -> None:
        self._source, self._numbers = source, numbers

    @property
    def numbers(self) -> Mapping[Path, int]:
        if self._numbers is None:
            self._numbers = _walk(self._source).numbers if self._source else {}
        return self._numbers

    def beside(self, more: Mapping[Path, int]) -> "Lines":
        """With these paths, too."""
        return Lines(self._source, {**self.numbers, **more})

    def of(self, path: Path) -> int:
        """The line of this path, or of the nearest thing around it that is written down; 0 when nothing is."""
        while path not in self.numbers and path:
            path = path[:-1]
        return self.numbers.get(path, 0)

    def shown(self, line: int) -> str:
        """The text of a line, "" when there is no such line."""
        text = self._source.split("\n") if line > 0 else []
        return text[line - 1] if 0 < line <= len(text) else ""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A key that was given twice, with the lines of both."""

    key: str
    first: int
    second: int


@dataclass(slots=True)
class _Walk:
    """One pass over the text: a header names the table, everything else is `key = value`."""

    text: str
    at: int = 0
    numbers: dict[Path, int] = field(default_factory=dict)
    tables: dict[Path, int] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)
    repeated: list[Repeated] = field(default_factory=list)

    def line(self) -> int:
        return bisect_right(self.starts, self.at)

    def note(self, path: Path) -> None:
        self.numbers.setdefault(path, self.line())

    def skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match.group()

    def peek(self, what: str) -> bool:
        return self.text.startswith(what, self.at)

    def file(self) -> None:
        table: Path = ()
        self.skip(GAP)
        while self.at < len(self.text):
            before = self.at
            if self.peek("["):
                table = self.header()
            else:
                self.pair(table)
            self.skip(GAP)
            self.at = max(self.at, before + 1)

    def header(self) -> Path:
        many = self.peek("[[")
        self.at += 2 if many else 1
        path = self.resolved(self.key())
        self.at += 2 if many else 1
        if many:
            self.tables[path] = self.tables.get(path, -1) + 1
            self.note(path)
            path = (*path, self.tables[path])
        self.note(path)
        return path

    def resolved(self, key: Path) -> Path:
        """A header's key with the number of each list of tables on its way: rush.tier -> rush, tier, 1."""
        path: Path = ()
        for part in key[:-1][:DEEP]:
            path = (*path, part)
            self.note(path)
            if path in self.tables:
                path = (*path, self.tables[path])
        return (*path, key[-1]) if key else path

    def key(self) -> Path:
        parts: list[str] = []
        while True:
            self.skip(BLANK)
            parts.append(self.part())
            self.skip(BLANK)
            if not self.peek("."):
                return tuple(parts)
            self.at += 1

    def part(self) -> str:
        if self.peek('"') or self.peek("'"):
            return self.string()[1:-1]
        return self.skip(BARE)

    def string(self) -> str:
        return next((found for pattern in STRINGS if (found := self.skip(pattern))), "")

    def pair(self, table: Path) -> None:
        start = self.at
        key = self.key()
        path = (*table, *key)
        after, self.at = self.at, start
        if path in self.numbers:
            self.repeated.append(Repeated(str(key[-1]), self.numbers[path], self.line()))
        for end in range(1, min(len(key), DEEP) + 1):
            self.note((*table, *key[:end]))
        self.at = after + 1
        self.skip(BLANK)
        self.value(path)

    def value(self, path: Path) -> None:
        if self.peek("["):
            self.array(path)
        elif self.peek("{"):
            self.inline(path)
        elif self.peek('"') or self.peek("'"):
            self.string()
        else:
            self.skip(SCALAR)

    def texts(self, path: Path) -> bool:
        """A list of plain texts, the usual thing, in two looks; False when it is another sort of list."""
        whole = TEXTS.match(self.text, self.at)
        if whole is None:
            return False
        number = 0
        for found in ITEM.finditer(self.text, self.at + 1, whole.end()):
            if found.lastgroup == "item":
                self.numbers.setdefault((*path, number), bisect_right(self.starts, found.start()))
                number += 1
        self.at = whole.end()
        return True

    def array(self, path: Path) -> None:
        if self.texts(path):
            return
        self.at += 1
        number = 0
        self.skip(GAP)
        while self.at < len(self.text) and not self.peek("]"):
            self.note((*path, number))
            before = self.at
            self.value((*path, number))
            self.skip(GAP)
            self.at = max(self.at, before + 1)
            number += 1
        self.at += 1

    def inline(self, path: Path) -> None:
        self.at += 1
        self.skip(GAP)
        while self.at < len(self.text) and not self.peek("}"):
            before = self.at
            self.pair(path)
            self.skip(GAP)
            self.at = max(self.at, before + 1)
        self.at += 1


def _walk(text: str) -> _Walk:
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    walk = _Walk(text, starts=starts)
    walk.file()
    return walk


def locate(text: str) -> Lines:
    """The line of every key, table and list item of a text that tomllib has read without complaint."""
    return Lines(text)


def repeated(text: str) -> Repeated | None:
    """The first key that is given twice, in a text that tomllib has refused for it."""
    return next(iter(_walk(text).repeated), None)
