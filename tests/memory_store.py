"""The store in memory: the same port and the same answers as SQLite's, proved by the same contract suite."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from vamaild.core.ledger import (
    BOUNCED_FOR,
    NOT_BY_A_PERSON,
    Asked,
    Entry,
    Flowed,
    NewCase,
    OutboxItem,
    Outcome,
    Outgoing,
    QueueCase,
    Sort,
    Standing,
    State,
    StoreError,
    Watermark,
)
from vamaild.core.letter import bare_subject, thread_ids
from vamaild.core.message import History, Said
from vamaild.core.sameness import alike, domain_of, same_hand, same_subject

ON_ITS_WAY = {State.QUEUED, State.CLAIMED, State.SENT, State.UNCONFIRMED}


def counted_codes() -> Callable[[], str]:
    """AAAA, AAAB, ...: good enough where nobody guesses."""
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    numbers = count()

    def code() -> str:
        number = next(numbers)
        return "".join(alphabet[(number >> shift) % 32] for shift in (15, 10, 5, 0))

    return code


@dataclass
class Rows:
    """Everything that is kept; a transaction works on these and puts the old ones back when it fails."""

    marks: dict[str, Watermark] = field(default_factory=dict)
    messages: dict[int, Entry] = field(default_factory=dict)
    keyworded: set[int] = field(default_factory=set)
    outbox: dict[int, OutboxItem] = field(default_factory=dict)
    made: dict[int, datetime] = field(default_factory=dict)
    filed: set[int] = field(default_factory=set)
    cases: dict[str, QueueCase] = field(default_factory=dict)
    runs: dict[str, datetime] = field(default_factory=dict)
    bounces: dict[str, datetime] = field(default_factory=dict)

    def copy(self) -> "Rows":
        return Rows(*(type(v)(v) for v in vars(self).values()))


class MemoryStore:
    """`core.ledger.Store` for the tests of everything that uses one."""

    def __init__(self, *, new_code: Callable[[], str] | None = None) -> None:
        self._rows = Rows()
        self._new_code = new_code or counted_codes()
        self._depth = 0
        self._broken = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._depth and self._broken:
            raise StoreError("a part of this batch failed before; nothing of it was kept")
        if not self._depth:
            self._broken, before = False, self._rows.copy()
        self._depth += 1
        try:
            yield
            if self._depth == 1 and self._broken:
                raise StoreError("a part of this batch failed before; nothing of it was kept")
        except BaseException:
            self._broken = True
            if self._depth == 1:
                self._rows = before
            raise
        finally:
            self._depth -= 1

    def watermark(self, mailbox: str) -> Watermark | None:
        return self._rows.marks.get(mailbox)

    def set_watermark(self, mailbox: str, mark: Watermark) -> None:
        self._rows.marks[mailbox] = mark

    def known(self, mailbox: str, fingerprints: Sequence[str]) -> frozenset[str]:
        here = {e.fingerprint for e in self._rows.messages.values() if e.mailbox == mailbox}
        return frozenset(f for f in fingerprints if f and f in here)

    def record(self, entry: Entry) -> int:
        with self.transaction():
            for row, old in self._rows.messages.items():
                if _place(old) == _place(entry):
                    return row
            row = len(self._rows.messages) + 1
            explanation = json.loads(json.dumps(dict(entry.explanation)))
            _aware(entry.received, entry.decided_at)
            self._rows.messages[row] = replace(entry, explanation=explanation)
            code = self.open_case(entry.case, entry.decided_at, row) if entry.case else ""
            for mail in entry.outgoing:
                self._add(replace(mail, case=mail.case or code), entry.decided_at, row)
            return row

    def _add(self, mail: Outgoing, now: datetime, message: int | None) -> None:
        _aware(mail.not_before)
        if any(item.mail.key == mail.key for item in self._rows.outbox.values()):
            return
        number = len(self._rows.outbox) + 1
        self._rows.outbox[number] = OutboxItem(number, mail, mail.state, message, 0)
        self._rows.made[number] = now

    def history(self, asked: Asked) -> History:
        mine = [e for e in self._rows.messages.values() if e.address.lower() == asked.address.lower()]
        here = [e for e in mine if e.client == asked.client]
        matter = _matter(asked.message_id, asked.references, asked.subject)
        spoken = [e for e in here if e.language]
        replies = [i for i in self._rows.outbox.values() if i.mail.sort is Sort.COURTESY]
        to_person = [i for i in replies if asked.address.lower() in (i.mail.to.lower(), self._author(i).lower())]
        hour_ago, day_ago = asked.now - timedelta(hours=1), asked.now - timedelta(hours=24)
        to = asked.to or asked.address
        left = [i for i in replies if i.state in ON_ITS_WAY]
        near = [
            i
            for i in left
            if i.mail.client == asked.client
            and domain_of(i.mail.to) == domain_of(to)
            and self._rows.made[i.id] > day_ago
            and i.message
            and same_subject(self._rows.messages[i.message].subject, asked.subject)
        ]
        near.sort(key=lambda i: (self._rows.made[i.id], i.id), reverse=True)
        asked_ids = {*asked.references, asked.message_id, *asked.returned}
        ours = [i for i in self._rows.outbox.values() if i.mail.key in asked_ids]
        came_back = [self._rows.bounces.get(a.lower()) for a in (asked.address, to)]
        return History(
            messages_today=1 + sum(e.received >= asked.day_begins for e in here),
            same_matter=1 + sum(bool(matter & _matter(e.message_id, e.references, e.subject)) for e in here),
            said=tuple(
                Said(i.mail.template, i.sent_at or self._rows.made[i.id])
                for i in to_person
                if i.mail.client == asked.client and i.state in ON_ITS_WAY | {State.DRAFT}
            )[-100:],
            replies_last_hour=sum(i.state in ON_ITS_WAY and self._rows.made[i.id] > hour_ago for i in replies),
            replies_today=sum(i.state in ON_ITS_WAY and self._rows.made[i.id] >= asked.day_begins for i in to_person),
            seen_before=any(
                asked.fingerprint and e.fingerprint == asked.fingerprint for e in self._rows.messages.values()
            )
            or any(asked.message_id and e.message_id == asked.message_id for e in mine),
            language=sorted(spoken, key=lambda e: e.received)[-1].language if spoken else "",
            our_ids=frozenset(i.mail.key for i in ours),
            answered_by_person=bool(self.answers(asked.client, (asked.message_id,), asked.people)),
            replies_to_domain=sum(
                domain_of(i.mail.to) == domain_of(to) and self._rows.made[i.id] > hour_ago for i in left
            ),
            replies_last_day=sum(self._rows.made[i.id] > day_ago for i in left),
            told_alike=tuple(
                dict.fromkeys(i.mail.template for i in near if i.mail.to.lower() != to.lower() and alike(i.mail.to, to))
            ),
            answers_after=_after([*ours, *(near if asked.responds else ())], asked.received or asked.now),
            same_text=bool(asked.text_mark)
            and any(
                ours or same_hand(e.address, asked.address, asked.responds)
                for e in self._rows.messages.values()
                if (e.client, e.text_mark) == (asked.client, asked.text_mark) and e.received >= day_ago
            ),
            bounced=any(at and at > asked.now - BOUNCED_FOR for at in came_back),
        )

    def _author(self, item: OutboxItem) -> str:
        return self._rows.messages[item.message].address if item.message else item.mail.to

    def answers(self, client: str, ids: Sequence[str], people: Sequence[str]) -> frozenset[str]:
        own = {p.lower() for p in people}
        answered = {
            i
            for e in self._rows.messages.values()
            if e.client == client and e.address.lower() in own and e.reason not in NOT_BY_A_PERSON
            for i in thread_ids(e.references)
        }
        return frozenset(i for i in ids if i in answered)

    def bounced(self, keys: Sequence[str], now: datetime) -> tuple[OutboxItem, ...]:
        found = [i for i in self._rows.outbox.values() if i.mail.key in keys and i.mail.sort is Sort.COURTESY]
        news = []
        for item in found:
            before = self._rows.bounces.get(item.mail.to.lower())
            if before is None or before <= now - BOUNCED_FOR:
                news.append(item)
            self._rows.bounces[item.mail.to.lower()] = now
        return tuple(news)

    def reports_since(self, since: datetime) -> int:
        return min(sum(e.reason == "report" and e.decided_at >= since for e in self._rows.messages.values()), 1_000)

    def withdraw(self, item: int, reason: str) -> None:
        stopped = self._set(item, State.STOPPED, claimed_at=None)
        entry = self._rows.messages.get(stopped.message or 0)
        if entry is None or stopped.message is None:
            return
        if entry.promise and entry.promise.template == stopped.mail.template:
            entry = replace(entry, promise=None)
        if entry.outcome is Outcome.ANSWERED:
            entry = replace(entry, outcome=Outcome.NO_REPLY, reason=reason)
        self._rows.messages[stopped.message] = entry

    def unmarked(self, mailbox: str, uidvalidity: int) -> tuple[int, ...]:
        here = (
            e.uid
            for row, e in self._rows.messages.items()
            if (e.mailbox, e.uidvalidity) == (mailbox, uidvalidity) and row not in self._rows.keyworded
        )
        return tuple(sorted(set(here)))

    def marked(self, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> None:
        for row, e in self._rows.messages.items():
            if (e.mailbox, e.uidvalidity) == (mailbox, uidvalidity) and e.uid in uids:
                self._rows.keyworded.add(row)

    def claim(self, now: datetime, sort: Sort | None = None) -> OutboxItem | None:
        due = [
            i
            for i in self._rows.outbox.values()
            if i.state is State.QUEUED and i.mail.not_before <= now and sort in (None, i.mail.sort)
        ]
        if not due:
            return None
        first = min(due, key=lambda i: (i.mail.sort is not Sort.ESCALATION, i.mail.not_before, i.id))
        return self._set(first.id, State.CLAIMED, claimed_at=now, attempts=first.attempts + 1)

    def _set(self, item: int, state: State, **changes: object) -> OutboxItem:
        if item not in self._rows.outbox:
            raise StoreError(f"there is no mail {item} in the outbox")
        old = self._rows.outbox[item]
        mail = replace(old.mail, state=state, not_before=changes.pop("not_before", old.mail.not_before))  # type: ignore[arg-type]
        new = replace(old, mail=mail, state=state, **changes)  # type: ignore[arg-type]
        self._rows.outbox[item] = new
        return new

    def confirm(self, item: int, now: datetime) -> None:
        self._set(item, State.SENT, sent_at=now, error="")

    def fail(self, item: int, error: str, retry_at: datetime | None) -> None:
        if retry_at is None:
            self._set(item, State.FAILED, claimed_at=None, error=error)
        else:
            self._set(item, State.QUEUED, claimed_at=None, error=error, not_before=retry_at)

    def interrupted(self) -> tuple[OutboxItem, ...]:
        return self.outbox((State.CLAIMED,))

    def settle(self, item: int, state: State) -> None:
        kept = {} if state is State.CLAIMED else {"claimed_at": None}
        self._set(item, state, **kept)

    def queue_mail(self, mail: Outgoing) -> None:
        self._add(mail, mail.not_before, None)

    def unfiled(self) -> tuple[OutboxItem, ...]:
        waiting = self.outbox((State.SENT, State.DRAFT))
        return tuple(i for i in waiting if i.mail.sort is Sort.COURTESY and i.id not in self._rows.filed)

    def filed(self, item: int, now: datetime) -> None:
        if item not in self._rows.outbox:
            raise StoreError(f"there is no mail {item} in the outbox")
        self._rows.filed.add(item)

    def outbox(self, states: Sequence[State]) -> tuple[OutboxItem, ...]:
        return tuple(i for i in self._rows.outbox.values() if i.state in states)

    def open_case(self, case: NewCase, now: datetime, message: int | None = None) -> str:
        code = next(c for c in iter(self._new_code, None) if c not in self._rows.cases)
        due = case.due or (now if case.escalates else None)
        self._rows.cases[code] = QueueCase(code, replace(case, due=due), now, message)
        return code

    def cases(self, everything: bool = False) -> tuple[QueueCase, ...]:
        return tuple(
            sorted((c for c in self._rows.cases.values() if everything or not c.closed_at), key=lambda c: c.opened)
        )

    def case(self, code: str) -> QueueCase | None:
        return self._rows.cases.get(code)

    def escalations_due(self, now: datetime) -> tuple[QueueCase, ...]:
        due = [c for c in self.cases() if c.case.escalates and not c.acknowledged_at and _when(c) <= now]
        return tuple(sorted(due, key=_when))

    def stepped(self, code: str, step: int, due: datetime) -> None:
        if code not in self._rows.cases:
            raise StoreError(f"there is no case {code}")
        old = self._rows.cases[code]
        self._rows.cases[code] = replace(old, step=step, case=replace(old.case, due=due))

    def acknowledge(self, code: str, by: str, now: datetime) -> bool:
        case = self._rows.cases.get(code)
        if case is None or case.closed_at or case.acknowledged_at:
            return False
        self._rows.cases[code] = replace(case, acknowledged_at=now, acknowledged_by=by)
        return True

    def close_case(self, code: str, now: datetime) -> bool:
        case = self._rows.cases.get(code)
        if case is None or case.closed_at:
            return False
        self._rows.cases[code] = replace(case, closed_at=now)
        return True

    def entry(self, row: int) -> Entry | None:
        found = self._rows.messages.get(row)
        if found is None:
            return None
        mails = tuple(i.mail for i in self._rows.outbox.values() if i.message == row)
        case = next((c.case for c in self._rows.cases.values() if c.message == row), None)
        return replace(found, outgoing=mails, case=case)

    def find_entry(self, mailbox: str, uid: int) -> Entry | None:
        rows = [row for row, e in self._rows.messages.items() if (e.mailbox, e.uid) == (mailbox, uid)]
        return self.entry(rows[-1]) if rows else None

    def last_run(self, name: str) -> datetime | None:
        return self._rows.runs.get(name)

    def ran(self, name: str, now: datetime) -> None:
        self._rows.runs[name] = now

    def standing(self, day_begins: datetime) -> Standing:
        entries = self._rows.messages.values()
        open_cases = self.cases()
        return Standing(
            arrived=len(entries),
            by_outcome=_counts(e.outcome.value for e in entries),
            by_reason=_counts(e.reason for e in entries if e.reason),
            outbox=_counts(i.state.value for i in self._rows.outbox.values()),
            open_cases=len(open_cases),
            oldest_case=open_cases[0].opened if open_cases else None,
            escalations_open=sum(c.case.escalates and not c.acknowledged_at for c in open_cases),
            last_mail={c: max(e.received for e in entries if e.client == c) for c in {e.client for e in entries}},
            today=_counts(e.client for e in entries if e.received >= day_begins),
            waiting=_counts(c.case.client for c in open_cases),
        )

    def flowed(self, client: str, since: datetime) -> tuple[Flowed, ...]:
        hours: dict[datetime, list[datetime]] = {}
        for e in self._rows.messages.values():
            if e.client == client and e.received >= since:
                hours.setdefault(e.received.astimezone(UTC).replace(minute=0, second=0, microsecond=0), []).append(
                    e.received.astimezone(UTC)
                )
        return tuple(Flowed(min(m), max(m), len(m)) for _, m in sorted(hours.items()))

    def close(self) -> None:
        """Nothing to close."""


def _place(entry: Entry) -> tuple[str, int, int, str]:
    return entry.mailbox, entry.uidvalidity, entry.uid, entry.fingerprint


def _when(case: QueueCase) -> datetime:
    assert case.case.due is not None
    return case.case.due


def _matter(message_id: str, references: tuple[str, ...], subject: str) -> set[str]:
    bare = bare_subject(subject).casefold()
    return set(thread_ids((*references, message_id))) | ({f"subject {bare}"} if bare else set())


def _after(items: Sequence[OutboxItem], came: datetime) -> timedelta | None:
    moments = [i.sent_at or i.claimed_at for i in items if i.mail.sort is Sort.COURTESY]
    left = [moment for moment in moments if moment and moment <= came]
    return came - max(left) if left else None


def _counts(values: Iterator[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return found


def _aware(*moments: datetime) -> None:
    for moment in moments:
        if moment.tzinfo is None:
            raise ValueError(f"a time without a time zone cannot be kept: {moment.isoformat()}")
