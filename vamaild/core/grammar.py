"""How dates, moments and numbers are said in one language: "do středy 9. prosince", "le 18:00 di oggi", "dell'80%".

The words stand in a table (templates/<language>/grammar.toml), so that a speaker adds a language without Python; this
file only picks the right line of it. A date is always written out; a moment close to `now` says today or tomorrow.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

SHORT = 28
NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}
FIELD = re.compile(r"\{(\w*)\}")
SPAN = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
BEGINNING = re.compile(r"[^\W\d_]+")
TABLES = (
    *("avoid", "clock", "dates", "day", "days", "hours"),
    *("moments", "months", "names", "numbers", "weekdays", "year"),
)


class GrammarError(ValueError):
    """A table that cannot be used, or a word that cannot be said so; the text is for people."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is written for a number: a special wording where there is one, else the usual."""

    usual: str
    special: Mapping[int, str] = field(default_factory=dict)

    def of(self, number: int) -> str:
        return self.special.get(number, self.usual)


@dataclass(frozen=True, slots=True)
class Joint:
    """What is written around a name: a special wording where it begins in certain letters, else the usual."""

    usual: str
    special: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str:
        letters = _folded(name)
        fitting = [start for start in self.special if letters.startswith(start)]
        return self.special[max(fitting, key=len)] if fitting else self.usual


@dataclass(frozen=True, slots=True)
class Grammar:
    """One language. `weekdays` (Monday first) and `months` by the field that stands for them in `dates` and `moments`;

    `days` are words that depend on the day of the month ("il 7", "l'8"), `hours` on the hour ("le 18:00", "l'1:00"),
    `names` on how a name begins ("a Marco", "ad Anna"); `avoid` are words no reply should use.
    """

    weekdays: Mapping[str, tuple[str, ...]]
    months: Mapping[str, tuple[str, ...]]
    dates: Mapping[str, Mapping[str, str]]
    moments: Mapping[str, Mapping[str, str]]
    numbers: Mapping[str, Choice]
    hours: Mapping[str, Choice]
    days: Mapping[str, Choice]
    names: Mapping[str, Joint]
    day: Choice
    clock: str
    year: str
    avoid: tuple[str, ...] = ()

    @property
    def promising(self) -> frozenset[str]:
        """The filters that write a date or a moment."""
        return frozenset((*self.dates, *self.moments))

    @property
    def filters(self) -> frozenset[str]:
        return self.promising | frozenset((*self.numbers, *self.names))


def say(grammar: Grammar, name: str, value: object, now: object) -> str:
    """The value as the filter `name` writes it.

    `now` is aware, in the reader's time zone, and needed for dates and moments. A moment is said in that time zone.
    Raises GrammarError when this filter cannot say this value.
    """
    if name in grammar.numbers:
        return _number(grammar.numbers[name], name, value)
    if name in grammar.names:
        return _name(grammar.names[name], name, value)
    if not isinstance(now, datetime) or now.tzinfo is None:
        raise GrammarError(f"{name} needs the word now: a moment with a time zone")
    if isinstance(value, datetime):
        return _moment(grammar, name, value, now)
    if isinstance(value, date):
        return _date(grammar, name, value, now.date())
    raise GrammarError(f"{name} needs a date, this is {named(value)}")


def short(value: object) -> str:
    """At most 28 characters, cut at a word: two of them and what joins them fit on a telephone's first line."""
    if not isinstance(value, str):
        raise GrammarError(f"short needs a text, this is {named(value)}")
    if len(value) <= SHORT:
        return value
    head, _, _ = value[:SHORT].rpartition(" ")
    return (head if len(head) > SHORT // 2 else value[: SHORT - 1]).rstrip(" ,;:-–") + "…"


def needs_year(day: date, today: date) -> bool:
    """Whether a date without its year would be read as one of this year."""
    return day.year != today.year


def named(value: object) -> str:
    """What sort of word this is; never the word itself, which may be somebody's name in a log."""
    if value is None or value == "":
        return "empty"
    sorts = {bool: "a yes or no", str: "a text", int: "a number", date: "a date", datetime: "a moment"}
    return sorts.get(type(value), "a group of words")


def _number(choice: Choice, name: str, value: object) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        raise GrammarError(f"{name} needs a whole number, this is {named(value)}")
    return _fill(choice.of(value), {"n": str(value)})


def _name(joint: Joint, name: str, value: object) -> str:
    if not isinstance(value, str):
        raise GrammarError(f"{name} needs a text, this is {named(value)}")
    return _fill(joint.of(value), {"name": value})


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).lstrip()


def _date(grammar: Grammar, name: str, value: date, today: date) -> str:
    if name not in grammar.dates:
        raise GrammarError(f"{name} needs a time of day, {value.isoformat()} is only a date")
    return _fill(_line(grammar.dates[name], value, today), _day_fields(grammar, value, today))


def _moment(grammar: Grammar, name: str, value: datetime, now: datetime) -> str:
    if value.tzinfo is None:
        raise GrammarError(f"{name} needs a moment with a time zone, {value.isoformat()} has none")
    there = value.astimezone(now.tzinfo)
    if name not in grammar.moments:
        return _date(grammar, name, there.date(), now.date())
    line = _line(grammar.moments[name], there.date(), now.date())
    return _fill(line, _day_fields(grammar, there.date(), now.date()) | _hour_fields(grammar, there))


def _line(lines: Mapping[str, str], day: date, today: date) -> str:
    return lines.get(NEAR.get((day - today).days, "other"), lines["other"])


def _day_fields(grammar: Grammar, day: date, today: date) -> dict[str, str]:
    fields = {name: words[day.weekday()] for name, words in grammar.weekdays.items()}
    fields |= {name: words[day.month - 1] for name, words in grammar.months.items()}
    number = _fill(grammar.day.of(day.day), {"n": str(day.day)})
    fields |= {name: _fill(choice.of(day.day), {"day": number}) for name, choice in grammar.days.items()}
    fields["day"] = number
    fields["year"] = _fill(grammar.year, {"n": str(day.year)}) if needs_year(day, today) else ""
    return fields


def _hour_fields(grammar: Grammar, at: datetime) -> dict[str, str]:
    fields = {"hour": str(at.hour), "minute": f"{at.minute:02}"}
    fields |= {"hour12": str((at.hour - 1) % 12 + 1), "half": "am" if at.hour < 12 else "pm"}
    clock = _fill(grammar.clock, fields)
    return {"clock": clock} | {n: _fill(choice.of(at.hour), {"clock": clock}) for n, choice in grammar.hours.items()}


def _fill(text: str, fields: Mapping[str, str]) -> str:
    # Not str.format: a table must not reach attributes or pad to a billion characters.
    return FIELD.sub(lambda match: fields[match.group(1)], text)


def build(table: Mapping[str, object]) -> Grammar:
    """The grammar.toml of one language, read and checked. Raises GrammarError, which names the key."""
    for key in table:
        if key not in TABLES:
            raise GrammarError(f"unknown key {key}; known are {', '.join(TABLES)}")
    weekdays, months = _names(table, "weekdays", 7), _names(table, "months", 12)
    days, hours = _choices(table, "days", {"day"}), _choices(table, "hours", {"clock"})
    of_day = {*weekdays, *months, *days, "day", "year"}
    return Grammar(
        weekdays=weekdays,
        months=months,
        dates=_lines(table, "dates", of_day),
        moments=_lines(table, "moments", of_day | {"clock", *hours}),
        numbers=_choices(table, "numbers", {"n"}),
        hours=hours,
        days=days,
        names={name: _joint(f"names.{name}", value) for name, value in _part(table, "names")},
        day=_choice("day", table.get("day", "{n}"), {"n"}),
        clock=_text("clock", table.get("clock", "{hour}:{minute}"), {"hour", "minute", "hour12", "half"}),
        year=_text("year", table.get("year", " {n}"), {"n"}),
        avoid=_words("avoid", table.get("avoid", [])),
    )


def _part(table: Mapping[str, object], key: str) -> Iterator[tuple[str, object]]:
    part = table.get(key, {})
    if not isinstance(part, Mapping):
        raise GrammarError(f"{key} must be a table")
    for name, value in part.items():
        yield str(name), value


def _text(key: str, value: object, fields: set[str]) -> str:
    if not isinstance(value, str):
        raise GrammarError(f"{key} must be a text in quotes")
    for name in FIELD.findall(value):
        if name not in fields:
            raise GrammarError(f"{key}: unknown field {{{name}}}; known are {', '.join(sorted(fields))}")
    return value


def _words(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise GrammarError(f"{key} must be a list of texts in quotes")
    return tuple(value)


def _names(table: Mapping[str, object], key: str, count: int) -> dict[str, tuple[str, ...]]:
    names = {name: _words(f"{key}.{name}", value) for name, value in _part(table, key)}
    for name, words in names.items():
        if len(words) != count:
            raise GrammarError(f"{key}.{name} has {len(words)} names instead of {count}")
    return names


def _lines(table: Mapping[str, object], key: str, fields: set[str]) -> dict[str, dict[str, str]]:
    return {name: _near(f"{key}.{name}", value, fields) for name, value in _part(table, key)}


def _near(key: str, value: object, fields: set[str]) -> dict[str, str]:
    lines = value if isinstance(value, Mapping) else {"other": value}
    if "other" not in lines or not {"other", *NEAR.values()}.issuperset(lines):
        raise GrammarError(f"{key} needs the line other, and may have {', '.join(NEAR.values())}")
    return {str(when): _text(f"{key}.{when}", line, fields) for when, line in lines.items()}


def _choices(table: Mapping[str, object], key: str, fields: set[str]) -> dict[str, Choice]:
    return {name: _choice(f"{key}.{name}", value, fields) for name, value in _part(table, key)}


def _usual(key: str, value: object, fields: set[str]) -> tuple[str, dict[str, str]]:
    """The usual wording, and the others by what stands left of their "="."""
    lines = value if isinstance(value, Mapping) else {"usual": value}
    if "usual" not in lines:
        raise GrammarError(f"{key} needs the line usual")
    texts = {str(left): _text(f"{key}.{left}", line, fields) for left, line in lines.items()}
    return texts.pop("usual"), texts


def _joint(key: str, value: object) -> Joint:
    usual, texts = _usual(key, value, {"name"})
    for beginnings in texts:
        if not beginnings.strip() or not all(map(BEGINNING.fullmatch, beginnings.split())):
            raise GrammarError(f"{key}: {beginnings!r} is neither the letters a name begins with, nor usual")
    return Joint(usual, {_folded(start): text for starts, text in texts.items() for start in starts.split()})


def _choice(key: str, value: object, fields: set[str]) -> Choice:
    usual, texts = _usual(key, value, fields)
    return Choice(usual, {number: text for numbers, text in texts.items() for number in _span(key, numbers)})


def _span(key: str, numbers: str) -> Iterator[int]:
    """The numbers of "1 8 11 80-89"."""
    for piece in numbers.split():
        match = SPAN.fullmatch(piece)
        if match is None or int(match[1]) > int(match[2] or match[1]):
            raise GrammarError(f"{key}: {piece!r} is neither a number, nor numbers like 80-89, nor usual")
        yield from range(int(match[1]), int(match[2] or match[1]) + 1)
