"""Values are written into one table of a person's file; every other byte stays, or nothing is written."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vamaild.config.edit import lines_of, with_values, written

VALUES = {"profile": "m365", "groups": ("info@x.example",)}
NEW = '[forwarding]\nprofile = "m365"\ngroups  = ["info@x.example"]\n'
CASES = [
    ("nothing of it", '[client]\nid = "a"\n', '[client]\nid = "a"\n\n' + NEW),
    ("no line end", '[client]\nid = "a"', '[client]\nid = "a"\n\n' + NEW),
    (
        "a list over several lines, and a remark that belongs to what follows",
        '[client]\nid = "a"\nto = [\n  "x@y", # c\n] # d\n\n# people\n[[person]]\n',
        f'[client]\nid = "a"\nto = [\n  "x@y", # c\n] # d\n\n{NEW}\n# people\n[[person]]\n',
    ),
    ("no client", "# only a remark\n", "# only a remark\n\n" + NEW),
    (
        "values with remarks keep their columns",
        '[forwarding] # f\nprofile = "none"        # p\ngroups  = []            # g\nforms = ["a@b"]\n',
        '[forwarding] # f\nprofile = "m365"        # p\ngroups  = ["info@x.example"]  # g\nforms = ["a@b"]\n',
    ),
    ("one is missing", "[forwarding]\nforms = []\nprofile='none'\n", ""),
    ("a sign of a remark within a text", '[forwarding]\nprofile = "no#ne" # x # y\n', ""),
    ("a list over several lines", '[forwarding]\ngroups = [\n "a@b", # one\n]\n# end\n[client]\n', ""),
    ("blanks and quotes", '[ "forwarding" ]\n"profile" = "none"\n', ""),
    ("the header stands in a text too", '[client]\nx = """\n[forwarding]\nprofile = "none"\n"""\n[forwarding]\n', ""),
    ("already so", NEW, NEW),
]


@pytest.mark.parametrize(("name", "before", "after"), CASES, ids=[c[0] for c in CASES])
def test_only_that_table_changes(name: str, before: str, after: str) -> None:
    for end, mark in (("\n", ""), ("\r\n", ""), ("\n", "\ufeff")):
        raw = (mark + before.replace("\n", end)).encode()
        found = with_values(raw, "forwarding", VALUES, "client")
        assert found is not None, name
        if after:
            assert found.decode() == mark + (after.replace("\n", end) if "\n" in before else after)
        old, new = (tomllib.loads(x.decode("utf-8-sig")) for x in (raw, found))
        assert new == {**old, "forwarding": {**old.get("forwarding", {}), **VALUES, "groups": ["info@x.example"]}}
        kept = [line for line in raw.splitlines() if b"#" in line and b"a@b" not in line and b"=" not in line]
        assert [line for line in kept if line not in found] == []
        assert found.startswith(mark.encode())


@pytest.mark.parametrize(
    "before",
    [
        b'forwarding = {profile = "none"}\n',
        b'forwarding.profile = "none"\n',
        b"[client\n",
        b"\xff\xfe",
        b"[forwarding]\r\n[client]\n",
        b'[[forwarding]]\nprofile = "none"\n',
        b"forwarding = 1\n",
    ],
)
def test_what_is_written_otherwise_is_left_to_people(before: bytes) -> None:
    assert with_values(before, "forwarding", VALUES, "client") is None


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)


@given(WORDS, st.lists(WORDS, max_size=3), WORDS)
def test_whatever_stands_around_it(profile: str, groups: list[str], other: str) -> None:
    said, rest = written(other), f"# {other}\n"
    raw = f"[client]\nid = {said} {rest}\n[forwarding]\nprofile = {said}   {rest}{rest}"
    found = with_values(raw.encode(), "forwarding", {"profile": profile, "groups": groups}, "client")
    assert found is not None
    assert tomllib.loads(found.decode())["forwarding"] == {"profile": profile, "groups": groups}
    assert found.decode().split("\n")[:3] == raw.split("\n")[:3]
    assert found.decode().split("\n")[-2:] == raw.split("\n")[-2:]


def test_as_a_person_would_write_it() -> None:
    assert "\n".join(lines_of("forwarding", VALUES)) + "\n" == NEW
