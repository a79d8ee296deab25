"""What the store in memory keeps of corrections, proposals, and reports that can be answered."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.memory_store.rows import Base, aware
from vamaild.core.learning import Correction, Kept, Proposal, Sheet, Standing
from vamaild.core.ruleset import Kind
from vamaild.core.trust import Fate


class LearningRows(Base):
    def correct(self, message: int, kind: Kind, by: str, at: datetime) -> bool:
        aware(at)
        entry = self._rows.messages.get(message)
        if entry is not None:
            self._rows.corrections[message] = Correction(message, entry.client, kind, at)
        return entry is not None

    def corrections(self, since: datetime) -> tuple[Correction, ...]:
        found = {m: c for m, c in self._rows.corrections.items() if c.at >= since}
        by_hand = frozenset(found)
        for fate in sorted(self._rows.fates, key=lambda f: f.at):
            item = self._rows.outbox.get(fate.item)
            if item and item.message and item.message not in by_hand and fate.at >= since:
                kind = Kind.INFORMATION if fate.fate is Fate.DISCARDED else None
                found[item.message] = Correction(item.message, fate.client, kind, fate.at)
        return tuple(sorted(found.values(), key=lambda c: (c.at, c.message)))

    def rows(self, client: str, since: datetime) -> tuple[int, ...]:
        messages = self._rows.messages.items()
        return tuple(n for n, e in sorted(messages) if e.client == client and e.decided_at >= since)

    def propose(self, proposal: Proposal, now: datetime) -> int:
        aware(now)
        known = any(k.proposal.mark == proposal.mark for k in self._rows.proposals.values())
        if known or ("mark", proposal.mark) in self._rows.purged:
            return 0
        number = len(self._rows.proposals) + 1
        self._rows.proposals[number] = Kept(number, proposal, Standing.OPEN, now)
        return number

    def proposals(self) -> tuple[Kept, ...]:
        return tuple(self._rows.proposals.values())

    def answer_proposal(self, number: int, standing: Standing, by: str, now: datetime) -> bool:
        aware(now)
        kept = self._rows.proposals.get(number)
        if kept is None or kept.standing not in (Standing.OPEN, Standing.AGREED):
            return False
        self._rows.proposals[number] = replace(kept, standing=standing, by=by, said_at=now)
        return True

    def keep_sheet(self, sheet: Sheet) -> None:
        aware(sheet.at)
        self._rows.sheets[sheet.key] = sheet

    def sheet_of(self, ids: Sequence[str]) -> Sheet | None:
        found = [s for s in self._rows.sheets.values() if s.key in ids]
        return max(found, key=lambda s: s.at, default=None)
