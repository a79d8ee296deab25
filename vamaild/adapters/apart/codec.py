"""What goes between the service and the process that reads hostile mail: JSON behind a length, nothing that can run.

The reading process is not believed: whatever it sends is looked at again, type by type, before it becomes a `Message`.
"""

import json
import re
from datetime import datetime
from struct import Struct
from typing import cast

from vamaild.core.ledger import Arrival
from vamaild.core.message import Message, Report

LENGTH = Struct(">I")
LONGEST = 64_000_000
DEEPEST = 8
BROKEN_LINE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")
BROKEN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
ADDRESS = re.compile(r"[^\s<>,;\"@]{1,64}@[^\s<>,;\"@]{1,255}")
PRINT = re.compile(r"(?:[0-9a-f]{64})?")


class CodecError(ValueError):
    """This is no message that a reader of ours would send."""


# ---- there


def request(arrival: Arrival) -> bytes:
    """An arrival as bytes: two lengths, what is known about it, and the mail as it came."""
    known = [arrival.uid, arrival.uidvalidity, arrival.received.isoformat(), arrival.size, arrival.problem]
    head = json.dumps(known).encode("ascii")
    return b"".join((LENGTH.pack(len(head)), LENGTH.pack(len(arrival.raw)), head, arrival.raw))


def arrival_of(head: bytes, raw: bytes) -> Arrival:
    """The arrival again; only the service itself writes these."""
    uid, uidvalidity, received, size, problem = json.loads(head)
    return Arrival(uid, uidvalidity, datetime.fromisoformat(received), size, raw, problem)


# ---- and back


def answer(message: Message) -> bytes:
    """A message as bytes, without its length."""
    return json.dumps(_list(message)).encode("ascii")


def _list(message: Message) -> list[object]:
    report = message.report
    return [
        message.sent.isoformat() if message.sent else "",
        message.headers,
        *(message.from_, message.from_name, message.reply_to, message.to, message.cc, message.subject),
        *(message.text, message.hidden, message.parts, message.calendar_method, message.attachments),
        _list(message.forwarded) if message.forwarded else None,
        *(message.message_id, message.references, message.fingerprint, message.doubts, message.unreadable),
        [report.failed, report.returned] if report else None,
    ]


def message_of(raw: bytes, arrival: Arrival) -> Message:
    """The message in these bytes, for this arrival. Raises CodecError where a value is not what it should be."""
    try:
        return _message(json.loads(raw), arrival.received, arrival.size, 0)
    except (ValueError, TypeError, LookupError, RecursionError, OverflowError) as error:
        raise CodecError(f"the reader sent what is no message ({type(error).__name__})") from error


def _message(value: object, received: datetime, size: int, depth: int) -> Message:
    known = _items(value)
    sent, fields, from_, from_name, reply_to, to, cc, subject, text, hidden = known[:10]
    parts, method, names, forwarded, message_id, references, fingerprint, doubts, unreadable, report = known[10:]
    if depth > DEEPEST:
        raise CodecError("nested too deep")
    return Message(
        received=received,
        sent=_moment(_line(sent)),
        headers=_pairs(fields),
        from_=_addresses(from_),
        from_name=_line(from_name),
        reply_to=_addresses(reply_to),
        to=_addresses(to),
        cc=_addresses(cc),
        subject=_line(subject),
        text=_text(text),
        hidden=_text(hidden),
        parts=_lines(parts),
        calendar_method=_line(method),
        attachments=_lines(names),
        forwarded=None if forwarded is None else _message(forwarded, received, 0, depth + 1),
        message_id=_line(message_id),
        references=_lines(references),
        size=size,
        fingerprint=_print(_line(fingerprint)),
        doubts=_lines(doubts),
        unreadable=_line(unreadable),
        report=None if report is None else _report(report),
    )


def _report(value: object) -> Report:
    failed, returned = _items(value)
    return Report(_pairs(failed), _lines(returned))


def _items(value: object) -> list[object]:
    if not isinstance(value, list):
        raise CodecError("a list is missing")
    return value


def _lines(value: object) -> tuple[str, ...]:
    lines = _items(value)
    if not all(type(line) is str for line in lines):
        raise CodecError("a line is missing")
    found = cast("list[str]", lines)
    _line("".join(found))
    return tuple(found)


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    pairs = [_items(pair) for pair in _items(value)]
    flat = _lines([each for pair in pairs for each in pair])
    if any(len(pair) != 2 for pair in pairs):
        raise CodecError("a pair is missing")
    return tuple(zip(flat[::2], flat[1::2], strict=True))


def _line(value: object) -> str:
    if not isinstance(value, str) or BROKEN_LINE.search(value):
        raise CodecError("a line is missing, or more than a line")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or BROKEN_TEXT.search(value):
        raise CodecError("a text is missing, or holds control characters")
    return value


def _addresses(value: object) -> tuple[str, ...]:
    found = _lines(value)
    if not all(map(ADDRESS.fullmatch, found)):
        raise CodecError("this is no address")
    return found


def _print(value: str) -> str:
    if not PRINT.fullmatch(value):
        raise CodecError("this is no fingerprint")
    return value


def _moment(value: str) -> datetime | None:
    moment = datetime.fromisoformat(value) if value else None
    if moment is not None and moment.tzinfo is None:
        raise CodecError("a moment without its zone")
    return moment
