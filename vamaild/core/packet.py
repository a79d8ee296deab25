"""What a colleague is sent: who, when, what, by when and in which words, what was promised, what he must know.

Made of the program's own facts and of the customer's own new words in this one matter, shortened. No attachment, only
its name; no quotation, in which words of other people may stand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .letter import bare_subject, clean
from .ruleset import Matter, RuleSet
from .words import Text, find

TEXT_LIMIT, MESSAGES, NAMES = 3_000, 5, 10
DATES = {"it": "%d/%m/%Y %H:%M", "cs": "%d. %m. %Y %H:%M", "en": "%d %b %Y %H:%M"}


@dataclass(frozen=True, slots=True)
class Written:
    """One message of the customer: when (in the client's zone), and her own new words."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a packet may be made of. Times are in the client's zone; `due` is until when he has to answer."""

    who: str
    address: str
    subject: str
    thread: tuple[Written, ...]
    due: datetime
    deadline: datetime | None = None
    evidence: tuple[str, ...] = ()
    promises: tuple[datetime, ...] = ()
    matters: tuple[Matter, ...] = ()
    attachments: tuple[str, ...] = ()


def about(ruleset: RuleSet, texts: Iterable[str]) -> tuple[Matter, ...]:
    """The matters in progress that one of these texts is about; no others concern him."""
    seen = [Text(text) for text in texts]
    return tuple(m for m in ruleset.matters if any(find(m.about, text) for text in seen))


def day(at: datetime, language: str) -> str:
    """Numbers only: a packet needs no grammar."""
    return at.strftime(DATES.get(language, DATES["en"]))


def words(facts: Facts, language: str) -> dict[str, object]:
    """The words of the packet, as texts use them; what there is not is ""."""
    seen = ", ".join(f"«{clean(e, 120)}»" for e in facts.evidence)
    until = day(facts.deadline, language) if facts.deadline else ""
    return {
        "who": clean(facts.who, 60),
        "address": facts.address,
        "subject": clean(bare_subject(facts.subject), 120),
        "received": day(facts.thread[0].at, language) if facts.thread else "",
        "deadline": " ".join(filter(None, (until, seen))),
        "promises": ", ".join(day(at, language) for at in facts.promises),
        "matters": "\n".join(f"{m.matter}: {m.note}" if m.note else m.matter for m in facts.matters),
        "attachments": ", ".join(clean(name, 80) for name in facts.attachments[:NAMES]),
        "thread": "\n\n".join(_shown(facts.thread, language)),
        "due": facts.due,
    }


def _shown(thread: Sequence[Written], language: str) -> Iterable[str]:
    """The first message and the last ones, each with its moment; cut where it is long."""
    kept = (*thread[:1], *thread[1:][-(MESSAGES - 1) :])
    for message in kept:
        lines = [clean(line, 900) for line in message.text.strip().splitlines()]
        text = "\n".join(f"  {line}".rstrip() for line in lines)
        yield f"{day(message.at, language)}\n{text[:TEXT_LIMIT]}{' …' if len(text) > TEXT_LIMIT else ''}"
