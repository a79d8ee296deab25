"""What the verbs over old mail share: where it lies, from when to when, a bar while it is read, Ctrl-C halfway."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from .. import replay
from ..core.handover import Consent
from ..core.ledger import StoreError
from ..core.replay import OldMail, OldMailError, Replayed, SentBook
from ..service import Rules
from .progress import Interrupt, progress
from .screen import Exit, Stop
from .setup import Ready, consents, this_moment

FILES = (".mbox", ".eml")


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` on and before `until`, aware; None: without end."""

    since: datetime | None
    until: datetime | None

    @staticmethod
    def of(since: str | None, until: str | None, days: int | None, zone: tzinfo) -> "Period":
        """As they were written: days (the last one included) or moments. Raises click.BadParameter."""
        first, last = written(since, zone), written(until, zone, end=True)
        if days is not None:
            if since is not None:
                raise click.BadParameter("say --since or --days, not both")
            first = (last or this_moment()) - timedelta(days=days)
        if first and last and first >= last:
            raise click.BadParameter(f"--until {until} is not after --since {since or first}")
        return Period(first, last)

    def words(self, mails: Sequence[replay.Mail], zone: tzinfo) -> str:
        """ "October 2026" for a whole month, else its first and last day; those of the mails where none was named."""
        first = (self.since or mails[0].at).astimezone(zone)
        last = (self.until - timedelta(seconds=1) if self.until else mails[-1].at).astimezone(zone)
        whole = (
            first.day == 1
            and (last + timedelta(days=1)).day == 1
            and (first.year, first.month)
            == (
                last.year,
                last.month,
            )
        )
        if whole and self.since and self.until:
            return f"{first:%B} {first.year}"
        if first.date() == last.date():
            return f"{first.day} {first:%b} {first.year}"
        return f"{first.day} {first:%b} {first.year} to {last.day} {last:%b} {last.year}"


def written(value: str | None, zone: tzinfo, *, end: bool = False) -> datetime | None:
    """The moment of "2026-10-31" or "2026-10-31T18:00"; a day as an end includes that day."""
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f'"{value}" is no day; write it like 2026-10-31') from error
    aware = found if found.tzinfo else found.replace(tzinfo=zone)
    return aware + timedelta(days=1) if end and len(value) == len("2026-10-31") else aware


def sources(named: Sequence[str], ready: Ready, sent_in: Path | None) -> list[OldMail]:
    """What was named: files, folders of mailboxes; the inboxes where nothing was. Stops when there is no such thing."""
    if not named:
        return [replay.old_folder(settings, state=ready.state) for settings in ready.settings.mailboxes]
    try:
        return [_source(name, ready, sent_in) for name in named]
    except OldMailError as error:
        raise Stop(str(error), Exit.NOT_FOUND) from error


def _source(name: str, ready: Ready, sent_in: Path | None) -> OldMail:
    path = Path(name).expanduser()
    if path.exists():
        return replay.old_files(path, sent_in)
    if path.is_absolute() or path.suffix in FILES or name.startswith("."):
        raise Stop(f"There is no {name}", Exit.NOT_FOUND)
    box, _, folder = name.partition("/")
    known = {m.name: m for m in ready.settings.mailboxes}
    if box in known:
        return replay.old_folder(known[box], folder, ready.state)
    if len(known) == 1:
        return replay.old_folder(next(iter(known.values())), name, ready.state)
    raise Stop(f"{name} is neither a file nor a folder of a mailbox. Mailboxes: {', '.join(known)}", Exit.NOT_FOUND)


@dataclass(slots=True)
class Old:
    """Old mail that was listed, and a way to run rules over it. `done` is how many messages were looked at."""

    ready: Ready
    found: list[OldMail]
    mails: list[replay.Mail]
    sent: SentBook
    interrupt: Interrupt
    all_his: bool
    consents: Sequence[Consent] = ()
    done: int = 0
    faults: list[str] = field(default_factory=list)

    def run(self, rules: Rules, client: str, label: str) -> tuple[Replayed, ...]:
        """Every message through these rules; what was done until Ctrl-C. Stops when something cannot be read."""
        with progress(len(self.mails), label) as step:
            self.done = 0

            def done() -> None:
                self.done += 1
                step(1)

            player = replay.Replay(
                *(rules, self.ready.read, self.mails, self.sent, client, self.all_his, self.interrupt, done),
                consents=self.consents,
            )
            with _stopped():
                result = player.run()
        self.faults += player.faults
        return result

    @property
    def cut_short(self) -> str:
        """What Ctrl-C left out, in a sentence; "" when everything was looked at."""
        if not self.interrupt.asked:
            return ""
        return f"Stopped after {self.done} of {len(self.mails)} messages: what follows is about these alone."


@contextmanager
def opened(
    ready: Ready, named: Sequence[str], period: Period, client: str, sent_in: Path | None, state: Path
) -> "Iterator[Old]":
    """The old mail, listed; of the ledger in `state` is used what colleagues agreed to. Stops when nothing is there."""
    if client:
        ready.client(client)
    found = sources(named, ready, sent_in)
    try:
        with _stopped(), Interrupt().caught() as interrupt:
            mails = replay.listing(found, period.since, period.until)
            if not mails:
                raise Stop("There is no mail from that time in " + ", ".join(s.name for s in found), Exit.NOT_FOUND)
            from_files = any(Path(name).expanduser().exists() for name in named)
            sent = replay.sent_book(found, period.since, None)
            yield Old(ready, found, mails, sent, interrupt, from_files, consents(state))
    finally:
        for source in found:
            source.close()


@contextmanager
def _stopped() -> Iterator[None]:
    try:
        yield
    except OldMailError as error:
        raise Stop(str(error), Exit.SERVER if error.server else Exit.NOT_FOUND) from error
    except StoreError as error:
        raise Stop(str(error), Exit.ATTENTION) from error


def rules_of(ready: Ready) -> Rules:
    """Today's rules, every client as if it sent by itself."""
    from .. import wire

    return replay.trusted(Rules(ready.settings, ready.rulebook, ready.tools, wire.sending(ready.settings)))


def zone_of(ready: Ready, client: str = "") -> tzinfo:
    """The client's time zone, else the assistant's."""
    found = next((r.client.timezone for r in ready.rulebook.clients if r.client.id == client), "")
    return ZoneInfo(found or ready.settings.assistant.timezone)
