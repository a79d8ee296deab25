"""Where a client's mail came in: which of the mailboxes, by what the ledger has."""

from datetime import datetime

from .database import Part, to_micros

CAME_BY = "SELECT DISTINCT mailbox FROM message WHERE client = ? AND received >= ?"


class OriginPart(Part):
    """Asked when a client has fallen silent and a mailbox cannot be read."""

    def came_by(self, client: str, since: datetime) -> frozenset[str]:
        """The mailboxes that had a message for this client since then."""
        return frozenset(row["mailbox"] for row in self._db.rows(CAME_BY, client, to_micros(since)))
