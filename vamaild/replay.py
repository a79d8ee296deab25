"""Replay: old mail goes through the very round of the service, with its own clock, its own counters, and no way out.

The ledger is a temporary one. Before each message the clock is set to the moment it arrived, and what was due until
then happens: replies leave (into nothing), offers run out. The Sent folder shows what a person had answered by that
moment and not after. What only our own people would get (reminders, notes, alarms) is not played, nor what their
work ends later.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from . import dispatch, leaving, round, rushes
from .adapters.clock import MovingClock
from .config.settings import MailboxSettings
from .core.calendar import add_working_days
from .core.handover import Consent
from .core.ledger import Arrival, Entry, MailboxError, OutboxItem, Sort, State, Store
from .core.message import Message
from .core.replay import OldMail, Replayed, SentBook, as_if_away, as_if_trusted, sent_mail
from .core.route import find_client
from .core.ruleset import Rulebook, RuleSet
from .service import Rules, Service
from .wire import TLS, tokens

FOLDER = "replay"
BATCH = 200
AFTER = timedelta(days=1)
LEAVING = (State.QUEUED, State.CLAIMED, State.SENT, State.UNCONFIRMED)
Read = Callable[[Arrival], Message]


@dataclass(frozen=True, slots=True)
class Mail:
    """One old message among all the sources: when it arrived, where it lies, what it is called."""

    at: datetime
    source: OldMail
    number: int

    @property
    def where(self) -> str:
        return f"{self.source.name}:{self.number}"


def listing(sources: Sequence[OldMail], since: datetime | None, until: datetime | None) -> list[Mail]:
    """Everything that arrived in that time, from all sources, in order of arrival. Raises OldMailError."""
    found = [Mail(m.at, s, m.number) for s in sources for m in s.listed(since, until)]
    return sorted(found, key=lambda m: m.at)  # stable: the order of the sources, then of the folder


def sent_book(sources: Sequence[OldMail], since: datetime | None, until: datetime | None) -> SentBook:
    """What people really sent. Raises OldMailError."""
    mails = (sent_mail(at, header) for s in sources for at, header in s.sent(since, until))
    return SentBook(m for m in mails if m)


class Quiet:
    """What the service would tell its journal; `faults` are messages it could not decide."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def info(self, event: str, **fields: object) -> None: ...

    def warning(self, event: str, **fields: object) -> None: ...

    def error(self, event: str, **fields: object) -> None:
        self.faults.append(f"{event}: {fields.get('fault', '')}".rstrip(": "))


class Nowhere:
    """A post that takes everything and delivers nothing."""

    def send(self, to: str, raw: bytes) -> None: ...

    def close(self) -> None: ...


class OldMailbox:
    """The old mail as the mailbox of a service (`core.ledger.Mailbox`): each message when its time has come.

    `before` is called with the moment each message arrives, `seen` when its turn has come: what is in hand is finished
    even when somebody asks to stop. Nothing is marked or filed.
    """

    name = FOLDER

    def __init__(self, mails: Sequence[Mail], sent: SentBook, clock: MovingClock) -> None:
        self._mails = mails
        self._sent = sent
        self._clock = clock
        self.wanted: Callable[[Arrival], bool] = lambda arrival: True
        self.before: Callable[[datetime], None] = lambda moment: None
        self.seen: Callable[[], None] = lambda: None

    def open(self) -> int:
        return 1

    def arrivals(self, after: int) -> Iterator[tuple[Arrival, ...]]:
        """One at a time, although they are fetched together. `uid` is the position in the order of arrival."""
        for position, mail, fetched in self._fetched(after):
            arrival = replace(fetched, uid=position, uidvalidity=1, received=mail.at, marked=False)
            self.before(mail.at)
            self.seen()
            yield (arrival,) if self.wanted(arrival) else ()

    def _fetched(self, after: int) -> Iterator[tuple[int, Mail, Arrival]]:
        for start in range(after, len(self._mails), BATCH):
            batch = self._mails[start : start + BATCH]
            found: dict[tuple[int, int], Arrival] = {}
            for source in {id(m.source): m.source for m in batch}.values():
                wanted = [m.number for m in batch if m.source is source]
                found |= {(id(source), a.uid): a for a in source.read(wanted)}
            for position, mail in enumerate(batch, start + 1):
                if arrival := found.pop((id(mail.source), mail.number), None):
                    yield position, mail, arrival

    def one(self, uid: int) -> Arrival | None:
        return None

    def mark(self, uids: Sequence[int]) -> bool:
        return True

    def file(self, raw: bytes, special: str) -> bool:
        raise MailboxError("a replay files nothing", retry=False)

    def answered(self, ids: Sequence[str]) -> frozenset[str]:
        return self._sent.answered(ids, self._clock.now())

    def drafts_left(self, keys: Sequence[str]) -> frozenset[str]:
        return frozenset(keys)

    def sent_answer(self, message_id: str) -> bytes | None:
        return None

    def close(self) -> None: ...


@dataclass(slots=True)
class Reader:
    """Reads each arrival once, however often it is asked for.

    Of `his`, the client whose own mailbox it is, is also what no client claims: as if it had been forwarded from there.
    """

    read_one: Read
    rulebook: Rulebook
    his: RuleSet | None = None
    _last: tuple[int, Message] | None = None

    def read(self, arrival: Arrival) -> Message:
        if self._last is None or self._last[0] != arrival.uid:
            message = self.read_one(arrival)
            self._last = arrival.uid, addressed(message, self.his, self.rulebook) if self.his else message
        return self._last[1]

    def is_for(self, client: str, arrival: Arrival) -> bool:
        ruleset = find_client(self.read(arrival), self.rulebook.clients).ruleset
        return not client or (ruleset is not None and ruleset.client.id == client)


def addressed(message: Message, ruleset: RuleSet, rulebook: Rulebook) -> Message:
    """The message with a line that it was delivered to this client, if nobody claims it."""
    address = next((a for a in ruleset.client.arrives if "*" not in a), "")
    if not address or find_client(message, rulebook.clients).ruleset is not None:
        return message
    return replace(message, headers=(("delivered-to", address), *message.headers))


@dataclass(slots=True)
class Replay:
    """One run over the mails. `stopping` is asked between two messages; `done` is told of each.

    `client` looks only at this client's mail; with `all_his` what nobody claims is his, too (his own mailbox).
    `consents` are today's, as the rules are.
    """

    rules: Rules
    read: Read
    mails: Sequence[Mail]
    sent: SentBook = field(default_factory=SentBook)
    client: str = ""
    all_his: bool = False
    stopping: Callable[[], bool] = lambda: False
    done: Callable[[], None] = lambda: None
    consents: Sequence[Consent] = ()
    faults: list[str] = field(default_factory=list)

    def run(self) -> tuple[Replayed, ...]:
        """What would have become of each message, in order of arrival. Raises OldMailError, StoreError."""
        if not self.mails:
            return ()
        clock, journal = MovingClock(self.mails[0].at), Quiet()
        box, reader = OldMailbox(self.mails, self.sent, clock), self._reader()
        with _ledger() as store, store.transaction():  # one for all: nothing of it is kept
            service = Service(self.rules, store, Nowhere(), {FOLDER: box}, reader.read, clock, journal, self.stopping)
            box.wanted = lambda arrival: reader.is_for(self.client, arrival)
            box.before = lambda moment: pass_time(service, clock, moment)
            box.seen = self.done
            for each in self.consents:
                store.ask_consent(each)
            round.look_into(box, service)
            if not self.stopping():
                pass_time(service, clock, self.mails[-1].at + AFTER)
            self.faults += journal.faults
            codes = {c.message: c.code for c in store.cases(everything=True) if c.message}
            return tuple(self._replayed(row, entry, store, codes.get(row, "")) for row, entry in _entries(store))

    def _reader(self) -> Reader:
        book = self.rules.rulebook
        his = next((r for r in book.clients if r.client.id == self.client), None) if self.all_his else None
        return Reader(self.read, book, his)

    def _replayed(self, row: int, entry: Entry, store: Store, code: str) -> Replayed:
        told, mail = entry.explanation, self.mails[entry.uid - 1]
        left = next((i for i in store.replies_to(row) if _leaves(i)), None)
        rule = told.get("rule")
        named = rule if isinstance(rule, dict) else {}
        return Replayed(
            where=mail.where,
            received=mail.at,
            client=entry.client,
            address=entry.address,
            who=str(told.get("who") or entry.address),
            subject=entry.subject,
            language=entry.language,
            kind=entry.kind,
            action=entry.action,
            outcome=entry.outcome,
            reason=entry.reason,
            reply=left.mail.template if left else "",
            to=left.mail.to.lower() if left else "",
            replied=(left.sent_at or left.mail.not_before) if left else None,
            answered=self.sent.answer_to(entry.message_id, entry.address, entry.subject, mail.at),
            rule=str(named.get("name") or ""),
            place=f"{named['file']}:{named['line']}" if named.get("file") else "",
            offer=entry.rush is not None,
            case=code,
            text=str(told.get("new_text") or ""),
            message_id=entry.message_id,
        )


def _leaves(item: OutboxItem) -> bool:
    return item.mail.sort is Sort.COURTESY and item.state in LEAVING


def _entries(store: Store) -> Iterator[tuple[int, Entry]]:
    """(row, message) as the ledger ends up; a fresh ledger numbers them from 1."""
    row = 1
    while entry := store.entry(row):
        yield row, entry
        row += 1


def pass_time(service: Service, clock: MovingClock, moment: datetime) -> None:
    """What happens until then, each thing when it is due; the clock ends at that moment."""
    while (due := dispatch.next_due(service, clock.now())) is not None and due <= moment:
        clock.advance(max(due - clock.now(), timedelta()))
        _watch(service)
        if not dispatch.send_due(service):
            break
    clock.advance(max(moment - clock.now(), timedelta()))
    _watch(service)


def _watch(service: Service) -> None:
    """What the clock does to replies; the rest of what the daemon watches concerns only our own people."""
    rushes.watch(service)
    leaving.watch(service)


@contextmanager
def _ledger() -> Iterator[Store]:
    """A ledger that is gone afterwards. Raises StoreError."""
    from .adapters.store import SqliteStore

    with tempfile.TemporaryDirectory(prefix="vamaild-replay-") as folder:
        store = SqliteStore(Path(folder) / "replay.db")
        try:
            yield store
        finally:
            store.close()


# ---- the rules it goes by


def trusted(rules: Rules) -> Rules:
    """As if every client were in "send": what would leave is the question."""
    return replace(rules, rulebook=as_if_trusted(rules.rulebook))


def away(rules: Rules, ruleset: RuleSet, first: date, last: date) -> Rules:
    """As if this client's principal were away from the first day to the last; customers are told a date after it."""
    back = last + timedelta(days=1)
    answer_by = add_working_days(back, rules.settings.defaults.answer_margin_days, ruleset.week)
    return replace(rules, rulebook=as_if_away(rules.rulebook, ruleset.client.id, first, back, answer_by))


def days(mails: Sequence[Mail], ruleset: RuleSet) -> tuple[date, date]:
    """The first and the last day on which something arrived, in the client's time zone; there is something."""
    zone = ZoneInfo(ruleset.client.timezone)
    return mails[0].at.astimezone(zone).date(), mails[-1].at.astimezone(zone).date()


# ---- where old mail lies


def old_folder(settings: MailboxSettings, folder: str = "", state: Path | None = None) -> OldMail:
    """A folder of a configured mailbox, read only; `state` is where its token may be."""
    from .adapters.mailbox.old import OldFolder

    server = settings.server
    return OldFolder(
        name=settings.name,
        host=server.host,
        port=server.port,
        tls=TLS[server.security],
        user=settings.user,
        password=settings.password.reveal,
        folder=folder or settings.folder,
        ca=server.ca or None,
        bearer=tokens(state)(settings.sign_in),
    )


def old_files(path: Path, sent_in: Path | None = None) -> OldMail:
    """An mbox, a Maildir, a folder of .eml files. Raises OldMailError."""
    from .adapters.oldmail import FileMail

    return FileMail(path, sent_in)
