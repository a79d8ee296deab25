"""A week of the store in memory, for the report."""

from collections.abc import Iterable
from datetime import datetime

from tests.memory_store.handing import HandingRows
from tests.memory_store.ledger import LedgerRows
from vamaild.core.handover import Stage
from vamaild.core.ledger import Entry, Sort, State
from vamaild.core.letter import clean
from vamaild.core.promise import PromiseState
from vamaild.core.report_rows import Alarm, Gathered, Row
from vamaild.core.resolve import Resolved
from vamaild.core.trust import Fate

HANDED = {Stage.AGREED, Stage.HANDED, Stage.TAKEN, Stage.DONE}


class WeekRows(HandingRows, LedgerRows):
    def resolve(self, message: int, how: Resolved, now: datetime) -> bool:
        done = super().resolve(message, how, now)
        if done:
            self._rows.resolved_at[message] = now
        return done

    def week(self, client: str, since: datetime, until: datetime) -> Gathered:
        def inside(at: datetime | None, whose: str) -> bool:
            return at is not None and since <= at < until and client in ("", whose)

        mine = {row: e for row, e in self._rows.messages.items() if inside(e.decided_at, e.client)}
        ordered = sorted(mine.items(), key=lambda pair: (pair[1].client, pair[1].decided_at, pair[0]))
        rushes = self._rows.rushes.values()
        alarms = (c for c in self._rows.cases.values() if c.case.escalates and c.case.reason != "practice")
        fates = sorted((f for f in self._rows.fates if inside(f.at, f.client)), key=lambda f: f.at)
        solved = sorted(self._rows.resolved_at.items(), key=lambda pair: (pair[1], pair[0]))
        return Gathered(
            since,
            until,
            len(mine),
            tuple(self._row(row, e) for row, e in ordered),
            tuple(r for r in rushes if inside(r.offered_at, r.offer.client) or inside(r.taken_at, r.offer.client)),
            tuple(p for p in self.promises(open_only=False) if inside(p.promise.due, p.promise.client)),
            tuple(self._alarm(c.code) for c in alarms if inside(c.opened, c.case.client)),
            tuple((m, self._rows.resolutions[m]) for m, at in solved if inside(at, self._rows.messages[m].client)),
            tuple(((self._rows.outbox[f.item].message or 0) if f.item else 0, f.fate) for f in fates),
        )

    def _row(self, row: int, e: Entry) -> Row:
        told, cases = e.explanation, [c for c in self._rows.cases.values() if c.message == row]
        cases = [c for c in cases if c.case.reason != "practice"]
        verdicts = [c.could_wait for c in cases if c.could_wait is not None]
        drafted = {f.item for f in self._rows.fates if f.fate is not Fate.DISCARDED}
        sent = [i for i in self._rows.outbox.values() if i.message == row and i.state is State.SENT]
        courtesies = [(i.id in drafted, i.sent_at) for i in sent if i.mail.sort is Sort.COURTESY and i.sent_at]
        kept = (PromiseState.KEPT, PromiseState.LATE)
        person = [at for by_hand, at in courtesies if by_hand]
        person += [
            p.ended_at for p in self._rows.promises.values() if p.message == row and p.state in kept and p.ended_at
        ]
        how = self._rows.resolutions.get(row)
        person += [self._rows.resolved_at[row]] if how is Resolved.ANSWERED else []
        offers = [r.state for r in self._rows.rushes.values() if r.request == row]
        named = told.get("deadline")
        return Row(
            *(row, e.client, e.received, e.kind, str(e.outcome), e.reason, e.action, clean(e.subject, 120)),
            *(clean(str(told.get("who") or ""), 120), bool(told.get("stated_urgency"))),
            deadline=datetime.fromisoformat(str(named)) if named else None,
            asks=bool(e.references) or "?" in str(told.get("new_text") or ""),
            replied_at=_first(at for by_hand, at in courtesies if not by_hand),
            person_at=_first(person),
            resolved=how,
            alarmed=any(c.case.escalates for c in cases),
            could_wait=all(verdicts) if verdicts else self._rows.outcomes.get(row),
            rush=offers[-1] if offers else None,
            handed=any(f.message == row and f.stage in HANDED for f in self._rows.forwards.values()),
        )

    def _alarm(self, code: str) -> Alarm:
        case, events = self._rows.cases[code], self.case_events(code)
        taken = next((e for e in events if e.what == "taken"), None)
        verdicts = sorted((v for v in self._rows.verdicts.values() if v.code == code), key=lambda v: (v.at, v.who))
        return Alarm(
            *(code, case.case.client, case.message or 0, case.case.who, case.case.subject, case.opened),
            _first(e.at for e in events if e.what == "asked"),
            taken.at if taken else case.acknowledged_at,
            taken.who if taken else case.acknowledged_by,
            case.closed_at,
            case.could_wait,
            tuple((v.who, v.could_wait) for v in verdicts),
        )


def _first(moments: Iterable[datetime]) -> datetime | None:
    return min(moments, default=None)
