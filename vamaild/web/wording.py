"""The words of the page: templates/<language>/page.toml, with the dates of that language's grammar.toml."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..core.grammar import Grammar, GrammarError, build, say

FALLBACK, FILE = "en", "page.toml"
FIELD = re.compile(r"\{(\w+)\}")


class WordingError(Exception):
    """A page.toml or its grammar that cannot be used; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One language: texts by "table.key"."""

    language: str
    texts: Mapping[str, str]
    grammar: Grammar

    def say(self, key: str, **words: str) -> str:
        """The text with its {words} filled in; "" for one that is not there."""
        return FIELD.sub(lambda found: words.get(found[1], ""), self.texts.get(key, ""))

    def when(self, at: datetime, now: datetime) -> str:
        """ "today at 10:40"; `now` gives the time zone."""
        return say(self.grammar, self.texts["how.when"], at.astimezone(now.tzinfo), now)

    def until(self, at: datetime, now: datetime) -> str:
        """ "Monday 7 December", as it is said after "until"."""
        return say(self.grammar, self.texts["how.until"], at.astimezone(now.tzinfo).date(), now)

    def whom(self, name: str) -> str:
        """The name as it is said after "to"."""
        how = self.texts.get("how.whom", "")
        return say(self.grammar, how, name, None) if how and name else name


def load(roots: Iterable[Path]) -> Mapping[str, Wording]:
    """Every language that has a page.toml; a line missing there is taken from the later roots, then from English.

    Raises WordingError.
    """
    places = tuple(roots)
    english = _texts(places, FALLBACK)
    codes = sorted({path.parent.name for root in places for path in root.glob(f"*/{FILE}")})
    return {code: Wording(code, english | _texts(places, code), _grammar(places, code)) for code in codes}


def _texts(places: tuple[Path, ...], language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for root in reversed(places):
        path = root / language / FILE
        if path.is_file():
            found |= _flat(path)
    return found


def _flat(path: Path) -> dict[str, str]:
    tables = _toml(path)
    found = {
        f"{name}.{key}": text
        for name, table in tables.items()
        if isinstance(table, dict)
        for key, text in table.items()
    }
    wrong = next((key for key, text in found.items() if not isinstance(text, str)), None)
    if wrong or len(tables) != len({key.partition(".")[0] for key in found}):
        raise WordingError(f'{path}: {wrong or "everything"} must be a text, like  title = "Urgent", under its [table]')
    return found


def _grammar(places: tuple[Path, ...], language: str) -> Grammar:
    path = next((p for root in places if (p := root / language / "grammar.toml").is_file()), None)
    if path is None:
        raise WordingError(
            f"templates/{language}/grammar.toml: this language has no table of words; copy en/grammar.toml"
        )
    try:
        return build(_toml(path))
    except GrammarError as error:
        raise WordingError(f"{path}: {error}") from error


def _toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WordingError(f"{path}: it cannot be read: {error}") from error
