"""`vamaild doctor` against real servers: every check is made, whatever the others find; what to do is said."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.postman import postman, stamped

from .test_init import refused
from .world import ACME, ALIAS, ASSISTANT, NOW, World, raw

pytestmark = pytest.mark.slow

DONE, ATTENTION, CONFIGURATION, SERVER, NOT_FOUND = 0, 1, 3, 4, 5
CHECKS = ["files", "clock", "mailbox", "sending", "forwarding", "alarm", "texts", "store", "service"]
GOOGLE = (
    b"From: Gmail Team <forwarding-noreply@google.com>\r\nTo: va@va.example\r\n"
    b"Subject: (#123456789) Gmail Forwarding Confirmation - Receive Mail from office@acme.example\r\n\r\nx\r\n"
)
LATER = NOW + timedelta(minutes=1)
Found = dict[str, list[dict[str, Any]]]


def doctor(world: World, *more: str) -> tuple[int, Found]:
    """(exit code, what was found by the name of the check)."""
    ran = world.run("doctor", *world.places(), "--at", LATER.isoformat(), "--json", *more)
    found: Found = {}
    for check in json.loads(ran.out)["checks"]:
        found.setdefault(check["name"], []).append(check)
    return ran.code, found


def mark(found: Found, name: str) -> str:
    return " ".join(check["mark"] for check in found[name])


def words(found: Found, name: str) -> str:
    return " ".join(f"{check['words']} {check['do'] or ''}" for check in found[name])


def test_after_a_look_around(each_world: World) -> None:
    each_world.imap.deliver(raw(), when=NOW)
    assert each_world.once().code == DONE
    code, found = doctor(each_world)
    assert [name for name in CHECKS if name not in found] == []
    assert {
        name: mark(found, name) for name in ("files", "mailbox", "sending", "forwarding", "texts")
    } == dict.fromkeys(("files", "mailbox", "sending", "forwarding", "texts"), "ok")
    encrypted = "TLS 1.3" if each_world.imap.tls == "implicit" else "not encrypted"
    assert re.search(rf"{encrypted}, poll 1 s, last look \d+ s ago", words(found, "mailbox"))
    assert "a message to yourself is sent with --send" in words(found, "sending")
    assert words(found, "forwarding").startswith("acme: last mail ")
    assert "vamaild away drill acme" in words(found, "alarm")
    assert words(found, "store").startswith("intact, ")
    assert code == ATTENTION  # the alarm was never tried


def test_for_people(world: World) -> None:
    ran = world.run("doctor", *world.places(), "--at", LATER.isoformat())
    assert (ran.code, ran.err) == (ATTENTION, "")
    assert "\nok    mailbox     127.0.0.1, " in ran.out
    assert "\nlook  store       there is no ledger in " in ran.out
    assert ran.out.endswith("to look at.\n")


def test_a_server_that_does_not_answer(world: World) -> None:
    world.write_main(smtp="smtp://127.0.0.1:1")
    code, found = doctor(world)
    assert (code, mark(found, "sending"), mark(found, "mailbox")) == (SERVER, "fail", "ok")
    assert "refuses connections" in words(found, "sending")
    assert [name for name in CHECKS if name not in found] == []


def test_a_wrong_password(world: World) -> None:
    world.write_main(secret="wrong")
    code, found = doctor(world)
    assert (code, mark(found, "mailbox"), mark(found, "sending")) == (ATTENTION, "fail", "ok")
    assert "wrong user or password" in words(found, "mailbox")


def test_a_configuration_that_cannot_be_used(world: World) -> None:
    (world.config / "vamaild.toml").write_text("[me]\nname = 3\n")
    code, found = doctor(world)
    assert (code, mark(found, "files")) == (ATTENTION, "fail")
    assert "vamaild.toml cannot be used" in words(found, "mailbox") + words(found, "sending")
    assert mark(found, "texts") == "ok"
    assert "service" in found


def test_a_message_to_oneself(world: World) -> None:
    with postman(world.sink, world.imap) as post:
        _, found = doctor(world, "--send")
    assert post.seen == [ASSISTANT]
    assert found["sending"][0]["words"].startswith("SPF, DKIM, DMARC pass (a message to yourself, there after ")
    assert "clock" in found


def test_signatures_that_fail(world: World) -> None:
    bad = stamped({"Authentication-Results": "mx.x.example; spf=fail; dkim=none; dmarc=fail"})
    with postman(world.sink, world.imap, {ASSISTANT: bad}):
        _, found = doctor(world, "--send")
    assert (found["sending"][0]["mark"], found["sending"][0]["words"].partition(" (")[0]) == (
        "look", "SPF fail, DKIM none, DMARC fail",
    )  # fmt: skip


def test_a_message_through_the_forwarding(world: World) -> None:
    forwarded = stamped({"X-Forwarded-To": "va@va.example", "X-Forwarded-For": f"{ALIAS} va@va.example"})
    with postman(world.sink, world.imap, {ALIAS: forwarded}) as post:
        _, found = doctor(world, "--send", "--client", "acme")
    assert post.seen == [ASSISTANT, ALIAS]
    assert words(found, "forwarding").startswith("acme: a test message came back after ")
    assert world.sink.mails[1].sender == ASSISTANT  # reports and vacation replies must find the way back


def test_a_forwarding_that_is_forbidden(world: World) -> None:
    with postman(world.sink, world.imap, {ALIAS: lambda mail: refused(mail).replace(b"5.1.1", b"5.7.520")}):
        code, found = doctor(world, "--send", "--client", "acme")
    assert (code, mark(found, "forwarding")) == (ATTENTION, "fail")
    assert "550 5.7.520, their Microsoft 365 forbids forwarding" in words(found, "forwarding")
    assert "vamaild doctor --letter acme" in words(found, "forwarding")


def test_googles_question_is_shown_until_mail_flows(world: World) -> None:
    world.imap.deliver(GOOGLE, when=NOW)
    _, found = doctor(world)
    assert "Google asks whether office@acme.example may forward to you: code 123456789" in words(found, "forwarding")
    world.imap.deliver(raw(), when=NOW)
    world.once()
    _, found = doctor(world)
    assert "Google" not in words(found, "forwarding")


LETTERS = [
    ("m365", "it", "Subject: Inoltro bloccato per office@acme.example\n"),
    ("gmail", "it", "«Aggiungi un indirizzo di inoltro»"),
    ("none", "cs", "Subject: Přeposílání pošty ze schránky office@acme.example\n"),
]


@pytest.mark.parametrize(("profile", "language", "line"), LETTERS, ids=[r[0] for r in LETTERS])
def test_the_letter(world: World, profile: str, language: str, line: str) -> None:
    text = ACME.replace('"it"', f'"{language}"') + f'[forwarding]\nprofile = "{profile}"\n'
    world.rule_file("client-acme.toml").write_text(text)
    ran = world.run("doctor", *world.places(), "--letter", "acme")
    assert (ran.code, ran.err, line in ran.out) == (DONE, "", True), ran.said
    assert ran.out.startswith("To: office@acme.example\n")


def test_nobody_by_that_name(world: World) -> None:
    ran = world.run("doctor", *world.places(), "--client", "nobody")
    assert (ran.code, "Known here: acme" in ran.err) == (NOT_FOUND, True)
    assert not Path(world.state / "vamaild.db").exists()
