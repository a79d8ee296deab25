"""What goes into reading a configuration, and what comes out."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from ..core.ruleset import Kind, Pattern, Place, Rulebook
from .problem import Problem
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Source:
    """One file as it was found. `label` names it in complaints ("rules.d/client-rossi.toml").

    `shipped`: it came with the program. `fallback` is read when this one is faulty: the last good copy of a client's
    file, or the shipped file that this one replaces. `trouble` says why it could not be opened, `advice` what to do.
    """

    label: str
    raw: bytes = field(repr=False)
    shipped: bool = False
    fallback: "Source | None" = None
    trouble: str = ""
    advice: str = ""


class FoundFile(Protocol):
    """A file as an adapter found it; the fields are those of Source."""

    @property
    def label(self) -> str: ...
    @property
    def raw(self) -> bytes: ...
    @property
    def shipped(self) -> bool: ...
    @property
    def fallback(self) -> "FoundFile | None": ...
    @property
    def trouble(self) -> str: ...
    @property
    def advice(self) -> str: ...


def source_of(found: FoundFile) -> Source:
    """What an adapter found, as a Source."""
    fallback = source_of(found.fallback) if found.fallback else None
    return Source(found.label, found.raw, found.shipped, fallback, found.trouble, found.advice)


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that was written; `rules` is rules.d in name order. None: there is no such file."""

    main: Source | None
    secrets: Source | None = None
    rules: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Tools:
    """What reading needs from outside. Both raise ValueError, with a sentence, for what they do not know.

    `closed_days` takes holiday codes ("IT", "IT-MI") and a language.
    """

    compile_regex: Callable[[str], Pattern]
    closed_days: Callable[[tuple[str, ...], str], Container[date]]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A file that is not used; `client` and `arrives` as far as they can be read. `kept`: its fallback is used."""

    file: str
    client: str = ""
    arrives: tuple[str, ...] = ()
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """An [[example]]: a whole message, and what must come of it. Times are aware, in the client's zone.

    What is "" or None is not looked at. `no_reply` is the code of a reason, or "any".
    """

    title: str
    from_address: str
    text: str
    received: datetime | None = None
    subject: str = ""
    messages_today: int = 1
    headers: tuple[tuple[str, str], ...] = ()
    kind: Kind | None = None
    reply: str = ""
    no_reply: str = ""
    deadline: datetime | None = None
    reply_says: tuple[str, ...] = ()
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Sentences:
    """A [[sentences]] table: messages in one language that are, or are not, of this kind for an ordinary client."""

    kind: Kind
    language: str
    fits: tuple[str, ...] = ()
    fits_not: tuple[str, ...] = ()
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was read; `examples` counts each `fits`, `fits_not` and [[example]]."""

    files: int = 0
    clients: int = 0
    rules: int = 0
    examples: int = 0


@dataclass(frozen=True, slots=True)
class Configuration:
    """What could be read, and everything that is wrong.

    `settings` and `rulebook` are None when vamaild.toml or secrets.toml cannot be used. `examples` are by client id.
    """

    settings: Settings | None = None
    rulebook: Rulebook | None = field(default=None, repr=False)
    problems: tuple[Problem, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)
    sentences: tuple[Sentences, ...] = ()
    counts: Counts = Counts()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that set something aside."""
        return tuple(p for p in self.problems if p.is_error)
