"""A clock that was set back: what is queued and waits for a moment of the wrong clock waits as long as before.

A reply for "in four minutes", written while the clock was ten years ahead, would else leave in ten years.
"""

from datetime import datetime, timedelta

from .database import Part, to_micros

MICROSECOND = timedelta(microseconds=1)


class SetBackPart(Part):
    """What waits, moved with the clock."""

    def set_back(self, now: datetime, back: timedelta) -> None:
        """It is `now` again, for the second time, after the clock was put back by so much."""
        waits = "not_before = max(?1, not_before - ?2) WHERE not_before > ?1 AND state"
        with self._db.transaction():
            for table, states in (("outbox", "('queued')"), ("notice", "('ready', 'handed')")):
                self._db.rows(f"UPDATE {table} SET {waits} IN {states}", to_micros(now), back // MICROSECOND)  # noqa: S608  # constants
