"""Which part of the report a message belongs to: exactly one of each kind of part, whatever the message.

The names are those of `report --list NAME`; their words stand in templates/<language>/report.toml.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .ledger import Outcome
from .plan import Action
from .reasons import Reason
from .report_rows import Row
from .resolve import Resolved
from .ruleset import Kind
from .rush import RushState

ORDINARY, URGENT, INSISTING, NEEDED_NONE, UNREAD = "ordinary", "urgent", "insisting", "needed-none", "unread"
SORTS = (ORDINARY, URGENT, INSISTING, NEEDED_NONE, UNREAD)
OUTCOMES = tuple(str(o) for o in Outcome)
COULD_WAIT = ("waited-fine", "chose-free", "by-manual", "false-alarm")
UNKNOWN = "waited-unknown"
FATES = ("waited-fine", "chose-free", "by-manual", UNKNOWN, "waited-badly", "rushed", "by-colleague", "false-alarm",
         "emergency")  # fmt: skip
ASKS_NOTHING = (Kind.AUTOMATIC, Kind.INFORMATION, Kind.HOSTILE)
WHY = {
    "lists": (Reason.LIST, Reason.PRECEDENCE),
    "machines": (
        *(Reason.AUTO_SUBMITTED, Reason.VENDOR, Reason.NO_REPLY_NAME, Reason.ROBOT_NAME, Reason.OUT_OF_OFFICE),
        *(Reason.AUTO_RESPONSE_SUPPRESS, Reason.CALENDAR, Reason.ALARM, Reason.LOOP, Reason.QUICK_ANSWER),
    ),
    "you-answered": (Reason.ANSWERED,),
    "bounces": (Reason.NULL_PATH, Reason.REPORT, Reason.BOUNCED),
    "nobody-waits": (Reason.NOBODY_WAITS, Reason.RUSH_DECLINED),
    "solved": (Reason.RESOLVED,),
    "told-already": (
        *(Reason.LADDER, Reason.NEW_FACT, Reason.NUDGE, Reason.SEEN_BEFORE, Reason.SAME_TEXT, Reason.NO_AUTO),
        *(Reason.PER_PERSON, Reason.PER_HOUR, Reason.PER_DOMAIN, Reason.PER_DAY, Reason.TOO_OLD),
    ),
    "watched-only": (Reason.OBSERVE,),
    "unwanted": (Reason.SPAM, Reason.HOSTILE, Reason.UNPROVEN),
    "our-own": (
        *(Reason.OWN_ADDRESS, Reason.COLLEAGUE, Reason.IGNORED, Reason.NOT_ADDRESSED, Reason.NOTICE_ANSWERED),
        *(Reason.NOTICE_BOUNCED, Reason.NOTICE_ECHO, Reason.ANSWER_FORGED, Reason.ANSWER_UNCLEAR),
    ),
    "you-stopped": (Reason.STOPPED, Reason.DISCARDED),
}
OTHERWISE = "other"
WHYS = (*WHY, OTHERWISE)
GROUP_OF = {str(reason): group for group, reasons in WHY.items() for reason in reasons}
WEAK = frozenset(
    (
        *(Reason.NO_REPLY_NAME, Reason.ROBOT_NAME, Reason.AUTO_RESPONSE_SUPPRESS, Reason.VENDOR, Reason.PRECEDENCE),
        *(Reason.NOT_ADDRESSED, Reason.UNPROVEN, Reason.PERHAPS_HUMAN, Reason.TOO_OLD, Reason.QUICK_ANSWER),
    )
)
"""Signs of a machine, or reasons to be silent, that a person may bear too."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the report and the ledger rows behind it; `name` is that of `report --list NAME`.

    Some numbers count other things than messages (promises, jobs): `messages` are those they are about.
    """

    name: str
    count: int
    messages: tuple[int, ...] = ()


def number(name: str, rows: Iterable[Row]) -> Number:
    """These messages under this name."""
    ids = tuple(row.id for row in rows)
    return Number(name, len(ids), ids)


def sort_of(row: Row) -> str:
    """What it is, by its kind: insisting is no second urgency, whatever it says."""
    if row.kind in ASKS_NOTHING or (not row.kind and row.outcome == Outcome.NO_REPLY):
        return NEEDED_NONE
    if not row.kind:
        return UNREAD
    if row.kind == Kind.INSISTING:
        return INSISTING
    return URGENT if row.stated or row.kind in (Kind.EMERGENCY, Kind.RUSH_REQUEST) else ORDINARY


def fate_of(row: Row) -> str:
    """What became of a stated urgency. Only what somebody said counts as known: silence is no satisfaction."""
    if row.alarmed or row.outcome == Outcome.ESCALATED:
        return "false-alarm" if row.could_wait else "emergency"
    if row.could_wait is False:
        return "waited-badly"
    if row.rush is RushState.AGREED:
        return "rushed"
    if row.handed:
        return "by-colleague"
    if row.could_wait or row.resolved is Resolved.SAID:
        return "waited-fine"
    if row.rush is RushState.DECLINED:
        return "chose-free"
    return "by-manual" if _by_manual(row) else UNKNOWN


def _by_manual(row: Row) -> bool:
    return row.action == Action.ANSWER_PLAYBOOK and row.outcome == Outcome.ANSWERED


def why_of(row: Row) -> str:
    """Why a message got no reply, in a word people use."""
    return GROUP_OF.get(row.reason, OTHERWISE)


def looks_human(row: Row) -> bool:
    """Left without a reply for a reason that a person's mail may give too, and it asks or answers something."""
    return row.outcome == Outcome.NO_REPLY and row.asks and row.reason in WEAK


def parted(rows: Iterable[Row], names: Iterable[str], part: Callable[[Row], str]) -> tuple[Number, ...]:
    """Every part with its messages, those without any included, in the order of the names."""
    found: dict[str, list[Row]] = {name: [] for name in names}
    for row in rows:
        found[part(row)].append(row)
    return tuple(number(name, some) for name, some in found.items())


def total(numbers: Iterable[Number]) -> int:
    return sum(n.count for n in numbers)


def bounds(fates: Iterable[Number]) -> tuple[int, int]:
    """(at least, at most) so many could wait: what somebody said or chose, or the playbook answered; and the unknown.

    What a person says could not wait, what was done at once and what a colleague took is in neither.
    """
    known = tuple(fates)
    lower = sum(n.count for n in known if n.name in COULD_WAIT)
    return lower, lower + sum(n.count for n in known if n.name == UNKNOWN)
