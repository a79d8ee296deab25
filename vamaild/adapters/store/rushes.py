"""Rush offers: what was offered at which price, who said yes, and what may be invoiced.

Every change is one UPDATE that names the state it starts from, so that two who act at once cannot both succeed.
"""

# ruff: noqa: S608 - what is put together here are constants of this package; every value is bound with ?

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from ...core.rush import NewRush, Rush, RushState
from .database import Connection, Part, Row, from_micros, maybe_time, to_micros

MAY_END_FROM = {
    RushState.AGREED: (RushState.TAKEN,),
    RushState.REFUSED: (RushState.TAKEN, RushState.OFFERED),
    RushState.DECLINED: (RushState.OFFERED,),
    RushState.EXPIRED: (RushState.OFFERED,),
    RushState.WITHDRAWN: (RushState.OFFERED,),
}
LEFT = (
    "EXISTS (SELECT 1 FROM outbox WHERE outbox.key = rush.offer_key "
    "AND outbox.state IN ('claimed', 'sent', 'unconfirmed'))"
)


def to_rush(row: Row) -> Rush:
    """A row of the table as a value."""
    return Rush(
        id=row["id"],
        offer=to_offer(row),
        request=row["request"] or 0,
        offered_at=from_micros(row["offered_at"]),
        state=RushState(row["state"]),
        answer=row["answer"],
        taken_at=maybe_time(row["taken_at"]),
        taken_by=row["taken_by"],
        case=row["case_code"],
        ended_at=maybe_time(row["ended_at"]),
        hours=row["hours"],
        charged=bool(row["charged"]),
    )


def to_offer(row: Row) -> NewRush:
    """What was offered."""
    return NewRush(
        client=row["client"],
        to=row["recipient"],
        what=row["what"],
        percent=row["percent"],
        ready_at=from_micros(row["ready_at"]),
        accept_by=from_micros(row["accept_by"]),
        ordinary=from_micros(row["ordinary"]),
        offer_key=row["offer_key"],
        language=row["language"],
    )


def add_rush(db: Connection, rush: NewRush, request: int, now: datetime) -> None:
    """Writes an offer; the same mail offers once, in however many mailboxes the request lies."""
    db.write(
        "INSERT INTO rush (request, client, recipient, what, percent, ready_at, accept_by, ordinary, offer_key, "
        "language, offered_at, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'offered') "
        "ON CONFLICT (offer_key) DO NOTHING",
        *(request, rush.client, rush.to, rush.what, rush.percent, to_micros(rush.ready_at), to_micros(rush.accept_by)),
        *(to_micros(rush.ordinary), rush.offer_key, rush.language, to_micros(now)),
    )


def withdraw_rush(db: Connection, key: str) -> None:
    """The mail with this offer never left."""
    db.rows("UPDATE rush SET state = 'withdrawn' WHERE offer_key = ? AND state = 'offered'", key)


def find_offers(db: Connection, client: str, ids: Sequence[str]) -> tuple[Rush, ...]:
    """The offers of this client whose Message-ID is one of these; the latest last."""
    if not ids or db.empty("rush"):
        return ()
    rows = db.rows(
        "SELECT * FROM rush WHERE offer_key IN (SELECT value FROM json_each(?)) AND client = ? ORDER BY offered_at, id",
        *(json.dumps(list(ids)), client),
    )
    return tuple(to_rush(row) for row in rows)


def count_sold(db: Connection, client: str, since: datetime) -> int:
    """How many rushes of this client were taken or agreed, by the moment they were taken."""
    rows = db.kept(
        "rush",
        "SELECT count(*) AS n FROM rush INDEXED BY rush_sold "
        "WHERE client = ? AND taken_at >= ? AND state IN ('taken', 'agreed')",
        *(client, to_micros(since)),
    )
    return int(rows[0]["n"])


class RushPart(Part):
    """`core.rush.RushBook`."""

    def rush(self, number: int) -> Rush | None:
        return next(iter(self._rushes("WHERE id = ?", number)), None)

    def rush_of_case(self, code: str) -> Rush | None:
        """The offer whose "B" waits in this case for the assistant's yes."""
        which = "INDEXED BY rush_case WHERE case_code = ? AND state = 'taken' ORDER BY id DESC LIMIT 1"
        return next(iter(self._rushes(which, code)), None)

    def rushes(
        self, states: Sequence[RushState], *, client: str = "", to: Collection[str] | None = None
    ) -> tuple[Rush, ...]:
        """Oldest first; of one client, or of all; to these addresses (lower case), or to anybody."""
        rows = self._db.kept(
            "rush",
            "SELECT * FROM rush INDEXED BY rush_state WHERE state IN (SELECT value FROM json_each(?)) "
            "AND (? = '' OR client = ?) ORDER BY offered_at, id",
            *(json.dumps([state.value for state in states]), client, client),
        )
        return tuple(to_rush(row) for row in rows if to is None or row["recipient"].lower() in to)

    def unsent(self, keys: Collection[str]) -> frozenset[str]:
        """Those of these offers whose mail still waits, or is a draft."""
        rows = self._db.rows(
            "SELECT key FROM outbox WHERE key IN (SELECT value FROM json_each(?)) AND +state IN ('queued', 'draft')",
            json.dumps(list(keys)),
        )
        return frozenset(row["key"] for row in rows)

    def offers_in(self, client: str, ids: Sequence[str]) -> tuple[Rush, ...]:
        """The offers of this client, in any state, whose Message-ID is one of these; the latest last."""
        return find_offers(self._db, client, ids)

    def sold_since(self, client: str, since: datetime) -> int:
        """How many rushes of this client were taken or agreed since then, by the moment they were taken."""
        return count_sold(self._db, client, since)

    def take(self, number: int, answer: int, by: str, now: datetime, case: str) -> bool:
        """He said B. False when it was not `offered` any more, or its mail has not left."""
        sql = (
            "UPDATE rush SET state = 'taken', answer = ?, taken_by = ?, taken_at = ?, case_code = ? "
            f"WHERE id = ? AND state = 'offered' AND {LEFT} RETURNING id"
        )
        return bool(self._db.write(sql, answer, by, to_micros(now), case, number))

    def end_rush(
        self, number: int, state: RushState, now: datetime, *, hours: float | None = None, charged: bool = True
    ) -> bool:
        """False when it may not: AGREED only from TAKEN, REFUSED from TAKEN or OFFERED, all others from OFFERED."""
        before = json.dumps([each.value for each in MAY_END_FROM.get(state, ())])
        sql = (
            "UPDATE rush SET state = ?, ended_at = ?, hours = ?, charged = ? "
            "WHERE id = ? AND state IN (SELECT value FROM json_each(?)) RETURNING id"
        )
        return bool(self._db.write(sql, state.value, to_micros(now), hours, int(charged), number, before))

    def set_hours(self, number: int, hours: float | None, charged: bool) -> bool:
        """What the assistant enters for the invoice of an agreed rush. False when it is not agreed."""
        sql = "UPDATE rush SET hours = ?, charged = ? WHERE id = ? AND state = 'agreed' RETURNING id"
        return bool(self._db.write(sql, hours, int(charged), number))

    def offers_expired(self, now: datetime) -> tuple[Rush, ...]:
        """Still `offered`, and `accept_by` is past; the longest past first."""
        which = "INDEXED BY rush_accept_by WHERE state = 'offered' AND accept_by < ? ORDER BY accept_by, id"
        return self._rushes(which, to_micros(now))

    def _rushes(self, which: str, *values: str | int) -> tuple[Rush, ...]:
        return tuple(to_rush(row) for row in self._db.rows(f"SELECT * FROM rush {which}", *values))
