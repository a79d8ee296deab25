"""What people said afterwards: could it have waited?"""

# ruff: noqa: S608 - what is put together here are constants of this package; every value is bound with ?

from datetime import datetime

from ...core.cases import PRACTICE, QueueCase
from ...core.verdicts import CaseVerdict
from .database import Part, from_micros, to_micros
from .queue import CASE_COLUMNS, to_case


class VerdictPart(Part):
    """`core.verdicts.VerdictBook`."""

    def verdict(self, code: str, who: str, could_wait: bool, at: datetime) -> bool:
        with self._db.transaction():
            judged = self._db.rows(
                "UPDATE queue SET could_wait = ? WHERE code = ? AND escalates = 1 AND closed_at IS NOT NULL "
                "RETURNING client",
                *(int(could_wait), code),
            )
            if judged:
                self._db.rows(
                    "INSERT OR REPLACE INTO verdict (code, client, who, could_wait, at) VALUES (?, ?, ?, ?, ?)",
                    *(code, judged[0]["client"], who, int(could_wait), to_micros(at)),
                )
            return bool(judged)

    def outcome(self, message: int, could_wait: bool, who: str, at: datetime) -> bool:
        kept = self._db.rows(
            "INSERT OR REPLACE INTO outcome (message, could_wait, who, at) "
            "SELECT id, ?, ?, ? FROM message WHERE id = ? RETURNING message",
            *(int(could_wait), who, to_micros(at), message),
        )
        return bool(kept)

    def verdicts(self, client: str, since: datetime, until: datetime) -> tuple[CaseVerdict, ...]:
        rows = self._db.rows(
            "SELECT * FROM verdict INDEXED BY verdict_given WHERE client = ? AND at >= ? AND at < ? ORDER BY at, code",
            *(client, to_micros(since), to_micros(until)),
        )
        return tuple(
            CaseVerdict(r["code"], r["client"], r["who"], bool(r["could_wait"]), from_micros(r["at"])) for r in rows
        )

    def judged_cases(self, client: str, since: datetime) -> tuple[QueueCase, ...]:
        rows = self._db.rows(
            f"SELECT {CASE_COLUMNS} FROM queue INDEXED BY queue_closed "
            "WHERE client = ? AND closed_at >= ? AND escalates = 1 AND reason <> ? ORDER BY closed_at, id",
            *(client, to_micros(since), PRACTICE),
        )
        return tuple(to_case(row) for row in rows)
