"""The ledger: how far each mailbox was read, every message that arrived and what was decided about it."""

# ruff: noqa: S608 - what is put together here are constants of this package; every value is bound with ?

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from ...core.ledger import Entry, NewCase, NewPromise, Outcome, Outgoing, Watermark
from ...core.rush import NewRush
from .database import Part, Row, from_micros, to_micros
from .history import answered_by, matter_marks, person, same_message
from .outbox import MAIL_COLUMNS, add_mail, to_item
from .promises import add_promise, to_promise
from .queue import CASE_COLUMNS, add_case, join_case, to_case
from .rushes import add_rush, to_offer

PLAIN = (
    *("mailbox", "uidvalidity", "uid", "fingerprint", "message_id", "size", "client", "address", "subject", "language"),
    *("kind", "action", "reason", "text_mark"),
)

# Rows are numbered as they are decided, so the newest need no index of their own; a page at a time, so that whoever
# reads them may write in between.
LAST_ROW = (1 << 63) - 1
NEWEST = "SELECT * FROM message WHERE id <= ? ORDER BY id DESC LIMIT 200"
# Not by its fingerprint alone: a message that could not be read has none, and there may be many of those.
PLACE = "message INDEXED BY message_place WHERE mailbox = ? AND uid = ? AND uidvalidity = ? AND fingerprint = ?"
STRAYS = 1_000  # a clock that was put back for a while hides nothing


def _place(entry: Entry) -> tuple[str, int, int, str]:
    return entry.mailbox, entry.uid, entry.uidvalidity, entry.fingerprint


class LedgerPart(Part):
    """Watermarks, messages and decisions, and when what runs by the clock has run."""

    def watermark(self, mailbox: str) -> Watermark | None:
        row = self._db.row("SELECT uidvalidity, uid FROM watermark WHERE mailbox = ?", mailbox)
        return Watermark(row["uidvalidity"], row["uid"]) if row else None

    def set_watermark(self, mailbox: str, mark: Watermark) -> None:
        self._db.write(
            "INSERT INTO watermark VALUES (?, ?, ?) ON CONFLICT (mailbox) "
            "DO UPDATE SET uidvalidity = excluded.uidvalidity, uid = excluded.uid",
            mailbox,
            mark.uidvalidity,
            mark.uid,
        )

    def known(self, mailbox: str, fingerprints: Sequence[str]) -> frozenset[str]:
        """Those of these fingerprints that stand in the ledger of this mailbox; "" is never known."""
        rows = self._db.rows(
            "SELECT DISTINCT fingerprint FROM message INDEXED BY message_fingerprint WHERE mailbox = ? "
            "AND fingerprint IN (SELECT value FROM json_each(?))",
            mailbox,
            json.dumps([f for f in fingerprints if f]),
        )
        return frozenset(row["fingerprint"] for row in rows)

    def displace(self, mailbox: str) -> None:
        self._db.write("UPDATE message SET uidvalidity = 0, uid = 0 WHERE mailbox = ? AND uid <> 0", mailbox)

    def found_again(self, mailbox: str, fingerprint: str, place: Watermark) -> bool:
        found = self._db.row(
            "SELECT id FROM message INDEXED BY message_fingerprint "
            "WHERE fingerprint = ? AND mailbox = ? AND uid = 0 ORDER BY id LIMIT 1",
            *(fingerprint, mailbox),
        )
        if found is None:
            return False
        sql = "UPDATE message SET uidvalidity = ?, uid = ?, marked = 0 WHERE id = ?"
        self._db.write(sql, place.uidvalidity, place.uid, found["id"])
        return True

    def record(self, entry: Entry) -> int:
        """Writes everything about one message; returns its row. The same message at the same place stays as it was."""
        with self._db.transaction():
            message = self._add_message(entry)
            if message is None:
                return int(self._db.rows(f"SELECT id FROM {PLACE}", *_place(entry))[0]["id"])
            self._add_marks(entry, message)
            code = self._case_for(entry, message)
            for mail in entry.outgoing:
                add_mail(self._db, mail, entry.decided_at, message, code, entry.address, entry.subject)
            if entry.promise:
                add_promise(self._db, entry.promise, message, entry.decided_at)
            if entry.rush:
                add_rush(self._db, entry.rush, message, entry.decided_at)
            return message

    def _case_for(self, entry: Entry, message: int) -> str:
        """The code of the case it opens, or joins; "" for none."""
        if entry.case is None:
            return ""
        marks = matter_marks(entry.client, entry.message_id, entry.references, entry.subject)
        joined = join_case(self._db, entry, person(entry.address), sorted(marks))
        if joined:
            return joined
        return add_case(self._db, self._new_code, entry.case, entry.decided_at, message, person(entry.address))

    def _add_message(self, entry: Entry) -> int | None:
        """Its row; None when this message at this place has one already."""
        rows = self._db.rows(
            "INSERT INTO message (mailbox, uidvalidity, uid, received, decided_at, size, client, address, language, "
            "kind, action, outcome, reason, fingerprint, message_id, refs, subject, explanation, text_mark) "
            "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? "
            f"WHERE NOT EXISTS (SELECT 1 FROM {PLACE}) RETURNING id",
            *(entry.mailbox, entry.uidvalidity, entry.uid, to_micros(entry.received), to_micros(entry.decided_at)),
            *(entry.size, entry.client, entry.address, entry.language, entry.kind, entry.action, entry.outcome.value),
            *(entry.reason, entry.fingerprint, entry.message_id, json.dumps(entry.references), entry.subject),
            *(json.dumps(dict(entry.explanation)), entry.text_mark, *_place(entry)),
        )
        return int(rows[0]["id"]) if rows else None

    def _add_marks(self, entry: Entry, message: int) -> None:
        marks = matter_marks(entry.client, entry.message_id, entry.references, entry.subject)
        if entry.message_id:
            marks |= {same_message(entry.message_id)}
        self._db.rows(
            "INSERT INTO matter SELECT ?, value, ? FROM json_each(?)",
            person(entry.address),
            message,
            json.dumps(sorted(marks)),
        )

    def unmarked(self, mailbox: str, uidvalidity: int) -> tuple[int, ...]:
        """UIDs that are decided but do not carry the keyword yet, lowest first."""
        rows = self._db.rows(
            "SELECT DISTINCT uid FROM message INDEXED BY message_unmarked "
            "WHERE mailbox = ? AND uidvalidity = ? AND marked = 0 ORDER BY uid",
            *(mailbox, uidvalidity),
        )
        return tuple(row["uid"] for row in rows)

    def marked(self, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> None:
        self._db.write(
            "UPDATE message INDEXED BY message_unmarked SET marked = 1 "
            "WHERE mailbox = ? AND uidvalidity = ? AND marked = 0 "
            "AND uid IN (SELECT value FROM json_each(?))",
            *(mailbox, uidvalidity, json.dumps(list(uids))),
        )

    def entry(self, row: int) -> Entry | None:
        """The message in this row with its mails, case, promise and offer as they stand now, if not withdrawn."""
        found = self._db.row("SELECT * FROM message WHERE id = ?", row)
        return self._to_entry(found) if found else None

    def find_entry(self, mailbox: str, uid: int) -> Entry | None:
        """The newest message that had this UID: after a change of UIDVALIDITY there may be several."""
        found = self._db.row(
            "SELECT * FROM message INDEXED BY message_place WHERE mailbox = ? AND uid = ? ORDER BY id DESC LIMIT 1",
            mailbox,
            uid,
        )
        return self._to_entry(found) if found else None

    def decided_between(self, after: datetime, until: datetime) -> Iterator[Entry]:
        """The newest first, down the rows as they were written; STRAYS older ones in a row end it."""
        first, last = to_micros(after), to_micros(until)
        row_id, strays = LAST_ROW, 0
        while rows := self._db.rows(NEWEST, row_id):
            for row in rows:
                strays = strays + 1 if row["decided_at"] < first else 0
                if strays > STRAYS:
                    return
                if first <= row["decided_at"] < last:
                    yield self._to_entry(row)
            row_id = rows[-1]["id"] - 1

    def _to_entry(self, row: Row) -> Entry:
        return Entry(
            **{name: row[name] for name in PLAIN},
            references=tuple(json.loads(row["refs"])),
            received=from_micros(row["received"]),
            decided_at=from_micros(row["decided_at"]),
            outcome=Outcome(row["outcome"]),
            explanation=json.loads(row["explanation"]),
            outgoing=self._mails(row["id"]),
            case=self._case(row["id"]),
            promise=self._promise(row["id"]),
            rush=self._rush(row["id"]),
        )

    def _mails(self, message: int) -> tuple[Outgoing, ...]:
        rows = self._db.rows(f"SELECT {MAIL_COLUMNS} FROM outbox WHERE message = ? ORDER BY id", message)
        return tuple(to_item(row).mail for row in rows)

    def _case(self, message: int) -> NewCase | None:
        row = self._db.row(f"SELECT {CASE_COLUMNS} FROM queue WHERE message = ? ORDER BY id LIMIT 1", message)
        return to_case(row).case if row else None

    def _promise(self, message: int) -> NewPromise | None:
        sql = "SELECT * FROM promise WHERE message = ? AND state <> 'withdrawn' ORDER BY id LIMIT 1"
        row = self._db.row(sql, message)
        return to_promise(row).promise if row else None

    def _rush(self, message: int) -> NewRush | None:
        sql = "SELECT * FROM rush WHERE request = ? AND state <> 'withdrawn' ORDER BY id LIMIT 1"
        row = self._db.row(sql, message)
        return to_offer(row) if row else None

    def answers(self, client: str, ids: Sequence[str], people: Sequence[str]) -> frozenset[str]:
        """Those of these messages that one of these people answered in a mail that stands in the ledger."""
        return answered_by(self._db, client, ids, people)

    def reports_since(self, since: datetime) -> int:
        """How many delivery reports were decided since then, as far as a thousand."""
        sql = (
            "SELECT count(*) AS n FROM (SELECT 1 FROM message INDEXED BY message_reports "
            "WHERE reason = 'report' AND decided_at >= ? LIMIT 1000)"
        )
        return int(self._db.rows(sql, to_micros(since))[0]["n"])

    def last_run(self, name: str) -> datetime | None:
        row = self._db.row("SELECT at FROM run WHERE name = ?", name)
        return from_micros(row["at"]) if row else None

    def ran(self, name: str, now: datetime) -> None:
        self._db.write(
            "INSERT INTO run VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET at = excluded.at", name, to_micros(now)
        )
