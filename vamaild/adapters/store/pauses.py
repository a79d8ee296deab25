"""Who is paused: no courtesy leaves for them (outbox.py), emergencies go on."""

from datetime import datetime

from ...core.trust import Pause
from .database import Part, from_micros, maybe_micros, maybe_time, to_micros


class PausePart(Part):
    """`core.trust.PauseBook`."""

    def pause(self, pause: Pause) -> None:
        """Replaces a pause of the same client."""
        self._db.write(
            "INSERT OR REPLACE INTO pause (client, since, until, paused_by) VALUES (?, ?, ?, ?)",
            *(pause.client, to_micros(pause.since), maybe_micros(pause.until), pause.by),
        )

    def resume(self, client: str) -> bool:
        """False when nothing was paused for exactly this name."""
        return bool(self._db.write("DELETE FROM pause WHERE client = ? RETURNING client", client))

    def pauses(self, now: datetime) -> tuple[Pause, ...]:
        """Those in force, by client."""
        rows = self._db.kept("pause", "SELECT * FROM pause ORDER BY client")
        return tuple(
            Pause(r["client"], from_micros(r["since"]), maybe_time(r["until"]), r["paused_by"])
            for r in rows
            if r["until"] is None or r["until"] > to_micros(now)
        )
