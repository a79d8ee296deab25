"""The purge: texts and, later, events that are over lose what they held (core/privacy.py says what, and for how long).

Every step is one statement that may be stopped after any batch and begun again: what it has changed it does not find a
second time. A message keeps its place, outcome and fingerprint for good, so that sums stay and nothing is answered
twice.
"""

# ruff: noqa: S608 - what is put together here are constants of this package; every value is bound with ?

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ...core import privacy
from ...core.privacy import Plan
from .database import Connection, Part, maybe_time, to_micros
from .marks import person

PARAMETERS = "WITH p AS (SELECT ? AS text, ? AS events, ? AS bounced, ? AS away, ? AS held, ? AS most)"
HELD = "(SELECT value FROM json_each((SELECT held FROM p)))"
TEXT, EVENTS = "< (SELECT text FROM p)", "< (SELECT events FROM p)"
MESSAGE_OVER = f"(message IS NULL OR message NOT IN {HELD})"
PENDING = "('queued', 'draft', 'claimed')"
UNDER_WAY = "('agreed', 'handed', 'taken')"
OPEN = (
    "SELECT message AS id FROM queue WHERE closed_at IS NULL UNION "
    f"SELECT message FROM outbox WHERE state IN {PENDING} UNION SELECT message FROM promise WHERE state = 'open' UNION "
    "SELECT request FROM rush WHERE state IN ('offered', 'taken') UNION "
    "SELECT answer FROM rush WHERE state IN ('offered', 'taken') UNION "
    f"SELECT message FROM forward WHERE stage IN {UNDER_WAY} UNION "
    f"SELECT told_in FROM forward WHERE stage IN {UNDER_WAY}"
)
# What is open, and every other message of the same person about the same matter.
HOLD = (
    f"WITH open AS (SELECT id FROM ({OPEN}) WHERE id IS NOT NULL) SELECT id FROM open UNION "
    "SELECT b.message FROM open CROSS JOIN message m ON m.id = open.id "
    "CROSS JOIN matter a ON a.person = person_mark(m.address) AND a.message = m.id "
    "CROSS JOIN matter b ON b.person = a.person AND b.mark = a.mark"
)
NO_TEXT = (
    "address = address_code(address), message_id = '', subject = '', text_mark = '', "
    "explanation = reduced(explanation, refs), refs = '[]', purged = max(purged, 1)"
)
SKELETON = (
    "address = '', message_id = '', subject = '', text_mark = '', explanation = '{}', refs = '[]', language = '', "
    "kind = '', action = '', size = 0, purged = 2"
)
NO_MAIL = (
    "recipient = address_code(recipient), author = address_code(author), domain = '', about = 0, error = '', raw = x''"
)
NO_CASE = "note = '', who = '', subject = '', resolution = '', purged = 1"


def _present(client: str, at: str) -> str:
    """Not of an absence that still lasts."""
    return f"NOT EXISTS (SELECT 1 FROM json_each((SELECT away FROM p)) a WHERE a.key = {client} AND {at} >= a.value)"


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to which rows of a table; `change` "" deletes them. `key` is what its rows are found by."""

    table: str
    which: str
    change: str = ""
    key: str = "id"

    @property
    def rows(self) -> str:
        return f"SELECT {self.key} FROM {self.table} WHERE {self.which}"

    @property
    def sql(self) -> str:
        verb = f"UPDATE {self.table} SET {self.change}" if self.change else f"DELETE FROM {self.table}"
        return f"{PARAMETERS} {verb} WHERE ({self.key}) IN ({self.rows} LIMIT (SELECT most FROM p)) RETURNING 1"


STEPS = (
    Step(
        "message",
        f"purged = 0 AND decided_at {TEXT} AND id NOT IN {HELD} AND {_present('client', 'received')}",
        NO_TEXT,
    ),
    Step(
        "outbox",
        f"purged = 0 AND made_at {TEXT} AND coalesce(sent_at, made_at) {TEXT} AND state NOT IN {PENDING} "
        f"AND {MESSAGE_OVER} AND {_present('client', 'made_at')} "
        "AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.code = case_code AND closed_at IS NULL) "
        "AND key NOT IN (SELECT packet.key FROM forward JOIN packet ON forward = forward.id "
        f"WHERE stage IN {UNDER_WAY})",
        f"{NO_MAIL}, purged = 1",
    ),
    Step("queue", f"purged = 0 AND closed_at {TEXT} AND {MESSAGE_OVER} AND {_present('client', 'opened')}", NO_CASE),
    Step("case_event", "detail <> '' AND code IN (SELECT code FROM queue WHERE purged = 1)", "detail = ''"),
    Step("notice", "detail <> '' AND code IN (SELECT code FROM queue WHERE purged = 1)", "detail = ''"),
    Step(
        "promise",
        f"purged = 0 AND state <> 'open' AND coalesce(ended_at, made_at) {TEXT} AND made_at {TEXT} "
        f"AND {MESSAGE_OVER} AND {_present('client', 'made_at')}",
        "recipient = address_code(recipient), what = '', purged = 1",
    ),
    Step(
        "rush",
        f"purged = 0 AND state NOT IN ('offered', 'taken', 'agreed') AND coalesce(ended_at, offered_at) {TEXT} "
        f"AND (request IS NULL OR request NOT IN {HELD})",
        "recipient = address_code(recipient), what = '', taken_by = '', purged = 1",
    ),
    Step(
        "forward",
        f"purged = 0 AND stage NOT IN ('offered', 'agreed', 'handed', 'taken') AND coalesce(ended_at, made_at) {TEXT} "
        f"AND {MESSAGE_OVER} AND {_present('client', 'made_at')}",
        "customer = address_code(customer), purged = 1",
    ),
    Step(
        "away",
        f"at {TEXT} AND name <> 'order' AND client NOT IN (SELECT key FROM json_each((SELECT away FROM p)))",
        key="client, name",
    ),
    Step(
        "proposal",
        f"standing IN ('accepted', 'refused') AND said_at {TEXT} AND condition_values <> '[]'",
        "condition_values = '[]', messages = '[]'",
    ),
    Step("sheet", f"at {TEXT}", key="key"),
    Step("bounce", "at <= (SELECT bounced FROM p)", key="address"),
    # Events.
    Step(
        "message",
        f"purged = 1 AND decided_at {EVENTS} AND id NOT IN {HELD} AND {_present('client', 'received')}",
        SKELETON,
    ),
    Step("outbox", f"purged = 1 AND made_at {EVENTS} AND coalesce(sent_at, made_at) {EVENTS}"),
    Step(
        "queue",
        f"purged = 1 AND closed_at {EVENTS} "
        "AND NOT EXISTS (SELECT 1 FROM message WHERE message.id = queue.message AND purged < 2) "
        "AND (joined = 0 OR NOT EXISTS (SELECT 1 FROM message m WHERE m.client = queue.client AND m.purged < 2 "
        "AND m.outcome = 'escalated' AND m.decided_at BETWEEN opened AND closed_at))",
    ),
    Step("promise", f"purged = 1 AND made_at {EVENTS} AND coalesce(ended_at, made_at) {EVENTS}"),
    Step("rush", f"state NOT IN ('offered', 'taken') AND coalesce(ended_at, taken_at, offered_at) {EVENTS}"),
    Step("forward", f"stage NOT IN {UNDER_WAY} AND made_at {EVENTS} AND coalesce(ended_at, made_at) {EVENTS}"),
    Step("draft_fate", f"at {EVENTS}"),
    Step("resolution", f"at {EVENTS}", key="message"),
    Step("correction", f"at {EVENTS}", key="message"),
    Step("outcome", f"at {EVENTS}", key="message"),
    Step("drill", f"began {EVENTS}", key="code"),
    Step("proposal", f"standing IN ('open', 'agreed') AND made_at {EVENTS}"),
    Step("run", f"name GLOB 'draft gone *' AND at {EVENTS}", key="name"),
    Step(
        "matter",
        "EXISTS (SELECT 1 FROM message WHERE message.id = matter.message AND purged = 2)",
        key="person, mark, message",
    ),
)


def equip(db: Connection) -> None:
    """The functions of core/privacy.py for the statements here."""
    known = db.db.conn.create_function
    known("address_code", 1, privacy.code, deterministic=True)
    known("person_mark", 1, lambda address: None if address is None else person(address), deterministic=True)
    known("reduced", 2, _reduced, deterministic=True)


def _reduced(explanation: str, refs: str) -> str:
    return json.dumps(privacy.reduced(json.loads(explanation), refs != "[]"))


class PurgePart(Part):
    """The purge of `core.privacy.PrivacyBook`."""

    def purge(self, plan: Plan, most: int) -> Mapping[str, int]:
        """One batch in one transaction: how many rows of each table were changed. {}: nothing is left."""
        equip(self._db)
        with self._db.transaction():
            values = self._values(plan, most)
            return privacy.total({step.table: n} for step in STEPS if (n := len(self._db.rows(step.sql, *values))))

    def purgeable(self, plan: Plan) -> Mapping[str, int]:
        """How many rows a purge would change; what becomes due by the purge itself is not counted."""
        equip(self._db)
        with self._db.snapshot():
            values = self._values(plan, 0)
            counts = ((s.table, f"{PARAMETERS} SELECT count(*) AS n FROM ({s.rows})") for s in STEPS)
            return privacy.total({table: n} for table, sql in counts if (n := self._db.rows(sql, *values)[0]["n"]))

    def held_back(self, plan: Plan) -> int:
        """How many messages are kept whole for longer: something about them is open, or an absence lasts."""
        equip(self._db)
        with self._db.snapshot():
            sql = f"{PARAMETERS} SELECT count(*) AS n FROM message WHERE purged = 0 AND decided_at {TEXT}"
            whole = int(self._db.rows(sql, *self._values(plan, 0))[0]["n"])
            which = STEPS[0].rows.replace("SELECT id", "SELECT count(*) AS n", 1)
            return whole - int(self._db.rows(f"{PARAMETERS} {which}", *self._values(plan, 0))[0]["n"])

    def _values(self, plan: Plan, most: int) -> tuple[int, int, int, str, str, int]:
        held = json.dumps([row["id"] for row in self._db.rows(HOLD)])
        away = json.dumps({client: to_micros(since) for client, since in plan.away.items()})
        return to_micros(plan.text), to_micros(plan.events), to_micros(plan.bounced), away, held, most

    def oldest_text(self) -> datetime | None:
        """When the oldest message was decided whose text is still here."""
        row = self._db.row("SELECT min(decided_at) AS at FROM message INDEXED BY message_kept WHERE purged = 0")
        return maybe_time(row["at"]) if row else None
