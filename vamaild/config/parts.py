"""One file of rules.d, read by itself: a client's, or one of no client (phrase lists, emergencies, rules)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..core.ruleset import Assistant, EmergencyRule, Language, Rule, RuleSet, Situation, Week
from . import crosscheck, standins
from .build_client import examples, rule_set
from .build_rules import Desk, emergencies, language, learned, rules
from .build_safety import additions
from .build_sentences import sentences
from .complain import examine
from .configuration import Example, Sentences, Source, Tools
from .problem import Problem
from .schema import ClientFile, SharedFile
from .settings import Defaults, Secrets
from .toml import Document, listed, read

ID = re.compile(r"^\s*id\s*=\s*[\"']([^\"'\n]*)[\"']", re.MULTILINE)
ARRIVES = re.compile(r"^\s*arrives\s*=\s*\[([^\]]*)\]", re.MULTILINE)
QUOTED = re.compile(r"[\"'“„]([^\"'“”„\n]+@[^\"'“”„\n]+)[\"'”“]")
OF_A_CLIENT = set(ClientFile.model_fields) - set(SharedFile.model_fields)


@dataclass(frozen=True, slots=True)
class Base:
    """What client files start from; `secrets` is None when secrets.toml cannot be read."""

    me: Assistant
    defaults: Defaults
    week: Week
    secrets: Secrets | None
    tools: Tools


@dataclass(frozen=True, slots=True)
class Part:
    """What one file holds. Of a faulty one only `client` and `arrives` count, as far as they could be made out."""

    label: str
    problems: tuple[Problem, ...] = ()
    client: str = ""
    arrives: tuple[str, ...] = ()
    ruleset: RuleSet | None = None
    examples: tuple[Example, ...] = ()
    language: Language | None = None
    emergencies: tuple[EmergencyRule, ...] = ()
    rules: tuple[Rule, ...] = ()
    shipped: bool = False
    sentences: tuple[Sentences, ...] = ()
    safety: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    learned: tuple[tuple[str, Rule], ...] = ()

    @property
    def faulty(self) -> bool:
        return any(p.is_error for p in self.problems)

    @property
    def rules_count(self) -> int:
        own = len(self.ruleset.rules) + len(self.ruleset.situations) if self.ruleset else 0
        return own + len(self.emergencies) + len(self.rules) + len(self.learned)

    @property
    def examples_count(self) -> int:
        own = self.ruleset
        shown: list[Rule | Situation | EmergencyRule | Sentences] = [*self.emergencies, *self.rules, *self.sentences]
        shown += (rule for _, rule in self.learned)
        shown += (*own.rules, *own.situations) if own else ()
        return len(self.examples) + sum(len(s.fits) + len(s.fits_not) for s in shown)


def opened(source: Source, *, confidential: bool = False) -> Document | Problem:
    """The file's data, or why it cannot be read."""
    if source.trouble:
        return Problem(source.label, 0, source.trouble, source.advice)
    return read(source.label, source.raw, confidential=confidential)


def part_of(source: Source, base: Base, earlier: Iterable[Part]) -> Part:
    """What this file holds; `earlier` are the files in use before it, whose addresses are taken."""
    document = opened(source)
    if isinstance(document, Problem):
        return _salvaged(source, document)
    if _is_client(document):
        return _client(Desk(listed(document, "colleague"), base.tools, source.shipped), base, earlier)
    return _shared(Desk(document, base.tools, source.shipped))


def _is_client(document: Document) -> bool:
    named = document.label.rpartition("/")[2].startswith("client-")
    return named or not OF_A_CLIENT.isdisjoint(document.data)


def _salvaged(source: Source, problem: Problem) -> Part:
    """A file that is no TOML: whose it is can often be made out all the same."""
    text = source.raw[:1_000_000].decode("utf-8", "replace").replace("\0", "")
    named, listed = ID.search(text), ARRIVES.search(text)
    addresses = tuple(a.lower() for a in QUOTED.findall(listed[1])) if listed else ()
    return Part(source.label, (problem,), named[1] if named else "", addresses)


def _client(desk: Desk, base: Base, earlier: Iterable[Part]) -> Part:
    file = examine(desk.document, ClientFile)
    if isinstance(file, list):
        return _claims(desk, file)
    crosscheck.check(desk, file, base.secrets)
    ruleset = rule_set(desk, file, base.me, base.defaults, base.week)
    standins.check(desk, ruleset)
    crosscheck.clashes(desk, ruleset, (p.ruleset for p in earlier if p.ruleset))
    table, shown = ruleset.client, examples(desk, file, ruleset.client.timezone)
    return Part(desk.document.label, tuple(desk.problems), table.id, table.arrives, ruleset, shown)


def _claims(desk: Desk, problems: list[Problem]) -> Part:
    """A client file of the wrong form: its id and addresses, if at least these are right."""
    table = desk.document.data.get("client")
    known = table if isinstance(table, dict) else {}
    name, listed = known.get("id"), known.get("arrives")
    addresses = listed if isinstance(listed, list) else [listed]
    arrives = tuple(a.lower() for a in addresses if isinstance(a, str) and "@" in a)
    return Part(desk.document.label, tuple(problems), name if isinstance(name, str) else "", arrives)


def _shared(desk: Desk) -> Part:
    document = desk.document
    file = examine(document, SharedFile, {k: v for k, v in document.data.items() if k in SharedFile.model_fields})
    if isinstance(file, list):
        return Part(document.label, tuple(file))
    words, damage, kinds = language(desk, file), emergencies(desk, file), rules(desk, file.rule)
    signs, whole, taught = additions(desk, file.safety), sentences(desk, file), learned(desk, file)
    problems = tuple(desk.problems)
    return Part(
        document.label,
        problems,
        language=words,
        emergencies=damage,
        rules=kinds,
        shipped=desk.shipped,
        sentences=whole,
        safety=signs,
        learned=taught,
    )
