"""The first reader: mail-parser, which knows how addresses and dates are really written.

It is given a header cut to size and never an attached message (it would mix its text into the mail's own), and no
character set that is not on our list: it would use whatever codec a sender names. On some small broken mails it raises
bare AttributeError, TypeError or ValueError: then there is only the second reader.
"""

import logging
import re
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


def view(fields: headers.Fields) -> View | None:
    """None where mail-parser fails."""
    tree = Tree()
    for name, value in fields:
        if name in WANTED:
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
