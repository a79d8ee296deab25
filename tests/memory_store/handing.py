"""What the store in memory keeps of handing over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.memory_store.ledger import LedgerRows
from tests.memory_store.matter import matter
from tests.memory_store.rows import aware
from vamaild.core.handover import Consent, Forward, Said, Stage
from vamaild.core.ledger import Entry, Outcome
from vamaild.core.resolve import Resolved, Urgent, surer

CALM = ("information", "automatic", "hostile", "")


class HandingRows(LedgerRows):
    def ask_consent(self, consent: Consent) -> None:
        aware(consent.asked_at)
        self._rows.consents[consent.client, consent.email.lower()] = consent

    def consents(self, client: str = "") -> tuple[Consent, ...]:
        return tuple(c for _, c in sorted(self._rows.consents.items()) if client in ("", c.client))

    def consent_of(self, keys: Sequence[str]) -> Consent | None:
        found = [c for c in self._rows.consents.values() if c.key in keys]
        return max(found, key=lambda c: c.asked_at, default=None)

    def answer_consent(self, key: str, said: Said, now: datetime) -> bool:
        found = next((at for at, c in self._rows.consents.items() if c.key == key), None)
        if found is None:
            return False
        self._rows.consents[found] = replace(self._rows.consents[found], said=said, said_at=now)
        return True

    def add_forward(self, forward: Forward) -> int:
        known = next((f.id for f in self._rows.forwards.values() if f.reply_key == forward.reply_key), 0)
        number = known or len(self._rows.forwards) + 1
        self._rows.forwards.setdefault(number, replace(forward, id=number))
        return number

    def forward(self, number: int) -> Forward | None:
        return self._rows.forwards.get(number)

    def forwards(self, stages: Sequence[Stage], client: str = "") -> tuple[Forward, ...]:
        return tuple(f for f in self._rows.forwards.values() if f.stage in stages and client in ("", f.client))

    def offers_made(self, client: str, keys: Sequence[str]) -> tuple[Forward, ...]:
        return tuple(f for f in self._rows.forwards.values() if f.client == client and f.reply_key in keys)

    def move_forward(self, forward: Forward, before: Stage) -> bool:
        old = self._rows.forwards.get(forward.id)
        if old is None or old.stage is not before:
            return False
        self._rows.forwards[forward.id] = forward
        return True

    def packed(self, key: str, forward: int, email: str, now: datetime) -> None:
        self._rows.packets.setdefault(key, (forward, email, now))

    def forward_of(self, keys: Sequence[str]) -> tuple[Forward, str] | None:
        found = [p for key, p in self._rows.packets.items() if key in keys]
        if not found:
            return None
        number, email, _ = max(enumerate(found), key=lambda p: (p[1][2], p[0]))[1]
        return self._rows.forwards[number], email

    def packets_since(self, email: str, since: datetime) -> int:
        return sum(e.lower() == email.lower() and at >= since for _, e, at in self._rows.packets.values())

    def resolve(self, message: int, how: Resolved, now: datetime) -> bool:
        aware(now)
        if message not in self._rows.messages or not surer(how, self.resolution(message)):
            return False
        self._rows.resolutions[message] = how
        for code, case in self._rows.cases.items():
            if case.message == message and not case.closed_at and not case.case.escalates:
                self._rows.cases[code] = replace(case, closed_at=now, version=case.version + 1)
        entry = self._rows.messages[message]
        if entry.outcome is Outcome.WAITING and not self._open(message):
            ended = (Outcome.ANSWERED, "") if how is Resolved.ANSWERED else (Outcome.NO_REPLY, "resolved")
            self._rows.messages[message] = replace(entry, outcome=ended[0], reason=ended[1])
        return True

    def resolution(self, message: int) -> Resolved | None:
        return self._rows.resolutions.get(message)

    def urgent(self, client: str, since: datetime, until: datetime) -> tuple[Urgent, ...]:
        found = [
            self._urgent(row, e)
            for row, e in self._rows.messages.items()
            if e.client == client and since <= e.received < until and _is_urgent(e)
        ]
        return tuple(sorted(found, key=lambda u: (u.received, u.message)))

    def _urgent(self, row: int, entry: Entry) -> Urgent:
        verdicts = [c.could_wait for c in self._rows.cases.values() if c.message == row and c.could_wait is not None]
        verdict = all(verdicts) if verdicts else self._rows.outcomes.get(row)
        return Urgent(row, entry.address, entry.subject, entry.received, self.resolution(row), verdict)

    def matter_rows(
        self, client: str, address: str, message_id: str, references: Sequence[str], subject: str
    ) -> tuple[int, ...]:
        wanted = matter(message_id, tuple(references), subject)
        found = [
            (e.received, row)
            for row, e in self._rows.messages.items()
            if (e.client, e.address.lower()) == (client, address.lower())
            and wanted & matter(e.message_id, e.references, e.subject)
        ]
        return tuple(row for _, row in sorted(found))


def _is_urgent(entry: Entry) -> bool:
    if entry.kind in CALM:
        return False
    return entry.kind in ("emergency", "rush-request") or entry.explanation.get("stated_urgency") is True
