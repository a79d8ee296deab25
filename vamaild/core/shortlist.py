"""Which of many rules are worth trying: those whose words are in the message. So more rules cost it nothing.

What a rule says exactly is looked at by conditions.py; here a rule is only left out where it surely cannot fit.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from .lexicon import Lexicon, Phrases
from .words import Text

SAYS = ("says", "also_says", "subject_says")
MAY_FAIL = "regex"
"""Where it takes too long a person looks, so that a rule with one is always tried."""


Item = TypeVar("Item")


def needed(item: object) -> Sequence[str] | None:
    """Phrases of a rule, page or matter of which one must stand in the message; None: it may fit without."""
    when: object = getattr(item, "when", None)
    if not isinstance(when, Mapping):
        return tuple(map(str, when if isinstance(when, tuple) else getattr(item, "about", ())))
    said = next((when[name] for name in SAYS if name in when), None)
    if said is None or MAY_FAIL in when:
        return None
    return tuple(map(str, said)) if isinstance(said, (list, tuple)) else (str(said),)


class Shortlist(tuple[Item, ...]):
    """Rules in their order; the index of their words is built when it is first asked."""

    _lexicon: Lexicon
    _numbers: Sequence[int]
    _always: Sequence[int]

    def numbers(self, texts: Sequence[Text]) -> Sequence[int]:
        """The numbers of those that may fit a message of these texts, in their order."""
        if not hasattr(self, "_lexicon"):
            self._build()
        held = {self._numbers[at] for text in texts for at in text.held_against(self._lexicon)}
        return sorted(held.union(self._always))

    def _build(self) -> None:
        worded = {number: said for number, item in enumerate(self) if (said := needed(item)) is not None}
        self._numbers = tuple(worded)
        self._always = [number for number in range(len(self)) if number not in worded]
        self._lexicon = Lexicon(map(Phrases, worded.values()))


def shortlist(items: tuple[Item, ...]) -> Shortlist[Item]:
    """The same items with an index."""
    return items if isinstance(items, Shortlist) else Shortlist(items)


def worth(items: tuple[Item, ...], *texts: Text) -> Iterator[Item]:
    """Those of them that may fit a message of these texts, in their order."""
    if not isinstance(items, Shortlist):
        return iter(items)
    return (items[number] for number in items.numbers(texts)) if items else iter(())
