"""Small weeks, where grammar goes wrong: nothing, one of each, three of each; and one that does not add up."""

from dataclasses import replace
from datetime import timedelta

from tests.report import history
from vamaild.core.promise import NewPromise, Promise, PromiseState
from vamaild.core.report import figures
from vamaild.core.report_rows import Alarm, Gathered, Row
from vamaild.core.report_values import Asking, Figures, Health
from vamaild.core.resolve import Resolved
from vamaild.core.rush import NewRush, Rush, RushState
from vamaild.core.trust import Fate

ENDS = history.ENDS
SINCE, MONDAY = ENDS - timedelta(weeks=1), ENDS - timedelta(days=4)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHYS = ("list", "auto-submitted", "answered", "null-path", "nobody-waits", "resolved")
WHYS += ("ladder", "observe", "spam", "colleague", "stopped", "other")


def week(times: int) -> Figures:
    """`times` of everything the report can tell of."""
    rows = [row for n in range(times) for row in _rows(n)]
    named = [replace(row, id=number) for number, row in enumerate(rows, 1)]
    offer = NewRush("rossi", "x@y.example", "Volo per Praga", 50, ENDS, ENDS, ENDS, "<k@v.example>")
    made = Rush(1, offer, 1, MONDAY)
    told = NewPromise("verdi", "x@y.example", MONDAY + DAY, "lead-time", "Contratto fornitore")
    promise = Promise(1, told, 1, MONDAY)
    alarm = Alarm("AAAA", "greco", 1, "Franco", "Acqua in cantiere", MONDAY)
    soon = replace(promise, promise=replace(told, due=ENDS + HOUR))
    gathered = Gathered(
        *(SINCE, ENDS, len(named), tuple(named)),
        rushes=tuple(rush for n in range(times) for rush in _rushes(made, n)),
        promises=tuple(p for n in range(times) for p in _promises(promise, n)),
        alarms=tuple(a for n in range(times) for a in _alarms(alarm, n)),
        solved=((1, Resolved.SAID),) * times + ((1, Resolved.SILENT),) * times,
        fates=((1, Fate.EDITED),) * times,
    )
    clients = {r.client.id: r for r in history.rulesets()}
    health = _health(times)
    asking = Asking(history.NOW, clients, 4, health, (soon, replace(promise, id=2)) * times)
    return figures(gathered, (), asking)


def _rows(n: int) -> list[Row]:
    plain = Row(0, "rossi", MONDAY + n * HOUR, "scheduled-request", "answered", replied_at=MONDAY + (n + 1) * HOUR)
    rush = replace(plain, kind="rush-request", stated=True)
    fates: tuple[dict[str, object], ...] = (
        {},
        {"resolved": Resolved.SAID},
        {"rush": RushState.DECLINED},
        {"action": "answer-playbook"},
        {"could_wait": False},
        {"rush": RushState.AGREED},
        {"handed": True},
        {"alarmed": True, "could_wait": True},
        {"outcome": "escalated"},
    )
    silent = [replace(plain, kind="automatic", outcome="no-reply", reason=why, replied_at=None) for why in WHYS]
    human = replace(silent[0], reason="robot-name", asks=True, subject="Richiesta sopralluogo", who="Paola")
    late = replace(plain, deadline=MONDAY, person_at=MONDAY + 5 * HOUR)
    others = [replace(plain, kind="insisting"), replace(plain, kind="", outcome="waiting"), late, human]
    return [plain, *(replace(rush, **fate) for fate in fates), *silent, *others]  # type: ignore[arg-type]  # by name


def _rushes(made: Rush, n: int) -> list[Rush]:
    agreed = replace(made, state=RushState.AGREED, taken_at=MONDAY, hours=1.5)
    ends = (RushState.DECLINED, RushState.REFUSED, RushState.TAKEN)
    return [
        agreed,
        replace(agreed, hours=None),
        replace(agreed, charged=False),
        *(replace(made, state=s) for s in ends),
    ]


def _promises(open_: Promise, n: int) -> list[Promise]:
    due = open_.promise.due
    later = replace(open_, promise=replace(open_.promise, due=history.NOW + HOUR))
    late = replace(open_, state=PromiseState.LATE, ended_at=due + timedelta(hours=2, minutes=20))
    return [open_, later, late, replace(open_, state=PromiseState.KEPT, ended_at=due - HOUR)]


def _alarms(opened: Alarm, n: int) -> list[Alarm]:
    taken = replace(opened, taken_at=MONDAY + timedelta(minutes=5), taken_by="colleague", closed_at=MONDAY + DAY)
    return [opened, taken, replace(taken, could_wait=True, taken_by="petr-sea")]


def _health(times: int) -> tuple[Health, ...]:
    every = tuple(history.NAMES)
    silent, never, flows = every[:times][:1], every[1 : 1 + times][:2], every[3 : 3 + times]
    return (
        *(Health(client, MONDAY, 31 * HOUR) for client in silent),
        *(Health(client) for client in never),
        *(Health(client, ENDS) for client in flows),
    )
