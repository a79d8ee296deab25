"""What the store in memory keeps of trust, and who is paused."""

from dataclasses import replace
from datetime import datetime

from tests.memory_store.mails import ON_ITS_WAY, OutboxRows
from vamaild.core.ledger import OutboxItem, Outcome, Sort, State
from vamaild.core.trust import DraftFate, Fate, Level, Pause


class TrustRows(OutboxRows):
    def levels(self, client: str = "") -> tuple[Level, ...]:
        return tuple(level for _, level in sorted(self._rows.levels.items()) if client in ("", level.client))

    def set_level(self, level: Level) -> None:
        self._rows.levels[level.client, level.template] = level

    def fates(self, client: str, template: str, since: datetime) -> tuple[DraftFate, ...]:
        found = (f for f in self._rows.fates if (f.client, f.template) == (client, template) and f.at >= since)
        return tuple(sorted(found, key=lambda f: f.at))

    def settle_draft(self, fate: DraftFate, reason: str = "discarded") -> bool:
        item = self._draft(fate.item)
        if item is None:
            return False
        self._rows.filed.add(item.id)
        if fate.fate is Fate.DISCARDED:
            self._take_back(self._set(item.id, State.STOPPED, sent_at=None))
        else:
            self._set(item.id, State.SENT, sent_at=fate.at)
        self._ended(item, fate, reason)
        return True

    def approve_draft(self, fate: DraftFate, not_before: datetime) -> bool:
        item = self._draft(fate.item)
        if item is None:
            return False
        self._set(item.id, State.QUEUED, not_before=not_before, claimed_at=None, error="")
        self._rows.filed.discard(item.id)
        self._ended(item, fate, "")
        return True

    def _draft(self, number: int) -> OutboxItem | None:
        item = self._rows.outbox.get(number)
        return item if item and item.state is State.DRAFT else None

    def _ended(self, item: OutboxItem, fate: DraftFate, reason: str) -> None:
        known = [f.item for f in self._rows.fates]
        where = known.index(item.id) if item.id in known else len(known)
        self._rows.fates[where : where + 1] = [fate]
        if item.message:
            self._nobody_waits(item.message, reason, fate.at)

    def _nobody_waits(self, message: int, reason: str, now: datetime) -> None:
        mails = [i for i in self._rows.outbox.values() if i.message == message]
        if any(i.state is State.DRAFT for i in mails):
            return
        said = any(i.mail.sort is Sort.COURTESY and i.state in ON_ITS_WAY for i in mails)
        ended = (Outcome.ANSWERED, "") if said else (Outcome.NO_REPLY, reason)
        entry = self._rows.messages[message]
        if (entry.outcome, entry.reason) == (Outcome.WAITING, "draft"):
            self._rows.messages[message] = replace(entry, outcome=ended[0], reason=ended[1])
        for code, case in self._rows.cases.items():
            if (case.message, case.case.reason, case.closed_at) == (message, "draft", None):
                self._rows.cases[code] = replace(case, closed_at=now)

    def pause(self, pause: Pause) -> None:
        self._rows.pauses[pause.client] = pause

    def resume(self, client: str) -> bool:
        return self._rows.pauses.pop(client, None) is not None

    def pauses(self, now: datetime) -> tuple[Pause, ...]:
        return tuple(p for _, p in sorted(self._rows.pauses.items()) if p.until is None or p.until > now)
