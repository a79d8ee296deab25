"""Handing over: what colleagues said, the matters that go to them, the packets they were sent, how messages ended."""

import json
from collections.abc import Sequence
from datetime import datetime

from ...core.handover import Consent, Forward, Said, Stage
from ...core.resolve import Resolved, Urgent, surer
from .database import Connection, Part, Row, Value, from_micros, maybe_micros, maybe_time, to_micros
from .history import matter_marks, person

FORWARD_COLUMNS = (
    "client, message, customer, email, reply_key, told_in, stage, made_at, handed_at, due, ended_at, tried"
)
URGENT = (
    "kind NOT IN ('information', 'automatic', 'hostile', '') "
    "AND (kind IN ('emergency', 'rush-request') OR json_extract(explanation, '$.stated_urgency') = 1)"
)


def to_consent(row: Row) -> Consent:
    """A row of the table as a value."""
    asked, said = from_micros(row["asked_at"]), maybe_time(row["said_at"])
    return Consent(row["client"], row["email"], row["name"], row["key"], asked, Said(row["said"]), said)


def to_forward(row: Row) -> Forward:
    """A row of the table as a value."""
    return Forward(
        *(row["client"], row["message"] or 0, row["customer"], row["email"], row["reply_key"], row["told_in"] or 0),
        *(Stage(row["stage"]), from_micros(row["made_at"]), row["id"], maybe_time(row["handed_at"])),
        *(maybe_time(row["due"]), maybe_time(row["ended_at"]), tuple(json.loads(row["tried"]))),
    )


def nobody_waits(db: Connection, code: str) -> None:
    """A case was closed: its message waits for nobody any more, unless something else about it is open."""
    db.rows(
        "UPDATE message SET outcome = 'answered', reason = '' WHERE outcome = 'waiting' "
        "AND id = (SELECT message FROM queue WHERE code = ?) "
        "AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.message = message.id AND closed_at IS NULL) "
        "AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.message = message.id AND state = 'draft')",
        code,
    )


class HandingPart(Part):
    """`core.handover.HandingBook`."""

    def ask_consent(self, consent: Consent) -> None:
        """A question before it counts no more."""
        self._db.write(
            "INSERT OR REPLACE INTO consent (client, email, name, key, asked_at, said, said_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(consent.client, consent.email, consent.name, consent.key, to_micros(consent.asked_at)),
            *(consent.said.value, maybe_micros(consent.said_at)),
        )

    def consents(self, client: str = "") -> tuple[Consent, ...]:
        sql = "SELECT * FROM consent WHERE ? IN ('', client) ORDER BY client, email"
        rows = self._db.kept("consent", sql, client)
        return tuple(to_consent(row) for row in rows)

    def consent_of(self, keys: Sequence[str]) -> Consent | None:
        if not keys or self._db.empty("consent"):
            return None
        row = self._db.row(
            "SELECT * FROM consent WHERE key IN (SELECT value FROM json_each(?)) ORDER BY asked_at DESC",
            json.dumps(list(keys)),
        )
        return to_consent(row) if row else None

    def answer_consent(self, key: str, said: Said, now: datetime) -> bool:
        """False when nobody was asked in this mail, or he was asked again since."""
        sql = "UPDATE consent SET said = ?, said_at = ? WHERE key = ? RETURNING key"
        return bool(self._db.write(sql, said.value, to_micros(now), key))

    def add_forward(self, forward: Forward) -> int:
        with self._db.transaction():
            self._db.rows(
                f"INSERT INTO forward ({FORWARD_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608
                "ON CONFLICT (reply_key) DO NOTHING",
                *_values(forward),
            )
            return int(self._db.rows("SELECT id FROM forward WHERE reply_key = ?", forward.reply_key)[0]["id"])

    def forward(self, number: int) -> Forward | None:
        row = self._db.row("SELECT * FROM forward WHERE id = ?", number)
        return to_forward(row) if row else None

    def forwards(self, stages: Sequence[Stage], client: str = "") -> tuple[Forward, ...]:
        """Oldest first."""
        rows = self._db.rows(
            "SELECT * FROM forward WHERE stage IN (SELECT value FROM json_each(?)) AND ? IN ('', client) ORDER BY id",
            *(json.dumps([stage.value for stage in stages]), client),
        )
        return tuple(to_forward(row) for row in rows)

    def offers_made(self, client: str, keys: Sequence[str]) -> tuple[Forward, ...]:
        if not keys or self._db.empty("forward"):
            return ()
        rows = self._db.rows(
            "SELECT * FROM forward WHERE reply_key IN (SELECT value FROM json_each(?)) AND client = ? ORDER BY id",
            *(json.dumps(list(keys)), client),
        )
        return tuple(to_forward(row) for row in rows)

    def move_forward(self, forward: Forward, before: Stage) -> bool:
        """False when it is not in the stage `before` any more."""
        rows = self._db.write(
            f"UPDATE forward SET ({FORWARD_COLUMNS}) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608
            "WHERE id = ? AND stage = ? RETURNING id",
            *(*_values(forward), forward.id, before.value),
        )
        return bool(rows)

    def packed(self, key: str, forward: int, email: str, now: datetime) -> None:
        self._db.write("INSERT OR IGNORE INTO packet VALUES (?, ?, ?, ?)", key, forward, email, to_micros(now))

    def forward_of(self, keys: Sequence[str]) -> tuple[Forward, str] | None:
        if not keys or self._db.empty("packet"):
            return None
        row = self._db.row(
            "SELECT forward.*, packet.email AS asked FROM packet JOIN forward ON forward.id = packet.forward "
            "WHERE packet.key IN (SELECT value FROM json_each(?)) ORDER BY packet.at DESC, packet.rowid DESC",
            json.dumps(list(keys)),
        )
        return (to_forward(row), row["asked"]) if row else None

    def packets_since(self, email: str, since: datetime) -> int:
        rows = self._db.rows("SELECT count(*) AS n FROM packet WHERE email = ? AND at >= ?", email, to_micros(since))
        return int(rows[0]["n"])

    def resolve(self, message: int, how: Resolved, now: datetime) -> bool:
        """A surer way replaces a less sure one. Ends the message's waiting and its plain cases."""
        with self._db.transaction():
            if not surer(how, self.resolution(message)) or not self._there(message):
                return False
            self._db.rows("INSERT OR REPLACE INTO resolution VALUES (?, ?, ?)", message, how.value, to_micros(now))
            self._db.rows(
                "UPDATE queue SET closed_at = ?, version = version + 1 "
                "WHERE message = ? AND closed_at IS NULL AND escalates = 0",
                *(to_micros(now), message),
            )
            ended = ("answered", "") if how is Resolved.ANSWERED else ("no-reply", "resolved")
            self._db.rows(
                "UPDATE message SET outcome = ?, reason = ? WHERE id = ? AND outcome = 'waiting' AND NOT EXISTS "
                "(SELECT 1 FROM queue WHERE queue.message = message.id AND closed_at IS NULL)",
                *(*ended, message),
            )
            return True

    def _there(self, message: int) -> bool:
        return self._db.row("SELECT 1 FROM message WHERE id = ?", message) is not None

    def resolution(self, message: int) -> Resolved | None:
        row = self._db.row("SELECT how FROM resolution WHERE message = ?", message)
        return Resolved(row["how"]) if row else None

    def urgent(self, client: str, since: datetime, until: datetime) -> tuple[Urgent, ...]:
        """Messages that stated urgency or told of an emergency, oldest first."""
        rows = self._db.rows(
            "SELECT message.id, address, message.subject, received, how, "  # noqa: S608
            "coalesce((SELECT min(could_wait) FROM queue WHERE queue.message = message.id), "
            "(SELECT could_wait FROM outcome WHERE outcome.message = message.id)) AS could_wait "
            "FROM message LEFT JOIN resolution ON resolution.message = message.id "
            f"WHERE client = ? AND received >= ? AND received < ? AND {URGENT} ORDER BY received, message.id",
            *(client, to_micros(since), to_micros(until)),
        )
        return tuple(
            Urgent(
                *(row["id"], row["address"], row["subject"], from_micros(row["received"])),
                Resolved(row["how"]) if row["how"] else None,
                None if row["could_wait"] is None else bool(row["could_wait"]),
            )
            for row in rows
        )

    def matter_rows(
        self, client: str, address: str, message_id: str, references: Sequence[str], subject: str
    ) -> tuple[int, ...]:
        """Oldest first."""
        marks = matter_marks(client, message_id, tuple(references), subject)
        rows = self._db.rows(
            "SELECT id FROM message WHERE client = ? AND id IN "
            "(SELECT message FROM matter WHERE person = ? AND mark IN (SELECT value FROM json_each(?))) "
            "ORDER BY received, id",
            *(client, person(address), json.dumps(sorted(marks))),
        )
        return tuple(row["id"] for row in rows)


def _values(forward: Forward) -> tuple[Value, ...]:
    return (
        *(forward.client, forward.message or None, forward.customer, forward.email, forward.reply_key),
        *(forward.told_in or None, forward.stage.value, to_micros(forward.made_at), maybe_micros(forward.handed_at)),
        *(maybe_micros(forward.due), maybe_micros(forward.ended_at), json.dumps(list(forward.tried))),
    )
