"""The sender's own words: without quoted mail, signature, disclaimer. What is cut is kept beside, never thrown away.

Line by line and in linear time, whatever the text. RFC 3676 (signature mark, quotation depth) and the habits of the
mail programs, whose words stand in mailwords.py.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from .mailwords import FORM_TEXT, MailWords, mail_words
from .words import fold

DATED = re.compile(r"\d{1,2}[.:/]\s?\d{1,2}|\b(?:19|20)\d\d\b")
WHOLE_DATE = re.compile(r"@|\b(?:19|20)\d\d\b|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d")
GREETED = 7
"""So many words are no line of a signature."""
SIGNATURE_LINES = 12
DISCLAIMER_LIMIT = 2_000
DISCLAIMER_SIGNS = 3
LONGEST = 400
ENDS = frozenset(".,!?)")
"""What a sentence ends in, and no line that announces a quotation."""
HEAD, TAIL = 120_000, 20_000
"""So many characters of a mail are taken apart, from its beginning and from its end."""
HEAD_LINES, MOST_LINES = 2_000, 2_500
OWN_HEAD, OWN_TAIL = 12_000, 4_000
"""So many of the sender's own words are looked at: five pages. A letter has one."""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A mail handed on inside the text: who is said to have written it, when (in its words), about what."""

    sender: str
    date: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class NewText:
    """`own`: the sender's new words; `cut`: everything else, in order; `forwarded`: a mail handed on, or None.

    `skipped`: how many characters in the middle were not looked at, because there are too many for a letter.
    """

    own: str
    cut: str = ""
    forwarded: Forwarded | None = None
    skipped: int = 0


@dataclass(slots=True)
class _Pile:
    """Lines sorted into kept and cut."""

    own: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Page:
    """The lines of a mail, and what is asked of each of them again and again, found out once.

    `marked`: those that begin with >. `colons`: those that end in one.
    """

    words: MailWords
    lines: Sequence[str]
    marked: Sequence[bool]
    colons: Sequence[bool]

    def above(self, end: int) -> "_Page":
        """The same without what stands from this line on."""
        return _Page(self.words, self.lines[:end], self.marked[:end], self.colons[:end])

    def disclaims(self) -> bool:
        """Whether there are words enough for a disclaimer at all, wherever they stand."""
        text = fold(" ".join(self.lines))
        return sum(word in text for word in self.words.disclaimer_words) >= DISCLAIMER_SIGNS


def _page(lines: Sequence[str], words: MailWords) -> _Page:
    marked = [line.lstrip().startswith(">") for line in lines]
    return _Page(words, lines, marked, [line.rstrip().endswith(":") for line in lines])


def split(text: str, *, forwarding: bool = False, words: MailWords | None = None) -> NewText:
    """Parts the sender's own words from the rest; `forwarding`: the subject says that a mail is handed on.

    `words` are those of mail programs; by default those that are shipped.
    """
    return _split(text, forwarding, words or mail_words())


@lru_cache(maxsize=4)  # one message is asked about more than once before the next comes
def _split(text: str, forwarding: bool, words: MailWords) -> NewText:
    whole, skipped = shortened(text, HEAD, TAIL)
    lines = whole.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MOST_LINES:
        skipped += sum(map(len, lines[HEAD_LINES : HEAD_LINES - MOST_LINES]))
        lines = [*lines[:HEAD_LINES], "", *lines[HEAD_LINES - MOST_LINES :]]
    page = _page(lines, words)
    start, kind = _boundary(page)
    end = start
    while end and not lines[end - 1].strip(" \t_-=*"):
        end -= 1
    pile = _sort(page.above(end))
    forwarded = None
    if kind == "forward" or (kind == "block" and (forwarding or not _written(pile))):
        forwarded = _forwarded(words, lines[start:])
    own, more = shortened(re.sub(r"\n{3,}", "\n\n", "\n".join(pile.own).strip()), OWN_HEAD, OWN_TAIL)
    cut = "\n".join((*pile.cut, *lines[end:])).strip()
    return NewText(own, cut, forwarded, skipped + more)


def shortened(text: str, head: int, tail: int) -> tuple[str, int]:
    """(the beginning and the end of a text that is too long, cut between words; how much is left out between)."""
    if len(text) <= head + tail:
        return text, 0
    first, last = text[:head], text[-tail:]
    first = first[: max(first.rfind(" "), first.rfind("\n"))] if any(c.isspace() for c in first[head // 2 :]) else first
    kept = f"{first.rstrip()}\n\n{last.lstrip()}"
    return kept, len(text) - len(first) - len(last)


def _written(pile: _Pile) -> bool:
    return any(line.strip(" \t_-*>") for line in pile.own)


def _boundary(page: _Page) -> tuple[int, str]:
    """Where a quotation begins that runs to the end of the mail, and of which sort it is."""
    for at, line in enumerate(page.lines):
        if page.marked[at] or len(line) > LONGEST or not line.strip():
            continue
        if sort := _separator(page.words, line.strip()):
            return at, sort
        if _is_block(page, at):
            return at, "block"
        if _signed(page, at, _attribution(page, at)) and not _quoted_below(page, at):
            return at, "reply"
    return len(page.lines), ""


def _separator(w: MailWords, line: str) -> str:
    """A line like "---- Original Message ----" or "Begin forwarded message:"; "" when it is none."""
    head, tail = fold(line[0]), fold(line[-1])
    if head[:1].isalnum() and (tail[-1:].isalnum() or tail in ENDS):
        return ""
    bare = fold(line)
    framed = bare.startswith(("--", "==", "__", "––"))
    if not framed and not bare.endswith(":"):
        return ""
    words = bare.strip("-–—_=* :")
    if words.startswith(w.forwarded):
        return "forward"
    return "block" if framed and words.startswith(w.original) else ""


def _label(line: str) -> str:
    """The word before the colon of "Da: Marta", folded; "" when there is none."""
    head, colon, after = line[:60].strip(" \t*_").partition(":")
    return fold(head.strip(" *_")) if colon and 0 < len(head) <= 26 and after[:1] in " \t*_" else ""


def _header(w: MailWords, line: str) -> str:
    """Which quoted header this line is ("from", "date", "to", "subject"), or ""."""
    return w.headers.get(_label(line), "")


def _is_block(page: _Page, at: int) -> bool:
    """From, a date, and To or Subject, one under the other: a quoted header, and not the labels of a web form."""
    if _header(page.words, page.lines[at]) != "from":
        return False
    seen = {"from"}
    for line in page.lines[at + 1 : at + 9]:
        if _label(line) in FORM_TEXT:
            return False
        if not line.strip() and len(seen) > 1:
            break
        seen.add(_header(page.words, line))
    return "date" in seen and bool(seen & {"to", "subject"})


def _attribution(page: _Page, at: int) -> int:
    """How many lines (up to three) say "On Monday at 9:12 Marta wrote:"; 0 when these do not."""
    if not any(page.colons[at : at + 3]):
        return 0
    joined = ""
    for count, line in enumerate(page.lines[at : at + 3], start=1):
        if not line.strip() or page.marked[at + count - 1] or len(line) > LONGEST:
            return 0
        joined += " " + fold(line.strip())
        if joined.endswith(":"):
            told = f"{joined} ".replace("(", " (").replace(":", " ")
            return count if DATED.search(joined) and any(f" {word} " in told for word in page.words.wrote) else 0
    return 0


def _signed(page: _Page, at: int, count: int) -> bool:
    """Whether an attribution of so many lines names a whole date or an address, so that it needs no > below."""
    return bool(count) and bool(WHOLE_DATE.search(" ".join(page.lines[at : at + count])))


def _quoted_below(page: _Page, at: int) -> bool:
    """Whether the next written lines below are marked with >, so that only those need be cut."""
    if not any(page.marked[at + 1 : at + 6]):
        return False
    start = at + max(_attribution(page, at), 1)
    return any(page.marked[start : start + 3])


def _sort(page: _Page) -> _Pile:
    """Takes quoted lines, attributions, signature, disclaimers and telephone lines out of the sender's text."""
    pile, at, disclaims = _Pile(), 0, page.disclaims()
    while at < len(page.lines):
        line = page.lines[at]
        taken = _cut_here(page, at, disclaims)
        if taken:
            pile.cut += page.lines[at : at + taken]
            at += taken
        else:
            pile.own.append(line)
            at += 1
    return pile


def _cut_here(page: _Page, at: int, disclaims: bool) -> int:
    """How many lines from here on are not the sender's words."""
    w, lines, line = page.words, page.lines, page.lines[at]
    if page.marked[at]:
        return 1
    if line.rstrip() in ("--", "—", "–") or line == "-- ":
        return _until_postscript(w, lines, at)
    if not line.strip():
        return 0
    start = fold(line.strip(" \t*_")[:60])
    if start.startswith(w.sent_from) and len(line) < 120:
        return 1
    if start.startswith(w.disclaimers) and len(line) > 40:
        return _paragraph(lines, at)
    if disclaims and (taken := _disclaimer(w, lines, at)) > 0:
        return taken
    if start.startswith(w.closings) and len(line.split()) <= 7 and not _greets(lines, at):
        return _closing(w, lines, at)
    return _attribution(page, at) if _quoted_below(page, at) else 0


def _paragraph(lines: Sequence[str], at: int) -> int:
    end = at
    while end < len(lines) and lines[end].strip():
        end += 1
    return end - at


def _disclaimer(w: MailWords, lines: Sequence[str], at: int) -> int:
    """A paragraph that begins here and speaks of errors, senders and recipients; 0 when it does not."""
    if at and lines[at - 1].strip():
        return 0
    size = _paragraph(lines, at)
    text = fold(" ".join(lines[at : at + size])[:DISCLAIMER_LIMIT])
    return size if sum(word in text for word in w.disclaimer_words) >= DISCLAIMER_SIGNS else 0


def _until_postscript(w: MailWords, lines: Sequence[str], at: int) -> int:
    end = at + 1
    while end < len(lines) and not fold(lines[end].strip()[:8]).startswith(w.postscript):
        end += 1
    return end - at


def _greets(lines: Sequence[str], at: int) -> bool:
    """A formula above all text, with sentences below it, greets ("Zdravím Petře,")."""
    top = not any(line.strip() for line in lines[:at])
    return top and any(len(line.split()) > GREETED for line in lines[at + 1 :] if not line.startswith(">"))


def _closing(w: MailWords, lines: Sequence[str], at: int) -> int:
    """A closing formula and the few short lines under it; 0 when text goes on below."""
    end, seen = at + 1, 0
    while end < len(lines):
        line = lines[end].strip()
        if line.startswith(">") or line in ("--", "—") or fold(line[:8]).startswith(w.postscript):
            break
        seen += bool(line)
        if seen > SIGNATURE_LINES:
            return 0
        if len(line) > 120 or "?" in line:
            return _paragraph(lines, at)
        end += 1
    return end - at


def _forwarded(w: MailWords, lines: Sequence[str]) -> Forwarded:
    """The mail that stands below a separator or begins with a quoted header."""
    below = [line for line in lines if line.strip()]
    if below[1:] and sum(line.lstrip().startswith(">") for line in below[1:]) * 2 > len(below) - 1:
        lines = [re.sub(r"^\s*> ?", "", line) for line in lines]
    at = next((n for n, line in enumerate(lines[:8]) if _header(w, line) in ("from", "date", "to", "subject")), 0)
    found: dict[str, str] = {}
    name = ""
    while at < len(lines) and lines[at].strip():
        if name := _header(w, lines[at]):
            found.setdefault(name, lines[at].split(":", 1)[1].strip(" *\t"))
        elif not found or (not lines[at].startswith((" ", "\t")) and len(found) >= 3):
            break
        at += 1
    text = "\n".join(lines[at:] if found else lines[1:]).strip()
    return Forwarded(found.get("from", ""), found.get("date", ""), found.get("subject", ""), text)
