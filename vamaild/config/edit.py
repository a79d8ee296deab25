"""Writes single values into one table of a TOML file that a person wrote; every other byte stays as it is.

Nothing here is trusted: what comes out is read again, and must say what went in and nothing else, or it is not used.
"""

import codecs
import re
import tomllib
from collections.abc import Mapping, Sequence

from .locate import locate

Value = str | Sequence[str]
LONGEST_VALUE = 200  # lines
KEY = re.compile(r"(?P<key>[ \t]*[\w\"'-]+[ \t]*=[ \t]*)")


def written(value: Value) -> str:
    """A value as it is written in TOML; only plain texts and addresses are written here."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return "[" + ", ".join(written(v) for v in value) + "]"


def lines_of(table: str, values: Mapping[str, Value]) -> list[str]:
    """The table as a person would write it."""
    width = max(map(len, values), default=0)
    return [f"[{table}]", *(f"{key:<{width}} = {written(value)}" for key, value in values.items())]


def with_values(raw: bytes, table: str, values: Mapping[str, Value], after: str) -> bytes | None:
    """The file with these values in this table; a new table stands after the table `after`, or at the end.

    None when that cannot be done without touching anything else (faulty, mixed line ends, all in one line).
    """
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    try:
        text = raw[len(mark) :].decode()
        before = tomllib.loads(text)
    except ValueError:  # no UTF-8, or no TOML
        return None
    if text.count("\r\n") not in (0, text.count("\n")):
        return None
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    edited = _edited(lines, before, table, values, after)
    new = end.join(edited) if edited is not None else None
    if new is None or not _only_that(before, new, table, values):
        return None
    return mark + new.encode()


def _only_that(before: Mapping[str, object], new: str, table: str, values: Mapping[str, Value]) -> bool:
    """Whether the new text says the same as the old one but for these values."""
    try:
        after = tomllib.loads(new)
    except tomllib.TOMLDecodeError:
        return False
    old = before.get(table, {})
    wanted = {k: v if isinstance(v, str) else list(v) for k, v in values.items()}
    return isinstance(old, dict) and after == {**before, table: {**old, **wanted}}


def _edited(
    lines: list[str], before: Mapping[str, object], table: str, values: Mapping[str, Value], after: str
) -> list[str] | None:
    numbers = locate("\n".join(lines)).numbers
    if table not in before:
        keys = [n - 1 for path, n in numbers.items() if path[0] == after and len(path) == 2]
        last = _value_end(lines, max(keys)) if keys else len(lines) - 1
        return _added(lines, last, lines_of(table, values))
    head = numbers[(table,)] - 1
    if not re.match(rf"[ \t]*\[[ \t]*[\"']?{re.escape(table)}[\"']?[ \t]*\]", lines[head]):
        return None
    spots = {key: numbers[(table, key)] - 1 for key in values if (table, key) in numbers}
    new = list(lines)
    for key in sorted(spots, key=spots.__getitem__, reverse=True):
        new = _replaced(new, spots[key], values[key])
    missing = {key: value for key, value in values.items() if key not in spots}
    return new[: head + 1] + lines_of(table, missing)[1:] + new[head + 1 :]


def _added(lines: list[str], last: int, table: list[str]) -> list[str]:
    """The lines with a new table after this one."""
    while last > 0 and not lines[last].strip():
        last -= 1
    return [*lines[: last + 1], "", *table, *(lines[last + 1 :] or [""])]


def _value_end(lines: list[str], start: int) -> int:
    """The line in which the value ends that begins in this one."""
    for end in range(start, min(start + LONGEST_VALUE, len(lines))):
        if _parses("\n".join(lines[start : end + 1])):
            return end
    return start


def _parses(text: str) -> dict[str, object]:
    """The data of a piece of TOML; empty when it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _replaced(lines: list[str], spot: int, value: Value) -> list[str]:
    """The lines with another value for the key in this line; what stands behind the value stays, in its column."""
    end = _value_end(lines, spot)
    whole = "\n".join(lines[spot : end + 1])
    old = _parses(whole)
    key = KEY.match(whole)
    if not key or list(old.values()) == [value if isinstance(value, str) else list(value)]:
        return lines
    remark = next(
        (whole[m.start() :] for m in re.finditer(r"[ \t]*#", whole) if _parses(whole[: m.start()]) == old), ""
    )
    if "\n" in remark:
        remark = ""
    stated = key["key"] + written(value)
    comment = remark.lstrip()
    column = len(whole) - len(comment)
    new = (
        f"{stated:<{column}}{comment}"
        if comment and len(stated) < column
        else stated + (f"  {comment}" * bool(comment))
    )
    return [*lines[:spot], new, *lines[end + 1 :]]
