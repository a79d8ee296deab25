"""Two services never look after the same mailbox, whatever directories and users they have."""

import subprocess
import sys
import uuid

import pytest

from vamaild.adapters.lock import MailboxLocks

HOLD = (
    "import sys, time\nfrom vamaild.adapters.lock import MailboxLocks\n"
    "locks = MailboxLocks(lambda name: (sys.argv[1], name))\nassert locks.take('a') == ''\n"
    "print('held', flush=True)\ntime.sleep(60)\n"
)


@pytest.fixture
def server() -> str:
    return f"imap.{uuid.uuid4().hex}.example"


def locks(server: str) -> MailboxLocks:
    return MailboxLocks(lambda name: (server, name))


def test_the_second_is_told_who_the_first_is(server: str) -> None:
    other = subprocess.Popen([sys.executable, "-c", HOLD, server], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        ours = locks(server)
        for _ in range(3):
            said = ours.take("a")
            assert said.startswith('mailbox "a": another vamaild looks after it already')
            assert f"(process {other.pid})" in said
        assert ours.take("b") == ""
    finally:
        other.kill()
        other.wait()
    assert ours.take("a") == "", "the kernel gives it up with the process"
    ours.close()


def test_it_is_ours_until_we_leave_it(server: str) -> None:
    ours, theirs = locks(server), locks(server)
    assert ours.take("a") == ours.take("a") == ""
    assert "another vamaild" in theirs.take("a")
    theirs.leave("a")
    assert "another vamaild" in theirs.take("a"), "what is not ours is not given up"
    ours.leave("a")
    ours.leave("a")
    assert theirs.take("a") == ""
    theirs.close()
    assert ours.take("a") == ""
    ours.close()


def test_the_account_counts_not_the_name(server: str) -> None:
    one, other = MailboxLocks(lambda name: (server, "same")), MailboxLocks(lambda name: (server, "same"))
    assert one.take("rossi") == ""
    assert "another vamaild" in other.take("office")
    one.close()


def test_another_account_under_the_same_name_is_another_lock(server: str) -> None:
    account = ["first"]
    ours, theirs = MailboxLocks(lambda name: (server, account[0])), MailboxLocks(lambda name: (server, "first"))
    assert ours.take("a") == ""
    account[0] = "second"
    assert ours.take("a") == ""
    assert theirs.take("a") == "", "the old one is given up"
    ours.close()
    theirs.close()


def test_a_system_without_such_names_keeps_nobody_out(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(97, "not supported")

    monkeypatch.setattr("vamaild.adapters.lock.socket.socket", refuse)
    assert locks(server).take("a") == ""
