"""Has a person answered already? One look into the Sent folder for many messages (RFC 9051 section 6.4.4, RFC 3834).

A Message-ID is the sender's own words, so only one of plain characters is ever put into a command. What the server
finds is compared again here: HEADER finds parts of a field too. Whoever answers a later message of a thread has
answered the earlier ones, which stand in References; whoever hands a message on has answered nobody.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from email.message import Message
from email.parser import BytesHeaderParser

from . import folders

TOGETHER = 20
MOST = 2_000
FIELDS = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID IN-REPLY-TO REFERENCES AUTO-SUBMITTED X-FORWARDED-MESSAGE-ID)]"
ANSWER = b"BODY[HEADER.FIELDS"  # servers name the fields again, in an order of their own
ID = re.compile(r"<[^<>\s]{1,400}>")
TO = ("In-Reply-To", "References")

Criteria = list[object]
Rows = Mapping[int, Mapping[bytes, object]]


def askable(ids: Iterable[str]) -> list[str]:
    """Those identifiers that are safe inside a command, each once, at most 2,000."""
    plain = (i for i in dict.fromkeys(ids) if i.isascii() and folders.MESSAGE_ID.fullmatch(i.encode("ascii")))
    return [i for i, _ in zip(plain, range(MOST), strict=False)]


def searches(ids: Sequence[str], fields: Sequence[str] = TO) -> Iterator[Criteria]:
    """SEARCH criteria that find what names any of these in one of the fields, twenty at a time."""
    for start in range(0, len(ids), TOGETHER):
        yield _any([["HEADER", field, each] for each in ids[start : start + TOGETHER] for field in fields])


def command(criteria: Iterable[object]) -> str:
    """SEARCH criteria as they are sent. A Message-ID always in quotes: imapclient leaves them away, and then its * is
    no character that may stand there (RFC 9051: list-wildcards); a strict server would refuse the whole question.
    """
    return " ".join(_argument(each) for each in criteria)


def _argument(each: object) -> str:
    if isinstance(each, list):
        return f"({command(each)})"
    return f'"{each}"' if str(each).startswith("<") else str(each)


def _any(choices: Sequence[Criteria]) -> Criteria:
    return choices[0] if len(choices) == 1 else ["OR", choices[0], _any(choices[1:])]


def named_by_a_person(rows: Rows) -> frozenset[str]:
    """The messages that one of these header blocks answers; what a program sent does not count."""
    blocks = [_fields(row) for row in rows.values()]
    return frozenset(named for block in blocks if not _automatic(block) for named in _to(block))


def newest(rows: Rows, message_id: str) -> int | None:
    """The UID of the newest mail that answers this message; a person's before any that a program sent."""
    blocks = {uid: _fields(row) for uid, row in rows.items()}
    found = [uid for uid, block in blocks.items() if message_id in _to(block)]
    return max(found, key=lambda uid: (not _automatic(blocks[uid]), uid), default=None)


def bearing(rows: Rows, ids: Sequence[str]) -> frozenset[str]:
    """Those of these identifiers that one of these mails bears itself."""
    return frozenset(i for row in rows.values() for i in _ids(_fields(row), "Message-ID")).intersection(ids)


def _fields(row: Mapping[bytes, object]) -> Message:
    raw = next((value for key, value in row.items() if key.startswith(ANSWER)), b"")
    return BytesHeaderParser().parsebytes(raw if isinstance(raw, bytes) else b"")


def _ids(block: Message, name: str) -> set[str]:
    return {i for value in block.get_all(name, []) for i in ID.findall(str(value))}


def _to(block: Message) -> set[str]:
    return set().union(*(_ids(block, name) for name in TO)) - _ids(block, "X-Forwarded-Message-Id")


def _automatic(block: Message) -> bool:
    return str(block.get("Auto-Submitted", "no")).partition(";")[0].strip().lower() != "no"
