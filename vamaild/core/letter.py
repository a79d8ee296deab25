"""A reply as bytes: the form of an automatic answer (RFC 3834, RFC 5322, RFC 2047).

Nothing of the incoming message enters but its subject, cleaned and shortened, and its Message-ID for threading.
"""

import hashlib
import quopri
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from typing import Protocol

SUBJECT_LIMIT = 256
BREAKS = "\r\n\t\x0b\x0c\x85\u2028\u2029"
NOT_SHOWN = ("Cc", "Cf", "Cs", "Co", "Cn")
ID_LIMIT = 250
REFERENCES_LIMIT = 12
ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,248}>")
PREFIXES = re.compile(
    r"^\s*(?:(?:re|r|fwd|fw|i|odp|aw|wg|sv|vs|tr|rif|rv|pd|odpoved|odpověď|antw)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE
)


class TemplateError(Exception):
    """A reply cannot be written: no such text, or it asks for a word that this client has not got."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered text: one subject line and a plain-text body (lines end in LF)."""

    subject: str
    body: str


class Render(Protocol):
    """Writes a text. `words` are plain values by name; `client` finds a client's own texts first."""

    def __call__(self, template: str, language: str, client: str, words: Mapping[str, object]) -> Letter:
        """Raises TemplateError."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything but the text: who writes to whom, in answer to what, with which identity.

    `auto` is the Auto-Submitted keyword: "auto-replied" for answers, "auto-generated" for notices to our own people.
    """

    from_name: str
    from_address: str
    to: str
    key: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    language: str = ""
    auto: str = "auto-replied"


def clean(text: str, limit: int = SUBJECT_LIMIT) -> str:
    """One line that is safe in a header: no control, bidi or private characters, at most `limit` code points."""
    kept = text if text.isprintable() else "".join(c if c.isprintable() else _shown(c) for c in text)
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _shown(c: str) -> str:
    """What stands for a character that is not printable: a blank for a break, itself for a blank, else nothing."""
    if c in BREAKS:
        return " "
    return "" if unicodedata.category(c) in NOT_SHOWN else c


def bare_subject(subject: str) -> str:
    """The subject without the pile of R:, Re:, Odp:, I:, Fwd:."""
    return _bare(subject) if len(subject) <= SUBJECT_LIMIT else _bare.__wrapped__(subject)


@lru_cache(maxsize=5_000)  # a mailbox is full of the same subjects, and a message is compared with many
def _bare(subject: str) -> str:
    return clean(PREFIXES.sub("", clean(subject, 10_000)))


def key_for(*parts: str, domain: str) -> str:
    """A Message-ID that is always the same for the same parts, so that a copy is recognised."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"<{digest}@{domain}>"


def thread_ids(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Those Message-IDs that are well formed and short; long ones break when they are folded."""
    return tuple(i for i in ids if len(i) <= ID_LIMIT and MESSAGE_ID.fullmatch(i))[-REFERENCES_LIMIT:]


def to_bytes(letter: Letter, envelope: Envelope, now: datetime) -> bytes:
    """The mail as it goes onto the wire, with CR LF. Raises ValueError when an address is no plain ASCII address."""
    fields = [
        ("From", f"{phrase(clean(envelope.from_name))} <{address(envelope.from_address)}>".strip()),
        ("To", address(envelope.to)),
        ("Subject", unstructured("Subject", clean(letter.subject) or "-")),
        ("Date", format_datetime(now)),
        ("Message-ID", envelope.key),
        *_thread(envelope),
        *_automatic(envelope),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "quoted-printable"),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return head.encode("ascii") + b"\r\n" + _quoted_printable(letter.body)


def address(value: str) -> str:
    """The address itself, when it is one. Raises ValueError."""
    if not ADDRESS.fullmatch(value):
        raise ValueError(f"{clean(value, 80)!r} is no address a reply can go to")
    return value


def unstructured(name: str, text: str) -> str:
    """A header value (RFC 2047). What looks like an encoded word is encoded itself, so that nobody decodes it."""
    charset = "us-ascii" if text.isascii() and "=?" not in text else "utf-8"
    return Header(text, charset, maxlinelen=76, header_name=name).encode(linesep="\r\n")


def phrase(name: str) -> str:
    """A display name: quoted when plain, else an encoded word."""
    if name.isascii() and "=?" not in name:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"' if name else ""
    return Header(name, "utf-8", maxlinelen=70, header_name="From").encode(linesep="\r\n")


def _thread(envelope: Envelope) -> list[tuple[str, str]]:
    parent = thread_ids((envelope.in_reply_to,))
    if not parent:
        return []
    chain = thread_ids((*envelope.references, *parent))
    return [("In-Reply-To", parent[0]), ("References", "\r\n ".join(chain))]


def _automatic(envelope: Envelope) -> list[tuple[str, str]]:
    fields = [("Content-Language", envelope.language)] if envelope.language else []
    fields += [("Auto-Submitted", envelope.auto), ("X-Auto-Response-Suppress", "All")]
    fields += [("X-Loop", envelope.from_address)]
    return [*fields, ("Precedence", "bulk")] if envelope.auto == "auto-replied" else fields


def _quoted_printable(body: str) -> bytes:
    text = body.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    return quopri.encodestring(text).replace(b"\n", b"\r\n")
