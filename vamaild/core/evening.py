"""The evening note: what the service would have written today for clients in observe. Counts and texts, no addresses.

Days are the assistant's: `now` is in her zone, her week says when she closes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .calendar import is_open
from .ledger import Entry
from .reasons import Reason
from .ruleset import Week

LOOK_BACK = 14  # days: who never works in a fortnight reads no note


@dataclass(frozen=True, slots=True)
class Would:
    """What one client's customers would have been written: how many people, and how often each text."""

    client: str
    people: int
    texts: tuple[tuple[str, int], ...]


def closings(now: datetime, week: Week) -> Iterator[datetime]:
    """When she closed on each of her working days, the latest first."""
    for back in range(LOOK_BACK):
        day = now.date() - timedelta(days=back)
        closed = datetime.combine(day, week.closes, now.tzinfo)
        if closed <= now and is_open(day, week):
            yield closed


def span(now: datetime, week: Week, told: datetime | None) -> tuple[datetime, datetime] | None:
    """(from, until): what the note that is due now is about, its end not included; None when none is due.

    `told`: until when the last note went. After a standstill one note tells of everything since.
    """
    closed = list(closings(now, week))[:2]
    if not closed or (told is not None and told >= closed[0]):
        return None
    before = closed[1] if len(closed) > 1 else closed[0] - timedelta(days=1)
    return (told or before), closed[0]


def observed(entry: Entry) -> bool:
    """Whether a reply was written and held back because the client, or this text, is in observe."""
    held = entry.explanation.get("suppressed")
    return isinstance(held, Mapping) and held.get("code") == Reason.OBSERVE


def text_of(entry: Entry) -> str:
    """Which text it was; its action where the ledger does not say."""
    held = entry.explanation.get("withheld")
    return str(held[0]) if isinstance(held, Sequence) and not isinstance(held, str) and held else entry.action


def summed(entries: Iterable[Entry]) -> tuple[Would, ...]:
    """By client; the most people first, of the texts the most frequent."""
    by_client: dict[str, list[Entry]] = {}
    for entry in filter(observed, entries):
        by_client.setdefault(entry.client, []).append(entry)
    found = [_would(client, some) for client, some in by_client.items()]
    return tuple(sorted(found, key=lambda w: (-w.people, w.client)))


def _would(client: str, entries: Sequence[Entry]) -> Would:
    texts = Counter(text_of(entry) for entry in entries)
    ordered = tuple(sorted(texts.items(), key=lambda pair: (-pair[1], pair[0])))
    return Would(client, len({entry.address for entry in entries}), ordered)


def lines(found: Iterable[Would], names: Mapping[str, str]) -> str:
    """One line a client: "Studio Rossi: 5 (lead-time 4, rush-offer 2)"; `names` are the clients' by their ids."""
    return "\n".join(
        f"{names.get(w.client, w.client)}: {w.people} ({', '.join(f'{text} {n}' for text, n in w.texts)})"
        for w in found
    )
