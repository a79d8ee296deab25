"""What every store remembers of a sender, a thread and an address, before anything is decided."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.contracts.entries import DAY, HOUR, MINUTE, NOW, TODAY, asked, entry, mail, promise, rush
from vamaild.core.ledger import Outcome, Sort, State, Store, StoreError
from vamaild.core.message import History, Said

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
