"""The gate: what leaves or is shown is read again, as bytes, at the last moment (promises 3 and 5).

Fails closed: whatever cannot be read back is not sent and not shown. `inspect` is for mails, `page` for everything
else that is a document (web pages, exports, reports), `masked` for what must come through in any case: what our own
people are told, and what a terminal shows. No reason ever repeats the secret. RFC 5322, 2045, 2047, 2231.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import EmailPolicy, default
from functools import lru_cache
from hashlib import blake2b
from typing import Any, cast

from .notify import Delivered, Notice, Notifier
from .secrecy import Leak, leaks

ALLOWED = {
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "reply-to",
    "content-language",
    "auto-submitted",
    "x-auto-response-suppress",
    "precedence",
    "x-loop",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
}
BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
LONGEST_LINE = 998
BETRAYS = "it holds something of secrets.toml"
WITHHELD = "[withheld: it holds something of secrets.toml]"
READABLE_PARTS = ("text", "message/rfc822", "message/delivery-status", "multipart")
UNREADABLE = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError)


@lru_cache(maxsize=256)
def _meant(name: str, value: str) -> Any:
    return default.header_fetch_parse(name, value)


class _Reading(EmailPolicy):
    """The default policy; what a header means is found out once, and not for each of a dozen questions."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return _meant(name, value)


READING = cast("EmailPolicy[EmailMessage]", _Reading())


def inspect(raw: bytes, to: str, secrets: Iterable[str]) -> str:
    """Why this mail may not leave, or "" when it may. `secrets` may be empty for mail to our own people."""
    if BARE.search(raw):
        return "it holds a bare CR or LF"
    if any(len(line) > LONGEST_LINE for line in raw.split(b"\r\n")):
        return f"a line is longer than {LONGEST_LINE} bytes"
    try:
        mail = message_from_bytes(raw, policy=READING)
        return _headers(mail, to) or _betrayed(mail, tuple(secrets))
    except UNREADABLE as error:
        return f"it cannot be read back ({type(error).__name__})"


def betrays(raw: bytes, secrets: Iterable[str]) -> str:
    """Why the secret is not safe in this mail, of whatever form it is; "" when it is."""
    known = tuple(secrets)
    try:
        return _betrayed(message_from_bytes(raw, policy=READING), known) if known else ""
    except UNREADABLE as error:
        return f"it cannot be read back ({type(error).__name__})"


class Gate:
    """`inspect` and `betrays`, which know the bytes again that they have let pass: those need not be parsed once more.

    A mail is looked through when it is written, when it leaves and when it is filed: by its digest it is the very same,
    or it is looked through anew. So it is for another address, for other secrets, and for all but the last ones.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._passed: dict[tuple[bytes, tuple[str, ...]], str] = {}

    def inspect(self, raw: bytes, to: str, secrets: Iterable[str]) -> str:
        """As `inspect` says."""
        known = tuple(secrets)
        mail = _print(raw), known
        if self._passed.get(mail) == to:
            return ""
        if refused := inspect(raw, to, known):
            return refused
        self._passed[mail] = to
        if len(self._passed) > self._most:
            del self._passed[next(iter(self._passed))]
        return ""

    def betrays(self, raw: bytes, secrets: Iterable[str]) -> str:
        """As `betrays` says."""
        known = tuple(secrets)
        return "" if (_print(raw), known) in self._passed else betrays(raw, known)


def _print(raw: bytes) -> bytes:
    return blake2b(raw, digest_size=32).digest()


def page(raw: bytes, secrets: Iterable[str]) -> str:
    """Why this document in UTF-8 (HTML, CSV, JSON, iCalendar, text) may not be shown, or "" when it may."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "it cannot be read back (it is no UTF-8)"
    return _told(leaks(text, secrets))


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text without any secret: lines that betray one are replaced, all of it where only the whole does."""
    known = tuple(secrets)
    if not leaks(text, known):
        return text
    lines = [WITHHELD if leaks(line, known) else line for line in text.split("\n")]
    shown = "\n".join(lines)
    return WITHHELD + "\n" * text.endswith("\n") if leaks(shown, known) else shown


def masked_values(value: object, secrets: Iterable[str]) -> object:
    """JSON-ready values without any secret, names of keys included."""
    known = tuple(secrets)
    found = _values(value, known)
    return {"withheld": BETRAYS} if leaks(repr(found), known) else found


def _values(value: object, secrets: tuple[str, ...]) -> object:
    if isinstance(value, Mapping):
        return {masked(str(name), secrets): _values(inner, secrets) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_values(inner, secrets) for inner in value]
    if value is None or isinstance(value, bool):
        return value
    return WITHHELD if leaks(str(value), secrets) else value


@dataclass(frozen=True, slots=True)
class Discreet:
    """A notifier that tells nobody another one's secret; what one of his own ways is, he may read.

    It never keeps a notice back: an emergency reaches a person at least once, if only in part (promise 1).
    `contacts` are the ways by person.
    """

    notifier: Notifier
    contacts: Mapping[str, tuple[str, ...]]

    def notify(self, way: str, notice: Notice) -> Delivered:
        """As the notifier behind it does."""
        secrets = tuple(v for ways in self.contacts.values() if way not in ways for v in ways if v != way)
        short, text = masked(notice.short, secrets), masked(notice.text, secrets)
        safe = replace(notice, short=short, text=text)
        return self.notifier.notify(way, safe)


# ---- a mail


def _headers(mail: EmailMessage, to: str) -> str:
    names = [name.lower() for name in mail]
    strange = next((n for n in names if n not in ALLOWED or names.count(n) > 1), "")
    if strange:
        return f"the header {strange} is not allowed here, or stands twice"
    recipients = [a.addr_spec.lower() for a in mail["To"].addresses] if mail["To"] else []
    return "" if recipients == [to.lower()] else "it does not go to exactly one recipient"


def _only_text(mail: EmailMessage) -> str:
    """Nobody can look into an attachment, so none leaves by itself."""
    kinds = (p.get_content_type() for p in mail.walk())
    strange = next((kind for kind in kinds if not kind.startswith(READABLE_PARTS)), "")
    return f"it carries {strange}, which nobody can look into" if strange else ""


def _betrayed(mail: EmailMessage, secrets: tuple[str, ...]) -> str:
    if refused := _only_text(mail):
        return refused
    places = list(_places(mail))
    found = leaks("\n".join(text for _, text in places), secrets, "its parts together")
    alone = (leaks(text, secrets, where) for where, text in places) if found else ()
    return _told(next(filter(None, alone), found))


def _told(found: tuple[Leak, ...]) -> str:
    return f"{BETRAYS}: {found[0]}" if found else ""


def _places(mail: EmailMessage) -> Iterator[tuple[str, str]]:
    """(where, text) of everything a reader may see or a program may find; headers as written and as meant."""
    meant = [f"{name}: {value}" for name, value in mail.items()]
    yield "the header", "\n".join(meant)
    written = (f"{name}: {value}" for name, value in mail.raw_items())
    yield "the header as it is written", "\n".join(w for w, m in zip(written, meant, strict=True) if w != m)
    for number, part in enumerate(mail.walk(), 1):
        yield from _of_part(part, f"part {number}" if number > 1 else "the text")


def _of_part(part: EmailMessage, where: str) -> Iterator[tuple[str, str]]:
    told = [str(value) for value in part.values()] if where != "the text" else []
    told += [part.preamble or "", part.epilogue or ""]
    if any(told):
        yield f"{where}, beside its text", "\n".join(told)
    if not part.is_multipart():
        yield where, str(part.get_content())
