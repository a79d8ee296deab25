"""What the oracle asks the ledger (core/audit.py). It reads everything: minutes in a ledger of millions."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .database import Part

if TYPE_CHECKING:  # only `audit` itself needs the readers of mail and of secrets
    from ...core.audit import Kept

TWICE = (
    "SELECT message, template FROM outbox WHERE sort = 'courtesy' AND state = 'sent' AND message IS NOT NULL "
    "AND template <> '' AND recipient <> '' GROUP BY message, template, recipient HAVING count(*) > 1 ORDER BY message"
)
HALF_SENT = "SELECT id FROM outbox WHERE state = 'claimed' ORDER BY id"
LOST = (
    "SELECT id FROM message m WHERE outcome = 'escalated' AND purged < 2 AND NOT EXISTS "
    "(SELECT 1 FROM queue WHERE queue.message = m.id) AND NOT EXISTS "
    "(SELECT 1 FROM queue WHERE queue.client = m.client AND queue.escalates = 1 AND queue.joined > 0 "
    "AND queue.opened <= m.decided_at) ORDER BY id"
)
STUCK = (
    "SELECT code FROM queue WHERE escalates = 1 AND closed_at IS NULL AND acknowledged_at IS NULL AND due IS NULL "
    "ORDER BY code"
)
COUNTS = (
    "SELECT (SELECT count(*) FROM message) AS messages, "
    "(SELECT count(*) FROM queue WHERE escalates = 1) AS emergencies, "
    "(SELECT count(*) FROM queue WHERE escalates = 1 AND closed_at IS NULL) AS open"
)
OUTCOMES = "SELECT outcome, sum(messages) AS n FROM tally WHERE messages > 0 GROUP BY outcome"
KEPT = (
    ("message", "SELECT id, subject || ' ' || explanation AS text FROM message"),
    ("queue", "SELECT code AS id, note || ' ' || subject || ' ' || resolution AS text FROM queue"),
    ("promise", "SELECT id, what AS text FROM promise"),
)
LEFT = "SELECT id, raw FROM outbox WHERE sort = 'courtesy'"


class AuditPart(Part):
    """Implements `core.audit.AuditBook`."""

    def kept(self) -> "Kept":
        """Counts and doubtful rows."""
        from ...core.audit import Kept

        with self._db.snapshot():
            counts = self._db.rows(COUNTS)[0]
            outcomes = self._db.rows(
                "SELECT outcome, sum(messages) AS n FROM tally WHERE messages > 0 GROUP BY outcome"
            )
            return Kept(
                counts["messages"],
                {row["outcome"]: row["n"] for row in outcomes},
                self._each(TWICE, "message {0} ({1})"),
                self._each(HALF_SENT, "mail {0}"),
                self._each(LOST, "message {0}"),
                self._each(STUCK, "{0}"),
                counts["emergencies"],
                counts["open"],
            )

    def uids(self, mailbox: str, uidvalidity: int) -> frozenset[int]:
        """Every UID of this mailbox that the ledger has a state for."""
        rows = self._db.rows("SELECT uid FROM message WHERE mailbox = ? AND uidvalidity = ?", mailbox, uidvalidity)
        return frozenset(row["uid"] for row in rows)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Everything that is kept of messages and cases, and every reply; not what the contacts were told."""
        for table, sql in KEPT:
            yield from ((f"{table} {row['id']}", row["text"]) for row in self._db.rows(sql))
        for row in self._db.rows(LEFT):
            yield f"mail {row['id']}", readable(row["raw"])

    def _each(self, sql: str, form: str) -> tuple[str, ...]:
        return tuple(form.format(*row) for row in self._db.rows(sql))


def readable(raw: bytes) -> str:
    """Header fields as a person reads them, and every text part."""
    from email import message_from_bytes, policy
    from email.errors import MessageError

    try:
        mail = message_from_bytes(raw, policy=policy.default)
        head = "\n".join(f"{name}: {value}" for name, value in mail.items())
        body = "\n".join(str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text")
    except (MessageError, LookupError, ValueError, TypeError, AttributeError):
        return re.sub(r"=\r?\n", "", raw.decode("utf-8", "replace"))
    return f"{head}\n{body}"
