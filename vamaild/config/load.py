"""Everything that was written -> a Configuration: what could be read, and every problem of every file at once.

A fault in vamaild.toml or secrets.toml leaves no settings; a fault in a file of rules.d sets aside that file only.
"""

from collections.abc import Container, Iterable
from dataclasses import replace

from ..core.ruleset import Assistant, Week
from ..core.secrecy import leak
from . import build_settings
from .build_rules import Desk
from .build_safety import beside_the_shipped
from .complain import examine
from .configuration import Configuration, Counts, SetAside, Source, Sources, Tools
from .parts import Base, Part, opened, part_of
from .problem import Problem
from .remarks import remarks
from .rulebook import rulebook
from .schema import MainFile, SecretsFile
from .settings import Defaults, Secrets, Settings
from .toml import listed

SHORTEST_SECRET = 4
NOBODY = Assistant("", "")


def load(sources: Sources, tools: Tools, aside: Container[str] = frozenset()) -> Configuration:
    """Reads everything. Files whose label is in `aside` are treated as faulty without a word: their examples failed."""
    secrets, secret_problems = _secrets(sources.secrets)
    settings, main_problems = _settings(sources, tools, secrets)
    parts, set_aside, part_problems = _parts(sources.rules, _base(settings, secrets, tools), aside)
    problems = [*secret_problems, *main_problems, *part_problems, *remarks(parts, set_aside)]
    return Configuration(
        settings=settings,
        rulebook=rulebook(settings, parts) if settings else None,
        problems=tuple(sorted(_hidden(p, secrets) for p in problems)),
        set_aside=set_aside,
        examples={p.ruleset.client.id: p.examples for p in parts if p.ruleset},
        sentences=tuple(s for p in parts for s in p.sentences),
        counts=_counts(sources, parts),
    )


def _base(settings: Settings | None, secrets: Secrets | None, tools: Tools) -> Base:
    """What client files start from; when vamaild.toml cannot be used they are still checked."""
    if settings is None:
        return Base(NOBODY, Defaults(), Week(), secrets, tools)
    return Base(settings.assistant, settings.defaults, settings.week, secrets, tools)


def _secrets(source: Source | None) -> tuple[Secrets | None, list[Problem]]:
    """None when the file is there and cannot be used; an absent file holds nothing."""
    if source is None:
        return Secrets(), []
    document = opened(source, confidential=True)
    if isinstance(document, Problem):
        return None, [document]
    file = examine(document, SecretsFile)
    return (None, file) if isinstance(file, list) else (build_settings.secrets(file), [])


def _settings(sources: Sources, tools: Tools, secrets: Secrets | None) -> tuple[Settings | None, list[Problem]]:
    if sources.main is None:
        return None, [Problem("vamaild.toml", 0, "there is no vamaild.toml", "`vamaild init` writes one")]
    document = opened(sources.main)
    if isinstance(document, Problem):
        return None, [document]
    document = listed(document, "mailbox")
    file = examine(document, MainFile)
    if isinstance(file, list):
        return None, file
    desk = Desk(document, tools)
    if secrets is None:
        return None, []
    settings = build_settings.settings(desk, file, secrets)
    return (None if desk.faulty else settings), desk.problems


def _parts(
    sources: Iterable[Source], base: Base, aside: Container[str]
) -> tuple[list[Part], tuple[SetAside, ...], list[Problem]]:
    """Every file of rules.d that can be used, or its fallback; what is set aside; all problems."""
    parts: list[Part] = []
    left: list[tuple[Part, bool]] = []
    problems: list[Problem] = []
    for source in beside_the_shipped(sources):
        part = part_of(source, base, parts)
        problems += part.problems
        if not part.faulty and source.label not in aside:
            parts.append(part)
            continue
        spare = part_of(source.fallback, base, parts) if source.fallback else None
        kept = spare is not None and not spare.faulty
        if spare is not None and kept:
            parts.append(spare)
        left.append((part, kept))
    return parts, tuple(_left(part, kept, parts) for part, kept in left), problems


def _left(part: Part, kept: bool, used: Iterable[Part]) -> SetAside:
    """What is set aside. Addresses that a client in use claims are not part of it: its mail goes on."""
    claimed = {a for p in used if p.ruleset for a in p.ruleset.client.arrives}
    return SetAside(part.label, part.client, tuple(a for a in part.arrives if a not in claimed), kept)


def _counts(sources: Sources, parts: Iterable[Part]) -> Counts:
    used = list(parts)
    files = len(sources.rules) + sum(1 for s in (sources.main, sources.secrets) if s is not None)
    clients = sum(1 for p in used if p.ruleset)
    return Counts(files, clients, sum(p.rules_count for p in used), sum(p.examples_count for p in used))


def _hidden(problem: Problem, secrets: Secrets | None) -> Problem:
    """The problem without any secret that somebody may have written into another file."""
    if secrets is None:
        return problem
    values = [value for value in secrets.all_values() if len(value) >= SHORTEST_SECRET]
    what, help, line = (_without(text, values) for text in (problem.what, problem.help, problem.shown_line))
    return replace(problem, what=what, help=help, shown_line=line)


def _without(text: str, secrets: Iterable[str]) -> str:
    secrets = tuple(secrets)
    return "…" if any(secret in text for secret in secrets) or leak(text, secrets) else text
