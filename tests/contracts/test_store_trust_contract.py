"""What was learned about texts and drafts, and who is paused: what every store must do with it."""

from datetime import datetime
from typing import Any

import pytest

from tests.contracts.entries import DAY, HOUR, MINUTE, NOW, TODAY, asked, case, entry, mail, promise, rush
from vamaild.core.ledger import Outcome, Sort, State, Store, StoreError
from vamaild.core.promise import PromiseState
from vamaild.core.ruleset import Trust
from vamaild.core.rush import RushState
from vamaild.core.trust import DraftFate, Fate, Level, Pause

BY_HAND = [Fate.UNCHANGED, Fate.EDITED]


def drafted(store: Store, *keys: str, **changes: Any) -> int:
    """A message whose reply waits as a draft; returns its row."""
    mails = tuple(mail(key, state=State.DRAFT, template=f"text-{key}") for key in keys or ("k1",))
    plain: dict[str, Any] = {"outcome": Outcome.WAITING, "reason": "draft", "case": case(reason="draft")}
    return store.record(entry(1, outgoing=mails, **{**plain, **changes}))


def fate(item: int = 1, what: Fate = Fate.UNCHANGED, **changes: Any) -> DraftFate:
    plain: dict[str, Any] = {"client": "novak", "template": "text-k1", "at": NOW + HOUR}
    return DraftFate(item=item, fate=what, **{**plain, **changes})


def stands(store: Store, row: int) -> tuple[str, str]:
    found = store.entry(row)
    assert found is not None
    standing = store.standing(TODAY)
    assert standing.arrived == sum(standing.by_outcome.values())
    return found.outcome.value, found.reason


# --- levels ---


def test_the_last_level_of_a_text_counts(store: Store) -> None:
    first = Level("novak", "ordinary", Trust.DRAFT, NOW)
    second = Level("novak", "ordinary", Trust.SEND, NOW + DAY, "giulia", NOW + HOUR)
    other, rossi = Level("novak", "a-text", Trust.OBSERVE, NOW), Level("rossi", "ordinary", Trust.DRAFT, NOW)
    for level in (first, rossi, second, other):
        store.set_level(level)
    assert store.levels("novak") == (other, second)
    assert store.levels() == (other, second, rossi)
    assert store.levels("nobody") == ()
    assert store.history(asked()).levels == (other, second)
    assert store.history(asked(client="")).levels == (), "nobody's client learns of another's"


# --- drafts ---


@pytest.mark.parametrize("what", BY_HAND)
def test_a_draft_that_a_person_sent_has_answered(store: Store, what: Fate) -> None:
    row = drafted(store, promise=promise(template="text-k1"), rush=rush())
    assert store.settle_draft(fate(1, what))
    (item,) = store.outbox(list(State))
    assert (item.state, item.sent_at) == (State.SENT, NOW + HOUR)
    assert stands(store, row) == ("answered", "")
    assert (store.standing(TODAY).open_cases, store.cases(everything=True)[0].closed_at) == (0, NOW + HOUR)
    assert store.unfiled() == (), "her copy lies in the Sent folder already"
    assert [p.state for p in store.promises(open_only=False)] == [PromiseState.OPEN]
    (offer,) = store.rushes([RushState.OFFERED])
    assert store.take(offer.id, row, "Eva", NOW + DAY, "ABCD")
    assert [s.template for s in store.history(asked()).said] == ["text-k1"]


def test_a_draft_that_was_thrown_away_said_and_promised_nothing(store: Store) -> None:
    row = drafted(store, promise=promise(template="text-k1"), rush=rush())
    assert store.settle_draft(fate(1, Fate.DISCARDED))
    (item,) = store.outbox(list(State))
    assert (item.state, item.sent_at) == (State.STOPPED, None)
    assert stands(store, row) == ("no-reply", "discarded")
    assert store.standing(TODAY).open_cases == 0
    assert [p.state for p in store.promises(open_only=False)] == [PromiseState.WITHDRAWN]
    assert [r.state for r in store.rushes(list(RushState))] == [RushState.WITHDRAWN]
    assert store.history(asked()).said == ()


def test_a_draft_that_is_approved_leaves_and_is_filed_again(store: Store) -> None:
    row = drafted(store, promise=promise(template="text-k1"), rush=rush())
    store.filed(1, NOW)
    assert store.unfiled() == ()
    assert store.approve_draft(fate(), NOW + 2 * HOUR)
    (item,) = store.outbox(list(State))
    assert (item.state, item.mail.not_before, item.claimed_at, item.error) == (State.QUEUED, NOW + 2 * HOUR, None, "")
    assert stands(store, row) == ("answered", "")
    assert store.cases(everything=True)[0].closed_at == NOW + HOUR
    assert [f.fate for f in store.fates("novak", "text-k1", TODAY)] == [Fate.UNCHANGED]
    assert [p.state for p in store.promises(open_only=False)] == [PromiseState.OPEN]
    assert [r.state for r in store.rushes(list(RushState))] == [RushState.OFFERED]
    assert store.claim(NOW + HOUR) is None
    assert store.claim(NOW + 2 * HOUR)
    store.confirm(1, NOW + 2 * HOUR)
    assert [i.id for i in store.unfiled()] == [1], "what left must lie in the Sent folder, too"


def test_approved_among_other_drafts_the_message_waits_for_the_rest(store: Store) -> None:
    row = drafted(store, "k1", "k2")
    assert store.approve_draft(fate(1), NOW)
    assert (stands(store, row), len(store.cases())) == (("waiting", "draft"), 1)
    assert store.settle_draft(fate(2, Fate.DISCARDED))
    assert (stands(store, row), len(store.cases())) == (("answered", ""), 0)


@pytest.mark.parametrize("reason", ["answered", "stopped"])
def test_why_a_draft_was_thrown_away_is_kept(store: Store, reason: str) -> None:
    row = drafted(store)
    assert store.settle_draft(fate(1, Fate.DISCARDED), reason)
    assert stands(store, row) == ("no-reply", reason)


def test_what_became_of_a_draft_in_the_end_counts_once(store: Store) -> None:
    """Approved, taken back, made a draft again: the last word replaces the ones before, and its place in time."""
    row = drafted(store, "k1", "k2")
    assert store.approve_draft(fate(1), NOW)
    assert store.settle_draft(fate(2, Fate.EDITED, at=NOW + 2 * HOUR))
    store.settle(1, State.DRAFT)
    assert store.settle_draft(fate(1, Fate.DISCARDED, at=NOW + 3 * HOUR), "stopped")
    assert [(f.item, f.fate) for f in store.fates("novak", "text-k1", TODAY)] == [
        (2, Fate.EDITED),
        (1, Fate.DISCARDED),
    ]
    assert stands(store, row) == ("answered", "")
    store.settle(1, State.DRAFT)
    assert store.settle_draft(fate(1, Fate.DISCARDED, template="", at=NOW + 4 * HOUR))
    assert [f.item for f in store.fates("novak", "text-k1", TODAY)] == [2]


@pytest.mark.parametrize("state", [s for s in State if s is not State.DRAFT])
def test_what_is_no_draft_is_not_settled(store: Store, state: State) -> None:
    row = drafted(store)
    store.settle(1, state)
    before = store.outbox(list(State))
    assert not store.settle_draft(fate())
    assert not store.settle_draft(fate(99))
    assert not store.approve_draft(fate(), NOW)
    assert not store.approve_draft(fate(99), NOW)
    assert store.outbox(list(State)) == before
    assert stands(store, row) == ("waiting", "draft")
    assert len(store.cases()) == 1
    assert store.fates("novak", "text-k1", TODAY) == ()


def test_a_draft_is_settled_once(store: Store) -> None:
    drafted(store)
    assert store.settle_draft(fate(1, Fate.EDITED))
    assert not store.settle_draft(fate(1, Fate.DISCARDED))
    assert [f.fate for f in store.fates("novak", "text-k1", TODAY)] == [Fate.EDITED]


@pytest.mark.parametrize(
    ("fates", "ended"),
    [
        ([Fate.DISCARDED], ("waiting", "draft")),
        ([Fate.EDITED], ("waiting", "draft")),
        ([Fate.DISCARDED, Fate.EDITED], ("answered", "")),
        ([Fate.EDITED, Fate.DISCARDED], ("answered", "")),
        ([Fate.DISCARDED, Fate.DISCARDED], ("no-reply", "discarded")),
    ],
)
def test_a_message_waits_for_the_last_of_its_drafts(store: Store, fates: list[Fate], ended: tuple[str, str]) -> None:
    row = drafted(store, "k1", "k2")
    for number, what in enumerate(fates, 1):
        assert store.settle_draft(fate(number, what))
    assert stands(store, row) == ended
    assert len(store.cases()) == int(ended[0] == "waiting")


@pytest.mark.parametrize("what", list(Fate))
@pytest.mark.parametrize(
    ("outcome", "reason"), [(Outcome.ESCALATED, "emergency"), (Outcome.WAITING, "doubt"), (Outcome.ANSWERED, "")]
)
def test_what_waits_for_something_else_goes_on_waiting(store: Store, what: Fate, outcome: Outcome, reason: str) -> None:
    row = drafted(store, outcome=outcome, reason=reason, case=case(reason=reason))
    other = store.open_case(case(reason="draft"), NOW)
    assert store.settle_draft(fate(1, what))
    assert stands(store, row) == (outcome.value, reason)
    assert {c.case.reason: c.code for c in store.cases()} == {reason: store.cases()[0].code, "draft": other}


def test_a_draft_that_answers_no_message_is_settled_too(store: Store) -> None:
    store.queue_mail(mail(state=State.DRAFT))
    assert store.settle_draft(fate())
    assert [i.state for i in store.outbox(list(State))] == [State.SENT]


def test_what_fails_beside_it_leaves_the_draft_a_draft(store: Store) -> None:
    row = drafted(store)
    with pytest.raises(StoreError), store.transaction():
        store.settle_draft(fate())
        raise StoreError
    assert stands(store, row) == ("waiting", "draft")
    assert store.settle_draft(fate())


def test_fates_of_one_text_oldest_first(store: Store) -> None:
    for number in range(1, 7):
        store.queue_mail(mail(f"k{number}", state=State.DRAFT))
    kept = [fate(1, at=NOW + HOUR), fate(2, Fate.EDITED, at=NOW), fate(3, Fate.DISCARDED, at=NOW - DAY)]
    for each in (*kept, fate(4, client="rossi"), fate(5, template="other"), fate(6, at=NOW - DAY - MINUTE)):
        assert store.settle_draft(each)
    assert store.fates("novak", "text-k1", NOW - DAY) == (kept[2], kept[1], kept[0])


# --- pauses ---


@pytest.mark.parametrize(
    ("client", "until", "claimed"),
    [
        ("novak", None, ["alarm", "note", "rossi"]),
        ("novak", NOW + MINUTE, ["alarm", "note", "rossi"]),
        ("novak", NOW, ["alarm", "novak", "note", "rossi"]),
        ("", None, ["alarm", "note"]),
        ("", NOW + MINUTE, ["alarm", "note"]),
        ("", NOW - DAY, ["alarm", "novak", "note", "rossi"]),
        ("somebody", None, ["alarm", "novak", "note", "rossi"]),
    ],
)
def test_no_courtesy_leaves_for_who_is_paused(
    store: Store, client: str, until: datetime | None, claimed: list[str]
) -> None:
    store.pause(Pause(client, NOW - DAY, until))
    store.queue_mail(mail("novak", not_before=NOW - HOUR))
    store.queue_mail(mail("note", sort=Sort.NOTE, not_before=NOW - 2 * MINUTE))
    store.queue_mail(mail("rossi", client="rossi", not_before=NOW - MINUTE))
    store.queue_mail(mail("alarm", sort=Sort.ESCALATION))
    found = []
    while item := store.claim(NOW):
        found.append(item.mail.key.partition("@")[0][1:])
    assert found == claimed
    assert len(store.outbox([State.QUEUED])) == 4 - len(claimed)
    assert store.claim(NOW, Sort.COURTESY) is None
    store.resume(client)
    assert bool(store.claim(NOW, Sort.COURTESY)) == (len(claimed) < 4)


@pytest.mark.parametrize("paused", ["novak", ""])
def test_no_pause_holds_the_receipt_of_an_emergency(store: Store, paused: str) -> None:
    store.pause(Pause(paused, NOW - DAY))
    store.queue_mail(mail("plain", not_before=NOW - HOUR))
    store.queue_mail(mail("receipt", template="emergency-received"))
    item = store.claim(NOW)
    assert item
    assert item.mail.template == "emergency-received"
    assert store.claim(NOW) is None
    assert [i.mail.template for i in store.outbox([State.QUEUED])] == ["vacation-first"]


def test_both_pauses_must_be_over(store: Store) -> None:
    store.queue_mail(mail())
    store.pause(Pause("novak", NOW))
    store.pause(Pause("", NOW))
    assert store.resume("")
    assert store.claim(NOW) is None
    assert store.resume("novak")
    assert not store.resume("novak")
    assert store.claim(NOW)


def test_the_pauses_in_force(store: Store) -> None:
    over, novak, everybody = Pause("rossi", NOW, NOW), Pause("novak", NOW, NOW + HOUR, "giulia"), Pause("", NOW)
    for each in (Pause("novak", NOW - DAY), over, novak, everybody):
        store.pause(each)
    assert store.pauses(NOW) == (everybody, novak)
    assert store.pauses(NOW + HOUR) == (everybody,)
