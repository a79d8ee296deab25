"""Old mail through today's rules: what would have happened, beside what a person really did. Pure; no clock of its own.

A replayed message has the outcome that the ledger ends with. Whether a person answered it is read from the Sent folder:
by In-Reply-To and References, else by recipient and subject (RFC 5322 section 3.6.4).
"""

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from email import message_from_bytes, policy
from email.message import Message
from enum import StrEnum
from typing import Protocol

from .ledger import Arrival, Outcome
from .letter import bare_subject, thread_ids
from .reasons import Reason
from .route import LINE_LIMIT, mailboxes
from .ruleset import Absence, Kind, Rulebook, RuleSet, Trust

SAME_MATTER_FOR = timedelta(days=30)
"""How long after a message a mail to the same person about the same subject still answers it."""
HEADER_FIELDS = ("Date", "To", "Cc", "Subject", "In-Reply-To", "References", "Auto-Submitted", "X-Forwarded-Message-Id")


UNCLAIMED = "unclaimed"
ASKING = (Kind.SCHEDULED_REQUEST, Kind.PERCEIVED_ONLY, Kind.INSISTING, Kind.RUSH_REQUEST, Kind.EMERGENCY)
CALM_FIRST = (
    UNCLAIMED,
    *(Kind.HOSTILE, Kind.AUTOMATIC, Kind.INFORMATION, Kind.SCHEDULED_REQUEST, Kind.PERCEIVED_ONLY),
    *(Kind.INSISTING, Kind.RUSH_REQUEST, Kind.EMERGENCY),
)


class OldMailError(Exception):
    """An old folder cannot be read; the sentence says which, why, and what to do. `server`: it is a mail server's."""

    def __init__(self, message: str, *, server: bool = False) -> None:
        super().__init__(message)
        self.server = server


@dataclass(frozen=True, slots=True)
class Listed:
    """One old message: when it arrived (aware), and its number in its folder."""

    at: datetime
    number: int


class OldMail(Protocol):
    """A folder of old mail, read and never changed. Every method raises OldMailError."""

    name: str

    def listed(self, since: datetime | None, until: datetime | None) -> Sequence[Listed]:
        """What arrived from `since` on and before `until`, in order of arrival."""

    def read(self, numbers: Sequence[int]) -> Iterator[Arrival]:
        """These messages, in this order; what is gone is left out. `uid` is the number."""

    def sent(self, since: datetime | None, until: datetime | None) -> Iterator[tuple[datetime, bytes]]:
        """(when it was sent, its header) of each mail in the Sent folder that belongs to this folder, if any."""

    def close(self) -> None: ...


# ---- what a person really did


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail of the Sent folder: to whom (lower case), about what, which messages it names."""

    at: datetime
    to: tuple[str, ...]
    subject: str
    names: frozenset[str]


def sent_mail(at: datetime, header: bytes) -> SentMail | None:
    """What the header says; None for what a program sent."""
    parsed = message_from_bytes(header.rstrip() + b"\r\n\r\n", policy=policy.compat32)
    if str(parsed.get("Auto-Submitted", "no")).partition(";")[0].strip().lower() != "no":
        return None
    fields = {name: [str(v) for v in parsed.get_all(name, [])] for name in HEADER_FIELDS}
    named = thread_ids(tuple(" ".join((*fields["References"], *fields["In-Reply-To"])).split()))
    handed_on = thread_ids(tuple(" ".join(fields["X-Forwarded-Message-Id"]).split()))
    to = tuple(a.lower() for _, a in mailboxes(", ".join([*fields["To"], *fields["Cc"]])) if "@" in a)
    return SentMail(at, to, _subject(parsed), frozenset(named) - frozenset(handed_on))


def _subject(parsed: Message) -> str:
    try:
        raw = next((v for name, v in parsed.raw_items() if name.lower() == "subject"), "")
        written = policy.default.header_fetch_parse("Subject", str(raw)[:LINE_LIMIT])
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
    return bare_subject(str(written or "")).casefold()


class SentBook:
    """The Sent folder by what it answers; what lies ahead of a moment is not known then."""

    def __init__(self, mails: Iterable[SentMail] = ()) -> None:
        self._by_id: dict[str, datetime] = {}
        self._by_matter: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        self.count = 0
        for mail in mails:
            self.add(mail)

    def add(self, mail: SentMail) -> None:
        self.count += 1
        for name in mail.names:
            self._by_id[name] = min(mail.at, self._by_id.get(name, mail.at))
        for to in mail.to:
            insort(self._by_matter[to, mail.subject], mail.at)

    def answered(self, ids: Iterable[str], now: datetime) -> frozenset[str]:
        """Those of these messages that a person had answered by then."""
        return frozenset(i for i in ids if i in self._by_id and self._by_id[i] <= now)

    def answer_to(self, message_id: str, address: str, subject: str, received: datetime) -> datetime | None:
        """When a person first answered this message; None when nobody did, as far as the folder shows."""
        if message_id in self._by_id:
            return max(self._by_id[message_id], received)
        about = self._by_matter.get((address.lower(), bare_subject(subject).casefold()), ())
        return next((at for at in about if received <= at <= received + SAME_MATTER_FOR), None)


class Beside(StrEnum):
    """The program beside the person."""

    BOTH = "both-answer"
    PERSON_ONLY = "it-stays-silent"
    LEFT_TO_YOU = "left-to-you"
    PROGRAM_ONLY = "it-would-write"
    NEITHER = "both-silent"


# ---- what would have happened


@dataclass(frozen=True, slots=True)
class Replayed:
    """One old message and what would have become of it. `reply` is the text that would have left, "" for none.

    `replied` is when it would have left, `answered` when a person really did. `rule` is its name and place;
    `offer`: whether a rush was offered; `case` the code of the case it opened; `text` the sender's own words.
    """

    where: str
    received: datetime
    client: str
    address: str
    who: str
    subject: str
    language: str
    kind: str
    action: str
    outcome: Outcome
    reason: str
    reply: str = ""
    to: str = ""
    replied: datetime | None = None
    answered: datetime | None = None
    rule: str = ""
    place: str = ""
    offer: bool = False
    case: str = ""
    text: str = ""
    message_id: str = ""

    @property
    def beside(self) -> Beside:
        """Where a person was quicker than the reply that waited, nobody differs."""
        if self.answered:
            if self.reply or self.reason == Reason.ANSWERED:
                return Beside.BOTH
            return Beside.PERSON_ONLY if self.outcome is Outcome.NO_REPLY else Beside.LEFT_TO_YOU
        return Beside.PROGRAM_ONLY if self.reply else Beside.NEITHER

    @property
    def differs(self) -> bool:
        return self.beside in (Beside.PERSON_ONLY, Beside.PROGRAM_ONLY)

    @property
    def decision(self) -> tuple[str, str, str, str, str]:
        """What two runs are compared by."""
        return self.kind, self.action, str(self.outcome), self.reason, self.reply


@dataclass(frozen=True, slots=True)
class Sums:
    """A replay in numbers. Times are medians; None where there is nothing to take one of.

    `attended` are the kinds of what is not silently ignored, the most urgent last; "unclaimed" is nobody's.
    """

    messages: int
    kinds: Mapping[str, int]
    actions: Mapping[str, int]
    outcomes: Mapping[str, int]
    reasons: Mapping[str, int]
    replies: Mapping[str, int]
    ignored: Mapping[str, int]
    attended: Mapping[str, int]
    offers: int
    people: int
    most_a_day: int
    beside: Mapping[str, int]
    program_takes: timedelta | None
    person_takes: timedelta | None
    disturbed: tuple[Replayed, ...]


def sums(found: Sequence[Replayed], zone: Callable[[str], tzinfo] = lambda client: UTC) -> Sums:
    """The sums; `zone` gives the time zone in which a client's day begins."""
    written = [m for m in found if m.reply]
    both = [m for m in found if m.beside is Beside.BOTH and m.answered]
    return Sums(
        messages=len(found),
        kinds=_counted(m.kind for m in found),
        actions=_counted(m.action for m in found),
        outcomes=_counted(str(m.outcome) for m in found),
        reasons=_counted(m.reason for m in found),
        replies=_counted(m.reply for m in written),
        ignored=_counted(m.reason for m in found if m.outcome is Outcome.NO_REPLY),
        attended=_attended(found),
        offers=sum(m.offer for m in written),
        people=len({m.to for m in written}),
        most_a_day=_most_a_day(written, zone),
        beside=_counted(str(m.beside) for m in found),
        program_takes=_median([m.replied - m.received for m in both if m.replied]),
        person_takes=_median([m.answered - m.received for m in both if m.answered]),
        disturbed=_disturbed(found),
    )


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(w for w in words if w).items(), key=lambda pair: (-pair[1], pair[0])))


def _attended(found: Iterable[Replayed]) -> dict[str, int]:
    counted = Counter(m.kind or UNCLAIMED for m in found if m.outcome is not Outcome.NO_REPLY)
    return {kind: counted[kind] for kind in CALM_FIRST if counted[kind]}


def _most_a_day(written: Iterable[Replayed], zone: Callable[[str], tzinfo]) -> int:
    days = Counter((m.to, m.replied.astimezone(zone(m.client)).date()) for m in written if m.replied)
    return max(days.values(), default=0)


def _median(times: Sequence[timedelta]) -> timedelta | None:
    ordered, middle = sorted(times), len(times) // 2
    if not ordered:
        return None
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _disturbed(found: Iterable[Replayed]) -> tuple[Replayed, ...]:
    """What starts the chain; a later message about the same emergency joins its case."""
    return tuple(m for m in found if m.outcome is Outcome.ESCALATED and m.case)


# ---- what a change does


@dataclass(frozen=True, slots=True)
class Changed:
    """A message that is decided otherwise: as it was, and as it becomes."""

    before: Replayed
    after: Replayed


def changes(before: Iterable[Replayed], after: Iterable[Replayed]) -> tuple[Changed, ...]:
    """What two replays of the same messages decide differently, in order of arrival."""
    others = {m.where: m for m in after}
    pairs = (Changed(m, others[m.where]) for m in before if m.where in others)
    return tuple(c for c in pairs if c.before.decision != c.after.decision or c.before.client != c.after.client)


# ---- the rules a replay goes by


def as_if_trusted(book: Rulebook) -> Rulebook:
    """Every client as if the service sent by itself: what it would write is the question."""
    return replace(book, clients=tuple(replace(r, client=replace(r.client, trust=Trust.SEND)) for r in book.clients))


def as_if_away(book: Rulebook, client: str, first: date, back: date, answer_by: date) -> Rulebook:
    """This client's principal is away all that time; the words are those of [absence], if there is one."""

    def away(ruleset: RuleSet) -> RuleSet:
        known = ruleset.absence or Absence(first, back, answer_by)
        return replace(ruleset, absence=replace(known, first=first, back=back, answer_by=answer_by))

    return replace(book, clients=tuple(away(r) if r.client.id == client else r for r in book.clients))


def without_rule(book: Rulebook, name: str, client: str = "") -> Rulebook:
    """The rules without those of this name: rules, pages of a playbook, emergencies. The same book: there is none."""

    def lacking(ruleset: RuleSet) -> RuleSet:
        if client and ruleset.client.id != client:
            return ruleset
        rules = tuple(r for r in ruleset.rules if r.name != name)
        learned = tuple(r for r in ruleset.learned if r.name != name)
        pages = tuple(s for s in ruleset.situations if s.title != name)
        return replace(ruleset, rules=rules, situations=pages, learned=learned)

    changed = replace(
        book,
        clients=tuple(lacking(r) for r in book.clients),
        emergencies=tuple(e for e in book.emergencies if e.name != name),
        screens=tuple(r for r in book.screens if r.name != name),
        kinds=tuple(r for r in book.kinds if r.name != name),
    )
    return book if _size(changed) == _size(book) else changed


def _size(book: Rulebook) -> int:
    own = sum(len(r.rules) + len(r.situations) + len(r.learned) for r in book.clients)
    return own + len(book.emergencies) + len(book.screens) + len(book.kinds)


def rule_names(book: Rulebook, client: str = "") -> tuple[str, ...]:
    """Every name `without_rule` knows."""
    clients = [r for r in book.clients if client in ("", r.client.id)]
    named = (r.name for c in clients for r in (*c.rules, *c.learned))
    own = [*named, *(s.title for c in clients for s in c.situations)]
    shared = [*(e.name for e in book.emergencies), *(r.name for r in (*book.screens, *book.kinds))]
    return tuple(dict.fromkeys((*own, *shared)))


# ---- how far the playbook goes


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of the questions that came: how many the playbook answers, the colleague takes, the contact is called for.

    `open` are those that nothing was written for. `unused` are the pages nobody asked for.
    """

    questions: int
    by_page: Mapping[str, int] = field(default_factory=dict)
    delegated: int = 0
    disturbed: int = 0
    open: tuple[Replayed, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def answered(self) -> int:
        return sum(self.by_page.values())

    @property
    def share(self) -> int:
        """In percent."""
        return round(100 * self.answered / self.questions) if self.questions else 0


def coverage(found: Iterable[Replayed], ruleset: RuleSet) -> Coverage:
    """What the playbook of this client does with these messages. A question asks, and is not ignored."""
    mine = (m for m in found if m.client == ruleset.client.id and m.kind in ASKING)
    questions = [m for m in mine if m.outcome is not Outcome.NO_REPLY]
    by_page = _counted(m.rule for m in questions if m.action == "answer-playbook")
    delegated = [m for m in questions if m.action == "delegate-to-colleague"]
    called = [m for m in questions if m.outcome is Outcome.ESCALATED]
    settled = {"answer-playbook", "delegate-to-colleague", "escalate"}
    left = tuple(m for m in questions if m.action not in settled)
    unused = tuple(s.title for s in ruleset.situations if s.title not in by_page)
    return Coverage(len(questions), by_page, len(delegated), len(called), left, unused)
