"""Has a person answered already? One look into the Sent folder for many messages (RFC 9051 section 6.4.4, RFC 3834).

A Message-ID is the sender's own words, so only one of plain characters is ever put into a command. What the server
finds is compared again here: HEADER finds parts of a field too.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from email.parser import BytesHeaderParser

from . import folders

TOGETHER = 20
MOST = 200
FIELDS = "BODY.PEEK[HEADER.FIELDS (IN-REPLY-TO AUTO-SUBMITTED)]"
ANSWER = b"BODY[HEADER.FIELDS"  # servers name the fields again, in an order of their own
ID = re.compile(r"<[^<>\s]{1,400}>")

Criteria = list[object]


def askable(ids: Iterable[str]) -> list[str]:
    """Those identifiers that are safe inside a command, each once, at most 200."""
    plain = (i for i in dict.fromkeys(ids) if i.isascii() and folders.MESSAGE_ID.fullmatch(i.encode("ascii")))
    return [i for i, _ in zip(plain, range(MOST), strict=False)]


def searches(ids: Sequence[str]) -> Iterator[Criteria]:
    """SEARCH criteria that find the answers to any of these, twenty at a time."""
    for start in range(0, len(ids), TOGETHER):
        yield _any(ids[start : start + TOGETHER])


def _any(ids: Sequence[str]) -> Criteria:
    one: Criteria = ["HEADER", "In-Reply-To", ids[0]]
    return one if len(ids) == 1 else ["OR", one, _any(ids[1:])]


def by_a_person(rows: Iterable[Mapping[bytes, object]], ids: Sequence[str]) -> frozenset[str]:
    """Those of these messages that one of these header blocks answers; what a program sent does not count."""
    found: set[str] = set()
    for row in rows:
        raw = next((value for key, value in row.items() if key.startswith(ANSWER)), b"")
        fields = BytesHeaderParser().parsebytes(raw if isinstance(raw, bytes) else b"")
        said = str(fields.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
        if said == "no":
            found.update(ID.findall(str(fields.get("In-Reply-To", ""))))
    return frozenset(found.intersection(ids))
