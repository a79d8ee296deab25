"""Authentication-Results as servers write them, as others forge them, and as nobody should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bounds import within
from vamaild.adapters.auth import LONGEST, authenticate
from vamaild.core.case import UNKNOWN, Authentication

OURS = ("mx.example",)
GOOGLE = (
    "mx.google.com;\r\n       dkim=pass header.i=@customer.example header.s=a header.b=AbC12;\r\n"
    "       spf=pass (google.com: domain of carla@customer.example designates 192.0.2.1 as permitted sender)"
    " smtp.mailfrom=carla@customer.example;\r\n       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=customer.example"
)
MICROSOFT = (
    "spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=customer.example; dkim=pass (signature was verified)\r\n"
    " header.d=customer.example;dmarc={} action=none\r\n header.from=Customer.example;compauth=pass reason=100"
)

CASES = [
    ("google", GOOGLE, ("mx.google.com",), Authentication("pass", "customer.example")),
    (
        "fail",
        "mx.example; dmarc=fail (p=reject) header.from=Customer.EXAMPLE",
        OURS,
        Authentication("fail", "customer.example"),
    ),
    ("a version", "mx.example 1; dmarc=pass header.from=a.example", OURS, Authentication("pass", "a.example")),
    ("capitals", "MX.Example; DMARC=Pass header.from=a.example", OURS, Authentication("pass", "a.example")),
    ("an address", "mx.example; dmarc=pass header.from=c@a.example", OURS, Authentication("pass", "a.example")),
    ("a comment first", "(x) mx.example; dmarc=pass header.from=a.example", OURS, Authentication("pass", "a.example")),
    ("no policy", "mx.example; dmarc=none header.from=a.example", OURS, UNKNOWN),
    ("an error", "mx.example; dmarc=temperror header.from=a.example", OURS, UNKNOWN),
    ("no dmarc", "mx.example; spf=fail smtp.mailfrom=a.example", OURS, UNKNOWN),
    ("none", "mx.example; none", OURS, UNKNOWN),
    (
        "pass and fail",
        "mx.example; dmarc=pass header.from=a.example; dmarc=fail header.from=b.example",
        OURS,
        Authentication("fail", "b.example"),
    ),
    ("two domains", "mx.example; dmarc=pass header.from=a.example; dmarc=pass header.from=b.example", OURS, UNKNOWN),
    ("another server", "mx.evil.example; dmarc=pass header.from=a.example", OURS, UNKNOWN),
    ("a longer name", "mx.example.evil.example; dmarc=pass header.from=a.example", OURS, UNKNOWN),
    ("a shorter name", "example; dmarc=pass header.from=a.example", OURS, UNKNOWN),
    ("name in a comment", "evil.example (mx.example); dmarc=pass header.from=a.example", OURS, UNKNOWN),
    (
        "result in a comment",
        "mx.example; spf=pass (; dmarc=pass header.from=a.example) smtp.mailfrom=a.example",
        OURS,
        UNKNOWN,
    ),
    ("microsoft", MICROSOFT.format("pass"), ("microsoft",), Authentication("pass", "customer.example")),
    ("microsoft, failed", MICROSOFT.format("fail"), ("microsoft",), Authentication("fail", "customer.example")),
    ("microsoft, guessed", MICROSOFT.format("bestguesspass"), ("microsoft",), UNKNOWN),
    ("microsoft, not configured", MICROSOFT.format("pass"), OURS, UNKNOWN),
    (
        "a name where microsoft writes none",
        "mx.evil.example; dmarc=pass header.from=a.example",
        ("microsoft",),
        UNKNOWN,
    ),
    (
        "a name and what authres refuses",
        "evil.example; dmarc=pass action=none header.from=a.example;;",
        ("microsoft",),
        UNKNOWN,
    ),
    ("nobody trusted", GOOGLE, (), UNKNOWN),
    ("empty", "", OURS, UNKNOWN),
    ("too long", "mx.example; dmarc=fail header.from=a.example" + " " * LONGEST, OURS, UNKNOWN),
]


@pytest.mark.parametrize(("name", "value", "servers", "want"), CASES, ids=[c[0] for c in CASES])
def test_one_header(name: str, value: str, servers: tuple[str, ...], want: Authentication) -> None:
    assert authenticate([value], servers) == want


def test_only_the_topmost_counts() -> None:
    """A sender writes his own header below ours, with our name on it."""
    ours, his = "mx.example; dmarc=fail header.from=a.example", "mx.example; dmarc=pass header.from=a.example"
    assert authenticate([ours, his], OURS).failed
    assert authenticate(["other.example; none", his], OURS) == UNKNOWN
    assert authenticate([], OURS) == UNKNOWN


HOSTILE = ["(" * 8_000, "mx.example; " + "a" * 8_000, "mx.example;" + " ((" * 2_500, "\\" * 8_000, '"' * 8_000]
HOSTILE += ["mx.example; dmarc=" + "\t \r\n " * 1_500, "mx.example;" + "dmarc=pass;" * 700, "=" + ";" * 8_000]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_headers_cost_no_time(value: str) -> None:
    assert authenticate([value], ("mx.example", "microsoft")) == UNKNOWN or "dmarc=pass" in value
    assert within(0.5, lambda: authenticate([value], ("mx.example", "microsoft")))


PIECES = st.sampled_from(
    ["mx.example", ";", " dmarc=pass", " dmarc=fail", "(", ")", '"', "\\", " header.from=a", "=", "\x00", "1", "é"]
)


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=20).map("".join)), st.booleans())
def test_nothing_raises(value: str, microsoft: bool) -> None:
    found = authenticate([value], ("mx.example", "microsoft") if microsoft else OURS)
    assert found.dmarc in ("", "pass", "fail")
