"""Forgetting one person: her rows lose address, names and texts; other rows lose what in them names or quotes her.

core/privacy.py says which columns may hold a person: every one of them is looked through. Rows and their outcomes stay,
so that the sums of the report and of the audit are the same as before.
"""

# ruff: noqa: S608 - what is put together here are constants of this package; every value is bound with ?

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...core.ledger import StoreError
from ...core.privacy import GONE, KEPT, About, Data, Person, Redactor, columns
from .audit import readable
from .database import Connection, Part, Value, to_micros
from .handback import CLIENT_ROWS, end, open_words
from .marks import person
from .privacy import NO_CASE, NO_MAIL, NO_TEXT, PENDING, equip

BUSY = "a mail to them is being sent at this moment; try again in a minute. Nothing was erased"
IN = "IN (SELECT value FROM json_each(?))"
JSON = frozenset(("refs", "explanation", "chain", "links", "tried", "value", "questions", "condition_values"))
GOING = ("consent", "bounce", "sheet")
"""Rows that are nothing without their address."""
MINE = {
    "message": "is_hers(address) OR is_hers(json_extract(explanation, '$.sender.address'))",
    "forward": f"is_hers(customer) OR message {IN} OR told_in {IN}",
    "queue": f"is_hers(who) OR message {IN}",
    "promise": f"is_hers(recipient) OR message {IN}",
    "rush": f"is_hers(recipient) OR is_hers(taken_by) OR request {IN} OR answer {IN}",
    "outbox": f"is_hers(recipient) OR is_hers(author) OR message {IN} "
    f"OR key IN (SELECT key FROM packet WHERE forward {IN}) "
    f"OR case_code IN (SELECT code FROM queue WHERE id {IN})",
}
BLANKS = {
    "message": NO_TEXT.replace("address_code(address)", "''"),
    "outbox": NO_MAIL.replace("address_code(recipient)", "''").replace("address_code(author)", "''") + ", purged = 1",
    "queue": f"{NO_CASE}, person = NULL",
    "promise": "recipient = '', what = '', purged = 1",
    "rush": "recipient = '', what = '', taken_by = '', purged = 1",
    "forward": "customer = '', purged = 1",
}


@dataclass(frozen=True, slots=True)
class Found:
    """The numbers of the rows that are hers, by table; of mails that only name her under "named"."""

    who: Person
    rows: Mapping[str, tuple[int, ...]]

    def listed(self, table: str) -> str:
        return json.dumps(self.rows.get(table, ()))

    @property
    def counts(self) -> dict[str, int]:
        return {table: len(ids) for table, ids in self.rows.items() if ids}


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one row that names her; `values` None: it goes."""

    table: str
    key: Mapping[str, Value]
    values: Mapping[str, Value] | None


class ErasurePart(Part):
    """One person, of `core.privacy.PrivacyBook`."""

    def about(self, who: Person) -> About:
        """What is kept of her. Nothing is changed."""
        with self._db.snapshot():
            found = self._find(who)
            ids = found.listed("message")
            clients = self._db.rows(f"SELECT DISTINCT client FROM message WHERE id {IN} ORDER BY 1", ids)
            texts = self._db.rows(f"SELECT count(*) AS n FROM message WHERE purged = 0 AND id {IN}", ids)
            return About(
                tuple(row["client"] for row in clients if row["client"]),
                found.counts,
                texts[0]["n"],
                tuple(open_words(self._db, found.rows)),
                _busy(self._db, found),
                self._silenced(who),
                sum(1 for _ in self._changes(found)),
            )

    def forget(self, who: Person, now: datetime) -> Mapping[str, int]:
        """Ends what is open and takes out address, names and texts. Raises StoreError when a mail is on its way."""
        with self._db.transaction():
            found = self._find(who)
            if _busy(self._db, found):
                raise StoreError(f"{self._db.path}: {BUSY}")
            end(self._db, found.rows, to_micros(now))
            codes = f"code IN (SELECT code FROM queue WHERE id {IN})"
            for table in ("case_event", "notice"):
                self._db.rows(f"UPDATE {table} SET detail = '' WHERE {codes}", found.listed("queue"))
            for table, change in BLANKS.items():
                self._db.rows(f"UPDATE {table} SET {change} WHERE id {IN}", found.listed(table))
            self._db.rows(f"UPDATE outbox SET raw = x'' WHERE id {IN}", found.listed("named"))
            self._db.rows(f"DELETE FROM matter WHERE message {IN}", found.listed("message"))
            for row in list(self._changes(found)):
                self._make(row)
            return found.counts

    def person_rows(self, who: Person) -> Iterator[tuple[str, Mapping[str, Value]]]:
        """(table, row) of every row that is hers, as it is kept; of mails only those to her."""
        found = self._find(who)
        for table in MINE:
            sql = f"SELECT * FROM {table} WHERE id {IN} ORDER BY id"
            yield from ((table, dict(row)) for row in self._db.rows(sql, found.listed(table)))

    # ---- finding

    def _find(self, who: Person) -> Found:
        equip(self._db)
        self._db.db.conn.create_function("is_hers", 1, lambda a: isinstance(a, str) and who.same(a))
        rows: dict[str, tuple[int, ...]] = {}
        for table, which in MINE.items():
            linked = json.dumps(rows.get("message", ()))
            values = [linked] * which.count(IN)
            if table == "outbox":
                values = [linked, json.dumps(rows["forward"]), json.dumps(rows["queue"])]
            rows[table] = self._ids(table, which, who, *values)
        known = self._known(who, rows)
        return Found(known, rows | {"named": tuple(self._named(known, rows["outbox"]))})

    def _ids(self, table: str, which: str, who: Person, *values: Value) -> tuple[int, ...]:
        sql = f"SELECT id FROM {table} WHERE ({which}) AND ? IN ('', client) ORDER BY id"
        return tuple(row["id"] for row in self._db.rows(sql, *values, who.client))

    def _known(self, who: Person, rows: Mapping[str, Sequence[int]]) -> Person:
        """What her own rows tell of her: how she is called, what she wrote about."""
        sql = (
            "SELECT message_id, subject, json_extract(explanation, '$.who') AS who, "
            f"json_extract(explanation, '$.new_text') AS text FROM message WHERE purged = 0 AND id {IN}"
        )
        mails = self._db.rows(sql, json.dumps(rows["message"]))
        cases = self._db.rows(f"SELECT who, subject FROM queue WHERE id {IN}", json.dumps(rows["queue"]))
        told = self._db.rows(f"SELECT what FROM promise WHERE id {IN}", json.dumps(rows["promise"]))
        names = {str(row["who"] or "") for row in (*mails, *cases)}
        return Person(
            who.address,
            who.client,
            tuple(sorted({*who.names, *(n for n in names if n and "@" not in n and n != "nobody named")})),
            tuple(sorted({*(r["subject"] for r in (*mails, *cases)), *(r["what"] for r in told)} - {""})),
            tuple(sorted({row["message_id"] for row in mails} - {""})),
            tuple(str(row["text"]) for row in mails if row["text"]),
        )

    def _named(self, who: Person, hers: Sequence[int]) -> Iterator[int]:
        """Mails to others that name her. A word she shares with others takes the text only of a note that has left."""
        strict, loose = Redactor(who.patterns()), Redactor(who.patterns(loosely=True))
        known = set(hers)
        sql = "SELECT id, sort, state, raw FROM outbox WHERE purged = 0 AND raw <> x'' AND ? IN ('', client)"
        if who.client:
            sql = sql.replace("? IN ('', client)", "client IN ('', ?)")
        for row in self._db.rows(sql, who.client):
            waits = f"'{row['state']}'" in PENDING
            if row["id"] in known or (waits and row["sort"] == "escalation"):
                continue
            if (strict if waits or row["sort"] == "courtesy" else loose).mentioned(readable(row["raw"])):
                yield row["id"]

    def _silenced(self, who: Person) -> bool:
        """Whether a one-way mark stays: she asked for no automatic replies."""
        sql = "SELECT 1 FROM no_auto WHERE person = ? AND ? IN ('', client)"
        return self._db.row(sql, person(who.address), who.client) is not None

    # ---- what others wrote

    def _changes(self, found: Found) -> Iterator[Change]:
        """Every row that is not hers and holds her, as it is to be."""
        redactor = Redactor(found.who.patterns(), found.who.quotes())
        for table in KEPT:
            names = columns(table)
            if not names or (found.who.client and table not in CLIENT_ROWS):
                continue
            key, mine = _key(self._db, table), set(found.rows.get(table, ()))
            for row in self._db.rows(f"SELECT * FROM {table} WHERE {_within(table, found.who.client)}", *_only(found)):
                if row[key[0]] in mine or (table == "outbox" and row["id"] in found.rows["named"]):
                    continue
                values = {n: new for n in names if (new := _without(n, row[n], redactor, found.who)) != row[n]}
                if values:
                    goes = table == "proposal" or (
                        table in GOING and bool({*values} & {*columns(table, (Data.ADDRESS,))})
                    )
                    yield Change(table, {k: row[k] for k in key}, None if goes else values)

    def _make(self, change: Change) -> None:
        which = " AND ".join(f"{k} = ?" for k in change.key)
        if change.values is None:
            self._db.rows(f"DELETE FROM {change.table} WHERE {which}", *change.key.values())
        else:
            sets = ", ".join(f"{name} = ?" for name in change.values)
            self._db.rows(
                f"UPDATE {change.table} SET {sets} WHERE {which}", *change.values.values(), *change.key.values()
            )


def _busy(db: Connection, found: Found) -> bool:
    sql = f"SELECT 1 FROM outbox WHERE state = 'claimed' AND id {IN} LIMIT 1"
    return any(db.row(sql, found.listed(table)) is not None for table in ("outbox", "named"))


def _key(db: Connection, table: str) -> tuple[str, ...]:
    """The columns of the primary key."""
    found = [(row["pk"], row["name"]) for row in db.rows(f"PRAGMA table_info({table})") if row["pk"]]
    return tuple(name for _, name in sorted(found))


def _within(table: str, client: str) -> str:
    """Rows that may still hold a text: of one client, or all."""
    kept = "purged = 0" if table in ("message", "outbox", "promise") else "1"
    return f"{kept} AND {CLIENT_ROWS[table]}" if client else kept


def _only(found: Found) -> tuple[Value, ...]:
    return (found.who.client,) if found.who.client else ()


def _without(name: str, value: Value, redactor: Redactor, who: Person) -> Value:
    """The value without her. An address that is hers goes whole."""
    if isinstance(value, bytes) or not isinstance(value, str) or not value or name == "domain":
        return value
    if who.same(value):
        return ""
    if name in JSON:
        before = json.loads(value)
        after = redactor.value(before)
        return value if after == before else json.dumps(_tidy(after))
    return redactor.text(value)


def _tidy(value: object) -> object:
    """A list of plain texts without the empty places."""
    return [v for v in value if v != GONE] if isinstance(value, list) else value
