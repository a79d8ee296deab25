"""What corrections teach: a proposed rule for one client, explained by the messages it comes from. Pure, no guessing.

Three corrections of a kind make a proposal: of one sender whose messages were never right as they were judged, else of
messages that share words which no other message of the client has. What was judged an emergency is never evidence for
anything calmer, nor may it be found by such a rule. Nothing here is in force before a person says yes.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from .groups import groups
from .letter import clean
from .ruleset import Kind, Language
from .words import Text, find

LEAST = 3
LONGEST_EXAMPLE = 200
FILE = "80-learned.toml"
LABEL = f"rules.d/{FILE}"
HEAD = """\
# Rules that vamaild proposed and you accepted: vamaild learn. One [[learned]] for each; delete what should not hold any
# more, or change it, then: vamaild check. They are read after the client's own rules and after every emergency.
"""


class Standing(StrEnum):
    """Where a proposal stands. `agreed`: a yes came by mail, and the file could not be written."""

    OPEN = "open"
    AGREED = "agreed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person made of a message (its ledger row). `kind`: what it really is; None: its reply was right."""

    message: int
    client: str
    kind: Kind | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """A message with what it was taken for (`was`), and what a person said of it, if anybody did.

    `wanted` is the kind it was corrected to; `right`: its reply was sent by a person.
    """

    message: int
    address: str
    language: str
    text: str
    was: str
    wanted: Kind | None = None
    right: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule for a client: `condition` ("from" or "says") with its values means `kind`; `messages` are the evidence."""

    client: str
    condition: str
    values: tuple[str, ...]
    kind: Kind
    messages: tuple[int, ...]

    @property
    def name(self) -> str:
        return f"learned: {self.condition} {', '.join(self.values)} ({self.kind})"

    @property
    def mark(self) -> str:
        """The same for the same rule, whatever it was learned from: what was refused is not proposed again."""
        said = "\0".join((self.client, self.condition, self.kind, *sorted(self.values)))
        return hashlib.sha256(said.encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Kept:
    """A proposal in the ledger; `number` is what people call it."""

    number: int
    proposal: Proposal
    standing: Standing
    made_at: datetime
    said_at: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report that went out: by its Message-ID, to whom, of which client ("": the assistant's own), what it asks.

    `questions` in their order, from 1: "case 4F7K" (could it have waited?) or "rule 7" (shall it hold?). `heard`: when
    the last answer that was taken had been written; `asked`: what could not be understood was asked back.
    """

    key: str
    client: str
    to: str
    at: datetime
    questions: tuple[str, ...] = ()
    heard: datetime | None = None
    asked: bool = False


class LearningBook(Protocol):
    """What the store keeps of learning, and of reports that can be answered. Every time is aware."""

    def correct(self, message: int, kind: Kind, by: str, at: datetime) -> bool:
        """A person says what a message is; her last word counts. False: there is no such message."""

    def corrections(self, since: datetime) -> tuple[Correction, ...]:
        """What was said by hand, what became of drafts: thrown away means that nobody waited. Oldest first.

        One for each message; what was said by hand counts more.
        """

    def rows(self, client: str, since: datetime) -> tuple[int, ...]:
        """The ledger rows of this client's messages decided since then, oldest first."""

    def propose(self, proposal: Proposal, now: datetime) -> int:
        """Keeps it as open; its number, 0 when it was proposed before."""

    def proposals(self) -> tuple[Kept, ...]:
        """All of them, by number."""

    def answer_proposal(self, number: int, standing: Standing, by: str, now: datetime) -> bool:
        """False when there is no such proposal, or it was accepted or refused before."""

    def keep_sheet(self, sheet: Sheet) -> None:
        """Keeps it, or replaces the one of this key."""

    def sheet_of(self, ids: Sequence[str]) -> Sheet | None:
        """The report that one of these Message-IDs names."""


def propose(
    client: str, rows: Sequence[Judged], languages: Mapping[str, Language], least: int = LEAST
) -> list[Proposal]:
    """What these messages of one client teach, senders first."""
    corrected = [r for r in rows if r.wanted and r.was != r.wanted and not _would_calm(r)]
    of_senders = list(_of_senders(client, corrected, rows, least))
    covered = {message for proposal in of_senders for message in proposal.messages}
    left = [r for r in corrected if r.message not in covered]
    return of_senders + list(_of_words(client, left, rows, languages, least))


def _would_calm(row: Judged) -> bool:
    return row.wanted is not None and _is_grave(row, row.wanted)


def _is_grave(row: Judged, kind: Kind) -> bool:
    """Whether this kind would make an emergency calm."""
    return row.was == Kind.EMERGENCY and kind is not Kind.EMERGENCY


def _of_senders(client: str, corrected: Sequence[Judged], rows: Sequence[Judged], least: int) -> Iterator[Proposal]:
    """Senders whose every word was corrected to the same, and who never had an emergency."""
    by_sender: dict[str, list[Judged]] = defaultdict(list)
    for row in corrected:
        by_sender[row.address.lower()].append(row)
    spoken_for = {r.address.lower() for r in rows if r.right or r.was == Kind.EMERGENCY}
    for address, found in sorted(by_sender.items()):
        kinds = {r.wanted for r in found}
        if address and len(found) >= least and len(kinds) == 1 and address not in spoken_for and "*" not in address:
            yield Proposal(client, "from", (address,), _kind(found[0]), tuple(r.message for r in found))


def _of_words(
    client: str, left: Sequence[Judged], rows: Sequence[Judged], languages: Mapping[str, Language], least: int
) -> Iterator[Proposal]:
    """Words that the corrected messages share and no other message of the client has."""
    alike: dict[tuple[str, Kind], list[Judged]] = defaultdict(list)
    for row in left:
        alike[row.language, _kind(row)].append(row)
    texts = [(row, Text(row.text)) for row in rows] if alike else []
    for (language, kind), found in sorted(alike.items()):
        every = [row.text for row in rows if row.language == language]
        others = [text for row, text in texts if row.wanted is not kind or _is_grave(row, kind)]
        for group in groups([r.text for r in found], languages.get(language), least=least, among=every):
            if not any(find(group.phrases, text) for text in others):
                messages = tuple(found[n].message for n in group.members)
                yield Proposal(client, "says", group.phrases, kind, messages)


def _kind(row: Judged) -> Kind:
    if row.wanted is None:
        raise ValueError(f"message {row.message} was not corrected")
    return row.wanted


# ---- as it is written


def example(text: str, proposal: Proposal) -> str:
    """A short piece of a message that shows the rule: the sentence with its words, else the first ones; "" for none."""
    seen = Text(text)
    hit = find(proposal.values, seen) if proposal.condition == "says" else None
    if hit is None and proposal.condition == "says":
        return ""
    whole = seen.sentence(hit.sentence) if hit else text
    short = clean(whole, LONGEST_EXAMPLE).removesuffix("…")
    return short if hit is None or find(proposal.values, Text(short)) else ""


def as_toml(proposal: Proposal, examples: Iterable[str], on: date) -> str:
    """The rule as it would stand in the file."""
    count = len(proposal.messages)
    return "\n".join(
        (
            "[[learned]]",
            f"client = {_quoted(proposal.client)}",
            f"name   = {_quoted(proposal.name)}",
            f"why    = {_quoted(f'{count} messages were corrected to this; accepted {on.isoformat()}')}",
            f"kind   = {_quoted(proposal.kind)}",
            f"when.{proposal.condition} = {_listed(proposal.values)}",
            f"fits   = {_listed(examples)}",
            "",
        )
    )


def _listed(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(_quoted, values)) + "]"


def _quoted(text: str) -> str:
    """A TOML string; `clean` leaves no control character in it."""
    return '"' + clean(text, 400).replace("\\", "\\\\").replace('"', '\\"') + '"'
