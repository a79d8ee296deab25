"""Nothing of a mail becomes markup, and everything is as short as it was told to be."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.markup import Html, clip, document, lines, put, tag
from vamaild.core.visit import HEADERS, POLICY, STYLE_HASH, Visit, same_origin

BASE = "https://help.va.example"


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (put("a<b>", Html("<i>"), "\"&'"), "a&lt;b&gt;<i>&quot;&amp;&#x27;"),
        (tag("p", "x", class_="m"), '<p class="m">x</p>'),
        (tag("button", "x", name="do", value='"><b>'), '<button name="do" value="&quot;&gt;&lt;b&gt;">x</button>'),
        (tag("p", tag("b", "<"), " >"), "<p><b>&lt;</b> &gt;</p>"),
        (lines(("", Html("<p>"), "", "<")), "<p>&lt;"),
        (put(), ""),
    ],
)
def test_what_is_no_markup_of_ours_is_escaped(made: Html, text: str) -> None:
    assert (made, type(made)) == (text, Html)


@given(st.text())
def test_a_text_is_read_back_as_it_was(text: str) -> None:
    inside = tag("p", text, title=text)
    assert re.fullmatch(r'<p title="[^"<>]*">[^<>]*</p>', inside)
    assert html.unescape(put(text)).replace("\r", "\n") == html.unescape(html.escape(text)).replace("\r", "\n")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(3, 60))
def test_a_text_is_cut_to_its_size_in_the_page(text: str, size: int) -> None:
    cut = clip(text, size)
    assert len(put(cut).encode()) <= size
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))
    assert cut == text if len(put(text).encode()) <= size else cut != text


def test_half_a_surrogate_pair_breaks_no_page() -> None:
    assert clip("a\udce9b", 10) == "a\udce9b"
    assert document("it", "x\udce9", "y").encode("utf-8", "replace")


def test_the_policy_allows_this_style_and_nothing_else() -> None:
    assert f"'sha256-{STYLE_HASH}'" in POLICY
    assert "default-src 'none'" in POLICY
    assert "frame-ancestors 'none'" in POLICY
    assert not re.search(r"unsafe|\*|https?:|script-src", POLICY)
    page = document("cs", "<", "a&b")
    assert page.startswith("<!doctype html>")
    assert "<title>&lt;</title>" in page
    assert not re.search(r"<script|src=|href=|@import|url\(", page)
    assert (HEADERS["Referrer-Policy"], HEADERS["Cache-Control"]) == ("no-referrer", "no-store")


@pytest.mark.parametrize(
    ("origin", "site", "ours"),
    [
        ("", "", True),
        (BASE, "", True),
        ("null", "", True),
        ("null", "same-origin", True),
        ("https://evil.example", "same-origin", True),  # a proxy may hide the name; the browser knows better
        ("https://evil.example", "", False),
        (f"{BASE}:8443", "", False),
        ("null", "cross-site", False),
        (BASE, "cross-site", False),
        (BASE, "same-site", False),
        ("", "none", False),
    ],
)
def test_who_sent_a_form(origin: str, site: str, ours: bool) -> None:
    assert same_origin(Visit("POST", "/", origin=origin, fetch_site=site), BASE) is ours
