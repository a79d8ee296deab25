"""What corrections there were, the rules proposed from them, and the reports that somebody may answer."""

import json
from collections.abc import Sequence
from datetime import datetime

from ...core.learning import Correction, Kept, Proposal, Sheet, Standing
from ...core.ruleset import Kind
from .database import Part, Row, from_micros, maybe_micros, maybe_time, to_micros

CORRECTIONS = """
SELECT message, client, kind, at FROM correction WHERE at >= ?1
UNION ALL
SELECT outbox.message, draft_fate.client,
    CASE draft_fate.fate WHEN 'discarded' THEN 'information' END AS kind, max(draft_fate.at) AS at
  FROM draft_fate JOIN outbox ON outbox.id = draft_fate.item
  WHERE draft_fate.at >= ?1 AND outbox.message IS NOT NULL
    AND outbox.message NOT IN (SELECT message FROM correction WHERE at >= ?1)
  GROUP BY outbox.message
ORDER BY at, message
"""


def to_kept(row: Row) -> Kept:
    """A row of the table as a value."""
    values, messages = (tuple(json.loads(row[name])) for name in ("condition_values", "messages"))
    proposal = Proposal(row["client"], row["condition"], values, Kind(row["kind"]), messages)
    made, said = from_micros(row["made_at"]), maybe_time(row["said_at"])
    return Kept(row["id"], proposal, Standing(row["standing"]), made, said, row["said_by"])


class LearningPart(Part):
    """`core.learning.LearningBook`."""

    def correct(self, message: int, kind: Kind, by: str, at: datetime) -> bool:
        sql = (
            "INSERT OR REPLACE INTO correction (message, client, kind, said_by, at) "
            "SELECT id, client, ?, ?, ? FROM message WHERE id = ? RETURNING message"
        )
        return bool(self._db.write(sql, kind.value, by, to_micros(at), message))

    def corrections(self, since: datetime) -> tuple[Correction, ...]:
        rows = self._db.rows(CORRECTIONS, to_micros(since))
        kinds = ((row, Kind(row["kind"]) if row["kind"] else None) for row in rows)
        return tuple(Correction(r["message"], r["client"], kind, from_micros(r["at"])) for r, kind in kinds)

    def rows(self, client: str, since: datetime) -> tuple[int, ...]:
        sql = "SELECT id FROM message INDEXED BY message_decided WHERE client = ? AND decided_at >= ? ORDER BY id"
        return tuple(row["id"] for row in self._db.rows(sql, client, to_micros(since)))

    def propose(self, proposal: Proposal, now: datetime) -> int:
        made = self._db.write(
            "INSERT OR IGNORE INTO proposal (mark, client, condition, condition_values, kind, messages, made_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
            *(proposal.mark, proposal.client, proposal.condition, json.dumps(proposal.values, ensure_ascii=False)),
            *(proposal.kind.value, json.dumps(proposal.messages), to_micros(now)),
        )
        return int(made[0]["id"]) if made else 0

    def proposals(self) -> tuple[Kept, ...]:
        return tuple(to_kept(row) for row in self._db.rows("SELECT * FROM proposal ORDER BY id"))

    def answer_proposal(self, number: int, standing: Standing, by: str, now: datetime) -> bool:
        sql = (
            "UPDATE proposal SET standing = ?, said_by = ?, said_at = ? "
            "WHERE id = ? AND standing IN ('open', 'agreed') RETURNING id"
        )
        return bool(self._db.write(sql, standing.value, by, to_micros(now), number))

    def keep_sheet(self, sheet: Sheet) -> None:
        self._db.write(
            "INSERT OR REPLACE INTO sheet (key, client, addressee, at, questions, heard, asked) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(sheet.key, sheet.client, sheet.to, to_micros(sheet.at), json.dumps(sheet.questions)),
            *(maybe_micros(sheet.heard), int(sheet.asked)),
        )

    def sheet_of(self, ids: Sequence[str]) -> Sheet | None:
        if not ids or self._db.empty("sheet"):
            return None
        sql = "SELECT * FROM sheet WHERE key IN (SELECT value FROM json_each(?)) ORDER BY at DESC LIMIT 1"
        row = self._db.row(sql, json.dumps(list(ids)))
        if row is None:
            return None
        questions, heard = tuple(json.loads(row["questions"])), maybe_time(row["heard"])
        at = from_micros(row["at"])
        return Sheet(row["key"], row["client"], row["addressee"], at, questions, heard, bool(row["asked"]))
