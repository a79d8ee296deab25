"""The form of a text: subject, empty line, body; which values may enter, and what a reply must and must not say."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple

from .grammar import Grammar
from .letter import TemplateError
from .vocabulary import NOTE, avoided, needs_date

WORDS_LIMIT = 60_000
NUMBER_LIMIT = 10**15
DEPTH_LIMIT = 30
TAGS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


class Fault(NamedTuple):
    """Something wrong in a text: where, what, and what to do. Line 0 means the whole file."""

    file: str
    line: int
    what: str
    help: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what}" + (f" / {self.help}" if self.help else "")


class TextError(TemplateError):
    """A text that cannot be used, with every fault that was found in it."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


def parts(file: str, source: str) -> tuple[str, str]:
    """Subject and body; the body keeps an empty line for the subject's, so that line numbers are true."""
    first, _, rest = source.partition("\n")
    match = re.fullmatch(r"Subject:[ \t]*(\S.*)", first)
    if match is None:
        raise TextError(Fault(file, 1, "does not begin with a subject", "write Subject: Re: {{ msg.subject }}"))
    if rest.partition("\n")[0].strip():
        raise TextError(Fault(file, 2, "the subject is not followed by an empty line", "put one there"))
    return match[1], "\n" + rest


def plain(template: str, words: Mapping[str, object]) -> None:
    """Refuses values that could do something, and more text than any letter needs."""
    size, waiting = 0, [(str(name), value, 0) for name, value in words.items()]
    while waiting:
        path, value, depth = waiting.pop()
        size += len(value) + 1 if type(value) is str else 1
        if size > WORDS_LIMIT or depth > DEPTH_LIMIT:
            raise TemplateError(f"{template}: the words for this text are too long")
        if type(value) is dict:
            waiting += [(f"{path}.{name}", inner, depth + 1) for name, inner in value.items()]
        elif type(value) is list:
            waiting += [(f"{path}[{at}]", inner, depth + 1) for at, inner in enumerate(value)]
        elif type(value) not in (str, int, bool, date, datetime, type(None)):
            raise TemplateError(f"{template}: {path} is a {type(value).__name__}; a text takes only plain values")
        elif type(value) is int and abs(value) > NUMBER_LIMIT:
            raise TemplateError(f"{template}: {path} is too large a number")


def normal(text: str) -> str:
    """No blanks at line ends, at most one empty line in a row, one line end at the end; blanks in front stay."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def style(file: str, name: str, source: str, filters: Collection[str], grammar: Grammar) -> Iterator[Fault]:
    """What a reply should not say, and the date it must say. `filters` are those that it uses."""
    bare = TAGS.sub(lambda tag: re.sub(r"[^\n]", " ", tag[0]), source)
    for at, phrase in avoided(bare, grammar.avoid):
        yield Fault(file, bare.count("\n", 0, at) + 1, f"says {phrase!r}", "say what happens next instead")
    for at, day in written_out(bare, grammar) if not name.startswith(NOTE) else ():
        remedy = "write {{ away.back|day }}, {{ lead.ready_on|day }} or another word for it: a text outlives its dates"
        yield Fault(file, bare.count("\n", 0, at) + 1, f"names the date {day!r} itself", remedy)
    if needs_date(name) and grammar.promising.isdisjoint(filters):
        remedy = f"every reply must contain one of: {', '.join(sorted(grammar.promising))}"
        yield Fault(file, 0, "promises no date", remedy)


def written_out(text: str, grammar: Grammar) -> Iterator[tuple[int, str]]:
    """(offset, date) of every date that the text itself holds ("7 dicembre", "Monday 7", "7. 12."), by its place."""
    months = _any_of(name for names in grammar.months.values() for name in names)
    weekdays = _any_of(name for names in grammar.weekdays.values() for name in names)
    shapes = [r"\b\d{1,2}[./]\s?\d{1,2}[./](?!\d{3})"]
    shapes += [rf"\b\d{{1,2}}\.?\s+(?:{months})\b", rf"\b(?:{months})\s+\d{{1,2}}\b"] if months else []
    shapes += [rf"\b(?:{weekdays})\s+\d{{1,2}}\b"] if weekdays else []
    found = {m.start(): m[0] for shape in shapes for m in re.finditer(shape, text, re.IGNORECASE)}
    yield from sorted(found.items())


def _any_of(names: Iterable[str]) -> str:
    return "|".join(sorted({re.escape(name) for name in names if name}, key=len, reverse=True))
