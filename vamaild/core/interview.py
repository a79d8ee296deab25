"""What the principal is asked before he leaves: what people asked most lately and no page of the manual knows.

His answers become proposed pages ([[situation]]): shown to the assistant, never used until she puts them into the file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .groups import groups
from .ledger import Entry
from .letter import bare_subject, clean
from .ruleset import Kind, Language, Situation
from .words import Text, find

ASKING = (Kind.SCHEDULED_REQUEST, Kind.RUSH_REQUEST, Kind.PERCEIVED_ONLY, Kind.INSISTING)
MOST_ASKED, FEWEST, MOST_READ = 12, 2, 2_000


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked so many times, in one language. `phrases` are for `when`; `label` names it in the mail ("Q1")."""

    label: str
    words: str
    count: int
    language: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the requests the manual answered, and what it did not know, the most frequent first."""

    asked: int
    answered: int
    questions: tuple[Question, ...]

    @property
    def percent(self) -> int:
        return 100 * self.answered // self.asked if self.asked else 0


def coverage(entries: Iterable[Entry], languages: Mapping[str, Language], manual: Iterable[Situation] = ()) -> Coverage:
    """From what lies in the ledger, one request for each person and matter, by the pages as they are now.

    A message whose text was deleted since asks nothing.
    """
    pages = tuple(manual)
    first = {(e.address.lower(), bare_subject(e.subject).casefold()): e for e in entries if e.kind in set(ASKING)}
    read = [(e, str(e.explanation.get("new_text") or "").strip()) for e in list(first.values())[:MOST_READ]]
    asked = [(e, Text(text)) for e, text in read if text]
    open_now = [(e, text) for e, text in asked if not any(_answers(page, text) for page in pages)]
    by_language: dict[str, list[str]] = {}
    for entry, text in open_now:
        by_language.setdefault(entry.language, []).append(text.original)
    everything = {code: [text.original for e, text in asked if e.language == code] for code in by_language}
    found = [
        Question("", group.words, group.size, code, group.phrases)
        for code, texts in by_language.items()
        for group in groups(texts, languages.get(code), least=FEWEST, among=everything[code])
    ]
    ordered = sorted(found, key=lambda q: (-q.count, q.words))[:MOST_ASKED]
    questions = tuple(
        Question(f"Q{n}", clean(q.words, 60), q.count, q.language, q.phrases) for n, q in enumerate(ordered, 1)
    )
    return Coverage(len(asked), len(asked) - len(open_now), questions)


def _answers(page: Situation, text: Text) -> bool:
    return find(page.when, text) is not None and not (page.unless and find(page.unless, text))


def to_values(questions: Iterable[Question]) -> list[dict[str, object]]:
    """JSON-ready."""
    return [
        {"label": q.label, "words": q.words, "count": q.count, "language": q.language, "phrases": list(q.phrases)}
        for q in questions
    ]


def from_values(values: object) -> tuple[Question, ...]:
    """What `to_values` made."""
    found = values if isinstance(values, Sequence) else ()
    return tuple(
        Question(v["label"], v["words"], v["count"], v["language"], tuple(v["phrases"]))
        for v in found
        if isinstance(v, Mapping)
    )


def proposed(questions: Iterable[Question], answers: Mapping[str, str]) -> str:
    """The pages as they are put into the client's file; "" where nothing was answered."""
    answered = [(q, answers[q.label]) for q in questions if answers.get(q.label)]
    return "\n".join(_situation(q, words) for q, words in answered)


def _situation(question: Question, answer: str) -> str:
    language = question.language or "en"
    lines = [
        f"# asked {question.count} times",
        "[[situation]]",
        f"title = {_quoted(question.words)}",
        f"when = [{', '.join(map(_quoted, question.phrases))}]",
        f"answer.{language} = {_quoted(answer)}",
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A basic string of TOML: every control character escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04X}" for c in escaped) + '"'
