"""All files of rules.d together: the Rulebook that every message is judged by."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..core.dateterms import NUMBERED
from ..core.ruleset import Kind, Language, Rulebook, RuleSet
from .build_safety import together
from .build_settings import own_addresses
from .parts import Part
from .settings import Settings

SCREENS = (Kind.HOSTILE, Kind.AUTOMATIC)


def rulebook(settings: Settings, parts: Sequence[Part]) -> Rulebook:
    """The parts in the order of their file names; rules of no client that are hostile or automatic are screens."""
    shared = [rule for part in parts for rule in part.rules]
    servers = (box.server_id for box in settings.mailboxes if box.server_id)
    ours = own_addresses(settings)  # the assistant's own address stands in every mail of hers and is no secret
    return Rulebook(
        clients=tuple(_taught(part.ruleset, parts) for part in parts if part.ruleset),
        languages=_languages(part.language for part in parts if part.language),
        emergencies=tuple(rule for part in parts for rule in part.emergencies),
        screens=tuple(rule for rule in shared if rule.kind in SCREENS),
        kinds=tuple(rule for rule in shared if rule.kind not in SCREENS),
        assistant=settings.assistant,
        own_addresses=ours,
        own_servers=tuple(dict.fromkeys(servers)),
        secrets=tuple(s for s in settings.secrets.contact_values() if s.lower() not in ours),
        limits=settings.limits,
        safety=together(part.safety for part in parts),
    )


def _taught(ruleset: RuleSet, parts: Sequence[Part]) -> RuleSet:
    """The client with the rules that were learned for it, whichever file they stand in."""
    own = tuple(rule for part in parts for client, rule in part.learned if client == ruleset.client.id)
    return replace(ruleset, learned=own) if own else ruleset


def _languages(tables: Iterable[Language]) -> dict[str, Language]:
    """By code; a second file of the same language adds to the lists of the first, or replaces one that is in order."""
    found: dict[str, Language] = {}
    for table in tables:
        first = found.get(table.code)
        found[table.code] = _joined(first, table) if first else table
    return found


def _joined(first: Language, second: Language) -> Language:
    lists = dict(first.lists)
    for name, phrases in second.lists.items():
        known = lists.get(name, ())
        more = tuple(p for p in phrases if p not in known)
        lists[name] = phrases if name.removeprefix("days.") in NUMBERED else (*known, *more)
    return Language(first.code, lists, {**second.places, **first.places})
