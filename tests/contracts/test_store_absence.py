"""What is kept of absences, and of people who want no automatic reply: what every store must do with it."""

from datetime import datetime

import pytest

from tests.contracts.entries import DAY, HOUR, NOW, asked, entry, mail
from vamaild.core.absence import Order, order_of, to_value
from vamaild.core.ledger import Store


def test_one_value_for_each_client_and_name(store: Store) -> None:
    assert store.away_kept("novak", "order") is None
    store.keep_away("novak", "order", {"on": True, "first": "2026-11-30", "back": None}, NOW)
    store.keep_away("novak", "order", {"on": False, "first": "2026-11-30"}, NOW + HOUR)
    store.keep_away("novak", "other", {"žluť": ["ř", 1]}, NOW)
    assert store.away_kept("novak", "order") == (NOW + HOUR, {"on": False, "first": "2026-11-30"})
    assert store.away_kept("novak", "other") == (NOW, {"žluť": ["ř", 1]})
    assert store.away_kept("rossi", "order") is None


def test_an_order_comes_back_as_it_went_in(store: Store) -> None:
    order = Order("novak", NOW, True, NOW.date(), (NOW + 9 * DAY).date(), None)
    store.keep_away("novak", "order", to_value(order), NOW)
    assert order_of("novak", store.away_kept("novak", "order")) == order


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="time zone"):
        store.keep_away("novak", "order", {}, datetime(2026, 11, 26))
    with pytest.raises(ValueError, match="time zone"):
        store.silence("novak", "eva@mala.example", datetime(2026, 11, 26))


def test_who_asked_for_silence_is_silenced_for_this_client_until_it_is_taken_back(store: Store) -> None:
    assert store.silence("novak", "Eva@mala.example", NOW)
    assert not store.silence("novak", "eva@mala.example", NOW + HOUR), "kept already"
    assert store.silenced("novak", "eva@MALA.example") == NOW
    assert store.silenced("rossi", "eva@mala.example") is None
    assert store.history(asked(address="eva@mala.example", client="novak")).no_auto
    assert not store.history(asked(address="eva@mala.example", client="rossi")).no_auto
    assert store.unsilence("novak", "eva@mala.example")
    assert not store.unsilence("novak", "eva@mala.example")
    assert not store.history(asked(address="eva@mala.example", client="novak")).no_auto


def test_a_transaction_that_fails_keeps_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.transaction():
        store.keep_away("novak", "order", {"on": True}, NOW)
        store.silence("novak", "eva@mala.example", NOW)
        raise RuntimeError
    assert (store.away_kept("novak", "order"), store.silenced("novak", "eva@mala.example")) == (None, None)


def test_facts_are_those_of_the_same_person_and_matter(store: Store) -> None:
    mine = {"facts": ["by 2026-12-04", "amount 1200"]}
    store.record(entry(1, subject="Preventivo", explanation=mine, references=()))
    store.record(entry(2, subject="Altro", explanation={"facts": ["by 2027-01-01"]}, references=()))
    store.record(entry(3, subject="Preventivo", address="x@y.example", explanation={"facts": ["damage acqua"]}))
    store.record(entry(4, subject="Preventivo", explanation={}, references=()))
    found = store.history(asked(subject="Re: preventivo", references=(), message_id="<new@x.example>"))
    assert found.facts == {"by 2026-12-04", "amount 1200"}
    assert store.history(asked(subject="Terzo", references=(), message_id="<n@x.example>")).facts == frozenset()


def test_what_was_said_knows_whether_it_was_about_this_matter(store: Store) -> None:
    store.record(entry(1, subject="Preventivo", references=(), outgoing=(mail("k1", template="vacation-first"),)))
    store.record(entry(2, subject="Altro", references=(), outgoing=(mail("k2", template="vacation-another"),)))
    found = store.history(asked(subject="Re: Altro", references=(), message_id="<new@x.example>"))
    assert [(s.template, s.matter) for s in found.said] == [("vacation-first", False), ("vacation-another", True)]
