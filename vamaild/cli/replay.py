"""`vamaild replay`: what the rules would have done with old mail, beside what was really done. Nothing is sent.

The engine is that of the service; docs/replay.md says what it plays and what not.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from textwrap import wrap
from typing import Any

import click

from .. import replay as engine
from ..core.ledger import Outcome
from ..core.reasons import WORDS, Reason
from ..core.replay import UNCLAIMED, Beside, Changed, Replayed, Sums, changes, rule_names, sums, without_rule
from ..core.ruleset import Kind, RuleSet, Trust
from ..service import Rules
from .oldmail import Old, Period, opened, rules_of, zone_of
from .screen import Exit, Stop, complain, config_option, json_option, print_json, state_dir, state_option
from .setup import prepare
from .words import cut

WIDTH = 79
MOST_LISTED = 200
SHORT: Mapping[str, str] = {
    **dict.fromkeys((Reason.LIST, Reason.PRECEDENCE), "lists"),
    **dict.fromkeys(
        (
            Reason.AUTO_SUBMITTED, Reason.VENDOR, Reason.NO_REPLY_NAME, Reason.ROBOT_NAME, Reason.OUT_OF_OFFICE,
            Reason.AUTO_RESPONSE_SUPPRESS, Reason.CALENDAR,
        ),
        "robots",
    ),
    **dict.fromkeys((Reason.NULL_PATH, Reason.REPORT), "bounces"),
    **dict.fromkeys((Reason.HOSTILE, Reason.SPAM), "hostile"),
    Reason.ANSWERED: "you had already answered",
    Reason.NOBODY_WAITS: "nobody waited",
}  # fmt: skip
"""Reasons in a word or two; the others in those of the report."""
BESIDE = (
    (Beside.BOTH, "you answered, so would it", ""),
    (Beside.PERSON_ONLY, "you answered, it stays silent", "look here first"),
    (Beside.PROGRAM_ONLY, "you were silent, it would write", "and here"),
    (Beside.LEFT_TO_YOU, "you answered, it leaves that to you", ""),
    (Beside.NEITHER, "both silent", ""),
)
ONLY: Mapping[str, Callable[[Replayed], bool]] = {
    "differs": lambda m: m.differs,
    "silent": lambda m: m.beside is Beside.PERSON_ONLY,
    "writes": lambda m: bool(m.reply),
    "waiting": lambda m: m.outcome is Outcome.WAITING,
    "emergency": lambda m: m.outcome is Outcome.ESCALATED,
    "all": lambda m: True,
}


def period_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--since, --until, --days and --sent."""
    for option in (
        click.option("--sent", "sent_in", type=click.Path(path_type=Path, exists=True), help="The mail you sent."),
        click.option("--days", type=click.IntRange(1, 3660), metavar="N", help="The last N days."),
        click.option("--until", metavar="DAY", help="Until this day, or moment."),
        click.option("--since", metavar="DAY", help="From this day on, like 2026-10-01, or moment."),
    ):
        function = option(function)
    return function


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE ...]")
@config_option
@state_option
@json_option
@period_options
@click.option("--client", default="", metavar="ID", help="Only this client's mail; in files also what nobody claims.")
@click.option("--rule", metavar="NAME", help="Only what this one rule, or page of a playbook, changes.")
@click.option("--as-if-away", "away", metavar="ID", help="As if this client's principal were away all that time.")
@click.option("--against", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR",
              help="Only what the rules in this other configuration directory decide otherwise.")  # fmt: skip
@click.option("--only", type=click.Choice(sorted(ONLY)), help="List these messages, one a line.")
def replay(
    sources: tuple[str, ...],
    config: Path,
    state: Path | None,
    as_json: bool,
    since: str | None,
    until: str | None,
    days: int | None,
    sent_in: Path | None,
    client: str,
    rule: str | None,
    away: str | None,
    against: Path | None,
    only: str | None,
) -> int:
    """What today's rules would have done with old mail. Nothing is sent, marked or kept.

    \b
    vamaild replay --days 30                     the inbox of each mailbox
    vamaild replay Archive --since 2026-10-01    a folder of the mailbox
    vamaild replay old.mbox --client rossi       an mbox, a Maildir, a folder of .eml
    vamaild replay --rule "rossi-permessi"       what one rule changes
    vamaild replay --against /etc/vamaild.new    what edited rules change
    """
    ready, whose = replace(prepare(config), state=state_dir(state, config)), client or away or ""
    zone = zone_of(ready, whose)
    period = Period.of(since, until, days, zone)
    with opened(ready, sources, period, whose, sent_in, state_dir(state, config)) as old:
        rules = rules_of(ready)
        if away:
            rules = engine.away(rules, ready.client(away), *engine.days(old.mails, ready.client(away)))
        shown = _Shown(old, rules, whose, zone, as_json)
        if rule or against:
            other = _other(rules, rule, against, whose)
            return shown.effect(other, rule or str(against), bool(rule))
        return shown.all(period, away, only)


def _other(rules: Rules, rule: str | None, against: Path | None, client: str) -> Rules:
    """The rules to compare with. Stops when there is no such rule."""
    if against is not None:
        return rules_of(prepare(against))
    book = without_rule(rules.rulebook, rule or "", client)
    if book is rules.rulebook:
        near = [n for n in rule_names(rules.rulebook, client) if (rule or "").casefold() in n.casefold()][:5]
        hint = f" Near it: {', '.join(near)}" if near else " Their names: vamaild check --json, or the name = in a file"
        raise Stop(f'There is no rule "{rule}".{hint}', Exit.NOT_FOUND)
    return Rules(rules.settings, book, rules.tools, rules.sending)


class _Shown:
    """A replay on the screen."""

    def __init__(self, old: Old, rules: Rules, client: str, zone: tzinfo, as_json: bool) -> None:
        self._old = old
        self._rules = rules
        self._client = client
        self._zone = zone
        self._as_json = as_json

    def all(self, period: Period, away: str | None, only: str | None) -> int:
        """The whole of it, or the messages that were asked for."""
        found = self._run("Reading")
        counted = sums(found, lambda client: zone_of(self._old.ready, client))
        if self._as_json:
            listed = [_as_value(m, self._zone) for m in found if only is None or ONLY[only](m)]
            print_json(_sums_value(counted, self._old) | {"messages": listed})
        elif only:
            chosen = [m for m in found if ONLY[only](m)]
            self._tell([*(line(m, self._zone) for m in chosen[:MOST_LISTED]), *_more(chosen), _count(chosen, found)])
        else:
            head = period.words(self._old.mails, self._zone)
            self._tell(page(counted, head, self._old, self._zone, away or ""))
        return self._exit()

    def effect(self, other: Rules, name: str, of_rule: bool) -> int:
        """What a rule changes (without it, with it), or another directory (as it is, as it would be)."""
        now = self._run("Reading")
        then = self._run("Again  ", other) if not self._old.interrupt.asked else ()
        before, after = (then, now) if of_rule else (now, then)
        seen = {m.where for m in after} & {m.where for m in before}
        found = changes([m for m in before if m.where in seen], after)
        if self._as_json:
            value = {"compared": len(seen), "interrupted": self._old.interrupt.asked}
            print_json(value | {"changed": [_changed_value(c, self._zone) for c in found]})
        else:
            self._tell(effect_page(found, len(seen), name, of_rule, self._zone))
        return self._exit()

    def _run(self, label: str, rules: Rules | None = None) -> tuple[Replayed, ...]:
        return self._old.run(rules or self._rules, self._client, label)

    def _tell(self, lines: Sequence[str]) -> None:
        cut_short = [self._old.cut_short] if self._old.cut_short else []
        click.echo("\n".join([*cut_short, *lines]))

    def _exit(self) -> int:
        for fault in sorted(set(self._old.faults)):
            complain(f"{self._old.faults.count(fault)} messages could not be decided: {fault}; please report it")
        if self._old.interrupt.asked:
            return Exit.INTERRUPTED
        return Exit.ATTENTION if self._old.faults else Exit.DONE


# ---- the page


def page(counted: Sums, when: str, old: Old, zone: tzinfo, away: str) -> list[str]:
    """The page for people."""
    ruleset = old.ready.client(away) if away else None
    person = (ruleset.client.principal or ruleset.client.name) if ruleset else ""
    head = f"{when} as it was: its clock, its counters, today's rules. Nothing is sent."
    return [
        *wrap(head, WIDTH),
        *([f"As if {person} were away all that time."] if person else []),
        *(line for line in _careful(old.ready.rulebook.clients)),
        "",
        *kinds(counted, zone),
        "",
        *wrap(_replies(counted), WIDTH),
        *beside(counted, old),
        "",
        "Next: the same command with --only differs" if old.sent.count else "Next: the same command with --only writes",
    ]


def _careful(clients: Sequence[RuleSet]) -> Iterator[str]:
    names = [r.client.id for r in clients if r.client.trust is not Trust.SEND]
    if names:
        yield from wrap(f"Shown as if they sent by themselves, which they do not yet: {', '.join(names)}.", WIDTH)


def kinds(counted: Sums, zone: tzinfo) -> list[str]:
    """A line for what is ignored and one for each kind of the rest; together they are all messages."""
    ignored = sum(counted.ignored.values())
    rows = [("ignored", ignored, _reasons(counted.ignored))] if ignored else []
    rows += [(kind, count, _about(kind, counted, zone)) for kind, count in counted.attended.items()]
    wide, tall = max((len(r[0]) for r in rows), default=0), max((len(str(r[1])) for r in rows), default=0)
    lines = []
    for name, count, words in rows:
        start = f"{name:<{wide}}  {count:>{tall}}   "
        lines += wrap(start + words, WIDTH, subsequent_indent=" " * len(start), drop_whitespace=True) or [start]
    return lines


def _reasons(ignored: Mapping[str, int]) -> str:
    grouped: Counter[str] = Counter()
    for code, count in ignored.items():
        grouped[SHORT.get(code) or WORDS["en"].get(Reason(code), code)] += count
    return ", ".join(f"{words} {count}" for words, count in grouped.most_common())


def disturbed(found: Sequence[Replayed], zone: tzinfo) -> str:
    """The first three that start the chain, with their moments."""
    shown = [f'{_when(m.received.astimezone(zone))}, "{cut(m.subject, 40)}"' for m in found[:3]]
    return "; ".join(shown) + (f" and {len(found) - 3} more" if len(found) > 3 else "")


def _about(kind: str, counted: Sums, zone: tzinfo) -> str:
    if kind == Kind.EMERGENCY:
        return disturbed(counted.disturbed, zone)
    if kind == Kind.RUSH_REQUEST and counted.offers:
        return f"{counted.offers} would be offered A or B"
    return "for no client of yours: you would look at them" if kind == UNCLAIMED else ""


def _when(at: datetime) -> str:
    return f"{at.day} {at:%b %H:%M}"


def _replies(counted: Sums) -> str:
    total = sum(counted.replies.values())
    if not total:
        return "No reply would leave."
    a_day = f", never more than {counted.most_a_day} a day to one person" if counted.most_a_day else ""
    people = "1 person" if counted.people == 1 else f"{counted.people} people"
    return f"{total} {'reply' if total == 1 else 'replies'} to {people}{a_day}."


def beside(counted: Sums, old: Old) -> list[str]:
    """What the person did, in numbers."""
    if not old.sent.count:
        return ["Nobody knows what you did yourself: no sent mail was found (files: --sent PATH)."]
    rows = [(words, counted.beside.get(which, 0), note) for which, words, note in BESIDE]
    takes = counted.program_takes, counted.person_takes
    if takes[0] is not None and takes[1] is not None:
        rows[0] = (*rows[0][:2], f"after {_long(takes[0])}; you took {_long(takes[1])} (median)")
    tall = max(len(str(count)) for _, count, _ in rows)
    lines = [f"  {words:<36} {count:>{tall}}   {note if count else ''}".rstrip() for words, count, note in rows]
    return ["Beside what you did yourself (from the Sent folder):", *lines]


def _long(time: timedelta) -> str:
    """ "40 s", "6 min", "3 h 40", "2 days"."""
    seconds = int(time.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02}" if minutes < 48 * 60 else f"{minutes // 1440} days"


# ---- one message, one change


def line(found: Replayed, zone: tzinfo) -> str:
    """One message on one line."""
    at = found.received.astimezone(zone)
    answer = "you answered" if found.answered else "you were silent"
    return f'{_date(at)}  {cut(found.who, 20):<20}  "{cut(found.subject, 30)}"  {did(found)}; {answer}'


def _date(at: datetime) -> str:
    return f"{at.day:>2} {at:%b %Y %H:%M}"


def did(found: Replayed) -> str:
    """What became of it, in a few words."""
    kind = found.kind or UNCLAIMED
    if found.outcome is Outcome.ESCALATED:
        return f"{kind}, escalated" + (f', "{found.reply}"' if found.reply else "")
    if found.reply:
        return f'{kind}, "{found.reply}"' + (", waits for you" if found.outcome is Outcome.WAITING else "")
    words = WORDS["en"].get(Reason(found.reason), found.reason) if found.reason else "silent"
    return f"{kind}, waits for you: {words}" if found.outcome is Outcome.WAITING else f"{kind}, no reply: {words}"


def _more(chosen: Sequence[Replayed]) -> list[str]:
    return [f"... and {len(chosen) - MOST_LISTED} more: --json has all of them"] if len(chosen) > MOST_LISTED else []


def _count(chosen: Sequence[Replayed], found: Sequence[Replayed]) -> str:
    return f"{len(chosen)} of {len(found)} messages."


def effect_page(found: Sequence[Changed], compared: int, name: str, of_rule: bool, zone: tzinfo) -> list[str]:
    """What changes, message by message."""
    what = f'"{name}" changes' if of_rule else f"The rules in {name} change"
    sides = ("without it", "with it   ") if of_rule else ("now ", "then")
    lines = [f"{what} {len(found)} of {compared} messages."]
    for each in found[:MOST_LISTED]:
        at = each.before.received.astimezone(zone)
        lines += [
            "",
            f'{_date(at)}  {cut(each.before.who, 20)}  "{cut(each.before.subject, 40)}"',
            f"  {sides[0]}  {did(each.before)}",
            f"  {sides[1]}  {did(each.after)}",
        ]
    return [*lines, *([f"... and {len(found) - MOST_LISTED} more: --json"] if len(found) > MOST_LISTED else [])]


# ---- JSON


def _as_value(found: Replayed, zone: tzinfo) -> dict[str, object]:
    """Stable keys; no text of the message."""
    kept = {k: v for k, v in asdict(found).items() if k not in ("text", "case")}
    moments = {k: v.astimezone(zone).isoformat() for k, v in kept.items() if isinstance(v, datetime)}
    return kept | moments | {"beside": str(found.beside)}


def _changed_value(changed: Changed, zone: tzinfo) -> dict[str, object]:
    return {"before": _as_value(changed.before, zone), "after": _as_value(changed.after, zone)}


def _sums_value(counted: Sums, old: Old) -> dict[str, object]:
    names = ("kinds", "actions", "outcomes", "reasons", "replies", "ignored", "beside")
    value: dict[str, object] = {"looked_at": counted.messages, "interrupted": old.interrupt.asked}
    value |= {name: getattr(counted, name) for name in (*names, "offers", "people", "most_a_day")}
    times = {"program_takes_seconds": counted.program_takes, "person_takes_seconds": counted.person_takes}
    value |= {name: None if time is None else int(time.total_seconds()) for name, time in times.items()}
    return value | {"disturbed": [m.where for m in counted.disturbed]}
