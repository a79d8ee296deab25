"""The shipped words of one language, as every file of rules.d together says them."""

import tomllib
from functools import cache
from pathlib import Path

from vamaild.core.ruleset import Language

RULES = Path(__file__).parent.parent / "rules.d"


@cache
def language(code: str) -> Language:
    lists: dict[str, tuple[str, ...]] = {}
    for path in sorted(RULES.glob(f"*-{code}.toml")):
        for table, values in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for name, words in values.items() if isinstance(values, dict) else ():
                if isinstance(words, list):
                    lists[f"{table}.{name}"] = (*lists.get(f"{table}.{name}", ()), *words)
    return Language(code, lists)
