"""Faults 21 to 28: killed at a system call; mail servers that hang up, refuse or hang; an end or a reload meanwhile."""

import signal
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from tests.system.test_chain_down import running
from tests.system.world import ACME, ASSISTANT, CUSTOMER, DAMAGE, NOW, PEOPLE, World, raw
from vamaild.adapters.demo.smtp import SmtpSink
from vamaild.core.ledger import State

from .lives import MINUTE, Lives
from .shims import EVERYTHING
from .test_disk import HASTY

pytestmark = pytest.mark.slow
CALLS = {"send": 3, "recv": 1, "fdatasync": 3, "rename": 1, "unlink": 1}
"""How many of each in CI."""

# ---- 21


@pytest.mark.timeout(7200)
@pytest.mark.xdist_group("lives")
def test_21_killed_at_a_system_call(lives: Lives) -> None:
    """SIGKILL when it wants to send, receive, sync, rename or remove: each life ends so, and the last one finds all."""
    for story in lives.stories(CALLS):
        lives.begin()
        ended = [lives.live(f"{call} {number} kill").code for call, number in story]
        assert {*ended} <= {-signal.SIGKILL, 0}
        assert any(ended) or EVERYTHING, "nobody was killed"
        lives.end()


# ---- 22


def test_22_the_server_hangs_up_before_it_says_250(world: World) -> None:
    """It has taken the mail, and nobody knows: a courtesy is shown and never sent again, an emergency is told again."""
    world.imap.deliver(raw(), raw(DAMAGE, sender="dora@third.example", number=9), when=NOW)
    world.sink.manners.drop_at = "DATA"
    assert world.once(NOW).code == 0
    world.sink.manners.drop_at = ""
    assert world.once(NOW + 15 * MINUTE).code == 0
    assert {str(mail["To"]): 1 for mail in world.replies()} == Counter(str(mail["To"]) for mail in world.replies())
    with world.ledger() as store:
        shown = {case.case.who for case in store.cases() if case.case.reason == "unconfirmed"}
        notices = [row.notice.key for case in store.cases() for row in store.notices(case.code)]
    assert shown == {CUSTOMER, "dora@third.example"}
    assert {str(mail["Message-ID"]) for mail in world.notices() if "[" in str(mail["Subject"])} <= {*notices}
    assert ASSISTANT in {mail["To"] for mail in world.notices()}


# ---- 23, 25

LATER, NEVER, AT_ONCE = "in a minute", "a person looks", "at once"
ANSWERS = {
    "RCPT 450 4.2.0 greylisted": LATER,
    "RCPT 421 4.3.2 shutting down": LATER,
    "DATA 451 4.3.0 come back": LATER,
    "DATA 421 4.3.2 shutting down": LATER,
    "RCPT 550 5.1.1 no such user": NEVER,
    "DATA 554 5.6.0 no": NEVER,
    "DATA 552 5.2.2 mailbox full": NEVER,
    "250": AT_ONCE,
}


def picky(world: World, answers: Mapping[str, str]) -> None:
    """The server answers each recipient as the table says."""

    async def rcpt(server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        stage, _, reply = answers.get(address, "").partition(" ")
        return reply if stage == "RCPT" else "250 OK"

    taken = partial(SmtpSink.handle_DATA, world.sink)

    async def data(server: Any, session: Any, envelope: Any) -> str:
        stage, _, reply = answers.get(envelope.rcpt_tos[-1], "").partition(" ")
        return reply if stage == "DATA" else await taken(server, session, envelope)

    world.sink.handle_RCPT, world.sink.handle_DATA = rcpt, data  # type: ignore[method-assign]
    world.sink.cut_all()


def test_23_25_each_recipient_has_an_answer_of_his_own(world: World) -> None:
    """What is refused for now is tried again, for good is shown to a person and never tried again; the rest leaves."""
    whom = dict(zip(PEOPLE, ANSWERS, strict=False))
    mails = [raw(f"Mi mandi il preventivo {n}?", sender=who, number=n) for n, who in enumerate(whom)]
    world.imap.deliver(*mails, when=NOW)
    picky(world, whom)
    assert world.once(NOW).code == 0
    assert {str(mail["To"]) for mail in world.replies()} == people(whom, AT_ONCE)
    with world.ledger() as store:
        queued = {item.mail.to: item.mail.not_before for item in store.outbox((State.QUEUED,))}
        failed = {item.mail.to for item in store.outbox((State.FAILED,))}
        shown = {case.case.who for case in store.cases()}
    assert {*queued} == people(whom, LATER)
    assert all(NOW < moment <= NOW + 2 * MINUTE for moment in queued.values())
    assert failed == shown == people(whom, NEVER)
    picky(world, {})
    assert world.once(NOW + 3 * MINUTE).code == 0
    told = people(whom, AT_ONCE) | people(whom, LATER)
    assert Counter(str(mail["To"]) for mail in world.replies()) == dict.fromkeys(told, 1)


def people(whom: Mapping[str, str], ends: str) -> set[str]:
    return {who for who, answer in whom.items() if ANSWERS[answer] == ends}


# ---- 24


def test_24_a_server_that_hangs_keeps_no_emergency_waiting(world: World) -> None:
    """Thirty replies wait for a server that says nothing: what comes meanwhile is judged, and overtakes them."""
    mails = [raw(f"Mi mandi il preventivo {n}?", sender=who, number=n) for n, who in enumerate(PEOPLE[:30])]
    world.imap.deliver(*mails, when=NOW)
    world.sink.manners.hang_at = "MAIL"
    with world.daemon("--at", NOW.isoformat(), program=HASTY) as daemon:
        daemon.wait_for("not sent", 60)
        world.imap.deliver(raw(DAMAGE, sender="dora@third.example", number=99, at=NOW), when=NOW)
        daemon.wait_for("kind=emergency", 60)
        daemon.wait_for("emergency case=", 60)
        tried = daemon.said().partition("kind=emergency")[0].count("not sent")
        assert tried < 30, "every reply was tried before anything else was looked at"
        world.sink.manners.hang_at = ""
        daemon.wait_for(lambda: any("[" in str(mail["Subject"]) for mail in world.notices()), 90)
        assert daemon.end(60) == 0


# ---- 26


def test_26_no_mail_leaves_for_four_days(world: World) -> None:
    """The contact is told over another way in time; a holiday that is over is told nobody."""
    away = '\n[absence]\nfrom = 2024-11-25\nback = 2024-11-30\nsay = { it = "in ferie" }\n'
    with running() as pager:
        world.build({"client-acme.toml": ACME + away})
        secrets = world.config / "secrets.toml"
        secrets.write_text(secrets.read_text().replace("[contacts.petr]", f'[contacts.petr]\npager = "{pager.url}"'))
        world.imap.deliver(raw(), raw(DAMAGE, sender="dora@third.example", number=9), when=NOW)
        world.sink.manners.refuse = {"MAIL": "421 down"}
        world.once(NOW)
        assert pager.texts
        assert world.sent() == []
        world.sink.manners.refuse = {}
        world.once(NOW + 4 * 24 * 60 * MINUTE)
    assert world.replies() == []
    with world.ledger() as store:
        shown = {case.case.who: case.case.reason for case in store.cases() if not case.case.escalates}
    assert shown == {CUSTOMER: "not-away", "dora@third.example": "too-old"}
    assert ASSISTANT in {mail["To"] for mail in world.notices()}


# ---- 27


def test_27_stopped_in_the_middle_of_everything(world: World) -> None:
    """It finishes the mail in hand; what is left goes on in the next life, and nothing is in doubt."""
    mails = [raw(f"Mi mandi il preventivo {n}?", sender=who, number=n) for n, who in enumerate(PEOPLE)]
    world.imap.deliver(*mails, when=NOW)
    with world.daemon("--at", NOW.isoformat()) as daemon:
        daemon.wait_for(world.replies, 60)
        assert daemon.end(60) == 0
    with world.ledger() as store:
        assert store.outbox((State.CLAIMED, State.UNCONFIRMED)) == ()
    assert world.once(NOW + 5 * MINUTE).code == 0
    assert Counter(str(mail["To"]) for mail in world.replies()) == dict.fromkeys(PEOPLE, 1)


# ---- 28


def test_28_broken_files_are_read_in_the_middle_of_everything(world: World) -> None:
    """The old rules stay, the fault is named with its line, and an emergency is one."""
    mails = [raw(f"Mi mandi il preventivo {n}?", sender=who, number=n) for n, who in enumerate(PEOPLE)]
    world.imap.deliver(*mails, when=NOW)
    with world.daemon("--at", NOW.isoformat()) as daemon:
        daemon.wait_for("decided client=acme", 60)
        world.rule_file("20-emergencies-it.toml").write_text('[[rule]]\nname = "water"\nwhen = [\n', encoding="utf-8")
        world.rule_file("client-acme.toml").write_text(ACME.replace("days = 4", "days = four"), encoding="utf-8")
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("not taken over file=rules.d/20-emergencies-it.toml:", 60)
        world.imap.deliver(raw(DAMAGE, sender="dora@third.example", number=99), when=NOW)
        daemon.wait_for("kind=emergency", 60)
        daemon.wait_for(lambda: ASSISTANT in {mail["To"] for mail in world.notices()}, 60)
        daemon.wait_for(lambda: len(world.replies()) == len(PEOPLE) + 1, 60)
        assert daemon.end(60) == 0
