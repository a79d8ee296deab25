"""The usual slips of somebody who does not know TOML, each with the exact words of its complaint."""

import time

import pytest

from tests.config.make import GOOD
from vamaild.config import locate
from vamaild.config.problem import Problem
from vamaild.config.toml import Document, read

SLIPS = [
    (
        "smart quotes",
        "[client]\nname = “Studio Rossi”",
        "x.toml:2  these are curly quotes from a word processor\n    2 | name = “Studio Rossi”\n"
        '    type straight ones: "..."',
    ),
    (
        "smart quotes in a list",
        'says = ["one", „two“]',
        'x.toml:1  these are curly quotes from a word processor\n    1 | says = ["one", „two“]\n'
        '    type straight ones: "..."',
    ),
    (
        "missing quotes",
        "name = Studio Rossi  # mine",
        'x.toml:1  text needs quotes: "Studio Rossi"\n    1 | name = Studio Rossi  # mine',
    ),
    ("missing quotes in a list", "says = [uno, due]", 'x.toml:1  text needs quotes: "uno"\n    1 | says = [uno, due]'),
    ("an address", "email = a@b.example", 'x.toml:1  text needs quotes: "a@b.example"\n    1 | email = a@b.example'),
    ("a duration", "wait = 4m", 'x.toml:1  text needs quotes: "4m"\n    1 | wait = 4m'),
    (
        "a telephone number",
        "phone = +420 603 111",
        'x.toml:1  text needs quotes: "+420 603 111"\n    1 | phone = +420 603 111',
    ),
    (
        "[rule] twice",
        '[rule]\nname = "a"\n[rule]\nname = "b"',
        "x.toml:3  this heading stands here a second time: [rule]\n    3 | [rule]\n"
        "    write [[rule]] with double brackets, each time",
    ),
    (
        "[lead] twice",
        "[lead]\ndays = 4\n[lead]\nunit = 1",
        "x.toml:3  this heading stands here a second time: [lead]\n    3 | [lead]\n"
        "    put both together under the first one",
    ),
    ("a time", "[lead]\ncutoff = 12:30", 'x.toml:2  a time needs quotes: "12:30"\n    2 | cutoff = 12:30'),
    ("a time with a zero", "cutoff = 08:30", 'x.toml:1  a time needs quotes: "08:30"\n    1 | cutoff = 08:30'),
    ("a time in a list", "x = [\n  12:30]", 'x.toml:2  a time needs quotes: "12:30"\n    2 | 12:30]'),
    (
        "an apostrophe",
        "name = 'l'ufficio'",
        "x.toml:1  the apostrophe ends this text, which began with one\n    1 | name = 'l'ufficio'\n"
        '    put the text in double quotes: "..."',
    ),
    (
        "an apostrophe in a list",
        "x = ['uno', 'l'ufficio']",
        "x.toml:1  the apostrophe ends this text, which began with one\n    1 | x = ['uno', 'l'ufficio']\n"
        '    put the text in double quotes: "..."',
    ),
    (
        "quotes inside",
        'x = "say "hi" now"',
        'x.toml:1  a " inside the text ends it\n    1 | x = "say "hi" now"\n    put the text in single quotes: \'...\'',
    ),
    (
        "a backslash",
        r'regex = "\d+"',
        'x.toml:1  a backslash in "..." begins a special sign\n    1 | regex = "\\d+"\n'
        "    put the text in single quotes: '...'",
    ),
    (
        "a path of Windows",
        r'ca = "C:\Users"',
        'x.toml:1  a backslash in "..." begins a special sign\n    1 | ca = "C:\\Users"\n'
        "    put the text in single quotes: '...'",
    ),
    (
        "a stray backspace",
        '[x]\nregex = ["a", "\\bfoo"]',
        'x.toml:2  \\b in "..." became a control character\n    2 | regex = ["a", "\\bfoo"]\n'
        "    put the text in single quotes: '...'",
    ),
    (
        "a colon",
        '[client]\nname : "x"',
        'x.toml:2  a key and its value are joined by =, not by :\n    2 | name : "x"\n    like name = "Studio Rossi"',
    ),
    (
        "accents in a key",
        'città = "x"',
        'x.toml:1  a key has no accents\n    1 | città = "x"\n'
        "    plain letters, digits, - and _ only; accents belong into the texts",
    ),
    (
        "accents in a heading",
        "[perché]\na = 1",
        "x.toml:1  a key has no accents\n    1 | [perché]\n"
        "    plain letters, digits, - and _ only; accents belong into the texts",
    ),
    (
        'an unclosed """',
        'a = "x"\nanswer = """\nfoo\nb = 1\n',
        'x.toml:2  this text begins with """ and never ends\n    2 | answer = """\n    close it with """',
    ),
    (
        "an unclosed '''",
        "answer = '''\nfoo",
        "x.toml:1  this text begins with ''' and never ends\n    1 | answer = '''\n    close it with '''",
    ),
    (
        "an unclosed quote",
        'name = "Rossi\nid = "x"',
        'x.toml:1  the closing quote is missing\n    1 | name = "Rossi\n    a text ends with the quote it began with',
    ),
    (
        "a missing comma",
        'x = [\n  "uno"\n  "due"\n]',
        'x.toml:3  a comma is missing in this list\n    3 | "due"\n'
        '    between two items stands a comma: ["one", "two"]',
    ),
    (
        "a list that is not closed",
        'x = ["uno", "due"\nb = 2',
        "x.toml:2  a list is still open here\n    2 | b = 2\n    put ] behind its last item",
    ),
    (
        "a list that is not closed before a heading",
        'x = ["uno"\n[lead]',
        "x.toml:2  a list is still open here\n    2 | [lead]\n    put ] behind its last item",
    ),
    (
        "a list that is not closed at the end",
        'x = ["uno",\n"due"\n\n',
        'x.toml:2  a list is still open here\n    2 | "due"\n    put ] behind its last item',
    ),
    (
        "a key twice",
        "[lead]\ndays = 4\nunit = 1\ndays = 5\nz = 1",
        'x.toml:4  this key stands on line 2 already: "days"\n    4 | days = 5\n    keep one of them',
    ),
    (
        "a key twice, over several lines, at the end",
        "a = [1,\n2]\na = [\n3]",
        'x.toml:3  this key stands on line 1 already: "a"\n    3 | a = [\n    keep one of them',
    ),
    (
        "a heading that is not closed",
        "[client\nid = 1",
        "x.toml:1  the brackets of this heading are not closed\n    1 | [client\n"
        "    like [client], or [[rule]] where there are several",
    ),
    (
        "a group over several lines",
        "say = {\n it = 1 }",
        "x.toml:1  a group in { } stands on one line, without a comma at its end\n    1 | say = {\n"
        '    like { it = "uno", en = "one" }',
    ),
    (
        "yes",
        "x = yes",
        "x.toml:1  yes and no are written true and false\n    1 | x = yes\n    in small letters, without quotes",
    ),
    (
        "True",
        "x = True",
        "x.toml:1  yes and no are written true and false\n    1 | x = True\n    in small letters, without quotes",
    ),
    ("a percentage", "percent = 25%", "x.toml:1  a number stands without its sign: 25\n    1 | percent = 25%"),
    ("no value", "a =\nb = 1", "x.toml:1  a value is missing after =\n    1 | a ="),
    (
        "a day first",
        "back = 24.12.2026",
        "x.toml:1  a date is written year-month-day: 2026-12-24\n    1 | back = 24.12.2026",
    ),
    (
        "a short date",
        "back = 2026-2-3",
        "x.toml:1  a date has two digits for month and day: 2026-02-03\n    1 | back = 2026-2-3",
    ),
    ("no such day", "back = 2026-02-30", "x.toml:1  there is no such day or hour\n    1 | back = 2026-02-30"),
    (
        "a semicolon",
        'a = "x";',
        'x.toml:1  nothing may stand behind the end of a value\n    1 | a = "x";\n    a note begins with #',
    ),
    (
        "another sign for notes",
        "// hello\na = 1",
        "x.toml:1  this line is neither a [heading] nor key = value\n    1 | // hello\n    a note begins with #",
    ),
    (
        "a key of two words",
        "my key = 1",
        "x.toml:1  a key is one word\n    1 | my key = 1\n    join the words: answer_by",
    ),
    ("two equals signs", "a == 1", "x.toml:1  one = is enough\n    1 | a == 1"),
    (
        "a control character",
        'a = "x\x07y"',
        'x.toml:1  an invisible control character stands in this line\n    1 | a = "x y"\n'
        "    delete it and type the text again",
    ),
    (
        "something nobody foresaw",
        "a = 0x_1",
        'x.toml:1  text needs quotes: "0x_1"\n    1 | a = 0x_1',
    ),
]


@pytest.mark.parametrize(("text", "complaint"), [s[1:] for s in SLIPS], ids=[s[0] for s in SLIPS])
def test_each_slip_is_said_in_plain_words(text: str, complaint: str) -> None:
    assert str(read("x.toml", text.encode())) == complaint


@pytest.mark.parametrize(("text", "complaint"), [s[1:] for s in SLIPS], ids=[s[0] for s in SLIPS])
def test_nothing_of_a_confidential_file_is_quoted(text: str, complaint: str) -> None:
    problem = read("secrets.toml", text.encode(), confidential=True)
    assert isinstance(problem, Problem)
    assert problem.shown_line == ""
    assert not any(word in problem.what for word in ("Rossi", "uno", "12:30", "603", "days", "lead", "24", "0x"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf8_is_read_with_and_without_its_mark(encoding: str) -> None:
    document = read("x.toml", "[a]\r\nx = 'è'\r\n".encode(encoding))
    assert isinstance(document, Document)
    assert document.data == {"a": {"x": "è"}}
    assert document.lines.of(("a", "x")) == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_named(encoding: str) -> None:
    said = 'x.toml  this file is saved as UTF-16 ("Unicode" in Windows)\n    save it as UTF-8'
    assert str(read("x.toml", '[client]\nid = "rossi"\n'.encode(encoding))) == said


def test_another_encoding_is_named_with_its_line() -> None:
    raw = 'a = "x"\nb = "è"\n'.encode("cp1252")
    assert (
        str(read("x.toml", raw)) == "x.toml:2  a letter in this line is not saved as UTF-8\n    save the file as UTF-8"
    )


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"#" * 10_000_000, "this file is too large: 10.0 MB"),
        (b"a = '" + b"x" * 30_000 + b"'", "this line is 30,006 characters long"),
        (b"a=" + b"[" * 15_000, "brackets are nested too deeply in this file"),
        (b"a=" + b"{a=" * 6_000, "brackets are nested too deeply in this file"),
        (b"a=" + b"9" * 5_000, "a number in this file is too long"),
        (b"a." * 50 + b"a = 1", "a key of more than 40 parts stands in this line"),
        (b"a = 1\0", "an invisible control character stands in this line"),
    ],
)
def test_absurd_files_are_refused(raw: bytes, what: str) -> None:
    problem = read("x.toml", raw)
    assert isinstance(problem, Problem)
    assert problem.what == what


def test_a_key_of_many_parts_takes_no_time() -> None:
    begun = time.process_time()
    line = b".a" * 39 + b" = 1"
    read("x.toml", b"\n".join(b"a" + str(n).encode() + line for n in range(5_000)))
    assert time.process_time() - begun < 30


def test_the_good_files_are_read_without_a_word() -> None:
    for path in GOOD.rglob("*.toml"):
        assert isinstance(read(path.name, path.read_bytes()), Document), path


def test_lines_are_found_out_when_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    text = '[days]\ntoday = ["oggi", "stasera"]\n'
    with monkeypatch.context() as patch:
        patch.setattr(locate, "_walk", lambda text: pytest.fail("nobody asked"))
        found = read("rules.d/20-language-it.toml", text.encode())
    assert isinstance(found, Document)
    assert found.lines.of(("days", "today", 1)) == 2
