"""The outbox of the store in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile

from tests.memory_store.books import BookRows
from tests.memory_store.rows import aware
from vamaild.core.ledger import BOUNCED_FOR, OutboxItem, Outcome, Outgoing, Sort, State, StoreError, held_by

ON_ITS_WAY = {State.QUEUED, State.CLAIMED, State.SENT, State.UNCONFIRMED}


class OutboxRows(BookRows):
    def _add(self, mail: Outgoing, now: datetime, message: int | None) -> None:
        aware(mail.not_before)
        if any(item.mail.key == mail.key for item in self._rows.outbox.values()):
            return
        number = max(self._rows.outbox, default=0) + 1
        self._rows.outbox[number] = OutboxItem(number, mail, mail.state, message, 0)
        self._rows.made[number] = now

    def withdraw(self, item: int, reason: str) -> None:
        self.settle(item, State.STOPPED)
        stopped = self._rows.outbox[item]
        entry = self._rows.messages.get(stopped.message or 0)
        if entry is None or stopped.message is None:
            return
        if entry.outcome is Outcome.ANSWERED:
            entry = replace(entry, outcome=Outcome.NO_REPLY, reason=reason)
        self._rows.messages[stopped.message] = entry

    def reopen(self, message: int, reason: str) -> bool:
        return self._stands(message, (Outcome.ANSWERED, Outcome.NO_REPLY), Outcome.WAITING, reason)

    def answer_given(self, message: int) -> bool:
        return self._stands(message, (Outcome.WAITING,), Outcome.ANSWERED, "")

    def _stands(self, message: int, before: Sequence[Outcome], outcome: Outcome, reason: str) -> bool:
        entry = self._rows.messages.get(message)
        if entry is None or entry.outcome not in before:
            return False
        self._rows.messages[message] = replace(entry, outcome=outcome, reason=reason)
        return True

    def claim(self, now: datetime, sort: Sort | None = None) -> OutboxItem | None:
        due = [
            i
            for i in self._rows.outbox.values()
            if i.state is State.QUEUED and i.mail.not_before <= now and sort in (None, i.mail.sort)
            if not held_by(i.mail, [p for p in self._rows.pauses.values() if p.until is None or p.until > now])
        ]
        if not due:
            return None
        first = min(due, key=lambda i: (i.mail.sort is not Sort.ESCALATION, i.mail.not_before, i.id))
        return self._set(first.id, State.CLAIMED, claimed_at=now, attempts=first.attempts + 1)

    def claim_all(self, now: datetime, most: int) -> tuple[OutboxItem, ...]:
        claims = (self.claim(now) for _ in range(most))
        return tuple(item for item in takewhile(lambda item: item is not None, claims) if item)

    def _set(self, item: int, state: State, **changes: object) -> OutboxItem:
        if item not in self._rows.outbox:
            raise StoreError(f"there is no mail {item} in the outbox")
        old = self._rows.outbox[item]
        mail = replace(old.mail, state=state, not_before=changes.pop("not_before", old.mail.not_before))  # type: ignore[arg-type]  # fields by name
        new = replace(old, mail=mail, state=state, **changes)  # type: ignore[arg-type]  # by name
        self._rows.outbox[item] = new
        return new

    def confirm(self, item: int, now: datetime) -> None:
        self._set(item, State.SENT, sent_at=now, error="")
        self._rows.filed.discard(item)

    def fail(self, item: int, error: str, retry_at: datetime | None) -> None:
        if retry_at is None:
            self._take_back(self._set(item, State.FAILED, claimed_at=None, error=error))
        else:
            self._set(item, State.QUEUED, claimed_at=None, error=error, not_before=retry_at)

    def interrupted(self) -> tuple[OutboxItem, ...]:
        return self.outbox((State.CLAIMED,))

    def settle(self, item: int, state: State) -> None:
        kept = {} if state is State.CLAIMED else {"claimed_at": None}
        settled = self._set(item, state, **kept)
        if state in (State.STOPPED, State.FAILED):
            self._take_back(settled)

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

    def waiting_for(self, client: str, people: Sequence[str]) -> tuple[OutboxItem, ...]:
        wanted = {p.lower() for p in people if p}
        return tuple(i for i in self.outbox((State.QUEUED,)) if i.mail.client == client and wanted & self._both(i))

    def _both(self, item: OutboxItem) -> set[str]:
        """Who gets it, and whose message it answers; nobody for a mail that is no reply."""
        if item.mail.sort is not Sort.COURTESY:
            return set()
        answered = self._rows.messages.get(item.message or 0)
        return {item.mail.to.lower(), *([answered.address.lower()] if answered else [])}

    def replies_to(self, message: int) -> tuple[OutboxItem, ...]:
        return tuple(i for i in self._rows.outbox.values() if i.message == message and i.mail.sort is Sort.COURTESY)

    def bounced(self, keys: Sequence[str], now: datetime) -> tuple[OutboxItem, ...]:
        found = [i for i in self._rows.outbox.values() if i.mail.key in keys and i.mail.sort is Sort.COURTESY]
        news = []
        for item in found:
            before = self._rows.bounces.get(item.mail.to.lower())
            if before is None or before <= now - BOUNCED_FOR:
                news.append(item)
            self._rows.bounces[item.mail.to.lower()] = now
        return tuple(news)
