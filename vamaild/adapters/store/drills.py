"""Practice alarms: when each began, how it ended, who answered."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ...core.drill import Drill, Link
from .database import Part, from_micros, maybe_micros, maybe_time, to_micros


class DrillPart(Part):
    """core.drill.DrillBook."""

    def drill_begins(self, client: str, code: str, now: datetime) -> None:
        self._db.write("INSERT INTO drill (code, client, began) VALUES (?, ?, ?)", code, client, to_micros(now))

    def drill_ends(self, code: str, links: Sequence[Link], now: datetime, instead: str = "") -> None:
        kept = json.dumps([_to_values(link) for link in links])
        sql = "UPDATE drill SET ended = ?, links = ?, instead = ? WHERE code = ? AND ended IS NULL"
        self._db.write(sql, to_micros(now), kept, instead, code)

    def last_drill(self, client: str) -> Drill | None:
        row = self._db.row("SELECT * FROM drill WHERE client = ? ORDER BY began DESC, code LIMIT 1", client)
        if row is None:
            return None
        links = tuple(_from_values(values) for values in json.loads(row["links"]))
        began, ended = from_micros(row["began"]), maybe_time(row["ended"])
        return Drill(row["client"], row["code"], began, ended, links, row["instead"])


def _to_values(link: Link) -> dict[str, object]:
    return asdict(link) | {name: maybe_micros(getattr(link, name)) for name in ("told_at", "answered_at")}


def _from_values(values: dict[str, Any]) -> Link:
    known = {"ways": tuple(values["ways"]), "broken": tuple(values["broken"])}
    return Link(**values | known | {name: maybe_time(values[name]) for name in ("told_at", "answered_at")})
