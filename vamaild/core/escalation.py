"""The escalation chain as a function: (state, now) -> who is told now, and when the next one is.

The state is a QueueCase: `step` counts the notices so far. Nobody is told after somebody acknowledged; until then there
is always a next step, so that no open emergency is left with no future event (promise 1).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .ruleset import Escalation, Trust

ME = "me"
OBSERVING = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """Tell `to` (a name of the chain) now; if nobody takes it, `then` is told at `due`."""

    to: str
    then: str
    due: datetime


def chain_of(escalation: Escalation, trust: Trust) -> tuple[str, ...]:
    """The assistant always looks first; a client in observe reaches nobody else."""
    if trust is Trust.OBSERVE:
        return (ME,)
    others = tuple(name for name in escalation.chain if name != ME)
    return (ME, *others)


def notice(step: int, escalation: Escalation, trust: Trust, now: datetime) -> Notice:
    """The notice of this step (0 is the first); after the last name the chain begins again."""
    chain = chain_of(escalation, trust)
    to, then = chain[step % len(chain)], chain[(step + 1) % len(chain)]
    if trust is Trust.OBSERVE:
        return Notice(to, then, now + OBSERVING)
    wait = escalation.me_first if to == ME else escalation.ack_within
    return Notice(to, then, now + wait)
