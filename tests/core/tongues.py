"""The shipped language tables and emergencies as values, for the tests of what understands text."""

import tomllib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from vamaild.core.reading import Reading, read
from vamaild.core.ruleset import EmergencyRule, Language
from vamaild.core.words import Text

RULES = Path(__file__).parents[2] / "rules.d"
ROME = ZoneInfo("Europe/Rome")
WEDNESDAY = datetime(2026, 11, 18, 10, 30, tzinfo=ROME)
EVERY = ("it", "cs", "en")
MORE = ("de", "fr", "es", "sk", "pl")


@lru_cache
def language(code: str) -> Language:
    tables = tomllib.loads((RULES / f"10-language-{code}.toml").read_text(encoding="utf-8"))
    lists = {f"{table}.{n}": v for table, found in tables.items() for n, v in found.items() if isinstance(v, list)}
    return Language(code, {name: tuple(phrases) for name, phrases in lists.items()})


@lru_cache
def emergencies(code: str) -> tuple[EmergencyRule, ...]:
    tables = tomllib.loads((RULES / f"20-emergencies-{code}.toml").read_text(encoding="utf-8"))["emergency"]
    lists = ("happens", "harmed", "strike", "unless", "fits", "fits_not")
    return tuple(
        EmergencyRule(
            name=t["name"],
            language=code,
            doubtful=t.get("doubtful", False),
            **{key: tuple(t.get(key, ())) for key in lists},
        )
        for t in tables
    )


def understood(text: str, *codes: str, subject: str = "", sent: datetime = WEDNESDAY) -> Reading:
    """What the shipped tables read out of this text; in the languages of the client, all three if not said."""
    used = codes or EVERY
    rules = tuple(rule for code in used for rule in emergencies(code))
    return read(Text(subject), Text(text), [language(c) for c in used], rules, sent, used[0])
