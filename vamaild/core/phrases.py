"""Sentences in one language, as data: texts by "table.key" with {words}, dates said by that language's grammar.

A text may be chosen by a number, as in grammar.toml: kept = { usual = "{n} kept", 1 = "one kept" }. A field {at:when}
is said by the filter `when` of grammar.toml. Decimals, percents and hours are written as the table [how] says.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .grammar import SPAN, Choice, Grammar, GrammarError, say

PART = re.compile(r"\{(\w+)(?::(\w+))?\}")
MINUTE = timedelta(minutes=1)
Texts = Mapping[str, Choice]


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language. `now` is aware, in the reader's zone: today and tomorrow are told from it."""

    language: str
    texts: Texts
    grammar: Grammar
    now: datetime

    def say(self, key: str, n: int | None = None, **words: object) -> str:
        """The text with its fields filled in. Raises GrammarError, which names the text."""
        choice = self.texts.get(key)
        if choice is None:
            raise GrammarError(f"there is no text {key}")
        known = words | ({} if n is None else {"n": n})
        try:
            return PART.sub(
                lambda m: self._field(known[m[1]], m[2]), choice.of(n or 0) if n is not None else choice.usual
            )
        except KeyError as error:
            raise GrammarError(f"{key}: nobody said what {{{error.args[0]}}} is") from error

    def has(self, key: str) -> bool:
        return key in self.texts

    def _field(self, value: object, how: str | None) -> str:
        if how:
            return say(self.grammar, how, value, self.now)
        if isinstance(value, float):
            return f"{value:g}".replace(".", self.texts["how.decimal"].usual)
        if isinstance(value, timedelta):
            return self.lasts(value)
        if isinstance(value, date):
            raise GrammarError("a date needs a filter, like {at:when}")
        return str(value)

    def percent(self, part: int, of: int, key: str = "how.percent") -> str:
        """The share in whole percent, never rounded up to all or down to nothing."""
        share = 0 if not of else round(100 * part / of)
        if 0 < part < of:
            share = min(max(share, 1), 99)
        return self.say(key, share)

    def lasts(self, time: timedelta) -> str:
        """ "6 min", "2 h 20 min"; days where it is longer than two."""
        minutes = round(time / MINUTE)
        if minutes < 60:
            return self.say("how.minutes", minutes)
        if minutes < 48 * 60:
            exact = minutes < 10 * 60 and minutes % 60
            hours = self.say("how.hours", minutes // 60 if exact else round(minutes / 60))
            return f"{hours} {self.say('how.minutes', minutes % 60)}" if exact else hours
        return self.say("how.days", minutes // (24 * 60))

    def money(self, sums: Mapping[str, int]) -> str:
        """ "96,25 €": hundredths by currency, each with its sign where [how] knows one."""
        mark = self.texts["how.decimal"].usual
        units = {c: self.say(f"how.{c}") if self.has(f"how.{c}") else c for c in sums}
        amounts = {c: f"{n // 100}{mark}{n % 100:02}" for c, n in sorted(sums.items())}
        return self.both([self.say("how.money", amount=amount, unit=units[c]) for c, amount in amounts.items()])

    def both(self, parts: list[str]) -> str:
        """ "a", "a and b", "a, b and c"."""
        if len(parts) < 2:
            return "".join(parts)
        return self.say("how.and", head=", ".join(parts[:-1]), last=parts[-1])


def build(table: Mapping[str, object]) -> dict[str, Choice]:
    """The texts of a TOML file, by "table.key". Raises GrammarError, which names the key."""
    found: dict[str, Choice] = {}
    for name, part in table.items():
        if not isinstance(part, Mapping):
            raise GrammarError(f"{name} must stand under a [table]")
        found |= {f"{name}.{key}": _choice(f"{name}.{key}", value) for key, value in part.items()}
    return found


def _choice(key: str, value: object) -> Choice:
    lines = value if isinstance(value, Mapping) else {"usual": value}
    if "usual" not in lines or not all(isinstance(text, str) for text in lines.values()):
        raise GrammarError(f"{key} must be a text in quotes, or texts by number with one called usual")
    numbered = {n: str(text) for spans, text in lines.items() if spans != "usual" for n in _numbers(key, str(spans))}
    return Choice(str(lines["usual"]), numbered)


def _numbers(key: str, spans: str) -> list[int]:
    found: list[int] = []
    for piece in spans.split():
        match = SPAN.fullmatch(piece)
        if match is None:
            raise GrammarError(f"{key}: {piece!r} is neither a number, nor numbers like 2-4, nor usual")
        found += range(int(match[1]), int(match[2] or match[1]) + 1)
    return found
