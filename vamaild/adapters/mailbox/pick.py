"""Which parts of a long message are worth fetching, and the message put together again without the rest.

Pure: in goes what the server says of a message's structure (RFC 9051 section 7.5.2), out come section names, and later
bytes. The top header stays as it came; every part keeps its own MIME header; attachments are left empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PART_LIMIT = 262_144
HEADER_LIMIT = 65_536
TEXTS_LIMIT = 16
PARTS_LIMIT = 150
DEPTH_LIMIT = 12
CRLF = b"\r\n"


class StructureError(ValueError):
    """The server's description of the message cannot be followed."""


@dataclass(frozen=True, slots=True)
class Part:
    """A node of the message. `body` is the section that holds its bytes, "" where they are not wanted."""

    section: str
    body: str = ""
    boundary: bytes = b""
    children: tuple["Part", ...] = ()
    message: "Part | None" = None


def read(structure: object) -> Part:
    """The tree of a BODYSTRUCTURE as imapclient gives it (nested tuples). Raises StructureError."""
    try:
        whole = _part(structure, "", 0)
    except (TypeError, ValueError, IndexError, AttributeError) as error:
        raise StructureError(f"the structure cannot be followed: {type(error).__name__}") from error
    if _count(whole) > PARTS_LIMIT:
        raise StructureError("too many parts")
    return whole


def sections(whole: Part) -> tuple[str, ...]:
    """What to fetch for this message, as items of a FETCH command: all headers of parts, and the first 16 texts."""
    items = _wanted(whole)
    surplus = set([item for item in items if item.endswith(f"<0.{PART_LIMIT}>")][TEXTS_LIMIT:])
    return tuple(item for item in items if item not in surplus)


def rebuild(header: bytes, whole: Part, row: Mapping[bytes, object]) -> bytes:
    """The message without its attachments. `row` holds what was fetched for `sections`; what is missing stays empty."""
    return header + _body(whole, row)


def _part(node: object, section: str, depth: int) -> Part:
    if depth > DEPTH_LIMIT or not isinstance(node, Sequence) or isinstance(node, bytes):
        raise StructureError("nested too deep, or no structure")
    if isinstance(node[0], list | tuple):
        return _multipart(node, section, depth)
    kind = (_lower(node[0]), _lower(node[1]))
    if kind == (b"message", b"rfc822") and len(node) > 8:
        return _message(node, section, depth)
    return Part(section, (section or "TEXT") if _is_text(kind, node) else "")


def _multipart(node: Sequence[object], section: str, depth: int) -> Part:
    nested = isinstance(node[0], list)
    parts = node[0] if isinstance(node[0], list) else [p for p in node if isinstance(p, list | tuple) and _is_body(p)]
    rest = node[1:] if nested else node[len(parts) :]
    boundary = _parameter(rest[1] if len(rest) > 1 else None, b"boundary")
    if not boundary:
        raise StructureError("a multipart without its boundary")
    dot = f"{section}." if section else ""
    children = tuple(_part(child, f"{dot}{n}", depth + 1) for n, child in enumerate(parts, 1))
    return Part(section, boundary=boundary, children=children)


def _is_body(node: Sequence[object]) -> bool:
    """A body starts with a body or with two words and a parameter list; a parameter list holds only words."""
    if not node:
        return False
    return isinstance(node[0], list | tuple) or (len(node) > 6 and (node[2] is None or isinstance(node[2], tuple)))


def _message(node: Sequence[object], section: str, depth: int) -> Part:
    number = section or "1"
    inside = _part(node[8], number, depth + 1)
    if not inside.children:
        inside = Part(number, f"{number}.TEXT" if inside.body else "")
    return Part(section, message=inside)


def _is_text(kind: tuple[bytes, bytes], node: Sequence[object]) -> bool:
    if kind == (b"text", b"calendar"):
        return True
    disposition = next((d for d in node[8:] if isinstance(d, tuple) and d and isinstance(d[0], bytes)), None)
    attached = disposition is not None and _lower(disposition[0]) == b"attachment"
    return kind[0] == b"text" and not attached


def _parameter(parameters: object, name: bytes) -> bytes:
    if not isinstance(parameters, list | tuple):
        return b""
    pairs = zip(parameters[::2], parameters[1::2], strict=False)
    return next((v for k, v in pairs if isinstance(v, bytes) and _lower(k) == name), b"")


def _lower(word: object) -> bytes:
    return word.lower() if isinstance(word, bytes) else b""


def _count(part: Part) -> int:
    inside = _count(part.message) if part.message else 0
    return 1 + inside + sum(_count(child) for child in part.children)


def _wanted(part: Part) -> list[str]:
    items = [f"BODY.PEEK[{part.body}]<0.{PART_LIMIT}>"] if part.body else []
    if part.message:
        items += [f"BODY.PEEK[{part.message.section}.HEADER]<0.{HEADER_LIMIT}>", *_wanted(part.message)]
    for child in part.children:
        items += [f"BODY.PEEK[{child.section}.MIME]<0.{HEADER_LIMIT}>", *_wanted(child)]
    return items


def _body(part: Part, row: Mapping[bytes, object]) -> bytes:
    if part.message:
        return _block(_got(row, f"{part.message.section}.HEADER")) + _body(part.message, row)
    if part.boundary:
        dashes = b"--" + part.boundary
        parts = (dashes + CRLF + _mime(child, row) + _body(child, row) + CRLF for child in part.children)
        return b"".join(parts) + dashes + b"--" + CRLF
    return _got(row, part.body) if part.body else b""


def _mime(part: Part, row: Mapping[bytes, object]) -> bytes:
    return _block(_got(row, f"{part.section}.MIME"))


def _got(row: Mapping[bytes, object], section: str) -> bytes:
    value = row.get(f"BODY[{section}]<0>".encode())
    return value if isinstance(value, bytes) else b""


def _block(header: bytes) -> bytes:
    """A header with exactly one empty line behind it, even where the server cut it."""
    return header.rstrip(b"\r\n") + CRLF + CRLF if header.strip() else CRLF
