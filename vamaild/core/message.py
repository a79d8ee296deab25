"""What arrived, and what we remember of its sender. Values only: nothing here knows a server (RFC 5322, RFC 2045)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .handover import Consent, Forward
from .rush import Rush
from .trust import Level

TWO_SENDERS = "it names two senders"
TWO_READINGS = "its sender can be read in two ways"
OTHER_NAME = "its sender's name shows another address than its own"
SENDER_DOUBTS = frozenset((TWO_SENDERS, TWO_READINGS, OTHER_NAME))
"""Those of the doubts that are about who wrote it: such a message gives no orders."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a delivery report says (RFC 3464).

    `failed` are addresses with the status of a failed delivery ("5.1.1"), `returned` the Message-IDs of the mail that
    comes back. Both are only what the report claims.
    """

    failed: tuple[tuple[str, str], ...] = ()
    returned: tuple[str, ...] = ()

    @property
    def permanent(self) -> bool:
        """Whether some delivery failed for good."""
        return any(status.startswith("5.") for _, status in self.failed)


@dataclass(frozen=True, slots=True)
class Message:
    """One e-mail, decoded. Addresses are bare, lower case; header names are lower case; times are aware.

    `received` is when it reached the mailbox (INTERNALDATE), `sent` what its Date header says, or None.
    `doubts` say why parts of it may have been misread: it is judged, but no reply leaves without a person.
    `unreadable` says why nothing at all could be read: it is held for a person, never judged calm.
    """

    received: datetime
    sent: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()
    from_: tuple[str, ...] = ()
    from_name: str = ""
    reply_to: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    hidden: str = ""
    parts: tuple[str, ...] = ()
    calendar_method: str = ""
    attachments: tuple[str, ...] = ()
    forwarded: "Message | None" = None
    message_id: str = ""
    references: tuple[str, ...] = ()
    size: int = 0
    fingerprint: str = ""
    doubts: tuple[str, ...] = ()
    unreadable: str = ""
    report: Report | None = None

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of the header `name` (lower case), in the order they stand; () when absent."""
        return tuple([value for key, value in self.headers if key == name])

    def first(self, *names: str) -> str:
        """The first value of the first of these headers that is present, else ""."""
        return next((value for name in names for value in self.all(name)), "")

    def has_any(self, names: Iterable[str]) -> str:
        """The first of these header names that is present, else ""."""
        present = {key for key, _ in self.headers}
        return next((name for name in names if name in present), "")

    @property
    def return_path(self) -> str | None:
        """The envelope sender of the topmost Return-Path: "" for the null path, None when it was not kept."""
        values = self.all("return-path")
        return values[0].strip().strip("<>").strip().lower() if values else None


@dataclass(frozen=True, slots=True)
class Said:
    """One reply that went to this person: which text, when (aware), whether about the matter of the message in hand."""

    template: str
    at: datetime
    matter: bool = True


@dataclass(frozen=True, slots=True)
class History:
    """What the store remembers: facts looked up before deciding, so that deciding stays pure.

    Counts include the message in hand. `said` is what this person was told, newest last. `replies_to_domain` counts
    the last hour, `replies_last_day` 24 hours of everybody. `told_alike` are the texts that went to nearly the same
    address about the same subject in the last day. `answers_after` is how long after one of our replies the message
    came that answers it. `same_text`: these words came already, from the same hand as far as one can tell. `bounced`:
    mail to this address came back in the last 60 days. `offers` are the rush offers this message's thread refers to,
    the latest last, `offers_elsewhere` the open ones that were made to this person in other threads; `rush_sold` how
    many this client bought in this week; `levels` what was learned about its texts. `paused`: nothing leaves just now.
    `consents` are what this client's colleagues said to being named, `forwards` the offers to hand over that this
    message's thread refers to.
    `facts` are those this person told before about this matter (core/ladder.py); `no_auto`: he asked for no automatic
    replies. `reused`: it came before, but with other words or for
    another client. `marked`: the store does not know it, but it carries the keyword of what is decided.
    """

    messages_today: int = 1
    same_matter: int = 1
    said: tuple[Said, ...] = ()
    replies_last_hour: int = 0
    replies_today: int = 0
    answered_by_person: bool = False
    seen_before: bool = False
    language: str = ""
    our_ids: frozenset[str] = frozenset()
    replies_to_domain: int = 0
    replies_last_day: int = 0
    told_alike: tuple[str, ...] = ()
    answers_after: timedelta | None = None
    same_text: bool = False
    bounced: bool = False
    offers: tuple[Rush, ...] = ()
    rush_sold: int = 0
    levels: tuple[Level, ...] = ()
    offers_elsewhere: tuple[Rush, ...] = ()
    paused: bool = False
    consents: tuple[Consent, ...] = ()
    forwards: tuple[Forward, ...] = ()
    facts: frozenset[str] = frozenset()
    no_auto: bool = False
    reused: bool = False
    marked: bool = False
