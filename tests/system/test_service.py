"""The daemon as systemd runs it: a process that says how it is, heeds signals, and outlives what breaks around it."""

import signal
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.proxy import proxy
from tests.servers import free_port

from .world import BETA, CUSTOMER, NOW, Manager, World, raw

pytestmark = pytest.mark.slow


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    found = Manager(tmp_path / "notify.sock")
    yield found
    found.close()


AT = ("--at", NOW.isoformat())


def test_systemd_hears_how_it_is_and_mail_that_comes_is_answered(world: World, manager: Manager) -> None:
    world.environ = {"NOTIFY_SOCKET": str(manager.path)}
    with world.daemon(*AT) as daemon:
        daemon.wait_for(lambda: "READY=1" in manager.heard and "WATCHDOG=1" in manager.heard)
        assert world.sink.mails == []
        world.imap.deliver(raw(), when=NOW)
        daemon.wait_for(lambda: world.replies())
        daemon.wait_for(lambda: any(line.startswith("STATUS=1 new in inbox") for line in manager.heard))
        daemon.wait_for(lambda: len(world.imap.mails("Sent")) == 1)
        assert daemon.end() == 0
        assert "STOPPING=1" in manager.heard
        assert "stopped why=" in daemon.said()
    assert [mail["To"] for mail in world.replies()] == [CUSTOMER]


def test_it_stops_within_seconds_while_it_sleeps(world: World) -> None:
    world.write_main()
    main = world.config / "vamaild.toml"
    main.write_text(main.read_text().replace('every    = "1s"', 'every    = "1h"'))
    with world.daemon(*AT) as daemon:
        daemon.wait_for("ready: 1 client")
        assert daemon.end(5.0) == 0


def test_new_rules_are_taken_over_and_broken_ones_are_not(world: World) -> None:
    with world.daemon(*AT) as daemon:
        daemon.wait_for("ready: 1 client")
        world.rule_file("client-beta.toml").write_text(BETA, encoding="utf-8")
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("reloaded clients=2")
        world.imap.deliver(raw(to="office@beta.example"), when=NOW)
        daemon.wait_for(lambda: len(world.replies()) == 1)

        world.rule_file("client-beta.toml").write_text(BETA.replace('"beta"', '"beta', 1), encoding="utf-8")
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("not taken over file=rules.d/client-beta.toml:3")
        world.imap.deliver(raw("Confermi lunedì?", to="office@beta.example", sender="bea@another.example"), when=NOW)
        daemon.wait_for(lambda: len(world.replies()) == 2)

        (world.config / "vamaild.toml").write_text("[me]\nnam = 1\n", encoding="utf-8")
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("not taken over file=vamaild.toml:2")
        daemon.wait_for("the old rules stay in force")
        world.imap.deliver(raw("Va bene martedì?", sender="cora@third.example", number=3), when=NOW)
        daemon.wait_for(lambda: len(world.replies()) == 3)
        assert daemon.end() == 0


def test_it_tells_the_standing_when_asked(world: World) -> None:
    world.imap.deliver(raw(), when=NOW)
    with world.daemon(*AT) as daemon:
        daemon.wait_for(lambda: world.replies())
        daemon.signal(signal.SIGUSR1)
        daemon.wait_for('standing status="1 messages, 0 cases open"')
        assert daemon.end() == 0


def test_a_server_that_is_down_keeps_no_other_mailbox_waiting(world: World) -> None:
    good = world.mailbox_table(name="second")
    world.write_main(imap=f"imap://127.0.0.1:{free_port()}", more_mailboxes=good)
    with world.daemon(*AT) as daemon:
        daemon.wait_for("refuses connections")
        world.imap.deliver(raw(), when=NOW)
        daemon.wait_for(lambda: world.replies())
        assert daemon.end() == 0
    assert [entry.address for entry in world.entries(mailbox="second").values()] == [CUSTOMER]


def test_a_server_that_comes_back_is_asked_again(world: World) -> None:
    """Nobody needs to start anything: after five seconds the service asks once more."""
    port = free_port()
    world.write_main(imap=f"imap://127.0.0.1:{port}")
    world.imap.deliver(raw(), when=NOW)
    with world.daemon(*AT) as daemon:
        daemon.wait_for("refuses connections")
        with proxy(world.imap.port, socket.create_server(("127.0.0.1", port))):
            daemon.wait_for(lambda: world.replies())
            assert daemon.end() == 0


def test_an_emergency_is_passed_on_while_it_runs(world: World) -> None:
    """Started again ten minutes later it goes on where the chain stood."""
    world.imap.deliver(raw("Aiuto, si sta allagando il magazzino!"), when=NOW)
    for minutes, count in ((0, 1), (11, 2)):
        with world.daemon("--at", (NOW + timedelta(minutes=minutes)).isoformat()) as daemon:
            daemon.wait_for(lambda count=count: len(world.notices()) == count and len(world.replies()) == 1)
            assert daemon.end() == 0
    assert len(world.replies()) == 1
