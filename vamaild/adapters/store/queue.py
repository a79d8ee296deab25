"""The queue: what a person must look at, and the chain of notices that runs until somebody says "mine"."""

# ruff: noqa: S608 - what is put together here are constants of this package; every value is bound with ?

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

from ...core.cases import NewCase, QueueCase, joined
from ...core.ledger import Entry, StoreError
from .database import Connection, Part, Row, from_micros, maybe_micros, maybe_time, to_micros
from .handing import nobody_waits

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I O 0 1: a code is read aloud and typed on a phone
LENGTH = 4
TRIES = 100
CASE_COLUMNS = (
    "code, client, reason, note, who, subject, escalates, due, opened, message, step, acknowledged_at, "
    "acknowledged_by, closed_at, version, chain, joined, joins, damage, damages, people, fresh, could_wait, resolution"
)


def random_code() -> str:
    """A case code that tells nothing of how many there were before."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def to_case(row: Row) -> QueueCase:
    """A row of CASE_COLUMNS as a value."""
    case = NewCase(
        client=row["client"],
        reason=row["reason"],
        note=row["note"],
        who=row["who"],
        subject=row["subject"],
        escalates=bool(row["escalates"]),
        due=maybe_time(row["due"]),
        damage=row["damage"],
        people=bool(row["people"]),
        joins=bool(row["joins"]),
    )
    return QueueCase(
        code=row["code"],
        case=case,
        opened=from_micros(row["opened"]),
        message=row["message"],
        step=row["step"],
        acknowledged_at=maybe_time(row["acknowledged_at"]),
        acknowledged_by=row["acknowledged_by"],
        closed_at=maybe_time(row["closed_at"]),
        version=row["version"],
        chain=json.loads(row["chain"]),
        joined=row["joined"],
        damage=tuple(json.loads(row["damages"])),
        fresh=bool(row["fresh"]),
        could_wait=None if row["could_wait"] is None else bool(row["could_wait"]),
        resolution=row["resolution"],
    )


def add_case(
    db: Connection,
    new_code: Callable[[], str],
    case: NewCase,
    now: datetime,
    message: int | None,
    person: int | None = None,
) -> str:
    """Writes a case and returns its code. A chain without a first moment is due at once: it must reach somebody."""
    due = case.due or (now if case.escalates else None)
    with db.transaction():
        code = _free_code(db, new_code)
        db.rows(
            "INSERT INTO queue (code, client, reason, note, who, subject, escalates, due, opened, message, damage, "
            "damages, people, joins, person) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(code, case.client, case.reason, case.note, case.who, case.subject, int(case.escalates)),
            *(maybe_micros(due), to_micros(now), message, case.damage),
            *(json.dumps([case.damage] if case.damage else []), int(case.people), int(case.joins), person),
        )
        return code


def join_case(db: Connection, entry: Entry, person: int, marks: Sequence[int]) -> str:
    """The code of the open emergency of the same person about the same matter that takes this one in; "" for none.

    What it tells of for the first time is kept, and makes the case due: a new concrete damage changes things.
    """
    case = entry.case
    if case is None or not (case.escalates and case.joins):
        return ""
    row = db.row(
        f"SELECT {CASE_COLUMNS} FROM queue INDEXED BY queue_person WHERE person = ? AND client = ? "
        "AND closed_at IS NULL AND escalates = 1 AND joins = 1 AND message IN "
        "(SELECT message FROM matter WHERE person = ? AND mark IN (SELECT value FROM json_each(?))) "
        "ORDER BY id DESC LIMIT 1",
        *(person, case.client, person, json.dumps(marks)),
    )
    if row is None:
        return ""
    into = joined(to_case(row), case, entry.decided_at)
    db.rows(
        "UPDATE queue SET joined = ?, damages = ?, people = ?, reason = ?, fresh = ?, due = ?, version = version + 1 "
        "WHERE code = ?",
        *(into.joined, json.dumps(into.damage), int(into.case.people), into.case.reason, int(into.fresh)),
        *(maybe_micros(into.case.due), into.code),
    )
    return into.code


def _free_code(db: Connection, new_code: Callable[[], str]) -> str:
    for _ in range(TRIES):
        code = new_code()
        if not db.row("SELECT 1 FROM queue WHERE code = ?", code):
            return code
    raise StoreError(f"{db.path}: no free case code was found in {TRIES} tries")


class QueuePart(Part):
    """Cases and their chains."""

    def open_case(self, case: NewCase, now: datetime, message: int | None = None) -> str:
        """Opens a case and returns its code."""
        return add_case(self._db, self._new_code, case, now, message)

    def cases(self, everything: bool = False) -> tuple[QueueCase, ...]:
        """The open cases, or all of them, oldest first."""
        where = "" if everything else "WHERE closed_at IS NULL "
        rows = self._db.rows(f"SELECT {CASE_COLUMNS} FROM queue {where}ORDER BY opened, id")
        return tuple(to_case(row) for row in rows)

    def case(self, code: str) -> QueueCase | None:
        row = self._db.row(f"SELECT {CASE_COLUMNS} FROM queue WHERE code = ?", code)
        return to_case(row) if row else None

    def acknowledge(self, code: str, by: str, now: datetime) -> bool:
        """Whether this was the answer that took the case; False when it is unknown, closed or taken already."""
        sql = (
            "UPDATE queue SET acknowledged_at = ?, acknowledged_by = ?, version = version + 1 "
            "WHERE code = ? AND acknowledged_at IS NULL AND closed_at IS NULL RETURNING id"
        )
        return bool(self._db.write(sql, to_micros(now), by, code))

    def close_case(self, code: str, now: datetime) -> bool:
        """Whether an open case was closed by this."""
        sql = "UPDATE queue SET closed_at = ? WHERE code = ? AND closed_at IS NULL RETURNING id"
        with self._db.transaction():
            closed = bool(self._db.rows(sql, to_micros(now), code))
            if closed:
                nobody_waits(self._db, code)
            return closed
