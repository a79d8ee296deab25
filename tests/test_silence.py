"""A server that does not answer is no silent client; but only for those whose mail it has."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from tests.contracts.entries import entry
from tests.live_mailbox import LiveMailbox
from tests.make import client
from tests.office import NOW, Office
from tests.system.story import Nobody
from vamaild import silence
from vamaild.core.ledger import MailboxError
from vamaild.daemon import Daemon
from vamaild.mailroom import Mailroom

TIMES = (time(6), time(9), time(11), time(12), time(14), time(15), time(16))
LAST = datetime.combine(NOW.date() - timedelta(days=3), TIMES[-1], NOW.tzinfo)


def office_of(**boxes: str) -> Office:
    """Clients that have had mail by these mailboxes for three weeks, and none for three days."""
    office, one = Office(), client()
    rulesets = [replace(one, client=replace(one.client, id=name)) for name in boxes]
    rules = office.service.rules
    office.service.rules = replace(rules, rulebook=replace(rules.rulebook, clients=tuple(rulesets)))
    days = [LAST.date() - timedelta(days=n) for n in range(21, -1, -1)]
    moments = [datetime.combine(d, t, NOW.tzinfo) for d in days for t in TIMES if d.weekday() < 5]
    for name, where in boxes.items():
        for uid, moment in enumerate((m for m in moments if m <= LAST), 1):
            box = where.split()[uid % len(where.split())]
            office.store.record(
                entry(uid, client=name, mailbox=box, received=moment, decided_at=moment, fingerprint=f"{name}{uid}")
            )
    office.service.mailboxes = {name: LiveMailbox(name) for name in ("a", "b", "c")}
    return office


def told(office: Office) -> int:
    return len(office.notes("note-silent"))


@pytest.mark.parametrize(
    ("unseen", "clients"),
    [
        ("", {"anna", "bob", "both", "moved"}),
        ("a", {"bob"}),
        ("b", {"anna"}),
        ("c", {"anna", "bob", "both"}),  # where moved's mail comes now nobody knows
        ("a b c", set()),
    ],
)
def test_only_those_whose_mail_may_lie_there_are_left_out(unseen: str, clients: set[str]) -> None:
    office = office_of(anna="a", bob="b", both="a b", moved="gone")
    assert silence.watch(office.service, frozenset(unseen.split())) == len(clients)
    found = {c for c in ("anna", "bob", "both", "moved") if silence.told(office.store, c, LAST)}
    assert found == clients


@pytest.fixture
def loop() -> Iterator[Callable[[Office], Daemon]]:
    made: list[Daemon] = []

    def build(office: Office) -> Daemon:
        made.append(Daemon(office.service, Nobody(), lambda: None, room=Mailroom(office.service)))
        return made[-1]

    yield build
    for daemon in made:
        daemon.mailroom.close()


def test_nothing_is_judged_before_the_first_look(loop: Callable[[Office], Daemon]) -> None:
    """The service was off for three days: what came meanwhile lies in the mailboxes."""
    daemon = loop(office := office_of(anna="a"))
    assert daemon.mailroom.unseen() == {"a", "b", "c"}
    daemon._pass()
    assert told(office) == 0
    assert daemon.cycle()
    assert daemon.mailroom.unseen() == frozenset()
    office.clock.advance(silence.EVERY)
    daemon._pass()
    assert told(office) == 1


def test_a_mailbox_that_fails_leaves_out_its_own_clients_only(loop: Callable[[Office], Daemon], tmp_path: Path) -> None:
    office = office_of(anna="a", bob="b")

    def down() -> int:
        raise MailboxError("down")

    office.service.mailboxes["a"].open = down  # type: ignore[method-assign]
    daemon = loop(office)
    assert not daemon.cycle()
    assert daemon.mailroom.unseen() == {"a"}
    assert (silence.told(office.store, "anna", LAST), silence.told(office.store, "bob", LAST)) == (False, True)
