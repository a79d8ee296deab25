"""Which of two offers did he choose? "B", "ok B", "va bene la B", "beru béčko" are a choice; nothing else is.

The words stand in the [choice] lists of the language tables. A text is a choice only where every word of it stands in
one of the lists: one word more ("B, ale levněji", "B? sei matto") and a person must read it. Nobody can foresee all
the ways to say no, but every way needs a word.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .ruleset import Language
from .words import Text, fold, parse, sightings

LONGEST = 60
SHORT = 12
FEEBLE = {"a"}
GLAD = frozenset("👍👌🙏😊🙂😀😃😄😁☺✅✔🤝🎉💪❤♥🌞☀🙌👏💐🌹😉🏻🏼🏽🏾🏿©®™°`´¨^|+~=<>")
SOUR = re.compile(r"[:;=]['’-]?[(\[/\\|@]|\^\^?°|\bxD\b")
QUESTION = re.compile(r"[?？؟]")
LISTS = ("second", "first", "calm", "questions", "same_day", "agrees", "price", "around", "against")
COVERS = frozenset({"second", "first", "calm", "same_day", "agrees", "price", "around", "name", "number"})
POLITE = frozenset({"agrees", "around", "name"})


class Choice(StrEnum):
    """What an answer to an offer says about it. NOTHING: it speaks of something else."""

    A = "a"
    B = "b"
    ASKS = "asks"
    UNCLEAR = "unclear"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be repeated from the offer without changing it: the surcharge, the moment, and whose names are known.

    `ready_at` and `arrived` are in the client's time zone; `names` are those of both sides, in any form.
    """

    percent: int
    ready_at: datetime
    arrived: datetime
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choice, the words that no list knows, and whether it is nothing but politeness ("ok, grazie")."""

    choice: Choice
    unknown: tuple[str, ...] = ()
    polite: bool = False


NOTHING = Chosen(Choice.NOTHING)


def choose(text: Text, tables: Iterable[Language], terms: Terms) -> Chosen:
    """What the sender's own new words say, by the first of these tables that understands all of them."""
    tables = tuple(tables)
    if not text.words:
        return Chosen(Choice.UNCLEAR)
    found = [_Look(text, table, terms).chosen() for table in tables]
    order = (Choice.B, Choice.A, Choice.ASKS, Choice.UNCLEAR)
    best = next((f for choice in order for f in found if f.choice is choice), NOTHING)
    polite = best.choice in (Choice.UNCLEAR, Choice.NOTHING) and any(f.polite for f in found)
    return Chosen(best.choice, best.unknown, polite)


class _Look:
    """One text, seen with the lists of one language: every word gets the label of the longest phrase it stands in."""

    __slots__ = ("_feeble", "labels", "terms", "text", "words")

    def __init__(self, text: Text, table: Language, terms: Terms) -> None:
        self.text, self.terms = text, terms
        self.words = text.words
        self.labels: list[str] = [""] * len(self.words)
        self._feeble: set[int] = set()
        self._cover(table)
        self._numbers_and_names()

    def _cover(self, table: Language) -> None:
        starts = {word.start: at for at, word in enumerate(self.words)}
        found: list[tuple[int, int, int, str]] = []
        for rank, name in enumerate(LISTS):
            for hit in sightings(table.phrases(f"choice.{name}"), self.text):
                first = starts[hit.start]
                size = sum(word.start < hit.end for word in self.words[first:])
                said = sum(len(group) for group in parse(hit.phrase))
                if size == said or name in ("questions", "against"):
                    found.append((-said, rank, first, name))
                    if hit.phrase in FEEBLE:
                        self._feeble.add(first)
        for said, _, first, name in sorted(found):
            places = range(first, min(first - said, len(self.labels)))
            if all(not self.labels[at] for at in places):
                for at in places:
                    self.labels[at] = name

    def _numbers_and_names(self) -> None:
        numbers = _numbers(self.terms)
        names = {fold(piece) for name in self.terms.names for piece in re.findall(r"[^\W\d_]{2,}", name)}
        for at, word in enumerate(self.words):
            if word.folded.strip("!") == "":
                self.labels[at] = "around"
            elif not self.labels[at] and word.folded in numbers:
                self.labels[at] = "number"
            elif not self.labels[at] and word.folded in names:
                self.labels[at] = "name"

    def chosen(self) -> Chosen:
        seen = set(self.labels) - {""}
        unknown = tuple(
            self.text.original[w.start : w.end] for w, label in zip(self.words, self.labels, strict=True) if not label
        )
        asks = bool(QUESTION.search(self.text.original))
        plain = not unknown and not asks and seen <= COVERS and self._no_odd_signs() and len(self.words) <= LONGEST
        if plain and (clean := self._plainly(seen)):
            return Chosen(clean)
        named = self._names_one(seen)
        if "questions" in seen or (asks and named):
            return Chosen(Choice.ASKS, unknown)
        short = len(self.words) <= SHORT and seen & {"agrees", "against"}
        vague = Choice.UNCLEAR if named or short else Choice.NOTHING
        return Chosen(vague, unknown, polite=plain and seen <= POLITE)

    def _plainly(self, seen: set[str]) -> Choice | None:
        """A choice in words that all are known, if it is only one."""
        today = "same_day" not in seen or self.terms.ready_at.date() == self.terms.arrived.date()
        told = "price" in seen and "agrees" not in seen  # "B is the rush rate" repeats the offer and takes nothing
        if "second" in seen and not seen & {"first", "calm"} and today and not told:
            return Choice.B
        if seen & {"first", "calm"} and not seen & {"second", "same_day", "number", "price"}:
            return Choice.A
        return None

    def _names_one(self, seen: set[str]) -> bool:
        """Whether it speaks of one of the two; the little word "a" alone does not."""
        first = any(
            label == "first" and (at not in self._feeble or self._great(at)) for at, label in enumerate(self.labels)
        )
        return "second" in seen or first

    def _great(self, at: int) -> bool:
        """A capital A that does not begin a sentence."""
        word = self.words[at]
        begins = at == 0 or self.words[at - 1].sentence != word.sentence
        alone = sum(w.sentence == word.sentence for w in self.words) == 1
        return self.text.original[word.start : word.end].isupper() and (not begins or alone)

    def _no_odd_signs(self) -> bool:
        """No sign that turns a yes around: a sour face, a struck word, "not equal"."""
        original = self.text.original
        odd = (c for c in original if unicodedata.category(c) in ("So", "Sm", "Sk", "Co", "Cn"))
        struck = any(c in "\u0335\u0336\u0337\u0338" for c in original)
        sour = SOUR.search(original) or "~~" in original or "!=" in original
        return not struck and not sour and all(c in GLAD for c in odd)


def _numbers(terms: Terms) -> frozenset[str]:
    """The numbers of the offer as people write them: 50, 50%, 18, 18:00, 18h, 6pm."""
    hour, minute = terms.ready_at.hour, terms.ready_at.minute
    found = {str(terms.percent), f"{terms.percent}%"}
    found |= {f"{hour}{sign}{minute:02}" for sign in ":.h"}
    if not minute:
        found |= {str(hour), f"{hour}h", f"{hour}hod", f"{hour}uhr"}
        found |= {f"{hour - 12}pm", f"{hour - 12}"} if hour > 12 else set()
    return frozenset(found)


def phrases_known(tables: Sequence[Language]) -> bool:
    """Whether any of these tables has words for a choice at all."""
    return any(table.phrases("choice.second") for table in tables)
