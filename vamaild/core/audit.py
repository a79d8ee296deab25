"""The oracle: does what is kept add up, and was every promise of the service held (promises 1, 3, 5 and 6)?

Facts in, findings out. A finding names the rows it is about, so that a person can look. It repeats no secret.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .secrecy import leak

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Box:
    """One mailbox: UIDs that lie in it as far as it was read, and those the ledger has a state for.

    `fault` says why it could not be asked.
    """

    name: str
    lying: frozenset[int] = frozenset()
    known: frozenset[int] = frozenset()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the ledger holds, counted and searched by the adapter. Every item is a reference a person can look up."""

    messages: int
    outcomes: Mapping[str, int] = field(default_factory=dict)
    twice: tuple[str, ...] = ()
    """Messages to which the same courtesy was sent more than once."""
    half_sent: tuple[str, ...] = ()
    """Mails that somebody began to send, and nobody finished."""
    lost: tuple[str, ...] = ()
    """Escalated messages without a case."""
    stuck: tuple[str, ...] = ()
    """Open emergencies that nobody has taken and that wake nobody any more."""
    emergencies: int = 0
    open: int = 0


class AuditBook(Protocol):
    """Where the facts come from."""

    def kept(self) -> Kept: ...

    def uids(self, mailbox: str, uidvalidity: int) -> frozenset[int]:
        """Every UID of this mailbox that the ledger has a state for."""

    def texts(self) -> Iterator[tuple[str, str]]:
        """(where it stands, text) of everything that is kept or left for others than the people of [contacts]."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and what it found; `wrong` is empty when all is well."""

    name: str
    good: str
    wrong: str = ""

    @property
    def ok(self) -> bool:
        return not self.wrong


def findings(
    kept: Kept, boxes: Sequence[Box], texts: Iterable[tuple[str, str]], secrets: Sequence[str]
) -> list[Finding]:
    """Every check, in the order in which a person reads them."""
    return [
        _messages(boxes),
        _sums(kept),
        _named("replies", "no reply was sent twice", "the same reply was sent twice to", kept.twice),
        _named("outbox", "no mail is half sent", "begun and not finished; see vamaild outbox:", kept.half_sent),
        _emergencies(kept),
        _secrets(texts, secrets),
    ]


def _messages(boxes: Sequence[Box]) -> Finding:
    """Every message that lies in a mailbox, as far as it was read, has its state."""
    count = sum(len(box.lying) for box in boxes)
    if silent := [f"{box.name} was not asked: {box.fault}" for box in boxes if box.fault]:
        return Finding("messages", "", "; ".join(silent))
    missing = [f"{box.name} {uid}" for box in boxes for uid in sorted(box.lying - box.known)]
    where = "no mailbox was asked" if not boxes else f"{_many(count, 'message')} in {_many(len(boxes), 'mailbox')}"
    return _named("messages", f"{where}, each in one state" if boxes else where, "not in the ledger:", missing)


def _sums(kept: Kept) -> Finding:
    total = sum(kept.outcomes.values())
    parts = " + ".join(f"{n} {outcome}" for outcome, n in sorted(kept.outcomes.items()))
    good = f"{kept.messages} = {parts or 0}"
    return Finding("sums", good, "" if total == kept.messages else f"{kept.messages} rows, but {parts} make {total}")


def _emergencies(kept: Kept) -> Finding:
    good = f"{_many(kept.emergencies, 'emergency', 'emergencies')}, {kept.open} open, each with a next step"
    wrong = [f"no case: {row}" for row in kept.lost] + [f"nobody is woken any more: {code}" for code in kept.stuck]
    return _named("emergencies", good, "", wrong)


def _secrets(texts: Iterable[tuple[str, str]], secrets: Sequence[str]) -> Finding:
    count, found = 0, []
    for where, text in texts:
        count += 1
        if leak(text, secrets):
            found.append(where)
    return _named("secrets", f"{_many(count, 'text')} searched", "something of secrets.toml stands in", found)


def _named(name: str, good: str, wrong: str, which: Sequence[str]) -> Finding:
    more = f" and {len(which) - SHOWN} more" if len(which) > SHOWN else ""
    return Finding(name, good, f"{wrong} {', '.join(which[:SHOWN])}{more}".strip() if which else "")


def _many(count: int, one: str, many: str = "") -> str:
    plural = many or (f"{one}es" if one.endswith("x") else f"{one}s")
    return f"{count} {one if count == 1 else plural}"
