"""Handing over, as it is kept: what a colleague said to being named, what goes to him, how a matter ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .resolve import Resolved, Urgent


class Said(StrEnum):
    """What a colleague said to being named to customers; ASKED: nothing yet."""

    ASKED = "asked"
    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Consent:
    """What the colleague with this address was asked, and said. `key` is the Message-ID of the question."""

    client: str
    email: str
    name: str
    key: str
    asked_at: datetime
    said: Said = Said.ASKED
    said_at: datetime | None = None


class Stage(StrEnum):
    """Where a matter that goes to a colleague stands.

    OFFERED: the customer may say yes. AGREED: it goes as soon as our reply has left. HANDED: he was asked. TAKEN: he
    has answered. Over: DECLINED by the customer, DROPPED because our reply never left, MISSED by everybody (the
    assistant has it), DONE.
    """

    OFFERED = "offered"
    AGREED = "agreed"
    HANDED = "handed"
    TAKEN = "taken"
    DECLINED = "declined"
    DROPPED = "dropped"
    MISSED = "missed"
    DONE = "done"


UNDER_WAY = (Stage.AGREED, Stage.HANDED, Stage.TAKEN)


@dataclass(frozen=True, slots=True)
class Forward:
    """A matter that goes to a colleague: the ledger row it is about, who wrote, who is meant to take it.

    `reply_key` is the Message-ID of what the customer was told, `told_in` the ledger row that answers. `due` is when
    his time to answer is over; `tried` are all the addresses that were asked. `id` 0: not kept yet.
    """

    client: str
    message: int
    customer: str
    email: str
    reply_key: str
    told_in: int
    stage: Stage
    made_at: datetime
    id: int = 0
    handed_at: datetime | None = None
    due: datetime | None = None
    ended_at: datetime | None = None
    tried: tuple[str, ...] = ()


class HandingBook(Protocol):
    """What the store keeps of handing over. Every time is aware; addresses are the same in any case."""

    def ask_consent(self, consent: Consent) -> None:
        """Keeps that somebody was asked; a question before it counts no more."""

    def consents(self, client: str = "") -> tuple[Consent, ...]:
        """Of one client or of all, by client and address."""

    def consent_of(self, keys: Sequence[str]) -> Consent | None:
        """The question with one of these Message-IDs, if it still counts."""

    def answer_consent(self, key: str, said: Said, now: datetime) -> bool:
        """False when nobody was asked in this mail, or he was asked again since."""

    def add_forward(self, forward: Forward) -> int:
        """Its number; a `reply_key` that is known is not doubled."""

    def forward(self, number: int) -> Forward | None: ...

    def forwards(self, stages: Sequence[Stage], client: str = "") -> tuple[Forward, ...]:
        """Oldest first."""

    def offers_made(self, client: str, keys: Sequence[str]) -> tuple[Forward, ...]:
        """Those whose reply to the customer has one of these Message-IDs."""

    def move_forward(self, forward: Forward, before: Stage) -> bool:
        """Keeps the new state of the row with this number; False when it is not in the stage `before` any more."""

    def packed(self, key: str, forward: int, email: str, now: datetime) -> None:
        """Keeps that a packet with this Message-ID goes to this address."""

    def forward_of(self, keys: Sequence[str]) -> tuple[Forward, str] | None:
        """The matter, and the address that was asked, of the packet with one of these Message-IDs."""

    def packets_since(self, email: str, since: datetime) -> int: ...

    def resolve(self, message: int, how: "Resolved", now: datetime) -> bool:
        """Keeps how a message ended; a surer way replaces a less sure one. Ends its waiting and its plain cases.

        False when nothing changed. Emergencies end by their chain only.
        """

    def resolution(self, message: int) -> "Resolved | None": ...

    def urgent(self, client: str, since: datetime, until: datetime) -> "tuple[Urgent, ...]":
        """The messages of this time that stated urgency or told of an emergency, oldest first."""

    def matter_rows(
        self, client: str, address: str, message_id: str, references: Sequence[str], subject: str
    ) -> tuple[int, ...]:
        """The rows of this person's messages about this matter (one thread, or one subject), oldest first."""


def latest(consents: Sequence[Consent]) -> Mapping[str, Consent]:
    """By address, lower case."""
    return {c.email.lower(): c for c in consents}
