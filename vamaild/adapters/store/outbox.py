"""The outbox: mails to send, claimed before DATA and confirmed after.

Escalations overtake everything else. Whatever was claimed when somebody died is found by `interrupted`. What a reply
promised or offered ends with it when it does not leave. A courtesy of a paused client stays where it is; the receipt
of an emergency is none of those.
"""

# ruff: noqa: S608 - what is put together here are constants of this package; every value is bound with ?

import json
from collections.abc import Sequence
from datetime import datetime

from ...core.ledger import BOUNCED_FOR, RECEIPT, OutboxItem, Outgoing, Sort, State, StoreError
from ...core.sameness import domain_of
from .database import Connection, Part, Row, from_micros, maybe_time, to_micros
from .marks import subject_mark
from .promises import withdraw_promise
from .rushes import withdraw_rush

MAIL_COLUMNS = (
    "id, key, sort, state, not_before, claimed_at, sent_at, attempts, message, recipient, client, template, "
    "case_code, error, raw"
)
# One look into the index for each sort: the first that are due. So a long queue of mails for tomorrow costs nothing.
FIRST_DUE = (
    "SELECT * FROM (SELECT id, sort, not_before FROM outbox INDEXED BY outbox_due "
    "WHERE state = 'queued' AND sort = '{}' AND not_before <= ?1 {} ORDER BY not_before, id LIMIT ?2)"
)
NOT_PAUSED = (
    f"AND (template = '{RECEIPT}' OR NOT EXISTS "
    "(SELECT 1 FROM pause WHERE pause.client IN ('', outbox.client) AND (until IS NULL OR until > ?1)))"
)
ON_ITS_WAY = "('queued', 'claimed', 'sent', 'unconfirmed')"


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
    db: Connection,
    mail: Outgoing,
    now: datetime,
    message: int | None,
    code: str = "",
    author: str = "",
    subject: str = "",
) -> None:
    """Adds a mail unless its key is there already. `code` is the case it belongs to, where it names none itself.

    `author` wrote the message it answers, with this `subject`.
    """
    db.write(
        "INSERT INTO outbox (key, sort, state, not_before, made_at, message, recipient, client, template, "
        "case_code, raw, author, domain, about) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (key) DO NOTHING",
        *(mail.key, mail.sort.value, mail.state.value, to_micros(mail.not_before), to_micros(now), message, mail.to),
        *(mail.client, mail.template, mail.case or code, mail.raw, author or mail.to, domain_of(mail.to)),
        subject_mark(mail.client, subject),
    )


def take_back(db: Connection, item: int) -> None:
    """This mail never left: the date it named was told nobody, the rush it offered cannot be bought."""
    row = db.rows("SELECT key, message, template FROM outbox WHERE id = ?", item)[0]
    withdraw_rush(db, row["key"])
    if row["message"] is not None:
        withdraw_promise(db, row["message"], row["template"])


class OutboxPart(Part):
    """What is to be sent, and how far each mail got."""

    def claim(self, now: datetime, sort: Sort | None = None) -> OutboxItem | None:
        """Takes the next queued mail that is due (escalations first) and marks it claimed, in one statement.

        Never a courtesy of a client who is paused, but for the receipt of an emergency; it stays queued.
        """
        return next(iter(self._claim(now, 1, [sort] if sort else list(Sort))), None)

    def claim_all(self, now: datetime, most: int) -> tuple[OutboxItem, ...]:
        """As many as `claim` would take one after the other, in that order and one statement."""
        return self._claim(now, most, list(Sort))

    def _claim(self, now: datetime, most: int, sorts: Sequence[Sort]) -> tuple[OutboxItem, ...]:
        due = " UNION ALL ".join(map(_first_due, sorts))
        rows = self._db.write(
            "UPDATE outbox SET state = 'claimed', claimed_at = ?1, attempts = attempts + 1 WHERE id IN "
            f"(SELECT id FROM ({due}) ORDER BY sort = 'escalation' DESC, not_before, id LIMIT ?2) "
            f"RETURNING {MAIL_COLUMNS}",
            *(to_micros(now), most),
        )
        return tuple(map(to_item, sorted(rows, key=_overtakes)))

    def confirm(self, item: int, now: datetime) -> None:
        """It was taken by the mail server; that it lay in Drafts before is over. Raises StoreError: no such mail."""
        self._change("state = 'sent', sent_at = ?, error = '', filed_at = NULL", item, to_micros(now))

    def fail(self, item: int, error: str, retry_at: datetime | None) -> None:
        """Back to queued with `not_before` = retry_at, or failed for good when that is None."""
        if retry_at is None:
            with self._db.transaction():
                self._change("state = 'failed', claimed_at = NULL, error = ?", item, error)
                take_back(self._db, item)
        else:
            again = "state = 'queued', claimed_at = NULL, error = ?, not_before = ?"
            self._change(again, item, error, to_micros(retry_at))

    def settle(self, item: int, state: State) -> None:
        """Sets the state of an interrupted or waiting mail, as a person or the start of the service decides."""
        changes = "state = ?, claimed_at = CASE WHEN ? = 'claimed' THEN claimed_at END"
        with self._db.transaction():
            self._change(changes, item, state.value, state.value)
            if state in (State.STOPPED, State.FAILED):
                take_back(self._db, item)

    def withdraw(self, item: int, reason: str) -> None:
        """It is not to leave: the message it answers ends without a reply; its promise and offer are withdrawn."""
        with self._db.transaction():
            self.settle(item, State.STOPPED)
            self._db.rows(
                "UPDATE message SET outcome = 'no-reply', reason = ? "
                "WHERE id = (SELECT message FROM outbox WHERE id = ?) AND outcome = 'answered'",
                *(reason, item),
            )

    def reopen(self, message: int, reason: str) -> bool:
        """A message that was answered, or got no reply, waits for a person again. False for any other."""
        sql = (
            "UPDATE message SET outcome = 'waiting', reason = ? WHERE id = ? AND outcome IN ('answered', 'no-reply') "
            "RETURNING id"
        )
        return bool(self._db.write(sql, reason, message))

    def answer_given(self, message: int) -> bool:
        """What was asked of a person about a message is done: it is answered. False when it did not wait."""
        sql = "UPDATE message SET outcome = 'answered', reason = '' WHERE id = ? AND outcome = 'waiting' RETURNING id"
        return bool(self._db.write(sql, message))

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

    def waiting_for(self, client: str, people: Sequence[str]) -> tuple[OutboxItem, ...]:
        """Queued replies of this client that go to one of these people, or answer one of them; oldest first."""
        theirs = "(SELECT value FROM json_each(?))"
        mine = f"SELECT id FROM outbox WHERE sort = 'courtesy' AND recipient IN {theirs}"
        answers = f"SELECT id FROM outbox WHERE sort = 'courtesy' AND author IN {theirs}"
        listed = json.dumps(sorted({p for p in people if p}))
        which = f"WHERE id IN ({mine} UNION {answers}) AND +state = 'queued' AND client = ?"
        # Asked before deciding and again when the message was recorded: if it got no reply, nothing has changed.
        rows = self._db.kept("outbox", f"SELECT {MAIL_COLUMNS} FROM outbox {which} ORDER BY id", listed, listed, client)
        return tuple(map(to_item, rows))

    def replies_to(self, message: int) -> tuple[OutboxItem, ...]:
        """Every reply made to this ledger row, whatever became of it."""
        return self._items("WHERE message = ? AND sort = 'courtesy'", message)

    def _items(self, which: str, *values: str | int) -> tuple[OutboxItem, ...]:
        rows = self._db.rows(f"SELECT {MAIL_COLUMNS} FROM outbox {which} ORDER BY id", *values)
        return tuple(to_item(row) for row in rows)


def _overtakes(row: Row) -> tuple[bool, int, int]:
    """Escalations first, then as they are due."""
    return row["sort"] != Sort.ESCALATION, row["not_before"], row["id"]


def _first_due(sort: Sort) -> str:
    return FIRST_DUE.format(sort.value, NOT_PAUSED if sort is Sort.COURTESY else "")
