"""Addresses of header lines: whatever stands there, an answer comes back."""

import pytest

from vamaild.core.route import addresses


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Anna <anna@x.example>", ("anna@x.example",)),
        ("ANNA@X.example, b@y.example", ("anna@x.example", "b@y.example")),
        ("a@x.example b@y.example", ("a@x.example", "b@y.example")),
        pytest.param("(" * 10_000, (), id="comments within comments"),
        pytest.param("a:" * 6_000, (), id="groups within groups"),
        pytest.param('"' * 4_001, (), id="quotes"),
        ("", ()),
    ],
)
def test_addresses_of_a_line(line: str, found: tuple[str, ...]) -> None:
    assert addresses(line) == found


@pytest.mark.parametrize("count", [1, 40, 100])
def test_a_long_line_of_addresses_is_read_like_a_short_one(count: int) -> None:
    named = tuple(f"a{n}@x.example" for n in range(count))
    line = ", ".join(f"A {n} <A{n}@x.example>" for n in range(count))
    assert addresses(line) == addresses(line) == named
