"""A week for the report: what every store must tell of it."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.contracts.entries import DAY, HOUR, MINUTE, NOW, case, entry, mail, promise, rush
from vamaild.adapters.store import SqliteStore
from vamaild.core.cases import Advance, CaseEvent
from vamaild.core.ledger import Outcome, Sort, State, Store
from vamaild.core.promise import PromiseState
from vamaild.core.report_rows import Gathered
from vamaild.core.resolve import Resolved
from vamaild.core.rush import RushState
from vamaild.core.trust import DraftFate, Fate

BEGINS = NOW.replace(second=0, microsecond=0) - DAY
ENDS = BEGINS + 7 * DAY


def week(store: Store, client: str = "", since: datetime = BEGINS, until: datetime = ENDS) -> Gathered:
    return store.week(client, since, until)


def send(store: Store, after: timedelta = 5 * MINUTE) -> None:
    item = store.claim(NOW + DAY, Sort.COURTESY)
    assert item
    store.confirm(item.id, NOW + after)


def test_messages_belong_to_the_time_they_were_decided_in(store: Store) -> None:
    for uid, at in enumerate((BEGINS - MINUTE, BEGINS, NOW, ENDS - MINUTE, ENDS), 1):
        store.record(entry(uid, decided_at=at, received=NOW))
    found = week(store)
    assert [row.id for row in found.rows] == [2, 3, 4]
    assert found.arrived == 3
    assert (found.since, found.until) == (BEGINS, ENDS)


def test_of_one_client_or_of_all(store: Store) -> None:
    store.record(entry(1))
    store.record(entry(2, client="rossi"))
    store.record(entry(3, client=""))
    assert [row.id for row in week(store, "rossi").rows] == [2]
    assert week(store, "rossi").arrived == 1
    assert sorted(row.id for row in week(store).rows) == [1, 2, 3]
    assert week(store).arrived == 3
    assert week(store, "nobody") == Gathered(BEGINS, ENDS)


def test_what_is_known_of_a_message(store: Store) -> None:
    told = {
        "who": "Eva\r\nMalá", "stated_urgency": True, "deadline": "2026-11-20T12:00:00+01:00",
        "new_text": "Kdy to bude?",
    }  # fmt: skip
    store.record(entry(1, explanation=told, kind="rush-request", action="reply-leadtime", subject="Voda"))
    (row,) = week(store).rows
    assert (row.kind, row.action, row.outcome, row.reason) == ("rush-request", "reply-leadtime", "no-reply", "observe")
    assert (row.who, row.subject, row.stated, row.asks) == ("Eva Malá", "Voda", True, True)
    assert row.deadline == datetime.fromisoformat("2026-11-20T12:00:00+01:00")
    assert row.received == NOW


@pytest.mark.parametrize(
    ("changes", "asks"),
    [
        ({}, False),
        ({"references": ("<a@b.example>",)}, True),
        ({"explanation": {"new_text": "Dobrý den."}}, False),
        ({"explanation": {"new_text": "Můžete?"}}, True),
    ],
)
def test_whether_it_asks_something(store: Store, changes: dict[str, object], asks: bool) -> None:
    store.record(entry(1, **changes))
    assert week(store).rows[0].asks is asks


def test_when_our_reply_left_and_when_a_person_answered(store: Store) -> None:
    row = store.record(entry(1, outcome=Outcome.ANSWERED, outgoing=(mail(),), promise=promise()))
    assert week(store).rows[0].replied_at is None
    send(store)
    assert week(store).rows[0].replied_at == NOW + 5 * MINUTE
    assert week(store).rows[0].person_at is None
    (standing,) = store.promises()
    store.end_promise(standing.id, PromiseState.KEPT, NOW + 3 * HOUR)
    store.resolve(row, Resolved.ANSWERED, NOW + 2 * HOUR)
    assert week(store).rows[0].person_at == NOW + 2 * HOUR


@pytest.mark.parametrize(("fate", "by_hand"), [(Fate.UNCHANGED, True), (Fate.EDITED, True), (Fate.DISCARDED, False)])
def test_a_draft_that_she_sent_is_her_answer(store: Store, fate: Fate, by_hand: bool) -> None:
    message = store.record(entry(1, outcome=Outcome.WAITING, reason="draft", outgoing=(mail(state=State.DRAFT),)))
    (item,) = store.outbox((State.DRAFT,))
    assert store.settle_draft(DraftFate(item.id, "novak", "vacation-first", fate, NOW + HOUR))
    found = week(store)
    assert found.rows[0].replied_at is None
    assert found.rows[0].person_at == (NOW + HOUR if by_hand else None)
    assert found.fates == ((message, fate),)
    assert week(store, "rossi").fates == ()


def test_how_matters_ended(store: Store) -> None:
    for uid, how in ((1, Resolved.SAID), (2, Resolved.SILENT)):
        store.record(entry(uid))
        assert store.resolve(uid, how, NOW + uid * DAY)
    assert [r.resolved for r in week(store).rows] == [Resolved.SAID, Resolved.SILENT]
    assert week(store).solved == ((1, Resolved.SAID), (2, Resolved.SILENT))
    assert week(store, until=NOW + 2 * DAY).solved == ((1, Resolved.SAID),)
    assert week(store, "rossi").solved == ()


def test_offers_made_or_taken_in_this_time(store: Store) -> None:
    row = store.record(entry(1, outcome=Outcome.ANSWERED, outgoing=(mail(),), rush=rush()))
    assert [r.state for r in week(store).rushes] == [RushState.OFFERED]
    send(store)
    assert store.take(1, row, "eva@shop.example", ENDS + HOUR, "")
    assert store.end_rush(1, RushState.AGREED, ENDS + HOUR, hours=1.5)
    assert week(store).rows[0].rush is RushState.AGREED
    assert [r.hours for r in week(store).rushes] == [1.5]
    assert [r.id for r in week(store, since=ENDS, until=ENDS + DAY).rushes] == [1]
    assert week(store, since=ENDS + DAY, until=ENDS + 2 * DAY).rushes == ()
    assert week(store, "rossi").rushes == ()


def test_promises_that_fall_due(store: Store) -> None:
    for uid, due in ((1, BEGINS - MINUTE), (2, ENDS - MINUTE), (3, BEGINS), (4, ENDS)):
        store.record(entry(uid, outgoing=(mail(str(uid)),), promise=promise(due=due)))
    assert [p.message for p in week(store).promises] == [3, 2]
    assert week(store, "rossi").promises == ()


def test_an_alarm_with_its_times_and_verdicts(store: Store) -> None:
    alarm = case(escalates=True, reason="emergency", subject="Voda")
    row = store.record(entry(1, outcome=Outcome.ESCALATED, reason="", case=alarm))
    (opened,) = store.cases()
    events = (CaseEvent(NOW + MINUTE, "asked", "vamaild", "me email ask"), CaseEvent(NOW + 6 * MINUTE, "taken", "petr"))
    store.advance(opened.code, 0, Advance({}, None, "petr", NOW + 6 * MINUTE, events=events), NOW)
    store.advance(opened.code, 1, Advance({}, None, closed_at=NOW + HOUR), NOW)
    (found,) = week(store).alarms
    assert (found.code, found.client, found.message, found.subject) == (opened.code, "novak", row, "Voda")
    assert (found.told_at, found.taken_at, found.taken_by) == (NOW + MINUTE, NOW + 6 * MINUTE, "petr")
    assert (found.closed_at, found.could_wait, found.verdicts) == (NOW + HOUR, None, ())
    assert week(store).rows[0].alarmed
    store.verdict(opened.code, "petr", True, NOW + DAY)
    (found,) = week(store).alarms
    assert (found.could_wait, found.verdicts) == (True, (("petr", True),))
    assert week(store).rows[0].could_wait is True
    assert week(store, "rossi").alarms == ()
    assert week(store, since=ENDS, until=ENDS + DAY).alarms == ()


def test_a_practice_alarm_is_none(store: Store) -> None:
    store.open_case(case(escalates=True, reason="practice"), NOW)
    store.open_case(case(), NOW)
    assert week(store).alarms == ()


def test_what_was_deleted_since_is_still_counted(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "vamaild.db")
    for uid in range(1, 5):
        store.record(entry(uid))
    store._db.write("DELETE FROM message WHERE id IN (1, 4)")
    found = week(store)
    assert (found.arrived, len(found.rows)) == (4, 2)
    store.close()
