"""The promises and the rush offers of the store in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from tests.memory_store.rows import Base, aware
from vamaild.core.ledger import OutboxItem, State, StoreError
from vamaild.core.promise import NewPromise, Promise, PromiseState
from vamaild.core.rush import NewRush, Rush, RushState

LEFT = {State.CLAIMED, State.SENT, State.UNCONFIRMED}


class BookRows(Base):
    def promises(self, *, open_only: bool = True, client: str = "") -> tuple[Promise, ...]:
        found = (
            p
            for p in self._rows.promises.values()
            if (not open_only or p.state is PromiseState.OPEN) and client in ("", p.promise.client)
        )
        return tuple(sorted(found, key=lambda p: (p.promise.due, p.id)))

    def promise(self, number: int) -> Promise | None:
        return self._rows.promises.get(number)

    def promises_of(self, messages: Sequence[int]) -> tuple[Promise, ...]:
        return tuple(p for p in self.promises() if p.message in messages)

    def reminders_due(self, now: datetime) -> tuple[Promise, ...]:
        due = [
            (p.promise.remind_at, p.id, p)
            for p in self.promises()
            if p.promise.remind_at and p.promise.remind_at <= now and not p.reminded_at
        ]
        return tuple(p for _, _, p in sorted(due, key=lambda each: each[:2]))

    def reminded(self, number: int, now: datetime) -> None:
        if number not in self._rows.promises:
            raise StoreError(f"there is no promise {number}")
        self._rows.promises[number] = replace(self._rows.promises[number], reminded_at=now)

    def add_promise(self, promise: NewPromise, message: int, now: datetime) -> int:
        aware(promise.due, now, *([promise.remind_at] if promise.remind_at else []))
        self._must_be_there(message)
        number = len(self._rows.promises) + 1
        self._rows.promises[number] = Promise(number, promise, message, now)
        return number

    def end_promise(self, number: int, state: PromiseState, now: datetime) -> bool:
        old = self._rows.promises.get(number)
        if old is None or old.state is not PromiseState.OPEN or state is PromiseState.OPEN:
            return False
        self._rows.promises[number] = replace(old, state=state, ended_at=now)
        return True

    def rush(self, number: int) -> Rush | None:
        return self._rows.rushes.get(number)

    def rush_of_case(self, code: str) -> Rush | None:
        found = [r for r in self._rows.rushes.values() if (r.case, r.state) == (code, RushState.TAKEN)]
        return found[-1] if found else None

    def rushes(
        self, states: Sequence[RushState], *, client: str = "", to: Collection[str] | None = None
    ) -> tuple[Rush, ...]:
        found = (r for r in self._rows.rushes.values() if r.state in states and client in ("", r.offer.client))
        mine = (r for r in found if to is None or r.offer.to.lower() in to)
        return tuple(sorted(mine, key=lambda r: (r.offered_at, r.id)))

    def unsent(self, keys: Collection[str]) -> frozenset[str]:
        waiting = (i for i in self._rows.outbox.values() if i.state in (State.QUEUED, State.DRAFT))
        return frozenset(i.mail.key for i in waiting if i.mail.key in keys)

    def offers_in(self, client: str, ids: Sequence[str]) -> tuple[Rush, ...]:
        found = (r for r in self._rows.rushes.values() if r.offer.client == client and r.offer.offer_key in ids)
        return tuple(sorted(found, key=lambda r: (r.offered_at, r.id)))

    def sold_since(self, client: str, since: datetime) -> int:
        sold = self.rushes((RushState.TAKEN, RushState.AGREED))
        return sum(r.offer.client == client and r.taken_at is not None and r.taken_at >= since for r in sold)

    def take(self, number: int, answer: int, by: str, now: datetime, case: str) -> bool:
        old = self._rows.rushes.get(number)
        if old is None or old.state is not RushState.OFFERED or not self._has_left(old.offer.offer_key):
            return False
        self._must_be_there(answer)
        taken = replace(old, state=RushState.TAKEN, answer=answer, taken_by=by, taken_at=now, case=case)
        self._rows.rushes[number] = taken
        return True

    def end_rush(
        self, number: int, state: RushState, now: datetime, *, hours: float | None = None, charged: bool = True
    ) -> bool:
        old = self._rows.rushes.get(number)
        if old is None or old.state not in _before(state):
            return False
        self._rows.rushes[number] = replace(old, state=state, ended_at=now, hours=_sensible(hours), charged=charged)
        return True

    def set_hours(self, number: int, hours: float | None, charged: bool) -> bool:
        old = self._rows.rushes.get(number)
        if old is None or old.state is not RushState.AGREED:
            return False
        self._rows.rushes[number] = replace(old, hours=_sensible(hours), charged=charged)
        return True

    def offers_expired(self, now: datetime) -> tuple[Rush, ...]:
        found = (r for r in self.rushes((RushState.OFFERED,)) if r.offer.accept_by < now)
        return tuple(sorted(found, key=lambda r: (r.offer.accept_by, r.id)))

    def _add_rush(self, offer: NewRush, request: int, now: datetime) -> None:
        aware(offer.ready_at, offer.accept_by, offer.ordinary)
        if not any(r.offer.offer_key == offer.offer_key for r in self._rows.rushes.values()):
            number = len(self._rows.rushes) + 1
            self._rows.rushes[number] = Rush(number, offer, request, now)

    def _take_back(self, item: OutboxItem) -> None:
        """This mail never left."""
        for number, p in self._rows.promises.items():
            told_by = (p.message, p.promise.template) == (item.message, item.mail.template)
            if told_by and p.state is PromiseState.OPEN:
                self._rows.promises[number] = replace(p, state=PromiseState.WITHDRAWN)
        for number, r in self._rows.rushes.items():
            if r.offer.offer_key == item.mail.key and r.state is RushState.OFFERED:
                self._rows.rushes[number] = replace(r, state=RushState.WITHDRAWN)

    def _has_left(self, key: str) -> bool:
        return any(i.mail.key == key and i.state in LEFT for i in self._rows.outbox.values())

    def _must_be_there(self, message: int) -> None:
        if message not in self._rows.messages:
            raise StoreError(f"there is no message {message}")


def _before(state: RushState) -> tuple[RushState, ...]:
    if state in (RushState.OFFERED, RushState.TAKEN):
        return ()
    if state is RushState.AGREED:
        return (RushState.TAKEN,)
    return (RushState.TAKEN, RushState.OFFERED) if state is RushState.REFUSED else (RushState.OFFERED,)


def _sensible(hours: float | None) -> float | None:
    if hours is not None and not 0 <= hours <= 10_000:
        raise StoreError(f"it refused a value that makes no sense: {hours} hours")
    return hours
