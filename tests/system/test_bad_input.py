"""What goes wrong on an ordinary day: each gets a clear sentence, the rest goes on, nothing is lost."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tests.servers import ImapAccount, free_port
from vamaild.adapters.demo.smtp import SmtpSink
from vamaild.core.ledger import Entry, Outcome, State

from .world import BETA, CUSTOMER, DAMAGE, NOW, ORDINARY, PEOPLE, SMTP_LOGIN, World, raw

pytestmark = pytest.mark.slow

SERVER, CONFIGURATION, ATTENTION = 4, 3, 1
LATER = NOW + timedelta(minutes=2)


def the_only(world: World) -> Entry:
    (entry,) = world.entries().values()
    return entry


def held_note(world: World, uid: int | None = None) -> str:
    """What the one case in the queue says."""
    with world.ledger() as store:
        (case,) = store.cases()
    return case.case.note


# ---- the incoming server


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"secret": "wrong"}, ["wrong user or password", "secrets.toml"]),
        ({"imap": "imaps://no-such-host.invalid"}, ["no such host", "Check the host name"]),
        ({"imap": "imap://127.0.0.1:{free}"}, ["refuses connections", "Check the port"]),
        ({"folder": "Nowhere"}, ["Nowhere", "cannot be opened", "how it is spelled"]),
    ],
    ids=["wrong password", "unknown host", "refused", "no such folder"],
)
def test_an_incoming_server_that_cannot_be_used(world: World, changes: dict[str, str], words: list[str]) -> None:
    world.imap.deliver(raw(), when=NOW)
    world.build(**{name: value.format(free=free_port()) for name, value in changes.items()})
    ran = world.once()
    assert ran.code == SERVER
    assert all(word in ran.out for word in words), ran.said
    assert "Walnut" not in ran.said
    world.build()
    assert world.once(LATER).code == 0
    assert [mail["To"] for mail in world.replies()] == [CUSTOMER]


@pytest.mark.dovecot
def test_an_untrusted_certificate_is_not_accepted(dovecot: ImapAccount, post_office: SmtpSink, tmp_path: Path) -> None:
    world = World(tmp_path, dovecot, post_office).build(ca="")
    ran = world.once()
    assert ran.code == SERVER
    assert "the certificate is not trusted" in ran.out
    assert "name its certificate as ca" in ran.out


def test_a_mailbox_that_vanishes_and_comes_back(each_world: World) -> None:
    world = each_world.build(folder="Orders")
    with world.imap.client() as client:
        client.create_folder("Orders")
    world.imap.deliver(raw(number=1), folder="Orders", when=NOW)
    assert world.once().code == 0
    with world.imap.client() as client:
        client.delete_folder("Orders")
    gone = world.once(NOW + timedelta(minutes=1))
    assert gone.code == SERVER
    assert "Orders" in gone.out
    assert "cannot be opened" in gone.out
    with world.imap.client() as client:
        client.create_folder("Orders")
    world.imap.deliver(raw(number=2, sender="bea@another.example"), folder="Orders", when=NOW)
    assert world.once(LATER).code == 0
    assert [mail["To"] for mail in world.replies()] == [CUSTOMER, "bea@another.example"]
    with world.imap.client() as client:
        client.delete_folder("Orders")


# ---- the outgoing server


def test_an_outgoing_server_that_is_down_gets_its_mail_later(world: World) -> None:
    world.imap.deliver(raw(), when=NOW)
    world.write_main(smtp=f"smtp://127.0.0.1:{free_port()}")
    ran = world.once()
    assert "not sent" in ran.out
    assert "it refuses connections" in ran.out
    assert ran.code == 4
    with world.ledger() as store:
        assert store.standing(NOW).outbox == {State.QUEUED: 1}
    world.write_main()
    assert world.once(LATER).code == 0
    assert world.once(LATER + timedelta(minutes=2)).code == 0
    assert [mail["To"] for mail in world.replies()] == [CUSTOMER]


def test_a_wrong_password_of_the_outgoing_server(world: World) -> None:
    world.imap.deliver(raw(), when=NOW)
    world.write_main(smtp_user="somebody-else")
    ran = world.once()
    assert "wrong user or password for somebody-else" in ran.out
    assert SMTP_LOGIN[1] not in ran.said
    assert ran.code == 4
    world.write_main()
    world.once(LATER)
    assert len(world.replies()) == 1


def test_a_refusal_for_now_is_tried_again_and_a_refusal_for_good_is_shown(world: World) -> None:
    world.imap.deliver(raw(), when=NOW)
    world.sink.manners.refuse = {"RCPT": "451 come back later"}
    said = world.once().out
    assert ("the server answered 451" in said, "come back later" in said) == (True, False)
    world.sink.manners.refuse = {"RCPT": "550 no such user here"}
    ran = world.once(LATER)
    assert ("the server answered 550" in ran.out, "no such user here" in ran.out) == (True, False)
    assert "a reply needs you" in ran.out
    assert "the mail server refuses it" in held_note(world)
    with world.ledger() as store:
        assert store.standing(NOW).outbox == {State.FAILED: 1}
    world.sink.manners.refuse = {}
    world.once(NOW + timedelta(hours=2))
    assert world.replies() == []


# ---- messages


def nested(depth: int) -> bytes:
    """Parts within parts, as no mail program makes them."""
    head = raw("", headers={"Content-Type": 'multipart/mixed; boundary="b0"'}).rstrip(b"\r\n") + b"\r\n\r\n"
    down = "".join(f'--b{n}\r\nContent-Type: multipart/mixed; boundary="b{n + 1}"\r\n\r\n' for n in range(depth))
    return head + f"{down}--b{depth}\r\nContent-Type: text/plain\r\n\r\n{ORDINARY}\r\n".encode()


def without(*names: str, text: str = ORDINARY) -> bytes:
    """The usual message without these header fields."""
    return raw(text, headers=dict.fromkeys(names, ""))


WAIT = {
    "no From": without("From"),
    "nothing but a recipient": b"To: office@acme.example\r\n\r\n",
    "no body": raw(""),
    "an unknown charset": raw(headers={"Content-Type": "text/plain; charset=x-martian"}).replace(
        b"Ciao", b"\xe8\xff\xfe"
    ),
}
GOES_ON = {
    "no Date": without("Date"),
    "no Message-ID": without("Message-ID"),
    "no MIME header": without("MIME-Version", "Content-Type"),
}


@pytest.mark.parametrize("what", WAIT)
def test_a_message_that_cannot_be_judged_waits_for_a_person(world: World, what: str) -> None:
    world.imap.deliver(WAIT[what], raw(sender="bea@another.example", number=2), when=NOW)
    ran = world.once()
    assert ran.code == 0
    bad, good = [entry for _, entry in sorted(world.entries().items())]
    assert (bad.outcome, good.outcome) == (Outcome.WAITING, Outcome.ANSWERED), bad
    assert held_note(world)
    assert [mail["To"] for mail in world.replies()] == ["bea@another.example"]


@pytest.mark.parametrize("what", GOES_ON)
def test_a_message_that_lacks_something_is_answered_all_the_same(world: World, what: str) -> None:
    world.imap.deliver(GOES_ON[what], when=NOW)
    assert world.once().code == 0
    (reply,) = world.replies()
    assert reply["To"] == CUSTOMER
    assert (reply["In-Reply-To"] is None) == (what == "no Message-ID")


@pytest.mark.dovecot
def test_parts_within_parts_within_parts(dovecot: ImapAccount, post_office: SmtpSink, tmp_path: Path) -> None:
    """1,500 of them; pymap itself gives up on such a message."""
    world = World(tmp_path, dovecot, post_office).build()
    world.imap.deliver(nested(1_500), raw(sender="bea@another.example", number=2), when=NOW)
    assert world.once().code == 0
    deep, good = [entry for _, entry in sorted(world.entries().items())]
    assert (deep.outcome, good.outcome) == (Outcome.WAITING, Outcome.ANSWERED), deep
    assert "nested too deep" in held_note(world)


@pytest.mark.dovecot
def test_a_message_of_sixty_megabytes_waits_unread(dovecot: ImapAccount, post_office: SmtpSink, tmp_path: Path) -> None:
    world = World(tmp_path, dovecot, post_office).build()
    line = b"A" * 76 + b"\r\n"
    world.imap.deliver(raw() + line * (60_000_000 // len(line)), raw(sender="bea@another.example"), when=NOW)
    assert world.once().code == 0
    with world.ledger() as store:
        big, good = (store.find_entry("inbox", uid) for uid in (1, 2))
        (case,) = store.cases()
    assert big is not None
    assert good is not None
    assert (big.outcome, good.outcome) == (Outcome.WAITING, Outcome.ANSWERED)
    assert "too large to read: 60.0 MB" in case.case.note


# ---- files


def test_a_text_that_asks_for_a_missing_word(world: World) -> None:
    text = world.config / "templates" / "it" / "ordinary.txt"
    text.parent.mkdir(parents=True)
    text.write_text("Subject: Re: {{ subject }}\n\nBuongiorno {{ nickname }}\n", encoding="utf-8")
    checked = world.run("check", "--config", str(world.config))
    assert checked.code == CONFIGURATION
    assert "nickname" in checked.out
    assert "templates/it/ordinary.txt" in checked.out
    world.imap.deliver(raw(), raw(DAMAGE, sender="dora@third.example", number=2), when=NOW)
    assert world.once().code == 0
    first, second = [entry for _, entry in sorted(world.entries().items())]
    assert (first.outcome, first.reason) == (Outcome.WAITING, "unwritable")
    assert second.outcome is Outcome.ESCALATED
    assert [mail["To"] for mail in world.replies()] == ["dora@third.example"]


BROKEN = {
    "UTF-16": (BETA.encode("utf-16"), "UTF-16"),
    "a missing quote": (BETA.replace('"beta"', '"beta', 1).encode(), "client-beta.toml:3"),
    "an unknown key": (BETA.replace("trust ", "thrust").encode(), 'did you mean "trust"?'),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_client_file_sets_aside_that_client_only(world: World, what: str) -> None:
    data, words = BROKEN[what]
    world.rule_file("client-beta.toml").write_bytes(data)
    world.imap.deliver(raw(), raw(to="office@beta.example", sender="bea@another.example", number=2), when=NOW)
    ran = world.once()
    assert ran.code == 0
    assert "rules.d/client-beta.toml" in ran.err
    assert words in ran.err
    acme, beta = [entry for _, entry in sorted(world.entries().items())]
    assert (acme.client, acme.outcome) == ("acme", Outcome.ANSWERED)
    assert (beta.client, beta.outcome) == ("", Outcome.WAITING)
    assert "office@beta.example" in held_note(world)


def test_the_last_good_version_of_a_client_file_stands_in(world: World) -> None:
    world.rule_file("client-beta.toml").write_text(BETA)
    assert world.once().code == 0
    world.rule_file("client-beta.toml").write_text("[client\n")
    world.imap.deliver(raw(to="office@beta.example"), when=NOW)
    ran = world.once(LATER)
    assert "rules.d/client-beta.toml" in ran.err
    assert the_only(world).client == "beta"
    assert len(world.replies()) == 1


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("vamaild.toml", "[me]\nname = 1\n".encode("utf-16"), "UTF-16"),
        ("vamaild.toml", b"[me]\nname = 1\n", '"name" should be'),
        ("vamaild.toml", None, "There is no "),
        ("secrets.toml", b"[passwords]\nmailbox = never shown\n", "secrets.toml:2"),
    ],
)
def test_a_configuration_that_cannot_be_used(world: World, name: str, data: bytes | None, words: str) -> None:
    path = world.config / name
    path.unlink() if data is None else path.write_bytes(data)
    ran = world.once()
    assert ran.code == CONFIGURATION
    assert words in ran.err
    assert "never shown" not in ran.said
    assert not (world.state / "vamaild.db").exists()


# ---- the disk


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """Four megabytes for the state directory. Only root may mount; CI is root."""
    if os.geteuid() != 0:
        if os.environ.get("CI") == "true":
            pytest.fail("this test must mount a file system; CI runs as root")
        pytest.skip("only root may mount the small file system that this test fills")
    place.mkdir(mode=0o700)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip(f"this machine lets nobody mount: {mounted.stderr.decode()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("left", [0, 100_000], ids=["not a byte left", "100 kB left"])
def test_a_full_disk_sends_nothing_and_loses_nothing(world: World, left: int) -> None:
    with small_disk(world.state):
        assert world.once().code == 0
        filler = world.state / "filler"
        fill(filler, left)
        mails = [raw(f"Mi mandi il preventivo {n}?", sender=p, number=n) for n, p in enumerate(PEOPLE)]
        world.imap.deliver(*mails, when=NOW)
        ran = world.once(NOW + timedelta(minutes=1))
        assert ran.code == ATTENTION
        assert "the disk is full" in ran.said
        assert "Free some space" in ran.said
        assert world.sink.mails == []
        assert not any(world.flags().values())
        filler.unlink()
        assert world.once(LATER).code == 0
        assert sorted(mail["To"] for mail in world.replies()) == sorted(PEOPLE)


def fill(path: Path, left: int) -> None:
    """Writes until nothing fits any more, then gives so many bytes back."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    os.truncate(path, path.stat().st_size - left)


def test_a_state_directory_that_cannot_be_written(world: World) -> None:
    with small_disk(world.state):
        subprocess.run(["mount", "-o", "remount,ro", str(world.state)], check=True)
        world.imap.deliver(raw(), when=NOW)
        ran = world.once()
        assert ran.code == ATTENTION
        assert str(world.state) in ran.err
        assert "Read-only file system" in ran.err
        assert world.sink.mails == []


def test_a_damaged_ledger_is_left_as_it_is(world: World) -> None:
    world.state.mkdir(mode=0o700)
    ledger = world.state / "vamaild.db"
    ledger.write_bytes(b"this is no database" * 100)
    world.imap.deliver(raw(), when=NOW)
    ran = world.once()
    assert ran.code == ATTENTION
    assert "it is no database and was left as it is" in ran.err
    assert ledger.read_bytes() == b"this is no database" * 100
    assert world.sink.mails == []


def test_a_second_service_on_the_same_state_is_refused(world: World) -> None:
    with world.daemon() as daemon:
        daemon.wait_for("ready: 1 client")
        ran = world.once()
        assert ran.code == ATTENTION
        assert f"another vamaild works here already (process {daemon.process.pid})" in ran.err
        assert daemon.end() == 0
    assert world.once().code == 0
