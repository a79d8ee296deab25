"""What a line of the journal may and may not hold."""

import base64
import io
import json
import os
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vamaild.adapters.journal import address_code, escape, open_journal, to_journal

NOW = datetime(2026, 12, 3, 9, 52, 2, 5_000, tzinfo=UTC)
KEY = b"a key of this installation"
PHONE, URL, PASSWORD = "+420 603 111 222", "https://ntfy.example/novak-7f3a9c1b2e", "Žluťoučký kůň"
SECRETS = (PHONE, URL, PASSWORD, "abc")


def written(said: str, *, level: str = "info", options: dict[str, Any] | None = None, **fields: Any) -> str:
    stream = io.StringIO()
    settings: dict[str, Any] = {"now": lambda: NOW, "key": KEY, "secrets": SECRETS, "zone": ZoneInfo("Europe/Prague")}
    journal = open_journal(stream, **settings | (options or {}))
    getattr(journal, level)(said, **fields)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("said", "level", "fields", "line"),
    [
        ("ready: 6 clients, 4 send", "info", {}, "2026-12-03 10:52:02 ready: 6 clients, 4 send\n"),
        (
            "",
            "info",
            {"case": "6HRV", "client": "novak", "kind": "rush-request", "reply": "vacation-second", "wait": "4m"},
            "2026-12-03 10:52:02 case=6HRV client=novak kind=rush-request reply=vacation-second wait=4m\n",
        ),
        ("disk", "error", {"free": 0, "ok": False}, "2026-12-03 10:52:02 error: disk free=0 ok=false\n"),
        ("old rules", "warning", {"file": "a b"}, '2026-12-03 10:52:02 warning: old rules file="a b"\n'),
        ("", "info", {"x": ""}, '2026-12-03 10:52:02 x=""\n'),
        ("", "info", {"x": 'k="v"'}, '2026-12-03 10:52:02 x="k=\\"v\\""\n'),
        ("", "debug", {"x": 1}, ""),
    ],
)
def test_a_line_for_a_person(said: str, level: str, fields: dict[str, Any], line: str) -> None:
    assert written(said, level=level, **fields) == line


def test_a_line_for_the_journal() -> None:
    line = written("ready", level="warning", options={"machine": True}, clients=6, names=("a", "b"), odd=float("nan"))
    assert line.endswith("\n")
    assert json.loads(line) == {
        "time": "2026-12-03T09:52:02.005+00:00",
        "clients": 6,
        "names": ["a", "b"],
        "odd": "nan",
        "event": "ready",
        "level": "warning",
    }


@pytest.mark.parametrize("machine", [True, False])
@pytest.mark.parametrize(
    "nasty",
    ["\x1b[2J", "a\r\nb", "\x00", "\x7f", "\x9b31m", "\u202egnp.exe", "\u2028", "\ud800", "\u200b", "\x85"],
    ids=ascii,
)
def test_nothing_acts_on_a_terminal_or_begins_a_line(nasty: str, machine: bool) -> None:
    line = written(f"said {nasty}", options={"machine": machine}, field=nasty, deep={"list": [nasty]}, **{nasty: 1})
    assert line.count("\n") == 1
    assert line[:-1].isprintable()


@given(st.text(max_size=60))
def test_escaped_text_is_printable_and_plain_text_is_left_alone(text: str) -> None:
    assert escape(text).isprintable()
    assert escape(text) == text or not text.isprintable()


def test_addresses_become_stable_codes() -> None:
    code = address_code("eva@shop.example", KEY)
    assert len(code) == 5
    assert code[0] == "p"
    line = written("from Eva@Shop.example", who="eva@shop.example", more=["<eva@shop.example>"], id="<x1@mx.example>")
    assert line.count(code) == 3
    assert "@" not in line
    assert address_code("eva@shop.example", b"another key") != code
    assert len({address_code(f"p{n}@x.example", KEY) for n in range(500)}) > 495


def test_personal_words_stay_out_unless_wanted() -> None:
    fields = {"subject": "Rozvod", "name": "Eva Malá", "who": "eva@shop.example"}
    assert written("", **fields) == f"2026-12-03 10:52:02 who={address_code('eva@shop.example', KEY)}\n"
    open_line = written("", options={"log_addresses": True}, **fields)
    assert open_line == '2026-12-03 10:52:02 subject=Rozvod name="Eva Malá" who=eva@shop.example\n'


@pytest.mark.parametrize("machine", [True, False])
@pytest.mark.parametrize(
    "spelt",
    [
        PHONE,
        "420603111222",
        "+420-603-111-222",
        "+420\n603\u200b111.222",
        "４２０６０３１１１２２２",
        420603111222,
        URL,
        URL.upper(),
        quote(URL, safe=""),
        base64.b64encode(URL.encode()).decode(),
        base64.b64encode(b"x" + URL.encode() + b"yz").decode(),
        base64.b64encode(b"xy" + PHONE.encode()).decode(),
        URL.encode().hex(),
        PASSWORD,
        quote(PASSWORD),
    ],
    ids=ascii,
)
@pytest.mark.parametrize("place", ["event", "field", "name", "deep"])
def test_a_line_with_a_secret_is_withheld_whole(spelt: object, place: str, machine: bool) -> None:
    options = {"machine": machine, "log_addresses": True}
    said = f"sent to {spelt} now" if place == "event" else "sent"
    fields = {"field": {"to": spelt}, "name": {f"k{spelt}": 1}, "deep": {"a": [{"b": (spelt,)}]}}.get(place, {})
    line = written(said, options=options, client="novak", **fields)
    assert "a line was withheld: it held a secret" in line
    assert "novak" not in line
    assert "603" not in line


def test_a_secret_too_short_to_tell_withholds_nothing() -> None:
    assert "abc" in written("abc")


def test_a_long_value_is_cut() -> None:
    assert 2_000 < len(written("", x="y" * 1_000_000)) < 2_100


class Broken(io.StringIO):
    def write(self, _: str) -> int:
        raise OSError("no space left")


def test_a_stream_that_fails_stops_nothing() -> None:
    open_journal(Broken(), now=lambda: NOW, key=KEY).info("x")
    closed = io.StringIO()
    closed.close()
    open_journal(closed, now=lambda: NOW, key=KEY).info("x")


def test_a_stream_without_unicode_gets_what_it_can_take() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    open_journal(stream, now=lambda: NOW, key=KEY).info("Čeká")
    assert raw.getvalue().endswith(b"\\u010cek\\xe1\n")


def test_which_stream_is_systemds() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading), os.fdopen(writing, "w") as stream:
        status = os.fstat(stream.fileno())
        assert to_journal(stream, {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
        assert not to_journal(stream, {"JOURNAL_STREAM": "1:2"})
        assert not to_journal(stream, {})
    assert not to_journal(io.StringIO(), {"JOURNAL_STREAM": "1:2"})


@pytest.mark.parametrize(
    ("level", "priority"),
    [("debug", "<7>"), ("info", "<6>"), ("warning", "<4>"), ("error", "<3>"), ("critical", "<2>")],
)
def test_systemd_is_told_the_priority(level: str, priority: str) -> None:
    options = {"systemd": True, "machine": True, "level": "debug"}
    line = written("<0>said", level=level, options=options, who="<1>\n<2>")
    assert line.startswith(priority + "{")
    assert line.count("\n") == 1
    assert json.loads(line.removeprefix(priority))["level"] == level


@pytest.mark.parametrize(
    ("level", "seen"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_what_is_below_the_level_is_left_out(level: str, seen: list[str]) -> None:
    assert [x for x in ("debug", "info", "warning", "error") if written("x", level=x, options={"level": level})] == seen


@pytest.mark.parametrize(
    "said",
    [
        'refused "Eva Malá"@shop.example now', "refused eva%40shop.example now", "refused <eva@[192.0.2.1]>",
        "RCPT TO:<eva@shop.example>", "user=eva@shop.example;", "eva@shop.example.", "mailto:eva@shop.example",
    ],
)  # fmt: skip
def test_an_address_in_the_middle_of_words(said: str) -> None:
    line = written("", fault=said)
    assert not re.search(r"eva|shop|192|@|%40", line, re.IGNORECASE)


@pytest.mark.parametrize("field", ["who", "by", "told"])
@pytest.mark.parametrize(
    "who", ["Eva Malá", "petr-sea", "Eva Malá <eva@shop.example>", "eva", "+420 603 111 999", "\x1b[2Jeva"]
)
def test_a_person_is_a_code_however_they_are_written(field: str, who: str) -> None:
    line = written("", **{field: who})
    assert re.search(rf" {field}=p[0-9a-z]{{4}}\n$", line)
    if "@" in who:
        assert address_code("eva@shop.example", KEY) in line


@pytest.mark.parametrize("who", ["me", "colleague", "", "-"])
def test_who_is_nobody_in_particular_is_called_so(who: str) -> None:
    assert written("", by=who).endswith(f"by={who or chr(34) * 2}\n")
