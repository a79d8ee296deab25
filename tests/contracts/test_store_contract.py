"""What every store must do; the one in memory and SQLite's pass the same suite."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.conftest import Make
from tests.contracts.entries import DAY, HOUR, MINUTE, NOW, TODAY, asked, case, entry, mail, promise, rush
from tests.memory_store import MemoryStore, counted_codes
from vamaild.adapters.store import SqliteStore
from vamaild.core.cases import Advance, CaseEvent, NewNotice, NoticeState
from vamaild.core.ledger import Flowed, Outcome, Sort, State, Store, StoreError, Watermark
from vamaild.core.message import History, Said
from vamaild.core.promise import PromiseState
from vamaild.core.ruleset import Trust
from vamaild.core.rush import RushState
from vamaild.core.trust import DraftFate, Fate, Level, Pause

# --- the ledger ---


def test_an_entry_comes_back_as_it_was_given(store: Store) -> None:
    given_ = entry(
        references=("<a@x>", "<b@x>"),
        explanation={"kind": "rush-request", "tried": [1, None, True], "words": "è urgente \U0001f600"},
        outgoing=(mail("k1"), mail("k2", sort=Sort.NOTE, to="giulia@av.example", case="ABCD")),
        promise=promise(remind_at=NOW + HOUR, hour=True, owner="jana"),
        rush=rush(),
        outcome=Outcome.ANSWERED,
        reason="",
        text_mark="0a1b",
    )
    assert store.entry(store.record(given_)) == given_
    assert store.find_entry("clienti", 1) == given_


@pytest.mark.parametrize(("mailbox", "uid"), [("clienti", 2), ("other", 1)])
def test_what_is_not_there_is_none(store: Store, mailbox: str, uid: int) -> None:
    store.record(entry(1))
    assert store.find_entry(mailbox, uid) is None
    assert store.entry(99) is None
    assert store.case("ZZZZ") is None
    assert store.watermark("other") is None
    assert store.last_run("report") is None
    assert store.claim(NOW) is None


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 18, 10, 30, 0, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=1))),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_a_moment_comes_back_exact_and_aware(store: Store, moment: datetime) -> None:
    row = store.record(entry(received=moment))
    found = store.entry(row)
    assert found is not None
    assert found.received == moment
    assert found.received.tzinfo is not None


def test_a_time_without_a_zone_is_refused_and_nothing_is_kept(store: Store) -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        store.record(entry(received=NOW.replace(tzinfo=None)))
    assert store.standing(TODAY).arrived == 0


def test_the_same_message_at_the_same_place_is_recorded_once(store: Store) -> None:
    first = store.record(entry(1, outgoing=(mail("k1"),)))
    assert store.record(entry(1, subject="other", outgoing=(mail("k2"),))) == first
    assert store.standing(TODAY).arrived == 1
    assert [i.mail.key for i in store.outbox([State.QUEUED])] == ["<k1@vamaild.example>"]


@pytest.mark.parametrize(
    "changes", [{"uidvalidity": 8}, {"mailbox": "other"}, {"fingerprint": "another"}, {"uid": 2}], ids=str
)
def test_another_message_is_another_row(store: Store, changes: dict[str, Any]) -> None:
    store.record(entry(1))
    store.record(replace(entry(1), **changes))
    assert store.standing(TODAY).arrived == 2


def test_after_a_change_of_uidvalidity_the_newest_is_found(store: Store) -> None:
    store.record(entry(1, subject="old"))
    store.record(entry(1, subject="new", uidvalidity=8))
    found = store.find_entry("clienti", 1)
    assert found is not None
    assert found.subject == "new"


def test_known_asks_one_mailbox_only(store: Store) -> None:
    store.record(entry(1))
    store.record(entry(2, mailbox="other"))
    store.record(entry(3, fingerprint=""))
    assert store.known("clienti", ["print-1", "print-2", "print-9", ""]) == {"print-1"}
    assert store.known("clienti", []) == frozenset()


def test_a_thousand_fingerprints_are_looked_up_at_once(store: Store) -> None:
    store.record(entry(1))
    assert store.known("clienti", [f"print-{n}" for n in range(1, 5_000)]) == {"print-1"}


def test_the_watermark_is_the_last_one_set(store: Store) -> None:
    store.set_watermark("clienti", Watermark(7, 10))
    store.set_watermark("other", Watermark(1, 1))
    store.set_watermark("clienti", Watermark(8, 2))
    assert store.watermark("clienti") == Watermark(8, 2)


def test_unmarked_until_marked(store: Store) -> None:
    for uid in (3, 1, 2):
        store.record(entry(uid))
    store.record(entry(1, uidvalidity=8))
    store.record(entry(9, mailbox="other"))
    assert store.unmarked("clienti", 7) == (1, 2, 3)
    store.marked("clienti", 7, [1, 3])
    assert store.unmarked("clienti", 7) == (2,)
    assert store.unmarked("clienti", 8) == (1,)


def test_half_a_surrogate_pair_is_kept_as_something(store: Store) -> None:
    row = store.record(entry(subject="broken \ud800", explanation={"words": "\udcff"}, address="a\udc80@x.example"))
    found = store.entry(row)
    assert found is not None
    assert found.subject.startswith("broken ")
    assert store.history(asked(subject="\ud800", address="a\udc80@x.example", references=("\udcff",)))


# --- transactions ---


class StopError(Exception):
    pass


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    store.record(entry(1))
    with pytest.raises(StopError), store.transaction():
        store.record(entry(2, outgoing=(mail("k2"),), case=case()))
        store.set_watermark("clienti", Watermark(7, 2))
        store.ran("report", NOW)
        assert store.known("clienti", ["print-2"]) == {"print-2"}
        raise StopError
    assert store.standing(TODAY).arrived == 1
    assert store.outbox(list(State)) == ()
    assert store.cases(everything=True) == ()
    assert store.watermark("clienti") is None
    assert store.last_run("report") is None
    assert store.record(entry(2)) > 0


def test_history_sees_what_the_same_transaction_recorded(store: Store) -> None:
    with store.transaction():
        store.record(entry(1, outgoing=(mail(),)))
        seen = store.history(asked(subject="RE: Matter number 1"))
    assert (seen.messages_today, seen.same_matter, seen.replies_last_hour) == (2, 2, 1)


def test_a_transaction_inside_joins_and_spoils_the_whole(store: Store) -> None:
    with pytest.raises(StoreError), store.transaction():
        store.record(entry(1))
        try:
            with store.transaction():
                store.record(entry(2))
                raise StopError
        except StopError:
            pass
        with pytest.raises(StoreError):
            store.record(entry(3))
    assert store.standing(TODAY).arrived == 0
    with store.transaction(), store.transaction():
        store.record(entry(4))
    assert store.standing(TODAY).arrived == 1


# --- history ---


def test_of_a_stranger_nothing_is_known(store: Store) -> None:
    assert store.history(asked()) == History()


ON_ITS_WAY = [State.QUEUED, State.CLAIMED, State.SENT, State.UNCONFIRMED]


@pytest.mark.parametrize(
    ("earlier", "question", "expected"),
    [
        ([entry(1)], {}, {"messages_today": 2, "language": "cs"}),
        ([entry(1), entry(2)], {}, {"messages_today": 3, "language": "cs"}),
        ([entry(1, address="EVA@Shop.example")], {}, {"messages_today": 2, "language": "cs"}),
        ([entry(1, received=TODAY)], {}, {"messages_today": 2, "language": "cs"}),
        ([entry(1, received=TODAY - MINUTE)], {}, {"messages_today": 1, "language": "cs"}),
        ([entry(1, address="jan@shop.example")], {}, {}),
        ([entry(1, client="rossi")], {}, {}),
        ([entry(1)], {"subject": "Re: R: Matter  number 1"}, {"messages_today": 2, "same_matter": 2, "language": "cs"}),
        ([entry(1)], {"subject": "MATTER NUMBER 1"}, {"messages_today": 2, "same_matter": 2, "language": "cs"}),
        (
            [entry(1, received=NOW - 9 * DAY, subject="")],
            {"subject": "", "references": ("<m1@shop.example>",)},
            {"same_matter": 2, "language": "cs"},
        ),
        (
            [entry(1, references=("<root@x>",), received=NOW - DAY)],
            {"references": ("<root@x>", "<other@x>")},
            {"same_matter": 2, "language": "cs"},
        ),
        ([entry(1, subject="", received=NOW - DAY)], {"subject": ""}, {"language": "cs"}),
        ([entry(1, client="rossi")], {"references": ("<m1@shop.example>",)}, {}),
        ([entry(1, address="jan@shop.example")], {"references": ("<m1@shop.example>",)}, {}),
        (
            [entry(1, client="rossi", mailbox="other", address="jan@x.example")],
            {"fingerprint": "print-1"},
            {"seen_before": True, "reused": True},
        ),
        (
            [entry(1, client="rossi", mailbox="other")],
            {"message_id": "<m1@shop.example>"},
            {"seen_before": True, "reused": True},
        ),
        ([entry(1, address="jan@x.example", client="rossi")], {"message_id": "<m1@shop.example>"}, {}),
        ([entry(1, client="rossi", fingerprint="", message_id="")], {"fingerprint": "", "message_id": ""}, {}),
        (
            [entry(1, language="it", received=NOW - DAY), entry(2, language="cs", received=NOW - 2 * DAY)],
            {},
            {"language": "it"},
        ),
        (
            [entry(1, language="it", received=NOW - DAY), entry(2, language="", received=NOW - HOUR)],
            {},
            {"language": "it", "messages_today": 2},
        ),
    ],
)
def test_what_is_remembered_of_a_sender(
    store: Store, earlier: list[Any], question: dict[str, Any], expected: dict[str, Any]
) -> None:
    for one in earlier:
        store.record(one)
    assert store.history(asked(**question)) == replace(History(), **expected)


@pytest.mark.parametrize("state", list(State))
def test_a_reply_on_its_way_was_said(store: Store, state: State) -> None:
    store.queue_mail(mail(state=state, not_before=NOW - 5 * MINUTE))
    found = store.history(asked())
    assert bool(found.said) == (state in [*ON_ITS_WAY, State.DRAFT])
    assert found.replies_today == found.replies_last_hour == int(state in ON_ITS_WAY)


@pytest.mark.parametrize(
    ("changes", "said", "hour", "today"),
    [
        ({}, 1, 1, 1),
        ({"to": "jan@shop.example"}, 0, 1, 0),
        ({"to": "Eva@Shop.Example"}, 1, 1, 1),
        ({"client": "rossi"}, 0, 1, 1),
        ({"sort": Sort.ESCALATION}, 0, 0, 0),
        ({"sort": Sort.NOTE}, 0, 0, 0),
        ({"not_before": NOW + MINUTE - HOUR}, 1, 0, 1),
        ({"not_before": NOW + MINUTE - HOUR + timedelta(microseconds=1)}, 1, 1, 1),
        ({"not_before": NOW - DAY}, 1, 0, 0),
    ],
    ids=str,
)
def test_which_replies_count(store: Store, changes: dict[str, Any], said: int, hour: int, today: int) -> None:
    store.queue_mail(mail(**changes))
    found = store.history(asked())
    assert (len(found.said), found.replies_last_hour, found.replies_today) == (said, hour, today)


def test_said_is_newest_last_with_the_moment_it_was_sent(store: Store) -> None:
    store.record(entry(1, decided_at=NOW - HOUR, outgoing=(mail("k1", not_before=NOW - 50 * MINUTE),)))
    store.record(entry(2, outgoing=(mail("k2", template="vacation-second"),)))
    first = store.claim(NOW)
    assert first is not None
    store.confirm(first.id, NOW - 40 * MINUTE)
    assert store.history(asked()).said == (
        Said("vacation-first", NOW - 40 * MINUTE, False),
        Said("vacation-second", NOW, False),
    )


def test_only_those_of_our_ids_that_were_asked_for(store: Store) -> None:
    store.queue_mail(mail("k1"))
    store.queue_mail(mail("k2"))
    ours, theirs = "<k1@vamaild.example>", "<x@shop.example>"
    assert store.history(asked(references=(theirs, ours))).our_ids == {ours}
    assert store.history(asked(message_id=ours)).our_ids == {ours}


# --- what stops replies that go round in circles ---


def sent(store: Store, at: datetime = NOW) -> None:
    """Everything that is due leaves at this moment."""
    while item := store.claim(at):
        store.confirm(item.id, at)


@pytest.mark.parametrize(
    ("to", "changes", "to_domain", "last_day"),
    [
        ("jan@shop.example", {}, 1, 1),
        ("jan@SHOP.example", {}, 1, 1),
        ("jan@other.example", {}, 0, 1),
        ("jan@shop.example", {"state": State.DRAFT}, 0, 0),
        ("jan@shop.example", {"sort": Sort.NOTE}, 0, 0),
        ("jan@shop.example", {"client": "rossi"}, 1, 1),
        ("jan@shop.example", {"not_before": NOW + MINUTE - HOUR}, 0, 1),
        ("jan@shop.example", {"not_before": NOW + MINUTE - DAY}, 0, 0),
    ],
)
def test_replies_are_counted_by_domain_and_altogether(
    store: Store, to: str, changes: dict[str, Any], to_domain: int, last_day: int
) -> None:
    store.queue_mail(mail(to=to, **changes))
    found = store.history(asked())
    assert (found.replies_to_domain, found.replies_last_day) == (to_domain, last_day)
    assert store.history(asked(address="x@y.example", to=to)).replies_to_domain == int(
        to_domain or (last_day and "not_before" not in changes)
    )


def test_a_person_whose_return_path_changes_is_one_person(store: Store) -> None:
    for number in (1, 2):
        back = f"bounce-{number}@list.example"
        store.record(entry(number, outgoing=(mail(f"k{number}", to=back),)))
    found = store.history(asked())
    assert (found.replies_today, len(found.said)) == (2, 2)


@pytest.mark.parametrize(
    ("earlier", "question", "same"),
    [
        ({}, {}, True),
        ({"address": "eve@shop.example"}, {}, True),
        ({"address": "eva22@shop.example"}, {}, True),
        ({"address": "jan@shop.example"}, {}, False),
        ({"address": "jan@shop.example"}, {"responds": True}, True),
        ({"address": "jan@other.example"}, {"responds": True}, False),
        ({"address": "jan@other.example"}, {"references": ("<ours@vamaild.example>",)}, True),
        ({"text_mark": "bb"}, {}, False),
        ({"text_mark": ""}, {"text_mark": ""}, False),
        ({"client": "rossi"}, {}, False),
        ({"received": NOW + MINUTE - DAY}, {}, True),
        ({"received": NOW - DAY}, {}, False),
    ],
)
def test_the_same_words_from_the_same_hand(
    store: Store, earlier: dict[str, Any], question: dict[str, Any], same: bool
) -> None:
    store.queue_mail(mail("ours", to="x@y.example"))
    store.record(entry(1, **{"text_mark": "aa", **earlier}))
    assert store.history(asked(**{"text_mark": "aa", **question})).same_text is same


@pytest.mark.parametrize(
    ("question", "seconds"),
    [
        ({"references": ("<k1@vamaild.example>",)}, 60),
        ({"references": ("<k1@vamaild.example>",), "received": NOW + 7 * MINUTE}, 420),
        ({"references": ("<k1@vamaild.example>",), "received": NOW - MINUTE}, None),
        ({"references": ("<other@x>",)}, None),
        ({"subject": "Re: matter number 1", "responds": True, "address": "x@shop.example"}, 60),
        ({"subject": "Re: matter number 1", "address": "x@shop.example"}, None),
        ({"subject": "Re: matter number 1", "responds": True, "address": "x@other.example"}, None),
        ({"subject": "Re: matter number 2", "responds": True}, None),
    ],
)
def test_how_long_after_our_reply_it_is_answered(store: Store, question: dict[str, Any], seconds: int | None) -> None:
    store.record(entry(1, outgoing=(mail("k1"),)))
    assert store.history(asked(**question)).answers_after is None, "it has not left yet"
    sent(store)
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert store.history(asked(**question)).answers_after == expected


@pytest.mark.parametrize(
    ("to", "subject", "told"),
    [
        ("ev4@shop.example", "R: Matter number 1", True),
        ("eva+2@shop.example", "Matter number 1", True),
        ("eva@shop.example", "Matter number 1", False),
        ("ota@shop.example", "Matter number 1", False),
        ("ev4@other.example", "Matter number 1", False),
        ("ev4@shop.example", "Matter number 2", False),
    ],
)
def test_what_nearly_the_same_address_was_told(store: Store, to: str, subject: str, told: bool) -> None:
    store.record(entry(1, outgoing=(mail("k1"),)))
    found = store.history(asked(address="x@y.example", to=to, subject=subject))
    assert found.told_alike == (("vacation-first",) if told else ())


def test_an_address_whose_mail_came_back_stays_quiet_for_sixty_days(store: Store) -> None:
    store.queue_mail(mail("k1"))
    store.queue_mail(mail("k2"))
    store.queue_mail(mail("note", sort=Sort.NOTE, to="giulia@av.example"))
    first, second, note = (f"<{k}@vamaild.example>" for k in ("k1", "k2", "note"))
    assert store.bounced(["<unknown@x>", note], NOW) == ()
    assert [i.mail.to for i in store.bounced([first, note], NOW)] == ["eva@shop.example"]
    assert store.bounced([first, second], NOW + HOUR) == (), "told once"
    assert store.history(asked(now=NOW + 60 * DAY)).bounced
    assert store.history(asked(address="x@y.example", to="EVA@shop.example", now=NOW + DAY)).bounced
    assert not store.history(asked(address="jan@shop.example")).bounced
    assert not store.history(asked(now=NOW + HOUR + 60 * DAY)).bounced
    assert len(store.bounced([first], NOW + HOUR + 60 * DAY)) == 1


def test_a_report_names_our_reply_among_what_it_returns(store: Store) -> None:
    store.queue_mail(mail("k1"))
    assert store.history(asked(returned=("<k1@vamaild.example>",))).our_ids == {"<k1@vamaild.example>"}


def test_reports_are_counted(store: Store) -> None:
    for number, reason in enumerate(("report", "report", "list"), 1):
        store.record(entry(number, reason=reason, decided_at=NOW + number * MINUTE))
    assert [store.reports_since(NOW + n * MINUTE) for n in (0, 2, 3)] == [2, 1, 0]


@pytest.mark.parametrize(
    ("answer_", "people", "counts"),
    [
        ({}, ("boss@novak.example",), True),
        ({"address": "BOSS@novak.example"}, ("boss@novak.example",), True),
        ({}, ("laura@novak.example",), False),
        ({}, (), False),
        ({"references": ("<other@x>",)}, ("boss@novak.example",), False),
        ({"client": "rossi"}, ("boss@novak.example",), False),
        ({"reason": "auto-submitted"}, ("boss@novak.example",), False),
    ],
)
def test_a_person_of_ours_has_answered_in_the_thread(
    store: Store, answer_: dict[str, Any], people: tuple[str, ...], counts: bool
) -> None:
    plain = {"address": "boss@novak.example", "references": ("<new@shop.example>",), "reason": "colleague"}
    store.record(entry(1, **{**plain, **answer_}))
    assert store.history(asked(people=people)).answered_by_person is counts
    found = store.answers("novak", ["<new@shop.example>", "<other@y>"], people)
    assert found == ({"<new@shop.example>"} if counts else frozenset())


@pytest.mark.parametrize(
    ("outcome", "after"), [(Outcome.ANSWERED, Outcome.NO_REPLY), (Outcome.ESCALATED, Outcome.ESCALATED)]
)
def test_a_reply_that_is_withdrawn_was_said_to_nobody(store: Store, outcome: Outcome, after: Outcome) -> None:
    row = store.record(entry(1, outcome=outcome, reason="", outgoing=(mail(),), promise=promise(), rush=rush()))
    (item,) = store.outbox([State.QUEUED])
    store.withdraw(item.id, "answered")
    found = store.entry(row)
    assert found is not None
    assert (found.outcome, found.promise, found.rush) == (after, None, None)
    assert found.reason == ("answered" if after is Outcome.NO_REPLY else "")
    assert store.claim(NOW) is None
    assert dict(store.standing(TODAY).outbox) == {"stopped": 1}
    assert store.standing(TODAY).by_outcome == {after.value: 1}
    assert store.history(asked()).said == ()
    with pytest.raises(StoreError):
        store.withdraw(99, "answered")


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


# --- both, side by side ---

people = st.sampled_from(["eva@x.example", "jan@x.example", "eve@x.example"])
clients = st.sampled_from(["novak", "rossi"])
few = st.integers(0, 4)
moments = st.integers(-3_000, 3_000).map(lambda minutes: NOW + minutes * MINUTE)
keys = st.sampled_from([f"k{n}" for n in range(8)])
mails = st.builds(
    lambda key, sort, to, client, state, at: mail(key, sort=sort, to=to, client=client, state=state, not_before=at),
    *(keys, st.sampled_from(Sort), people, clients, st.sampled_from([State.QUEUED, State.DRAFT]), moments),
)
promises = st.builds(
    lambda at, client, remind: promise(due=at, client=client, remind_at=remind),
    *(moments, clients, st.one_of(st.none(), moments)),
)
rushes = st.builds(
    lambda key, client, at: rush(offer_key=f"<{key}@vamaild.example>", client=client, accept_by=at),
    *(keys, clients, moments),
)
notices = st.builds(
    NewNotice,
    *(keys.map(lambda k: f"<{k}@x>"), st.sampled_from(["me", "petr-sea"]), st.sampled_from(["sms", "email"]), few),
    st.sampled_from(["ask", "confirm"]),
)
advances = st.builds(
    lambda due, by, closed, wait, told: Advance(
        {"due": str(due)}, due, by, due, closed, wait, "x", 1, (CaseEvent(due, "asked", by),), tuple(told)
    ),
    *(moments, st.sampled_from(["", "me"]), st.one_of(st.none(), moments), st.sampled_from([None, True, False])),
    st.lists(notices, max_size=2),
)
fates = st.builds(DraftFate, few, clients, st.just("vacation-first"), st.sampled_from(Fate), moments)
levels = st.builds(Level, clients, st.sampled_from(["a", "b"]), st.sampled_from(Trust), moments)
pauses = st.builds(Pause, st.sampled_from(["", "novak", "rossi"]), moments, st.one_of(st.none(), moments))
entries = st.builds(
    lambda uid, n, who, client, at, outgoing, outcome, kase, told, offered: entry(
        uid,
        fingerprint=f"p{n}",
        text_mark=f"t{uid % 2}",
        message_id=f"<m{n}@x>",
        references=(f"<m{uid}@x>",),
        subject=f"Re: s{n}",
        address=who,
        client=client,
        received=at,
        decided_at=at,
        outgoing=tuple(outgoing),
        outcome=outcome,
        reason="draft" if outcome is Outcome.WAITING else "",
        case=kase and replace(kase, client=client),
        promise=told,
        rush=offered,
    ),
    *(few, few, people, clients, moments, st.lists(mails, max_size=2), st.sampled_from(Outcome)),
    st.sampled_from([None, case(), case(escalates=True), case(escalates=True, damage="water"), case(reason="draft")]),
    *(st.one_of(st.none(), promises), st.one_of(st.none(), rushes)),
)
questions = st.builds(
    lambda n, who, client, at, to, key, responds: asked(
        message_id=f"<m{n}@x>",
        subject=f"s{n}",
        fingerprint=f"p{n}",
        address=who,
        client=client,
        now=at,
        to=to,
        text_mark=f"t{n % 2}",
        references=(f"<{key}@vamaild.example>",) if n % 3 == 0 else (),
        responds=responds,
        people=("jan@x.example",),
        week_begins=TODAY - n * DAY if n else None,
    ),
    *(few, people, clients, moments, people, keys, st.booleans()),
)
calls = st.one_of(
    st.tuples(st.just("record"), entries),
    st.tuples(st.just("queue_mail"), mails),
    st.tuples(st.just("claim"), moments),
    st.tuples(st.just("confirm"), few, moments),
    st.tuples(st.just("fail"), few, st.just("421"), st.one_of(st.none(), moments)),
    st.tuples(st.just("settle"), few, st.sampled_from(State)),
    st.tuples(st.just("filed"), few, moments),
    st.tuples(st.just("withdraw"), few, st.just("answered")),
    st.tuples(st.just("bounced"), st.lists(keys.map(lambda k: f"<{k}@vamaild.example>"), max_size=3), moments),
    st.tuples(st.just("reports_since"), moments),
    st.tuples(st.just("marked"), st.just("clienti"), st.just(7), st.lists(few)),
    st.tuples(st.just("history"), questions),
    st.tuples(st.just("close_case"), st.sampled_from(["AAAA", "AAAB"]), moments),
    st.tuples(st.just("acknowledge"), st.sampled_from(["AAAA", "AAAB"]), st.just("jana"), moments),
    st.tuples(st.just("watched")),
    st.tuples(st.just("advance"), st.sampled_from(["AAAA", "AAAB"]), few, advances, moments),
    st.tuples(st.just("case_events"), st.just("AAAA")),
    st.tuples(st.just("notices"), st.sampled_from(["AAAA", "AAAB"])),
    st.tuples(st.just("notices_ready"), moments),
    st.tuples(st.just("notice_handed"), few, moments),
    st.tuples(st.just("notice_settled"), few, st.sampled_from(NoticeState), moments, st.just("x"), moments),
    st.tuples(st.just("notice_of"), st.lists(keys.map(lambda k: f"<{k}@x>"), max_size=2)),
    st.tuples(st.just("disturbances"), clients, moments),
    st.tuples(st.just("cried_wolf"), clients, people, moments),
    st.tuples(st.just("end_promise"), few, st.sampled_from(PromiseState), moments),
    st.tuples(st.just("reminded"), few, moments),
    st.tuples(st.just("reminders_due"), moments),
    st.tuples(st.just("add_promise"), promises, few, moments),
    st.tuples(st.just("take"), few, few, st.just("Eva"), moments, st.sampled_from(["AAAA", "AAAB"])),
    st.tuples(st.just("end_rush"), few, st.sampled_from(RushState), moments),
    st.tuples(st.just("set_hours"), few, st.sampled_from([None, -1, 0, 2.5]), st.booleans()),
    st.tuples(st.just("offers_expired"), moments),
    st.tuples(st.just("rush_of_case"), st.sampled_from(["AAAA", "AAAB"])),
    st.tuples(st.just("settle_draft"), fates),
    st.tuples(st.just("approve_draft"), fates, moments),
    st.tuples(st.just("reopen"), few, st.just("stopped")),
    st.tuples(st.just("answer_given"), few),
    st.tuples(st.just("decided_between"), moments, moments),
    st.tuples(st.just("set_level"), levels),
    st.tuples(st.just("fates"), clients, st.just("vacation-first"), moments),
    st.tuples(st.just("pause"), pauses),
    st.tuples(st.just("resume"), st.sampled_from(["", "novak"])),
    st.tuples(st.just("pauses"), moments),
)


def answer(store: Store, call: tuple[Any, ...]) -> Any:
    try:
        said = getattr(store, call[0])(*call[1:])
        return tuple(said) if call[0] == "decided_between" else said
    except StoreError:
        return "StoreError"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(calls, max_size=25))
def test_the_two_stores_never_differ(tmp_path_factory: pytest.TempPathFactory, script: list[tuple[Any, ...]]) -> None:
    memory = MemoryStore()
    sqlite = SqliteStore(tmp_path_factory.mktemp("same") / "vamaild.db", new_code=counted_codes())
    try:
        for call in script:
            assert answer(sqlite, call) == answer(memory, call), call[0]
        standing = sqlite.standing(TODAY)
        assert standing == memory.standing(TODAY)
        assert standing.arrived == sum(standing.by_outcome.values())
        for look in (sqlite, memory):
            assert look.unfiled() == memory.unfiled()
            assert look.outbox(list(State)) == memory.outbox(list(State))
            assert look.cases(everything=True) == memory.cases(everything=True)
            assert look.unmarked("clienti", 7) == memory.unmarked("clienti", 7)
            assert look.promises(open_only=False) == memory.promises(open_only=False)
            assert look.notices("AAAA") == memory.notices("AAAA")
            assert look.rushes(list(RushState)) == memory.rushes(list(RushState))
            assert look.levels() == memory.levels()
            assert [look.entry(n) for n in range(5)] == [memory.entry(n) for n in range(5)]
    finally:
        sqlite.close()


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
