"""The later sections of the assistant's report: prices, emergencies, promises, answers, what got none, and when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from .phrases import Phrases
from .promise import Promise
from .report_rows import Alarm, Row
from .report_times import middle
from .report_tree import Bar, Bars, Items, Section, Strip, Tint, shown
from .report_values import Figures, Health
from .rush import Rush

MOST_LISTED = 6
FIRST_HOUR, LAST_HOUR = 8, 18
BUSIEST = 3
ME, COLLEAGUE = "me", "colleague"


def prices(figures: Figures, say: Phrases) -> Section | None:
    """What rush brought: hers are the hours, and what nobody said yes to is no income."""
    sales = figures.sales
    if not (sales.offered.count or sales.agreed):
        return None
    lines = _cut([_job(rush, figures, say) for rush in sales.agreed], say)
    said = [say.say("prices.offered", sales.offered.count)]
    if sales.chose_free.count:
        said.append(say.say("prices.chose-free", sales.chose_free.count))
    if sales.refused.count:
        said.append(say.say("prices.refused", sales.refused.count))
    blocks = (*((Items(tuple(lines)),) if lines else ()), " ".join(said))
    return Section("prices", sold(sales.charged, figures, say), blocks)


def _cut(lines: list[str], say: Phrases) -> list[str]:
    """The first of them, and how many there are besides."""
    more = len(lines) - MOST_LISTED
    return lines if more <= 0 else [*lines[:MOST_LISTED], say.say("how.more", more)]


def sold(charged: Sequence[Rush], figures: Figures, say: Phrases) -> str:
    """Jobs, hours, and what the surcharge comes to: in money where the price of every hour is known, else in hours."""
    known = [(r.hours, r.offer.percent) for r in charged if r.hours is not None]
    if not known:
        return say.say("prices.title", len(charged))
    if sums := figures.asking.surcharges(charged):
        return say.say("prices.title-sum", len(charged), hours=float(sum(h for h, _ in known)), sum=say.money(sums))
    extra = round(sum(h * p / 100 for h, p in known), 2)
    return say.say("prices.title-hours", len(charged), hours=float(sum(h for h, _ in known)), extra=float(extra))


def _job(rush: Rush, figures: Figures, say: Phrases) -> str:
    client, what = figures.asking.name(rush.offer.client), shown(rush.offer.what)
    percent = say.say("how.percent", rush.offer.percent)
    key = "prices.free" if not rush.charged else "prices.open" if rush.hours is None else "prices.job"
    told = say.say(key, percent=percent, hours=float(rush.hours or 0), client=client, what=what)
    sums = figures.asking.surcharges([rush]) if rush.charged else {}
    return f"{told}, {say.money(sums)}" if sums else told


def emergencies(figures: Figures, say: Phrases) -> Section:
    """Each emergency with its times; of several, the middle and the worst, never a mean."""
    alarms = figures.alarms
    if not alarms:
        return Section("alarms", say.say("alarms.title", 0), (say.say("alarms.none"),))
    items: list[str] = [_alarm(a, figures, say) for a in alarms[:MOST_LISTED]]
    if len(alarms) > MOST_LISTED:
        items.append(say.say("alarms.more", len(alarms) - MOST_LISTED))
    return Section("alarms", say.say("alarms.title", len(alarms)), (Items(tuple(items)), pace(figures, say)))


def pace(figures: Figures, say: Phrases) -> str:
    """How soon emergencies were taken, and how many were none."""
    alarms = figures.alarms
    if not alarms:
        return say.say("alarms.none")
    taken = [a.taken_at - a.opened for a in alarms if a.taken_at]
    half = middle(taken)
    said = say.say("alarms.pace", half=half, worst=max(taken)) if half is not None and len(taken) > 1 else ""
    false = sum(a.could_wait is True for a in alarms)
    return f"{said} {say.say('alarms.false', false)}".strip()


def _alarm(alarm: Alarm, figures: Figures, say: Phrases) -> str:
    zone, client = figures.asking.now.tzinfo, figures.asking.name(alarm.client)
    opened = alarm.opened.astimezone(zone)
    parts = [say.say("alarms.opened", client=client, what=shown(alarm.subject), at=opened)]
    if alarm.taken_at:
        who = _person(alarm.taken_by, say)
        at, after = _then(alarm.taken_at.astimezone(zone), opened, say), alarm.taken_at - alarm.opened
        parts.append(say.say("alarms.taken", who=who, at=at, after=after))
    else:
        parts.append(say.say("alarms.not-taken"))
    if alarm.closed_at:
        parts.append(say.say("alarms.closed", at=_then(alarm.closed_at.astimezone(zone), opened, say)))
    parts.append(say.say(_verdict(alarm)))
    return " ".join(parts)


def _then(at: datetime, first: datetime, say: Phrases) -> str:
    """The hour, with its day where it is another one."""
    return f"{at.hour}:{at:%M}" if at.date() == first.date() else say.say("alarms.when", at=at)


def _person(name: str, say: Phrases) -> str:
    return say.say(f"alarms.{name}") if name in (ME, COLLEAGUE) else say.say("alarms.person", name=name)


def _verdict(alarm: Alarm) -> str:
    return {None: "alarms.unjudged", True: "alarms.could-wait", False: "alarms.right"}[alarm.could_wait]


def given(figures: Figures, say: Phrases) -> Section:
    """Promises: how many fell due, how many were kept, each late one."""
    book = figures.given
    late = [*(_late(p, figures, say) for p in book.late), *(_broken(p, figures, say) for p in book.broken)]
    items = (Items(tuple(_cut(late, say))),) if late else ()
    return Section("promises", say.say("promises.title", book.number.count), (promised(figures, say), *items))


def promised(figures: Figures, say: Phrases) -> str:
    """How many promises were kept, late, are overdue, or not due yet."""
    book = figures.given
    if not book.number.count:
        return say.say("promises.none")
    said = [say.say("promises.kept", len(book.kept))]
    said += [say.say("promises.late", len(book.late))] if book.late else []
    said += [say.say("promises.broken", len(book.broken))] if book.broken else []
    said += [say.say("promises.open", len(book.open))] if book.open else []
    return " ".join(said)


def _late(promise: Promise, figures: Figures, say: Phrases) -> str:
    told = promise.promise
    by = (promise.ended_at or told.due) - told.due
    return say.say("promises.one-late", client=figures.asking.name(told.client), what=shown(told.what), time=by)


def _broken(promise: Promise, figures: Figures, say: Phrases) -> str:
    told = promise.promise
    by = figures.asking.now - told.due
    return say.say("promises.one-broken", client=figures.asking.name(told.client), what=shown(told.what), time=by)


def answers(figures: Figures, say: Phrases) -> Section | None:
    """How soon people heard, and how much of the machine's work was corrected."""
    said = []
    if figures.automatic is not None:
        said.append(say.say("answers.automatic", time=max(figures.automatic, timedelta(minutes=1))))
    if figures.personal is not None:
        said.append(say.say("answers.personal", time=max(figures.personal, timedelta(minutes=1))))
    if figures.decided:
        said.append(say.say("answers.corrected", figures.corrected.count, of=say.say("how.of", figures.decided)))
    return Section("answers", say.say("answers.title"), (" ".join(said),)) if said else None


def solved(figures: Figures, say: Phrases) -> Section | None:
    """What ended by itself; silence is kept apart from those who said so."""
    said, silent = figures.solved.count, figures.silent.count
    if not (said or silent):
        return None
    parts = [say.say("solved.said", said)] if said else []
    parts += [say.say("solved.silent", silent)] if silent else []
    return Section("solved", say.say("solved.title"), (" ".join(parts),))


def unanswered(figures: Figures, say: Phrases) -> Section | None:
    """What got no reply, by reason, the most frequent first; and what looks like a person all the same."""
    found = reasons(figures, say)
    if found is None or not figures.human.count:
        return found and replace(found, blocks=(*found.blocks, say.say("silent.all-machines")))
    rows = [figures.subjects[m] for m in figures.human.messages]
    lines = [_suspect(row, figures, say) for row in rows[:MOST_LISTED]]
    if len(rows) > MOST_LISTED:
        lines.append(say.say("silent.more", len(rows) - MOST_LISTED))
    return replace(found, blocks=(*found.blocks, say.say("silent.look"), Items(tuple(lines))))


def reasons(figures: Figures, say: Phrases) -> Section | None:
    """What got no reply, by reason alone."""
    of = figures.part("no-reply").count
    if not of:
        return None
    ordered = sorted((n for n in figures.whys if n.count), key=lambda n: -n.count)
    bars = Bars(tuple(Bar(say.say(f"silent.{n.name}"), n, of, Tint.UNKNOWN) for n in ordered))
    return Section("silent", say.say("silent.title", of), (bars,))


def _suspect(row: Row, figures: Figures, say: Phrases) -> str:
    client = figures.asking.name(row.client) or "–"
    return say.say("silent.one", client=client, what=shown(row.subject) or "–", who=shown(row.who, 30))


def hours(figures: Figures, say: Phrases) -> Section | None:
    """When urgencies come, by weekday and hour: an assistant sets her hours by it."""
    strip = {slot: len(ids) for slot, ids in figures.strip.items()}
    if not strip:
        return None
    days = range(7) if any(day > 4 for day, _ in strip) else range(5)
    names = say.grammar.weekdays["weekday"]
    columns = (range(FIRST_HOUR), *((h,) for h in range(FIRST_HOUR, LAST_HOUR + 1)), range(LAST_HOUR + 1, 24))
    head = (f"<{FIRST_HOUR}", *(str(h) for h in range(FIRST_HOUR, LAST_HOUR + 1)), f">{LAST_HOUR}")
    rows = tuple((names[d][:2], tuple(sum(strip.get((d, h), 0) for h in hours) for hours in columns)) for d in days)
    top = sorted(strip.items(), key=lambda slot: (-slot[1], slot[0]))[:BUSIEST]
    told = [say.say("hours.slot", n, day=names[day], hour=hour, until=hour + 1) for (day, hour), n in top]
    return Section("hours", say.say("hours.title"), (Strip(head, rows, say.say("hours.line", line=", ".join(told))),))


def forwarding(figures: Figures, say: Phrases) -> Section | None:
    """Whether the mail of every client still comes."""
    known = figures.asking.health
    if not known:
        return None
    broken = [h for h in known if h.silent]
    never = [h for h in known if h.last is None]
    lines = _cut([_silent(h, figures, say) for h in broken], say)
    if never:
        names = say.both([figures.asking.name(h.client) for h in never[:MOST_LISTED]])
        lines.append(say.say("forwarding.never", len(never), clients=names))
    flows = len(known) - len(broken) - len(never)
    said = say.say("forwarding.flows", flows) if flows else ""
    return Section("forwarding", say.say("forwarding.title"), (*((said,) if said else ()), *lines))


def _silent(health: Health, figures: Figures, say: Phrases) -> str:
    return say.say("forwarding.silent", client=figures.asking.name(health.client), time=health.silent)
