"""Figures -> the assistant's report in her language: what needs a decision first, then each figure with its sentence.

The texts are data (templates/<language>/report.toml); this file only chooses and orders them.
"""

from datetime import datetime, timedelta

from .phrases import Phrases
from .promises import is_late
from .report_more import answers, emergencies, forwarding, given, hours, prices, solved, unanswered
from .report_parts import INSISTING, NEEDED_NONE, ORDINARY, UNKNOWN, UNREAD, URGENT, Number, total
from .report_tree import Bar, Bars, Grid, Page, Section, Tint, shown
from .report_values import Figures

MOST_TODO = 4
MOST_CLIENTS = 10
SOON = timedelta(days=3)
SORT_TINTS = {ORDINARY: Tint.FINE, URGENT: Tint.BUSY, INSISTING: Tint.FINE, NEEDED_NONE: Tint.UNKNOWN}
FATE_TINTS = {UNKNOWN: Tint.UNKNOWN, "waited-badly": Tint.GRAVE, "rushed": Tint.BUSY, "by-colleague": Tint.BUSY,
              "emergency": Tint.GRAVE}  # fmt: skip
ALWAYS = (ORDINARY, URGENT, NEEDED_NONE)


def page(figures: Figures, say: Phrases) -> Page:
    """The whole report. Raises GrammarError when a text is missing."""
    todo = tuple(_todo(figures, say))
    sections = (
        arrived(figures, say),
        urgent(figures, say),
        notice(figures, say),
        prices(figures, say),
        emergencies(figures, say),
        given(figures, say),
        answers(figures, say),
        solved(figures, say),
        unanswered(figures, say),
        hours(figures, say),
        forwarding(figures, say),
    )
    return Page(
        say.language,
        say.say("head.title"),
        about(figures, say),
        headline(figures, say),
        say.say("todo.title", len(todo)) if todo else say.say("todo.nothing"),
        todo,
        tuple(s for s in sections if s),
        say.say("foot.assistant"),
        warnings(figures, say),
    )


def about(figures: Figures, say: Phrases) -> str:
    """The week and its days; only the days where it is not one week."""
    zone = figures.asking.now.tzinfo
    since, until = figures.since.astimezone(zone), figures.until.astimezone(zone)
    week = until.isocalendar().week
    usual = timedelta(days=1) < until - since < timedelta(days=11)
    return say.say("head.week" if usual else "head.days", week=week, since=since.date(), until=until.date())


def headline(figures: Figures, say: Phrases) -> str:
    """How many stated urgencies could wait, as far as anybody knows."""
    (lower, upper), of = figures.bounds, figures.urgent
    if not of:
        return say.say("headline.none")
    if lower == of:
        return say.say("headline.all", of)
    if lower:
        return say.say("headline.some", lower, of=say.say("how.of", of))
    return say.say("headline.unknown" if upper else "headline.no", of)


def warnings(figures: Figures, say: Phrases) -> tuple[str, ...]:
    """What is wrong with the figures themselves, in plain words."""
    if figures.adds_up:
        return ()
    counted, found = figures.counted, figures.arrived.count
    if figures.missing:
        key = "warning.missing" if figures.missing > 0 else "warning.more"
        return (say.say(key, abs(figures.missing), counted=counted, found=found),)
    return (say.say("warning.parts", found, parts=total(figures.outcomes)),)


def _todo(figures: Figures, say: Phrases) -> list[str]:
    """What needs her, the most pressing first."""
    asking, found = figures.asking, []
    for health in [h for h in asking.health if h.silent][:MOST_TODO]:
        found.append(say.say("todo.silent", client=asking.name(health.client), time=health.silent))
    found += _promises(figures, say)
    if figures.sales.waiting:
        found.append(say.say("todo.taken", len(figures.sales.waiting)))
    if waiting := figures.part("waiting").count:
        found.append(say.say("todo.waiting", waiting))
    if figures.human.count:
        found.append(say.say("todo.human", figures.human.count))
    if unjudged := [a for a in figures.alarms if a.closed_at and a.could_wait is None]:
        found.append(say.say("todo.verdict", len(unjudged)))
    if charged := figures.sales.charged:
        sums = asking.surcharges(charged)
        found.append(
            say.say("todo.invoice-sum", sum=say.money(sums)) if sums else say.say("todo.invoice", len(charged))
        )
    if missing := [r for r in charged if r.hours is None]:
        found.append(say.say("todo.hours", len(missing), number=missing[0].id))
    return found


def _promises(figures: Figures, say: Phrases) -> list[str]:
    asking, now = figures.asking, figures.asking.now
    near = [p for p in asking.owed if p.promise.due < _soon(now)]
    lines = [
        say.say(
            "todo.late" if is_late(p, now) else "todo.promise",
            at=p.promise.due,
            client=asking.name(p.promise.client),
            what=shown(p.promise.what),
        )
        for p in near[:MOST_TODO]
    ]
    return lines + ([say.say("todo.more-promises", len(near) - MOST_TODO)] if len(near) > MOST_TODO else [])


def _soon(now: datetime) -> datetime:
    """The end of today, or of Monday where she leaves for the weekend."""
    return now + (SOON if now.weekday() >= 4 else timedelta(days=1))


def _bars(section: str, numbers: tuple[Number, ...], of: int, say: Phrases, tints: dict[str, Tint]) -> Bars:
    shown_ = [n for n in numbers if n.count or n.name in ALWAYS]
    return Bars(tuple(Bar(say.say(f"{section}.{n.name}"), n, of, tints.get(n.name, Tint.FINE)) for n in shown_))


def arrived(figures: Figures, say: Phrases) -> Section:
    """What came, by what it is, and where it stands."""
    found = figures.arrived.count
    sums = {n.name.replace("-", "_"): n.count for n in figures.outcomes}
    title = say.say("arrived.title", found)
    bars = _bars("arrived", figures.sorts, found, say, SORT_TINTS | {UNREAD: Tint.BUSY})
    return Section("arrived", title, (bars, say.say("arrived.sum", found, **sums)))


def urgent(figures: Figures, say: Phrases) -> Section | None:
    """What became of what was called urgent, with the lower and the upper bound."""
    (lower, upper), of = figures.bounds, figures.urgent
    if not of:
        return None
    bars = _bars("urgent", figures.fates, of, say, FATE_TINTS)
    least, most = say.percent(lower, of, "how.share"), say.percent(upper, of, "how.share")
    key = "urgent.exactly" if lower == upper else "urgent.between"
    line = [say.percent(a, b) if b else "–" for a, b in figures.line]
    said = say.say(key, upper - lower, least=least, most=most)
    trend = say.say("urgent.line", line=", ".join(line)) if len(line) > 1 else ""
    return Section("urgent", say.say("urgent.title", of), (bars, f"{said} {trend}".strip()))


def notice(figures: Figures, say: Phrases) -> Section | None:
    """Who asks without notice, and how it went in the weeks before."""
    every = [s for s in figures.notice if s.requests.count or s.short.count]
    if not every:
        return None
    some = every[:MOST_CLIENTS]
    name = figures.asking.name
    head = tuple(say.say(f"notice.{column}") for column in ("client", "requests", "short", "share", "trend"))
    rows = tuple(
        (
            name(s.client),
            str(s.requests.count),
            str(s.short.count),
            say.percent(s.short.count, s.requests.count),
        )
        for s in some
    )
    lines = tuple(
        say.say("notice.line", s.short.count, of=say.say("how.of", s.requests.count), client=name(s.client))
        for s in some
    )
    more = f"{say.say('how.more', len(every) - len(some))}. " if len(every) > len(some) else ""
    trends = tuple(tuple(round(100 * b / a) if a else 0 for a, b in s.weeks) for s in some)
    alike = {(s.days, s.unit) for s in every} == {(every[0].days, "working")}
    title = say.say("notice.title", some[0].days) if alike else say.say("notice.title-agreed")
    return Section("notice", title, (Grid(head, rows, lines, trends), f"{more}{say.say('notice.about')}"))
