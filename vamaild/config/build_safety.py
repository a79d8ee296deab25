"""[safety] of a file of rules.d: more signs of a machine. They add to those of the standards and never replace one."""

from collections.abc import Iterable, Iterator, Mapping

from ..core.safety import Safety, safety, too_wide
from .build_rules import Desk
from .configuration import Source
from .schema.rules import SafetyTable

FILE = "00-safety.toml"


def additions(desk: Desk, table: SafetyTable) -> Mapping[str, tuple[str, ...]]:
    """The lists of one file; an entry that would silence people is reported."""
    lists: dict[str, tuple[str, ...]] = {name: tuple(getattr(table, name)) for name in table.model_fields_set}
    for name, words in lists.items():
        for number, word in enumerate(words):
            if too_wide(name, word):
                what = f'"{word}" in "{name}" would silence people, not only programs'
                desk.report(("safety", name, number), what, "write at least four letters besides *", show=True)
    return lists


def together(found: Iterable[Mapping[str, tuple[str, ...]]]) -> Safety:
    """The lists of all files, and what the standards themselves name."""
    return safety(*found)


def beside_the_shipped(sources: Iterable[Source]) -> Iterator[Source]:
    """The sources in order; an own 00-safety.toml stands beside the shipped one, where other files replace theirs."""
    for source in sources:
        if source.label.rpartition("/")[2] == FILE and not source.shipped and source.fallback:
            yield source.fallback
        yield source
