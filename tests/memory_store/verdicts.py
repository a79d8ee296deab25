"""What the store in memory keeps of people's verdicts."""

from dataclasses import replace
from datetime import datetime

from tests.memory_store.rows import Base, aware
from vamaild.core.cases import QueueCase
from vamaild.core.verdicts import CaseVerdict


class VerdictRows(Base):
    def verdict(self, code: str, who: str, could_wait: bool, at: datetime) -> bool:
        aware(at)
        case = self._rows.cases.get(code)
        if case is None or not case.closed_at or not case.case.escalates:
            return False
        self._rows.cases[code] = replace(case, could_wait=could_wait)
        self._rows.verdicts[code, who] = CaseVerdict(code, case.case.client, who, could_wait, at)
        return True

    def outcome(self, message: int, could_wait: bool, who: str, at: datetime) -> bool:
        aware(at)
        if message not in self._rows.messages:
            return False
        self._rows.outcomes[message] = could_wait
        return True

    def verdicts(self, client: str, since: datetime, until: datetime) -> tuple[CaseVerdict, ...]:
        found = (v for v in self._rows.verdicts.values() if v.client == client and since <= v.at < until)
        return tuple(sorted(found, key=lambda v: (v.at, v.code)))

    def judged_cases(self, client: str, since: datetime) -> tuple[QueueCase, ...]:
        ours = (c for c in self._rows.cases.values() if c.case.client == client and c.case.escalates)
        over = [(c.closed_at, c) for c in ours if c.closed_at and c.closed_at >= since and c.case.reason != "practice"]
        return tuple(c for _, c in sorted(over, key=lambda pair: pair[0]))
