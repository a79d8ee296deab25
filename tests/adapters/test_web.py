"""HTTP in and out: sizes, forms, languages, and the strict headers on every answer."""

import asyncio
from collections.abc import Iterable, MutableMapping
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the extra [web] is not installed")

from vamaild.adapters import web
from vamaild.core.visit import BODY_LIMIT, HEADERS, URL_LIMIT, Page, Visit

FORM = (b"content-type", b"application/x-www-form-urlencoded")


class Site:
    """Keeps what came; answers the same page always."""

    def __init__(self, page: Page = Page(200, "<p>ř")) -> None:  # noqa: B008 (frozen)
        self.page, self.visits = page, list[Visit]()

    def visit(self, visit: Visit) -> Page:
        self.visits.append(visit)
        return self.page


def call(
    site: Site,
    method: str = "GET",
    path: str = "/c/x",
    query: bytes = b"",
    headers: Iterable[tuple[bytes, bytes]] = (),
    body: Iterable[bytes | None] = (b"",),
) -> tuple[int, dict[str, str], bytes]:
    """One request; None in `body` is a visitor who goes away."""
    chunks, sent = list(body), list[MutableMapping[str, Any]]()
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query,
        "headers": list(headers), "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 1), "asgi": {},
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        if not chunks:
            await asyncio.sleep(60)
        chunk = chunks.pop(0)
        if chunk is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk, "more_body": bool(chunks) or chunk == b"..."}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(web.App(site)(scope, receive, send))
    if not sent:
        return 0, {}, b""
    got = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], got, b"".join(m.get("body", b"") for m in sent[1:])


@pytest.mark.parametrize("status", [200, 303, 400, 403, 404, 405, 410, 413, 429, 500, 503])
def test_every_answer_has_the_strict_headers(status: int) -> None:
    got, headers, body = call(Site(Page(status, "<p>ř")))
    assert (got, body) == (status, "<p>ř".encode())
    assert {name: headers[name.lower()] for name in HEADERS} == HEADERS
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert not {"set-cookie", "server", "access-control-allow-origin", "etag", "last-modified"} & set(headers)
    assert headers.get("retry-after", "") == ("60" if status in (429, 503) else "")
    assert headers.get("allow", "") == ("GET, HEAD, POST" if status == 405 else "")


def test_where_to_go_on() -> None:
    assert call(Site(Page(303, location="?said=taken")))[1]["location"] == "?said=taken"


def test_head_has_the_headers_and_no_body() -> None:
    site = Site()
    assert call(site, "HEAD")[::2] == (200, b"")
    assert site.visits[0].method == "HEAD"


@pytest.mark.parametrize(
    ("accepted", "languages"),
    [
        (b"cs-CZ,cs;q=0.9,en;q=0.8", ("cs", "en")),
        (b"IT", ("it",)),
        (b"*", ()),
        (b"", ()),
        (b"a,b,c,d,e,f,g", ("a", "b", "c", "d", "e")),
        (b"\xff\xfe;;;,,,-", ("ÿþ",)),
    ],
)
def test_languages(accepted: bytes, languages: tuple[str, ...]) -> None:
    site = Site()
    call(site, headers=[(b"accept-language", accepted)])
    assert site.visits[0].languages == languages


def test_a_form_is_read_and_so_is_who_sent_it() -> None:
    site = Site()
    call(site, "POST", query=b"said=taken&said=closed", body=[b"do=ta", b"ke&do=wait&x="],
         headers=[FORM, (b"origin", b"null"), (b"sec-fetch-site", b"same-origin")])  # fmt: skip
    (visit,) = site.visits
    assert (visit.query, visit.form) == ({"said": "taken"}, {"do": "take", "x": ""})
    assert (visit.origin, visit.fetch_site, visit.trouble) == ("null", "same-origin", 0)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_the_body_of_anything_else_is_not_even_read(method: str) -> None:
    site = Site()
    call(site, method, headers=[FORM], body=[b"do=take"])
    assert site.visits[0].form == {}


@pytest.mark.parametrize(
    ("trouble", "asked"),
    [
        (0, {"query": b"x" * (URL_LIMIT - 4)}),
        (414, {"query": b"x" * (URL_LIMIT - 3)}),
        (414, {"path": "/c/" + "x" * URL_LIMIT}),
        (0, {"method": "POST", "headers": [FORM], "body": [b"x" * BODY_LIMIT]}),
        (413, {"method": "POST", "headers": [FORM], "body": [b"x" * (BODY_LIMIT + 1)]}),
        (413, {"method": "POST", "headers": [FORM], "body": [b"x" * 600] * 1000}),
        (400, {"method": "POST", "headers": [FORM], "body": [b"a=1&b=2&c=3&d=4&e=5&f=6"]}),
        (400, {"method": "POST", "headers": [FORM], "body": [b"do=\xff"]}),
        (400, {"query": b"a=1&b=2&c=3&d=4&e=5&f=6"}),
        (415, {"method": "POST", "body": [b"do=take"]}),
        (415, {"method": "POST", "headers": [(b"content-type", b"application/json")], "body": [b"{}"]}),
        (415, {"method": "POST", "headers": [(b"content-type", b"multipart/form-data; boundary=x")]}),
        (0, {"method": "POST", "headers": [(b"content-type", b"Application/X-WWW-Form-URLencoded; charset=utf-8")]}),
    ],
)
def test_what_is_too_much_is_not_read_on(trouble: int, asked: dict[str, Any]) -> None:
    site = Site()
    call(site, **asked)
    (visit,) = site.visits
    assert visit.trouble == trouble
    assert not trouble or not visit.form


def test_who_sends_too_slowly_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "SECONDS_TO_SEND_A_FORM", 0.01)
    site = Site()
    call(site, "POST", headers=[FORM], body=[b"..."])
    assert site.visits[0].trouble == 408


def test_who_goes_away_gets_nothing() -> None:
    site = Site()
    assert call(site, "POST", headers=[FORM], body=[b"...", None])[0] == 0
    assert site.visits == []


def test_no_other_protocol() -> None:
    async def never(*about: object) -> Any:
        raise AssertionError

    asyncio.run(web.App(Site())({"type": "websocket"}, never, never))
