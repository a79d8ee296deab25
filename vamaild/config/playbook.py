"""Whether the pages of a playbook, the [[situation]] tables, go together: what no single page shows.

A page that can never be reached and two pages that contradict each other are faults of the file. A language without an
answer, and a promise without a date, are warnings: the words cannot be sure.
"""

from collections.abc import Iterable, Iterator, Sequence

from ..core.ruleset import Language, RuleSet
from ..core.words import Text, find, look, parse
from .build_rules import Desk
from .locate import Path
from .problem import Problem, Severity
from .schema.client import ClientFile, SituationTable

PROMISES = "promises.words"
DAYS = ("days.weekdays", "days.months", "days.today", "days.tomorrow", "days.after_tomorrow")
NUMBERS = "days.numbers"


def pages(desk: Desk, file: ClientFile, secrets: object) -> None:
    """Reports pages that contradict each other or are never reached, answers that are missing, a missing colleague."""
    for number, page in enumerate(file.situation):
        earlier = file.situation[:number]
        if not _contradicts(desk, number, page, earlier):
            _unreached(desk, number, page, earlier)
        _untranslated(desk, number, page, file)
        if page.then == "colleague" and not desk.document.data.get("colleague"):
            path: Path = ("situation", number, "then")
            desk.report(path, f'"{page.title}" goes to the colleague, but there is no [colleague]', show=True)


def _contradicts(desk: Desk, number: int, page: SituationTable, earlier: Sequence[SituationTable]) -> bool:
    """One phrase, two answers: only the first one is ever given."""
    found = False
    for at, phrase in enumerate(page.when):
        for before, other in enumerate(earlier):
            same = next((n for n, p in enumerate(other.when) if parse(p) == parse(phrase)), None)
            if same is not None and _answer_differs(page, other):
                line = desk.document.lines.of(("situation", before, "when", same))
                what = f'"{phrase}" has two answers: that of "{other.title}" on line {line}, and that of "{page.title}"'
                desk.report(("situation", number, "when", at), what, "leave it to one of them; only the first is given")
                found = True
    return found


def _answer_differs(page: SituationTable, other: SituationTable) -> bool:
    return any(code in other.answer and other.answer[code] != text for code, text in page.answer.items())


def _unreached(desk: Desk, number: int, page: SituationTable, earlier: Sequence[SituationTable]) -> None:
    """Every phrase of the page is found by a page above it; or every one of its examples is."""
    taken = [_taker(desk, Text(_plain(phrase)), earlier) for phrase in page.when]
    if all(taken):
        phrase, line = next(t for t in taken if t)
        help = f'the phrase "{phrase}" on line {line} takes it first; move it up or add unless'
        desk.report(("situation", number), f'"{page.title}" can never be reached', help)
        return
    shown = [_taker(desk, Text(text), earlier) for text in page.fits]
    if shown and all(shown):
        phrase, line = next(t for t in shown if t)
        help = f'the phrase "{phrase}" on line {line} takes it first; move this page up or add unless there'
        desk.report(("situation", number, "fits"), f'no example of "{page.title}" reaches it', help)


def _taker(desk: Desk, text: Text, earlier: Sequence[SituationTable]) -> tuple[str, int] | None:
    """The phrase of a page above that takes this text, and its line."""
    for before, other in enumerate(earlier):
        if find(other.unless, text):
            continue
        for at, phrase in enumerate(other.when):
            if look(phrase, text):
                return phrase, desk.document.lines.of(("situation", before, "when", at))
    return None


def _plain(phrase: str) -> str:
    """The words of a phrase, as somebody might write them."""
    return phrase.replace("*", "").replace("+", " ")


def _untranslated(desk: Desk, number: int, page: SituationTable, file: ClientFile) -> None:
    """The client's own language is looked at elsewhere; these are the others replies may be written in."""
    missing = [c for c in file.client.languages if c not in page.answer and c != file.client.language]
    if missing:
        what = f'the answer to "{page.title}" is missing in {", ".join(missing)}'
        help = f"who writes in it gets the answer in {next(iter(page.answer))}: add answer.{missing[0]}"
        desk.warn(("situation", number, "answer"), what, help)


def dateless(rulesets: Iterable[RuleSet], tables: Iterable[Language]) -> Iterator[Problem]:
    """Warnings: an answer holds something out for later and does not say when. A language may have several tables."""
    languages = _joined(tables)
    for ruleset in rulesets:
        for page in ruleset.situations:
            for code, answer in page.answer.items():
                if words := undated(answer, languages.get(code)):
                    what = f'the answer to "{page.title}" ({code}) says "{words}" and names no date'
                    help = "say by which day or hour, or leave the promise out: who gets no date asks again"
                    yield Problem(page.place.file, page.place.line, what, help, severity=Severity.WARNING)


def _joined(tables: Iterable[Language]) -> dict[str, Language]:
    lists: dict[str, dict[str, tuple[str, ...]]] = {}
    for table in tables:
        known = lists.setdefault(table.code, {})
        known |= {name: (*known.get(name, ()), *phrases) for name, phrases in table.lists.items()}
    return {code: Language(code, known) for code, known in lists.items()}


def undated(answer: str, language: Language | None) -> str:
    """The first words that promise something for later in a sentence without a day, an hour or a number; else ""."""
    if language is None:
        return ""
    text = Text(answer)
    for phrase in language.phrases(PROMISES):
        hit = look(phrase, text)
        if hit and not _dated(text.sentence(hit.sentence), language):
            return hit.words
    return ""


def _dated(sentence: str, language: Language) -> bool:
    words = [each for name in DAYS for entry in language.phrases(name) for each in entry.split("|")]
    words += [each for entry in language.phrases(NUMBERS)[1:] for each in entry.split("|")]
    return any(c.isdigit() for c in sentence) or find([w.strip() for w in words], Text(sentence)) is not None
