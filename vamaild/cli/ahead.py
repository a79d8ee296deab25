"""What `vamaild status` says of what lies ahead: replies that leave, promises that are due, pauses, learned trust."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..core.ledger import OutboxItem, Sort, Standing, State, Store, held_by
from ..core.promise import Promise
from ..core.promises import is_late
from ..core.trust import Level, Pause
from .pause import EVERYBODY
from .pause import as_value as pause_value
from .place import Place, Value
from .promises import due_words, told, who
from .words import both, clock, wait

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Ahead:
    """Read once from the ledger; `promises` are open and known to whoever was told, the first due first."""

    place: Place
    queued: tuple[OutboxItem, ...]
    promises: tuple[Promise, ...]
    pauses: tuple[Pause, ...]
    levels: tuple[Level, ...]
    next_to: str = ""

    @property
    def late(self) -> int:
        return sum(is_late(p, self.place.now) for p in self.promises)

    @property
    def today(self) -> tuple[Promise, ...]:
        """Still due today, in each client's own time zone."""
        return tuple(p for p in self.promises if not is_late(p, self.place.now) and self._is_today(p))

    def _is_today(self, promise: Promise) -> bool:
        client = promise.promise.client
        return self.place.here(promise.promise.due, client).date() == self.place.here(self.place.now, client).date()

    @property
    def leaving(self) -> tuple[datetime, ...]:
        """When each reply leaves that no pause holds."""
        return tuple(i.mail.not_before for i in self.queued if not held_by(i.mail, self.pauses))

    @property
    def following(self) -> Promise | None:
        """The one that is due next."""
        return next((p for p in self.promises if not is_late(p, self.place.now)), None)


def ahead(store: Store, place: Place) -> Ahead:
    """Everything that lies ahead."""
    queued = tuple(i for i in store.outbox((State.QUEUED,)) if i.mail.sort is Sort.COURTESY)
    found = Ahead(place, queued, tuple(p for p, _ in told(store)), store.pauses(place.now), store.levels())
    due = found.following
    return Ahead(place, queued, found.promises, found.pauses, found.levels, who(due, store) if due else "")


def lines(found: Ahead, standing: Standing) -> list[str]:
    """One line for each thing there is something to say about."""
    page = [f"Outbox    {leaving(found)}{_besides(standing)}", f"Promises  {promised(found)}"]
    page += [f"Paused    {both([_paused(p, found.place) for p in found.pauses])}"] if found.pauses else []
    page += [f"Learned   {line}" for line in learned(found.levels)]
    return page


def leaving(found: Ahead) -> str:
    """ "2 replies leave in 1 and 3 min"."""
    now = found.place.now
    free = found.leaving
    held = len(found.queued) - len(free)
    soon = [wait(at, now) for at in sorted(free)[:SHOWN]]
    more = f" and {len(free) - SHOWN} later" if len(free) > SHOWN else ""
    said = [f"{_count(len(free), 'reply leaves', 'replies leave')} {_in(soon)}{more}"] if free else []
    said += [f"{_count(held, 'is', 'are')} held by a pause"] if held else []
    return ", ".join(said) or "nothing leaves"


def _in(soon: Sequence[str]) -> str:
    """ "in 1 and 3 min": the unit once, where it is the same."""
    units = {word.partition(" ")[2] for word in soon}
    if len(units) > 1:
        return both(soon) if "now" in soon else f"in {both(soon)}"
    unit = units.pop()
    return f"in {both([word.partition(' ')[0] for word in soon])} {unit}" if unit else "now"


def _besides(standing: Standing) -> str:
    drafts, doubt = standing.outbox.get(State.DRAFT, 0), standing.outbox.get(State.UNCONFIRMED, 0)
    said = [_count(drafts, "draft", "drafts")] if drafts else []
    said += [f"{doubt} unconfirmed"] if doubt else []
    return "".join(f", {words}" for words in said)


def promised(found: Ahead) -> str:
    """ "1 late, 4 due today, next today 12:10 Malá (novak)"."""
    due = found.following
    said = [f"{found.late} late"] if found.late else []
    said.append(f"{len(found.today)} due today")
    if due:
        said.append(f"next {due_words(due, found.place)} {found.next_to} ({due.promise.client})")
    return ", ".join(said)


def _paused(pause: Pause, place: Place) -> str:
    until = f"until {clock(place.here(pause.until), place.now)}" if pause.until else "until you say so"
    return f"{pause.client or EVERYBODY} {until}"


def learned(levels: Sequence[Level]) -> list[str]:
    """A line for each client: the texts that go less far, or further, than its file says; what is proposed."""
    clients = dict.fromkeys(level.client for level in levels)
    return [f"{c}: {', '.join(_level(level) for level in levels if level.client == c)}" for c in clients]


def _level(level: Level) -> str:
    if not level.learned:
        return f'"send" is proposed for {level.template}'
    return f"{level.template} {level.trust}" + (', "send" is proposed' if level.proposed_at else "")


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def as_value(found: Ahead) -> Value:
    """The same, JSON-ready; keys are stable."""
    place, due = found.place, found.following

    def at(moment: datetime | None, client: str = "") -> str | None:
        return place.here(moment, client).isoformat() if moment else None

    following = {"number": due.id, "client": due.promise.client, "due": at(due.promise.due)} if due else None
    return {
        "promises": {
            "open": len(found.promises),
            "late": found.late,
            "due_today": len(found.today),
            "next": following,
        },
        "leaving": [at(moment) for moment in found.leaving],
        "paused": [pause_value(p, place) for p in found.pauses],
        "levels": [
            {
                "client": x.client,
                "text": x.template,
                "trust": str(x.trust) if x.learned else None,
                "proposed": at(x.proposed_at),
            }
            for x in found.levels
        ],
    }
