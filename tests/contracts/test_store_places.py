"""A mailbox that was built anew: which message lies where now? Both stores must say the same (promises 1 and 6)."""

from tests.contracts.entries import TODAY, entry
from vamaild.core.ledger import Store, Watermark


def test_what_was_displaced_is_found_again_once(store: Store) -> None:
    rows = [store.record(entry(uid)) for uid in (1, 2)]
    other = store.record(entry(2, mailbox="other"))
    store.marked("clienti", 7, [1, 2])
    store.displace("clienti")
    assert store.find_entry("clienti", 2) is None
    assert store.find_entry("other", 2) == store.entry(other)
    assert store.found_again("clienti", "print-2", Watermark(8, 1))
    assert not store.found_again("clienti", "print-2", Watermark(8, 3)), "a second copy is a message of its own"
    assert not store.found_again("clienti", "print-9", Watermark(8, 4))
    found = store.entry(rows[1])
    assert found and (found.uid, found.uidvalidity) == (1, 8)
    assert store.find_entry("clienti", 1) == found
    assert store.unmarked("clienti", 8) == (1,), "the keyword may be gone with the old mailbox"
    assert store.known("clienti", ["print-1", "print-2"]) == {"print-1", "print-2"}
    assert store.standing(TODAY).arrived == 3


def test_what_lies_where_it_lay_is_not_found_again(store: Store) -> None:
    store.record(entry(1))
    assert not store.found_again("clienti", "print-1", Watermark(7, 5))


def test_alike_messages_are_found_one_by_one_even_under_the_same_number(store: Store) -> None:
    """The same UIDVALIDITY, other UIDs: two copies of one mail change places with nobody."""
    rows = [store.record(entry(uid, fingerprint="alike")) for uid in (3, 7)]
    store.displace("clienti")
    assert [store.found_again("clienti", "alike", Watermark(7, uid)) for uid in (1, 3, 4)] == [True, True, False]
    assert [(e.uidvalidity, e.uid) for row in rows if (e := store.entry(row))] == [(7, 1), (7, 3)]
