"""The trust ladder, per client and kind of reply: observe, draft, send.

The client's file says the highest level; what is learned about one text is kept in the store and may only hold it
lower, or lift a draft to send after the assistant said yes. What a person makes of the drafts proposes a step up;
only a step down is taken without asking.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from .reasons import Reason
from .ruleset import Trust

LADDER = (Trust.OBSERVE, Trust.DRAFT, Trust.SEND)
IN_A_ROW = 20  # drafts sent unchanged, until "send" is proposed
LOOKED_AT, TOO_MANY = 10, 3  # so many of the last ten edited or thrown away: one step down
AGAIN_AFTER = timedelta(days=30)  # a proposal that nobody answered
REMEMBERED = timedelta(days=400)
OURSELVES = "vamaild"


class Fate(StrEnum):
    """What became of a draft. `unchanged` and `edited` were sent by a person, `discarded` was not."""

    UNCHANGED = "unchanged"
    EDITED = "edited"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Level:
    """What was learned for one text of one client. `proposed_at`: "send" was proposed, nobody has answered."""

    client: str
    template: str
    trust: Trust
    since: datetime
    by: str = ""
    proposed_at: datetime | None = None

    @property
    def learned(self) -> bool:
        """Whether somebody set it; otherwise it keeps no more than that "send" was proposed."""
        return bool(self.by) or self.proposed_at is None


@dataclass(frozen=True, slots=True)
class DraftFate:
    """One draft that was dealt with: the outbox item, when, and what became of it.

    `template` is "" where the fate says nothing about the text: a person had to see this one whatever its text.
    """

    item: int
    client: str
    template: str
    fate: Fate
    at: datetime


class TrustBook(Protocol):
    """What the store keeps of trust."""

    def levels(self, client: str = "") -> tuple[Level, ...]: ...

    def set_level(self, level: Level) -> None:
        """Replaces what was kept for this client and text."""

    def fates(self, client: str, template: str, since: datetime) -> tuple[DraftFate, ...]:
        """Oldest first."""

    def settle_draft(self, fate: DraftFate, reason: str = Reason.DISCARDED) -> bool:
        """Keeps what became of a draft and ends its outbox item (sent by hand: SENT; discarded: STOPPED).

        With the last draft of a message its case "draft" is closed, and the message counts as answered, or as no reply
        for this reason. A fate that was kept for it before is replaced. False when it was no draft any more.
        """

    def approve_draft(self, fate: DraftFate, not_before: datetime) -> bool:
        """A draft is let go: QUEUED, to leave then, and to be filed once it has; what it promises and offers stands.

        `fate` is kept, and the message and its case end, as by `settle_draft`. False when it was no draft any more.
        """


@dataclass(frozen=True, slots=True)
class Pause:
    """No replies for a client ("" means everybody) until a moment; None: until `resume`. Emergencies go on."""

    client: str
    since: datetime
    until: datetime | None = None
    by: str = ""


def holding(pauses: Iterable[Pause], client: str) -> tuple[Pause, ...]:
    """Those of these pauses that hold back replies for this client."""
    return tuple(pause for pause in pauses if pause.client in ("", client))


class PauseBook(Protocol):
    """Who is paused."""

    def pause(self, pause: Pause) -> None:
        """Replaces a pause of the same client."""

    def resume(self, client: str) -> bool:
        """False when nothing was paused for exactly this name."""

    def pauses(self, now: datetime) -> tuple[Pause, ...]:
        """Those in force."""


class Drafts(Protocol):
    """What a mailbox can tell about drafts it was given (RFC 6154 SPECIAL-USE folders). Raises MailboxError."""

    def drafts_left(self, keys: Sequence[str]) -> frozenset[str]:
        """Those of these Message-IDs that still lie in the Drafts folder."""

    def sent_answer(self, message_id: str) -> bytes | None:
        """The newest mail in the Sent folder that answers this message; header and text, None when there is none."""


class Move(StrEnum):
    """What the fates of the drafts of a text call for."""

    PROPOSE = "propose"
    DOWN = "down"


def level_of(levels: Iterable[Level], template: str) -> Level | None:
    """What is kept for this text, the latest where there are several."""
    return max((level for level in levels if level.template == template), key=lambda level: level.since, default=None)


def effective(client_trust: Trust, levels: Iterable[Level], template: str) -> Trust:
    """How far this text of this client may go. `levels` are the client's own.

    The file is the ceiling, but for a draft that the assistant lifted to send; what was learned lower always holds.
    """
    level = level_of(levels, template)
    if level is None or not level.learned:
        return client_trust
    if client_trust is Trust.DRAFT and level.trust is Trust.SEND:
        return Trust.SEND
    return min(client_trust, level.trust, key=LADDER.index)


def next_move(trust: Trust, fates: Sequence[DraftFate], level: Level | None, now: datetime) -> Move | None:
    """What to do about a text at this effective level; `fates` are those of its drafts, oldest first.

    Drafts from before the level was set count no more.
    """
    if trust is Trust.OBSERVE:
        return None
    recent = [f.fate for f in fates if level is None or not level.learned or f.at > level.since]
    if sum(fate is not Fate.UNCHANGED for fate in recent[-LOOKED_AT:]) >= TOO_MANY:
        return Move.DOWN
    steady = len(recent) >= IN_A_ROW and set(recent[-IN_A_ROW:]) == {Fate.UNCHANGED}
    return Move.PROPOSE if trust is Trust.DRAFT and steady and not _asked_lately(level, now) else None


def _asked_lately(level: Level | None, now: datetime) -> bool:
    asked = level.proposed_at if level else None
    return asked is not None and now - asked < AGAIN_AFTER


def lowered(client: str, template: str, trust: Trust, now: datetime) -> Level:
    """One step below this level; the lowest stays."""
    return Level(client, template, LADDER[max(LADDER.index(trust) - 1, 0)], now, OURSELVES)


def proposed(client: str, template: str, level: Level | None, now: datetime) -> Level:
    """What is kept, and that "send" was proposed now."""
    return replace(level or Level(client, template, Trust.DRAFT, now), proposed_at=now)
