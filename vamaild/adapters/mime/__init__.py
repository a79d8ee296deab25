"""A fetched mail to a `Message`, whatever its bytes are (RFC 5322, RFC 2045-2049, RFC 2047, RFC 2231).

Two readers look at every mail: mail-parser for addresses and dates, and our own walk through the standard library's
tree for the text. Where they disagree about the sender, or something may have been misread, the message carries a
doubt; where nothing could be read, it says so. It is never silently empty, and no bytes make `read` raise.
"""

import hashlib
import re
from dataclasses import replace
from datetime import datetime
from email.message import Message as Tree

from vamaild.core.ledger import Arrival
from vamaild.core.message import OTHER_NAME, TWO_READINGS, TWO_SENDERS, Message

from . import charsets, headers, library, parts

RAW_LIMIT = 50_000_000
FORWARD_DEPTH = 3
BEGINNING = 4_096
ENCRYPTED = frozenset(("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"))
LANGUAGES = {"cz": "cs", "sk": "sk", "pl": "pl", "hu": "hu", "it": "it", "fr": "fr", "de": "de", "at": "de", "es": "es"}
NAMED_BESIDE = ("reply-to", "x-original-from", "x-original-sender", "resent-from", "x-forwarded-for")
FINGERPRINT = ("message-id", "from", "date", "subject")


class MimeReader:
    """Reads mails. `html_to_text` gives the text a reader of a page sees, and the text hidden in it."""

    def __init__(self, html_to_text: parts.HtmlToText) -> None:
        self._html_to_text = html_to_text

    def read(self, arrival: Arrival) -> Message:
        """The message that arrived. Never raises."""
        head = headers.split(arrival.raw)
        message = _from_header(head, arrival.received)
        message = replace(message, size=arrival.size, fingerprint=_fingerprint(head, arrival))
        if arrival.problem or len(arrival.raw) > RAW_LIMIT:
            size = max(arrival.size, len(arrival.raw))
            return replace(message, unreadable=arrival.problem or f"too large to read: {size / 1_000_000:.1f} MB")
        return self._with_body(message, head, arrival.raw[head.end :], arrival.size > len(arrival.raw))

    def _with_body(self, message: Message, head: headers.Head, body: bytes, shortened: bool) -> Message:
        tree = parts.parse(head, body)
        if tree is None:
            return replace(message, unreadable="nested too deep to read")
        cut: tuple[str, ...] = ()
        if parts.too_much_work(body):
            cut += ("it is cut into very many pieces, not all of it was read",)
        if shortened and _unfinished(tree):
            cut += ("its end was not fetched, something may not have been read",)
        found = parts.find(tree, self._html_to_text, _language(message))
        return _judged(self._filled(replace(message, doubts=message.doubts + cut), found, 0), found, tree, body)

    def _filled(self, message: Message, found: parts.Found, depth: int) -> Message:
        inner = self._forwarded(found.forwarded, message.received, depth + 1) if found.forwarded else None
        return replace(
            message,
            text=found.text,
            hidden="\n".join(h for h in found.hidden if h)[: parts.TEXT_LIMIT],
            parts=tuple(found.kinds),
            calendar_method=found.calendar_method,
            attachments=tuple(found.names),
            forwarded=inner,
            report=found.report,
            doubts=message.doubts + tuple(found.doubts) + _about_text(found),
            unreadable="nested too deep to read" if found.too_deep and not found.text else "",
        )

    def _forwarded(self, tree: Tree, received: datetime, depth: int) -> Message | None:
        """A message within the message, read by the same rules, a few levels deep."""
        if depth > FORWARD_DEPTH:
            return None
        block = b"".join(
            name.encode("ascii", "replace") + b":" + str(value).encode("utf-8", "surrogateescape") + b"\n"
            for name, value in list(tree.raw_items())[: headers.FIELDS_LIMIT]
        )
        message = _from_header(headers.split(block + b"\n"), received)
        return self._filled(message, parts.find(tree, self._html_to_text, _language(message)), depth)


def _judged(message: Message, found: parts.Found, tree: Tree, body: bytes) -> Message:
    """The promise that no mail is silently empty: a message without text is one that held nothing."""
    if ENCRYPTED.intersection(message.parts):
        return replace(message, unreadable="it is encrypted")
    if message.text.strip() or message.unreadable or message.attachments or message.forwarded:
        return message
    if message.calendar_method or not (found.leftover or parts.words_in(body) > 2):
        return message
    saved = charsets.clean(library.texts(tree)).strip()[: parts.TEXT_LIMIT]
    if saved:
        return replace(message, text=saved, doubts=(*message.doubts, "it is damaged, only a part could be read"))
    return replace(message, unreadable="no readable text although it has a body")


def _from_header(head: headers.Head, received: datetime) -> Message:
    language = _hint(head)
    fields = headers.values(head.raw, language)
    own = headers.addresses(_all(fields, "from"))
    sent = next((d for v in _all(fields, "date")[:1] if (d := headers.date(v, received))), None)
    view = library.view(fields, date=sent is None)
    seen = view.from_ if view and view.from_ else own[:1]
    from_ = tuple(dict.fromkeys(address for _, address in (*seen, *own)))
    if sent is None and view and view.date and headers.plausible(view.date, received) and not _odd_zone(fields):
        sent = view.date
    if not _all(fields, "date"):
        sent = next((headers.date(v.rpartition(";")[2], received) for v in _all(fields, "received")[:1]), None)
    return Message(
        received=received,
        sent=sent,
        headers=fields,
        from_=from_,
        from_name=next((name for name, _ in seen), ""),
        reply_to=_people(fields, "reply-to", view.reply_to if view else ()),
        to=_people(fields, "to", view.to if view else ()),
        cc=_people(fields, "cc", view.cc if view else ()),
        subject=next(iter(_all(fields, "subject")), ""),
        message_id=next(iter(headers.ids(*_all(fields, "message-id")[:1])), ""),
        references=headers.ids(*_all(fields, "references"), *_all(fields, "in-reply-to")),
        doubts=head.doubts + _about_sender(fields, own, view),
    )


def _people(fields: headers.Fields, name: str, seen: library.Names) -> tuple[str, ...]:
    """Every address that either reader finds; mail-parser looks only at the first field of a name."""
    own = headers.addresses(_all(fields, name))
    return tuple(dict.fromkeys(address for _, address in (*seen, *own)))


def _about_sender(fields: headers.Fields, own: library.Names, view: library.View | None) -> tuple[str, ...]:
    lines = _all(fields, "from")
    mine = {address for _, address in own}
    if len(lines) > 1 or len(mine) > 1:
        return (TWO_SENDERS,)
    if not mine and not (view and view.from_):
        return ("it names no sender that can be read",)
    if view is not None and {address for _, address in view.from_} != mine:
        return (TWO_READINGS,)
    return (OTHER_NAME,) if _strange_names(fields, own) else ()


def _strange_names(fields: headers.Fields, own: library.Names) -> list[str]:
    """Addresses of other domains in the name of the sender, that no header of forwarding or Reply-To accounts for."""
    known = {address for _, address in headers.addresses([v for n in NAMED_BESIDE for v in _all(fields, n)])}
    homes = {address.rpartition("@")[2] for _, address in own}
    shown = [a.lower() for name, _ in own if "@" in name for a in headers.ADDRESS.findall(name)]
    return [a for a in shown if a not in known and a.rpartition("@")[2].strip("'.") not in homes]


def _about_text(found: parts.Found) -> tuple[str, ...]:
    if found.text.strip():
        return ()
    if found.empty_html:
        return ("its page shows no text, perhaps only pictures",)
    if found.names and not found.forwarded and not found.calendar_method:
        return ("it has no text of its own, only attachments",)
    return ()


def _unfinished(tree: Tree) -> bool:
    return any(type(d).__name__ == "CloseBoundaryNotFoundDefect" for part in tree.walk() for d in part.defects)


def _odd_zone(fields: headers.Fields) -> bool:
    zone = re.search(r"[+-](\d{4,})\b", next(iter(_all(fields, "date")), ""))
    return zone is not None and int(zone[1][:6]) > 1400


def _all(fields: headers.Fields, name: str) -> tuple[str, ...]:
    return tuple(value for key, value in fields if key == name)


def _language(message: Message) -> str:
    said = message.first("content-language")[:2].lower()
    ending = message.from_[0].rpartition(".")[2] if message.from_ else ""
    return said if said.isalpha() else LANGUAGES.get(ending, "")


def _hint(head: headers.Head) -> str:
    ending = re.search(rb"\.([a-z]{2})>?\s*$", head.first("from").lower())
    said = head.first("content-language").strip()[:2].lower().decode("ascii", "ignore")
    return said or (LANGUAGES.get(ending[1].decode("ascii"), "") if ending else "")


def _fingerprint(head: headers.Head, arrival: Arrival) -> str:
    """The same mail again, even under another UID: its identifying fields as they came, and its size.

    Without a Message-ID also how its body begins: alarm systems write such mails, all alike but for a word.
    """
    raw = b"\0".join(b" ".join(head.first(name).split()) for name in FINGERPRINT)
    if not head.first("message-id").strip():
        raw += b"\0" + b" ".join(arrival.raw[head.end : head.end + BEGINNING].split())
    return hashlib.sha256(raw + b"\0" + str(arrival.size).encode("ascii")).hexdigest()
