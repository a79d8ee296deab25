"""Which folder is the one for sent mail or for drafts (RFC 6154), and what a copy needs before it is filed there."""

import re
from collections.abc import Iterable

MESSAGE_ID = re.compile(rb"<[A-Za-z0-9.!#$&'*+/=?^_`|~@-]{1,248}>")
MESSAGE_ID_LINE = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?([^\r\n]*)", re.IGNORECASE | re.MULTILINE)

SENT = r"\Sent"
DRAFTS = r"\Drafts"
FLAGS = {SENT: (rb"\Seen",), DRAFTS: (rb"\Draft",)}
"""What a filed copy is marked with: sent mail is our own, so it is read; a draft is a draft."""

NAMES = {
    SENT: (
        "sent", "sent items", "sent messages", "sent mail", "sent-mail",
        "posta inviata", "inviata", "inviati", "messaggi inviati",
        "odeslaná pošta", "odeslané", "odeslane", "odeslané zprávy", "odoslaná pošta", "odoslané", "odoslane",
        "gesendet", "gesendete elemente", "gesendete objekte",
        "envoyés", "éléments envoyés", "messages envoyés",
        "enviados", "elementos enviados", "mensajes enviados",
        "wysłane", "elementy wysłane",
    ),
    DRAFTS: (
        "drafts", "draft",
        "bozze", "bozza",
        "koncepty", "rozepsané", "rozpracované",
        "entwürfe",
        "brouillons",
        "borradores",
        "kopie robocze", "wersje robocze",
    ),
}  # fmt: skip
"""How folders are called, in order of preference, where the server does not say what they are for."""


def choose(folders: Iterable[tuple[tuple[bytes, ...], bytes | None, str]], special: str) -> str | None:
    """The folder for `special` among (flags, delimiter, name); None when there is none."""
    usable = [f for f in folders if rb"\noselect" not in _lowered(f[0]) and rb"\nonexistent" not in _lowered(f[0])]
    declared = next((name for flags, _, name in usable if special.lower().encode() in _lowered(flags)), None)
    if declared is not None:
        return declared
    by_word = {_last_word(name, delimiter): name for _, delimiter, name in reversed(usable)}
    return next((by_word[word] for word in NAMES[special] if word in by_word), None)


def message_id(raw: bytes) -> str | None:
    """The Message-ID of one of our own mails, if it is safe inside a command; else None."""
    header = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    found = MESSAGE_ID_LINE.findall(header)
    if len(found) != 1 or not MESSAGE_ID.fullmatch(found[0].strip()):
        return None
    return str(found[0].strip().decode("ascii"))


def _lowered(flags: Iterable[bytes]) -> set[bytes]:
    return {flag.lower() for flag in flags}


def _last_word(name: str, delimiter: bytes | None) -> str:
    return (name.rsplit(delimiter.decode("ascii", "replace"), 1)[-1] if delimiter else name).casefold()
