"""Judging the stored messages, as they are and changed."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from vamaild.cli.setup import Ready, prepare
from vamaild.core.decide import Decision, decide
from vamaild.core.ledger import Arrival
from vamaild.core.message import History, Message

from .configure import configure

TRIAGE = Path(__file__).parent / "triage"
LABELS: tuple[dict[str, str], ...] = tuple(
    json.loads(line) for line in (TRIAGE / "labels.jsonl").read_text(encoding="utf-8").splitlines()
)
RECENT = datetime(2026, 12, 31, tzinfo=UTC)
Change = Callable[[Message], Message]


@dataclass(frozen=True)
class Stored:
    """A message of the set, and the mailbox it came to."""

    file: str
    context: str
    language: str
    message: Message


@cache
def ready() -> Ready:
    """By a configuration made of nothing but the contexts file and the shipped rules."""
    with TemporaryDirectory() as folder:
        configure(TRIAGE / "contexts.json", Path(folder))
        return prepare(Path(folder))


@cache
def stored(file: str) -> Stored:
    """It arrived when it was written."""
    label = next(found for found in LABELS if found["file"] == file)
    raw = (TRIAGE / file).read_bytes()
    message = ready().read(Arrival(0, 0, RECENT, len(raw), raw))
    arrived = replace(message, received=message.sent or RECENT)
    return Stored(file, label["context"], label["language"], arrived)


def judged(message: Message, context: str) -> Decision:
    """By itself: no history, no limits."""
    client = ready().client(context)
    return decide(message, client, ready().rulebook, History(), ready().tools, message.received, limits=False)


@cache
def verdict(file: str) -> Decision:
    """Of the message as it is."""
    one = stored(file)
    return judged(one.message, one.context)
