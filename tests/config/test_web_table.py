"""[web]: off when left out; on this machine only; people reach it over https."""

import pytest

from tests.config.make import MAIN, TOOLS, good, sources
from vamaild.config.load import load
from vamaild.config.schema.values import listen, page_url


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("127.0.0.1:8025", ("127.0.0.1", 8025)),
        ("[::1]:80", ("::1", 80)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_where_the_proxy_reaches_it(value: str, found: tuple[str, int]) -> None:
    assert listen(value) == found


@pytest.mark.parametrize(
    "value", ["0.0.0.0:8025", "192.168.1.5:80", ":8025", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "x:1", 8025,
              None, "127.0.0.1:８０", "127.0.0.1:80 "],
)  # fmt: skip
def test_it_never_looks_out_of_this_machine(value: object) -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:8025"):
        listen(value)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("https://help.example.com", "https://help.example.com"),
        ("https://help.example.com:8443/va/", "https://help.example.com:8443/va"),
        ("http://127.0.0.1:8025", "http://127.0.0.1:8025"),
    ],
)
def test_where_people_reach_it(value: str, found: str) -> None:
    assert page_url(value) == found


@pytest.mark.parametrize(
    "value", ["http://help.example.com", "help.example.com", "https://", "ftp://x", "https://u:p@x.example", "https://x/?a",
              "https://x/#a", "https://x:99999", "https://pomoc.příklad", "", 5, None, "https://[::1"],
)  # fmt: skip
def test_no_other_address_goes_into_a_link(value: object) -> None:
    with pytest.raises(ValueError, match="the address people open"):
        page_url(value)


def test_it_is_off_unless_it_is_set() -> None:
    settings = load(good(), TOOLS).settings
    assert settings is not None
    assert settings.web is None


def test_it_is_read() -> None:
    settings = load(sources(main=MAIN + '\n[web]\nurl = "https://help.example.com/"\n'), TOOLS).settings
    assert settings is not None
    assert settings.web is not None
    assert (settings.web.url, settings.web.host, settings.web.port) == ("https://help.example.com", "127.0.0.1", 8025)
