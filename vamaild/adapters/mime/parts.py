"""The second reader: the parts of a message by the standard library's tolerant parser, behind limits of our own.

It finds the sender's own text in the order a mail program shows it, keeps what was forwarded apart from it (RFC 2046),
and only names attachments. Every part header is cut before it is looked into.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message as Tree
from typing import TypeVar

from vamaild.core.message import Report

from . import charsets, headers
from . import report as reports

PARTS_LIMIT = 300
DEPTH_LIMIT = 40
TEXT_LIMIT = 300_000
HEADER_LIMIT = 2_048
PAGES_LIMIT = 1_200_000
RESIDUE_LIMIT = 50_000
WORK_LIMIT = 3_000_000
PIECE_LIMIT = 262_144
"""So much of a part is read, as much as is fetched of it from a server: a stored mail says the same as a live one."""

NAME_LIMIT = 120

TROUBLE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, MessageError)
"""What the standard library raised on public and made mails, beside RecursionError: a NUL in charset= (ValueError),
unknown and odd codecs (LookupError), broken parameters (TypeError, AttributeError)."""

NO_TEXT = frozenset(
    {"text/rfc822-headers", "text/x-amp-html", "text/watch-html", "text/css", "text/csv", "text/vcard", "text/x-vcard"}
    | {"text/directory", "text/xml", "text/rtf", "text/javascript", "text/x-patch", "text/x-diff"}
)
"""Text that is not written for a reader; any other unknown kind of text is plain text (RFC 2046 section 4.1.4)."""

LONG = "it is very long, only its beginning was read"
DISGUISED = "some of its words mix letters of two alphabets"
MANY_PAGES = "it has very much HTML, not all of it was read"
SAYS_NOTHING = re.compile(r"html|browser|visualizz|zobraz|anzeigen|mime|client", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]{2,}")
SCAFFOLD = re.compile(
    r"<style[^<]*</style>|<!--[^<>]*-->|<[^<>]*>"
    r"|^--.*$|^[A-Za-z-]{2,40}:.*(?:\n[ \t].*)*|^.*\b(?:MIME|multi-?part)\b.*$",
    re.MULTILINE | re.IGNORECASE,
)
LETTER = re.compile(r"[^\W\d_]")
METHOD = re.compile(r"^METHOD:([A-Za-z-]{1,20})\s*$", re.MULTILINE)
UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]+")

T = TypeVar("T")
HtmlToText = Callable[[str], tuple[str, str]]


@dataclass(slots=True)
class Found:
    """What a message holds. `forwarded` is the first message in it; `empty_html`: a page shows no text.

    `leftover`: some bytes that are no attachment gave no text.
    """

    texts: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    calendar_method: str = ""
    forwarded: Tree | None = None
    forwards: int = 0
    empty_html: bool = False
    leftover: bool = False
    too_deep: bool = False
    report: Report | None = None

    @property
    def text(self) -> str:
        """All of the sender's own text, cut to size."""
        return "\n\n".join(text.strip("\n") for text in self.texts if text.strip())[:TEXT_LIMIT]


def parse(head: headers.Head, body: bytes) -> Tree | None:
    """The tree of parts; None where there are too many levels. Never raises."""
    try:
        return message_from_bytes(head.block("content-", "mime-") + _bounded(thinned(body)))
    except RecursionError:
        return None
    except TROUBLE:
        plain = Tree()
        plain.set_payload(body.decode("ascii", "surrogateescape"))
        return plain


def thinned(body: bytes) -> bytes:
    """The body without what is surplus of its parts: no boundary can stand where no line begins with two dashes."""
    if len(body) <= PIECE_LIMIT:
        return body
    kept: list[bytes] = []
    at = 0
    while at < len(body):
        end = body.find(b"\n--", at + 1)
        end = end if end >= 0 else len(body)
        piece = body[at : min(end, at + PIECE_LIMIT)]
        # A header longer than that is cut later, and keeps its part; what stands before any boundary has none.
        headless = at == 0 and not body.startswith(b"--")
        kept.append(piece if headless or headers.EMPTY_LINE.search(piece) else body[at:end])
        at = end
    return b"".join(kept)


def too_much_work(body: bytes) -> bool:
    """Whether the parser would compare every line with very many boundaries (it does so level by level)."""
    return body.count(b"\n") * _boundaries(body) > WORK_LIMIT


def _boundaries(body: bytes) -> int:
    return len(re.findall(rb"boundary\*?0?\*?=", body, re.IGNORECASE))


def _bounded(body: bytes) -> bytes:
    if not too_much_work(body):
        return body
    lines = WORK_LIMIT // _boundaries(body)
    return b"\n".join(body.split(b"\n", lines)[:lines])


def find(tree: Tree, html_to_text: HtmlToText, language: str) -> Found:
    """Everything the message holds, its parts in order. Never raises."""
    walk = _Walk(html_to_text, language)
    for text, hidden in walk.blocks(tree, 0):
        walk.found.texts.append(text)
        walk.found.hidden.append(hidden)
        if charsets.disguised(text) and DISGUISED not in walk.found.doubts:
            walk.found.doubts.append(DISGUISED)
    if walk.found.forwards > 1:
        walk.found.doubts.append(f"it carries {walk.found.forwards} other messages, only the first of them was read")
    return walk.found


@dataclass(slots=True)
class _Block:
    """A piece of text to show: from plain text, or a page still to be converted."""

    content: str
    page: bool
    cut: bool = False


class _Walk:
    def __init__(self, html_to_text: HtmlToText, language: str) -> None:
        self.found = Found()
        self._html_to_text = html_to_text
        self._language = language
        self._has_text = False
        self._page_room = PAGES_LIMIT

    def blocks(self, tree: Tree, depth: int) -> Iterator[tuple[str, str]]:
        """The texts to show, each with what it hides."""
        for block in self._pieces(tree, depth):
            self._note_cut(block.cut)
            if not block.page:
                yield block.content, ""
                continue
            if not self._affordable(block.content):
                continue
            text, hidden = self._html_to_text(block.content)
            self.found.empty_html |= not text.strip() and (bool(hidden) or "<img" in block.content.lower())
            yield text, hidden

    def _note_cut(self, cut: bool) -> None:
        if cut and LONG not in self.found.doubts:
            self.found.doubts.append(LONG)

    def _affordable(self, page: str) -> bool:
        self._page_room -= len(page)
        if self._page_room < 0 and MANY_PAGES not in self.found.doubts:
            self.found.doubts.append(MANY_PAGES)
        return self._page_room >= 0

    def _pieces(self, part: Tree, depth: int) -> list[_Block]:
        found = self.found
        if depth > DEPTH_LIMIT or len(found.kinds) >= PARTS_LIMIT:
            self._stop(depth)
            return []
        view = _view(part)
        kind = headers.one_line(_guarded(view.get_content_type, "text/plain"))[:80]
        found.kinds.append(kind)
        found.report = reports.gather(found.report, kind, part)
        if kind == "message/rfc822" or kind == "message/global":
            return self._message(part)
        if part.is_multipart() and kind.startswith("multipart/"):
            return self._multipart(part, kind, depth)
        return self._leaf(part, view, kind)

    def _stop(self, depth: int) -> None:
        self.found.too_deep |= depth > DEPTH_LIMIT
        doubt = "it is nested too deep" if depth > DEPTH_LIMIT else "it has very many parts"
        sentence = f"{doubt}, not all of it was read"
        if sentence not in self.found.doubts:
            self.found.doubts.append(sentence)

    def _multipart(self, part: Tree, kind: str, depth: int) -> list[_Block]:
        children = [child for child in part.get_payload() if isinstance(child, Tree)]
        groups = [self._pieces(child, depth + 1) for child in children]
        pieces = [piece for group in groups for piece in group]
        return _choose(pieces) if kind == "multipart/alternative" else pieces

    def _message(self, part: Tree) -> list[_Block]:
        inside = reports.payload(part)
        if isinstance(inside, list) and inside and isinstance(inside[0], Tree):
            self.found.forwards += 1
            self.found.forwarded = self.found.forwarded or inside[0]
        return []

    def _leaf(self, part: Tree, view: Tree, kind: str) -> list[_Block]:
        name = _name(view)
        disposition = _guarded(view.get_content_disposition, None)
        attached = disposition == "attachment" or bool(name and disposition != "inline" and self._has_text)
        if name or attached:
            self.found.names.append(name or f"unnamed ({kind})")
        if kind.startswith("multipart/"):
            return self._undivided(part, view)
        if kind == "text/calendar":
            self._calendar(part, view)
            return []
        if attached or not kind.startswith("text/") or kind in NO_TEXT:
            self.found.leftover |= not (attached or name) and _holds_something(part)
            return []
        self._has_text = True
        text = self._decoded(part, view)
        self.found.leftover |= not text.strip() and _holds_something(part)
        return [_Block(text, kind == "text/html", _is_cut(part, text))]

    def _undivided(self, part: Tree, view: Tree) -> list[_Block]:
        """A multipart whose boundary does not stand where it should: better all of it than nothing."""
        text = self._decoded(part, view)
        if text.strip():
            self.found.doubts.append("its parts cannot be told apart, so all of it was read as one text")
        return [_Block(text, False, _is_cut(part, text))]

    def _calendar(self, part: Tree, view: Tree) -> None:
        method = _guarded(lambda: view.get_param("method"), None)
        page = self._decoded(part, view)
        written = METHOD.search(page)
        self._note_cut(_is_cut(part, page))
        said = method if isinstance(method, str) else written[1] if written else ""
        self.found.calendar_method = self.found.calendar_method or headers.one_line(said).upper()[:20]

    def _decoded(self, part: Tree, view: Tree) -> str:
        raw = _guarded(lambda: part.get_payload(decode=True), None)
        declared = _guarded(lambda: view.get_param("charset"), None)
        charset = declared[2] if isinstance(declared, tuple) else declared
        text, doubt = charsets.decode(raw if isinstance(raw, bytes) else b"", str(charset or ""), self._language)
        if doubt and doubt not in self.found.doubts:
            self.found.doubts.append(doubt)
        return charsets.shown(text[:TEXT_LIMIT])


def _is_cut(part: Tree, text: str) -> bool:
    """Whether there was more of this part than was read; a line break more or less at its end is nothing."""
    if len(text) < PIECE_LIMIT // 12:  # whatever its encoding was
        return False
    payload = reports.payload(part)
    return len(text) >= TEXT_LIMIT or (isinstance(payload, str) and len(payload) >= PIECE_LIMIT - 2)


def _holds_something(part: Tree) -> bool:
    payload = reports.payload(part)
    return bool(payload.strip() if isinstance(payload, str) else payload)


def words_in(body: bytes) -> int:
    """How many words stand in a body beside boundaries, part headers and HTML: what a lost text would have left.

    The standard library's parser drops some of what stands around misplaced boundaries without a trace.
    """
    text = charsets.clean(charsets.guess(body[:RESIDUE_LIMIT]))
    return len(WORD.findall(SCAFFOLD.sub(" ", text)))


def _choose(pieces: list[_Block]) -> list[_Block]:
    """Of several forms of one text, the plain one, unless it only says that there is another."""
    plain = [piece for piece in pieces if not piece.page]
    pages = [piece for piece in pieces if piece.page]
    return plain if not pages or any(_says_something(piece.content) for piece in plain) else pages


def _says_something(text: str) -> bool:
    words = text.strip()
    return bool(LETTER.search(words)) and not (len(words) < 200 and SAYS_NOTHING.search(words))


def _view(part: Tree) -> Tree:
    """The few fields of a part that say what it is, cut to size, so that no parameter list can take minutes."""
    view = Tree()
    view.set_default_type(part.get_default_type())
    for name, value in part.raw_items():
        lower = name.lower()
        if lower in ("content-type", "content-disposition") and lower not in view:
            raw = str(value)[:HEADER_LIMIT].replace("\0", "").encode("utf-8", "surrogateescape")
            view[lower] = charsets.guess(raw)
    return view


def _name(view: Tree) -> str:
    """An attachment's name as a plain word: no path, no control characters, not too long."""
    given = _guarded(lambda: str(view.get_filename("")), "")
    bare = given.encode("utf-8", "replace").decode("utf-8").replace("\\", "/")
    last = UNSAFE.sub("_", headers.words(bare.rsplit("/", 1)[-1])).strip(" .")
    return last if len(last) <= NAME_LIMIT else f"{last[: NAME_LIMIT - 20]}…{last[-19:]}"


def _guarded(ask: Callable[[], T], otherwise: T) -> T:
    try:
        return ask()
    except TROUBLE:
        return otherwise
