"""Old mail in files: an mbox (RFC 4155), a Maildir, a folder of .eml files, one .eml. Nothing is locked or written.

Only headers are read to put messages in order; a message is read when its turn comes, so that an mbox of many
gigabytes needs no memory. The moment of arrival is the topmost Received, else the "From " line, else the Date.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from ..core.ledger import Arrival
from ..core.replay import Listed, OldMailError

HEADER_LIMIT = 262_144
SIZE_LIMIT = 50_000_000
LINE_LIMIT = 1_048_576
SEPARATOR = re.compile(rb"From \S.*\b(?:19|20)\d\d\b")
ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
LAST_LINE = re.compile(rb"(\n)\r?\n\Z")  # the empty line before the next "From " is no part of the message
FIELD = re.compile(rb"^(received|date)[ \t]*:((?:[^\r\n]*(?:\r?\n[ \t])?)*)", re.IGNORECASE | re.MULTILINE)
YEAR_LAST = ("%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S %z %Y", "%a %b %d %H:%M %Y")
FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC)
SENT_NAMES = ("sent", ".sent", "inviata", ".inviata", "odeslana", ".odeslana", "odeslané", ".odeslané")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a message lies: a file, and which bytes of it (to the end when `end` is 0). `line` is its "From " line."""

    path: Path
    start: int = 0
    end: int = 0
    line: bytes = b""


def moment(value: str) -> datetime | None:
    """The moment a header names, aware, in UTC; without a zone it is taken for UTC. None when it names none."""
    try:
        found = parsedate_to_datetime(value.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def arrived(header: bytes, line: bytes = b"") -> datetime:
    """When a message with this header, and this "From " line, arrived; the first day of 1970 when nothing says it."""
    fields = [(name.lower(), value.decode("latin-1")) for name, value in FIELD.findall(header)]
    received = next((v.rpartition(";")[2] for name, v in fields if name == b"received"), "")
    dated = next((v for name, v in fields if name == b"date"), "")
    return moment(received) or _of_line(line) or moment(dated) or FIRST_DAY


def _of_line(line: bytes) -> datetime | None:
    """The date of a "From " line: asctime form, UTC (RFC 4155)."""
    text = " ".join(line.decode("latin-1").split()[2:])
    for form in YEAR_LAST:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 (RFC 4155: it is UTC when no zone is given)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except ValueError:
            continue
    return None


class FileMail:
    """Old mail in a file or folder; implements `core.replay.OldMail`. `sent_in`: where the mail that was sent lies."""

    def __init__(self, path: Path, sent_in: Path | None = None) -> None:
        self.name = str(path)
        self._spots = _found(path)
        self._sent_in = sent_in or _beside(path)

    def listed(self, since: datetime | None, until: datetime | None) -> Sequence[Listed]:
        """In order of arrival; of the same moment, in the order of the file."""
        dated = (Listed(arrived(*_head(spot)), number) for number, spot in enumerate(self._spots, 1))
        inside = (m for m in dated if (since is None or m.at >= since) and (until is None or m.at < until))
        return sorted(inside, key=lambda m: (m.at, m.number))

    def read(self, numbers: Sequence[int]) -> Iterator[Arrival]:
        for number in numbers:
            spot = self._spots[number - 1]
            raw, size = _bytes(spot)
            large = size > SIZE_LIMIT
            problem = f"too large to read: {size / 1_000_000:.1f} MB" if large else ""
            yield Arrival(number, 1, arrived(raw[:HEADER_LIMIT], spot.line), size, raw, problem)

    def sent(self, since: datetime | None, until: datetime | None) -> Iterator[tuple[datetime, bytes]]:
        for spot in _found(self._sent_in) if self._sent_in else ():
            header, line = _head(spot)
            at = arrived(header, line)
            if since is None or at >= since:
                yield at, header

    def close(self) -> None:
        """Nothing is kept open."""


def _found(path: Path) -> list[Spot]:
    """Every message of the file or folder. Raises OldMailError."""
    try:
        if path.is_dir():
            return _folder(path)
        with path.open("rb") as file:
            beginning = file.readline(LINE_LIMIT)
            if SEPARATOR.match(beginning):
                file.seek(0)
                return list(_mbox(path, file))
        if path.stat().st_size == 0:
            return []
    except OSError as error:
        raise OldMailError(f"{path}: {error.strerror or error}") from error
    if re.match(rb"[!-9;-~]+[ \t]*:", beginning):
        return [Spot(path)]
    raise OldMailError(f"{path}: this is no mail: neither an mbox (its first line begins with From) nor a message")


def _folder(path: Path) -> list[Spot]:
    halves = [path / name for name in ("cur", "new") if (path / name).is_dir()]
    if halves:
        return [Spot(file) for half in halves for file in sorted(half.iterdir()) if file.name[0] != "."]
    files = sorted(file for file in path.rglob("*.eml") if file.is_file())
    if not files:
        raise OldMailError(f"{path}: there is no mail in this folder: neither a Maildir (cur, new) nor .eml files")
    return [Spot(file) for file in files]


def _beside(path: Path) -> Path | None:
    """The Sent folder of a Maildir, as Dovecot and Courier name it."""
    if path.is_file() or not any((path / name).is_dir() for name in ("cur", "new")):
        return None
    return next((p for p in sorted(path.iterdir()) if p.name.lower() in SENT_NAMES and (p / "cur").is_dir()), None)


def _mbox(path: Path, file: Iterable[bytes]) -> Iterator[Spot]:
    """A message begins at a "From " line with a year in it, first in the file or after an empty line."""
    start, at, line, after_empty = -1, 0, b"", True
    for each in file:
        if after_empty and SEPARATOR.match(each):
            if start >= 0:
                yield Spot(path, start, at, line)
            start, line = at + len(each), each
        after_empty = each in (b"\n", b"\r\n")
        at += len(each)
    if start >= 0:
        yield Spot(path, start, at, line)


def _head(spot: Spot) -> tuple[bytes, bytes]:
    """(its header, its "From " line)."""
    size = min(HEADER_LIMIT, spot.end - spot.start) if spot.end else HEADER_LIMIT
    return re.split(rb"\r?\n\r?\n", _some(spot, size), maxsplit=1)[0], spot.line


def _bytes(spot: Spot) -> tuple[bytes, int]:
    """(the message, its size); of one that is too large only the beginning."""
    size = spot.end - spot.start if spot.end else _size(spot.path)
    raw = _some(spot, HEADER_LIMIT if size > SIZE_LIMIT else size)
    if not spot.line:
        return raw, size
    plain = ESCAPED.sub(rb"\1", LAST_LINE.sub(rb"\1", raw))
    return plain, size - (len(raw) - len(plain))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise OldMailError(f"{path}: {error.strerror or error}") from error


def _some(spot: Spot, size: int) -> bytes:
    try:
        with spot.path.open("rb") as file:
            file.seek(spot.start)
            return file.read(size)
    except OSError as error:
        raise OldMailError(f"{spot.path}: {error.strerror or error}") from error
