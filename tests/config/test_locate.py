"""Every key of a file is found at its line, whatever stands between."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.make import GOOD
from vamaild.config.locate import locate, repeated

TEXT = '''\
# a comment with key = "value"
top = 1
[client]
id = "rossi"   # id = 2

"quoted key" = 'x'
when.says = [
  "one",   # a comment, with ] and "
  "two",
]
when.from = ["x"]
answer.it = """
[not.a.table]
key = 1
"""
after = 2
[[rush.tier]]
percent = 1
[[rush.tier]]
percent = 2
  [rush.tier.more]
  deep = { a = 1, b = { c = [1, 2] } }
[ spaced . name ]
x = '[[fake]]'
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("client",), 3),
        (("client", "id"), 4),
        (("client", "quoted key"), 6),
        (("client", "when"), 7),
        (("client", "when", "says"), 7),
        (("client", "when", "says", 0), 8),
        (("client", "when", "says", 1), 9),
        (("client", "when", "from"), 11),
        (("client", "answer", "it"), 12),
        (("client", "after"), 16),
        (("rush", "tier"), 17),
        (("rush", "tier", 0), 17),
        (("rush", "tier", 0, "percent"), 18),
        (("rush", "tier", 1), 19),
        (("rush", "tier", 1, "percent"), 20),
        (("rush", "tier", 1, "more"), 21),
        (("rush", "tier", 1, "more", "deep", "b", "c", 1), 22),
        (("spaced", "name"), 23),
        (("spaced", "name", "x"), 24),
    ],
)
def test_each_key_stands_on_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert locate(TEXT).of(path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [(("client", "missing"), 3), (("client", "when", "says", 7), 7), (("nowhere",), 0), ((), 0)],
)
def test_what_is_not_there_is_looked_for_around_it(path: tuple[str | int, ...], line: int) -> None:
    assert locate(TEXT).of(path) == line


def paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        found += [p for key, inner in value.items() for p in paths(inner, (*path, key))]
    if isinstance(value, list):
        found += [p for n, inner in enumerate(value) for p in paths(inner, (*path, n))]
    return found


@pytest.mark.parametrize("file", sorted(GOOD.rglob("*.toml")), ids=lambda p: p.name)
def test_every_path_of_a_real_file_has_its_own_line(file: object) -> None:
    text = file.read_text()  # type: ignore[attr-defined]  # a Path, or what importlib.resources has for one
    lines = locate(text)
    for path in paths(tomllib.loads(text)):
        assert path in lines.numbers, path
        last = path[-1]
        if isinstance(last, str) and path[:-1] != ():
            assert last in lines.shown(lines.numbers[path]), path


KEYS = st.from_regex(r"[a-z]{1,5}", fullmatch=True)
VALUES = st.recursive(
    st.one_of(st.integers(0, 99), st.booleans(), st.text("ab#]}\"' \n", max_size=6)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


def toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[\n" + ",\n".join(toml(v) for v in value) + "\n]"
    if isinstance(value, str):
        return '"' + value.replace('"', '\\"').replace("\n", "\\n") + '"'
    return str(value)


@given(st.dictionaries(KEYS, VALUES, max_size=6), st.lists(st.dictionaries(KEYS, VALUES, max_size=3), max_size=3))
def test_any_file_of_our_form_is_walked_to_its_end(top: dict[str, object], tables: list[dict[str, object]]) -> None:
    text = "".join(f"{k} = {toml(v)}\n" for k, v in top.items())
    for table in tables:
        text += "[[zzzzzz]]\n" + "".join(f"{k} = {toml(v)}\n" for k, v in table.items())
    data, lines = tomllib.loads(text), locate(text)
    for path in paths(data):
        shown = lines.shown(lines.numbers[path])
        if isinstance(path[-1], str) and path != ("zzzzzz",):
            assert shown.startswith(f"{path[-1]} = "), (path, shown)


def test_a_key_that_is_given_twice_is_found() -> None:
    twice = repeated("[a]\nx = 1\n[b]\nx = 1\ny = [\n1]\ny = 2\n")
    assert twice is not None
    assert (twice.key, twice.first, twice.second) == ("y", 5, 7)
    assert repeated("[[a]]\nx = 1\n[[a]]\nx = 2") is None
