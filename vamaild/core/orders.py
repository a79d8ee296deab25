"""What somebody answers to a report, in his own new words: PAUSE, RESUME, yes or no to its numbered questions.

Words are language data ([answers] in rules.d/16-orders-xx.toml and 14-yes-xx.toml). An order counts only where
it stands alone between signs or line ends; a number only with words that say one thing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .consent import Spoken, spoken
from .ruleset import Language
from .sentences import Negation
from .words import Text, fold

LONGEST, MOST_WORDS, MOST_NUMBERS = 2_000, 8, 40
PART = re.compile(r"[.,;:!?()\n–—…\"'*_]+|\s-\s")
NUMBER = re.compile(r"(\d+)")
NO_LIST = re.compile(r"\d{3,}|\d[.:/]\d|[@+€$%]|https?:", re.IGNORECASE)
DASH = ("-", "–", "—")


@dataclass(frozen=True, slots=True)
class Orders:
    """What was understood. `bare`: a plain yes or no without a number; `unclear`: something with it was not."""

    pause: bool = False
    resume: bool = False
    answers: Mapping[int, bool] = field(default_factory=dict)
    bare: bool | None = None
    unclear: bool = False

    @property
    def anything(self) -> bool:
        return self.pause or self.resume or bool(self.answers) or self.bare is not None


def read(own: str, mine: Sequence[Language], every: Sequence[Language] = ()) -> Orders:
    """The orders in these words. `mine` are the languages of whoever wrote; PAUSE and RESUME count in `every` one."""
    text = own[:LONGEST]
    pause, resume = (_alone(text, name, every or mine) for name in ("pause", "resume"))
    lines = [line for line in text.split("\n") if NUMBER.search(line) and not NO_LIST.search(line)]
    read_lines = [_numbered(line, mine) for line in lines]
    found: dict[int, bool] = {}
    unclear = None in read_lines or (pause and resume)
    for number, said in (pair for line in read_lines if line for pair in line):
        unclear = unclear or found.get(number, said) is not said
        found[number] = said
    if unclear and ((pause and resume) or _contradicts(read_lines)):
        return Orders(unclear=True)
    nothing = not (pause or resume or found or lines)
    bare = {Spoken.YES: True, Spoken.NO: False}.get(spoken(Text(text.strip()), mine)) if nothing else None
    return Orders(pause, resume, found, bare, unclear)


def _contradicts(lines: Iterable["Sequence[tuple[int, bool]] | None"]) -> bool:
    said = {pair for line in lines if line for pair in line}
    return len({number for number, _ in said}) < len(said)


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


def _lists(name: str, languages: Iterable[Language]) -> Iterator[str]:
    for language in languages:
        yield from language.phrases(f"answers.{name}")


def _alone(text: str, name: str, languages: Sequence[Language]) -> bool:
    """Whether one of these phrases stands between signs, with nothing beside it but words of politeness."""
    phrases = {_words(p) for p in _lists(name, languages)}
    polite = sorted({_words(p) for p in _lists("polite", languages)}, key=len, reverse=True)
    return any(_bare(_words(part), polite) in phrases for part in PART.split(text))


def _bare(words: str, polite: Sequence[str]) -> str:
    padded = f" {words} "
    for phrase in polite:
        padded = padded.replace(f" {phrase} ", " ")
    return padded.strip()


def _numbered(line: str, languages: Sequence[Language]) -> list[tuple[int, bool]] | None:
    """ "1, 4 yes" or "yes: 1 and 4" as pairs; None when it says something else."""
    lead, *rest = NUMBER.split(line)
    joins = {_words(p) for p in _lists("joins", languages)}
    found: list[tuple[int, bool]] = []
    waiting: list[int] = []
    for at in range(0, len(rest), 2):
        first = waiting[-1] + 1 if waiting and rest[at - 1].strip() in DASH else int(rest[at])
        waiting += range(first, int(rest[at]) + 1)
        if len(waiting) > MOST_NUMBERS:
            return None
        if not joins.issuperset(_words(rest[at + 1]).split()):
            said = _meaning(rest[at + 1], languages)
            if said is None:
                return None
            found += ((number, said) for number in waiting)
            waiting = []
    if not waiting:
        return found if joins.issuperset(_words(lead).split()) else None
    said = None if found else _meaning(lead, languages)
    return None if said is None else [(number, said) for number in waiting]


def _meaning(words: str, languages: Sequence[Language]) -> bool | None:
    """Yes ("it could have waited"), no, or None when they say neither or both."""
    text = Text(words.strip(" \t\r.,;:)(-–—=>"))
    if len(text.words) > MOST_WORDS or "?" in words:
        return None
    negation, plain = Negation(languages), spoken(text, languages)
    against = negation.plain(tuple(_lists("could_not", languages)), text)
    for_it = [
        hit
        for hit in negation.plain(tuple(_lists("could_wait", languages)), text)
        if not any(other.start <= hit.start and hit.end <= other.end for other in against)
    ]
    yes, no = plain is Spoken.YES or bool(for_it), plain is Spoken.NO or bool(against)
    doubted = any(negation.plain(lang.phrases("answers.but"), text) for lang in languages)
    return yes if yes != no and not doubted else None
