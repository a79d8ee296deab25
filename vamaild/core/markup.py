"""HTML in which nothing of a mail can be anything but text: whatever is no Html already is escaped."""

import html
from collections.abc import Iterable
from itertools import accumulate

from .visit import STYLE


class Html(str):
    """Markup that was written here."""

    __slots__ = ()


BREAK = Html("<br>")


def put(*parts: str) -> Html:
    """The parts in a row; plain texts are escaped."""
    return Html("".join(p if isinstance(p, Html) else html.escape(p) for p in parts))


def tag(name: str, /, *parts: str, **attributes: str) -> Html:
    """An element; a trailing _ of an attribute's name is dropped (class_)."""
    given = "".join(f' {key.rstrip("_")}="{html.escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{given}>{put(*parts)}</{name}>")


def lines(parts: Iterable[str]) -> Html:
    """Those that are not empty, one after the other."""
    return put(*(p for p in parts if p))


def clip(text: str, size: int) -> str:
    """As much of the text as takes `size` bytes in the page, escaped and in UTF-8; cut at the end with "…"."""
    sizes = [len(html.escape(letter).encode("utf-8", "replace")) for letter in text]
    if sum(sizes) <= size:
        return text
    fitting = next(n for n, used in enumerate(accumulate(sizes)) if used > size - 3)
    return text[:fitting].rstrip() + "…"


def document(language: str, title: str, *body: str) -> str:
    """A whole page. It loads nothing, and its only style is the one the headers allow."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{put(title)}</title><style>{STYLE}</style>'
    )
    return f'<!doctype html><html lang="{put(language)}"><head>{head}</head><body>{put(*body)}</body></html>'
