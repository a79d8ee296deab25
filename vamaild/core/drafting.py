"""A reply as a draft in somebody's mail program, and whether he sent it as it was written.

The comparison forgives what a mail program does by itself: quotation, line breaks, typographic quotes, a signature.
"""

import re
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage

from .mailwords import POSTSCRIPT
from .newtext import split
from .trust import Fate
from .words import fold

OURS_ALONE = ("auto-submitted", "x-auto-response-suppress", "precedence", "x-loop")
WORD = re.compile(r"[^\W_]+")
LONGEST_SIGNATURE = 12
LONGEST_SIGNATURE_LINE = 8
SENTENCE = 4  # words: a shorter line that ends in a dot may be a firm ("Rossi & C. Srl.")


def for_a_person(raw: bytes) -> bytes:
    """The mail without the headers of an automatic reply: who sends it by hand writes it himself (RFC 3834)."""
    head, gap, body = raw.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", head)
    kept = [f for f in fields if f.partition(b":")[0].strip().decode("ascii", "replace").lower() not in OURS_ALONE]
    return b"\r\n".join(kept) + gap + body


def fate_of(ours: bytes, theirs: str) -> Fate:
    """Whether `theirs`, the text of the mail that was sent, still says what we wrote, or was edited."""
    try:
        mail = message_from_bytes(ours, policy=policy.default)
        text, names = str(mail.get_content()), _names(mail)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):
        return Fate.EDITED
    return Fate.UNCHANGED if says_the_same(text, theirs, names) else Fate.EDITED


def _names(mail: EmailMessage) -> tuple[str, ...]:
    return tuple(a.display_name for a in mail["From"].addresses if a.display_name) if mail["From"] else ()


def says_the_same(ours: str, theirs: str, names: Sequence[str] = ()) -> bool:
    """Whether the second text is the first, but for quotation and signature. `names` are those of who signs."""
    text, closing = _parted(ours, names)
    wanted, said = _words(text), split(theirs).own
    if _words(said)[: len(wanted)] != wanted:
        return False
    rest = _after(len(wanted), said)
    return set(_words("\n".join(rest))) <= set(_words(closing)) or _is_signature(rest, closing)


def _parted(ours: str, names: Sequence[str]) -> tuple[str, str]:
    """(what is said, the closing): the closing begins with the paragraph that the name ends."""
    lines = ours.replace("\r\n", "\n").split("\n")
    known = {fold(name) for name in names}
    at = next((n for n in range(len(lines) - 1, -1, -1) if fold(lines[n].strip()) in known), 0)
    while at and lines[at - 1].strip():
        at -= 1
    if at:
        return "\n".join(lines[:at]), "\n".join(lines[at:])
    new = split(ours)
    return new.own, new.cut


def _words(text: str) -> list[str]:
    return WORD.findall(fold(text))


def _after(count: int, text: str) -> list[str]:
    """What stands behind the first so many words, line by line."""
    folded_words = WORD.finditer(text)
    end = next((m.end() for n, m in enumerate(folded_words, 1) if n == count), 0)
    return [line.strip() for line in text[end:].split("\n") if WORD.search(line)]


def _is_signature(rest: Sequence[str], closing: str) -> bool:
    """Our closing, and below it the lines of a signature; no postscript, no further sentence."""
    first = next((line for line in closing.split("\n") if line.strip()), "")
    known = {tuple(_words(line)) for line in closing.split("\n")}
    more = [line for line in rest if tuple(_words(line)) not in known]
    begins = bool(rest) and bool(first) and _words(rest[0]) == _words(first)
    return begins and len(more) <= LONGEST_SIGNATURE and not any(_is_text(line) for line in more)


def _is_text(line: str) -> bool:
    words = line.split()
    if fold(line).startswith(POSTSCRIPT) or len(words) > LONGEST_SIGNATURE_LINE:
        return True
    return line.endswith("?") or (len(words) >= SENTENCE and line.endswith((".", "!")) and "." not in words[-1][:-1])
