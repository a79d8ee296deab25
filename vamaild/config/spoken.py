"""Which of the shipped language tables are needed: those that some client names, and the assistant's own.

The tables are large, and most installations speak two or three languages; `vamaild check` reads all of them.
"""

import re
from collections.abc import Iterable, Sequence

from .configuration import Source

TABLE = re.compile(r"[0-9]{2}-[a-z]+-(?P<code>[a-z]{2,3})\.toml$")
NAMED = re.compile(rb"^\s*languages?\s*=(?P<rest>(?:[^\[\n]*\[[^\]]*\]|[^\n]*))", re.MULTILINE)
CODE = re.compile(rb"""["']([a-z]{2,3})["']""")


def named(sources: Iterable[Source]) -> frozenset[str]:
    """Every language code that a file of somebody's own names; also those of a file's last good version."""
    found: set[str] = set()
    for source in sources:
        raws = [source.raw] + ([source.fallback.raw] if source.fallback else [])
        found |= {c.decode() for raw in raws for line in NAMED.finditer(raw) for c in CODE.findall(line["rest"])}
    return frozenset(found)


def spoken(rules: tuple[Source, ...], others: Sequence[Source] = ()) -> tuple[Source, ...]:
    """The rule files without the shipped tables of languages nobody named; `others` (vamaild.toml) may name some too.

    The assistant answers notices in her own language.
    """
    codes = named((*(s for s in rules if not s.shipped), *others))
    return tuple(s for s in rules if not s.shipped or not (t := TABLE.search(s.label)) or t["code"] in codes)
