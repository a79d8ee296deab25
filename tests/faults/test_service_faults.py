"""Numbers 71, 72, 74 and 75 as far as they need no service manager: the whole program, killed, asked and looked at.

What systemd itself does with the unit is in tests/system/test_container.py.
"""

import csv
import io
import itertools
import signal
import subprocess
import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest

from tests.servers import Dovecot
from tests.system.world import CONTACT, DAMAGE, NOW, PEOPLE, SMTP_LOGIN, World, raw
from vamaild.core.ledger import State

from .soak import soak

pytestmark = pytest.mark.slow
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


# ---- 71


def test_71_killed_again_and_again_it_goes_on_where_it_was(world: World) -> None:
    """As the service manager does it: started again whatever happened, without a word from anybody."""
    for number in range(3):
        with world.daemon("--at", (NOW + number * HOUR).isoformat()) as daemon:
            at = NOW + number * HOUR
            world.imap.deliver(raw(f"Mi mandi il listino {number}?", sender=PEOPLE[number * 7], number=number), when=at)
            daemon.wait_for(lambda: len(world.replies()) == number + 1, 60)  # noqa: B023 (called at once)
            daemon.signal(signal.SIGKILL)
            assert daemon.process.wait(30) == -signal.SIGKILL
    with world.daemon("--at", (NOW + DAY).isoformat()) as daemon:
        daemon.wait_for("ready")
        assert daemon.end(60) == 0
    assert [mail["To"] for mail in world.replies()] == [PEOPLE[0], PEOPLE[7], PEOPLE[14]]


def test_71_without_memory_it_ends_in_a_sentence_or_goes_on_but_loses_nothing(world: World) -> None:
    """The kernel gives it too little: whatever that does to it, the next one does the work."""
    world.imap.deliver(raw(), raw(DAMAGE, number=2, sender=PEOPLE[3]), when=NOW - HOUR)
    starved = ["-c", LITTLE_MEMORY, str(90 << 20)]
    world_ran = _run_anyhow(world, starved)
    assert world_ran in (0, 1, 3, 4, -signal.SIGKILL, -signal.SIGSEGV, -signal.SIGABRT)
    assert world.once(NOW + timedelta(minutes=1)).code == 0
    assert len(world.replies()) == 2
    assert len(world.entries()) == 2


LITTLE_MEMORY = """
import resource, sys
most = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_DATA, (most, most))
from vamaild.__main__ import main
main()
"""


def _run_anyhow(world: World, program: list[str]) -> int:
    """Exit code of one round; a traceback is allowed here, because Python itself has no memory left for better."""
    command = world.command("run", "--once", *world.places(), "--at", NOW.isoformat(), program=program)
    done = subprocess.run(command, capture_output=True, timeout=90, env=world.surroundings(), cwd=world.folder)
    assert not [v for v in CONTACT.values() if v.encode() in done.stdout + done.stderr]
    return done.returncode


# ---- 72


def test_72_no_backup_no_verb_and_no_file_holds_a_secret(world: World) -> None:
    """Not after an ordinary day, an emergency told to the contact, a copy of the ledger, and a look with every verb."""
    secrets = [world.imap.password, SMTP_LOGIN[1], "Walnut-55-Kite", *CONTACT.values()]
    world.imap.deliver(raw(), raw(DAMAGE, number=2, sender=PEOPLE[5]), when=NOW - HOUR)
    for minutes in (0, 11, 12):
        assert world.once(NOW + timedelta(minutes=minutes)).code == 0
    assert CONTACT["email"] in {str(mail["To"]) for mail in world.notices()}, "he was told, so his address was in use"
    at = ("--at", (NOW + HOUR).isoformat())
    assert world.run("backup", *world.places(), *at).code == 0
    said = [world.run(verb, *world.places()).said for verb in ("status", "queue", "outbox", "report")]
    kept = [path.read_bytes() for path in world.state.rglob("*") if path.is_file()]
    assert any(b"SQLite format 3" in raw[:16] for raw in kept)
    shown = [text.encode() for text in said] + kept
    assert [s for s in secrets for text in shown if s.encode() in text] == []


# ---- 74

HOSTILE = (
    "=?utf-8?q?a=0D=0A2024-11-28_10=3A40=3A00_sent_client=3Dacme?=",
    "=?utf-8?q?=1B[2J=1B[31mrosso=1B]0;titolo=07=08=7F=C2=9B31m?=",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    '=HYPERLINK("http://evil.example";"paga qui")',
    "=?utf-8?q?=E2=80=AEetnegru=E2=80=AC_=E2=80=A8riga?=",
    "@SUM(1+1)*cmd|' /C calc'!A0",
)


def test_74_what_a_subject_holds_is_never_more_than_text(world: World) -> None:
    """In the log, on the terminal, in the weekly report's text, page and table, in the notes to our own people."""
    mails = [raw(f"Mi mandi il listino {n}?", sender=PEOPLE[n], number=n, subject=s) for n, s in enumerate(HOSTILE)]
    mails += [raw(DAMAGE, sender=PEOPLE[30 + n], number=30 + n, subject=s) for n, s in enumerate(HOSTILE)]
    world.imap.deliver(*mails, when=NOW - HOUR)
    log = world.once(NOW).said
    assert world.once(NOW + timedelta(minutes=15)).code == 0
    at = ("--at", (NOW + 6 * DAY).isoformat())
    page = world.folder / "r.html"
    for verb in (("report", "--html", str(page)), ("report", "--send"), ("queue",), ("queue", "--json"), ("outbox",)):
        log += world.run(*verb, *world.places(), *(at if verb[0] == "report" else ())).said
    assert controls(log) == set()
    assert not any(line.startswith("2024-11-28 10:40:00 sent client=acme") for line in log.splitlines())
    html = page.read_text(encoding="utf-8")
    assert controls(html) == set()
    assert "<script>alert" not in html
    assert "onerror=alert(1)>" not in html
    tables = [part for mail in world.notices() for part in mail.walk() if part.get_content_type() == "text/csv"]
    cells = itertools.chain.from_iterable(csv.reader(io.StringIO(str(t.get_content()))) for t in tables)
    assert not [cell for row in cells for cell in row if cell[:1] in ("=", "@", "+", "\t")]
    for mail in (*world.notices(), *world.replies()):
        assert controls("".join(str(value) for value in mail.values())) == set()
        assert set(mail.keys()) <= ALLOWED


ALLOWED = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "X-Loop",
    "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "X-Auto-Response-Suppress", "Reply-To", "Precedence",
    "X-Vamaild-Loop", "X-Vamaild", "Content-Language",
}  # fmt: skip


def controls(text: str) -> set[str]:
    """What steers a terminal or turns the direction of a line; a line break and a tab do neither."""
    return {c for c in text if unicodedata.category(c) in ("Cc", "Zl", "Zp") and c not in "\n\t"} | (
        set(text) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
    )


# ---- 75


@pytest.mark.dovecot
@pytest.mark.timeout(900)
def test_75_a_month_in_a_minute(dovecot_server: Dovecot, tmp_path: Path) -> None:
    """Three mailboxes, killed at any moment, wires that break, a clock that jumps: the short form of the soak."""
    figures = soak(dovecot_server, tmp_path, mails=150, minutes=0.15, seed=7, life=6.0)
    print(figures)
    assert figures.wrong == []
    assert figures.mails == 150
    assert figures.kills >= 1
    assert figures.replies
    assert State.SENT in figures.outbox
