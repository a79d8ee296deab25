"""The ledger of the store in memory, and its counts."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from tests.memory_store.mails import OutboxRows
from tests.memory_store.matter import matter
from tests.memory_store.queue import ChainRows
from tests.memory_store.rows import aware
from vamaild.core.cases import PRACTICE, QueueCase, joined
from vamaild.core.earlier import Earlier
from vamaild.core.ledger import Entry, Flowed, Outcome, Standing, Watermark
from vamaild.core.promise import PromiseState
from vamaild.core.rush import RushState


class LedgerRows(OutboxRows, ChainRows):
    def watermark(self, mailbox: str) -> Watermark | None:
        return self._rows.marks.get(mailbox)

    def set_watermark(self, mailbox: str, mark: Watermark) -> None:
        self._rows.marks[mailbox] = mark

    def known(self, mailbox: str, fingerprints: Sequence[str]) -> frozenset[str]:
        here = {e.fingerprint for e in self._rows.messages.values() if e.mailbox == mailbox}
        return frozenset(f for f in fingerprints if f and f in here)

    def displace(self, mailbox: str) -> None:
        for row, e in self._rows.messages.items():
            if e.mailbox == mailbox:
                self._rows.messages[row] = replace(e, uidvalidity=0, uid=0)

    def found_again(self, mailbox: str, fingerprint: str, place: Watermark) -> bool:
        for row, e in self._rows.messages.items():
            if (e.mailbox, e.fingerprint, e.uid) == (mailbox, fingerprint, 0):
                self._rows.messages[row] = replace(e, uidvalidity=place.uidvalidity, uid=place.uid)
                self._rows.keyworded.discard(row)
                return True
        return False

    def record(self, entry: Entry) -> int:
        with self.transaction():
            for row, old in self._rows.messages.items():
                if _place(old) == _place(entry):
                    return row
            row = len(self._rows.messages) + 1
            explanation = json.loads(json.dumps(dict(entry.explanation)))
            aware(entry.received, entry.decided_at)
            self._rows.messages[row] = replace(entry, explanation=explanation)
            code = self._case_for(entry, row)
            for mail in entry.outgoing:
                self._add(replace(mail, case=mail.case or code), entry.decided_at, row)
            if entry.promise:
                self.add_promise(entry.promise, row, entry.decided_at)
            if entry.rush:
                self._add_rush(entry.rush, row, entry.decided_at)
            return row

    def _case_for(self, entry: Entry, row: int) -> str:
        if entry.case is None:
            return ""
        for case in reversed(self._rows.cases.values()):
            if entry.case.escalates and entry.case.joins and self._takes_in(case, entry):
                self._rows.cases[case.code] = joined(case, entry.case, entry.decided_at)
                return case.code
        return self.open_case(entry.case, entry.decided_at, row)

    def _takes_in(self, case: QueueCase, entry: Entry) -> bool:
        first = self._rows.messages.get(case.message or 0)
        if first is None or case.closed_at or not (case.case.escalates and case.case.joins):
            return False
        if (first.address.lower(), case.case.client) != (entry.address.lower(), entry.client):
            return False
        about = [matter(e.message_id, e.references, e.subject) for e in (first, entry)]
        return bool(about[0] & about[1])

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

    def reports_since(self, since: datetime) -> int:
        return min(sum(e.reason == "report" and e.decided_at >= since for e in self._rows.messages.values()), 1_000)

    def entry(self, row: int) -> Entry | None:
        found = self._rows.messages.get(row)
        if found is None:
            return None
        mails = tuple(i.mail for i in self._rows.outbox.values() if i.message == row)
        case = next((c.case for c in self._rows.cases.values() if c.message == row), None)
        told = (p for p in self._rows.promises.values() if p.message == row and p.state is not PromiseState.WITHDRAWN)
        offered = (r for r in self._rows.rushes.values() if r.request == row and r.state is not RushState.WITHDRAWN)
        promise, rush = next((p.promise for p in told), None), next((r.offer for r in offered), None)
        return replace(found, outgoing=mails, case=case, promise=promise, rush=rush)

    def earlier(self, rows: Collection[int]) -> Mapping[int, Earlier]:
        found = {row: e for row in rows if (e := self.entry(row))}
        return {
            row: Earlier(
                *(e.client, e.mailbox, e.message_id, e.references, e.subject, e.decided_at),
                *(e.outcome is Outcome.ESCALATED, e.promise is not None, e.rush is not None, e.case is not None),
            )
            for row, e in found.items()
        }

    def find_entry(self, mailbox: str, uid: int) -> Entry | None:
        rows = [row for row, e in self._rows.messages.items() if (e.mailbox, e.uid) == (mailbox, uid)]
        return self.entry(rows[-1]) if rows else None

    def decided_between(self, after: datetime, until: datetime) -> Iterator[Entry]:
        for row, e in sorted(self._rows.messages.items(), reverse=True):
            if after <= e.decided_at < until and (found := self.entry(row)):
                yield found

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
            escalations_open=sum(
                c.case.escalates and not c.acknowledged_at and c.case.reason != PRACTICE for c in open_cases
            ),
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

    def came_by(self, client: str, since: datetime) -> frozenset[str]:
        return frozenset(e.mailbox for e in self._rows.messages.values() if e.client == client and e.received >= since)


def _place(entry: Entry) -> tuple[str, int, int, str]:
    return entry.mailbox, entry.uidvalidity, entry.uid, entry.fingerprint


def _counts(values: Iterator[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return found
