"""Bytes of a TOML file -> its data and the lines of its keys, or one problem, well said. tomllib does the reading."""

import codecs
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from .locate import Lines, Path, locate
from .problem import Problem
from .slips import explain

BIGGEST = 1_000_000
LONGEST_LINE = 20_000
MANY_PARTS = re.compile(
    r"(?<![\w\"'-])(?:[\w\"'-]+[ \t]*\.[ \t]*){40}"
)  # tomllib takes their number to the third power
PRIVATE = re.compile(r"\s*[\"']?(password|client_secret)")
LOST = {"\x08": "\\b", "\x0c": "\\f"}


@dataclass(frozen=True, slots=True)
class Document:
    """One file that could be read: its data as tomllib gives them, and where everything stands."""

    label: str
    data: Mapping[str, object]
    lines: Lines
    confidential: bool = False

    def problem(self, path: Path, what: str, help: str = "", *, show: bool = False) -> Problem:
        """A problem at this path; `show` quotes the line, unless the file is confidential."""
        line = self.lines.of(path)
        shown = self.lines.shown(line) if show else ""
        private = self.confidential or PRIVATE.match(shown)
        return Problem(self.label, line, what, help, "" if private else shown)


def decode(label: str, raw: bytes) -> str | Problem:
    """The text of a file that is saved as UTF-8 (a byte order mark is allowed), with plain line ends."""
    if len(raw) > BIGGEST:
        return Problem(label, 0, f"this file is too large: {len(raw) / 1e6:.1f} MB", "is it the right one?")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _looks_utf16(raw):
        return Problem(label, 0, 'this file is saved as UTF-16 ("Unicode" in Windows)', "save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return Problem(label, line, "a letter in this line is not saved as UTF-8", "save the file as UTF-8")
    return _absurd_line(label, text) or text


def _looks_utf16(raw: bytes) -> bool:
    """UTF-16 without its mark: plain letters with a zero byte beside each."""
    head = raw[:200]
    return len(head) > 3 and max(head[::2].count(0), head[1::2].count(0)) * 2 > len(head) * 0.8


def _absurd_line(label: str, text: str) -> Problem | None:
    lines = text.split("\n")
    if max(map(len, lines)) <= LONGEST_LINE and not MANY_PARTS.search(text):  # which never looks beyond a line
        return None
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            return Problem(label, number, f"this line is {len(line):,} characters long", "break it into several lines")
        if MANY_PARTS.search(line):
            return Problem(label, number, "a key of more than 40 parts stands in this line", "is it the right file?")
    return None


def read(label: str, raw: bytes, *, confidential: bool = False) -> Document | Problem:
    """The data of a file, or the one thing that keeps it from being read. Nothing of a confidential file is quoted."""
    text = decode(label, raw)
    if isinstance(text, Problem):
        return text
    try:
        data = tomllib.loads(text)
        document = Document(label, data, locate(text), confidential)
    except RecursionError:
        return Problem(label, 0, "brackets are nested too deeply in this file", "is it the right one?")
    except tomllib.TOMLDecodeError as error:
        return _syntax(label, str(error), text, confidential)
    except ValueError:  # int() refuses more than 4,300 digits, and tomllib lets that through
        return Problem(label, 0, "a number in this file is too long", "is it text? then it needs quotes")
    return (_swallowed(document) if "\\" in text else None) or document


def _syntax(label: str, error: str, text: str, confidential: bool) -> Problem:
    slip = explain(error, text)
    line = text.split("\n")[slip.line - 1]
    if confidential or PRIVATE.match(line):
        return Problem(label, slip.line, slip.what, slip.help)
    what = f"{slip.what}: {slip.quote}" if slip.quote else slip.what
    return Problem(label, slip.line, what, slip.help, line)


def texts(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text in the data with its path, however deep it stands."""
    waiting: list[tuple[Path, object]] = [(path, value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, Mapping):
            waiting += [((*path, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, number), inner) for number, inner in enumerate(value)]


def listed(document: Document, name: str) -> Document:
    """A single [name] read as a list of one."""
    single = document.data.get(name)
    if not isinstance(single, dict):
        return document
    more: dict[Path, int] = {
        (name, 0, *path[1:]): line for path, line in document.lines.numbers.items() if path[:1] == (name,)
    }
    return replace(document, data={**document.data, name: [single]}, lines=document.lines.beside(more))


def _swallowed(document: Document) -> Problem | None:
    r"""A regular expression in "..." loses its \b without a word: it has become a backspace."""
    for path, text in texts(document.data):
        if sign := next((sign for sign in LOST if sign in text), ""):
            what = f'{LOST[sign]} in "..." became a control character'
            return document.problem(path, what, "put the text in single quotes: '...'", show=True)
    return None
