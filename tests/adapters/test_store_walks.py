"""Nothing that is asked for every message walks through the ledger: each question has its index."""

import re
from typing import Any

from tests.contracts.entries import DAY, NOW, TODAY, asked, case, entry, mail, promise, rush
from vamaild.adapters.store import SqliteStore
from vamaild.core.cases import Advance, NewNotice, NoticeState
from vamaild.core.ledger import Outcome, State
from vamaild.core.promise import PromiseState
from vamaild.core.ruleset import Trust
from vamaild.core.rush import RushState
from vamaild.core.trust import DraftFate, Fate, Level, Pause


def test_nothing_asked_for_every_message_walks_through_the_ledger(store: SqliteStore) -> None:
    """The reason why a ledger of a million messages costs what a new one costs."""
    asked_for: list[tuple[str, Any]] = []
    store.record(entry(1, outgoing=(mail(),)))
    store._db.db._tracer = lambda sql, values: asked_for.append((sql, values))
    drafts = tuple(mail(key, state=State.DRAFT) for key in ("k3", "k4"))
    store.record(entry(2, outgoing=(mail("k2"), *drafts), case=case(), promise=promise(), rush=rush()))
    store.history(
        asked(references=("<m1@shop.example>",), text_mark="aa", people=("boss@x.example",), week_begins=TODAY)
    )
    ask_the_books(store)
    store.bounced(["<k2@vamaild.example>"], NOW)
    store.answers("novak", ["<m1@shop.example>"], ["boss@x.example"])
    store.reports_since(NOW)
    store.waiting_for("novak", ["boss@x.example", "carla@x.example"])
    store.replies_to(1)
    store.withdraw(2, "answered")
    store.reopen(2, "stopped")
    store.answer_given(2)
    tuple(store.decided_between(TODAY, NOW + DAY))
    store.known("clienti", ["print-1"])
    store.marked("clienti", 7, [1])
    store.unmarked("clienti", 7)
    store.claim(NOW)
    store.confirm(1, NOW)
    store.interrupted()
    store.unfiled()
    store.filed(1, NOW)
    store.find_entry("clienti", 1)
    store.entry(1)
    store.watched()
    ask_the_chains(store)
    store._db.db._tracer = None
    walks = []
    for sql, values in asked_for:
        if sql.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            continue
        plan = [row["detail"] for row in store._db.rows(f"EXPLAIN QUERY PLAN {sql}", *values)]
        walks += [
            (sql, step)
            for step in plan
            if re.match(
                r"SCAN (message|matter|outbox|queue|promise|rush|level|draft_fate|pause|notice|case_event)\b", step
            )
        ]
        listing = sql.endswith("FROM outbox WHERE state = ? ORDER BY id")
        walks += [(sql, step) for step in plan if "outbox_state (state=?" in step and not listing]
    # A partial index that holds nothing but what is asked for is read from end to end: that is what it is for.
    assert [
        w
        for w in walks
        if not re.search(r"USING (COVERING )?INDEX (outbox_unfiled|promise_open|queue_watched|notice_ready)", w[1])
    ] == []
    assert len(asked_for) > 60


TABLES = "message|matter|outbox|queue|promise|rush|level|draft_fate|pause|notice|case_event"
READ_WHOLE = "outbox_unfiled|promise_open|queue_watched|notice_ready"


def ask_the_chains(store: SqliteStore) -> None:
    """Whatever is asked or changed while an emergency goes its way."""
    store.record(entry(20, case=case(escalates=True, damage="water"), outcome=Outcome.ESCALATED))
    store.record(entry(21, subject="Matter number 20", case=case(escalates=True), outcome=Outcome.ESCALATED))
    (open_case,) = store.watched()
    told = NewNotice("<n1@va.example>", "me", "email", 1, "ask")
    store.advance(open_case.code, open_case.version, Advance({}, NOW, notices=(told,)), NOW)
    (row,) = store.notices_ready(NOW)
    store.notice_handed(row.id, NOW)
    store.notice_settled(row.id, NoticeState.DELIVERED, NOW)
    store.notice_of([told.key])
    store.notices(open_case.code)
    store.case_events(open_case.code)
    store.disturbances("novak", NOW - DAY)
    store.cried_wolf("novak", "eva@shop.example", NOW - DAY)


def ask_the_books(store: SqliteStore) -> None:
    """Whatever is asked or changed for every message, or every round."""
    store.promises()
    store.promises_of([1, 2])
    store.reminders_due(NOW)
    store.reminded(1, NOW)
    store.end_promise(store.add_promise(promise(), 1, NOW), PromiseState.KEPT, NOW)
    store.rushes([RushState.TAKEN])
    store.rush_of_case("ABCD")
    store.offers_expired(NOW)
    store.sold_since("novak", TODAY)
    store.take(1, 1, "Eva", NOW, "ABCD")
    store.end_rush(1, RushState.AGREED, NOW)
    store.set_hours(1, 2, True)
    store.settle_draft(DraftFate(3, "novak", "vacation-first", Fate.DISCARDED, NOW))
    store.settle_draft(DraftFate(4, "novak", "vacation-first", Fate.EDITED, NOW))
    store.settle(4, State.DRAFT)
    store.approve_draft(DraftFate(4, "novak", "vacation-first", Fate.UNCHANGED, NOW), NOW + DAY)
    store.fates("novak", "vacation-first", TODAY)
    store.set_level(Level("novak", "vacation-first", Trust.SEND, NOW))
    store.levels("novak")
    store.pause(Pause("rossi", NOW))
    store.resume("rossi")
    store.settle(1, State.STOPPED)
    store.settle(1, State.QUEUED)
    store.withdraw(2, "answered")
