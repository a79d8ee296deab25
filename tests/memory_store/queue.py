"""The queue of the store in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tests.memory_store.rows import Base, aware
from vamaild.core.cases import Advance, CaseEvent, NewCase, NewNotice, NoticeRow, NoticeState, QueueCase
from vamaild.core.drill import Drill, Link
from vamaild.core.ledger import Outcome, State, StoreError


class QueueRows(Base):
    def open_case(self, case: NewCase, now: datetime, message: int | None = None) -> str:
        code = next(c for c in iter(self._new_code, None) if c not in self._rows.cases)
        due = case.due or (now if case.escalates else None)
        damage = (case.damage,) if case.damage else ()
        self._rows.cases[code] = QueueCase(code, replace(case, due=due), now, message, damage=damage)
        return code

    def cases(self, everything: bool = False) -> tuple[QueueCase, ...]:
        return tuple(
            sorted((c for c in self._rows.cases.values() if everything or not c.closed_at), key=lambda c: c.opened)
        )

    def case(self, code: str) -> QueueCase | None:
        return self._rows.cases.get(code)

    def acknowledge(self, code: str, by: str, now: datetime) -> bool:
        case = self._rows.cases.get(code)
        if case is None or case.closed_at or case.acknowledged_at:
            return False
        self._rows.cases[code] = replace(case, acknowledged_at=now, acknowledged_by=by, version=case.version + 1)
        return True

    def close_case(self, code: str, now: datetime) -> bool:
        case = self._rows.cases.get(code)
        if case is None or case.closed_at:
            return False
        self._rows.cases[code] = replace(case, closed_at=now)
        self._nobody_waits_for(case)
        return True

    def _nobody_waits_for(self, case: QueueCase) -> None:
        entry = self._rows.messages.get(case.message or 0)
        drafts = any((i.message, i.state) == (case.message, State.DRAFT) for i in self._rows.outbox.values())
        if entry and entry.outcome is Outcome.WAITING and not drafts and not self._open(case.message):
            self._rows.messages[case.message or 0] = replace(entry, outcome=Outcome.ANSWERED, reason="")

    def _open(self, message: int | None) -> bool:
        return any(c.message == message and not c.closed_at for c in self._rows.cases.values())


class ChainRows(QueueRows):
    def watched(self) -> tuple[QueueCase, ...]:
        concerned = [c for c in self.cases() if c.case.escalates or c.case.due is not None]
        number = {code: n for n, code in enumerate(self._rows.cases)}
        return tuple(sorted(concerned, key=lambda c: (_when(c), number[c.code])))

    def advance(self, code: str, version: int, to: Advance, now: datetime) -> bool:
        case = self._rows.cases.get(code)
        if case is None or case.closed_at or case.version != version:
            return False
        aware(*(moment for moment in (to.due, to.held_since, to.closed_at) if moment))
        self._rows.cases[code] = replace(
            case,
            case=replace(case.case, due=to.due),
            chain=dict(to.chain),
            acknowledged_by=to.held_by,
            acknowledged_at=to.held_since,
            closed_at=to.closed_at,
            could_wait=to.could_wait,
            resolution=to.resolution,
            step=case.step + to.asked,
            fresh=False,
            version=case.version + 1,
        )
        if to.closed_at:
            self._nobody_waits_for(case)
        self._rows.events += [(code, event) for event in to.events]
        for notice in to.notices:
            self._add_notice(code, case.case.client, notice, now)
        return True

    def _add_notice(self, code: str, client: str, notice: NewNotice, now: datetime) -> None:
        if any(n.notice.key == notice.key for n in self._rows.notices.values()):
            return
        number = max(self._rows.notices, default=0) + 1
        self._rows.notices[number] = NoticeRow(number, code, client, notice, NoticeState.READY, 0, now, now)

    def case_events(self, code: str) -> tuple[CaseEvent, ...]:
        return tuple(event for about, event in self._rows.events if about == code)

    def notices(self, code: str) -> tuple[NoticeRow, ...]:
        return tuple(n for n in self._rows.notices.values() if n.code == code)

    def notices_ready(self, now: datetime) -> tuple[NoticeRow, ...]:
        waiting = (NoticeState.READY, NoticeState.HANDED)
        ready = [n for n in self._rows.notices.values() if n.state in waiting and n.not_before <= now]
        return tuple(sorted(ready, key=lambda n: (n.not_before, n.id)))

    def notice_handed(self, number: int, now: datetime, bundle: str = "") -> None:
        row = self._notice(number)
        handed = replace(row, state=NoticeState.HANDED, attempts=row.attempts + 1, bundle=bundle)
        self._rows.notices[number] = handed

    def notice_settled(
        self, number: int, state: NoticeState, now: datetime, detail: str = "", retry_at: datetime | None = None
    ) -> None:
        row = self._notice(number)
        settled = None if state in (NoticeState.READY, NoticeState.HANDED) else now
        when = retry_at or row.not_before
        self._rows.notices[number] = replace(row, state=state, settled_at=settled, detail=detail, not_before=when)

    def _notice(self, number: int) -> NoticeRow:
        if number not in self._rows.notices:
            raise StoreError(f"there is no notice {number}")
        return self._rows.notices[number]

    def notice_of(self, keys: Sequence[str]) -> NoticeRow | None:
        return next((n for n in reversed(self._rows.notices.values()) if n.notice.key in keys), None)

    def notices_in(self, bundle: str) -> tuple[NoticeRow, ...]:
        return tuple(n for n in self._rows.notices.values() if bundle and n.bundle == bundle)

    def told_since(self, person: str, channel: str, since: datetime) -> tuple[datetime, ...]:
        told: dict[str, datetime] = {}
        for n in self._rows.notices.values():
            mine = (n.notice.person, n.notice.channel, n.state) == (person, channel, NoticeState.DELIVERED)
            if mine and _asked(n) and n.settled_at and n.settled_at >= since:
                told[n.bundle] = min(n.settled_at, told.get(n.bundle, n.settled_at))
        return tuple(sorted(told.values()))

    def disturbances(self, client: str, since: datetime) -> Mapping[str, int]:
        occasions = {
            (n.notice.person, self._began_with(n))
            for n in self._rows.notices.values()
            if n.client == client and n.made_at >= since and _asked(n)
            if n.state not in (NoticeState.FAILED, NoticeState.DROPPED)
        }
        people = [person for person, bundle in occasions if bundle]
        return {person: people.count(person) for person in people}

    def _began_with(self, row: NoticeRow) -> str:
        """The message in which the round of this notice began."""
        round = (row.code, row.notice.round, row.notice.person)
        return next(n.bundle for n in self._rows.notices.values() if (n.code, n.notice.round, n.notice.person) == round)

    def forget_chains(self, before: datetime) -> int:
        over = {c.code for c in self._rows.cases.values() if c.closed_at and c.closed_at < before}
        known = {n.code for n in self._rows.notices.values()} | {code for code, _ in self._rows.events}
        self._rows.notices = {k: n for k, n in self._rows.notices.items() if n.code not in over}
        self._rows.events = [(code, event) for code, event in self._rows.events if code not in over]
        return len(over & known)

    def drill_begins(self, client: str, code: str, now: datetime) -> None:
        self._rows.drills[code] = Drill(client, code, now)

    def drill_ends(self, code: str, links: Sequence[Link], now: datetime, instead: str = "") -> None:
        found = self._rows.drills.get(code)
        if found and not found.ended:
            self._rows.drills[code] = replace(found, ended=now, links=tuple(links), instead=instead)

    def last_drill(self, client: str) -> Drill | None:
        return max((d for d in self._rows.drills.values() if d.client == client), key=lambda d: d.began, default=None)

    def cried_wolf(self, client: str, address: str, since: datetime) -> int:
        return sum(
            bool(c.could_wait and c.closed_at and c.closed_at >= since and c.case.escalates)
            for c in self._rows.cases.values()
            if c.case.client == client and c.message and self._address(c.message) == address.lower()
        )

    def _address(self, message: int) -> str:
        found = self._rows.messages.get(message)
        return found.address.lower() if found else ""


def _asked(row: NoticeRow) -> bool:
    return not row.notice.practice and row.notice.why not in ("confirm", "stand-down")


def _when(case: QueueCase) -> datetime:
    assert case.case.due is not None
    return case.case.due
