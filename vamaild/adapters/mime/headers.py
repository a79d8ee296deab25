"""The header of a message: cut to size before anything is decoded, unfolded, its addresses, dates and identifiers.

Python's own header parsers take quadratic time or recurse without limit on some headers (RFC 5322), so every field
is cut to a few kilobytes first, and that it was cut is kept as a doubt.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import getaddresses, parsedate_to_datetime

from . import charsets

FIELDS_LIMIT = 500
LINES_LIMIT = 5_000
VALUE_LIMIT = 8_192
IDS_LIMIT = 50
ADDRESSES_LIMIT = 200
ZONE_LIMIT = timedelta(hours=14)
FIRST_YEAR = 1990
YEARS_AHEAD = 5

EMPTY_LINE = re.compile(rb"\n\r?\n")
FIELD = re.compile(rb"([!-9;-~]{1,80})[ \t]*:")
WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\s]*)\?=")
BETWEEN = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
RUN = re.compile("\ue0e1([^\ue0e1-\ue0e3]*)\ue0e2[0-9a-f]*\ue0e3(?:\ue0e1\\1\ue0e2[0-9a-f]*\ue0e3)*")
PIECE = re.compile("\ue0e2([0-9a-f]*)\ue0e3")
ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@\x00-\x20\x7f]{1,64}@[^\s<>()\[\],;:\\\"@\x00-\x20\x7f]{1,255}")
SIMPLE = re.compile(r"(?:([^<>()\[\],;:\\\"@]{1,200})<)?([^<>\s,;\"()]+)(?(1)>)")
"""A field with one mailbox and nothing that could be read in two ways: `Anna Bianchi <anna@example.org>`."""

PLAIN = re.compile(
    r"(?:([a-z0-9]+(?:[ '-][a-z0-9]+)*|\"[a-z0-9]+(?:(?:[ '-]|[.,] )[a-z0-9]+)*\"|=\?utf-8\?[qb]\?[a-z0-9_=+/-]+\?=) )?"
    r"(<)?([a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?(2)>)",
    re.IGNORECASE | re.ASCII,
)
"""The same in the characters that no reader takes for anything else; a name may be one word in UTF-8."""

PLAIN_NAME = re.compile(r"[^\W_]+(?:(?:[ '\u2019-]|[.,] )[^\W_]+)*")
ID = re.compile(r"<[^<>\s]{1,400}>")
DECODED = frozenset(("subject", "comments", "keywords", "thread-topic"))

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """A header: its fields as bytes (name in lower case, value with its folding), where it ends, and its doubts."""

    raw: tuple[tuple[str, bytes], ...]
    end: int
    doubts: tuple[str, ...] = ()

    def block(self, *prefixes: str) -> bytes:
        """Those fields again whose names begin so, cut to size, ending in an empty line."""
        kept = (name.encode("ascii") + b":" + v + b"\n" for name, v in self.raw if name.startswith(prefixes))
        return b"".join(kept) + b"\n"

    def first(self, name: str) -> bytes:
        """The raw value of the first field of this name, else b""."""
        return next((value for key, value in self.raw if key == name), b"")


def split(raw: bytes) -> Head:
    """Reads fields until the empty line, or until a line that belongs to no field: there the body begins."""
    fields: list[tuple[str, bytes]] = []
    at, cut, seen, lines = 0, False, 0, 0
    while at < len(raw):
        lines += 1
        if lines > LINES_LIMIT:
            cut, at = True, _end(raw, at)
            break
        end = raw.find(b"\n", at)
        stop, after = (end - (raw[end - 1 : end] == b"\r" and end > at), end + 1) if end >= 0 else (len(raw), len(raw))
        line = raw[at : min(stop, at + VALUE_LIMIT)]
        if not line:
            at = after
            break
        if line[:1] in b" \t" and fields:
            cut |= _continue(fields, line)
        elif field := FIELD.match(line):
            seen += 1
            cut |= stop - at > VALUE_LIMIT
            if seen <= FIELDS_LIMIT:
                fields.append((field[1].decode("ascii").lower(), line[field.end() :].replace(b"\r", b" ")))
        elif at or not line.startswith((b"From ", b">From ")):
            break
        at = after
    return Head(tuple(fields), at, _cut_doubts(cut, seen))


def _end(raw: bytes, at: int) -> int:
    """Where the body begins, without looking at each line."""
    found = EMPTY_LINE.search(raw, at)
    return found.end() if found else len(raw)


def _continue(fields: list[tuple[str, bytes]], line: bytes) -> bool:
    name, value = fields[-1]
    room = VALUE_LIMIT - len(value)
    if room > 0:
        fields[-1] = (name, value + b"\n" + line.replace(b"\r", b" ")[:room])
    return len(line) > room


def _cut_doubts(cut: bool, seen: int) -> tuple[str, ...]:
    return ("its header is very long, not all of it was read",) if cut or seen > FIELDS_LIMIT else ()


def values(raw: Iterable[tuple[str, bytes]], language: str = "") -> Fields:
    """The fields as text: unfolded, one line each, decoded where they are meant for people."""
    return tuple((name, _value(name, value, language)) for name, value in raw)


def _value(name: str, raw: bytes, language: str) -> str:
    text = raw.decode("ascii") if raw.isascii() else charsets.guess(raw, language)
    return charsets.shown(words(text)) if name in DECODED else one_line(text)


def words(text: str) -> str:
    """Encoded words (RFC 2047) made readable; the result is one line, whatever was encoded in it."""
    if "=?" not in text:
        return one_line(text)
    unmarked = text.translate({0xE0E1: None, 0xE0E2: None, 0xE0E3: None})
    return one_line(_joined(WORD.sub(_split_mark, BETWEEN.sub(r"\1", unmarked))))


def _split_mark(word: re.Match[str]) -> str:
    """One encoded word as charset and bytes, marked so that neighbours can be joined before they are decoded."""
    raw = _bytes(word[2].lower(), word[3])
    if raw is None:
        return word[0]
    return f"\ue0e1{word[1].partition('*')[0].lower()}\ue0e2{raw.hex()}\ue0e3"


def _joined(text: str) -> str:
    """Neighbouring words of one character set are one text: a letter may be cut in two between them."""
    return RUN.sub(_decoded, text)


def _decoded(run: re.Match[str]) -> str:
    raw = bytes.fromhex("".join(PIECE.findall(run[0])))
    return charsets.decode(raw, run[1])[0]


def _bytes(kind: str, data: str) -> bytes | None:
    if not data.isascii():
        return None
    if kind == "q":
        return quopri.decodestring(data.replace("_", "=20").encode("ascii"))
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4)) or None
    except (binascii.Error, ValueError):
        return None


def one_line(text: str) -> str:
    """Without line breaks, control characters and runs of blanks."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split()) if "  " in text or text[:1] == " " or text[-1:] == " " else text
    return " ".join(charsets.clean(text.replace("\u2028", " ").replace("\u2029", " ")).split())


def addresses(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(name, address) of each mailbox in these fields, as the second reader sees them; () where it cannot."""
    if len(lines) == 1 and (only := plain(lines[0])):
        return (only,)
    if len(lines) == 1 and (simple := SIMPLE.fullmatch(lines[0])) and (address := plain_address(simple[2])):
        return ((words(simple[1] or ""), address),)
    try:
        found = getaddresses(list(lines))
    except (RecursionError, ValueError, IndexError, TypeError):  # the standard library, at comments within comments
        return ()
    return tuple((words(name), address) for name, raw in found[:ADDRESSES_LIMIT] if (address := plain_address(raw)))


def plain(value: str) -> tuple[str, str] | None:
    """(name, address) of a field that can be read in one way only, None of any other."""
    found = PLAIN.fullmatch(value)
    if not found or (found[1] and not found[2]):
        return None
    name, address = words((found[1] or "").strip('"')), plain_address(found[3])
    return (name, address) if address and (not name or PLAIN_NAME.fullmatch(name)) else None


def plain_address(text: str) -> str:
    """The address in lower case, "" when it is none."""
    bare = text.strip().lower()
    return bare if ADDRESS.fullmatch(bare) else ""


def date(value: str, received: datetime) -> datetime | None:
    """What a Date field says, with its own offset; None for a time, zone or year that cannot be."""
    try:
        when = parsedate_to_datetime(value[:200])
    except (ValueError, TypeError, IndexError, OverflowError):  # the standard library, at anything that is no date
        return None
    if when.tzinfo is None:  # "-0000": the time is UTC, the sender's zone unknown (RFC 5322 section 3.3)
        when = when.replace(tzinfo=UTC)
    return when if plausible(when, received) else None


def plausible(when: datetime, received: datetime) -> bool:
    """Whether a mail can have been sent then: an existing zone, and a year in which mail was sent."""
    offset = when.utcoffset() or timedelta()
    return abs(offset) <= ZONE_LIMIT and FIRST_YEAR <= when.year <= received.year + YEARS_AHEAD


def ids(*values_: str) -> tuple[str, ...]:
    """Message identifiers in the order they stand, each once."""
    found = (i for value in values_ for i in ID.findall(value))
    return tuple(dict.fromkeys(found))[-IDS_LIMIT:]
