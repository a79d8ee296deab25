"""The first reader: mail-parser, which knows how addresses and dates are really written.

It is given a header cut to size and never an attached message (it would mix its text into the mail's own), and no
character set that is not on our list: it would use whatever codec a sender names. On some small broken mails it raises
bare AttributeError, TypeError or ValueError: then there is only the second reader.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.message import Message as Tree

from mailparser import MailParser
from mailparser.exceptions import MailParserError

from . import charsets, headers

SPECIALS = re.compile(r"[<>@,;:\"()\\\[\]]+")
WANTED = frozenset(("from", "to", "cc", "reply-to", "date"))
TROUBLE = (
    MailParserError, MessageError, AttributeError, TypeError, ValueError, LookupError, RecursionError, AssertionError,
    OverflowError,
)  # fmt: skip
"""What mail-parser 4.8 raised on public and made mails; ValueError and LookupError include the Unicode errors."""

logging.getLogger("mailparser").propagate = False  # it logs words of the mail, which would come to stand in ours
logging.getLogger("mailparser").addHandler(logging.NullHandler())

Names = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class View:
    """Who wrote to whom and when, as mail-parser sees it: (name, address) pairs, and the date in UTC."""

    from_: Names
    to: Names
    cc: Names
    reply_to: Names
    date: datetime | None


def view(fields: headers.Fields, date: bool = True) -> View | None:
    """None where mail-parser fails. Without `date` that one need not be known."""
    wanted = [(name, value) for name, value in fields if name in WANTED]
    return (None if date else plainly(wanted)) or by_library(wanted)


def plainly(wanted: Sequence[tuple[str, str]]) -> View | None:
    """Who mail-parser would see in fields with one address each that can be read in one way only; None for others.

    Most mail is like that, and mail-parser takes longer over a header than everything else over the whole mail.
    """
    seen: dict[str, Names] = {}
    for name, value in wanted:
        if name == "date":
            continue
        found = headers.plain(value)
        if found is None or name in seen:
            return None
        seen[name] = (found,)
    return View(seen.get("from", ()), seen.get("to", ()), seen.get("cc", ()), seen.get("reply-to", ()), None)


def by_library(wanted: Sequence[tuple[str, str]]) -> View | None:
    """What mail-parser says of these fields."""
    tree = Tree()
    for name, value in wanted:
        tree[name] = headers.WORD.sub(_plain, value)
    try:
        mail = MailParser(tree)
        return View(_names(mail.from_), _names(mail.to), _names(mail.cc), _names(mail.reply_to), mail.date)
    except TROUBLE:
        return None


def texts(tree: Tree) -> str:
    """The plain text mail-parser can save from a damaged message (it also looks behind the last boundary), or ""."""
    try:
        for part in tree.walk():
            if charsets.codec(str(part.get_param("charset") or "")) is None:
                part.del_param("charset")
        return "\n\n".join(MailParser(tree).text_plain)
    except TROUBLE:
        return ""


def _plain(word: re.Match[str]) -> str:
    """An encoded word whose character set is not on the list: decoded by us, and without what could be an address."""
    return word[0] if charsets.codec(word[1].partition("*")[0]) else SPECIALS.sub(" ", headers.words(word[0]))


def _names(pairs: object) -> Names:
    if not isinstance(pairs, list):
        return ()
    cleaned = ((headers.one_line(str(name)), headers.plain_address(str(address))) for name, address in pairs)
    return tuple((name, address) for name, address in cleaned if address)[: headers.ADDRESSES_LIMIT]
