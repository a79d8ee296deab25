"""What is remembered of a sender, looked up before deciding.

Every question is answered from an index whose rows about one person stand together, so that it costs the same in a
ledger of a million messages as in a new one. The index is named (INDEXED BY): SQLite, which keeps no statistics here,
once took "all sent mails" for a smaller set than "the last hour".
"""

# ruff: noqa: S608 - what is put together here are constants of this package; every value is bound with ?

import json
from collections.abc import Sequence
from datetime import timedelta

from ...core.ledger import BOUNCED_FOR, NOT_BY_A_PERSON, Asked
from ...core.letter import thread_ids
from ...core.message import History, Said
from ...core.privacy import code
from ...core.sameness import alike, domain_of, same_hand
from .absence import about_same, facts_told, silenced_at
from .database import Connection, Part, Row, from_micros, maybe_time, to_micros
from .marks import digest, subject_mark
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
TO_PERSON = " UNION ALL ".join(
    "SELECT * FROM (SELECT id, message, template, client, state, made_at, sent_at FROM outbox "
    f"INDEXED BY {index} WHERE {column} = ?1 AND sort = 'courtesy' {other} ORDER BY id DESC LIMIT {MOST_COUNTED})"
    for index, column, other in (("outbox_person", "recipient", ""), ("outbox_author", "author", "AND recipient <> ?1"))
)
# One walk down the index for each of his two names, to the first message whose language is known.
LANGUAGE = " UNION ALL ".join(
    "SELECT * FROM (SELECT language, received, id FROM message INDEXED BY message_person "
    f"WHERE address = {name} AND client = ?2 AND language <> '' ORDER BY received DESC, id DESC LIMIT 1)"
    for name in ("?1", "?3")
)
HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
MOST_LOOKED_AT = 200
SEEN = (
    "SELECT * FROM (SELECT client, text_mark FROM message INDEXED BY message_fingerprint "
    f"WHERE fingerprint = ?1 AND ?1 <> '' LIMIT {MOST_LOOKED_AT}) UNION ALL "
    "SELECT * FROM (SELECT client, text_mark FROM matter JOIN message ON message.id = matter.message "
    f"WHERE person = ?2 AND mark = ?3 AND ?4 LIMIT {MOST_LOOKED_AT})"
)


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
        about = about_same(self._db, asked)
        messages_today, language = self._person(asked)
        said, replies_today = self._said(asked, about)
        last_hour, last_day, to_domain = self._replies(asked)
        return History(
            messages_today=1 + messages_today,
            same_matter=1 + len(about),
            said=said,
            replies_last_hour=last_hour,
            replies_today=replies_today,
            seen_before=bool(seen),
            reused=bool(seen) and asked.text_mark not in seen,
            language=language,
            our_ids=frozenset(row["key"] for row in ours),
            answered_by_person=bool(answered_by(self._db, asked.client, (asked.message_id,), asked.people)),
            replies_to_domain=to_domain,
            replies_last_day=last_day,
            told_alike=tuple(dict.fromkeys(r["template"] for r in near if _another(r["recipient"], asked))),
            answers_after=_after([*ours, *(near if asked.responds else ())], asked),
            same_text=self._same_text(asked, bool(ours)),
            bounced=self._bounced(asked),
            offers=find_offers(self._db, asked.client, asked.references),
            rush_sold=count_sold(self._db, asked.client, asked.week_begins) if asked.week_begins else 0,
            levels=levels_of(self._db, asked.client),
            facts=facts_told(self._db, about),
            no_auto=silenced_at(self._db, asked.client, asked.address) is not None,
        )

    def _person(self, asked: Asked) -> tuple[int, str]:
        """(how many messages came from him today, the language he wrote in last)."""
        found = self._db.rows(
            "SELECT (SELECT count(*) FROM message INDEXED BY message_person "
            "WHERE address = ?1 AND client = ?2 AND received >= ?4) AS today, "
            f"(SELECT language FROM ({LANGUAGE}) ORDER BY received DESC, id DESC LIMIT 1) AS language",
            *(asked.address, asked.client, code(asked.address), to_micros(asked.day_begins)),
        )[0]
        return found["today"], found["language"] or ""

    def _said(self, asked: Asked, about: frozenset[int]) -> tuple[tuple[Said, ...], int]:
        """(the last replies to him, oldest first, how many of all that went to him were made today)."""
        today = to_micros(asked.day_begins)
        rows = self._db.rows(
            f"SELECT message, template, coalesce(sent_at, made_at) AS at, client = ?2 AS here, "
            f"made_at >= ?3 AND state IN {ON_ITS_WAY} AS today FROM ({TO_PERSON}) "
            f"WHERE state IN {ON_ITS_WAY} OR state = 'draft' ORDER BY id DESC",
            *(asked.address, asked.client, today),
        )
        here = [r for r in rows if r["here"]][:MOST_SAID]
        said = tuple(Said(r["template"], from_micros(r["at"]), r["message"] in about) for r in reversed(here))
        return said, sum(r["today"] for r in rows)

    def _replies(self, asked: Asked) -> tuple[int, int, int]:
        """How many replies were made: (in the last hour, in the last day, in the last hour to this domain)."""
        found = self._db.rows(
            "SELECT coalesce(sum(made_at > ?1), 0) AS hour, count(*) AS day, "
            "(SELECT count(*) FROM outbox INDEXED BY outbox_domain "
            f"WHERE sort = 'courtesy' AND domain = ?3 AND made_at > ?1 AND state IN {ON_ITS_WAY}) AS domain "
            "FROM outbox INDEXED BY outbox_made "
            f"WHERE sort = 'courtesy' AND made_at > ?2 AND state IN {ON_ITS_WAY}",
            *(to_micros(asked.now - HOUR), to_micros(asked.now - DAY), domain_of(asked.to or asked.address)),
        )[0]
        return found["hour"], found["day"], found["domain"]

    def _near(self, asked: Asked) -> list[Row]:
        """Replies of the last day to this domain about the same subject."""
        about = subject_mark(asked.client, asked.subject)
        if not about:
            return []
        return self._db.rows(
            f"SELECT {SENT}, recipient, template FROM outbox INDEXED BY outbox_about "
            "WHERE sort = 'courtesy' AND domain = ? AND about = ? AND made_at > ? AND client = ? "
            f"AND state IN {ON_ITS_WAY} ORDER BY made_at DESC, id DESC LIMIT ?",
            *(domain_of(asked.to or asked.address), about, to_micros(asked.now - DAY), asked.client, MOST_LOOKED_AT),
        )

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
        if self._db.empty("bounce"):
            return False
        since = to_micros(asked.now - BOUNCED_FOR)
        sql = "SELECT 1 FROM bounce WHERE address IN (?, ?) AND at > ?"
        return self._db.row(sql, asked.address, asked.to or asked.address, since) is not None

    def _marks_seen(self, asked: Asked) -> frozenset[str]:
        """What came before and is this message by its fingerprint or its Message-ID: its words as a mark.

        "elsewhere" stands for what came for another client.
        """
        rows = self._db.rows(
            SEEN,
            *(asked.fingerprint, person(asked.address), same_message(asked.message_id), bool(asked.message_id)),
        )
        return frozenset(r["text_mark"] if r["client"] in (asked.client, "") else "elsewhere" for r in rows)

    def _ours(self, ids: Sequence[str]) -> list[Row]:
        return self._db.rows(
            f"SELECT key, {SENT} FROM outbox WHERE key IN (SELECT value FROM json_each(?))",
            json.dumps([i for i in ids if i]),
        )


def _another(recipient: str, asked: Asked) -> bool:
    to = (asked.to or asked.address).lower()
    return recipient.lower() != to and alike(recipient, to)


def _after(rows: Sequence[Row], asked: Asked) -> timedelta | None:
    """How long after the last of these replies the message came."""
    came = asked.received or asked.now
    left = [moment for row in rows if (moment := maybe_time(row["left_at"])) and moment <= came]
    return came - max(left) if left else None
