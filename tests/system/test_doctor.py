"""`vamaild doctor` on files and on a live mailbox; the silence alarm, from the ledger to the mail and to `status`."""

import json
from dataclasses import replace
from datetime import datetime, time, timedelta
from email import message_from_string, policy
from pathlib import Path

import pytest

from tests.contracts.entries import entry

from .world import ACME, ALIAS, ASSISTANT, BETA, CUSTOMER, NOW, ROME, World, raw

pytestmark = pytest.mark.slow

DONE, ATTENTION, USAGE, CONFIGURATION, NOT_FOUND, SAFETY = 0, 1, 2, 3, 5, 6
GMAIL = {
    "Return-Path": "<office+caf_=va=va.example@acme.example>",
    "X-Forwarded-For": f"{ALIAS} va@va.example",
    "X-Forwarded-To": "va@va.example",
}
FORWARDING = """
[forwarding]   # how it comes
profile = "none"      # ours
forms   = ["www@acme.example"]
"""
LISTED = f"""
[[example]]
title   = "a list"
from    = "{CUSTOMER}"
text    = "Ciao, mi mandi il preventivo?"
headers = {{ list-id = "<info.acme.example>" }}
kind    = "automatic"
"""
LEARNED = FORWARDING.replace('"none"      #', '"gmail"     #').replace("comes\n", "comes\ngroups = []\n")
EDITED = [
    ("a table that is there", ACME.replace("[lead]", FORWARDING + "\n[lead]")),
    ("no table", ACME),
    ("ends of lines of Windows", ACME.replace("\n", "\r\n")),
]


def doctor(world: World, *arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
    ran = world.run("doctor", "--config", str(world.config), *arguments, stdin=stdin)
    return ran.code, ran.out, ran.err


@pytest.fixture
def probe(world: World) -> Path:
    path = world.folder / "probe.eml"
    path.write_bytes(raw(headers=GMAIL))
    return path


def learn(*more: str) -> list[str]:
    return ["--forwarding", "--client", "acme", *more]


def test_it_says_what_the_forwarding_does(world: World, probe: Path) -> None:
    code, out, err = doctor(world, *learn(str(probe)))
    assert (code, err) == (ATTENTION, "")
    assert "changed  Return-Path              Gmail puts itself in" in out
    assert "          X-Forwarded-To: va@va.example" in out
    assert f"Answers  reach the sender: {CUSTOMER}" in out
    assert '[forwarding]\nprofile = "gmail"\ngroups  = []\n' in out
    assert world.rule_file("client-acme.toml").read_text() == ACME
    assert doctor(world, *learn("-"), stdin=probe.read_bytes())[1] == out


def test_as_json(world: World, probe: Path) -> None:
    code, out, _ = doctor(world, *learn("--json", str(probe)))
    found = json.loads(out)
    assert code == ATTENTION
    assert (found["profile"], found["groups"], found["written"], found["differs"]) == ("gmail", [], False, True)
    assert found["answers"]["reach_sender"] is True
    assert found["answers"]["after"]["address"] == CUSTOMER
    assert [e["header"] for e in found["effects"]][:2] == ["Return-Path", "From"]
    assert found["toml"].startswith("[forwarding]\n")


def test_what_would_still_silence_everybody_is_asked_of_the_screen_itself(world: World) -> None:
    stamped = raw(headers={"Auto-Submitted": "auto-generated", "X-MS-Exchange-Inbox-Rules-Loop": "else@other.example"})
    code, out, _ = doctor(world, *learn("--write", "--json", "-"), stdin=stamped)
    found = json.loads(out)
    assert (code, found["written"], found["profile"]) == (ATTENTION, True, "m365")
    assert "Auto-Submitted" in found["held"]
    assert "look     no answer would leave: Auto-Submitted" in doctor(world, *learn("-"), stdin=stamped)[1]


@pytest.mark.parametrize(("name", "text"), EDITED, ids=[e[0] for e in EDITED])
def test_it_writes_that_table_and_nothing_else(world: World, probe: Path, name: str, text: str) -> None:
    path = world.rule_file("client-acme.toml")
    path.write_bytes(text.encode())
    path.chmod(0o640)
    code, out, err = doctor(world, *learn("--write", str(probe)))
    assert (code, err) == (DONE, ""), name
    assert f"Written into {path}" in out
    new = path.read_bytes().decode()
    end = "\r\n" if "\r" in text else "\n"
    added = f'{end}[forwarding]{end}profile = "gmail"{end}groups  = []{end}'
    assert new == text.replace(FORWARDING, LEARNED) if FORWARDING in text else new.replace(added, "", 1) == text
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in path.parent.iterdir()) == ["client-acme.toml"]
    code, out, _ = doctor(world, *learn(str(probe)))
    assert (code, "says so already" in out) == (DONE, True)


def test_a_file_that_would_become_faulty_keeps_what_it_had(world: World) -> None:
    """One of its own examples holds only without the group that is written: that is seen after the writing."""
    path, message = world.rule_file("client-acme.toml"), world.folder / "group.eml"
    path.write_text(ACME + LISTED)
    message.write_bytes(raw(headers={"List-Post": "<mailto:info@acme.example>"}))
    assert world.run("check", "--config", str(world.config)).code == DONE
    code, _, err = doctor(world, *learn("--write", str(message)))
    assert (code, "is as it was" in err) == (CONFIGURATION, True), err
    assert path.read_text() == ACME + LISTED
    assert sorted(p.name for p in path.parent.iterdir()) == ["client-acme.toml"]
    assert world.run("check", "--config", str(world.config)).code == DONE


def test_a_table_written_in_another_form_is_left_alone(world: World, probe: Path) -> None:
    path = world.rule_file("client-acme.toml")
    path.write_text('forwarding = {profile = "none"}\n' + ACME)
    code, _, err = doctor(world, *learn("--write", str(probe)))
    assert (code, "by hand" in err) == (ATTENTION, True)
    assert path.read_text() == 'forwarding = {profile = "none"}\n' + ACME


def test_a_message_of_another_client_writes_nothing(world: World) -> None:
    world.build({"client-acme.toml": ACME, "client-beta.toml": BETA})
    message = world.folder / "beta.eml"
    message.write_bytes(raw(to="office@beta.example", headers=GMAIL | {"X-Forwarded-For": "office@beta.example"}))
    code, _, err = doctor(world, *learn("--write", str(message)))
    assert (code, "not for acme" in err) == (SAFETY, True)
    assert world.rule_file("client-acme.toml").read_text() == ACME


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["x.eml"], USAGE, "--forwarding --client ID"),
        (learn(), USAGE, "--uid"),
        (learn("--probe"), USAGE, "say what to do"),
        (["--forwarding", "x.eml"], USAGE, "--client"),
        (["--forwarding", "--client", "nobody", "x.eml"], NOT_FOUND, "Known here: acme"),
        (learn("/nowhere.eml"), NOT_FOUND, "/nowhere.eml"),
        (learn("--uid", "99"), NOT_FOUND, "no message 99"),
    ],
)
def test_what_cannot_be_done_is_said(world: World, arguments: list[str], code: int, words: str) -> None:
    found, _, err = doctor(world, *arguments)
    assert (found, words in err) == (code, True), err


def test_a_probe_sent_through_the_forwarding_is_found_in_the_mailbox(world: World) -> None:
    code, out, err = doctor(world, "--probe", "--client", "acme", "--from", CUSTOMER)
    sent = message_from_string(out, policy=policy.default)
    assert (code, sent["To"], sent["From"], "Send this to" in err) == (DONE, ALIAS, CUSTOMER, True)
    world.imap.deliver(raw(sent.get_content(), subject=sent["Subject"], headers=GMAIL), when=NOW)
    code, out, _ = doctor(world, *learn("--uid", str(min(world.flags())), "--json"))
    found = json.loads(out)
    assert sent["Subject"] == f"Forwarding probe {found['probe']}"
    assert (found["profile"], found["warnings"]) == ("gmail", [])
    assert next(iter(world.flags().values())) == set()  # looked at, and nothing changed


def test_the_own_address_sends_the_probe_unless_another_is_named(world: World) -> None:
    assert f"From: {ASSISTANT}\n" in doctor(world, "--probe", "--client", "acme")[1]


# ---- the silence alarm


LAST = datetime(2024, 11, 26, 16, 2, tzinfo=ROME)  # Tuesday; NOW is Thursday, 10:40
TIMES = [time(5, 40), time(11), time(12), time(13), time(14), time(15), time(16, 2)]


def flowed(world: World, last: datetime = LAST, first_uid: int = 1) -> int:
    """Eight weeks of mail up to this moment, seven a working day, as if it had been read."""
    days = [last.date() - timedelta(days=n) for n in range(56, -1, -1)]
    moments = [datetime.combine(d, t, ROME) for d in days for t in TIMES if d.weekday() < 5]
    with world.ledger() as store, store.transaction():
        for uid, moment in enumerate((m for m in moments if m <= last), first_uid):
            store.record(replace(entry(uid, client="acme", mailbox="before"), received=moment, decided_at=moment))
    return len(moments)


def notes(world: World) -> list[str]:
    return [str(mail["Subject"]) for mail in world.notices()]


def status(world: World, *more: str) -> tuple[int, str]:
    ran = world.run("status", *world.places(), *more)
    return ran.code, ran.out


def test_a_silence_is_told_once_and_shown_until_mail_flows(world: World) -> None:
    world.state.mkdir(mode=0o700)
    flowed(world)
    for later in (timedelta(), timedelta(minutes=20), timedelta(hours=5)):
        assert world.once(NOW + later).code == DONE
        assert notes(world) == ["Nessun messaggio: Acme, silenzio da 42 h"]
        assert "acme" in status(world)[1]
    world.once(NOW + timedelta(hours=5, minutes=1))
    assert "  ! silent 47 h" in status(world)[1]
    assert json.loads(status(world, "--json")[1])["silent"]["acme"]["hours"] == 47
    world.imap.deliver(raw(at=NOW + timedelta(hours=6)), when=NOW + timedelta(hours=6))
    world.once(NOW + timedelta(hours=6, minutes=1))
    assert "silent" not in status(world)[1]
    world.once(NOW + timedelta(days=6))
    assert sum("silenzio" in note for note in notes(world)) == 2
    assert "! silent" in status(world)[1]


def test_status_says_how_long_and_what_is_usual(world: World) -> None:
    world.state.mkdir(mode=0o700)
    flowed(world)
    ran = world.once(NOW)
    assert "silent client=acme hours=42 usual_gap=5" in ran.said
    assert "  ! silent 42 h, usual gap 5 h\n" in status(world)[1]
    text = world.notices()[0].get_content()
    assert "16:02" in text
    assert "vamaild doctor --probe --client acme" in text


@pytest.mark.parametrize(
    ("name", "last", "now"),
    [
        ("night", LAST, LAST + timedelta(hours=13)),
        ("weekend", LAST + timedelta(days=3), LAST + timedelta(days=6) - timedelta(hours=11)),
        ("a quiet morning", LAST, LAST + timedelta(hours=17)),
    ],
)
def test_no_alarm_while_nothing_is_missing(world: World, name: str, last: datetime, now: datetime) -> None:
    world.state.mkdir(mode=0o700)
    flowed(world, last)
    world.once(now)
    assert (notes(world), "silent" in status(world)[1]) == ([], False), name


def test_a_server_that_does_not_answer_is_no_silent_client(world: World) -> None:
    world.state.mkdir(mode=0o700)
    flowed(world)
    world.write_main(secret="wrong")
    world.once(NOW)
    assert notes(world) == ["inbox: accesso rifiutato"]
    assert "silent" not in status(world)[1]


def test_monitoring_warns(world: World) -> None:
    """With a daemon that looks right now, and eight weeks of mail up to two working days before."""
    world.state.mkdir(mode=0o700)
    now = datetime.now(ROME)
    with world.ledger() as store:
        last = now - timedelta(days=5)
        flowed(world, last)
        received = store.standing(now).last_mail["acme"]
        store.ran("daemon", now)
        assert status(world, "--check")[0] == DONE
        store.ran("silence acme", received)
        code, line = status(world, "--check")
    assert code == ATTENTION
    assert line.startswith("WARNING: acme silent 1")
