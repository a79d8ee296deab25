"""`vamaild away rehearse`: old mail as if the principal were away now, with the playbook as it stands.

It says which share of the questions the playbook answers, how often the contact would be disturbed, and what most of
the rest ask: each group with two subjects and the phrase that a new page could use.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from pathlib import Path
from textwrap import wrap

import click

from .. import replay as engine
from ..core.groups import Group, groups
from ..core.ledger import DATABASE
from ..core.replay import Coverage, Replayed, coverage, sums
from ..core.ruleset import RuleSet
from .oldmail import Old, Period, opened, rules_of, zone_of
from .place import Place
from .replay import WIDTH, disturbed, period_options
from .screen import Exit, complain, json_option
from .setup import Ready, prepare
from .words import cut

MOST_GROUPS, SUBJECTS = 8, 2


@dataclass(frozen=True, slots=True)
class Asked:
    """A group of questions that no page answers, in one language."""

    language: str
    group: Group
    messages: tuple[Replayed, ...]

    @property
    def subjects(self) -> list[str]:
        """Two of them, different ones first."""
        return list(dict.fromkeys(cut(m.subject, 40) or "(no subject)" for m in self.messages))[:SUBJECTS]


def asked_again(left: Sequence[Replayed], ready: Ready, usual: str) -> list[Asked]:
    """What nobody answers, grouped language by language; the biggest group first. `usual` is the client's language."""
    by_language: dict[str, list[Replayed]] = defaultdict(list)
    for message in left:
        by_language[message.language or usual].append(message)
    found = []
    for code, messages in by_language.items():
        texts = [f"{m.subject}.\n{m.text}" for m in messages]
        for group in groups(texts, ready.rulebook.languages.get(code)):
            found.append(Asked(code, group, tuple(messages[n] for n in group.members)))
    return sorted(found, key=lambda a: -a.group.size)


@click.command()
@click.argument("client", metavar="CLIENT")
@click.argument("sources", nargs=-1, metavar="[SOURCE ...]")
@json_option
@period_options
@click.pass_obj
def rehearse(
    place: Place,
    client: str,
    sources: tuple[str, ...],
    as_json: bool,
    since: str | None,
    until: str | None,
    days: int | None,
    sent_in: Path | None,
) -> int:
    """How far the playbook goes: old mail, as if the principal were away now. Nothing is sent.

    \b
    vamaild away rehearse novak --since 2025-12-01 --until 2025-12-31
    vamaild away rehearse novak old.mbox         an mbox, a Maildir, a folder of .eml
    """
    ready = prepare(place.config, place.state)
    ruleset, zone = ready.client(client), zone_of(ready, client)
    period = Period.of(since, until, days, zone)
    with opened(ready, sources, period, client, sent_in, place.state) as old:
        rules = engine.away(rules_of(ready), ruleset, *engine.days(old.mails, ruleset))
        found = old.run(rules, client, "Reading")
        covered = coverage(found, ruleset)
        left = asked_again(covered.open, ready, ruleset.client.language)
        when = period.words(old.mails, zone)
        cut_short = [old.cut_short] if old.cut_short else []
        lines = [*cut_short, *page(when, found, covered, left, ruleset, zone)]
        place.tell(_as_value(found, covered, left, old), lines, as_json)
        if not old.interrupt.asked:
            _keep(place, ruleset, found, covered, engine.days(old.mails, ruleset))
    for fault in sorted(set(old.faults)):
        complain(f"{fault}; please report it")
    return Exit.INTERRUPTED if old.interrupt.asked else Exit.ATTENTION if old.faults else Exit.DONE


def _keep(
    place: Place, ruleset: RuleSet, found: Sequence[Replayed], covered: Coverage, between: tuple[date, date]
) -> None:
    """For `away check`, where there is a ledger: what this rehearsal said."""
    if not (place.state / DATABASE).exists():
        return
    said = {"since": between[0].isoformat(), "until": between[1].isoformat(), "messages": len(found)}
    figures = {"disturbed": len(sums(found).disturbed), "covered": covered.share}
    with place.ledger() as store:
        store.keep_away(ruleset.client.id, "rehearsal", said | figures, place.now)


def page(
    when: str, found: Sequence[Replayed], covered: Coverage, left: Sequence[Asked], ruleset: RuleSet, zone: tzinfo
) -> list[str]:
    """The page for people."""
    person = ruleset.client.principal or ruleset.client.name
    return [
        *wrap(f"{when}, as if {person} were away: {_count(len(found), 'message')}. Nothing is sent.", WIDTH),
        "",
        *wrap(f"Disturbed {_disturbed(sums(found).disturbed, zone)}.", WIDTH),
        *_manual(covered, len(ruleset.situations)),
        "",
        *_open(covered, left),
    ]


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _disturbed(found: Sequence[Replayed], zone: tzinfo) -> str:
    times = {0: "never", 1: "once", 2: "twice"}.get(len(found), f"{len(found)} times")
    return f"{times}: {disturbed(found, zone)}" if found else times


def _manual(covered: Coverage, pages: int) -> list[str]:
    """How far it goes, page by page."""
    if not pages:
        return [f"There is no manual yet: {_count(covered.questions, 'question')}, none answered from it."]
    head = (
        f"The manual has {_count(pages, 'situation')} and answers {covered.answered} of {covered.questions} questions"
    )
    rows = [f"  {count:>4}  {title}" for title, count in covered.by_page.items()]
    rows += [f"  {'-':>4}  {title} (nobody asked)" for title in covered.unused]
    colleague = [f"The colleague takes {covered.delegated}."] if covered.delegated else []
    return [f"{head}: {covered.share} %.", *rows, *colleague]


def _open(covered: Coverage, left: Sequence[Asked]) -> list[str]:
    """What a new page could answer."""
    if not covered.open:
        return ["Nothing is left open."]
    lines = [f"Not in the manual: {_count(len(covered.open), 'question')}. Asked most:"]
    for each in left[:MOST_GROUPS]:
        subjects = ", ".join(f'"{s}"' for s in each.subjects)
        lines += [f"  {each.group.size:>4}  {each.group.words} ({each.language})", f"        {subjects}"]
        lines += [f'        when = ["{each.group.phrases[0]}"]']
    grouped = sum(each.group.size for each in left)
    rest = len(covered.open) - sum(each.group.size for each in left[:MOST_GROUPS])
    if rest:
        alone = len(covered.open) - grouped
        lines.append(f"  {rest:>4}  others, {alone} of them like no other")
    return lines


def _as_value(found: Sequence[Replayed], covered: Coverage, left: Sequence[Asked], old: Old) -> dict[str, object]:
    """Stable keys."""
    return {
        "looked_at": len(found),
        "interrupted": old.interrupt.asked,
        "disturbed": [{"where": m.where, "subject": m.subject} for m in sums(found).disturbed],
        "questions": covered.questions,
        "answered": covered.answered,
        "share_percent": covered.share,
        "by_page": dict(covered.by_page),
        "unused": list(covered.unused),
        "delegated": covered.delegated,
        "open": len(covered.open),
        "groups": [
            {
                "count": each.group.size,
                "language": each.language,
                "words": each.group.words,
                "phrases": list(each.group.phrases),
                "subjects": each.subjects,
            }
            for each in left
        ],
    }
