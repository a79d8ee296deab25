"""What holds for a case at this moment: who may be asked, over which channels, when a contact is left alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .chainwords import COLLEAGUE, ME
from .ruleset import Escalation, Trust

OBSERVING = timedelta(hours=1)
LONGEST_WAIT = timedelta(hours=4)
DAY = timedelta(days=1)
USUAL = Escalation()


@dataclass(frozen=True, slots=True)
class Agreement:
    """What holds for a case at this moment. `ways` are the names of the channels to each person, the first one first.

    `disturbed`: how often each contact was disturbed in this absence, by whatever case. `people`: people are in danger.
    `assistant_only`: she alone is asked (the client is in observe, or the sender cried wolf). `escalates`: it is an
    emergency; another case waits until somebody looks. `patient`: perhaps it is none, or it is said to be solved: when
    everybody was asked twice, the assistant alone is asked each office morning. `morning` is the next one, `tomorrow`
    the next morning of any day.
    """

    chain: tuple[str, ...] = (ME,)
    ways: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    terms: Escalation = USUAL
    disturbed: Mapping[str, int] = field(default_factory=dict)
    people: bool = False
    assistant_only: bool = False
    observe: bool = False
    escalates: bool = True
    practice: bool = False
    patient: bool = False
    morning: datetime | None = None
    tomorrow: datetime | None = None

    def may_disturb(self, person: str, now: datetime, *, begun: bool = False) -> bool:
        """Whether this person may be told now; `begun`: he was told of this round already, so it is counted."""
        if person == ME:
            return True
        if self.assistant_only:
            return False
        if person == COLLEAGUE or self.people or self.practice:
            return True
        spent = not begun and self.disturbed.get(person, 0) >= self.terms.budget
        return not spent and not is_quiet(self.terms, now)

    def wait(self, person: str, sweep: int) -> timedelta:
        """How long this person has; longer each time the chain begins again, at most four hours or what is agreed."""
        if self.observe:
            return min(OBSERVING * (1 << min(sweep, 8)), LONGEST_WAIT)
        if person == ME and sweep == 0:
            return self.terms.me_first
        return min(self.terms.ack_within * (1 << min(sweep, 8)), max(self.terms.ack_within, LONGEST_WAIT))


def chain_of(escalation: Escalation, trust: Trust) -> tuple[str, ...]:
    """The assistant always looks first; a client in observe reaches nobody else."""
    if trust is Trust.OBSERVE:
        return (ME,)
    others = tuple(name for name in escalation.chain if name != ME)
    return (ME, *dict.fromkeys(others))


def next_of(chain: Sequence[str], person: str, reached: Callable[[str], object]) -> str:
    """Who is asked after this person: the next one who can be `reached`; after the last the chain begins again."""
    at = chain.index(person) if person in chain else -1
    order = (*chain[at + 1 :], *chain[: at + 1])
    return next((p for p in order if reached(p)), order[0])


def is_quiet(terms: Escalation, now: datetime) -> bool:
    """Whether it is quiet time where the contact is; the hours may run over midnight."""
    if terms.quiet is None:
        return False
    begins, ends = terms.quiet
    local = now.astimezone(ZoneInfo(terms.timezone or "UTC")).time()
    return begins <= local < ends if begins <= ends else local >= begins or local < ends


def quiet_ends(terms: Escalation, now: datetime) -> datetime | None:
    """When the quiet hours that are on now end; None when none are."""
    if terms.quiet is None or not is_quiet(terms, now):
        return None
    local = now.astimezone(ZoneInfo(terms.timezone or "UTC"))
    ends = datetime.combine(local.date(), terms.quiet[1], local.tzinfo)
    ends = ends if ends.time() > local.time() else ends + timedelta(days=1)
    at = ends.astimezone(now.tzinfo)
    return at if at > now else None


def again_after(terms: Escalation) -> timedelta:
    """How long somebody may have a case without a word about its outcome, before he is asked for the first time."""
    return max(terms.ack_within * 3, timedelta(hours=2))
