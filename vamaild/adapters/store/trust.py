"""The trust ladder's memory: what was learned about each text of each client, and what became of its drafts."""

from datetime import datetime

from ...core.reasons import Reason
from ...core.ruleset import Trust
from ...core.trust import DraftFate, Fate, Level
from .database import Connection, Part, Row, Value, from_micros, maybe_micros, maybe_time, to_micros
from .outbox import ON_ITS_WAY, take_back


def to_level(row: Row) -> Level:
    """A row of the table as a value."""
    return Level(
        client=row["client"],
        template=row["template"],
        trust=Trust(row["trust"]),
        since=from_micros(row["since"]),
        by=row["set_by"],
        proposed_at=maybe_time(row["proposed_at"]),
    )


def to_fate(row: Row) -> DraftFate:
    """A row of the table as a value."""
    return DraftFate(row["item"] or 0, row["client"], row["template"], Fate(row["fate"]), from_micros(row["at"]))


def levels_of(db: Connection, client: str) -> tuple[Level, ...]:
    """What was learned about the texts of exactly this client."""
    rows = db.kept("level", "SELECT * FROM level WHERE client = ? ORDER BY template", client)
    return tuple(to_level(row) for row in rows)


class TrustPart(Part):
    """`core.trust.TrustBook`."""

    def levels(self, client: str = "") -> tuple[Level, ...]:
        """By client and text; of one client, or of all."""
        if client:
            return levels_of(self._db, client)
        return tuple(to_level(row) for row in self._db.rows("SELECT * FROM level ORDER BY client, template"))

    def set_level(self, level: Level) -> None:
        """Replaces what was kept for this client and text."""
        self._db.write(
            "INSERT OR REPLACE INTO level (client, template, trust, since, set_by, proposed_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            *(level.client, level.template, level.trust.value, to_micros(level.since), level.by),
            maybe_micros(level.proposed_at),
        )

    def fates(self, client: str, template: str, since: datetime) -> tuple[DraftFate, ...]:
        """Oldest first."""
        rows = self._db.rows(
            "SELECT * FROM draft_fate INDEXED BY draft_fate_text "
            "WHERE client = ? AND template = ? AND at >= ? ORDER BY at, id",
            *(client, template, to_micros(since)),
        )
        return tuple(to_fate(row) for row in rows)

    def settle_draft(self, fate: DraftFate, reason: str = Reason.DISCARDED) -> bool:
        """Keeps what became of a draft, ends its outbox item, and what waited for it: the message and its case.

        False when it was no draft any more.
        """
        discarded = fate.fate is Fate.DISCARDED
        state, sent_at = ("stopped", None) if discarded else ("sent", to_micros(fate.at))
        with self._db.transaction():
            # It lies in the Sent folder of whoever sent it: ours must not be filed beside it.
            sets = "state = ?, sent_at = ?, filed_at = coalesce(filed_at, ?)"
            if not self._ended(fate, sets, reason, state, sent_at, to_micros(fate.at)):
                return False
            if discarded:
                take_back(self._db, fate.item)
            return True

    def approve_draft(self, fate: DraftFate, not_before: datetime) -> bool:
        """Lets it go. What was filed is a draft: the mail that leaves gets a copy in the Sent folder.

        False when it was no draft any more.
        """
        sets = "state = 'queued', not_before = ?, claimed_at = NULL, error = '', filed_at = NULL"
        with self._db.transaction():
            return self._ended(fate, sets, "", to_micros(not_before))

    def _ended(self, fate: DraftFate, sets: str, reason: str, *values: Value) -> bool:
        """It is a draft no more, and what waited for that goes on. False when it was none."""
        sql = f"UPDATE outbox SET {sets} WHERE id = ? AND state = 'draft' RETURNING message"  # noqa: S608
        ended = self._db.row(sql, *values, fate.item)
        if ended is None:
            return False
        self._db.rows(
            "INSERT INTO draft_fate (item, client, template, fate, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (item) "
            "DO UPDATE SET client = excluded.client, template = excluded.template, fate = excluded.fate, "
            "at = excluded.at",
            *(fate.item, fate.client, fate.template, fate.fate.value, to_micros(fate.at)),
        )
        if ended["message"] is not None:
            self._nobody_waits(ended["message"], reason, fate.at)
        return True

    def _nobody_waits(self, message: int, reason: str, now: datetime) -> None:
        """When the last draft of a message is dealt with, its case is closed and it counts as answered, or not."""
        if self._db.row("SELECT 1 FROM outbox WHERE message = ? AND state = 'draft'", message):
            return
        said = f"SELECT 1 FROM outbox WHERE message = ? AND sort = 'courtesy' AND state IN {ON_ITS_WAY}"  # noqa: S608
        outcome, because = ("answered", "") if self._db.row(said, message) else ("no-reply", reason)
        self._db.rows(
            "UPDATE message SET outcome = ?, reason = ? WHERE id = ? AND outcome = 'waiting' AND reason = ?",
            *(outcome, because, message, Reason.DRAFT.value),
        )
        self._db.rows(
            "UPDATE queue SET closed_at = ? WHERE message = ? AND reason = ? AND closed_at IS NULL",
            *(to_micros(now), message, Reason.DRAFT.value),
        )
