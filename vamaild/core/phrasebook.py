"""The phrase lists of one language, all in one index, with what is made of them once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from .lexicon import Lexicon, Phrases
from .wordforms import fold
from .words import Text

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """Every phrase list of one language by its name ("urgency.stated", "days.weekdays", "signs.thanks")."""

    code: str
    lists: Mapping[str, tuple[str, ...]]
    _lexicon: Lexicon = field(init=False, repr=False, compare=False)
    _made: dict[str, object] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ready = {name: Phrases(phrases) for name, phrases in self.lists.items()}
        object.__setattr__(self, "lists", ready)
        object.__setattr__(self, "_lexicon", Lexicon(ready.values(), remembers=True))

    def phrases(self, name: str) -> tuple[str, ...]:
        """The phrases of one list; () when this language has none."""
        return self.lists.get(name, ())

    def words(self, name: str) -> frozenset[str]:
        """The words of one list, folded, to be compared with those of a text."""
        return self.once(f"words {name}", lambda: frozenset(map(fold, self.phrases(name))))

    def standing(self, text: Text) -> Iterator[str]:
        """The names of the lists of which something may stand in this text, in their order."""
        names = self.once("names", lambda: tuple(self.lists))
        return (names[number] for number in text.lists(self._lexicon))

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """What is made of these lists, made once; always the same for one name."""
        if name not in self._made:
            self._made[name] = make()
        return cast("Made", self._made[name])
