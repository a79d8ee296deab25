"""HTTP, by way of starlette: a request becomes a Visit, a Page becomes a response. Sizes and times are limited here.

One coroutine at a time answers a visit, in the thread that opened the ledger; only reading the request waits.
"""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..core.visit import BODY_LIMIT, FIELDS_LIMIT, HEADERS, URL_LIMIT, Page, Site, Visit

SECONDS_TO_SEND_A_FORM = 10.0
FORM = "application/x-www-form-urlencoded"
MORE_HEADERS: Mapping[int, dict[str, str]] = {
    405: {"Allow": "GET, HEAD, POST"},
    429: {"Retry-After": "60"},
    503: {"Retry-After": "60"},
}


class _BadRequestError(Exception):
    """A request that is not read any further; its status."""


class App:
    """An ASGI 3 application over a site."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; a visitor who went away gets nothing."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            page = self.site.visit(await _visit(request))
        except ClientDisconnect:
            return
        await _response(request.method, page)(scope, receive, send)


async def _visit(request: Request) -> Visit:
    headers = request.headers
    known = {
        "method": request.method,
        "path": request.scope["path"],
        "origin": headers.get("origin", ""),
        "fetch_site": headers.get("sec-fetch-site", ""),
        "languages": _languages(headers.get("accept-language", "")),
    }
    try:
        _short_enough(request)
        query = _pairs(request.scope["query_string"])
        form = _pairs(await _form(request)) if request.method == "POST" else {}
    except _BadRequestError as bad:
        return Visit(**known, trouble=bad.args[0])
    return Visit(**known, query=query, form=form)


def _short_enough(request: Request) -> None:
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    if len(raw) + len(request.scope["query_string"]) > URL_LIMIT:
        raise _BadRequestError(414)


async def _form(request: Request) -> bytes:
    """The body of a form, cut off where it is too long, or takes too long."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise _BadRequestError(415)
    body = b""
    try:
        async with asyncio.timeout(SECONDS_TO_SEND_A_FORM):
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_LIMIT:
                    raise _BadRequestError(413)
    except TimeoutError:
        raise _BadRequestError(408) from None
    return body


def _pairs(raw: bytes) -> dict[str, str]:
    """Each name with its first value."""
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_LIMIT)
    except ValueError:  # UnicodeDecodeError is one
        raise _BadRequestError(400) from None
    return dict(reversed(pairs))


def _languages(accepted: str) -> tuple[str, ...]:
    """The first few languages a browser names: "cs-CZ,cs;q=0.9" is cs."""
    named = (part.partition(";")[0].strip().partition("-")[0].lower() for part in accepted[:200].split(","))
    return tuple(dict.fromkeys(n for n in named if n.isalpha()))[:5]


def _response(method: str, page: Page) -> Response:
    headers = dict(HEADERS) | MORE_HEADERS.get(page.status, {})
    if page.location:
        headers["Location"] = page.location
    body = b"" if method == "HEAD" else page.html.encode("utf-8", "replace")
    return Response(body, page.status, headers, media_type="text/html")
