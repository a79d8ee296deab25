"""Promises: what was told to whom, until when, and whether it was kept."""

import json
from collections.abc import Sequence
from datetime import datetime

from ...core.ledger import StoreError
from ...core.promise import NewPromise, Promise, PromiseState
from .database import Connection, Part, Row, from_micros, maybe_micros, maybe_time, to_micros


def to_promise(row: Row) -> Promise:
    """A row of the table as a value."""
    told = NewPromise(
        client=row["client"],
        to=row["recipient"],
        due=from_micros(row["due"]),
        template=row["template"],
        what=row["what"],
        owner=row["owner"],
        remind_at=maybe_time(row["remind_at"]),
        hour=bool(row["hour"]),
    )
    return Promise(
        id=row["id"],
        promise=told,
        message=row["message"] or 0,
        made_at=from_micros(row["made_at"]),
        state=PromiseState(row["state"]),
        reminded_at=maybe_time(row["reminded_at"]),
        ended_at=maybe_time(row["ended_at"]),
    )


def add_promise(db: Connection, promise: NewPromise, message: int, now: datetime) -> int:
    """Writes a promise and returns its number."""
    rows = db.write(
        "INSERT INTO promise (message, client, recipient, due, template, what, owner, remind_at, hour, made_at, state) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open') RETURNING id",
        *(message, promise.client, promise.to, to_micros(promise.due), promise.template, promise.what, promise.owner),
        *(maybe_micros(promise.remind_at), int(promise.hour), to_micros(now)),
    )
    return int(rows[0]["id"])


def withdraw_promise(db: Connection, message: int, template: str) -> None:
    """The reply with this text never left, so its date was told nobody."""
    db.rows(
        "UPDATE promise SET state = 'withdrawn' WHERE message = ? AND template = ? AND state = 'open'",
        *(message, template),
    )


class PromisePart(Part):
    """`core.promise.PromiseBook`."""

    def promises(self, *, open_only: bool = True, client: str = "") -> tuple[Promise, ...]:
        """By due moment, the first due first; of one client, or of all."""
        which = "INDEXED BY promise_open WHERE state = 'open'" if open_only else "WHERE 1"
        return self._promises(f"{which} AND (? = '' OR client = ?) ORDER BY due, id", client, client)

    def promise(self, number: int) -> Promise | None:
        return next(iter(self._promises("WHERE id = ?", number)), None)

    def promises_of(self, messages: Sequence[int]) -> tuple[Promise, ...]:
        """The open promises made in answers to these ledger rows, the first due first."""
        return self._promises(
            "INDEXED BY promise_message WHERE message IN (SELECT value FROM json_each(?)) AND state = 'open' "
            "ORDER BY due, id",
            json.dumps(list(messages)),
        )

    def reminders_due(self, now: datetime) -> tuple[Promise, ...]:
        """Open promises whose reminder is due and was not given, the longest overdue first."""
        return self._promises(
            "INDEXED BY promise_reminder WHERE state = 'open' AND reminded_at IS NULL AND remind_at <= ? "
            "ORDER BY remind_at, id",
            to_micros(now),
        )

    def reminded(self, number: int, now: datetime) -> None:
        """The reminder was given. Raises StoreError when there is no such promise."""
        if not self._db.write("UPDATE promise SET reminded_at = ? WHERE id = ? RETURNING id", to_micros(now), number):
            raise StoreError(f"{self._db.path}: there is no promise {number}")

    def add_promise(self, promise: NewPromise, message: int, now: datetime) -> int:
        """A promise made later than the first answer to a message; returns its number.

        Raises StoreError when there is no such message.
        """
        return add_promise(self._db, promise, message, now)

    def end_promise(self, number: int, state: PromiseState, now: datetime) -> bool:
        """False when it was not open, or `state` is no end."""
        if state is PromiseState.OPEN:
            return False
        sql = "UPDATE promise SET state = ?, ended_at = ? WHERE id = ? AND state = 'open' RETURNING id"
        return bool(self._db.write(sql, state.value, to_micros(now), number))

    def _promises(self, which: str, *values: str | int) -> tuple[Promise, ...]:
        return tuple(to_promise(row) for row in self._db.rows(f"SELECT * FROM promise {which}", *values))  # noqa: S608
