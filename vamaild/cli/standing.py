"""What `vamaild status` looks at besides the counts: who is silent, what is not in force, mailboxes, store. From the
ledger and the files beside it alone; asks no server."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.flow import HOUR, REMEMBERED, incident, usual_gap
from ..core.ledger import DATABASE, Standing, Store
from ..inforce import Old, read
from .place import Place, Value
from .screen import age
from .setup import running

LONG_FAILING = timedelta(minutes=15)
OLD_BACKUP = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A client whose usual mail has stopped: for how long, and how long the longest usual gap is."""

    lasts: timedelta
    usual: timedelta

    def __str__(self) -> str:
        usual = f", usual gap {self.usual // HOUR} h" if self.usual >= HOUR else ""
        return f"silent {self.lasts // HOUR} h{usual}"


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox: when it was last looked into, since when that fails; None: never, not."""

    name: str
    looked: datetime | None
    failing: datetime | None


@dataclass(frozen=True, slots=True)
class Health:
    """How the service is. `since` is when it started, None when it does not run; `silent` by client."""

    up: bool
    seen: datetime | None
    since: datetime | None
    boxes: tuple[Box, ...]
    old: tuple[Old, ...]
    silent: Mapping[str, Quiet]
    size: int
    oldest_text: datetime | None
    backup: datetime | None

    @property
    def failing(self) -> tuple[Box, ...]:
        return tuple(box for box in self.boxes if box.failing)

    @property
    def looked(self) -> datetime | None:
        """The last look into any mailbox, else of the service as such."""
        return max((box.looked for box in self.boxes if box.looked), default=self.seen)

    def stale(self, now: datetime) -> bool:
        """Whether there has been a backup, but not lately."""
        return self.backup is not None and now - self.backup > OLD_BACKUP


def health(standing: Standing, store: Store, place: Place) -> Health:
    """Everything at once."""
    up, started = running(store, place.now), store.last_run("started")
    return Health(
        up=up,
        seen=store.last_run("daemon"),
        since=started if up else None,
        boxes=tuple(_box(name, store) for name in _names(place)),
        old=read(place.state),
        silent=quiet(standing, store, place.now),
        size=_size(place),
        oldest_text=store.oldest_text(),
        backup=_backup(place),
    )


def quiet(standing: Standing, store: Store, now: datetime) -> dict[str, Quiet]:
    """The clients whose silence the service found unusual, up to when it last looked."""
    until = now if running(store, now) else store.last_run("daemon") or now
    return {
        client: Quiet(until - last, usual_gap(store.flowed(client, last - REMEMBERED), until))
        for client, last in sorted(standing.last_mail.items())
        if store.last_run(incident(client)) == last and until > last
    }


def _names(place: Place) -> list[str]:
    """The mailboxes of vamaild.toml, as logs call them."""
    said = place.written.main.get("mailbox", ())
    tables = [said] if isinstance(said, dict) else said if isinstance(said, list) else []
    found = [table.get("name") or table.get("user") for table in tables if isinstance(table, dict)]
    return [name for name in found if isinstance(name, str)]


def _box(name: str, store: Store) -> Box:
    looked, failed = store.last_run(f"looked {name}"), store.last_run(f"failing {name}")
    return Box(name, looked, failed if failed and (looked is None or failed > looked) else None)


def _size(place: Place) -> int:
    """Bytes of the ledger and of what SQLite keeps beside it."""
    size = 0
    for name in (DATABASE, f"{DATABASE}-wal"):
        with suppress(OSError):
            size += (place.state / name).stat().st_size
    return size


def _backup(place: Place) -> datetime | None:
    """When the newest daily copy of the ledger was written."""
    written = []
    with suppress(OSError):
        written = [path.stat().st_mtime for path in (place.state / "backup").glob("vamaild-*.db")]
    return datetime.fromtimestamp(max(written), place.now.tzinfo) if written else None


def mail_line(found: Health, now: datetime) -> str:
    """ "300 mailboxes, last look 22 s ago, none failing"."""
    count = len(found.boxes)
    looked = f"last look {age(found.looked, now)} ago" if found.looked else "not looked into yet"
    named = "; ".join(f"{box.name} failing for {age(box.failing, now)}" for box in found.failing if box.failing)
    return f"{count} mailbox{'' if count == 1 else 'es'}, {looked}, {named or 'none failing'}"


def store_line(found: Health, now: datetime) -> str:
    """ "84 MB, oldest text 29 days, backup 8 h ago"."""
    text = f", oldest text {age(found.oldest_text, now)}" if found.oldest_text else ""
    backup = f"backup {age(found.backup, now)} ago" if found.backup else "no backup yet"
    return f"{megabytes(found.size)}{text}, {backup}"


def megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB" if size >= 10e6 else f"{size / 1e6:.1f} MB"


def as_value(found: Health) -> Value:
    """JSON-ready; keys are stable."""

    def at(moment: datetime | None) -> str | None:
        return moment.isoformat() if moment else None

    return {
        "up_since": at(found.since),
        "mailboxes": [{"name": b.name, "last_look": at(b.looked), "failing_since": at(b.failing)} for b in found.boxes],
        "old_rules": [
            {"file": old.file, "line": old.line, "what": old.what, "client": old.client, "kept": old.kept}
            for old in found.old
        ],
        "silent": {
            client: {"hours": gap.lasts // HOUR, "usual_gap_hours": gap.usual // HOUR}
            for client, gap in found.silent.items()
        },
        "store": {"bytes": found.size, "oldest_text": at(found.oldest_text), "backup": at(found.backup)},
    }
