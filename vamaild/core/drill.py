"""A practice alarm as it is remembered: who was told, over which ways, who answered, and whether the chain works."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from .cases import CaseEvent, NoticeRow, NoticeState


@dataclass(frozen=True, slots=True)
class Link:
    """One person of the chain ("me", "colleague", a contact). `ways` are the names of his channels, `broken` those that
    do not work. `answer` is what was answered (take, pass_on, wait), `over` where ("email", "web", "cli")."""

    person: str
    ways: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    told_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str = ""
    over: str = ""

    @property
    def works(self) -> bool:
        return self.answered_at is not None and not self.broken


@dataclass(frozen=True, slots=True)
class Drill:
    """A practice of a client's chain. `ended` is None while it runs; `instead`: the emergency that went first."""

    client: str
    code: str
    began: datetime
    ended: datetime | None = None
    links: tuple[Link, ...] = ()
    instead: str = ""

    @property
    def works(self) -> bool:
        """Whether everybody answered and every way works."""
        return bool(self.ended and self.links and not self.instead and all(link.works for link in self.links))


class DrillBook(Protocol):
    """The practice alarms in the store."""

    def drill_begins(self, client: str, code: str, now: datetime) -> None:
        """`code` is its case in the queue."""

    def drill_ends(self, code: str, links: Sequence[Link], now: datetime, instead: str = "") -> None: ...

    def last_drill(self, client: str) -> Drill | None:
        """The one that began last, whether it still runs or not."""


def links(chain: Sequence[str], notices: Sequence[NoticeRow], events: Sequence[CaseEvent]) -> tuple[Link, ...]:
    """How far a practice has come, in the order of the chain."""
    return tuple(_link(person, notices, events) for person in chain)


def _link(person: str, notices: Sequence[NoticeRow], events: Sequence[CaseEvent]) -> Link:
    from .chainwords import Said  # the machine of the chain: who only counts what is kept needs none of it

    told = [n for n in notices if n.notice.person == person and n.notice.why == "ask"]
    said = next((e for e in events if (e.what, e.who) == (Said.PRACTISED, person)), None)
    over, answer = (*said.detail.split(), "", "")[:2] if said else ("", "")
    return Link(
        person,
        ways=tuple(dict.fromkeys(n.notice.channel for n in told)),
        broken=tuple(dict.fromkeys(n.notice.channel for n in told if n.state is NoticeState.FAILED)),
        told_at=min((n.made_at for n in told), default=None),
        answered_at=said.at if said else None,
        answer=answer,
        over=over,
    )
