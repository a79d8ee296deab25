"""`vamaild init` without anybody to ask: against real servers, to files that the service works with at once."""

import os
import re
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postman import postman
from tests.servers import ImapAccount
from vamaild.adapters.demo.smtp import Taken, smtp_sink

from .world import Ran, World

pytestmark = pytest.mark.slow

DONE, ATTENTION, SERVER = 0, 1, 4
MAILBOX = "clienti@ferri-av.example"
TAGGED = "clienti+rossi@ferri-av.example"
CLIENT = "info@studiorossi.example"
WRITTEN = ["letter-rossi.txt", "rules.d", "rules.d/client-rossi.toml", "secrets.toml", "vamaild.toml"]
NETWORK = "imap://localhost:1"


def machine(account: ImapAccount, folder: Path) -> Iterator[World]:
    """A machine on which nothing is set up, and an outgoing server that knows the user, as providers' do."""
    (folder / "password").write_text(f"{account.password}\n")
    with smtp_sink(login=(account.user, account.password)) as sink:
        yield World(folder, account, sink)


@pytest.fixture
def fresh(pymap: ImapAccount, tmp_path: Path) -> Iterator[World]:
    yield from machine(pymap, tmp_path)


@pytest.fixture
def each_fresh(imap: ImapAccount, tmp_path: Path) -> Iterator[World]:
    """The same on pymap and on Dovecot."""
    yield from machine(imap, tmp_path)


def answers(world: World, **other: str) -> list[str]:
    """Every answer as an option. `other` replaces some; "" leaves one out."""
    scheme = {"none": "imap", "implicit": "imaps"}[world.imap.tls]
    usual = {
        "name": "Giulia Ferri", "email": "giulia@ferri-av.example", "language": "it", "mailbox": MAILBOX,
        "imap": f"{scheme}://{world.imap.host}:{world.imap.port}", "smtp": f"smtp://{world.sink.host}:{world.sink.port}",
        "user": world.imap.user, "password-file": str(world.folder / "password"), "ca": world.imap.ca or "",
        "client": "rossi", "client-name": "Studio Rossi", "client-address": CLIENT, "hosted": "gmail",
        "surcharge": "30", "week": "mon-thu 08:30-17:00", "holidays": "IT-MI", "lead-days": "3",
    }  # fmt: skip
    said = {**usual, **{name.replace("_", "-"): value for name, value in other.items()}}
    return [word for name, value in said.items() if value for word in (f"--{name}", value)]


def init(world: World, *more: str, stdin: bytes = b"", **other: str) -> Ran:
    options = answers(world, **other)
    return world.run("init", "--config", str(world.config), "--no-input", *options, *more, stdin=stdin)


def tree(config: Path) -> list[str]:
    return sorted(p.relative_to(config).as_posix() for p in config.rglob("*"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_from_nothing_to_a_service_that_works(each_fresh: World) -> None:
    fresh = each_fresh
    ran = init(fresh)
    assert (ran.code, ran.err) == (DONE, ""), ran.said
    assert "Signing in... ok: 0 messages, IDLE" in ran.out
    assert 'drafts are in "Drafts"' in ran.out
    assert ran.out.index("Wrote vamaild.toml, secrets.toml (0600), rules.d/client-rossi.toml") < ran.out.index(
        "Checked: "
    )
    assert tree(fresh.config) == WRITTEN
    fresh.imap.deliver(b"From: m@x.example\r\nTo: info@studiorossi.example\r\nSubject: x\r\n\r\nCiao\r\n")
    assert fresh.run("run", "--once", *fresh.places()).code == DONE
    assert re.search(r"^rossi +observe", fresh.run("status", *fresh.places()).out, re.MULTILINE)
    assert fresh.sent() == []
    checked = fresh.run("check", "--config", str(fresh.config), "-q")
    assert (checked.code, checked.out) == (DONE, "")


def test_what_was_answered_stands_in_the_files(fresh: World) -> None:
    assert init(fresh, "--offline").code == DONE
    main = tomllib.loads((fresh.config / "vamaild.toml").read_text())
    assert main["me"] == {
        "name": "Giulia Ferri", "email": "giulia@ferri-av.example", "gender": "f", "language": "it",
        "timezone": "Europe/Rome",
    }  # fmt: skip
    assert (main["mailbox"]["user"], main["mailbox"]["password"]) == (fresh.imap.user, "secret:mailbox")
    assert main["week"] == {"days": ["mon", "tue", "wed", "thu"], "hours": "08:30-17:00", "holidays": ["IT-MI"]}
    assert main["defaults"] == {"trust": "observe", "lead_days": 3, "answer_margin_days": 2}
    client = tomllib.loads((fresh.config / "rules.d" / "client-rossi.toml").read_text())
    assert client["client"] == {"id": "rossi", "name": "Studio Rossi", "arrives": [TAGGED, CLIENT], "trust": "observe"}
    assert client["forwarding"] == {"profile": "gmail"}
    assert client["rush"]["tier"] == [{"ready": "today 17:00", "percent": 30, "ask_before": "11:30"}]
    secrets = tomllib.loads((fresh.config / "secrets.toml").read_text())
    assert secrets == {"passwords": {"mailbox": fresh.imap.password}}
    assert mode(fresh.config / "secrets.toml") == 0o600
    assert mode(fresh.config / "vamaild.toml") & 0o007 == 0


def test_the_letter_is_in_the_clients_language(fresh: World) -> None:
    assert init(fresh, "--offline", client_language="cs").code == DONE
    letter = (fresh.config / "letter-rossi.txt").read_text()
    assert letter.startswith(f"To: {CLIENT}\nSubject: Přeposílání pošty ze schránky {CLIENT}\n\nDobrý den,\n")
    assert TAGGED in letter
    client = tomllib.loads((fresh.config / "rules.d" / "client-rossi.toml").read_text())
    assert client["client"]["language"] == "cs"


def test_a_message_to_oneself_teaches_how_the_server_signs(fresh: World) -> None:
    with postman(fresh.sink, fresh.imap) as carried:
        ran = init(fresh, "--send")
    assert ran.code == DONE, ran.said
    assert "A message to yourself... there after " in ran.out
    assert ", SPF DKIM DMARC pass" in ran.out
    assert carried.seen == [MAILBOX, TAGGED]
    main = tomllib.loads((fresh.config / "vamaild.toml").read_text())
    assert main["mailbox"]["server_id"] == "mx.ferri-av.example"
    assert f"Ask them to add this forwarding address: {TAGGED}" in ran.out
    assert [(mail.sender, b"auto-generated" in mail.raw) for mail in fresh.sink.mails] == [("", True)] * 2


def test_a_provider_without_plus_addresses(fresh: World) -> None:
    with postman(fresh.sink, fresh.imap, {TAGGED: refused}):
        ran = init(fresh, "--send")
    assert ran.code == DONE, ran.said
    assert "550 5.1.1, there is no such address" in ran.out
    assert f"Ask them to add this forwarding address: {MAILBOX}" in ran.out
    client = tomllib.loads((fresh.config / "rules.d" / "client-rossi.toml").read_text())
    assert client["client"]["arrives"] == [MAILBOX, CLIENT]


def refused(mail: Taken) -> bytes:
    """What a server sends back for a mail that nobody takes."""
    return (
        b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: clienti@ferri-av.example\r\nSubject: Undelivered\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nNobody took it.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; x@y.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + mail.raw + b"\r\n--b--\r\n"
    )


def test_the_password_comes_from_standard_input(fresh: World) -> None:
    ran = init(fresh, password_file="-", stdin=fresh.imap.password.encode() + b"\r\n")
    assert ran.code == DONE, ran.said
    assert tomllib.loads((fresh.config / "secrets.toml").read_text())["passwords"]["mailbox"] == fresh.imap.password


def test_a_wrong_password_writes_nothing(fresh: World) -> None:
    (fresh.folder / "password").write_text("Walnut-55-Kite\n")
    ran = init(fresh)
    assert (ran.code, "wrong user or password" in ran.err, "--offline" in ran.err) == (SERVER, True, True), ran.said
    assert tree(fresh.config) == [".init-answers.json"]
    assert "Walnut" not in (fresh.config / ".init-answers.json").read_text() + ran.said
    assert mode(fresh.config / ".init-answers.json") == 0o600


def test_a_server_that_does_not_answer(fresh: World) -> None:
    ran = init(fresh, imap=NETWORK)
    assert (ran.code, "refuses connections" in ran.err) == (SERVER, True), ran.said
    assert init(fresh, "--offline", imap=NETWORK).code == DONE


def test_what_is_there_stays(fresh: World) -> None:
    assert init(fresh, "--offline").code == DONE
    before = {name: (fresh.config / name).read_bytes() for name in WRITTEN if name != "rules.d"}
    ran = init(fresh, "--offline", name="Somebody Else")
    assert (ran.code, "is there already; nothing was changed" in ran.err) == (ATTENTION, True)
    assert {name: (fresh.config / name).read_bytes() for name in before} == before


def test_over_what_is_there_only_when_told_so(fresh: World) -> None:
    assert init(fresh, "--offline").code == DONE
    old = (fresh.config / "vamaild.toml").read_text()
    secrets = fresh.config / "secrets.toml"
    secrets.write_text(secrets.read_text() + '\n[contacts.petr]\nphone = "+420 603 111 222"\n')
    (fresh.folder / "password").write_text("another one\n")
    ran = init(fresh, "--offline", "--overwrite", name="Anna Blu")
    assert ran.code == DONE, ran.said
    assert (fresh.config / "vamaild.toml.old").read_text() == old
    assert "Anna Blu" in (fresh.config / "vamaild.toml").read_text()
    assert (fresh.config / "rules.d" / "client-rossi.toml.old").exists()
    found = tomllib.loads(secrets.read_text())
    assert found == {"passwords": {"mailbox": "another one"}, "contacts": {"petr": {"phone": "+420 603 111 222"}}}


def test_a_client_and_secrets_that_are_there_are_kept(fresh: World) -> None:
    assert init(fresh, "--offline").code == DONE
    (fresh.config / "vamaild.toml").unlink()
    (fresh.folder / "password").write_text("another one\n")
    ran = init(fresh, "--offline", client_name="Another Name")
    assert ran.code == DONE, ran.said
    assert "Kept secrets.toml as it is" in ran.out
    assert "Kept rules.d/client-rossi.toml as it is" in ran.out
    assert tomllib.loads((fresh.config / "secrets.toml").read_text())["passwords"]["mailbox"] == fresh.imap.password


def test_all_or_nothing(fresh: World) -> None:
    """An address that another client has: what was written before that is seen is taken away again."""
    rules = fresh.config / "rules.d"
    rules.mkdir(parents=True)
    other = f'[client]\nid = "verdi"\nname = "Verdi"\narrives = ["{CLIENT}"]\n[lead]\ndays = 4\n'
    (rules / "client-verdi.toml").write_text(other)
    ran = init(fresh, "--offline")
    assert (ran.code, f"{CLIENT} is an address of verdi already" in ran.err) == (ATTENTION, True), ran.said
    names = [".init-answers.json", "letter-rossi.txt", "rules.d", "rules.d/client-verdi.toml"]
    assert tree(fresh.config) == names


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_cannot_be_written(fresh: World) -> None:
    fresh.config.mkdir(mode=0o500)
    ran = init(fresh, "--offline")
    assert (ran.code, "sudo vamaild init" in ran.err) == (ATTENTION, True)
