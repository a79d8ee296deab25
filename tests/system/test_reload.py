"""Files that change while the service runs: good ones are taken over by themselves, others never, and mail goes on.

And the end, which waits for no server.
"""

import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.servers import Talk, scripted_imap

from .world import ACME, BETA, CUSTOMER, NOW, PEOPLE, Daemon, World, raw

pytestmark = pytest.mark.slow

AT = ("--at", NOW.isoformat())


def asks(world: World, daemon: Daemon, number: int, to: str = "office@acme.example") -> None:
    """A customer writes and is answered."""
    before = len(world.replies())
    world.imap.deliver(raw(f"Mi mandi il listino {number}?", sender=PEOPLE[number], to=to, number=number), when=NOW)
    daemon.wait_for(lambda: len(world.replies()) == before + 1)


def test_a_file_that_changed_is_taken_over_by_itself(world: World) -> None:
    with world.daemon(*AT) as daemon:
        daemon.wait_for("ready: 1 client")
        world.rule_file("client-beta.toml").write_text(BETA, encoding="utf-8")
        daemon.wait_for("reloaded clients=2")
        asks(world, daemon, 1, "office@beta.example")
        world.rule_file("client-beta.toml").unlink()
        daemon.wait_for("reloaded clients=1")
        assert daemon.end() == 0
        assert daemon.said().count("reloaded") == 2


def test_a_broken_edit_leaves_the_last_good_version_in_force(world: World) -> None:
    """And only that client's; one line names file and line."""
    world.rule_file("client-beta.toml").write_text(BETA, encoding="utf-8")
    with world.daemon(*AT) as daemon:
        daemon.wait_for("ready: 2 clients")
        world.rule_file("client-beta.toml").write_text(BETA.replace("days = 4", "dayz = 4"), encoding="utf-8")
        world.rule_file("client-acme.toml").write_text(ACME.replace("days = 4", "days = 9"), encoding="utf-8")
        daemon.wait_for("reloaded clients=2")
        line = BETA.split("\n").index("days = 4") + 1
        assert daemon.said().count(f"not taken over file=rules.d/client-beta.toml:{line} ") == 1
        asks(world, daemon, 1, "office@beta.example")
        asks(world, daemon, 2)
        assert daemon.end() == 0
    beta, acme = (str(mail.get_content()) for mail in world.replies())
    assert "4 dicembre" in beta
    assert "11 dicembre" in acme


def test_a_file_that_is_half_written_is_waited_for(world: World) -> None:
    with world.daemon(*AT) as daemon:
        daemon.wait_for("ready: 1 client")
        pieces = [BETA[start : start + 20] for start in range(0, len(BETA), 20)]
        with world.rule_file("client-beta.toml").open("w", encoding="utf-8") as file:
            for piece in pieces:
                file.write(piece)
                file.flush()
                time.sleep(0.25)
        daemon.wait_for("reloaded clients=2")
        assert "not taken over" not in daemon.said()
        assert daemon.end() == 0


def test_a_reload_while_a_server_hangs(world: World) -> None:
    """Neither waits for the other, and the end waits for none of them."""

    def silent(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        return command == b"SELECT"

    with scripted_imap(silent) as server:
        bad = world.mailbox_table(name="bad", user="bad", imap=f"imap://127.0.0.1:{server.port}")
        world.write_main(more_mailboxes=bad)
        with world.daemon(*AT) as daemon:
            daemon.wait_for(lambda: any(b"SELECT" in line for line in server.wire))
            world.rule_file("client-beta.toml").write_text(BETA, encoding="utf-8")
            daemon.signal(signal.SIGHUP)
            daemon.wait_for("reloaded clients=2")
            asks(world, daemon, 1, "office@beta.example")
            assert "mail server" not in daemon.said(), "it still hangs"
            assert daemon.end(20) == 0


def test_a_corrected_password_is_used_without_a_restart(world: World) -> None:
    world.write_main(secret="wrong")
    with world.daemon(*AT) as daemon:
        daemon.wait_for("wrong user or password")
        world.write_main()
        world.imap.deliver(raw(), when=NOW)
        daemon.wait_for("reloaded clients=1")
        daemon.wait_for(lambda: len(world.replies()) == 1)
        assert [mail["To"] for mail in world.replies()] == [CUSTOMER]
        assert daemon.end() == 0
        assert daemon.said().count("wrong user or password") == 1


def test_a_mailbox_that_is_added_and_one_that_is_taken_away(world: World) -> None:
    with scripted_imap() as server, world.daemon(*AT) as daemon:
        daemon.wait_for("ready: 1 client")
        more = world.mailbox_table(name="more", user="more", imap=f"imap://127.0.0.1:{server.port}")
        world.write_main(more_mailboxes=more)
        daemon.wait_for(lambda: any(b"SELECT" in line for line in server.wire))
        asks(world, daemon, 1)
        world.write_main()
        daemon.wait_for(lambda: daemon.said().count("reloaded") == 2)
        daemon.wait_for(lambda: any(b"LOGOUT" in line for line in server.wire))
        sent = len(server.wire)
        time.sleep(2.5)
        assert len(server.wire) == sent
        asks(world, daemon, 2)
        assert daemon.end() == 0


@contextmanager
def hanging_smtp() -> Iterator[int]:
    """Takes the command DATA, and then says nothing any more."""
    answers = {b"EHLO": b"250-x\r\n250 AUTH PLAIN LOGIN\r\n", b"AUTH": b"235 ok\r\n", b"DATA": b"354 go on\r\n"}
    listener = socket.create_server(("127.0.0.1", 0))

    def talk(sock: socket.socket) -> None:
        with suppress(OSError), sock:
            sock.sendall(b"220 hi\r\n")
            for line in sock.makefile("rb"):
                verb = line[:4].upper()
                if verb in (b"EHLO", b"AUTH", b"DATA", b"MAIL", b"RCPT"):
                    sock.sendall(answers.get(verb, b"250 ok\r\n"))

    def listen() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def test_it_ends_in_time_while_the_way_out_hangs(world: World) -> None:
    """What was in hand is shown to a person: it may or may not have left."""
    with hanging_smtp() as port:
        world.write_main(smtp=f"smtp://127.0.0.1:{port}")
        world.imap.deliver(raw(), when=NOW)
        with world.daemon(*AT) as daemon:
            daemon.wait_for("decided client=acme")
            time.sleep(1)
            begun = time.monotonic()
            assert daemon.end(30) == 0
            assert time.monotonic() - begun < 30
    with world.ledger() as store:
        assert [case.case.reason for case in store.cases()] == ["unconfirmed"]
