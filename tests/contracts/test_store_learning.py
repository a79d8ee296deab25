"""Corrections, proposals and reports that can be answered: what every store must do with them."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.contracts.entries import DAY, HOUR, NOW, entry
from vamaild.core.learning import Correction, Proposal, Sheet, Standing
from vamaild.core.ledger import Outcome, Outgoing, Sort, State, Store, StoreError
from vamaild.core.ruleset import Kind
from vamaild.core.trust import DraftFate, Fate

RULE = Proposal("novak", "from", ("news@x.example",), Kind.INFORMATION, (1, 2, 3))


def drafted(store: Store, number: int) -> tuple[int, int]:
    """(ledger row, outbox item) of a message with a draft."""
    mail = Outgoing(
        f"<k{number}@va.example>", Sort.COURTESY, "a@b.example", b"x", NOW, "novak", "ordinary", State.DRAFT
    )
    row = store.record(entry(number, outcome=Outcome.WAITING, reason="draft", outgoing=(mail,)))
    (item,) = store.replies_to(row)
    return row, item.id


def test_the_last_word_about_a_message_counts(store: Store) -> None:
    row = store.record(entry(1))
    assert store.correct(row, Kind.AUTOMATIC, "me", NOW)
    assert store.correct(row, Kind.INFORMATION, "me", NOW + HOUR)
    assert store.corrections(NOW) == (Correction(row, "novak", Kind.INFORMATION, NOW + HOUR),)
    assert store.corrections(NOW + 2 * HOUR) == ()
    assert not store.correct(row + 7, Kind.AUTOMATIC, "me", NOW)


@pytest.mark.parametrize(
    ("fate", "kind"), [(Fate.DISCARDED, Kind.INFORMATION), (Fate.EDITED, None), (Fate.UNCHANGED, None)]
)
def test_what_became_of_a_draft_says_whether_anybody_waited(store: Store, fate: Fate, kind: Kind | None) -> None:
    row, item = drafted(store, 1)
    assert store.settle_draft(DraftFate(item, "novak", "ordinary", fate, NOW))
    assert store.corrections(NOW - DAY) == (Correction(row, "novak", kind, NOW),)


def test_what_was_said_by_hand_counts_more_than_a_draft(store: Store) -> None:
    row, item = drafted(store, 1)
    store.correct(row, Kind.AUTOMATIC, "me", NOW)
    store.settle_draft(DraftFate(item, "novak", "ordinary", Fate.UNCHANGED, NOW + HOUR))
    assert [c.kind for c in store.corrections(NOW)] == [Kind.AUTOMATIC]


def test_rows_of_one_client(store: Store) -> None:
    first, _, third = (store.record(entry(n, client=c)) for n, c in ((1, "novak"), (2, "rossi"), (3, "novak")))
    assert store.rows("novak", NOW - DAY) == (first, third)
    assert store.rows("novak", NOW + DAY) == ()


def test_a_rule_is_proposed_once(store: Store) -> None:
    number = store.propose(RULE, NOW)
    assert store.propose(replace(RULE, messages=(4, 5, 6)), NOW) == 0
    other = store.propose(replace(RULE, kind=Kind.AUTOMATIC), NOW)
    first = store.proposals()[0]
    assert (first.number, first.proposal, first.standing) == (number, RULE, Standing.OPEN)
    assert len({number, other}) == 2


@pytest.mark.parametrize("said", [Standing.ACCEPTED, Standing.REFUSED])
def test_a_proposal_is_answered_once(store: Store, said: Standing) -> None:
    number = store.propose(RULE, NOW)
    assert store.answer_proposal(number, Standing.AGREED, "me", NOW)
    assert store.answer_proposal(number, said, "me", NOW + HOUR)
    assert not store.answer_proposal(number, Standing.OPEN, "me", NOW + 2 * HOUR)
    assert not store.answer_proposal(number + 1, said, "me", NOW)
    (kept,) = store.proposals()
    assert (kept.standing, kept.by, kept.said_at) == (said, "me", NOW + HOUR)
    assert store.propose(RULE, NOW + DAY) == 0


def test_a_report_is_known_by_its_message_id(store: Store) -> None:
    sheet = Sheet("<r1@va.example>", "", "giulia@ferri-av.example", NOW, ("case 4F7K", "rule 1"))
    store.keep_sheet(sheet)
    store.keep_sheet(replace(sheet, key="<r2@va.example>", at=NOW + HOUR))
    assert store.sheet_of(("<other@x>", "<r1@va.example>")) == sheet
    assert store.sheet_of(("<r1@va.example>", "<r2@va.example>")).key == "<r2@va.example>"  # type: ignore[union-attr]  # it is there
    assert store.sheet_of(("<other@x>",)) is None
    assert store.sheet_of(()) is None
    store.keep_sheet(heard := replace(sheet, heard=NOW + HOUR, asked=True))
    assert store.sheet_of((sheet.key,)) == heard


def test_what_fails_beside_it_is_not_kept(store: Store) -> None:
    with pytest.raises(StoreError), store.transaction():
        store.propose(RULE, NOW)
        raise StoreError
    assert store.proposals() == ()


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="zone"):
        store.propose(RULE, datetime(2026, 11, 18))
