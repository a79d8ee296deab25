"""How far each text of one client goes: what its file allows, what was learned, and what a person sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from ..core.ledger import Store
from ..core.ruleset import RuleSet, Trust
from ..core.trust import IN_A_ROW, LADDER, REMEMBERED, Fate, Level, effective, level_of
from .place import Place, Value
from .reply import USED
from .words import day, table

HEAD = ("TEXT", "LEVEL", "SINCE", "BY", "DRAFTS")
ME = "me"


@dataclass(frozen=True, slots=True)
class Rung:
    """One text: how far it goes, what is kept about it, and what became of its drafts since then, oldest first."""

    text: str
    trust: Trust
    level: Level | None
    fates: tuple[Fate, ...] = ()

    @property
    def proposed(self) -> bool:
        """Whether the service has proposed "send"."""
        return self.level is not None and self.level.proposed_at is not None

    @property
    def in_a_row(self) -> int:
        """How many drafts left unchanged, counted from the last one."""
        return sum(1 for _ in takewhile(lambda f: f is Fate.UNCHANGED, reversed(self.fates)))


def rung(ruleset: RuleSet, text: str, store: Store, now: datetime) -> Rung:
    """How it stands with one text."""
    client = ruleset.client
    levels = store.levels(client.id)
    level = level_of(levels, text)
    since = level.since if level and level.learned else now - REMEMBERED
    fates = tuple(f.fate for f in store.fates(client.id, text, now - REMEMBERED) if f.at > since)
    return Rung(text, effective(client.trust, levels, text), level, fates)


def rungs(ruleset: RuleSet, store: Store, now: datetime) -> list[Rung]:
    """Every text about which something is known."""
    names = sorted({*USED, *(level.template for level in store.levels(ruleset.client.id))})
    found = (rung(ruleset, text, store, now) for text in names)
    return [r for r in found if r.level or r.fates]


def refused(ruleset: RuleSet, level: str) -> str:
    """Why this level cannot be set, "" when it can: the file is the ceiling but for the step from draft to send."""
    client, wanted = ruleset.client, Trust(level)
    step = client.trust is Trust.DRAFT and wanted is Trust.SEND
    if step or LADDER.index(wanted) <= LADDER.index(client.trust):
        return ""
    return (
        f'{client.id} is in {client.trust}: no text may go further. To change that: trust = "draft" in {ruleset.file}'
    )


def rises(before: Rung, level: str) -> bool:
    """Whether the text would go further than it does now."""
    return LADDER.index(Trust(level)) > LADDER.index(before.trust)


def question(before: Rung) -> str:
    """What is asked before a text leaves by itself that nobody has proposed."""
    return f'"{before.text}": {before.in_a_row} of {IN_A_ROW} drafts in a row left unchanged. Let it leave by itself?'


def set_level(ruleset: RuleSet, text: str, level: str, store: Store, now: datetime) -> Rung:
    """Keeps the level; returns how the text stands now."""
    store.set_level(Level(ruleset.client.id, text, Trust(level), now, ME))
    return rung(ruleset, text, store, now)


def said(ruleset: RuleSet, before: Rung, after: Rung) -> list[str]:
    """What changed, and how to undo it."""
    client = ruleset.client.id
    meaning = {
        Trust.SEND: "it leaves by itself",
        Trust.DRAFT: "it waits as a draft for your yes",
        Trust.OBSERVE: "it is not written",
    }
    if before.trust is after.trust:
        return [f'{client}: "{after.text}" stays in {after.trust}: {meaning[after.trust]}.']
    return [
        f'{client}: "{after.text}" goes from {before.trust} to {after.trust}: {meaning[after.trust]}.',
        f"Undo: vamaild client trust {client} {after.text} {before.trust}",
    ]


def page(ruleset: RuleSet, found: Sequence[Rung], place: Place) -> list[str]:
    """The file's level, and each text about which something is known."""
    client = ruleset.client
    head = f"{client.id} is in {client.trust} ({ruleset.file})"
    if not found:
        return [f"{head}, and so is every text of it."]
    rows = [_row(r, place) for r in found]
    ask = next((r for r in found if r.proposed and r.trust is not Trust.SEND), None)
    return [
        f"{head}; every other text is, too.",
        *table(HEAD, rows),
        *([f"Next: vamaild client trust {client.id} {ask.text} send"] if ask else []),
    ]


def _row(found: Rung, place: Place) -> tuple[str, ...]:
    level = found.level if found.level and found.level.learned else None
    since = day(place.here(level.since), place.now) if level else "-"
    drafts = f"{found.in_a_row} of {IN_A_ROW} unchanged in a row" if found.fates else "-"
    drafts += ', "send" is proposed' if found.proposed else ""
    return (found.text, str(found.trust), since, (level.by if level else "") or "-", drafts)


def as_value(ruleset: RuleSet, found: Sequence[Rung], place: Place) -> Value:
    """The same, JSON-ready; keys are stable."""
    return {
        "client": ruleset.client.id,
        "trust": str(ruleset.client.trust),
        "texts": [
            {
                "text": r.text,
                "trust": str(r.trust),
                "since": place.here(r.level.since).isoformat() if r.level and r.level.learned else None,
                "by": (r.level.by or None) if r.level else None,
                "unchanged_in_a_row": r.in_a_row,
                "proposed": r.proposed,
            }
            for r in found
        ],
    }
