"""What is remembered of a sender, looked up before deciding.

Every question is answered from an index whose rows about one person stand together, so that it costs the same in a
ledger of a million messages as in a new one. The index is named (INDEXED BY): SQLite, which keeps no statistics here,
once took "all sent mails" for a smaller set than "the last hour".
"""

# ruff: noqa: S608 - what is put together here are constants of this package; every value is bound with ?

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from ...core.ledger import BOUNCED_FOR, NOT_BY_A_PERSON, Asked
from ...core.letter import thread_ids
from ...core.message import History, Said
from ...core.privacy import code
from ...core.sameness import alike, domain_of, same_hand, same_subject
from .absence import about_same, facts_told, silenced_at
from .database import Connection, Part, Row, from_micros, maybe_time, to_micros
from .marks import digest
from .marks import matter_marks as matter_marks
from .marks import person as person
from .marks import same_message as same_message
from .outbox import ON_ITS_WAY
from .rushes import count_sold, find_offers
from .trust import levels_of

MOST_SAID = 100
MOST_COUNTED = 1_000
SENT = "CASE WHEN sort = 'courtesy' THEN coalesce(sent_at, claimed_at) END AS left_at"
# A reply is somebody's when it went to him, or answered him at another address (a return path changes with each mail).
TO_PERSON = " UNION ".join(
    "SELECT * FROM (SELECT id, message, template, client, state, made_at, sent_at FROM outbox "
    f"INDEXED BY {index} WHERE {column} = ? AND sort = 'courtesy' ORDER BY id DESC LIMIT ?)"
    for index, column in (("outbox_person", "recipient"), ("outbox_author", "author"))
)
HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
MOST_LOOKED_AT = 200


def answered_by(db: Connection, client: str, ids: Sequence[str], people: Sequence[str]) -> frozenset[str]:
    """Those of these messages that stand among the references of a mail these people wrote themselves."""
    marks = {digest("thread", client, i): i for i in thread_ids(tuple(ids))}
    if not (marks and people):
        return frozenset()
    rows = db.rows(
        "SELECT mark, refs FROM matter JOIN message ON message.id = matter.message "
        "WHERE person IN (SELECT value FROM json_each(?)) AND mark IN (SELECT value FROM json_each(?)) "
        "AND reason NOT IN (SELECT value FROM json_each(?)) LIMIT ?",
        *(json.dumps([person(p) for p in people]), json.dumps(list(marks)), json.dumps(NOT_BY_A_PERSON), MOST_COUNTED),
    )
    return frozenset(marks[row["mark"]] for row in rows if marks[row["mark"]] in json.loads(row["refs"]))


class HistoryPart(Part):
    """Facts about the sender of the message in hand."""

    def history(self, asked: Asked) -> History:
        """What is known of this sender for this client; never anything that belongs to another client's texts."""
        near = self._near(asked)
        seen = self._marks_seen(asked)
        ours = self._ours((*asked.references, asked.message_id, *asked.returned))
        return History(
            messages_today=1 + self._messages_since(asked),
            same_matter=1 + self._same_matter(asked),
            said=self._said(asked),
            replies_last_hour=self._replies_since(asked.now - HOUR),
            replies_today=self._replies_to(asked.address, asked.day_begins),
            seen_before=bool(seen),
            reused=bool(seen) and asked.text_mark not in seen,
            language=self._language(asked),
            our_ids=frozenset(row["key"] for row in ours),
            answered_by_person=bool(answered_by(self._db, asked.client, (asked.message_id,), asked.people)),
            replies_to_domain=self._replies_to_domain(asked),
            replies_last_day=self._replies_since(asked.now - DAY),
            told_alike=tuple(dict.fromkeys(r["template"] for r in near if _another(r["recipient"], asked))),
            answers_after=_after([*ours, *(near if asked.responds else ())], asked),
            same_text=self._same_text(asked, bool(ours)),
            bounced=self._bounced(asked),
            offers=find_offers(self._db, asked.client, asked.references),
            rush_sold=count_sold(self._db, asked.client, asked.week_begins) if asked.week_begins else 0,
            levels=levels_of(self._db, asked.client),
            facts=facts_told(self._db, asked),
            no_auto=silenced_at(self._db, asked.client, asked.address) is not None,
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
            f"SELECT message, template, coalesce(sent_at, made_at) AS at FROM ({TO_PERSON}) "
            f"WHERE client = ? AND (state IN {ON_ITS_WAY} OR state = 'draft') ORDER BY id DESC LIMIT ?",
            *(asked.address, MOST_COUNTED, asked.address, MOST_COUNTED, asked.client, MOST_SAID),
        )
        here = about_same(self._db, asked) if rows else frozenset()
        return tuple(Said(r["template"], from_micros(r["at"]), r["message"] in here) for r in reversed(rows))

    def _replies_since(self, since: datetime) -> int:
        return self._count(
            "SELECT count(*) AS n FROM outbox INDEXED BY outbox_made "
            f"WHERE sort = 'courtesy' AND made_at > ? AND state IN {ON_ITS_WAY}",
            to_micros(since),
        )

    def _replies_to(self, address: str, since: datetime) -> int:
        return self._count(
            f"SELECT count(*) AS n FROM ({TO_PERSON}) WHERE made_at >= ? AND state IN {ON_ITS_WAY}",
            *(address, MOST_COUNTED, address, MOST_COUNTED, to_micros(since)),
        )

    def _replies_to_domain(self, asked: Asked) -> int:
        return self._count(
            "SELECT count(*) AS n FROM outbox INDEXED BY outbox_domain "
            f"WHERE sort = 'courtesy' AND domain = ? AND made_at > ? AND state IN {ON_ITS_WAY}",
            *(domain_of(asked.to or asked.address), to_micros(asked.now - HOUR)),
        )

    def _near(self, asked: Asked) -> list[Row]:
        """Replies of the last day to this domain about the same subject."""
        rows = self._db.rows(
            f"SELECT {SENT}, recipient, template, message.subject AS subject "
            "FROM outbox INDEXED BY outbox_domain JOIN message ON message.id = outbox.message "
            "WHERE sort = 'courtesy' AND domain = ? AND made_at > ? AND outbox.client = ? "
            f"AND state IN {ON_ITS_WAY} ORDER BY made_at DESC, outbox.id DESC LIMIT ?",
            *(domain_of(asked.to or asked.address), to_micros(asked.now - DAY), asked.client, MOST_LOOKED_AT),
        )
        return [row for row in rows if same_subject(row["subject"], asked.subject)]

    def _same_text(self, asked: Asked, answers_us: bool) -> bool:
        if not asked.text_mark:
            return False
        rows = self._db.rows(
            "SELECT address FROM message INDEXED BY message_text WHERE client = ? AND text_mark = ? AND received >= ? "
            "ORDER BY received DESC, id DESC LIMIT ?",
            *(asked.client, asked.text_mark, to_micros(asked.now - DAY), MOST_LOOKED_AT),
        )
        return any(answers_us or same_hand(row["address"], asked.address, asked.responds) for row in rows)

    def _bounced(self, asked: Asked) -> bool:
        since = to_micros(asked.now - BOUNCED_FOR)
        sql = "SELECT 1 FROM bounce WHERE address IN (?, ?) AND at > ?"
        return self._db.row(sql, asked.address, asked.to or asked.address, since) is not None

    def _marks_seen(self, asked: Asked) -> frozenset[str]:
        """What came before and is this message by its fingerprint or its Message-ID: its words as a mark.

        "elsewhere" stands for what came for another client.
        """
        rows: list[Row] = []
        if asked.fingerprint:
            rows += self._db.rows(
                "SELECT client, text_mark FROM message INDEXED BY message_fingerprint WHERE fingerprint = ? LIMIT ?",
                *(asked.fingerprint, MOST_LOOKED_AT),
            )
        if asked.message_id:
            rows += self._db.rows(
                "SELECT client, text_mark FROM matter JOIN message ON message.id = matter.message "
                "WHERE person = ? AND mark = ? LIMIT ?",
                *(person(asked.address), same_message(asked.message_id), MOST_LOOKED_AT),
            )
        return frozenset(r["text_mark"] if r["client"] in (asked.client, "") else "elsewhere" for r in rows)

    def _language(self, asked: Asked) -> str:
        row = self._db.row(
            "SELECT language FROM message INDEXED BY message_person "
            "WHERE address IN (?, ?) AND client = ? AND language <> '' "
            "ORDER BY received DESC, id DESC LIMIT 1",
            *(asked.address, code(asked.address), asked.client),
        )
        return str(row["language"]) if row else ""

    def _ours(self, ids: Sequence[str]) -> list[Row]:
        return self._db.rows(
            f"SELECT key, {SENT} FROM outbox WHERE key IN (SELECT value FROM json_each(?))",
            json.dumps([i for i in ids if i]),
        )

    def _count(self, sql: str, *values: str | int) -> int:
        row = self._db.row(sql, *values)
        return int(row["n"]) if row else 0


def _another(recipient: str, asked: Asked) -> bool:
    to = (asked.to or asked.address).lower()
    return recipient.lower() != to and alike(recipient, to)


def _after(rows: Sequence[Row], asked: Asked) -> timedelta | None:
    """How long after the last of these replies the message came."""
    came = asked.received or asked.now
    left = [moment for row in rows if (moment := maybe_time(row["left_at"])) and moment <= came]
    return came - max(left) if left else None
