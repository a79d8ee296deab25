"""HTML to what a reader sees, and apart from it what a reader does not see (display:none, white on white, comments).

inscriptis does the layout. A scanner in front of it, linear in the size of the text, takes hidden text and comments
out, marks quoted mail, and counts nesting: where the nesting is deeper than the library's parser bears (it then
returns nothing at all), the scanner's own plain text is used instead.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from inscriptis import get_text
from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.model.config import ParserConfig

from vamaild.core.disguises import entities

SIZE_LIMIT = 600_000
DEPTH_LIMIT = 150
LAID_OUT, ELEMENTS_LIMIT = 5_000, 15_000
"""So many elements the library lays out (a long newsletter has 3,000), so many the scanner reads one by one."""
TAG_LIMIT = 4_000
HIDDEN_LIMIT = 20_000

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())  # noqa: SIM905
SKIPPED = frozenset(("script", "style", "head", "title", "noscript", "template", "object", "svg", "textarea", "select"))
RAW = frozenset(("script", "style", "title", "textarea"))
BREAKS = frozenset(
    ("p", "div", "br", "tr", "table", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr", "pre")
)
OPEN_QUOTE, CLOSE_QUOTE = "\ue0f1", "\ue0f2"

MARKUP = re.compile(r"<(?=[A-Za-z/!?])")
TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]{0,30})")
ATTRIBUTE = re.compile(r"([a-zA-Z-]{1,20})\s{0,3}=\s{0,3}(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
NOTHING = re.compile(
    r"display\s?:\s?none|visibility\s?:\s?hidden|mso-hide\s?:\s?all|opacity\s?:\s?0(?:\.0+)?\s?(?:;|!|$)"
    r"|font-size\s?:\s?(?:0(?:\.0+)?(?:px|pt|em|rem|%)?|1(?:\.0+)?px)\s?(?:;|!|$)"
    r"|(?:max-)?height\s?:\s?0(?:px)?\s?;[^\"]*overflow\s?:\s?hidden"
)
WHITE = r"(?:#fff(?:fff)?\b|white\b|rgb\(\s?255\s?,\s?255\s?,\s?255\s?\))"
WHITE_TEXT = re.compile(rf"(?:^|[;\s])color\s?:\s?{WHITE}")
BACKGROUND = re.compile(r"background(?:-color|-image)?\s?:\s?(?!\s*(?:transparent|inherit|none))([^;]+)")
BLANKS = re.compile(r"[ \t\u00a0]+")
UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]+")
"""Characters of no width, hyphens that show only at a line's end, turns of direction: the word goes on behind them."""
QUOTE_CLASS = re.compile(r"quote|cite|moz-|yahoo")


class VisibleText(NamedTuple):
    """What a reader of the page sees, and what stands in it without being seen. Lines end in LF."""

    text: str
    hidden: str


@dataclass(slots=True)
class _Element:
    name: str
    hidden: bool
    quoted: bool
    dark: bool


@dataclass(slots=True)
class _Scan:
    """One pass over the page: `clean` for inscriptis, `plain` in case that fails."""

    clean: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    open: list[_Element] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    deepest: int = 0
    elements: int = 0

    @property
    def unseen(self) -> bool:
        return bool(self.open) and self.open[-1].hidden

    @property
    def skipped(self) -> bool:
        return any(self.counts.get(name) for name in ("script", "style", "head", "title"))

    def write(self, text: str) -> None:
        """Text between tags."""
        if not self.unseen:
            self.clean.append(text.replace("<", "&lt;"))
            self.plain.append(entities(text))
        elif not self.skipped and not text.isspace():
            self.hidden.append(entities(text))

    def enter(self, name: str, attributes: str) -> None:
        """A start tag. Its attributes are looked at here and go no further: a padding of a million is one of them."""
        self.elements += 1
        look = _attributes(attributes)
        outer = self.open[-1] if self.open else _Element("", hidden=False, quoted=False, dark=False)
        dark = outer.dark or _has_background(look)
        hidden = outer.hidden or name in SKIPPED or _is_hidden(look, dark)
        bare = f"<{name}>" if "pre" not in look.get("style", "") else f'<{name} style="white-space:pre">'
        if name in VOID:
            self._void(name, hidden)
            return
        quoted = name == "blockquote" and not hidden and _is_quote(look)
        self.open.append(_Element(name, hidden, quoted, dark))
        self.counts[name] = self.counts.get(name, 0) + 1
        self.deepest = max(self.deepest, len(self.open))
        if not hidden:
            self._mark(name, bare, quoted)

    def _mark(self, name: str, bare: str, quoted: bool) -> None:
        self.clean.append(bare + (f"<p>{OPEN_QUOTE}</p>" if quoted else ""))
        self.plain.append("\n" if name in BREAKS else " " if name in ("td", "th") else "")
        if quoted:
            self.plain.append(f"{OPEN_QUOTE}\n")

    def _void(self, name: str, hidden: bool) -> None:
        if not hidden:
            self.clean.append(f"<{name}>")
            self.plain.append("\n" if name in BREAKS else "")

    def leave(self, name: str) -> None:
        """An end tag; one that closes nothing is dropped, so that it cannot end a hidden part."""
        if not self.counts.get(name):
            return
        while self.open:
            element = self.open.pop()
            self.counts[element.name] -= 1
            if not element.hidden:
                self._unmark(element)
            if element.name == name:
                return

    def _unmark(self, element: _Element) -> None:
        self.clean.append((f"<p>{CLOSE_QUOTE}</p>" if element.quoted else "") + f"</{element.name}>")
        self.plain.append("\n" if element.name in BREAKS else "")
        if element.quoted:
            self.plain.append(f"{CLOSE_QUOTE}\n")


def visible(page: str) -> VisibleText:
    """The text a reader sees and the hidden one. Never raises; what is over 600,000 characters is not read.

    Quoted mail (a marked blockquote) gets "> " before each line, as in a plain-text mail.
    """
    cut = page[:SIZE_LIMIT].replace("\0", "").replace(OPEN_QUOTE, "").replace(CLOSE_QUOTE, "")
    scan = _scan(cut)
    text = _laid_out(scan)
    if not text.strip():
        text = _tidy("".join(scan.plain))
    return VisibleText(_with_quotes(text), _tidy("\n".join(scan.hidden))[:HIDDEN_LIMIT])


def _laid_out(scan: _Scan) -> str:
    if scan.deepest > DEPTH_LIMIT or scan.elements > LAID_OUT:
        return ""
    page = "".join(scan.clean)
    if len(page) > SIZE_LIMIT:  # nothing but escaped marks grows
        return ""
    try:
        return str(get_text(page, ParserConfig(css=STRICT_CSS_PROFILE)))
    except (ValueError, RecursionError, AssertionError, IndexError, KeyError, TypeError, AttributeError):
        # lxml refuses some control characters (ValueError, AssertionError) and inscriptis indexes into odd tables.
        return ""


def _scan(page: str) -> _Scan:
    scan = _Scan()
    at = 0
    while (found := MARKUP.search(page, at)) and scan.elements <= ELEMENTS_LIMIT:
        if found.start() > at:
            scan.write(page[at : found.start()])
        at = _markup(scan, page, found.start())
    rest = re.sub(r"<[^<>]*>", " ", page[at:]) if found else page[at:]
    scan.write(rest)
    return scan


def _markup(scan: _Scan, page: str, start: int) -> int:
    """What begins with "<" at `start`; returns where to go on."""
    if page.startswith("<!--", start):
        return _comment(scan, page, start)
    found = TAG.match(page, start)
    if not found:
        end = page.find(">", start, start + TAG_LIMIT)
        return end + 1 if end >= 0 else start + 2
    end = _tag_end(page, found.end())
    name = found[2].lower()
    if found[1]:
        scan.leave(name)
        return end
    scan.enter(name, page[found.end() : end - 1])
    return _raw_end(scan, page, end, name) if name in RAW else end


def _comment(scan: _Scan, page: str, start: int) -> int:
    """A comment is hidden text, but for Outlook's conditional comments, which hold layout."""
    end = page.find("-->", start + 4)
    body = page[start + 4 : end if end >= 0 else len(page)]
    if not body.lstrip().startswith("[if") and body.strip():
        scan.hidden.append(re.sub(r"<[^<>]{0,500}>", " ", body[:TAG_LIMIT]))
    return end + 3 if end >= 0 else len(page)


def _tag_end(page: str, at: int) -> int:
    """Just behind the ">" of a tag: quoted attribute values may hold one too."""
    limit = min(len(page), at + TAG_LIMIT)
    quote = ""
    for place in range(at, limit):
        c = page[place]
        if quote:
            quote = "" if c == quote else quote
        elif c == ">":
            return place + 1
        elif c in "\"'" and page[place - 1] == "=":
            quote = c
    close = page.find(">", at, limit)
    return close + 1 if close >= 0 else limit


def _raw_end(scan: _Scan, page: str, at: int, name: str) -> int:
    """Script and style hold no tags until their own end tag."""
    end = re.compile(rf"</{name}", re.IGNORECASE).search(page, at)
    if end is None:
        scan.leave(name)
        return len(page)
    return end.start()


@lru_cache(maxsize=1_000)
def _attributes(source: str) -> dict[str, str]:
    if "=" not in source and "hidden" not in source:
        return {}
    found = {m[1].lower(): " ".join(entities(m[2].strip("\"'")).lower().split()) for m in ATTRIBUTE.finditer(source)}
    if re.search(r"(?:^|\s)hidden(?:\s|/|$)", source):
        found["hidden"] = ""
    return found


def _is_hidden(look: dict[str, str], dark: bool) -> bool:
    style = look.get("style", "")
    if "hidden" in look or (style and NOTHING.search(style)):
        return True
    white = look.get("color", "") in ("#fff", "#ffffff", "white") or bool(WHITE_TEXT.search(style))
    return white and not dark


def _has_background(look: dict[str, str]) -> bool:
    """Whether white text could be read on it: any colour but white, or a picture."""
    if look.get("background") or look.get("bgcolor", "#fff") not in ("#fff", "#ffffff", "white", ""):
        return True
    set_to = BACKGROUND.search(look.get("style", ""))
    return set_to is not None and not re.fullmatch(WHITE, set_to[1].replace("!important", "").strip())


def _is_quote(look: dict[str, str]) -> bool:
    return look.get("type") == "cite" or "cite" in look or bool(QUOTE_CLASS.search(look.get("class", "")))


def _with_quotes(text: str) -> str:
    """Turns the marks around quoted mail into "> " before each of its lines."""
    depth = 0
    lines: list[str] = []
    for line in _tidy(text).split("\n"):
        depth += line.count(OPEN_QUOTE)
        bare = line.replace(OPEN_QUOTE, "").replace(CLOSE_QUOTE, "").rstrip()
        if bare or bare == line:
            lines.append("> " * min(depth, 5) + bare if depth and bare else bare)
        depth = max(0, depth - line.count(CLOSE_QUOTE))
    return _tidy("\n".join(lines))


def _tidy(text: str) -> str:
    """No trailing blanks, no wide gaps, at most one empty line in a row."""
    lines = (line.rstrip() for line in BLANKS.sub(" ", UNSEEN.sub("", text)).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
