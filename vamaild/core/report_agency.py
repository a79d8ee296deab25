"""Figures -> the report of an agency: every client in a line, numbers only; no subject, no name of a sender.

The texts are data (templates/<language>/report.toml, [agency]); this file only chooses and orders them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from .phrases import Phrases
from .promise import Promise
from .report_csv import as_csv
from .report_more import forwarding, pace, promised, sold, solved
from .report_page import about, arrived, headline, notice, urgent, warnings
from .report_parts import FATES, URGENT, bounds, fate_of, parted, sort_of
from .report_tree import Grid, Items, Page, Section
from .report_values import Figures

HEAD = ("client", "arrived", "urgent", "could wait at least", "could wait at most", "waiting", "emergencies",
        "promises due", "promises late", "promises overdue", "requests", "short notice", "surcharge hours",
        "surcharges")  # fmt: skip
COLUMNS = ("client", "arrived", "urgent", "wait", "queued", "late")
MOST_CLIENTS = 40


@dataclass(frozen=True, slots=True)
class Share:
    """One client's part; `client` is "" for messages that belong to none."""

    client: str
    arrived: int
    urgent: int
    could_wait: tuple[int, int]
    waiting: int
    alarms: int
    due: int
    late: int
    overdue: int
    requests: int
    short: int
    hours: float


def shares(figures: Figures) -> tuple[Share, ...]:
    """Every client of whom there is something to say, those with most to do first; they sum to the whole."""
    every = {row.client for row in figures.subjects.values()}
    every |= {p.promise.client for p in _due(figures)} | {a.client for a in figures.alarms}
    found = (_share(client, figures) for client in every)
    return tuple(sorted(found, key=lambda s: (-s.overdue - s.waiting, -s.urgent, -s.arrived, s.client)))


def _due(figures: Figures) -> tuple[Promise, ...]:
    given = figures.given
    return (*given.kept, *given.late, *given.broken, *given.open)


def _share(client: str, figures: Figures) -> Share:
    rows = [row for row in figures.subjects.values() if row.client == client]
    hasty = [row for row in rows if sort_of(row) == URGENT]
    few = next((s for s in figures.notice if s.client == client), None)
    sales = [r for r in figures.sales.charged if r.offer.client == client]
    given = figures.given

    def ours(promises: Sequence[Promise]) -> int:
        return sum(p.promise.client == client for p in promises)

    return Share(
        client,
        len(rows),
        len(hasty),
        bounds(parted(hasty, FATES, fate_of)),
        sum(row.outcome == "waiting" for row in rows),
        sum(alarm.client == client for alarm in figures.alarms),
        ours(_due(figures)),
        ours(given.late),
        ours(given.broken),
        few.requests.count if few else 0,
        few.short.count if few else 0,
        float(sum(r.hours or 0 for r in sales)),
    )


def page(figures: Figures, say: Phrases) -> Page:
    """The whole report. Raises GrammarError when a text is missing."""
    todo = tuple(_todo(figures, say))
    sections = (
        _clients(figures, say),
        arrived(figures, say),
        urgent(figures, say),
        notice(figures, say),
        _prices(figures, say),
        Section("alarms", say.say("alarms.title", len(figures.alarms)), (pace(figures, say),)),
        Section("promises", say.say("promises.title", figures.given.number.count), (promised(figures, say),)),
        _answers(figures, say),
        solved(figures, say),
        forwarding(figures, say),
    )
    return Page(
        say.language,
        say.say("agency.title"),
        about(figures, say),
        headline(figures, say),
        say.say("todo.title", len(todo)) if todo else say.say("agency.nothing"),
        todo,
        tuple(s for s in sections if s),
        say.say("agency.foot"),
        warnings(figures, say),
    )


def _todo(figures: Figures, say: Phrases) -> list[str]:
    """What an agency should ask about: silent clients, and dates that are past."""
    asking = figures.asking
    found = [
        say.say("todo.silent", client=asking.name(h.client), time=h.silent)
        for h in asking.health
        if h.silent is not None
    ]
    if broken := len(figures.given.broken):
        found.append(say.say("agency.overdue", broken))
    if waiting := figures.part("waiting").count:
        found.append(say.say("agency.waiting", waiting))
    return found


def _name(client: str, figures: Figures, say: Phrases) -> str:
    return figures.asking.name(client) if client else say.say("agency.nobody")


def _clients(figures: Figures, say: Phrases) -> Section | None:
    """A line for each client; what the columns leave out is in the CSV."""
    every = shares(figures)
    if not every:
        return None
    some = every[:MOST_CLIENTS]
    head = tuple(say.say(f"agency.{column}") for column in COLUMNS)
    rows = tuple(
        (
            *(_name(s.client, figures, say), str(s.arrived), str(s.urgent)),
            *(say.percent(s.could_wait[0], s.urgent) if s.urgent else "–", str(s.waiting), str(s.late + s.overdue)),
        )
        for s in some
    )
    lines = tuple(
        say.say("agency.line", s.arrived, client=_name(s.client, figures, say), urgent=s.urgent, waiting=s.waiting)
        for s in some
    )
    more = (say.say("how.more", len(every) - len(some)),) if len(every) > len(some) else ()
    return Section("clients", say.say("agency.clients", len(every)), (Grid(head, rows, lines), *more))


def _answers(figures: Figures, say: Phrases) -> Section | None:
    """How soon people heard, and how many decisions a person corrected."""
    least = timedelta(minutes=1)
    said = [say.say("answers.automatic", time=max(figures.automatic, least))] if figures.automatic is not None else []
    if figures.personal is not None:
        said.append(say.say("agency.personal", time=max(figures.personal, least)))
    if figures.decided:
        said.append(say.say("agency.corrected", figures.corrected.count, of=say.say("how.of", figures.decided)))
    return Section("answers", say.say("answers.title"), (" ".join(said),)) if said else None


def _prices(figures: Figures, say: Phrases) -> Section | None:
    """What rush brought, by client; the jobs themselves are the assistant's."""
    charged = figures.sales.charged
    if not charged:
        return None
    names = sorted({r.offer.client for r in charged})
    lines = []
    for client in names:
        own = [r for r in charged if r.offer.client == client]
        sums, hours = figures.asking.surcharges(own), float(sum(r.hours or 0 for r in own))
        told = say.say("agency.sold", len(own), client=figures.asking.name(client), hours=hours)
        lines.append(f"{told}, {say.money(sums)}" if sums else told)
    return Section("prices", sold(charged, figures, say), (Items(tuple(lines)),))


def table(figures: Figures) -> str:
    """One line for each client, as CSV; its columns sum to the figures of the report."""
    return as_csv((HEAD, *(_cells(share, figures) for share in shares(figures))))


def _cells(share: Share, figures: Figures) -> tuple[str, ...]:
    counts: tuple[int, ...] = (share.arrived, share.urgent, *share.could_wait, share.waiting, share.alarms, share.due)
    counts += (share.late, share.overdue, share.requests, share.short)
    sums = figures.asking.surcharges(r for r in figures.sales.charged if r.offer.client == share.client)
    money = " + ".join(f"{n // 100}.{n % 100:02} {currency}" for currency, n in sums.items())
    name = figures.asking.name(share.client) if share.client else ""
    return name, *map(str, counts), f"{share.hours:g}", money
