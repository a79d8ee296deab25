"""How things stand: the counts of `status` and of the report, without walking through the ledger."""

from datetime import datetime

from ...core.cases import PRACTICE
from ...core.ledger import Flowed, Standing
from .database import Part, from_micros, maybe_time, to_micros

# SQLite walks a whole index for SELECT DISTINCT; this jumps from one client to the next.
CLIENTS = (
    "WITH RECURSIVE each (client) AS (SELECT min(client) FROM message UNION ALL "
    "SELECT (SELECT min(client) FROM message WHERE client > each.client) FROM each WHERE each.client IS NOT NULL) "
    "SELECT client, (SELECT max(received) FROM message m WHERE m.client = each.client) AS last, "
    "(SELECT count(*) FROM message m WHERE m.client = each.client AND m.received >= ?) AS today "
    "FROM each WHERE client IS NOT NULL"
)

# Answered from the index alone: no row is read.
FLOWED = (
    "SELECT min(received) AS first, max(received) AS last, count(*) AS messages FROM message "
    "INDEXED BY message_client WHERE client = ? AND received >= ? GROUP BY received / 3600000000 ORDER BY 1"
)


class StandingPart(Part):
    """Counts."""

    def standing(self, day_begins: datetime) -> Standing:
        """Everything counted at one moment: arrived is the sum of the outcomes."""
        with self._db.snapshot():
            return self._counted(day_begins)

    def _counted(self, day_begins: datetime) -> Standing:
        clients = self._db.rows(CLIENTS, to_micros(day_begins))
        queue = self._db.rows(
            "SELECT count(*) AS open, min(opened) AS oldest, "
            "coalesce(sum(escalates AND acknowledged_at IS NULL AND reason <> ?), 0) AS running "
            "FROM queue WHERE closed_at IS NULL",
            PRACTICE,
        )[0]
        return Standing(
            arrived=self._db.rows("SELECT count(*) AS n FROM message")[0]["n"],
            by_outcome=self._pairs("SELECT outcome, sum(messages) FROM tally WHERE messages > 0 GROUP BY outcome"),
            by_reason=self._pairs(
                "SELECT reason, sum(messages) FROM tally WHERE messages > 0 AND reason <> '' GROUP BY reason"
            ),
            outbox=self._pairs("SELECT state, mails FROM outbox_tally WHERE mails > 0"),
            open_cases=queue["open"],
            oldest_case=maybe_time(queue["oldest"]),
            escalations_open=queue["running"],
            last_mail={row["client"]: from_micros(row["last"]) for row in clients},
            today={row["client"]: row["today"] for row in clients if row["today"]},
            waiting=self._pairs("SELECT client, count(*) FROM queue WHERE closed_at IS NULL GROUP BY client"),
        )

    def flowed(self, client: str, since: datetime) -> tuple[Flowed, ...]:
        """What has come for this client since then, by the hour (UTC), oldest first; counts only."""
        rows = self._db.rows(FLOWED, client, to_micros(since))
        return tuple(Flowed(from_micros(r["first"]), from_micros(r["last"]), r["messages"]) for r in rows)

    def _pairs(self, sql: str) -> dict[str, int]:
        return {row[0]: row[1] for row in self._db.rows(sql)}
