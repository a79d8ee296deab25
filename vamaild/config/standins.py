"""Whether the colleagues of a client's file can stand in for each other: circles, days without anybody, loops."""

from ..core.calendar import is_open
from ..core.colleague import circles, nobody_on
from ..core.route import matches
from ..core.ruleset import Colleague, RuleSet
from .build_rules import Desk
from .locate import Path
from .problem import did_you_mean

SHOWN = 3


def check(desk: Desk, ruleset: RuleSet) -> None:
    """Reports everything that would hand a matter to nobody, or back to ourselves."""
    names = [c.name for c in ruleset.stand_ins]
    for number, colleague in enumerate(ruleset.stand_ins):
        _one(desk, ("colleague", number), colleague, ruleset, names)
    for circle in circles(ruleset.stand_ins):
        what = " -> ".join((*circle, circle[0]))
        path = ("colleague", names.index(circle[0]), "substitute")
        desk.warn(
            path, f"these stand in for each other in a circle: {what}", "when all of them are away, you are asked"
        )
    _nobody(desk, ruleset)
    _matters(desk, ruleset)


def _one(desk: Desk, path: Path, colleague: Colleague, ruleset: RuleSet, names: list[str]) -> None:
    if matches(colleague.email, ruleset.client.arrives):
        desk.report((*path, "email"), "mail to this address comes back here", "a colleague needs a mailbox of his own")
    if [c.email for c in ruleset.stand_ins].count(colleague.email) > 1:
        desk.report((*path, "email"), f"two colleagues have the address {colleague.email}", "write each person once")
    others = [name for name in names if name != colleague.name]
    if colleague.substitute and colleague.substitute.casefold() not in [name.casefold() for name in others]:
        what = f'nobody else here is called "{colleague.substitute}"'
        desk.report(
            (*path, "substitute"), what, did_you_mean(colleague.substitute, others) if others else "", show=True
        )
    for number, leave in enumerate(colleague.leaves):
        if leave.back <= leave.first:
            desk.report((*path, "away", number, "back"), f'"back" must be later than "from", {leave.first}', show=True)


def _nobody(desk: Desk, ruleset: RuleSet) -> None:
    days = nobody_on(ruleset)
    if not days:
        return
    shown = ", ".join(f"{d:%a} {d.day} {d:%b}" for d in days[:SHOWN])
    more = f" and {len(days) - SHOWN} more" if len(days) > SHOWN else ""
    desk.warn(("colleague", 0, "away"), f"no colleague is there on {shown}{more}", "on these days everything is yours")


def _matters(desk: Desk, ruleset: RuleSet) -> None:
    """What the customer may know must be in his language, and its date must be a working day still to come."""
    for number, matter in enumerate(ruleset.matters):
        path: Path = ("in_progress", number)
        if matter.say and ruleset.client.language not in matter.say:
            what = f'what customers may know of "{matter.matter}" is missing in "{ruleset.client.language}"'
            desk.warn((*path, "say"), what, "they get the usual reply instead")
        if matter.news_by and not is_open(matter.news_by, ruleset.week):
            desk.warn(
                (*path, "news_by"), f"{matter.news_by:%a %d %b} is no working day", "choose one of the days around it"
            )
        if matter.news_by and not matter.say:
            desk.warn((*path, "news_by"), "nobody is told this date", "write say, with what the customer may know")
