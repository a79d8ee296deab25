"""What the store in memory keeps of absences."""

import json
from collections.abc import Mapping
from datetime import datetime

from tests.memory_store.rows import Base, aware


class AwayRows(Base):
    def keep_away(self, client: str, name: str, value: Mapping[str, object], now: datetime) -> None:
        aware(now)
        self._rows.away[client, name] = (now, json.dumps(dict(value)))

    def away_kept(self, client: str, name: str) -> tuple[datetime, Mapping[str, object]] | None:
        kept = self._rows.away.get((client, name))
        return (kept[0], json.loads(kept[1])) if kept else None

    def silence(self, client: str, address: str, now: datetime) -> bool:
        aware(now)
        known = (client, address.lower()) in self._rows.no_auto
        self._rows.no_auto.setdefault((client, address.lower()), now)
        return not known

    def unsilence(self, client: str, address: str) -> bool:
        return self._rows.no_auto.pop((client, address.lower()), None) is not None

    def silenced(self, client: str, address: str) -> datetime | None:
        return self._rows.no_auto.get((client, address.lower()))
