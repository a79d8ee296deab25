"""The messages that mails answer, many in one question (core/earlier.py)."""

import json
from collections.abc import Collection, Mapping

from ...core.earlier import Earlier
from .database import Part, Row, from_micros

EARLIER = (
    "SELECT id, client, mailbox, message_id, refs, subject, decided_at, outcome = 'escalated' AS alarm, "
    "EXISTS (SELECT 1 FROM promise WHERE promise.message = m.id AND state <> 'withdrawn') AS promised, "
    "EXISTS (SELECT 1 FROM rush WHERE request = m.id AND state <> 'withdrawn') AS offered, "
    "EXISTS (SELECT 1 FROM queue WHERE queue.message = m.id) AS has_case "
    "FROM message m WHERE id IN (SELECT value FROM json_each(?))"
)


def to_earlier(row: Row) -> Earlier:
    """A row of EARLIER as a value."""
    return Earlier(
        *(row["client"], row["mailbox"], row["message_id"], tuple(json.loads(row["refs"])), row["subject"]),
        *(from_micros(row["decided_at"]), bool(row["alarm"]), bool(row["promised"]), bool(row["offered"])),
        bool(row["has_case"]),
    )


class EarlierPart(Part):
    """`core.earlier.EarlierBook`."""

    def earlier(self, rows: Collection[int]) -> Mapping[int, Earlier]:
        if not rows:
            return {}
        return {row["id"]: to_earlier(row) for row in self._db.rows(EARLIER, json.dumps(list(rows)))}
