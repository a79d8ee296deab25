"""What both stores keep of handing over: consents, matters that go to a colleague, packets, and how messages ended."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from tests.contracts.entries import DAY, HOUR, MINUTE, NOW, case, entry, mail
from vamaild.core.cases import Advance
from vamaild.core.handover import Consent, Forward, Said, Stage
from vamaild.core.ledger import Outcome, State, Store, StoreError
from vamaild.core.resolve import Resolved

TOMAS = "tomas@kral.example"


def consent(key: str = "c1", **changes: Any) -> Consent:
    plain = Consent("novak", TOMAS, "Tomáš Král", f"<{key}@va.example>", NOW)
    return replace(plain, **changes)


def forward(message: int, key: str = "r1", **changes: Any) -> Forward:
    plain = Forward("novak", message, "eva@shop.example", TOMAS, f"<{key}@va.example>", message, Stage.OFFERED, NOW)
    return replace(plain, **changes)


def waiting(store: Store, uid: int = 1, **changes: Any) -> int:
    plain = {"outcome": Outcome.WAITING, "reason": "doubt", "case": case()}
    return store.record(entry(uid, **(plain | changes)))


def outcome(store: Store, row: int) -> tuple[Outcome, str]:
    found = store.entry(row)
    assert found is not None
    return found.outcome, found.reason


# --- consent


def test_a_consent_from_the_question_to_the_answer(store: Store) -> None:
    store.ask_consent(consent())
    assert store.consents("novak") == (consent(),)
    assert store.consent_of(["<x@y>", consent().key]) == consent()
    assert store.answer_consent(consent().key, Said.YES, NOW + HOUR)
    (said,) = store.consents()
    assert (said.said, said.said_at) == (Said.YES, NOW + HOUR)
    assert store.consents("rossi") == ()
    assert store.consent_of(["<x@y>"]) is None
    assert not store.answer_consent("<x@y>", Said.YES, NOW)


def test_who_is_asked_again_has_not_answered_the_old_question(store: Store) -> None:
    store.ask_consent(consent(said=Said.NO, said_at=NOW))
    store.ask_consent(consent("c2", email=TOMAS.upper(), asked_at=NOW + DAY))
    (found,) = store.consents("novak")
    assert (found.key, found.said) == ("<c2@va.example>", Said.ASKED)
    assert not store.answer_consent(consent().key, Said.YES, NOW)
    assert store.consent_of([consent().key]) is None


def test_consents_stand_by_client_and_address(store: Store) -> None:
    for client, email in (("rossi", "b@x.example"), ("novak", "b@x.example"), ("novak", "a@x.example")):
        store.ask_consent(consent(f"{client}{email[0]}", client=client, email=email))
    assert [(c.client, c.email[0]) for c in store.consents()] == [("novak", "a"), ("novak", "b"), ("rossi", "b")]


# --- forwards


def test_a_matter_is_moved_by_whoever_is_first(store: Store) -> None:
    row = store.record(entry(1))
    number = store.add_forward(forward(row))
    (kept,) = store.forwards((Stage.OFFERED,))
    assert kept == forward(row, id=number) == store.forward(number)
    agreed = replace(kept, stage=Stage.HANDED, handed_at=NOW, due=NOW + DAY, tried=(TOMAS,), email="b@x.example")
    assert store.move_forward(agreed, Stage.OFFERED)
    assert not store.move_forward(replace(agreed, stage=Stage.DECLINED), Stage.OFFERED), "somebody was quicker"
    assert store.forward(number) == agreed
    assert store.forwards((Stage.OFFERED,)) == ()
    assert store.forwards((Stage.HANDED,), "novak") == (agreed,)
    assert store.forwards((Stage.HANDED,), "rossi") == ()
    assert store.forward(99) is None


def test_one_reply_hands_over_once(store: Store) -> None:
    row = store.record(entry(1))
    first, again = store.add_forward(forward(row)), store.add_forward(forward(row, email="b@x.example"))
    assert first == again
    assert [f.email for f in store.forwards(tuple(Stage))] == [TOMAS]
    assert store.offers_made("novak", ["<r1@va.example>"]) == store.forwards(tuple(Stage))
    assert store.offers_made("rossi", ["<r1@va.example>"]) == ()


def test_packets_lead_back_to_their_matter(store: Store) -> None:
    row = store.record(entry(1))
    one, two = store.add_forward(forward(row)), store.add_forward(forward(row, "r2"))
    store.packed("<p1@va.example>", one, TOMAS, NOW)
    store.packed("<p1@va.example>", two, "other@x.example", NOW)
    store.packed("<p2@va.example>", two, TOMAS, NOW + HOUR)
    found = store.forward_of(["<p1@va.example>"])
    assert found is not None
    assert (found[0].id, found[1]) == (one, TOMAS)
    assert store.forward_of(["<x@y>"]) is None
    assert [store.packets_since(TOMAS.upper(), at) for at in (NOW, NOW + MINUTE, NOW + DAY)] == [2, 1, 0]


def test_what_fails_was_never_handed_over(store: Store) -> None:
    row = store.record(entry(1))
    with pytest.raises(StoreError), store.transaction():
        store.add_forward(forward(row))
        store.ask_consent(consent())
        raise StoreError("disk full")
    assert (store.forwards(tuple(Stage)), store.consents()) == ((), ())


# --- how it ended


@pytest.mark.parametrize(
    ("how", "ended"),
    [
        (Resolved.SAID, (Outcome.NO_REPLY, "resolved")),
        (Resolved.ANSWERED, (Outcome.ANSWERED, "")),
        (Resolved.SILENT, (Outcome.NO_REPLY, "resolved")),
    ],
)
def test_a_resolved_message_waits_no_more(store: Store, how: Resolved, ended: tuple[Outcome, str]) -> None:
    row = waiting(store)
    assert store.resolve(row, how, NOW + HOUR)
    assert (store.resolution(row), outcome(store, row), store.cases()) == (how, ended, ())
    assert store.cases(everything=True)[0].closed_at == NOW + HOUR


def test_a_surer_way_replaces_a_less_sure_one(store: Store) -> None:
    row = store.record(entry(1))
    assert store.resolve(row, Resolved.SILENT, NOW)
    assert store.resolve(row, Resolved.SAID, NOW)
    assert not store.resolve(row, Resolved.ANSWERED, NOW)
    assert not store.resolve(row, Resolved.SAID, NOW)
    assert store.resolution(row) is Resolved.SAID
    assert not store.resolve(99, Resolved.SAID, NOW)
    assert store.resolution(99) is None


def test_an_emergency_ends_by_its_chain_only(store: Store) -> None:
    row = waiting(store, outcome=Outcome.WAITING, case=case(escalates=True))
    assert store.resolve(row, Resolved.SAID, NOW)
    assert (len(store.cases()), outcome(store, row)) == (1, (Outcome.WAITING, "doubt"))


# --- a closed case ends the waiting of its message


def close(store: Store, code: str) -> None:
    assert store.close_case(code, NOW)


def over(store: Store, code: str) -> None:
    assert store.advance(code, 0, Advance({}, None, "me", NOW, closed_at=NOW), NOW)


@pytest.mark.parametrize("end", [close, over])
def test_a_closed_case_ends_the_waiting(store: Store, end: Any) -> None:
    row = waiting(store)
    end(store, store.cases()[0].code)
    assert outcome(store, row) == (Outcome.ANSWERED, "")
    standing = store.standing(NOW)
    assert standing.by_outcome.get("waiting", 0) == 0
    assert sum(standing.by_outcome.values()) == standing.arrived == 1


@pytest.mark.parametrize("end", [close, over])
def test_what_else_is_open_keeps_it_waiting(store: Store, end: Any) -> None:
    row = waiting(store)
    other = store.open_case(case(), NOW, row)
    end(store, store.cases()[0].code)
    assert outcome(store, row) == (Outcome.WAITING, "doubt")
    end(store, other)
    assert outcome(store, row)[0] is Outcome.ANSWERED


def test_a_draft_keeps_it_waiting(store: Store) -> None:
    row = waiting(store, outgoing=(mail(state=State.DRAFT),))
    close(store, store.cases()[0].code)
    assert outcome(store, row)[0] is Outcome.WAITING


@pytest.mark.parametrize("kept", [Outcome.ESCALATED, Outcome.NO_REPLY])
def test_what_did_not_wait_stays_as_it_was(store: Store, kept: Outcome) -> None:
    row = waiting(store, outcome=kept, reason="x")
    close(store, store.cases()[0].code)
    assert outcome(store, row) == (kept, "x")


# --- urgent matters, threads


def test_urgent_matters_with_how_they_ended(store: Store) -> None:
    stated = {"stated_urgency": True}
    rows = [
        store.record(entry(1, kind="rush-request", received=NOW)),
        store.record(entry(2, kind="insisting", explanation=stated, received=NOW - HOUR)),
        store.record(entry(3, kind="emergency", case=case(escalates=True), received=NOW)),
    ]
    store.record(entry(4, kind="scheduled-request", explanation={"stated_urgency": False}))
    store.record(entry(5, kind="automatic", explanation=stated))
    store.record(entry(6, kind="rush-request", client="rossi"))
    store.record(entry(7, kind="rush-request", received=NOW - DAY))
    store.record(entry(8, kind="rush-request", received=NOW + DAY))
    store.resolve(rows[0], Resolved.SILENT, NOW)
    assert store.advance(store.cases()[0].code, 0, Advance({}, None, closed_at=NOW, could_wait=False), NOW)
    found = store.urgent("novak", NOW - HOUR, NOW + DAY)
    assert [(u.message, u.resolved, u.could_wait) for u in found] == [
        (rows[1], None, None),
        (rows[0], Resolved.SILENT, None),
        (rows[2], None, False),
    ]
    assert (found[1].address, found[1].subject, found[1].received) == ("eva@shop.example", "Matter number 1", NOW)


def test_the_rows_of_one_matter(store: Store) -> None:
    first = store.record(entry(1, received=NOW + MINUTE))
    second = store.record(entry(2, references=("<m1@shop.example>",), received=NOW))
    third = store.record(entry(3, subject="Re: Matter number 1"))
    store.record(entry(4, references=("<m1@shop.example>",), address="jan@shop.example"))
    store.record(entry(5, references=("<m1@shop.example>",), client="rossi"))
    store.record(entry(6))
    asked = ("novak", "EVA@shop.example", "<m1@shop.example>", (), "Matter number 1")
    assert store.matter_rows(*asked) == (second, third, first)
    assert store.matter_rows("novak", "eva@shop.example", "<new@x>", ("<m1@shop.example>",), "?") == (second, first)
    assert store.matter_rows("novak", "eva@shop.example", "", (), "Nothing of this kind") == ()


@pytest.mark.parametrize("act", ["ask_consent", "resolve"])
def test_a_time_without_a_zone_is_refused(store: Store, act: str) -> None:
    naive = datetime(2026, 11, 18)
    row = store.record(entry(1))
    with pytest.raises(ValueError, match="zone"):
        if act == "resolve":
            store.resolve(row, Resolved.SAID, naive)
        else:
            store.ask_consent(consent(asked_at=naive))
