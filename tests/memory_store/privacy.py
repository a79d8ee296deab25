"""What the store in memory forgets: the same answers as SQLite's, said in Python."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice

from tests.memory_store.ledger import LedgerRows
from tests.memory_store.matter import matter
from vamaild.core import privacy
from vamaild.core.handover import Stage
from vamaild.core.learning import Kept, Standing
from vamaild.core.ledger import Entry, OutboxItem, Outcome, Sort, State, StoreError
from vamaild.core.privacy import About, Person, Plan
from vamaild.core.promise import PromiseState
from vamaild.core.rush import RushState

PENDING = (State.QUEUED, State.DRAFT, State.CLAIMED)
UNDER_WAY = (Stage.AGREED, Stage.HANDED, Stage.TAKEN)
Due = Iterator[tuple[str, Callable[[], object]]]


def bare(entry: Entry, address: str) -> Entry:
    kept = privacy.reduced(entry.explanation, bool(entry.references))
    return replace(entry, address=address, message_id="", subject="", text_mark="", references=(), explanation=kept)


class PrivacyRows(LedgerRows):
    def purge(self, plan: Plan, most: int) -> Mapping[str, int]:
        done: dict[str, int] = {}
        with self.transaction():
            held = self._held()
            for step in (self._texts, self._mails, self._closed, self._told, self._others, self._events):
                for table, apply in list(islice(step(plan, held), most)):
                    apply()
                    done[table] = done.get(table, 0) + 1
        return done

    def purgeable(self, plan: Plan) -> Mapping[str, int]:
        held, found = self._held(), dict[str, int]()
        for step in (self._texts, self._mails, self._closed, self._told, self._others, self._events):
            for table, _ in step(plan, held):
                found[table] = found.get(table, 0) + 1
        return found

    def held_back(self, plan: Plan) -> int:
        held = self._held()
        old = ((row, e) for row, e in self._rows.messages.items() if e.decided_at < plan.text)
        return sum((row in held or _away(e.client, e.received, plan)) and not self._level(row) for row, e in old)

    def oldest_text(self) -> datetime | None:
        kept = (e.decided_at for row, e in self._rows.messages.items() if not self._level(row))
        return min(kept, default=None)

    def backup_nightly(self, now: datetime, alive: Callable[[], object] = lambda: None) -> object:
        return None

    def tidy(self, whole: bool = False) -> bool:
        return True

    def _level(self, row: int) -> int:
        return self._rows.purged.get(("message", row), 0)

    def _open_rows(self) -> set[int | None]:
        rows = self._rows
        found = {c.message for c in rows.cases.values() if not c.closed_at}
        found |= {i.message for i in rows.outbox.values() if i.state in PENDING}
        found |= {p.message for p in rows.promises.values() if p.state is PromiseState.OPEN}
        offers = [r for r in rows.rushes.values() if r.state in (RushState.OFFERED, RushState.TAKEN)]
        found |= {m for r in offers for m in (r.request, r.answer)}
        return found | {m for f in rows.forwards.values() if f.stage in UNDER_WAY for m in (f.message, f.told_in)}

    def _held(self) -> set[int | None]:
        found = self._open_rows()
        about = {
            (e.address.lower(), e.client, mark)
            for row, e in self._rows.messages.items()
            if row in found
            for mark in matter(e.message_id, e.references, e.subject)
        }
        return found | {
            row
            for row, e in self._rows.messages.items()
            if any((e.address.lower(), e.client, m) in about for m in matter(e.message_id, e.references, e.subject))
        }

    def _new(self, table: str, number: int | str) -> bool:
        return (table, number) not in self._rows.purged

    def _mark(self, table: str, number: int | str, level: int = 1) -> None:
        self._rows.purged[table, number] = level

    def _texts(self, plan: Plan, held: set[int | None]) -> Due:
        for row, e in list(self._rows.messages.items()):
            kept = row in held or _away(e.client, e.received, plan)
            if not self._level(row) and e.decided_at < plan.text and not kept:
                yield "message", partial(self._strip, row, bare(e, privacy.code(e.address)), 1)

    def _strip(self, row: int, entry: Entry, level: int) -> None:
        self._rows.messages[row] = entry
        self._mark("message", row, level)

    def _mails(self, plan: Plan, held: set[int | None]) -> Due:
        packets = {k for k, (f, _, _) in self._rows.packets.items() if self._rows.forwards[f].stage in UNDER_WAY}
        running = {c.code for c in self._rows.cases.values() if not c.closed_at}
        for number, i in list(self._rows.outbox.items()):
            made = max(self._rows.made[number], i.sent_at or self._rows.made[number])
            over = i.state not in PENDING and i.message not in held - {None} and made < plan.text
            kept = (
                i.mail.key in packets or i.mail.case in running or _away(i.mail.client, self._rows.made[number], plan)
            )
            if over and not kept and self._new("outbox", number):
                yield "outbox", partial(self._empty, i, privacy.code(i.mail.to))

    def _empty(self, item: OutboxItem, to: str) -> None:
        self._rows.outbox[item.id] = replace(item, mail=replace(item.mail, to=to, raw=b""), error="")
        self._mark("outbox", item.id)

    def _closed(self, plan: Plan, held: set[int | None]) -> Due:
        for code, c in list(self._rows.cases.items()):
            over = c.closed_at and c.closed_at < plan.text and c.message not in held - {None}
            if over and self._new("queue", code) and not _away(c.case.client, c.opened, plan):
                yield "queue", partial(self._silent, code)

    def _silent(self, code: str) -> None:
        case = self._rows.cases[code]
        plain = replace(case.case, note="", who="", subject="")
        self._rows.cases[code] = replace(case, case=plain, resolution="")
        self._rows.events = [(c, replace(e, detail="") if c == code else e) for c, e in self._rows.events]
        for number, n in self._rows.notices.items():
            if n.code == code:
                self._rows.notices[number] = replace(n, detail="")
        self._mark("queue", code)

    def _told(self, plan: Plan, held: set[int | None]) -> Due:
        for number, p in list(self._rows.promises.items()):
            over = p.state is not PromiseState.OPEN and max(p.ended_at or p.made_at, p.made_at) < plan.text
            kept = p.message in held - {None} or _away(p.promise.client, p.made_at, plan)
            if over and not kept and self._new("promise", number):
                yield "promise", partial(self._untold, "promise", number)
        for number, r in list(self._rows.rushes.items()):
            over = r.state not in (RushState.OFFERED, RushState.TAKEN, RushState.AGREED)
            over = over and (r.ended_at or r.offered_at) < plan.text and r.request not in held - {None}
            if over and self._new("rush", number):
                yield "rush", partial(self._untold, "rush", number)
        for number, f in list(self._rows.forwards.items()):
            over = f.stage not in (*UNDER_WAY, Stage.OFFERED) and (f.ended_at or f.made_at) < plan.text
            kept = f.message in held - {None} or _away(f.client, f.made_at, plan)
            if over and not kept and self._new("forward", number):
                yield "forward", partial(self._untold, "forward", number)

    def _untold(self, table: str, number: int, code: Callable[[str], str] = privacy.code) -> None:
        rows = self._rows
        if table == "promise":
            p = rows.promises[number]
            rows.promises[number] = replace(p, promise=replace(p.promise, to=code(p.promise.to), what=""))
        elif table == "rush":
            r = rows.rushes[number]
            rows.rushes[number] = replace(r, offer=replace(r.offer, to=code(r.offer.to), what=""), taken_by="")
        else:
            rows.forwards[number] = replace(rows.forwards[number], customer=code(rows.forwards[number].customer))
        self._mark(table, number)

    def _others(self, plan: Plan, held: set[int | None]) -> Due:
        rows = self._rows
        for at, (kept, _) in list(rows.away.items()):
            if kept < plan.text and at[1] != "order" and at[0] not in plan.away:
                yield "away", partial(rows.away.pop, at)
        for key, sheet in list(rows.sheets.items()):
            if sheet.at < plan.text:
                yield "sheet", partial(rows.sheets.pop, key)
        for address, at_ in list(rows.bounces.items()):
            if at_ <= plan.bounced:
                yield "bounce", partial(rows.bounces.pop, address)
        for k in list(rows.proposals.values()):
            said = k.standing in (Standing.ACCEPTED, Standing.REFUSED) and k.said_at and k.said_at < plan.text
            if said and k.proposal.values:
                plain = replace(k, proposal=replace(k.proposal, values=(), messages=()))
                yield "proposal", partial(self._unsaid, k, plain)

    def _unsaid(self, before: Kept, plain: Kept) -> None:
        self._rows.proposals[before.number] = plain
        self._mark("mark", before.proposal.mark)

    def _events(self, plan: Plan, held: set[int | None]) -> Due:
        rows = self._rows
        for row, e in list(rows.messages.items()):
            old = self._level(row) == 1 and e.decided_at < plan.events and row not in held
            if old and not _away(e.client, e.received, plan):
                gone = replace(bare(e, ""), explanation={}, language="", kind="", action="", size=0)
                yield "message", partial(self._strip, row, gone, 2)
        for number, i in list(rows.outbox.items()):
            made = max(rows.made[number], i.sent_at or rows.made[number])
            if not self._new("outbox", number) and made < plan.events:
                yield "outbox", partial(rows.outbox.pop, number)
        for code, c in list(rows.cases.items()):
            whole = c.message in rows.messages and self._level(c.message or 0) < 2
            if not self._new("queue", code) and c.closed_at and c.closed_at < plan.events and not whole:
                yield "queue", partial(rows.cases.pop, code)
        for number, p in list(rows.promises.items()):
            if not self._new("promise", number) and max(p.made_at, p.ended_at or p.made_at) < plan.events:
                yield "promise", partial(rows.promises.pop, number)

    # ---- one person, one client

    def about(self, who: Person) -> About:
        found, rows = self._hers(who), self._rows
        clients = {rows.messages[int(m)].client for m in found["message"]} - {""}
        silenced = any(privacy.canonical(a) == privacy.canonical(who.address) for _, a in rows.no_auto)
        texts = sum(not self._level(int(m)) for m in found["message"])
        counts = {table: len(ids) for table, ids in found.items() if ids}
        return About(tuple(sorted(clients)), counts, texts, self._still_open(found), self._claimed(found), silenced)

    def about_client(self, client: str) -> About:
        counts = {"message": sum(e.client == client for e in self._rows.messages.values())}
        return About((client,) if counts["message"] else (), {t: n for t, n in counts.items() if n})

    def forget(self, who: Person, now: datetime) -> Mapping[str, int]:
        found = self._hers(who)
        if self._claimed(found):
            raise StoreError("a mail to them is being sent at this moment; try again in a minute")
        with self.transaction():
            self._end(found, now)
            for row in found["message"]:
                self._strip(int(row), bare(self._rows.messages[int(row)], ""), max(self._level(int(row)), 1))
            for number in found["outbox"]:
                self._empty(self._rows.outbox[int(number)], "")
            for code in found["queue"]:
                self._silent(str(code))
            for table in ("promise", "rush", "forward"):
                for number in found[table]:
                    self._untold(table, int(number), lambda address: "")
        return {table: len(ids) for table, ids in found.items() if ids}

    def forget_client(self, client: str, now: datetime) -> Mapping[str, int]:
        mine = [row for row, e in self._rows.messages.items() if e.client == client]
        with self.transaction():
            for row in mine:
                e = self._rows.messages[row]
                if e.outcome is Outcome.WAITING:
                    e = replace(e, outcome=Outcome.NO_REPLY, reason="nobody-waits")
                gone = replace(bare(e, ""), explanation={}, language="", kind="", action="", size=0, client="")
                self._strip(row, gone, 2)
            rows = self._rows
            rows.outbox = {k: i for k, i in rows.outbox.items() if i.mail.client != client}
            rows.cases = {k: c for k, c in rows.cases.items() if c.case.client != client}
            rows.promises = {k: p for k, p in rows.promises.items() if p.promise.client != client}
            rows.rushes = {k: r for k, r in rows.rushes.items() if r.offer.client != client}
            rows.forwards = {k: f for k, f in rows.forwards.items() if f.client != client}
        return {"message": len(mine)} if mine else {}

    def _hers(self, who: Person) -> dict[str, list[int | str]]:
        rows = self._rows

        def here(client: str) -> bool:
            return who.client in ("", client)

        mine = [r for r, e in rows.messages.items() if who.same(e.address) and here(e.client)]
        cases = [
            k for k, c in rows.cases.items() if (c.message in mine or who.same(c.case.who)) and here(c.case.client)
        ]
        mails = [
            k
            for k, i in rows.outbox.items()
            if (who.same(i.mail.to) or i.message in mine or i.mail.case in cases) and here(i.mail.client)
        ]
        promises = [
            k
            for k, p in rows.promises.items()
            if (who.same(p.promise.to) or p.message in mine) and here(p.promise.client)
        ]
        rushes = [
            k for k, r in rows.rushes.items() if (who.same(r.offer.to) or r.request in mine) and here(r.offer.client)
        ]
        forwards = [
            k for k, f in rows.forwards.items() if (who.same(f.customer) or f.message in mine) and here(f.client)
        ]
        return {
            "message": [*mine], "outbox": [*mails], "queue": [*cases], "promise": [*promises], "rush": [*rushes],
            "forward": [*forwards],
        }  # fmt: skip

    def _still_open(self, found: Mapping[str, list[int | str]]) -> tuple[str, ...]:
        rows = self._rows
        words = [f"case {c}" for c in found["queue"] if not rows.cases[str(c)].closed_at]
        words += [f"mail m-{i}" for i in found["outbox"] if rows.outbox[int(i)].state in PENDING]
        words += [f"promise {p}" for p in found["promise"] if rows.promises[int(p)].state is PromiseState.OPEN]
        offered = (RushState.OFFERED, RushState.TAKEN)
        words += [f"rush {r}" for r in found["rush"] if rows.rushes[int(r)].state in offered]
        under_way = (*UNDER_WAY, Stage.OFFERED)
        return (*words, *(f"hand-over {f}" for f in found["forward"] if rows.forwards[int(f)].stage in under_way))

    def _claimed(self, found: Mapping[str, list[int | str]]) -> bool:
        return any(self._rows.outbox[int(i)].state is State.CLAIMED for i in found["outbox"])

    def _end(self, found: Mapping[str, list[int | str]], now: datetime) -> None:
        rows = self._rows
        for number in found["outbox"]:
            item = rows.outbox[int(number)]
            if item.state in PENDING:
                if item.mail.sort is Sort.COURTESY:
                    self._stands(item.message or 0, (Outcome.ANSWERED,), Outcome.NO_REPLY, "nobody-waits")
                self._set(item.id, State.STOPPED)
        for number in found["promise"]:
            self.end_promise(int(number), PromiseState.WITHDRAWN, now)
        for number in found["rush"]:
            r = rows.rushes[int(number)]
            if r.state in (RushState.OFFERED, RushState.TAKEN):
                ended = RushState.REFUSED if r.state is RushState.TAKEN else RushState.WITHDRAWN
                rows.rushes[int(number)] = replace(r, state=ended, ended_at=now)
        for number in found["forward"]:
            f = rows.forwards[int(number)]
            if f.stage in (*UNDER_WAY, Stage.OFFERED):
                rows.forwards[int(number)] = replace(f, stage=Stage.DROPPED, ended_at=now)
        for code in found["queue"]:
            c = rows.cases[str(code)]
            rows.cases[str(code)] = replace(c, closed_at=c.closed_at or now)
        for row in found["message"]:
            self._stands(int(row), (Outcome.WAITING,), Outcome.NO_REPLY, "nobody-waits")


def _away(client: str, at: datetime, plan: Plan) -> bool:
    return client in plan.away and at >= plan.away[client]
