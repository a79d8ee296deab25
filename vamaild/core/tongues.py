"""In which language to answer: the person's own, else that of his words; when that is in doubt, two in one reply.

Words are weighed twice: by the detector, and by the language tables themselves (which know words typed without accents
and languages no detector knows). Where neither is sure, the reply says everything in the language of the client's
customers and again in English, below a line of dashes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Protocol

from . import wording
from .case import Case
from .letter import Letter, Render, TemplateError
from .message import History
from .plan import Reply
from .ruleset import Language, Person, RuleSet
from .words import opening, parse

SURE, LIKELY = 0.6, 0.3
"""From these confidences on, the detector's word counts: alone, and when the tables say the same."""
CLEARLY_MORE = 2
"""So many more words of one language than of any other, and a quarter more: then the tables are sure."""
COMMON = "en"
DASHES = "-" * 40
SOME_WORDS = 60
SHORTEST_STEM = 4


class Detect(Protocol):
    """Guesses the language of a text among those given; the confidence is 0 to 1."""

    def __call__(self, text: str, among: Sequence[str], default: str) -> tuple[str, float]:
        """(language code, confidence)."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """The language of the reply, and a second one when it is in doubt ("" when not).

    `heard`: the words themselves are surely in it, so that the tables of other languages would only mishear them.
    """

    code: str
    second: str = ""
    heard: bool = False


class _Vocabulary:
    """The words of all the lists of one language. Beginnings of words (those that end in *) by their first letters,
    since hardly any word of a text has one of them.
    """

    __slots__ = ("_begun", "_whole")

    def __init__(self, words: Iterable[str]) -> None:
        self._whole: set[str] = set()
        self._begun: dict[str, tuple[str, ...]] = {}
        for word in dict.fromkeys(words):
            stem = word.removesuffix("*")
            if stem == word:
                self._whole.add(word)
            elif len(stem) >= SHORTEST_STEM:
                first = stem[:SHORTEST_STEM]
                self._begun[first] = (*self._begun.get(first, ()), stem)

    def knows(self, words: Set[str]) -> int:
        """How many of these words of a text are among them, or begin like one."""
        begun = self._begun
        others = [word for word in words - self._whole if word[:SHORTEST_STEM] in begun]
        return len(words & self._whole) + sum(word.startswith(begun[word[:SHORTEST_STEM]]) for word in others)


def _vocabulary(table: Language) -> _Vocabulary:
    return table.once("vocabulary", lambda: _Vocabulary(_words(table)))


def _words(table: Language) -> Iterator[str]:
    """The words of all the lists of this language; one that ends in * keeps it."""
    groups = (group for phrases in table.lists.values() for phrase in phrases for group in parse(phrase))
    words = (word for group in groups for any_of in group for word in any_of.split("|"))
    return (word for word in words if word.rstrip("*").isalpha())


def votes(text: str, tables: Mapping[str, Language]) -> dict[str, int]:
    """How many different words of the text's beginning stand in the tables of each language."""
    words = set(opening(text, SOME_WORDS))
    return {code: _vocabulary(table).knows(words) for code, table in tables.items()}


def _most(counted: Mapping[str, int], sure: int = 1) -> str:
    """The language that has the most words, `sure` more than any other and a quarter more; "" when none has."""
    first, most = (*sorted(counted.values(), reverse=True), 0, 0)[:2]
    if first - most < sure or first * 4 < most * 5:
        return ""
    return next(code for code, count in counted.items() if count == first)


def tongue_of(
    text: str,
    person: Person | None,
    ruleset: RuleSet,
    history: History,
    tables: Mapping[str, Language],
    detect: Detect,
) -> Tongue:
    """The person's language, else the one he wrote before, else that of his words among the client's.

    In doubt: the client's, and a second one.
    """
    client = ruleset.client
    known = (person.language if person else "") or history.language
    among = client.languages or (client.language,)
    if known or len(among) == 1:
        return Tongue(known or client.language)
    guess, confidence = detect(text, among, client.language)
    counted = votes(text, {code: tables[code] for code in among if code in tables})
    clear, more = _most(counted, CLEARLY_MORE), _most(counted)
    agreed = more == guess and (confidence >= LIKELY or more == client.language)
    if agreed or (confidence >= SURE and clear in ("", guess)):
        return Tongue(guess, heard=True)
    if confidence < SURE and clear:
        return Tongue(clear, heard=True)
    return Tongue(client.language, _second(client.language, guess, among, counted))


def _second(first: str, guess: str, among: Sequence[str], counted: Mapping[str, int]) -> str:
    """English, where the client's people may be answered in it; else the next likely one."""
    others = [code for code in among if code != first]
    if COMMON in others:
        return COMMON
    return max(others, key=lambda code: (code == guess, counted.get(code, 0)), default="")


def in_both(reply: Reply, case: Case, first: Letter, render: Render, answers: Mapping[str, str]) -> Letter:
    """The letter with its body in the second language below, when there is one and the text exists in it.

    `answers` are those of the playbook's page, by language; a page that knows one language is answered in one.
    """
    second = case.reading.second
    if not second or second == reply.language or ("answer" in reply.words and second not in answers):
        return first
    words = {**reply.words, **wording.away(case, second)}
    words["colleague"] = wording.colleague_words(case.ruleset.colleague, second)
    if "answer" in words:
        words["answer"] = answers[second]
    try:
        other = render(reply.template, second, case.ruleset.client.id, words)
    except TemplateError:
        return first
    if other.body == first.body:
        return first
    return Letter(first.subject, f"{first.body.rstrip()}\n\n{DASHES}\n\n{other.body}")
