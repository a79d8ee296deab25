"""Figures of one client -> the text the assistant sends that client: what came, what was promised. No ranking.

It is a draft: two lines of her own go on top. Nothing about anybody else is in it, and no words of a customer.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta

from .calendar import next_open, ready_on
from .letter import Letter
from .phrases import Phrases
from .report_text import folded
from .report_values import Figures
from .ruleset import RuleSet

MOST_DATES = 4
NOON = time(12)


def letter(figures: Figures, ruleset: RuleSet, say: Phrases) -> Letter:
    """The draft. Raises GrammarError when a text is missing."""
    zone = figures.asking.now.tzinfo
    since, until = (at.astimezone(zone).date() for at in (figures.since, figures.until))
    subject = say.say("client.subject", since=since, until=until)
    parts = [_came(figures, say), _answered(figures, say), _given(figures, say), _coming(figures, say)]
    parts += [_soon(figures.asking.now, ruleset, say)]
    return Letter(subject, "\n\n\n" + "\n\n".join(folded(p) for p in parts if p) + "\n")


def _came(figures: Figures, say: Phrases) -> str:
    short = next((s for s in figures.notice if s.client == figures.asking.only), None)
    requests = short.requests.count if short else 0
    said = say.say("client.came", requests)
    if short and short.short.count:
        said += say.say("client.short", short.short.count, days=say.say("how.days", short.days))
    if sold := figures.sales.charged:
        said += say.say("client.rushed", len(sold))
        sums = figures.asking.surcharges(sold)
        said += f" ({say.money(sums)})" if sums else ""
    return f"{said}."


def _answered(figures: Figures, say: Phrases) -> str:
    answered = sum(row.replied_at is not None for row in figures.subjects.values())
    parts = [say.say("client.answered", answered)] if answered else []
    if waits := figures.part("waiting").count:
        parts.append(say.say("client.waits", waits))
    if figures.alarms:
        parts.append(say.say("client.alarms", len(figures.alarms)))
    return " ".join(parts)


def _given(figures: Figures, say: Phrases) -> str:
    number = figures.given.number.count
    return say.say("client.kept", number, kept=len(figures.given.kept)) if number else ""


def _coming(figures: Figures, say: Phrases) -> str:
    """The dates that were promised and are still to come."""
    now = figures.asking.now
    days = Counter(p.promise.due.astimezone(now.tzinfo).date() for p in figures.asking.owed if p.promise.due > now)
    dates: list[date] = sorted(days)[:MOST_DATES]
    told = [say.say("client.date", days[day], at=day) for day in dates]
    return say.say("client.due", line=", ".join(told)) if told else ""


def _soon(now: datetime, ruleset: RuleSet, say: Phrases) -> str:
    """What asking in time saves: one neutral sentence, and only where haste costs something."""
    if ruleset.lead is None or ruleset.rush is None or ruleset.rush.mode != "offer":
        return ""
    monday = next_open(now.date() + timedelta(days=7 - now.weekday()), ruleset.week)
    noon = datetime.combine(monday, NOON, now.tzinfo)
    return say.say("client.soon", at=noon, by=ready_on(noon, ruleset.lead, ruleset.week))
