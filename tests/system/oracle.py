"""After every test of the whole program: is every message accounted for, and is the secret kept? (core/audit.py)"""

from vamaild.adapters.store import SqliteStore
from vamaild.core.audit import Box, findings
from vamaild.core.ledger import DATABASE, StoreError

from .world import BOX, CONTACT, World


def audited(world: World) -> None:
    """Fails the test when the ledger does not add up. A world that never wrote one is left alone."""
    path = world.state / DATABASE
    if not path.exists():
        return
    try:
        store = SqliteStore(path)
    except StoreError:  # the test has damaged it; that it is left as it is, is the test's own matter
        return
    try:
        found = findings(store.kept(), [_box(world, store)], store.texts(), tuple(CONTACT.values()))
    finally:
        store.close()
    assert [f"{f.name}: {f.wrong}" for f in found if not f.ok] == []


def _box(world: World, store: SqliteStore) -> Box:
    """What lies in the mailbox as far as the service has read it."""
    mark = store.watermark(BOX)
    with world.imap.client("INBOX") as client:
        validity = client.folder_status("INBOX", ["UIDVALIDITY"])[b"UIDVALIDITY"]
        uids = frozenset(client.search())
    read = mark.uid if mark and mark.uidvalidity == validity else 0
    return Box(BOX, frozenset(uid for uid in uids if uid <= read), store.uids(BOX, validity))
