"""`vamaild init` at a real terminal: the six questions as they are shown, wrong answers, Ctrl-C and going on."""

import stat
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.postman import Postman, postman, stamped
from tests.servers import ImapAccount
from tests.terminal import CTRL_C, Terminal, terminal
from vamaild.adapters.demo.smtp import Taken, smtp_sink

from .world import World

pytestmark = pytest.mark.slow

MAILBOX, CLIENT = "clienti@ferri-av.example", "info@studiorossi.example"
GMAIL = {"X-Forwarded-For": f"{CLIENT} {MAILBOX}", "X-Forwarded-To": MAILBOX, "Delivered-To": MAILBOX}
GOOGLE = (
    b"From: Gmail Team <forwarding-noreply@google.com>\r\nTo: clienti+rossi@ferri-av.example\r\n"
    b"Subject: (#123456789) Gmail Forwarding Confirmation - Receive Mail from info@studiorossi.example\r\n\r\nx\r\n"
)


@pytest.fixture
def fresh(pymap: ImapAccount, tmp_path: Path) -> Iterator[World]:
    with smtp_sink(login=(pymap.user, pymap.password)) as sink:
        yield World(tmp_path, pymap, sink, {"LANG": "it_IT.UTF-8", "TERM": "dumb"})


@contextmanager
def init(world: World, *more: str) -> Iterator[Terminal]:
    servers = ["--imap", f"imap://{world.imap.host}:{world.imap.port}", "--user", world.imap.user]
    servers += ["--smtp", f"smtp://{world.sink.host}:{world.sink.port}"]
    command = world.command("init", "--config", str(world.config), *servers, *more)
    with terminal(command, world.surroundings(), world.folder) as seen:
        yield seen


def you(seen: Terminal) -> None:
    seen.until("About ten minutes. Ctrl-C keeps what you have answered; run it again to go on.\n\n1 of 6  You\n")
    seen.answer("  Name that signs the replies: ", "Giulia Ferri")
    seen.answer("  Language [it]: ")
    seen.answer("  Grammar for «sono stata/stato» (f/m) [f]: ")
    seen.answer("  Your address for reports: ", "giulia@ferri-av.example")


def test_the_six_questions(fresh: World) -> None:
    def forwarded(mail: Taken) -> bytes | None:
        return stamped(GMAIL)(mail)

    with postman(fresh.sink, fresh.imap, {CLIENT: forwarded}) as post, init(fresh) as seen:
        you(seen)
        the_mailbox(seen, fresh)
        the_client(seen, fresh, post)
        seen.answer("4 of 6  Promises\n  Working days of notice in your contract [4]: ", "5")
        seen.answer("  Work wanted sooner:  1 offer a surcharge  2 decline  3 say nothing [1]: ", "1")
        seen.answer("  Surcharge for the same day, in percent [50]: ", "40 %")
        seen.answer("5 of 6  Week\n  Days and hours [mon-fri 09:00-18:00]: ", "mon-thu 9:00-17:00")
        seen.answer("  Holidays of [IT]: ", "IT-MI")
        seen.until('6 of 6  Caution\n  Every client starts in "observe": it reads, decides, sends nothing.\n')
        seen.until("Wrote vamaild.toml, secrets.toml (0600), rules.d/client-rossi.toml\nChecked: ")
        seen.until("Next: vamaild replay")
        assert seen.end() == 0
    written(fresh)
    assert fresh.imap.password not in seen.shown
    assert not (fresh.config / ".init-answers.json").exists()


def the_mailbox(seen: Terminal, world: World) -> None:
    seen.answer("2 of 6  The mailbox your clients forward to\n  Address: ", MAILBOX)
    seen.answer("  Password (not shown; goes to secrets.toml only): ", "Walnut-55-Kite")
    seen.until("  Signing in... no. ")
    seen.until("wrong user or password")
    seen.answer(f"  User name there [{world.imap.user}]: ")
    seen.answer("  Password (not shown; goes to secrets.toml only): ", world.imap.password)
    seen.until('  Signing in... ok: 0 messages, IDLE, MOVE, drafts are in "Drafts"\n')
    seen.until("  A message to yourself... there after ")
    seen.until(" s, SPF DKIM DMARC pass\n")


def the_client(seen: Terminal, world: World, post: Postman) -> None:
    seen.answer("3 of 6  Your first client\n  Short name: ", "Studio Rossi")
    seen.until('"Studio Rossi" cannot be used: Short name should be a short name of small letters, digits and -')
    seen.answer("  Short name: ", "rossi")
    seen.answer("  Name [Rossi]: ", "Studio Rossi")
    seen.answer("  Their address, which they forward: ", CLIENT)
    seen.answer("  Their mailbox is at  1 Gmail  2 Microsoft 365  3 Aruba  4 Seznam  5 other [other]: ", "1")
    seen.until("  A message to clienti+rossi@ferri-av.example... there after ")
    seen.until("  Ask them to add this forwarding address: clienti+rossi@ferri-av.example\n")
    seen.until("letter-rossi.txt)\n  Waiting for Google's confirmation (Enter: go on without it)...")
    world.imap.deliver(GOOGLE)
    seen.until(f" code 123456789. Send it to {CLIENT}.\n")
    seen.answer("  Is the forwarding on already? A test message tries it then [y/N]: ", "y")
    seen.until(f"  A message to {CLIENT}... back after ")
    seen.until("    recognised by X-Forwarded-For\n")
    seen.until("    no vacation reply of their own: good, nobody gets two answers\n")
    assert post.seen == [MAILBOX, "clienti+rossi@ferri-av.example", CLIENT]


def written(world: World) -> None:
    main = tomllib.loads((world.config / "vamaild.toml").read_text())
    assert (main["me"]["name"], main["me"]["language"], main["defaults"]["lead_days"]) == ("Giulia Ferri", "it", 5)
    assert main["mailbox"]["server_id"] == "mx.ferri-av.example"
    client = tomllib.loads((world.config / "rules.d" / "client-rossi.toml").read_text())
    assert (client["forwarding"], client["rush"]["tier"][0]["percent"]) == ({"profile": "gmail"}, 40)
    assert client["rush"]["tier"][0]["ready"] == "today 17:00"
    secrets = tomllib.loads((world.config / "secrets.toml").read_text())
    assert secrets["passwords"] == {"mailbox": world.imap.password}


def test_ctrl_c_keeps_what_was_answered(fresh: World) -> None:
    progress = fresh.config / ".init-answers.json"
    with init(fresh, "--offline") as seen:
        you(seen)
        seen.answer("  Address: ", MAILBOX)
        seen.until("goes to secrets.toml only): ")
        seen.press(CTRL_C)
        seen.until("Kept what you answered. Go on: vamaild init")
        assert seen.end() == 130
    assert stat.S_IMODE(progress.stat().st_mode) == 0o600
    assert sorted(p.name for p in fresh.config.iterdir()) == [".init-answers.json"]
    with init(fresh, "--offline") as seen:
        seen.until("Going on with what you answered before")
        seen.until("  Name that signs the replies: Giulia Ferri (kept)\n")
        seen.until(f"  Address: {MAILBOX} (kept)\n")
        seen.answer("goes to secrets.toml only): ", "pass word")
        seen.answer("  Short name: ", "rossi")
        seen.answer("  Name [Rossi]: ")
        seen.answer("  Their address, which they forward: ", MAILBOX)
        seen.until("is the mailbox itself")
        seen.answer("  Their address, which they forward: ", CLIENT)
        for question in ("5 other [other]: ", "contract [4]: ", "nothing [1]: ", "percent [50]: "):
            seen.answer(question)
        seen.answer("18:00]: ", "always")
        seen.until('"always" cannot be used: Days and hours should be days and hours like mon-fri 09:00-18:00')
        seen.answer("18:00]: ")
        seen.answer("  Holidays of [IT]: ", "Milano")
        seen.until('Did you mean "IT-MI"?')
        seen.answer("  Holidays of [IT]: ")
        seen.until("Wrote vamaild.toml, secrets.toml (0600)")
        assert seen.end() == 0
    assert not progress.exists()
    assert tomllib.loads((fresh.config / "secrets.toml").read_text()) == {"passwords": {"mailbox": "pass word"}}


def test_a_file_that_is_there_is_asked_about_first(fresh: World) -> None:
    fresh.config.mkdir()
    (fresh.config / "vamaild.toml").write_text("# mine\n")
    with init(fresh, "--offline") as seen:
        seen.answer("is there already. Write a new one (the old one is kept as vamaild.toml.old)? [y/N]: ")
        seen.until("nothing was changed")
        assert seen.end() == 1
    assert (fresh.config / "vamaild.toml").read_text() == "# mine\n"


def test_a_server_that_does_not_answer_is_asked_for_again(fresh: World) -> None:
    """Three times; then somebody may go on without it, or stop and keep what was answered."""
    with init(fresh, "--imap", "imap://127.0.0.1:1") as seen:
        you(seen)
        seen.answer("  Address: ", MAILBOX)
        seen.answer("goes to secrets.toml only): ", fresh.imap.password)
        for _ in range(2):
            seen.until("refuses connections")
            seen.answer("  Server for reading [imap://127.0.0.1:1]: ", "x.example.com/folder")
            seen.until("cannot be used: Server for reading should be a server like")
            seen.answer("  Server for reading [imap://127.0.0.1:1]: ")
            seen.answer("  Server for sending [smtp://127.0.0.1:")
        seen.answer("  Go on without trying the servers? [y/N]: ", "n")
        seen.until("Kept what you answered. Go on: vamaild init")
        assert seen.end() == 4
    assert sorted(p.name for p in fresh.config.iterdir()) == [".init-answers.json"]
