"""A week of the ledger for the report: every question is answered from an index, so that it costs what the week holds.

`arrival` counts messages as they come in, minute by minute, and is never counted down: what was deleted since shows.
"""

# ruff: noqa: S608 - what is put together here are constants of this package; every value is bound with ?

from collections.abc import Iterator
from datetime import datetime

from ...core.cases import PRACTICE
from ...core.letter import clean
from ...core.report_rows import Alarm, Gathered, Row
from ...core.resolve import Resolved
from ...core.rush import RushState
from ...core.trust import Fate
from .database import Part, from_micros, maybe_time, to_micros
from .database import Row as Record
from .promises import to_promise
from .rushes import to_rush

MINUTE = 60_000_000
SHOWN = 120
CASES = "FROM queue INDEXED BY queue_message WHERE queue.message = m.id AND queue.reason <> 'practice'"
DRAFTED = "EXISTS (SELECT 1 FROM draft_fate WHERE draft_fate.item = outbox.id AND fate <> 'discarded')"
SENT = "SELECT min(sent_at) FROM outbox WHERE outbox.message = m.id AND sort = 'courtesy' AND state = 'sent' AND"
ROWS = f"""SELECT m.id, m.client, m.received, m.kind, m.outcome, m.reason, m.action, m.subject,
  json_extract(m.explanation, '$.who') AS who,
  json_extract(m.explanation, '$.stated_urgency') AS stated,
  json_extract(m.explanation, '$.deadline') AS deadline,
  m.refs <> '[]' OR instr(coalesce(json_extract(m.explanation, '$.new_text'), ''), '?') > 0 AS asks,
  ({SENT} NOT {DRAFTED}) AS replied_at,
  ({SENT} {DRAFTED}) AS drafted_at,
  (SELECT min(ended_at) FROM promise WHERE promise.message = m.id AND state IN ('kept', 'late')) AS kept_at,
  resolution.how AS how, resolution.at AS how_at,
  (SELECT max(escalates) {CASES}) AS alarmed,
  coalesce((SELECT min(could_wait) {CASES}),
    (SELECT could_wait FROM outcome WHERE outcome.message = m.id)) AS could_wait,
  (SELECT state FROM rush INDEXED BY rush_request WHERE request = m.id ORDER BY rush.id DESC LIMIT 1) AS rush,
  EXISTS (SELECT 1 FROM forward INDEXED BY forward_message
    WHERE forward.message = m.id AND stage IN ('agreed', 'handed', 'taken', 'done')) AS handed
FROM message m INDEXED BY message_decided LEFT JOIN resolution ON resolution.message = m.id
WHERE m.client = ? AND m.decided_at >= ? AND m.decided_at < ? ORDER BY m.decided_at, m.id"""
ALARMS = """SELECT code, client, coalesce(message, 0) AS message, who, subject, opened, closed_at, could_wait,
  acknowledged_at, acknowledged_by,
  (SELECT min(at) FROM case_event WHERE case_event.code = queue.code AND what = 'asked') AS told_at,
  (SELECT at FROM case_event WHERE case_event.code = queue.code AND what = 'taken' ORDER BY id LIMIT 1) AS taken_at,
  (SELECT case_event.who FROM case_event WHERE case_event.code = queue.code AND what = 'taken'
    ORDER BY id LIMIT 1) AS taken_by
FROM queue INDEXED BY queue_opened
WHERE escalates = 1 AND opened >= ? AND opened < ? AND reason <> ? AND ? IN ('', client) ORDER BY opened, id"""


class WeekPart(Part):
    """`core.report_rows.WeekBook`."""

    def week(self, client: str, since: datetime, until: datetime) -> Gathered:
        first, last = to_micros(since), to_micros(until)
        with self._db.snapshot():
            counted = self._week_counted(client, first, last)
            return Gathered(
                since,
                until,
                sum(counted.values()),
                tuple(row for one in counted for row in self._week_rows(one, first, last)),
                tuple(map(to_rush, self._week_offers(client, first, last))),
                tuple(map(to_promise, self._week_due(client, first, last))),
                tuple(self._week_alarms(client, first, last)),
                tuple(self._week_solved(client, first, last)),
                tuple(self._week_fates(client, first, last)),
            )

    def _week_counted(self, client: str, first: int, last: int) -> dict[str, int]:
        """How many messages came, by client, as they were counted then; and the clients of rows nobody counted."""
        rows = self._db.rows(
            "SELECT client, sum(messages) AS n FROM arrival WHERE minute >= ? AND minute < ? AND ? IN ('', client) "
            "GROUP BY client",
            *(first // MINUTE, last // MINUTE, client),
        )
        return {row["client"]: row["n"] for row in rows} or {client: 0}

    def _week_rows(self, client: str, first: int, last: int) -> Iterator[Row]:
        return map(_to_row, self._db.rows(ROWS, client, first, last))

    def _week_offers(self, client: str, first: int, last: int) -> list[Record]:
        """Offered in this time, or taken in it."""
        states = ", ".join(f"'{state}'" for state in RushState)
        return self._db.rows(
            "SELECT * FROM rush WHERE ?1 IN ('', client) AND id IN (SELECT id FROM rush INDEXED BY rush_state "
            f"WHERE state IN ({states}) AND offered_at >= ?2 AND offered_at < ?3 UNION SELECT id FROM rush "
            "INDEXED BY rush_taken WHERE taken_at >= ?2 AND taken_at < ?3) ORDER BY id",
            *(client, first, last),
        )

    def _week_due(self, client: str, first: int, last: int) -> list[Record]:
        return self._db.rows(
            "SELECT * FROM promise INDEXED BY promise_due WHERE due >= ? AND due < ? AND ? IN ('', client) "
            "ORDER BY due, id",
            *(first, last, client),
        )

    def _week_alarms(self, client: str, first: int, last: int) -> Iterator[Alarm]:
        for row in self._db.rows(ALARMS, first, last, PRACTICE, client):
            verdicts = self._db.rows("SELECT who, could_wait FROM verdict WHERE code = ? ORDER BY at, who", row["code"])
            told = tuple((v["who"], bool(v["could_wait"])) for v in verdicts)
            yield Alarm(
                *(row["code"], row["client"], row["message"], row["who"], row["subject"], from_micros(row["opened"])),
                maybe_time(row["told_at"]),
                maybe_time(row["taken_at"] or row["acknowledged_at"]),
                row["taken_by"] or row["acknowledged_by"],
                maybe_time(row["closed_at"]),
                None if row["could_wait"] is None else bool(row["could_wait"]),
                told,
            )

    def _week_solved(self, client: str, first: int, last: int) -> Iterator[tuple[int, Resolved]]:
        rows = self._db.rows(
            "SELECT resolution.message, how FROM resolution INDEXED BY resolution_at "
            "JOIN message ON message.id = resolution.message WHERE at >= ? AND at < ? AND ? IN ('', client) "
            "ORDER BY at, resolution.message",
            *(first, last, client),
        )
        return ((row["message"], Resolved(row["how"])) for row in rows)

    def _week_fates(self, client: str, first: int, last: int) -> Iterator[tuple[int, Fate]]:
        rows = self._db.rows(
            "SELECT coalesce(outbox.message, 0) AS message, fate FROM draft_fate INDEXED BY draft_fate_at "
            "LEFT JOIN outbox ON outbox.id = draft_fate.item WHERE at >= ? AND at < ? AND ? IN ('', draft_fate.client) "
            "ORDER BY at, draft_fate.id",
            *(first, last, client),
        )
        return ((row["message"], Fate(row["fate"])) for row in rows)


def _to_row(row: Record) -> Row:
    answered = row["how_at"] if row["how"] == Resolved.ANSWERED else None
    person = [at for at in (row["drafted_at"], row["kept_at"], answered) if at is not None]
    return Row(
        *(row["id"], row["client"], from_micros(row["received"]), row["kind"], row["outcome"], row["reason"]),
        *(row["action"], clean(row["subject"], SHOWN), clean(str(row["who"] or ""), SHOWN), bool(row["stated"])),
        deadline=_moment(row["deadline"]),
        asks=bool(row["asks"]),
        replied_at=maybe_time(row["replied_at"]),
        person_at=from_micros(min(person)) if person else None,
        resolved=Resolved(row["how"]) if row["how"] else None,
        alarmed=bool(row["alarmed"]),
        could_wait=None if row["could_wait"] is None else bool(row["could_wait"]),
        rush=RushState(row["rush"]) if row["rush"] else None,
        handed=bool(row["handed"]),
    )


def _moment(value: object) -> datetime | None:
    """The date the sender gave, as the ledger keeps it; what nobody can read is none."""
    try:
        found = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None
