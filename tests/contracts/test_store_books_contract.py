"""Promises and rush offers: what every store must do with them."""

from typing import Any

import pytest

from tests.contracts.entries import DAY, HOUR, MINUTE, NOW, TODAY, asked, entry, mail, promise, rush
from vamaild.core.ledger import Outcome, State, Store, StoreError
from vamaild.core.promise import NewPromise, Promise, PromiseState
from vamaild.core.rush import Rush, RushState

MICROSECOND = MINUTE / 60_000_000


def promised(store: Store, *promises: NewPromise) -> list[int]:
    """The numbers of these promises, each made to a message of its own."""
    for uid, each in enumerate(promises, 1):
        store.record(entry(uid, promise=each))
    numbers = {p.promise: p.id for p in store.promises(open_only=False)}
    return [numbers[each] for each in promises]


def offered(store: Store, number: int = 1, *, state: State | None = State.SENT, **changes: Any) -> Rush:
    """The offer in the answer to message `number`; `state` is how far its mail got, None: there is none."""
    key = f"<k{number}@vamaild.example>"
    mails = (mail(f"k{number}", state=state),) if state else ()
    decided = NOW + number * MINUTE
    row = store.record(entry(number, decided_at=decided, outgoing=mails, rush=rush(offer_key=key, **changes)))
    (found,) = (r for r in store.rushes(list(RushState)) if r.request == row)
    return found


def in_state(store: Store, state: RushState, number: int = 1) -> Rush:
    """An offer that has come so far."""
    found = offered(store, number)
    if state in (RushState.TAKEN, RushState.AGREED):
        assert store.take(found.id, found.request, "Eva", NOW, f"AAA{'ABCDEFGH'[number]}")
    if state not in (RushState.OFFERED, RushState.TAKEN):
        assert store.end_rush(found.id, state, NOW + HOUR)
    there = store.rush(found.id)
    assert there is not None
    assert there.state is state
    return there


# --- promises ---


def test_a_date_that_was_told_is_a_promise_of_its_message(store: Store) -> None:
    told = promise(owner="jana", remind_at=NOW + HOUR, hour=True)
    row = store.record(entry(1, decided_at=NOW + MINUTE, promise=told))
    (kept,) = store.promises()
    assert kept == Promise(kept.id, told, row, NOW + MINUTE)
    assert store.promise(kept.id) == kept
    assert store.promise(99) is None


def test_a_batch_that_fails_promises_nothing(store: Store) -> None:
    with pytest.raises(StoreError), store.transaction():
        store.record(entry(1, promise=promise(), rush=rush()))
        raise StoreError
    assert (store.promises(), store.rushes(list(RushState))) == ((), ())


@pytest.mark.parametrize(
    ("options", "expected"),
    [({}, [2, 1]), ({"client": "novak"}, [1]), ({"open_only": False}, [2, 3, 1]), ({"client": "nobody"}, [])],
    ids=str,
)
def test_promises_come_by_the_moment_they_are_due(store: Store, options: dict[str, Any], expected: list[int]) -> None:
    numbers = promised(
        store,
        promise(due=NOW + 3 * DAY),
        promise(due=NOW + DAY, client="rossi"),
        promise(due=NOW + 2 * DAY),
    )
    store.end_promise(numbers[2], PromiseState.KEPT, NOW)
    assert [p.id for p in store.promises(**options)] == [numbers[n - 1] for n in expected]


def test_the_open_promises_of_a_thread(store: Store) -> None:
    one, two, three = promised(store, promise(due=NOW + 2 * DAY), promise(due=NOW + DAY), promise(due=NOW))
    rows = {p.id: p.message for p in store.promises()}
    store.end_promise(three, PromiseState.KEPT, NOW)
    assert [p.id for p in store.promises_of([rows[one], rows[two], rows[three], 99])] == [two, one]
    assert [p.id for p in store.promises_of([rows[one]])] == [one]
    assert store.promises_of([]) == ()


@pytest.mark.parametrize(
    ("remind_at", "due"), [(NOW, True), (NOW - DAY, True), (NOW + MICROSECOND, False), (None, False)], ids=str
)
def test_a_reminder_is_given_once(store: Store, remind_at: Any, due: bool) -> None:
    (number,) = promised(store, promise(remind_at=remind_at))
    assert [p.id for p in store.reminders_due(NOW)] == [number] * due
    store.reminded(number, NOW)
    found = store.promise(number)
    assert found is not None
    assert (found.reminded_at, found.state) == (NOW, PromiseState.OPEN)
    assert store.reminders_due(NOW + DAY) == ()
    with pytest.raises(StoreError, match="99"):
        store.reminded(99, NOW)


def test_nobody_is_reminded_of_what_has_ended(store: Store) -> None:
    early, late, kept = promised(
        store,
        promise(remind_at=NOW - HOUR, due=NOW + 9 * DAY),
        promise(remind_at=NOW),
        promise(remind_at=NOW - DAY),
    )
    store.end_promise(kept, PromiseState.KEPT, NOW)
    assert [p.id for p in store.reminders_due(NOW)] == [early, late]


@pytest.mark.parametrize("state", [PromiseState.KEPT, PromiseState.LATE, PromiseState.WITHDRAWN])
def test_a_promise_ends_once(store: Store, state: PromiseState) -> None:
    (number,) = promised(store, promise())
    assert not store.end_promise(number, PromiseState.OPEN, NOW)
    assert store.end_promise(number, state, NOW + HOUR)
    assert not store.end_promise(number, PromiseState.KEPT, NOW + DAY)
    assert not store.end_promise(99, PromiseState.KEPT, NOW)
    found = store.promise(number)
    assert found is not None
    assert (found.state, found.ended_at) == (state, NOW + HOUR)


def test_a_promise_made_later_stands_beside_the_first(store: Store) -> None:
    row = store.record(entry(1, promise=promise()))
    sooner = promise(due=NOW + HOUR, template="rush-confirmed", hour=True)
    number = store.add_promise(sooner, row, NOW + MINUTE)
    assert store.promise(number) == Promise(number, sooner, row, NOW + MINUTE)
    assert [p.promise for p in store.promises_of([row])] == [sooner, promise()]
    with pytest.raises(StoreError):
        store.add_promise(sooner, 99, NOW)


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda store, item: store.withdraw(item, "answered"), False),
        (lambda store, item: store.settle(item, State.STOPPED), False),
        (lambda store, item: store.settle(item, State.FAILED), False),
        (lambda store, item: store.fail(item, "550 no such user", None), False),
        (lambda store, item: store.fail(item, "421 later", NOW + HOUR), True),
        (lambda store, item: store.settle(item, State.UNCONFIRMED), True),
        (lambda store, item: store.settle(item, State.QUEUED), True),
        (lambda store, item: store.confirm(item, NOW), True),
    ],
)
def test_a_reply_that_does_not_leave_promises_and_offers_nothing(store: Store, act: Any, told: bool) -> None:
    row = store.record(entry(1, outcome=Outcome.ANSWERED, outgoing=(mail(),), promise=promise(), rush=rush()))
    other = store.record(
        entry(2, outgoing=(mail("k2"),), promise=promise(), rush=rush(offer_key="<k2@vamaild.example>"))
    )
    later = store.add_promise(promise(template="rush-confirmed"), row, NOW)
    act(store, store.outbox([State.QUEUED])[0].id)
    states = {(p.message, p.promise.template): (p.state, p.ended_at) for p in store.promises(open_only=False)}
    gone = (PromiseState.OPEN if told else PromiseState.WITHDRAWN, None)
    assert states == {
        (row, "vacation-first"): gone,
        (row, "rush-confirmed"): (PromiseState.OPEN, None),
        (other, "vacation-first"): (PromiseState.OPEN, None),
    }
    offers = {r.request: (r.state, r.ended_at) for r in store.rushes(list(RushState))}
    assert offers == {
        row: (RushState.OFFERED if told else RushState.WITHDRAWN, None),
        other: (RushState.OFFERED, None),
    }
    found = store.entry(row)
    assert found is not None
    assert (found.promise, found.rush) == ((promise(), rush()) if told else (promise(template="rush-confirmed"), None))
    assert store.promise(later) is not None


def test_a_promise_that_was_kept_stays_kept_when_its_mail_is_stopped(store: Store) -> None:
    store.record(entry(1, outgoing=(mail(),), promise=promise()))
    (kept,) = store.promises()
    store.end_promise(kept.id, PromiseState.KEPT, NOW)
    store.withdraw(store.outbox([State.QUEUED])[0].id, "answered")
    assert [p.state for p in store.promises(open_only=False)] == [PromiseState.KEPT]


# --- rush offers ---


def test_an_offer_is_a_row_of_its_request(store: Store) -> None:
    found = offered(store)
    assert found == Rush(found.id, rush(), found.request, NOW + MINUTE)
    assert store.rush(found.id) == found
    assert store.rush(99) is None


def test_the_same_mail_offers_once(store: Store) -> None:
    store.record(entry(1, rush=rush()))
    row = store.record(entry(1, mailbox="other", rush=rush(percent=90)))
    assert [r.offer.percent for r in store.rushes([RushState.OFFERED])] == [50]
    found = store.entry(row)
    assert found is not None
    assert found.rush is None


@pytest.mark.parametrize(
    ("state", "sells"),
    [
        (State.SENT, True),
        (State.UNCONFIRMED, True),
        (State.CLAIMED, True),
        (State.QUEUED, False),
        (State.DRAFT, False),
        (State.STOPPED, False),
        (State.FAILED, False),
        (None, False),
    ],
)
def test_only_an_offer_that_left_can_be_taken(store: Store, state: State | None, sells: bool) -> None:
    found = offered(store, state=state)
    assert store.take(found.id, found.request, "Eva", NOW + HOUR, "ABCD") is sells
    assert store.offers_in("novak", [found.offer.offer_key])[0].state is (
        RushState.TAKEN if sells else RushState.OFFERED
    )
    assert store.sold_since("novak", TODAY) == sells


def test_an_offer_is_taken_once(store: Store) -> None:
    found = offered(store)
    answer = store.record(entry(2))
    with pytest.raises(StoreError):
        store.take(found.id, 99, "Eva", NOW, "ABCD")
    assert store.take(found.id, answer, "Eva", NOW + HOUR, "ABCD")
    assert not store.take(found.id, answer, "Jan", NOW + DAY, "WXYZ")
    assert not store.take(99, answer, "Jan", NOW, "WXYZ")
    taken = store.rush(found.id)
    assert taken is not None
    assert (taken.state, taken.answer, taken.taken_by, taken.taken_at, taken.case) == (
        *(RushState.TAKEN, answer, "Eva", NOW + HOUR, "ABCD"),
    )
    assert store.rush_of_case("ABCD") == taken
    assert store.rush_of_case("WXYZ") is None


def test_a_case_names_an_offer_until_the_assistant_has_spoken(store: Store) -> None:
    taken = in_state(store, RushState.TAKEN)
    assert store.end_rush(taken.id, RushState.AGREED, NOW)
    assert store.rush_of_case(taken.case) is None
    assert store.rush_of_case("") is None


MAY = {
    (RushState.TAKEN, RushState.AGREED),
    (RushState.TAKEN, RushState.REFUSED),
    (RushState.OFFERED, RushState.REFUSED),
    (RushState.OFFERED, RushState.DECLINED),
    (RushState.OFFERED, RushState.EXPIRED),
    (RushState.OFFERED, RushState.WITHDRAWN),
}


@pytest.mark.parametrize("before", list(RushState))
@pytest.mark.parametrize("after", list(RushState))
def test_how_an_offer_may_end(store: Store, before: RushState, after: RushState) -> None:
    found = in_state(store, before)
    ended = store.end_rush(found.id, after, NOW + DAY, hours=1.5, charged=False)
    assert ended == ((before, after) in MAY)
    now = store.rush(found.id)
    assert now is not None
    if ended:
        assert (now.state, now.ended_at, now.hours, now.charged) == (after, NOW + DAY, 1.5, False)
        assert not store.take(found.id, found.request, "Eva", NOW, "WXYZ")
    else:
        assert now == found
    assert not store.end_rush(99, after, NOW)


@pytest.mark.parametrize("state", list(RushState))
def test_hours_are_entered_for_what_was_agreed(store: Store, state: RushState) -> None:
    found = in_state(store, state)
    assert store.set_hours(found.id, 2.25, False) == (state is RushState.AGREED)
    now = store.rush(found.id)
    assert now is not None
    assert (now.hours, now.charged) == ((2.25, False) if state is RushState.AGREED else (None, True))


def test_hours_can_be_mended_but_not_into_nonsense(store: Store) -> None:
    agreed = in_state(store, RushState.AGREED)
    assert store.set_hours(agreed.id, 3, True)
    for hours in (-1, 1e9, float("inf")):
        with pytest.raises(StoreError):
            store.set_hours(agreed.id, hours, True)
    assert [r.hours for r in store.rushes([RushState.AGREED])] == [3]
    assert store.set_hours(agreed.id, None, True)
    assert not store.set_hours(99, 1, True)


def test_offers_are_listed_by_state_and_client(store: Store) -> None:
    late, early = in_state(store, RushState.TAKEN, 3), in_state(store, RushState.TAKEN, 2)
    third, rossi = in_state(store, RushState.EXPIRED, 1), offered(store, 4, client="rossi")
    assert [r.id for r in store.rushes([RushState.TAKEN])] == [early.id, late.id]
    assert [r.id for r in store.rushes(list(RushState))] == [third.id, early.id, late.id, rossi.id]
    assert [r.id for r in store.rushes(list(RushState), client="rossi")] == [rossi.id]
    assert store.rushes([]) == ()


def test_the_offers_a_thread_refers_to(store: Store) -> None:
    second, first = offered(store, 2), in_state(store, RushState.DECLINED, 1)
    rossi = offered(store, 3, client="rossi")
    ids = (rossi.offer.offer_key, second.offer.offer_key, "<other@x>", first.offer.offer_key)
    assert store.offers_in("novak", ids) == (first, second), "the latest last"
    assert store.offers_in("novak", ()) == ()
    assert store.history(asked(references=ids)).offers == (first, second)
    assert store.history(asked(references=ids[:1])).offers == (), "of another client"
    assert store.history(asked(references=("<other@x>",))).offers == ()


@pytest.mark.parametrize(
    ("state", "sold"), [(state, state in (RushState.TAKEN, RushState.AGREED)) for state in RushState]
)
def test_what_was_sold_this_week(store: Store, state: RushState, sold: bool) -> None:
    in_state(store, state)
    for week_begins, counts in [(NOW, sold), (NOW + MICROSECOND, False), (NOW - 9 * DAY, sold), (None, False)]:
        if week_begins:
            assert store.sold_since("novak", week_begins) == counts
        assert store.history(asked(week_begins=week_begins)).rush_sold == counts
    assert store.sold_since("rossi", TODAY) == 0


def test_a_sale_that_the_assistant_refused_was_none(store: Store) -> None:
    taken = in_state(store, RushState.TAKEN)
    store.end_rush(taken.id, RushState.REFUSED, NOW)
    assert store.sold_since("novak", TODAY) == 0


@pytest.mark.parametrize(("accept_by", "expired"), [(NOW, False), (NOW - MICROSECOND, True), (NOW + HOUR, False)])
def test_offers_nobody_answered_in_time(store: Store, accept_by: Any, expired: bool) -> None:
    found = offered(store, accept_by=accept_by)
    assert store.offers_expired(NOW) == ((found,) if expired else ())
    assert store.take(found.id, found.request, "Eva", NOW, "ABCD")
    assert store.offers_expired(NOW) == ()
