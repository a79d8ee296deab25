"""The chains of the emergencies: where each stands, what happened, and the notices to our own people.

A notice is written before it is handed over and settled afterwards: what a crash leaves between is handed over again.
"""

# ruff: noqa: S608 - what is put together here are constants of this package; every value is bound with ?

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from ...core.cases import Advance, CaseEvent, NewNotice, NoticeRow, NoticeState, QueueCase
from ...core.ledger import StoreError
from .database import Part, Row, from_micros, maybe_micros, maybe_time, to_micros
from .handing import nobody_waits
from .history import person
from .queue import CASE_COLUMNS, to_case

NOTICE_COLUMNS = (
    "id, code, client, key, person, channel, round, why, about, practice, state, attempts, not_before, made_at, "
    "settled_at, detail, bundle"
)
WAITING = "state IN ('ready', 'handed')"
ASKED = "practice = 0 AND why NOT IN ('confirm', 'stand-down')"
# The message a round began with: the same for its other channels and for other cases in that message; '' when it waits.
OCCASION = (
    "(SELECT bundle FROM notice first INDEXED BY notice_code WHERE first.code = notice.code "
    "AND first.round = notice.round AND first.person = notice.person ORDER BY first.id LIMIT 1)"
)


def to_notice(row: Row) -> NoticeRow:
    """A row of NOTICE_COLUMNS as a value."""
    told = NewNotice(
        *(row["key"], row["person"], row["channel"], row["round"], row["why"], row["about"], bool(row["practice"]))
    )
    return NoticeRow(
        *(row["id"], row["code"], row["client"], told, NoticeState(row["state"]), row["attempts"]),
        *(from_micros(row["not_before"]), from_micros(row["made_at"]), maybe_time(row["settled_at"]), row["detail"]),
        bundle=row["bundle"],
    )


class ChainPart(Part):
    """What the chain of each case needs to be kept."""

    def watched(self) -> tuple[QueueCase, ...]:
        """The open cases that the clock concerns, the first due first."""
        rows = self._db.rows(
            f"SELECT {CASE_COLUMNS} FROM queue INDEXED BY queue_watched "
            "WHERE closed_at IS NULL AND (escalates = 1 OR due IS NOT NULL) ORDER BY due, id"
        )
        return tuple(to_case(row) for row in rows)

    def advance(self, code: str, version: int, to: Advance, now: datetime) -> bool:
        """Everything at once; False when the case has changed meanwhile."""
        with self._db.transaction():
            rows = self._db.rows(
                "UPDATE queue SET chain = ?, due = ?, acknowledged_by = ?, acknowledged_at = ?, closed_at = ?, "
                "could_wait = ?, resolution = ?, step = step + ?, fresh = 0, version = version + 1 "
                "WHERE code = ? AND version = ? AND closed_at IS NULL RETURNING client",
                *(json.dumps(dict(to.chain)), maybe_micros(to.due), to.held_by, maybe_micros(to.held_since)),
                *(maybe_micros(to.closed_at), None if to.could_wait is None else int(to.could_wait), to.resolution),
                *(to.asked, code, version),
            )
            if not rows:
                return False
            if to.closed_at:
                nobody_waits(self._db, code)
            for event in to.events:
                self._db.rows(
                    "INSERT INTO case_event (code, at, what, who, detail) VALUES (?, ?, ?, ?, ?)",
                    *(code, to_micros(event.at), event.what, event.who, event.detail),
                )
            for notice in to.notices:
                self._add_notice(code, rows[0]["client"], notice, now)
            return True

    def _add_notice(self, code: str, client: str, notice: NewNotice, now: datetime) -> None:
        self._db.rows(
            "INSERT INTO notice (code, client, key, person, channel, round, why, about, practice, state, not_before, "
            "made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'ready', ?, ?) ON CONFLICT (key) DO NOTHING",
            *(code, client, notice.key, notice.person, notice.channel, notice.round, notice.why, notice.about),
            *(int(notice.practice), to_micros(now), to_micros(now)),
        )

    def case_events(self, code: str) -> tuple[CaseEvent, ...]:
        rows = self._db.rows("SELECT at, what, who, detail FROM case_event WHERE code = ? ORDER BY id", code)
        return tuple(CaseEvent(from_micros(r["at"]), r["what"], r["who"], r["detail"]) for r in rows)

    def notices(self, code: str) -> tuple[NoticeRow, ...]:
        rows = self._db.rows(f"SELECT {NOTICE_COLUMNS} FROM notice WHERE code = ? ORDER BY id", code)
        return tuple(to_notice(row) for row in rows)

    def notices_ready(self, now: datetime) -> tuple[NoticeRow, ...]:
        rows = self._db.rows(
            f"SELECT {NOTICE_COLUMNS} FROM notice INDEXED BY notice_ready WHERE {WAITING} AND not_before <= ? "
            "ORDER BY not_before, id",
            to_micros(now),
        )
        return tuple(to_notice(row) for row in rows)

    def notice_handed(self, number: int, now: datetime, bundle: str = "") -> None:
        sql = "UPDATE notice SET state = 'handed', attempts = attempts + 1, bundle = ? WHERE id = ? RETURNING id"
        if not self._db.write(sql, bundle, number):
            raise StoreError(f"{self._db.path}: there is no notice {number}")

    def notice_settled(
        self, number: int, state: NoticeState, now: datetime, detail: str = "", retry_at: datetime | None = None
    ) -> None:
        settled = None if state in (NoticeState.READY, NoticeState.HANDED) else to_micros(now)
        sql = (
            "UPDATE notice SET state = ?, settled_at = ?, detail = ?, not_before = coalesce(?, not_before) "
            "WHERE id = ? RETURNING id"
        )
        if not self._db.write(sql, state.value, settled, detail, maybe_micros(retry_at), number):
            raise StoreError(f"{self._db.path}: there is no notice {number}")

    def notice_of(self, keys: Sequence[str]) -> NoticeRow | None:
        if not keys or self._db.empty("notice"):
            return None
        known = "SELECT value FROM json_each(?)"
        sql = f"SELECT {NOTICE_COLUMNS} FROM notice WHERE key IN ({known}) ORDER BY id DESC LIMIT 1"
        row = self._db.row(sql, json.dumps(list(keys)))
        return to_notice(row) if row else None

    def notices_in(self, bundle: str) -> tuple[NoticeRow, ...]:
        told = "notice INDEXED BY notice_bundle WHERE bundle = ? AND bundle <> ''"
        sql = f"SELECT {NOTICE_COLUMNS} FROM {told} ORDER BY id"
        return tuple(to_notice(row) for row in self._db.rows(sql, bundle))

    def told_since(self, person: str, channel: str, since: datetime) -> tuple[datetime, ...]:
        rows = self._db.rows(
            "SELECT min(settled_at) AS at FROM notice INDEXED BY notice_told WHERE person = ? AND settled_at >= ? "
            f"AND state = 'delivered' AND channel = ? AND {ASKED} GROUP BY bundle ORDER BY at",
            *(person, to_micros(since), channel),
        )
        return tuple(from_micros(row["at"]) for row in rows)

    def disturbances(self, client: str, since: datetime) -> Mapping[str, int]:
        rows = self._db.rows(
            f"SELECT person, count(DISTINCT {OCCASION}) AS n FROM notice INDEXED BY notice_made "
            f"WHERE client = ? AND made_at >= ? AND state NOT IN ('failed', 'dropped') AND {ASKED} "
            f"AND {OCCASION} <> '' GROUP BY person",
            *(client, to_micros(since)),
        )
        return {row["person"]: row["n"] for row in rows}

    def forget_chains(self, before: datetime) -> int:
        of = "WHERE code IN (SELECT code FROM queue WHERE closed_at < ?) RETURNING code"
        with self._db.transaction():
            gone = [self._db.rows(f"DELETE FROM {table} {of}", to_micros(before)) for table in ("notice", "case_event")]
        return len({row["code"] for rows in gone for row in rows})

    def cried_wolf(self, client: str, address: str, since: datetime) -> int:
        row = self._db.row(
            "SELECT count(*) AS n FROM queue INDEXED BY queue_wolf "
            "WHERE person = ? AND client = ? AND closed_at >= ? AND could_wait = 1 AND escalates = 1",
            *(person(address), client, to_micros(since)),
        )
        return int(row["n"]) if row else 0
