"""What a delivery report says: who was not reached, and the identity of the mail that comes back (RFC 3464).

Only claims: whoever uses them compares the Message-IDs with our own outbox. Everything is cut to a small size.
"""

import re
from email.message import Message as Tree

from vamaild.core.message import Report

from . import headers

MOST = 20
VALUE_LIMIT = 1_000
STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
RETURNED = re.compile(r"^message-id:[ \t]*(?:\r?\n[ \t]+)?([^\r\n]{1,1000})", re.IGNORECASE | re.MULTILINE)
HEADERS_LIMIT = 20_000


def gather(report: Report | None, kind: str, part: Tree) -> Report | None:
    """The report with what this part adds; parts that are no part of a report change nothing. Never raises."""
    if kind in ("message/delivery-status", "message/global-delivery-status"):
        return _grown(report, failed=_failed(part))
    if report is not None and kind in ("text/rfc822-headers", "message/global-headers"):
        return _grown(report, returned=_ids(_text(part)))
    if report is not None and kind in ("message/rfc822", "message/global"):
        inside = payload(part)
        first = inside[0] if isinstance(inside, list) and inside else None
        return _grown(report, returned=_named(first)) if isinstance(first, Tree) else report
    return report


def _grown(report: Report | None, failed: tuple[tuple[str, str], ...] = (), returned: tuple[str, ...] = ()) -> Report:
    known = report or Report()
    return Report((known.failed + failed)[:MOST], tuple(dict.fromkeys(known.returned + returned))[:MOST])


def _failed(part: Tree) -> tuple[tuple[str, str], ...]:
    """(address, status) of each recipient whose delivery failed."""
    groups = payload(part)
    recipients = [g for g in groups if isinstance(g, Tree)][: MOST + 1] if isinstance(groups, list) else []
    found = ((_field(g, "action").lower(), _address(g), STATUS.match(_field(g, "status"))) for g in recipients)
    return tuple((address, status[1]) for action, address, status in found if action == "failed" and status)


def _address(group: Tree) -> str:
    """The address behind "rfc822;", "" when it is none."""
    named = _field(group, "original-recipient") or _field(group, "final-recipient")
    return headers.plain_address(named.rpartition(";")[2])


def _field(group: Tree, name: str) -> str:
    value = next((v for n, v in group.raw_items() if n.lower() == name), "")
    return headers.one_line(str(value)[:VALUE_LIMIT])


def _named(message: Tree) -> tuple[str, ...]:
    return headers.ids(_field(message, "message-id"))[:1]


def _text(part: Tree) -> str:
    text = payload(part)
    return text[:HEADERS_LIMIT] if isinstance(text, str) else ""


def payload(part: Tree) -> object:
    """What the part holds; the standard library raises at some character sets (ValueError at a NUL, LookupError)."""
    try:
        return part.get_payload()
    except (ValueError, LookupError):
        return "what cannot even be looked at"


def _ids(text: str) -> tuple[str, ...]:
    return headers.ids(*RETURNED.findall(text)[:1])[:1]
