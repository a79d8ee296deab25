"""What tomllib complains about, said for somebody who has never heard of TOML: the usual slip behind each complaint.

Each function knows one slip: it looks at the spot where reading stopped and answers with a Slip, or None.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from .locate import repeated

MANY = ("person", "rule", "situation", "in_progress", "example", "emergency", "mailbox", "rush.tier", "tier")
CURLY = "“”„‟«»‘’‚‛"
STOPPED = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\- ]+?)\s*\]\]?\s*(?:#.*)?$")
KEY = re.compile(r"\s*[\w.-]+\s*=")
TIME = re.compile(r"(?<![\w.:\"'])(\d{1,2}:\d{2}(?::\d{2})?)(?![\w\"'])")
SHORT_DAY = re.compile(r"(?<![\w.\"'-])(\d{4})-(\d{1,2})-(\d{1,2})(?![\w\"'-])")
DAY_FIRST = re.compile(r"(?<![\w.\"'])(\d{1,2})[./](\d{1,2})[./](\d{4})(?![\w\"'])")
LOOSE = re.compile(r"(?:=|\[|,)\s*([^\"'\[\],#=\s][^\"'\[\],#=]*)")
TOKEN = re.compile(
    r"#[^\n]*"
    r'|"""(?:[^\\"]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?!"")(?:[^"\\\n]|\\.)*"|""(?!")'
    r"|'(?!'')[^'\n]*'|''(?!')"
    r"|(?P<open>\"\"\"|'''|\"|')",
    re.DOTALL,
)
GENERAL = 'text goes in straight quotes, a list in [brackets] with commas: says = ["one", "two"]'


@dataclass(frozen=True, slots=True)
class Slip:
    """What is wrong and what to do; `quote` repeats what was written, so it is left out for secrets.toml."""

    what: str
    help: str = ""
    quote: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Spot:
    """Where tomllib stopped: its complaint, the text, and the place in it (`at` counts characters, `number` lines)."""

    complaint: str
    text: str
    at: int
    number: int

    @property
    def here(self) -> str:
        return self.text[self.at : self.at + 1]

    @property
    def before(self) -> str:
        return self.text[self.at - 1 : self.at] if self.at else ""

    @property
    def column(self) -> int:
        """How many characters of the line stand before this place."""
        return self.at - self.text.rfind("\n", 0, self.at) - 1

    @property
    def line(self) -> str:
        return self.text.split("\n")[self.number - 1]

    def says(self, *words: str) -> bool:
        return any(self.complaint.startswith(w) for w in words)


def spot(error: str, text: str) -> Spot:
    """Reads "Invalid value (at line 3, column 8)"; the end of the document counts as the last line with something."""
    match = STOPPED.fullmatch(error)
    complaint, number, column = match.groups() if match else (error, None, None)
    if number is None or column is None:
        at = len(text.rstrip())
        return Spot(complaint, text, at, text.count("\n", 0, at) + 1)
    begins = sum(len(line) + 1 for line in text.split("\n")[: int(number) - 1])
    return Spot(complaint, text, begins + int(column) - 1, int(number))


def curly(spot: Spot) -> Slip | None:
    if spot.here and spot.here in CURLY:
        return Slip("these are curly quotes from a word processor", 'type straight ones: "..."')
    return None


def table_twice(spot: Spot) -> Slip | None:
    header = HEADER.match(spot.line)
    if header is None or not spot.says("Cannot"):
        return None
    name = header[2]
    what = "this heading stands here a second time"
    if name in MANY:
        return Slip(what, f"write [[{name}]] with double brackets, each time", f"[{name}]")
    return Slip(what, "put both together under the first one", f"[{name}]")


def key_twice(spot: Spot) -> Slip | None:
    found = repeated(spot.text) if spot.says("Cannot") else None
    if found is None:
        return None
    what = f"this key stands on line {found.first} already"
    return Slip(what, "keep one of them", f'"{found.key}"', found.second)


def time_bare(spot: Spot) -> Slip | None:
    found = TIME.search(spot.line) if spot.says("Expected newline", "Unclosed array", "Invalid") else None
    return Slip("a time needs quotes", quote=f'"{found[1]}"') if found else None


def day_first(spot: Spot) -> Slip | None:
    found = DAY_FIRST.search(spot.line) if spot.says("Expected newline", "Unclosed array", "Invalid") else None
    if found is None:
        return None
    return Slip("a date is written year-month-day", quote=f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}")


def short_day(spot: Spot) -> Slip | None:
    found = SHORT_DAY.search(spot.line) if spot.says("Expected newline", "Unclosed array", "Invalid value") else None
    if found is None:
        return None
    day = f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    return Slip("a date has two digits for month and day", quote=day) if day != found[0] else None


def no_such_day(spot: Spot) -> Slip | None:
    return Slip("there is no such day or hour") if spot.says("Invalid date") else None


def apostrophe(spot: Spot) -> Slip | None:
    if spot.before == "'" and spot.here.isalpha() and spot.says("Expected newline", "Unclosed"):
        return Slip("the apostrophe ends this text, which began with one", 'put the text in double quotes: "..."')
    return None


def inner_quote(spot: Spot) -> Slip | None:
    if spot.before == '"' and spot.here.isalpha() and spot.says("Expected newline", "Unclosed"):
        return Slip('a " inside the text ends it', "put the text in single quotes: '...'")
    return None


def backslash(spot: Spot) -> Slip | None:
    if spot.says("Unescaped '\\'", "Invalid hex value", "Escaped character"):
        return Slip('a backslash in "..." begins a special sign', "put the text in single quotes: '...'")
    return None


def control(spot: Spot) -> Slip | None:
    odd = len(spot.here) == 1 and ord(spot.here) < 32 and spot.here not in "\t\n\r"
    if odd or (spot.says("Illegal character") and not spot.says("Illegal character '\\n'")):
        return Slip("an invisible control character stands in this line", "delete it and type the text again")
    return None


def unclosed_text(spot: Spot) -> Slip | None:
    if not spot.says("Illegal character '\\n'", "Unterminated string", 'Expected "\'"', "Expected \"'''\""):
        return None
    opened = next((t for t in TOKEN.finditer(spot.text) if t["open"]), None)
    if opened is None:
        return None
    number = spot.text.count("\n", 0, opened.start()) + 1
    sign = opened["open"]
    if len(sign) == 1:
        return Slip("the closing quote is missing", "a text ends with the quote it began with", line=number)
    return Slip(f"this text begins with {sign} and never ends", f"close it with {sign}", line=number)


def open_list(spot: Spot) -> Slip | None:
    """A new heading or key begins while a list is open, or the text ends."""
    if not spot.says("Unclosed array"):
        return None
    begins = (KEY.match(spot.line) or HEADER.match(spot.line)) and not spot.line[: spot.column].strip()
    if spot.here.strip() and not begins:
        return None
    return Slip("a list is still open here", "put ] behind its last item")


def comma(spot: Spot) -> Slip | None:
    if not spot.says("Unclosed array"):
        return None
    return Slip("a comma is missing in this list", 'between two items stands a comma: ["one", "two"]')


def unclosed_group(spot: Spot) -> Slip | None:
    if spot.says("Unclosed inline table") or ("{" in spot.line and spot.says("Invalid initial")):
        return Slip("a group in { } stands on one line, without a comma at its end", 'like { it = "uno", en = "one" }')
    return None


def colon(spot: Spot) -> Slip | None:
    if spot.here == ":" and spot.says("Expected '='"):
        return Slip("a key and its value are joined by =, not by :", 'like name = "Studio Rossi"')
    return None


def accent(spot: Spot) -> Slip | None:
    if spot.here.isalpha() and not spot.here.isascii() and spot.says("Expected '='", "Expected ']'", "Invalid "):
        if spot.says("Invalid value"):
            return None
        return Slip("a key has no accents", "plain letters, digits, - and _ only; accents belong into the texts")
    return None


def header_open(spot: Spot) -> Slip | None:
    if spot.says("Expected ']"):
        return Slip("the brackets of this heading are not closed", "like [client], or [[rule]] where there are several")
    return None


def no_value(spot: Spot) -> Slip | None:
    if spot.says("Invalid value") and re.search(r"=\s*(#.*)?$", spot.line):
        return Slip("a value is missing after =")
    return None


def yes_no(spot: Spot) -> Slip | None:
    found = LOOSE.search(spot.line) if spot.says("Invalid value") else None
    if found and found[1].strip().lower() in ("yes", "no", "on", "off", "true", "false"):
        return Slip("yes and no are written true and false", "in small letters, without quotes")
    return None


def percent(spot: Spot) -> Slip | None:
    found = re.search(r"=\s*(\d+) ?%", spot.line) if spot.says("Expected newline") else None
    return Slip("a number stands without its sign", quote=found[1]) if found else None


def after_text(spot: Spot) -> Slip | None:
    if spot.says("Expected newline") and spot.line[: spot.column].rstrip()[-1:] in ("'", '"', "]", "}"):
        return Slip("nothing may stand behind the end of a value", "a note begins with #")
    return None


def two_equals(spot: Spot) -> Slip | None:
    return Slip("one = is enough") if spot.here == "=" and spot.says("Invalid value") else None


def no_quotes(spot: Spot) -> Slip | None:
    found = LOOSE.search(spot.line)
    if found is None or not spot.says("Invalid value", "Expected newline", "Unclosed array"):
        return None
    return Slip("text needs quotes", quote=f'"{found[1].strip()}"')


def no_sense(spot: Spot) -> Slip | None:
    if spot.says("Expected '='") and "=" in spot.line:
        return Slip("a key is one word", "join the words: answer_by")
    if spot.says("Expected '='", "Invalid statement", "Invalid initial"):
        return Slip("this line is neither a [heading] nor key = value", "a note begins with #")
    return None


SLIPS: tuple[Callable[[Spot], Slip | None], ...] = (
    curly,
    table_twice,
    key_twice,
    apostrophe,
    inner_quote,
    backslash,
    unclosed_text,
    control,
    no_such_day,
    time_bare,
    day_first,
    short_day,
    open_list,
    comma,
    colon,
    accent,
    header_open,
    no_value,
    yes_no,
    percent,
    after_text,
    two_equals,
    no_quotes,
    unclosed_group,
    no_sense,
)


def explain(error: str, text: str) -> Slip:
    """The slip behind a complaint of tomllib's; its `line` is always set."""
    where = spot(error, text)
    found = next((slip for look in SLIPS if (slip := look(where))), Slip("this line cannot be read", GENERAL))
    return Slip(found.what, found.help, found.quote, found.line or where.number)
