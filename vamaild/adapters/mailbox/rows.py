"""What one FETCH says about one message, as an Arrival: its bytes, or why it is not read (RFC 9051 section 7.5.2)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from vamaild.core.ledger import Arrival

LONG_BATCH = 25
HEADER_LIMIT = 262_144
TEXT_LIMIT = 32_768
SIZE_LIMIT = 50_000_000
SIZE, DATE, FLAGS = b"RFC822.SIZE", b"INTERNALDATE", b"FLAGS"
HEAD, TEXT = b"BODY[HEADER]<0>", b"BODY[TEXT]<0>"
NOWHEN = datetime(1970, 1, 1, tzinfo=UTC)

Row = Mapping[bytes, object]


def groups(uids: Sequence[int], rows: Mapping[int, Row]) -> Iterator[list[int]]:
    """Cut so that no group holds many long messages: memory stays flat whatever was sent."""
    group: list[int] = []
    long = 0
    for uid in uids:
        group.append(uid)
        long += is_cut(rows[uid])
        if long >= LONG_BATCH:
            yield group
            group, long = [], 0
    if group:
        yield group


def has_bytes(row: Row) -> bool:
    """Whether anything was handed over; of a message that is gone some servers say that it is empty, and of 1970."""
    return bool(bytes_of(row, HEAD) or bytes_of(row, TEXT))


def is_cut(row: Row) -> bool:
    """Whether the first fetch got only the beginning of a message that is to be read."""
    return not problem_of(row) and len(bytes_of(row, TEXT)) >= TEXT_LIMIT


def arrival_of(uid: int, uidvalidity: int, row: Row, whole: bytes | None, keyword: str = "") -> Arrival:
    """The message of this row; `keyword` is the one of what is decided, "" where none is set."""
    when = row.get(DATE)
    received = when.astimezone(UTC) if isinstance(when, datetime) and when.tzinfo else NOWHEN
    problem = problem_of(row)
    head = bytes_of(row, HEAD)
    raw = head if problem else head + bytes_of(row, TEXT) if whole is None else whole
    return Arrival(uid, uidvalidity, received, size_of(row), raw, problem, bool(keyword) and carries(row, keyword))


def carries(row: Row, keyword: str) -> bool:
    """Whether this message has the keyword; servers fold its case (RFC 9051 section 2.3.2)."""
    flags = row.get(FLAGS)
    given = flags if isinstance(flags, tuple) else ()
    return keyword.lower().encode() in {flag.lower() for flag in given if isinstance(flag, bytes)}


def problem_of(row: Row) -> str:
    """Why a message is not read, "" when it is."""
    if not isinstance(row.get(DATE), datetime):
        return "the mail server could not hand it over"
    if size_of(row) > SIZE_LIMIT:
        return f"too large to read: {size_of(row) / 1_000_000:.1f} MB"
    if len(bytes_of(row, HEAD)) >= HEADER_LIMIT:
        return f"its header is too large to read: more than {HEADER_LIMIT // 1024} kB"
    return ""


def size_of(row: Row) -> int:
    size = row.get(SIZE)
    return size if isinstance(size, int) else 0


def bytes_of(row: Row, key: bytes) -> bytes:
    value = row.get(key)
    return value if isinstance(value, bytes) else b""
