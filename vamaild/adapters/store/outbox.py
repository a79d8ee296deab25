"""The outbox: mails to send, claimed before DATA and confirmed after.

Escalations overtake everything else. Whatever was claimed when somebody died is found by `interrupted`.
"""

# ruff: noqa: S608 - what is put together here are constants of this package; every value is bound with ?

import json
from collections.abc import Sequence
from datetime import datetime

from ...core.ledger import BOUNCED_FOR, OutboxItem, Outgoing, Sort, State, StoreError
from ...core.sameness import domain_of
from .database import Connection, Part, Row, from_micros, maybe_time, to_micros

MAIL_COLUMNS = (
    "id, key, sort, state, not_before, claimed_at, sent_at, attempts, message, recipient, client, template, "
    "case_code, error, raw"
)
# One look into the index for each sort: the first that is due. So a long queue of mails for tomorrow costs nothing.
FIRST_DUE = (
    "SELECT * FROM (SELECT id, sort, not_before FROM outbox INDEXED BY outbox_due "
    "WHERE state = 'queued' AND sort = ? AND not_before <= ? ORDER BY not_before, id LIMIT 1)"
)


def to_item(row: Row) -> OutboxItem:
    """A row of MAIL_COLUMNS as a value."""
    state = State(row["state"])
    mail = Outgoing(
        key=row["key"],
        sort=Sort(row["sort"]),
        to=row["recipient"],
        raw=row["raw"],
        not_before=from_micros(row["not_before"]),
        client=row["client"],
        template=row["template"],
        state=state,
        case=row["case_code"],
    )
    return OutboxItem(
        id=row["id"],
        mail=mail,
        state=state,
        message=row["message"],
        attempts=row["attempts"],
        claimed_at=maybe_time(row["claimed_at"]),
        sent_at=maybe_time(row["sent_at"]),
        error=row["error"],
    )


def add_mail(
    db: Connection, mail: Outgoing, now: datetime, message: int | None, code: str = "", author: str = ""
) -> None:
    """Adds a mail unless its key is there already. `code` is the case it belongs to, where it names none itself.

    `author` wrote the message it answers.
    """
    db.write(
        "INSERT INTO outbox (key, sort, state, not_before, made_at, message, recipient, client, template, "
        "case_code, raw, author, domain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
        *(mail.key, mail.sort.value, mail.state.value, to_micros(mail.not_before), to_micros(now), message, mail.to),
        *(mail.client, mail.template, mail.case or code, mail.raw, author or mail.to, domain_of(mail.to)),
    )


class OutboxPart(Part):
    """What is to be sent, and how far each mail got."""

    def claim(self, now: datetime, sort: Sort | None = None) -> OutboxItem | None:
        """Takes the next queued mail that is due (escalations first) and marks it claimed, in one statement."""
        sorts = [sort] if sort else list(Sort)
        due = " UNION ALL ".join([FIRST_DUE] * len(sorts))
        values: list[str | int] = [to_micros(now)]
        for each in sorts:
            values += [each.value, to_micros(now)]
        rows = self._db.write(
            "UPDATE outbox SET state = 'claimed', claimed_at = ?, attempts = attempts + 1 WHERE id = "
            f"(SELECT id FROM ({due}) ORDER BY sort = 'escalation' DESC, not_before, id LIMIT 1) "
            f"RETURNING {MAIL_COLUMNS}",
            *values,
        )
        return to_item(rows[0]) if rows else None

    def confirm(self, item: int, now: datetime) -> None:
        """It was taken by the mail server. Raises StoreError when there is no such mail."""
        self._change("state = 'sent', sent_at = ?, error = ''", item, to_micros(now))

    def fail(self, item: int, error: str, retry_at: datetime | None) -> None:
        """Back to queued with `not_before` = retry_at, or failed for good when that is None."""
        if retry_at is None:
            self._change("state = 'failed', claimed_at = NULL, error = ?", item, error)
        else:
            again = "state = 'queued', claimed_at = NULL, error = ?, not_before = ?"
            self._change(again, item, error, to_micros(retry_at))

    def settle(self, item: int, state: State) -> None:
        """Sets the state of an interrupted or waiting mail, as a person or the start of the service decides."""
        self._change(
            "state = ?, claimed_at = CASE WHEN ? = 'claimed' THEN claimed_at END", item, state.value, state.value
        )

    def withdraw(self, item: int, reason: str) -> None:
        """It is not to leave: the message it answers ends without a reply, and the date it named was told nobody."""
        with self._db.transaction():
            self.settle(item, State.STOPPED)
            row = self._db.rows("SELECT message, template FROM outbox WHERE id = ?", item)[0]
            self._db.rows(
                "UPDATE message SET outcome = 'no-reply', reason = ? WHERE id = ? AND outcome = 'answered'",
                *(reason, row["message"]),
            )
            self._db.rows("DELETE FROM promise WHERE message = ? AND template = ?", row["message"], row["template"])

    def bounced(self, keys: Sequence[str], now: datetime) -> tuple[OutboxItem, ...]:
        """Keeps that these replies of ours came back; returns those to addresses that had not for 60 days."""
        found = self._items(
            "WHERE sort = 'courtesy' AND key IN (SELECT value FROM json_each(?))", json.dumps(list(keys))
        )
        if not found:
            return ()
        with self._db.transaction():
            self._db.rows("DELETE FROM bounce WHERE at <= ?", to_micros(now - BOUNCED_FOR))
            return tuple(item for item in found if self._came_back(item.mail.to, now))

    def _came_back(self, address: str, now: datetime) -> bool:
        """Whether this is news."""
        news = self._db.row("SELECT 1 FROM bounce WHERE address = ?", address) is None
        self._db.rows("INSERT OR REPLACE INTO bounce (address, at) VALUES (?, ?)", address, to_micros(now))
        return news

    def filed(self, item: int, now: datetime) -> None:
        self._change("filed_at = ?", item, to_micros(now))

    def _change(self, changes: str, item: int, *values: str | int) -> None:
        if not self._db.write(f"UPDATE outbox SET {changes} WHERE id = ? RETURNING id", *values, item):
            raise StoreError(f"{self._db.path}: there is no mail {item} in the outbox")

    def queue_mail(self, mail: Outgoing) -> None:
        """Adds a mail that answers no message in the ledger; nothing happens when its key is there already."""
        add_mail(self._db, mail, mail.not_before, None)

    def interrupted(self) -> tuple[OutboxItem, ...]:
        """Mails found claimed: somebody died between claim and confirm."""
        return self.outbox((State.CLAIMED,))

    def unfiled(self) -> tuple[OutboxItem, ...]:
        """Sent replies whose copy is not in the Sent folder yet, and drafts not in Drafts; never an escalation."""
        unfiled = "filed_at IS NULL AND sort = 'courtesy' AND state IN ('sent', 'draft')"
        return self._items(f"INDEXED BY outbox_unfiled WHERE {unfiled}")

    def outbox(self, states: Sequence[State]) -> tuple[OutboxItem, ...]:
        """All mails in these states, oldest first."""
        items = [item for state in dict.fromkeys(states) for item in self._items("WHERE state = ?", state.value)]
        return tuple(sorted(items, key=lambda item: item.id))

    def _items(self, which: str, *values: str) -> tuple[OutboxItem, ...]:
        rows = self._db.rows(f"SELECT {MAIL_COLUMNS} FROM outbox {which} ORDER BY id", *values)
        return tuple(to_item(row) for row in rows)
