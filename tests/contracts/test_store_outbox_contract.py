"""What every store does with mails that are to leave, with cases, and what it counts."""

from typing import Any

import pytest

from tests.contracts.conftest import Make
from tests.contracts.entries import DAY, HOUR, MINUTE, NOW, TODAY, case, entry, mail
from vamaild.core.ledger import Flowed, Outcome, Sort, State, Store, StoreError

# --- the outbox ---


def test_a_key_that_is_there_is_ignored(store: Store) -> None:
    store.queue_mail(mail(raw=b"first"))
    store.queue_mail(mail(raw=b"second"))
    row = store.record(entry(1, outgoing=(mail(raw=b"third"),)))
    assert [i.mail.raw for i in store.outbox([State.QUEUED])] == [b"first"]
    found = store.entry(row)
    assert found is not None
    assert found.outgoing == ()


def test_escalations_are_claimed_first_then_the_longest_due(store: Store) -> None:
    store.queue_mail(mail("late", not_before=NOW - MINUTE))
    store.queue_mail(mail("early", not_before=NOW - HOUR))
    store.queue_mail(mail("note", sort=Sort.NOTE, not_before=NOW - 2 * MINUTE, client=""))
    store.queue_mail(mail("alarm", sort=Sort.ESCALATION, to="petr@sea.example"))
    store.queue_mail(mail("tomorrow", not_before=NOW + DAY))
    store.queue_mail(mail("draft", state=State.DRAFT))
    order = []
    while item := store.claim(NOW):
        order.append(item.mail.key.partition("@")[0][1:])
        assert (item.state, item.mail.state, item.attempts, item.claimed_at) == (State.CLAIMED, State.CLAIMED, 1, NOW)
    assert order == ["alarm", "early", "note", "late"]


@pytest.mark.parametrize("most", [1, 2, 3, 9])
def test_several_are_claimed_as_one_after_the_other_would_be(store: Store, most: int) -> None:
    for number in range(4):
        store.queue_mail(mail(f"c{number}", not_before=NOW - number * MINUTE))
    store.queue_mail(mail("alarm", sort=Sort.ESCALATION, to="petr@sea.example"))
    store.queue_mail(mail("note", sort=Sort.NOTE, not_before=NOW - 150 * MINUTE, client=""))
    store.queue_mail(mail("tomorrow", not_before=NOW + DAY))
    order = []
    while items := store.claim_all(NOW, most):
        assert len(items) <= most and {i.state for i in items} == {State.CLAIMED}
        order += [i.mail.key.partition("@")[0][1:] for i in items]
    assert order == ["alarm", "note", "c3", "c2", "c1", "c0"]


@pytest.mark.parametrize(("sort", "key"), [(Sort.ESCALATION, None), (Sort.NOTE, "n"), (Sort.COURTESY, "c")])
def test_one_sort_can_be_claimed_alone(store: Store, sort: Sort, key: str | None) -> None:
    store.queue_mail(mail("c"))
    store.queue_mail(mail("n", sort=Sort.NOTE))
    item = store.claim(NOW, sort)
    assert (item and item.mail.key) == (key and f"<{key}@vamaild.example>")
    assert store.claim(NOW, sort) is None


def test_the_life_of_a_mail(store: Store) -> None:
    row = store.record(entry(1, outgoing=(mail(),)))
    item = store.claim(NOW)
    assert item is not None
    assert item.message == row
    store.fail(item.id, "421 come back later", NOW + MINUTE)
    assert store.claim(NOW) is None
    (waiting,) = store.outbox([State.QUEUED])
    assert (waiting.error, waiting.claimed_at, waiting.mail.not_before) == ("421 come back later", None, NOW + MINUTE)
    again = store.claim(NOW + MINUTE)
    assert again is not None
    assert again.attempts == 2
    assert store.interrupted() == (again,)
    store.confirm(again.id, NOW + MINUTE)
    (sent,) = store.unfiled()
    assert (sent.state, sent.sent_at, sent.error) == (State.SENT, NOW + MINUTE, "")
    store.filed(sent.id, NOW)
    assert store.unfiled() == ()
    assert store.interrupted() == ()


def test_failed_for_good(store: Store) -> None:
    store.queue_mail(mail())
    item = store.claim(NOW)
    assert item is not None
    store.fail(item.id, "550 no such user", None)
    assert store.claim(NOW + DAY) is None
    assert [i.error for i in store.outbox([State.FAILED])] == ["550 no such user"]


@pytest.mark.parametrize(("state", "claimable"), [(State.QUEUED, True), (State.UNCONFIRMED, False)])
def test_an_interrupted_mail_is_settled(store: Store, state: State, claimable: bool) -> None:
    store.queue_mail(mail())
    item = store.claim(NOW)
    assert item is not None
    store.settle(item.id, state)
    assert store.interrupted() == ()
    assert [i.state for i in store.outbox([state])] == [state]
    assert bool(store.claim(NOW)) == claimable


def test_drafts_and_replies_are_filed_but_never_an_escalation(store: Store) -> None:
    for key, sort, state in [
        ("draft", Sort.COURTESY, State.DRAFT),
        ("reply", Sort.COURTESY, State.SENT),
        ("alarm", Sort.ESCALATION, State.SENT),
        ("note", Sort.NOTE, State.SENT),
        ("queued", Sort.COURTESY, State.QUEUED),
    ]:
        store.queue_mail(mail(key, sort=sort, state=state))
    assert [i.mail.key[1:6] for i in store.unfiled()] == ["draft", "reply"]


@pytest.mark.parametrize("act", ["confirm", "fail", "settle", "filed"])
def test_a_mail_that_is_not_there_is_an_error(store: Store, act: str) -> None:
    arguments: dict[str, Any] = {
        "confirm": (99, NOW),
        "fail": (99, "x", None),
        "settle": (99, State.STOPPED),
        "filed": (99, NOW),
    }
    with pytest.raises(StoreError, match="99"):
        getattr(store, act)(*arguments[act])


# --- the queue ---


def test_a_case_from_opening_to_closing(store: Store) -> None:
    code = store.open_case(case(), NOW)
    found = store.case(code)
    assert found is not None
    assert (found.case, found.opened, found.message, found.step) == (case(), NOW, None, 0)
    assert store.acknowledge(code, "jana", NOW + MINUTE)
    assert not store.acknowledge(code, "petr", NOW + HOUR)
    assert not store.acknowledge("ZZZZ", "petr", NOW)
    taken = store.case(code)
    assert taken is not None
    assert (taken.acknowledged_by, taken.acknowledged_at) == ("jana", NOW + MINUTE)
    assert store.close_case(code, NOW + HOUR)
    assert not store.close_case(code, NOW + DAY)
    assert not store.acknowledge(code, "petr", NOW + DAY)
    assert store.cases() == ()
    assert [c.closed_at for c in store.cases(everything=True)] == [NOW + HOUR]


def test_codes_are_four_plain_characters_and_never_twice(make: Make) -> None:
    codes = iter(["ABCD", "ABCD", "ABCD", "WXYZ"])
    store = make(new_code=lambda: next(codes))
    assert [store.open_case(case(), NOW), store.open_case(case(), NOW)] == ["ABCD", "WXYZ"]


def test_cases_come_oldest_first(store: Store) -> None:
    late, early = store.open_case(case(), NOW), store.open_case(case(), NOW - DAY)
    assert [c.code for c in store.cases()] == [early, late]


def test_a_case_of_a_message_names_it_and_its_mails_name_the_case(store: Store) -> None:
    alarm = mail("alarm", sort=Sort.ESCALATION)
    row = store.record(entry(1, case=case(escalates=True), outgoing=(alarm,), outcome=Outcome.ESCALATED))
    (opened,) = store.cases()
    assert (opened.message, opened.opened) == (row, NOW)
    assert [i.mail.case for i in store.outbox([State.QUEUED])] == [opened.code]
    found = store.entry(row)
    assert found is not None
    assert found.case == case(escalates=True, due=NOW)


# --- the clock and the counts ---


def test_last_run(store: Store) -> None:
    store.ran("report", NOW - DAY)
    store.ran("poll", NOW)
    store.ran("report", NOW)
    assert store.last_run("report") == NOW


def test_standing(store: Store) -> None:
    store.record(entry(1, outcome=Outcome.ANSWERED, reason="", outgoing=(mail("k1"),)))
    store.record(entry(2, received=NOW - DAY, reason="list"))
    store.record(
        entry(3, client="rossi", outcome=Outcome.ESCALATED, reason="", case=case(client="rossi", escalates=True))
    )
    store.record(entry(4, client="rossi", outcome=Outcome.WAITING, reason="doubt", case=case(client="rossi")))
    store.queue_mail(mail("k2", state=State.DRAFT))
    found = store.standing(TODAY)
    assert found.arrived == 4
    assert dict(found.by_outcome) == {"answered": 1, "no-reply": 1, "waiting": 1, "escalated": 1}
    assert dict(found.by_reason) == {"list": 1, "doubt": 1}
    assert dict(found.outbox) == {"queued": 1, "draft": 1}
    assert (found.open_cases, found.oldest_case, found.escalations_open) == (2, NOW, 1)
    assert dict(found.last_mail) == {"novak": NOW, "rossi": NOW}
    assert dict(found.today) == {"novak": 1, "rossi": 2}
    assert dict(found.waiting) == {"rossi": 2}


def test_standing_of_nothing(store: Store) -> None:
    found = store.standing(TODAY)
    assert (found.arrived, dict(found.by_outcome), found.oldest_case, dict(found.outbox)) == (0, {}, None, {})


# --- how much came, and when ---


def test_flow_is_counted_by_the_hour_for_each_client_alone(store: Store) -> None:
    hour = NOW.replace(minute=0, second=0, microsecond=0)
    moments = [hour - 9 * DAY, hour, hour + 59 * MINUTE, hour + HOUR, hour - HOUR + 5 * MINUTE]
    for uid, moment in enumerate(moments, 1):
        store.record(entry(uid, received=moment))
    store.record(entry(9, received=hour, client="rossi"))
    assert store.flowed("novak", hour - 8 * DAY) == (
        Flowed(moments[4], moments[4], 1),
        Flowed(hour, hour + 59 * MINUTE, 2),
        Flowed(hour + HOUR, hour + HOUR, 1),
    )
    assert store.flowed("novak", hour)[0] == Flowed(hour, hour + 59 * MINUTE, 2)
    assert store.flowed("nobody", hour - 8 * DAY) == ()
