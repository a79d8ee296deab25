"""What comes to the page and what goes back, as plain values: the web server and its library stay outside.

Every answer carries the same strict headers. Nothing is stored by a browser, nothing is loaded from anywhere, no script
runs, no other page may frame this one, and no address with its token goes anywhere else (Referrer-Policy). The one
style sheet is allowed by its hash (CSP level 2).
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

URL_LIMIT, BODY_LIMIT, FIELDS_LIMIT = 400, 1_000, 5
STYLE = (
    ":root{color-scheme:light dark;--m:#5b6472;--l:#c3cad4;--b:#1f5ea8;--t:#1b5bb0}"
    "@media(prefers-color-scheme:dark){:root{--m:#a0a9b8;--l:#4a5361;--b:#2a6cbd;--t:#8ab8f5}}"
    "body{font:17px/1.45 system-ui,sans-serif;margin:0 auto;padding:18px;max-width:34rem;overflow-wrap:anywhere}"
    "h1{font-size:22px;line-height:1.25;margin:.1em 0 .5em}p,li{margin:.55em 0}.m,small{color:var(--m);font-size:15px}"
    "blockquote{margin:.8em 0;padding:.1em 0 .1em .8em;border-left:3px solid var(--l);white-space:pre-line}"
    ".s{padding:.6em .8em;border:1px solid var(--l);border-radius:10px}a{color:var(--t)}"
    "button{display:block;width:100%;padding:15px;margin:10px 0;font:inherit;font-weight:600;text-align:left;"
    "border:1px solid var(--t);border-radius:10px;background:none;color:inherit}"
    "button small{display:block;font-weight:400}.p,.p small{background:var(--b);border-color:var(--b);color:#fff}"
    "button:focus-visible,summary:focus-visible{outline:3px solid var(--t);outline-offset:2px}"
    "details{margin-top:14px}summary{cursor:pointer;padding:6px 0}ul{padding:0;list-style:none}"
)
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. `path` is decoded; `query` and `form` hold the first value of each name.

    `languages` are those the browser asks for, the best first; `trouble` is the status of a request that was too
    large or malformed, 0 for none.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""
    fetch_site: str = ""
    languages: Sequence[str] = ()
    trouble: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: a status, a whole HTML page, and where to go on ("" or a reference for Location)."""

    status: int
    html: str = ""
    location: str = ""


class Site(Protocol):
    """Answers every visit; raises nothing."""

    def visit(self, visit: Visit) -> Page: ...


def same_origin(visit: Visit, base: str) -> bool:
    """Whether a browser says that our own page sent this; one that says nothing is believed, the token decides.

    Our pages send no referrer, so that browsers write "null" for their origin (Fetch standard, 3.2).
    """
    if visit.fetch_site:
        return visit.fetch_site == "same-origin"
    return visit.origin in ("", "null", base)
