"""Faults 12, 13, 15, 16: a mailbox that may not be written, a bare or huge one, a password that was changed."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from imapclient.exceptions import IMAPClientError

from tests.faults.behind import AT, Behind, behind
from tests.faults.proxy import Wire
from tests.office import Office, trusting
from tests.servers import Dovecot, ImapAccount
from tests.system.world import ASSISTANT, BOX, NOW, raw, until
from vamaild.adapters.demo.smtp import SmtpSink
from vamaild.cli.screen import Exit
from vamaild.core.ruleset import Trust
from vamaild.mailroom import Mailroom

pytestmark = [pytest.mark.slow, pytest.mark.dovecot, pytest.mark.timeout(400)]

LONG = 100.0
WEEK = timedelta(days=7)


@pytest.fixture
def box(dovecot_server: Dovecot, post_office: SmtpSink, tmp_path: Path) -> Iterator[Behind]:
    with behind(dovecot_server, post_office, tmp_path) as found:
        yield found


# ---- 12


def read_only(box: Behind) -> None:
    box.proxy.telling = lambda data: data.replace(b"[READ-WRITE]", b"[READ-ONLY]")


def over_quota(box: Behind) -> None:
    """Nothing new is kept: no keyword, no copy."""

    def said(wire: Wire, line: bytes) -> bytes:
        tag, _, command = line.partition(b" ")
        if not command.startswith((b"UID STORE", b"APPEND", b"UID MOVE")):
            return line
        wire.tell(tag + b" NO [OVERQUOTA] Quota exceeded (mailbox for user is full)\r\n")
        return b""

    box.proxy.said = said


@pytest.mark.parametrize("limit", [read_only, over_quota], ids=["12. READ-ONLY", "12. over quota"])
def test_12_what_is_answered_stands_in_the_ledger_not_in_flags(box: Behind, limit: Callable[[Behind], None]) -> None:
    limit(box)
    said = ""
    for minutes, number in enumerate((1, 15)):
        box.deliver(number)
        said += box.world.once(NOW + timedelta(minutes=minutes)).said
    assert box.answered() == [1, 15]
    assert "the server takes no keyword mailbox=inbox" in said
    assert not any(box.world.flags().values())
    if limit is over_quota:
        assert "no copy kept" in said
    box.proxy.fair()
    assert box.world.once(NOW + timedelta(minutes=3)).code == 0
    assert box.answered() == [1, 15]
    assert len(box.world.imap.mails("Sent")) == 2
    assert all(b"$vamaild" in flags for flags in box.world.flags().values())


# ---- 13


def test_13_a_bare_server_and_a_folder_that_is_empty_renamed_and_back(box: Behind) -> None:
    """It offers nothing but IMAP4rev1: no IDLE, MOVE, UIDPLUS, SPECIAL-USE."""
    bare = re.compile(rb"CAPABILITY IMAP4rev1[^\r\]]*")
    box.proxy.telling = lambda data: bare.sub(b"CAPABILITY IMAP4rev1 AUTH=PLAIN", data)
    box.world.build(imap=f"imap://127.0.0.1:{box.proxy.port}", folder="Orders")
    with box.world.imap.client() as client:
        client.create_folder("Orders")
        assert box.world.once().code == 0, "an empty one"
        client.append("Orders", raw(sender="anna@alba.example"), msg_time=NOW)
        assert box.world.once(NOW + timedelta(minutes=1)).code == 0
        assert box.answered() == [0]
        client.rename_folder("Orders", "Old orders")
        gone = box.world.once(NOW + timedelta(minutes=2))
        assert gone.code == Exit.SERVER
        assert "Orders" in gone.said and "cannot be opened" in gone.said
        client.rename_folder("Old orders", "Orders")
        assert box.world.once(NOW + timedelta(minutes=3)).code == 0
    assert box.answered() == [0]
    assert len(box.world.imap.mails("Sent")) == 1


# ---- 15


MANY, FRESH = 600, 3
MEGABYTE = 1_000_000


def test_15_a_full_mailbox_at_the_first_start(box: Behind) -> None:
    """Nobody who wrote a week ago hears anything now; memory does not grow with the mailbox."""
    fill(box, MANY)
    box.deliver(*range(FRESH))
    with box.world.daemon(*AT, program=(str(Path(__file__).with_name("peak.py")),)) as daemon:
        daemon.wait_for(lambda: box.answered() == list(range(FRESH)), 300)
        assert daemon.end(30) == 0
    peaks = [int(found) for found in re.findall(r"peak (\d+)", daemon.said())]
    assert len(peaks) > MANY // 200
    assert peaks[-1] - peaks[1] < 60 * MEGABYTE
    with box.world.ledger() as store:
        standing = store.standing(NOW)
    assert standing.arrived == MANY + FRESH
    assert standing.by_outcome == {"answered": FRESH, "no-reply": MANY}
    assert standing.open_cases == 0, "nor does somebody find a thousand old questions in the queue"
    assert daemon.said().count(" decided ") == MANY + FRESH, "what is done is shown while it is done"


def fill(box: Behind, count: int) -> None:
    """Old mail, as a server keeps it: INTERNALDATE is the time of the file."""
    home, when = box.world.imap.home, (NOW - WEEK).timestamp()
    assert home is not None
    with box.world.imap.client():
        pass  # the server makes the folders
    mine = (home / "Maildir").stat()
    for number in range(count):
        mail = raw(
            f"Mi mandi il listino {number}?", sender=f"p@old{number}.example", number=1000 + number, at=NOW - WEEK
        )
        path = home / "Maildir" / "cur" / f"{int(when)}.{number}.old:2,"
        path.write_bytes(mail)
        os.chown(path, mine.st_uid, mine.st_gid)
        os.utime(path, (when, when))


# ---- 16


@pytest.fixture
def new_password(box: Behind) -> Iterator[Callable[[str], None]]:
    """Changes it on the server and for the test; everybody has the old one again at the end."""
    users, account = box.server.base / "users", box.world.imap
    before = users.read_text()

    def change(password: str) -> None:
        users.write_text(re.sub(rf"(?m)^{account.user}:{{PLAIN}}[^:]*", f"{account.user}:{{PLAIN}}{password}", before))
        box.world.imap = replace(account, password=password)
        until(lambda: lets_in(box.world.imap), LONG)  # Dovecot looks at the file once a second

    yield change
    users.write_text(before)
    box.world.imap = account
    until(lambda: lets_in(account), LONG)


def lets_in(account: ImapAccount) -> bool:
    try:
        with account.client():
            return True
    except IMAPClientError:
        return False


def test_16_a_changed_password(box: Behind, new_password: Callable[[str], None]) -> None:
    """Asked once, not again and again; the assistant hears of it by mail; the new secret is taken without a restart."""

    def tries() -> int:
        return box.proxy.heard.count(b"AUTHENTICATE")

    with box.world.daemon(*AT) as daemon:
        box.deliver(1)
        daemon.wait_for(lambda: len(box.world.imap.mails("Sent")) == 1, LONG)
        before = tries()
        new_password("Walnut-55-Kite")
        box.proxy.cut()
        box.deliver(15)
        daemon.wait_for(lambda: len(box.world.notices()) == 1, LONG)
        assert box.world.notices()[0]["To"] == ASSISTANT
        daemon.wait_for("the sign-in is refused mailbox=inbox", LONG)
        box.world.run("status", *box.world.places())  # takes its time; a hammer would have struck meanwhile
        box.world.run("status", *box.world.places())
        assert tries() <= before + 2  # a question that was under way may have been a second one
        box.world.write_secrets(mailbox="Walnut-55-Kite")
        daemon.wait_for(lambda: box.answered() == [1, 15], LONG)
        daemon.wait_for("the sign-in works again", LONG)
        assert daemon.end(30) == 0
        assert "Walnut" not in daemon.said()
    with box.world.ledger() as store:
        assert store.last_run(f"looked {BOX}") is not None


def test_16_a_refused_password_is_asked_about_every_five_minutes() -> None:
    """Providers lock an account after a few wrong ones in a row; a server that is only down is asked sooner."""
    room = Mailroom(Office(ruleset=trusting(Trust.SEND)).service)
    assert [room._wait(failures, retry=False) for failures in (1, 2, 9)] == [timedelta(minutes=5)] * 3
    assert room._wait(1, retry=True) == timedelta(seconds=5)
