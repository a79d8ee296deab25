"""What is remembered of a sender, looked up before deciding.

Every question is answered from an index whose rows about one person stand together, so that it costs the same in a
ledger of a million messages as in a new one. The index is named (INDEXED BY): SQLite, which keeps no statistics here,
once took "all sent mails" for a smaller set than "the last hour".
"""

# ruff: noqa: S608 - what is put together here are constants of this package; every value is bound with ?

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from ...core.ledger import Asked
from ...core.letter import bare_subject, thread_ids
from ...core.message import History, Said
from .database import Part, from_micros, to_micros

MOST_SAID = 100
MOST_COUNTED = 1_000
ON_ITS_WAY = "('queued', 'claimed', 'sent', 'unconfirmed')"
HOUR = timedelta(hours=1)


def digest(*parts: str) -> int:
    """A 64-bit number for these words: what SQLite keeps in eight bytes."""
    data = "\0".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big", signed=True)


def person(address: str) -> int:
    return digest("person", address.lower())


def same_message(message_id: str) -> int:
    """The mark of this very message, whoever's mailbox it lies in."""
    return digest("message", message_id)


@lru_cache(maxsize=1_000)  # asked twice for each message: before deciding and when it is recorded
def matter_marks(client: str, message_id: str, references: tuple[str, ...], subject: str) -> frozenset[int]:
    """What two messages about the same matter have in common: an id of the thread, or the bare subject."""
    marks = {digest("thread", client, i) for i in thread_ids((*references, message_id))}
    bare = bare_subject(subject).casefold()
    return frozenset(marks | {digest("subject", client, bare)} if bare else marks)


class HistoryPart(Part):
    """Facts about the sender of the message in hand."""

    def history(self, asked: Asked) -> History:
        """What is known of this sender for this client; never anything that belongs to another client's texts."""
        return History(
            messages_today=1 + self._messages_since(asked),
            same_matter=1 + self._same_matter(asked),
            said=self._said(asked),
            replies_last_hour=self._replies_last_hour(asked.now),
            replies_today=self._replies_to(asked.address, asked.day_begins),
            seen_before=self._seen_before(asked),
            language=self._language(asked),
            our_ids=self._our_ids((*asked.references, asked.message_id)),
        )

    def _messages_since(self, asked: Asked) -> int:
        return self._count(
            "SELECT count(*) AS n FROM message INDEXED BY message_person "
            "WHERE address = ? AND client = ? AND received >= ?",
            *(asked.address, asked.client, to_micros(asked.day_begins)),
        )

    def _same_matter(self, asked: Asked) -> int:
        marks = matter_marks(asked.client, asked.message_id, asked.references, asked.subject)
        return self._count(
            "SELECT count(DISTINCT message) AS n FROM (SELECT message FROM matter "
            "WHERE person = ? AND mark IN (SELECT value FROM json_each(?)) LIMIT ?)",
            *(person(asked.address), json.dumps(sorted(marks)), MOST_COUNTED),
        )

    def _said(self, asked: Asked) -> tuple[Said, ...]:
        rows = self._db.rows(
            "SELECT template, coalesce(sent_at, made_at) AS at FROM outbox INDEXED BY outbox_person "
            "WHERE recipient = ? AND sort = 'courtesy' "
            f"AND client = ? AND (state IN {ON_ITS_WAY} OR state = 'draft') ORDER BY id DESC LIMIT ?",
            *(asked.address, asked.client, MOST_SAID),
        )
        return tuple(Said(row["template"], from_micros(row["at"])) for row in reversed(rows))

    def _replies_last_hour(self, now: datetime) -> int:
        return self._count(
            "SELECT count(*) AS n FROM outbox INDEXED BY outbox_made "
            f"WHERE sort = 'courtesy' AND made_at > ? AND state IN {ON_ITS_WAY}",
            to_micros(now - HOUR),
        )

    def _replies_to(self, address: str, since: datetime) -> int:
        return self._count(
            "SELECT count(*) AS n FROM (SELECT made_at, state FROM outbox INDEXED BY outbox_person "
            "WHERE recipient = ? AND sort = 'courtesy' "
            f"ORDER BY id DESC LIMIT ?) WHERE made_at >= ? AND state IN {ON_ITS_WAY}",
            *(address, MOST_COUNTED, to_micros(since)),
        )

    def _seen_before(self, asked: Asked) -> bool:
        if asked.fingerprint and self._db.row(
            "SELECT 1 FROM message INDEXED BY message_fingerprint WHERE fingerprint = ? LIMIT 1", asked.fingerprint
        ):
            return True
        return (
            bool(asked.message_id)
            and self._db.row(
                "SELECT 1 FROM matter WHERE person = ? AND mark = ? LIMIT 1",
                *(person(asked.address), same_message(asked.message_id)),
            )
            is not None
        )

    def _language(self, asked: Asked) -> str:
        row = self._db.row(
            "SELECT language FROM message INDEXED BY message_person "
            "WHERE address = ? AND client = ? AND language <> '' "
            "ORDER BY received DESC, id DESC LIMIT 1",
            *(asked.address, asked.client),
        )
        return str(row["language"]) if row else ""

    def _our_ids(self, ids: Sequence[str]) -> frozenset[str]:
        rows = self._db.rows(
            "SELECT key FROM outbox WHERE key IN (SELECT value FROM json_each(?))", json.dumps([i for i in ids if i])
        )
        return frozenset(row["key"] for row in rows)

    def _count(self, sql: str, *values: str | int) -> int:
        row = self._db.row(sql, *values)
        return int(row["n"]) if row else 0
