"""What is to be done about a message, as values. The adapters carry them out; explain.py has words for each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from .handover import Stage
from .letter import Letter
from .promises import Offer
from .reasons import Reason


class Action(StrEnum):
    """The one thing that is done, as the stable JSON interface names it."""

    ESCALATE = "escalate"
    REPLY_LEADTIME = "reply-leadtime"
    REPLY_VACATION = "reply-vacation"
    DELEGATE = "delegate-to-colleague"
    ANSWER_PLAYBOOK = "answer-playbook"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer the sender: a courtesy, sent at most once. `promise` is the moment the text names, if any.

    `ready_by` is the date it promises or names. `approve` asks the assistant first, whatever the trust level.
    `offer` is the second possibility it holds out, if it does.
    """

    to: str
    template: str
    language: str
    words: Mapping[str, object] = field(default_factory=dict)
    ready_by: date | None = None
    promise: datetime | None = None
    emergency: bool = False
    approve: bool = False
    letter: Letter | None = None
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Escalate:
    """Start the escalation chain. Delivered at least once, until somebody acknowledges.

    `doubtful`: only the assistant is asked first, with a short fuse; then the chain goes on by itself.
    """

    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """A case for the assistant: a person must look, and why."""

    reason: Reason
    note: str


@dataclass(frozen=True, slots=True)
class Take:
    """He said B: the offer with this number is taken by this address, at the moment his answer arrived.

    `at_once`: agreed without the assistant's yes, if the confirmation beside it leaves. `note` is for her.
    """

    rush: int
    by: str
    at: datetime
    note: str
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Decline:
    """He said A: the offer with this number has ended, and what was promised first stands."""

    rush: int
    note: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """To the colleague with this address: from now on it stands in `stage` (see core/handover.py).

    Only where the reply beside it leaves. `forward` is the row of an offer that was answered; 0: a new one.
    """

    email: str
    stage: Stage
    forward: int = 0


Step = Reply | Escalate | Hold | Take | Decline | HandOver


@dataclass(frozen=True, slots=True)
class Plan:
    action: Action
    steps: tuple[Step, ...] = ()

    @property
    def reply(self) -> Reply | None:
        return next((s for s in self.steps if isinstance(s, Reply)), None)

    @property
    def escalates(self) -> Escalate | None:
        return next((s for s in self.steps if isinstance(s, Escalate)), None)

    @property
    def take(self) -> Take | None:
        return next((s for s in self.steps if isinstance(s, Take)), None)

    @property
    def decline(self) -> Decline | None:
        return next((s for s in self.steps if isinstance(s, Decline)), None)

    @property
    def hand_over(self) -> HandOver | None:
        return next((s for s in self.steps if isinstance(s, HandOver)), None)

    @property
    def sold(self) -> bool:
        """Whether a rush is agreed at once: its confirmation leaves."""
        return self.take is not None and self.take.at_once and self.reply is not None

    @property
    def holds(self) -> tuple[Hold, ...]:
        return tuple(s for s in self.steps if isinstance(s, Hold))


@dataclass(frozen=True, slots=True)
class Withheld:
    """A reply that was held back by a guard. `person`: somebody must look, so a case is opened."""

    reply: Reply
    reason: Reason
    because: str
    person: bool = False
