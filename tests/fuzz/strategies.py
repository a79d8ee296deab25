"""Mails, rule files and texts as somebody hostile, or some broken program, would write them: nearly right.

Anything at all is tried elsewhere (tests/adapters/test_mime_hostile.py); here the structure is right and one thing is
wrong: a boundary, a character set, a header that stands twice, a key of another table.
"""

from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

RULES = sorted((Path(__file__).parents[1] / "config" / "good" / "rules.d").glob("*.toml"))
TEXTS = sorted((Path(__file__).parents[2] / "templates").glob("*/*.txt"))
CANARY = "zkx7urgente"
"""A word that stands in bodies of mails and must never stand in a reply."""

# ---- mails

CHARSETS = [
    "utf-8",
    "us-ascii",
    "iso-8859-2",
    "cp1250",
    "utf-7",
    "utf-16",
    "iso-2022-jp",
    "punycode",
    "idna",
    "x-foo",
    "u\0tf",
]
PLACES = [
    "a@b.example",
    "Boss <boss@corp.example>",
    '"boss@corp.example" <eve@x.example>',
    "boss@corp(a)<eve@x.example>",
    "a@b.example, c@d.example",
    "<>",
    "Undisclosed:;",
    "a@b@c.example",
    "(" * 30 + "x",
    "=?utf-8?q?a=0D=0AB:_c?= <a@b.example>",
    "=?punycode?q?boss?= <eve@x.example>",
    "ž@münchen.example",
    "a\0@b.example",
    '"\\"@b.example',
]
NAMES = [
    "From",
    "To",
    "Cc",
    "Reply-To",
    "Sender",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Return-Path",
    "Received",
    "Auto-Submitted",
    "Precedence",
    "List-Id",
    "Content-Type",
    "MIME-Version",
    "X-" + "y" * 90,
    "Delivered-To",
]
VALUES = [
    "",
    " ",
    "Re: ciao",
    "=?utf-8?q?=C3=A8?=",
    "=?utf-8?b?!!?=",
    "=?idna?q?x?=",
    "uno\n due\n\ttre",
    "a\r b",
    "ě" * 40,
    "<m1@x.example>",
    "<m1@x> <m2@x>\n <m3@x>",
    "Thu, 26 Nov 2026 10:40:00 +0100",
    "Thu, 99 Foo 0000 99:99:99 +9999",
    "auto-replied",
    "no",
    "x" * 9_000,
    "text/plain; charset",
    "\u202e\u200b",
    "=?utf-8?q?a=0D=0ABcc:_v=40x?=",
]
KINDS = [
    "text/plain",
    "text/html",
    "text/calendar; method=REQUEST",
    "application/pdf; name=a.pdf",
    "image/png",
    "message/delivery-status",
    "text/rfc822-headers",
    "application/pkcs7-mime",
    "text/plain; name*0*=utf-8''x; name*1=y",
    "nonsense",
    "text/plain\n ;x",
    "",
    "multipart/alternative",
    "message/external-body",
]
CODINGS = ["", "7bit", "8bit", "base64", "quoted-printable", "x-uuencode", "base64\0", "rot13"]
SAID = [
    f"Buongiorno, {CANARY}: mi serve per stasera.",
    "è così",
    "<p>ciao</p><p style='display:none'>nascosto</p>",
    "",
    "> citato\n\nOn 1.1.2026 X wrote:\n> ciao",
    "begin 644 x\n#0V%T\n`\nend",
    "=C3=A8=\n x",
    "Y2lhbw==",
    "--b1",
    "--b1--",
    "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR",
    "<div>" * 200,
    "\ufeff\u202eabc",
    "From x\n.\n..\n",
    "Final-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1.1",
]


@st.composite
def _leaf(draw: st.DrawFn) -> str:
    kind, coding = draw(st.sampled_from(KINDS)), draw(st.sampled_from(CODINGS))
    charset = draw(st.sampled_from(["", *CHARSETS]))
    lines = [f"Content-Type: {kind}" + (f'; charset="{charset}"' if charset else "")]
    lines += [f"Content-Transfer-Encoding: {coding}"] if coding else []
    lines += ["Content-Disposition: attachment; filename=../../x"] if draw(st.integers(0, 9)) == 0 else []
    return "\n".join((*lines, "", draw(st.sampled_from(SAID))))


@st.composite
def _several(draw: st.DrawFn, children: st.SearchStrategy[str]) -> str:
    said, used = draw(
        st.sampled_from([("b1", "b1"), ("b2", "b2"), ('"b 3"', "b 3"), ("b1", "b9"), ("", "b1"), ("b1 ", "b1")])
    )
    kind = draw(
        st.sampled_from(["mixed", "alternative", "related", "report", "digest", "signed", "encrypted", "x-odd"])
    )
    parts = draw(st.lists(children, max_size=4))
    body = "".join(f"--{used}\n{part}\n" for part in parts)
    end = draw(st.sampled_from([f"--{used}--\n", "", f"--{used}\n", f"--{used}--\nfuori\n"]))
    before = draw(st.sampled_from(["", f"prima {CANARY}\n"]))
    return f"Content-Type: multipart/{kind}; boundary={said}\n\n{before}{body}{end}"


def _inside(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    handed = st.builds(
        "Content-Type: message/rfc822\n\nFrom: {}\nSubject: x\n{}".format, st.sampled_from(PLACES), children
    )
    return _several(children) | handed


@st.composite
def mails(draw: st.DrawFn) -> bytes:
    """The bytes of a mail."""
    head = draw(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES + PLACES)), max_size=6))
    lines = [f"From: {draw(st.sampled_from(PLACES))}", "To: boss@client.example"]
    lines += [f"{name}: {value}" for name, value in head]
    text = "\n".join((*lines, draw(st.recursive(_leaf(), _inside, max_leaves=8))))
    raw = text.encode(draw(st.sampled_from(["utf-8", "cp1250", "iso2022_jp"])), "replace")
    for old, new in draw(st.lists(st.sampled_from(DAMAGE), max_size=2)):
        raw = raw.replace(old, new)
    return raw[: draw(st.integers(len(raw) // 2, len(raw)))] if draw(st.integers(0, 4)) == 0 else raw


DAMAGE = [
    (b"\n", b"\r\n"),
    (b"\n", b"\r"),
    (b"\n\n", b"\n"),
    (b": ", b":"),
    (b"--b1", b"--B1"),
    (b"a", b"\0"),
    (b"<", b""),
]

# ---- rule files

WORDS = [
    "",
    "id",
    "client",
    "when",
    "unless",
    "*",
    "a*",
    "(a+)+$",
    "non+urgente",
    "{{x}}",
    "ě",
    "\u202e",
    "x" * 300,
    "2026-11-31",
    "secret:x",
]
VALUE: st.SearchStrategy[str] = st.one_of(
    st.sampled_from(
        ["true", "false", "0", "-1", "99999999999999999999", "1e400", "nan", "2026-11-26", "25:99:99", "[]", "{}"]
    ),
    st.sampled_from(WORDS).map(lambda word: f'"{word}"'),
    st.lists(st.sampled_from(WORDS), max_size=3).map(lambda words: str([*words]).replace("'", '"')),
    st.just("{ when = [\"a\"], regex = '(a+)+$' }"),
)


@st.composite
def rule_files(draw: st.DrawFn) -> tuple[str, str]:
    """(name, text) of a file of rules.d: a good one with lines changed, added, doubled, taken out or cut short."""
    path = draw(st.sampled_from(RULES))
    lines = path.read_text(encoding="utf-8").split("\n")
    for change in draw(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3)):
        at = draw(st.integers(0, len(lines) - 1))
        lines[at : at + 1] = change(lines[at], draw(VALUE))
    text = "\n".join(lines)
    return path.name, text[: draw(st.integers(0, len(text)))] if draw(st.integers(0, 5)) == 0 else text


def _value(line: str, value: str) -> list[str]:
    return [f"{line.partition('=')[0]}= {value}"] if "=" in line else [value]


CHANGES: list[Callable[[str, str], list[str]]] = [
    _value,
    _value,
    lambda line, value: [line, f"unknown = {value}"],
    lambda line, value: [line, line],
    lambda line, value: [],
    lambda line, value: [f"[{value.strip(chr(34))}]", line],
    lambda line, value: [line.replace("]", "").replace('"', "")],
    lambda line, value: [line.upper(), "\ufeff"],
    lambda line, value: ["[[rule]]", f"when = {value}", line],
]

# ---- texts

PIECES = [
    "{{ msg.subject }}",
    "{{ 7 * 7 }}",
    "{% if tu %}",
    "{% else %}",
    "{% endif %}",
    "{% for x in person %}",
    "{% endfor %}",
    "{{ person.name | upper }}",
    "{{ nobody.here }}",
    "{{ ''.__class__.__mro__ }}",
    "{{ 'a' * 10**9 }}",
    "{% include 'x' %}",
    "{{ range(10**9) | list }}",
    "{% set a = 1 %}",
    "{{",
    "}}",
    "{#",
    "{% raw %}",
    "{% macro m() %}{{ m() }}{% endmacro %}",
    "{{ away.back | day }}",
    "Subject: x\n\n",
    "\r\nBcc: a@b\r\n",
    "ciao\n",
    "\0",
    "\u202e",
    "{{ cycler.__init__ }}",
    "{{ msg }}",
]


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str]:
    """(place, text) of a text of one's own: pieces in any order, or a shipped one with pieces put into it."""
    path = draw(st.sampled_from(TEXTS))
    pieces = draw(st.lists(st.sampled_from(PIECES), max_size=6))
    place = f"{path.parent.name}/{path.name}"
    if draw(st.booleans()):
        return place, "Subject: x\n\n" + " ".join(pieces)
    lines = path.read_text(encoding="utf-8").split("\n")
    for piece in pieces:
        lines.insert(draw(st.integers(0, len(lines))), piece)
    return place, "\n".join(lines)
