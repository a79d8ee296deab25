"""Promise 6 at the last gate: a reply that does not leave leaves its message to a person, never to nobody."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.memory_store import MemoryStore
from tests.office import NOW, Office, letter, trusting
from vamaild import dispatch, drafts
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import PostError, State, Store
from vamaild.core.ruleset import Trust
from vamaild.core.trust import Fate, Level, Pause

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FLOOD = "Il magazzino si sta allagando!"


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    found: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "x.db")
    yield found
    found.close()


class Refusing:
    """A server that takes nothing from us for these people, and never will."""

    def send(self, to: str, raw: bytes) -> None:
        raise PostError("550 no such user", permanent=True)

    def close(self) -> None: ...


def sums(office: Office) -> dict[str, int]:
    standing = office.store.standing(NOW)
    assert standing.arrived == sum(standing.by_outcome.values())
    return {**standing.by_outcome, **standing.by_reason}


def reasons(office: Office) -> list[str]:
    return [case.case.reason for case in office.store.cases()]


def test_what_the_server_refuses_waits_for_a_person(store: Store) -> None:
    office = Office(trusting(Trust.SEND), store=store)
    office.service.post = Refusing()
    office.arrive(letter())
    assert sums(office) == {"answered": 1}
    assert office.let_out() == 0
    assert (sums(office), reasons(office)) == ({"waiting": 1, "not-sent": 1}, ["not-sent"])
    assert store.promises() == ()


def test_what_is_stopped_at_the_gate_waits_for_a_person(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(trusting(Trust.SEND), store=store)
    office.arrive(letter())
    monkeypatch.setattr(office.service.gate, "inspect", lambda *_: "it would betray a secret")
    assert office.let_out() == 0
    assert (sums(office), reasons(office)) == ({"waiting": 1, "unwritable": 1}, ["unwritable"])


def test_an_emergency_stays_one_whatever_becomes_of_its_receipt(store: Store) -> None:
    office = Office(trusting(Trust.SEND), store=store)
    office.service.post = Refusing()
    office.arrive(letter(text=FLOOD))
    office.let_out()
    assert sums(office) == {"escalated": 1}


def test_a_pause_holds_replies_and_no_receipt_of_an_emergency(store: Store) -> None:
    office = Office(trusting(Trust.SEND), store=store)
    store.pause(Pause("acme", NOW - DAY))
    office.arrive(letter(1), letter(2, FLOOD, sender="dora@third.example"))
    due = dispatch.next_due(office.service, office.clock.now())
    assert due is not None, "it wakes for the receipt"
    assert due < NOW + HOUR
    assert office.let_out(HOUR) == 1
    assert [to for to, _ in office.post.mails] == ["dora@third.example"]


def test_a_receipt_is_not_sent_where_a_person_was_quicker_in_a_pause_too(store: Store) -> None:
    office = Office(trusting(Trust.SEND), store=store)
    store.pause(Pause("acme", NOW - DAY))
    office.arrive(letter(1, FLOOD))
    office.answers(1)
    assert office.let_out(HOUR) == 0
    assert office.items(State.QUEUED) == []


# ---- an approval


def fates(office: Office, template: str = "ordinary") -> list[Fate]:
    return [f.fate for f in office.store.fates("acme", template, NOW - DAY)]


def test_an_approval_teaches_and_taken_back_it_teaches_the_opposite(store: Store) -> None:
    office = Office(trusting(Trust.DRAFT), store=store)
    office.arrive(letter())
    (item,) = office.items(State.DRAFT)
    assert drafts.approve(item, office.clock.now() + HOUR, office.service)
    assert not drafts.approve(item, office.clock.now() + HOUR, office.service)
    assert (fates(office), sums(office)) == ([Fate.UNCHANGED], {"answered": 1})
    assert len(store.promises()) == 1
    (item,) = office.items(State.QUEUED)
    assert drafts.taken_back(item, office.service)
    assert fates(office) == [Fate.DISCARDED], "not one of each"
    assert store.promises() == ()
    assert sums(office) == {"no-reply": 1, "stopped": 1}
    assert office.let_out(2 * HOUR) == 0


def test_three_approvals_taken_back_are_a_step_down(store: Store) -> None:
    office = Office(trusting(Trust.DRAFT), store=store)
    for number in (1, 2, 3):
        assert store.levels("acme") == ()
        office.arrive(letter(number, f"Mi mandi il listino {'i' * number}?", sender=f"{'abc'[number - 1]}@x.example"))
        (draft,) = office.items(State.DRAFT)
        drafts.approve(draft, office.clock.now() + HOUR, office.service)
        (item,) = office.items(State.QUEUED)
        drafts.taken_back(item, office.service)
        office.clock.advance(HOUR)
    assert [(level.template, level.trust) for level in store.levels("acme")] == [("ordinary", Trust.OBSERVE)]


def test_a_careful_draft_taken_back_says_nothing_about_its_text(store: Store) -> None:
    """It was a draft for what the message said: when the text itself may be sent, neither yes nor no teaches."""
    office = Office(trusting(Trust.DRAFT), store=store)
    office.arrive(letter())
    store.set_level(Level("acme", "ordinary", Trust.SEND, NOW, "giulia"))
    (item,) = office.items(State.DRAFT)
    drafts.approve(item, office.clock.now() + HOUR, office.service)
    assert (fates(office), fates(office, "")) == ([], [Fate.UNCHANGED])
    (item,) = office.items(State.QUEUED)
    drafts.taken_back(item, office.service)
    assert (fates(office), fates(office, "")) == ([], [Fate.DISCARDED])
