"""A clock that was set back, for the store in memory."""

from dataclasses import replace
from datetime import datetime, timedelta

from tests.memory_store.rows import Base
from vamaild.core.cases import NoticeState
from vamaild.core.ledger import State


class ClockRows(Base):
    def set_back(self, now: datetime, back: timedelta) -> None:
        for number, item in self._rows.outbox.items():
            if item.state is State.QUEUED and item.mail.not_before > now:
                mail = replace(item.mail, not_before=max(now, item.mail.not_before - back))
                self._rows.outbox[number] = replace(item, mail=mail)
        for number, row in self._rows.notices.items():
            if row.state in (NoticeState.READY, NoticeState.HANDED) and row.not_before > now:
                self._rows.notices[number] = replace(row, not_before=max(now, row.not_before - back))
