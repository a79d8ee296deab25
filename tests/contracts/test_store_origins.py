"""Where a client's mail came in: what every store must tell."""

from tests.contracts.entries import DAY, NOW, entry
from vamaild.core.ledger import Store


def test_by_which_mailboxes_a_clients_mail_came(store: Store) -> None:
    for uid, (mailbox, client, ago) in enumerate([
        ("one", "novak", 0), ("one", "novak", 1), ("two", "novak", 5), ("three", "rossi", 0), ("old", "novak", 9),
    ], 1):  # fmt: skip
        store.record(entry(uid, mailbox=mailbox, client=client, received=NOW - ago * DAY))
    assert store.came_by("novak", NOW - 5 * DAY) == {"one", "two"}
    assert store.came_by("novak", NOW - 9 * DAY) == {"one", "two", "old"}
    assert store.came_by("rossi", NOW - DAY) == {"three"}
    assert store.came_by("nobody", NOW - 9 * DAY) == frozenset()
