"""The last look at the bytes of a mail before they leave: one header block of known fields, one recipient, CR LF only.

Nothing here knows how it leaves; whatever crept into a value is found here (RFC 5322, RFC 5321 section 4.5.3.1.6).
"""

import re

from .ledger import PostError
from .route import mailboxes

HEADERS = frozenset(
    {"from", "to", "subject", "date", "message-id", "in-reply-to", "references", "reply-to", "sender"}
    | {"content-language", "auto-submitted", "x-auto-response-suppress", "precedence", "x-loop", "importance"}
    | {"mime-version", "content-type", "content-transfer-encoding"}
)
"""The only header fields that may leave; anything else means that something crept into a value."""

ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@\x00-\x20\x7f]+@[^\s<>()\[\],;:\\\"@\x00-\x20\x7f]+")
HEADER_LINE = re.compile(rb"([A-Za-z][A-Za-z0-9-]*):.*")
LINE_LIMIT = 998
WORDS_LIMIT = 200


def check(to: str, raw: bytes) -> None:
    """The last look at the bytes: one header block of known fields, one recipient, CR LF only. Raises PostError."""
    if wrong := _wrong(to, raw):
        raise PostError(f"this mail is not sent: {wrong}.", permanent=True)


def _wrong(to: str, raw: bytes) -> str:
    if not ADDRESS.fullmatch(to):
        return "its recipient is no plain address"
    if re.search(rb"(?<!\r)\n|\r(?!\n)|\0", raw):
        return "it holds a line end that is not CR LF, or a zero byte"
    if any(len(line) > LINE_LIMIT for line in raw.split(b"\r\n")):
        return f"it holds a line of more than {LINE_LIMIT} bytes"
    fields = _fields(raw)
    if fields is None:
        return "its header is malformed"
    if unknown := {name for name, _ in fields} - HEADERS:
        return f"its header has a field that does not belong there ({words(sorted(unknown)[0])})"
    if len(fields) != len({name for name, _ in fields}):
        return "a header field stands there twice"
    if [a.lower() for _, a in mailboxes(", ".join(v for name, v in fields if name == "to"))] != [to.lower()]:
        return "its To field does not name exactly its recipient"
    return ""


def _fields(raw: bytes) -> list[tuple[str, str]] | None:
    """Header names (lower case) and unfolded values, None where a line is no header line."""
    head, gap, _ = raw.partition(b"\r\n\r\n")
    lines = re.sub(rb"\r\n(?=[ \t])", b"", head).split(b"\r\n")
    if not gap or not all(HEADER_LINE.fullmatch(line) for line in lines):
        return None
    pairs = (line.decode("utf-8", "replace").partition(":") for line in lines)
    return [(name.lower(), value.strip()) for name, _, value in pairs]


def words(said: object) -> str:
    """What a server said, as one short line."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said) or type(said).__name__
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= WORDS_LIMIT else line[: WORDS_LIMIT - 1] + "…"
