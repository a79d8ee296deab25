"""The targets: what is fed, with what it begins, and what must hold whatever the bytes are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.adapters.mails import HOSTILE, MAILS, sound
from tests.config.make import TOOLS, rule_file, sources
from tests.fuzz.strategies import RULES
from tests.make import NOW
from vamaild import wire
from vamaild.adapters.html import visible
from vamaild.adapters.mime import MimeReader
from vamaild.config.load import load
from vamaild.core.ledger import Arrival
from vamaild.core.newtext import split
from vamaild.core.reading import read
from vamaild.core.ruleset import Rulebook
from vamaild.core.words import Text

CONFIG = Path(__file__).parents[2] / "config" / "good"
READ = MimeReader(visible).read
LONG = 20_000


@dataclass(frozen=True)
class Target:
    """`feed` raises where something is wrong."""

    feed: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]]


def _mails() -> Iterator[bytes]:
    yield from (path.read_bytes() for path in MAILS)
    yield from (raw for rest in HOSTILE.values() if len(raw := rest.encode("utf-8", "surrogateescape")) < LONG)


def _texts() -> Iterator[bytes]:
    yield from (READ(Arrival(1, 1, NOW, 1, path.read_bytes())).text.encode() for path in MAILS)


def _mime(raw: bytes) -> None:
    sound(READ(Arrival(1, 1, NOW, len(raw), raw)))


def _newtext(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    for forwarding in (False, True):
        found = split(text, forwarding=forwarding)
        assert len(found.own) <= len(text) + 2


@cache
def _rulebook() -> Rulebook:
    book = wire.load(CONFIG, play=False).configuration.rulebook
    assert book is not None
    return book


def _reading(raw: bytes) -> None:
    book = _rulebook()
    subject, _, body = raw.decode("utf-8", "replace").partition("\n")
    read(Text(subject), Text(body), tuple(book.languages.values()), book.emergencies, NOW, "it")


def _rules(raw: bytes) -> None:
    found = load(sources(rule_file("client-rossi.toml", raw.decode("utf-8", "replace"))), TOOLS)
    assert all(problem.what and problem.line >= 0 for problem in found.problems)


TARGETS = {
    "mime": Target(_mime, _mails),
    "newtext": Target(_newtext, _texts),
    "reading": Target(_reading, _texts),
    "rules": Target(_rules, lambda: (path.read_bytes() for path in RULES)),
}
