"""What a reload changes about the mailboxes of a running service."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.office import Office
from vamaild.boxes import mailroom
from vamaild.config.settings import MailboxSettings, Secret, ServerSettings

NAMES = ("a", "b")


def settings(name: str, **changes: object) -> MailboxSettings:
    server = ServerSettings("127.0.0.1", 1, "none")
    plain = MailboxSettings(name, server, f"{name}@va.example", Secret("x"), timedelta(minutes=1))
    return replace(plain, **changes)  # type: ignore[arg-type]  # by name


@pytest.fixture
def office() -> Office:
    office = Office()
    change(office, mailboxes=tuple(map(settings, NAMES)), workers=3)
    return office


def change(office: Office, **changes: object) -> None:
    rules = office.service.rules
    office.service.rules = replace(rules, settings=replace(rules.settings, **changes))  # type: ignore[arg-type]  # by name


def test_the_number_of_workers_follows_the_settings(office: Office) -> None:
    room = mailroom(office.service)
    assert room.workers.places == 3
    change(office, workers=20)
    room.take_over(office.service.boxes(office.service.mailboxes))
    assert room.workers.places == 20
    room.close()


def test_a_mailbox_that_did_not_change_stays_connected(office: Office) -> None:
    room = mailroom(office.service)
    room.take_over(office.service.boxes(office.service.mailboxes))
    before = dict(office.service.mailboxes)
    change(office, mailboxes=(settings("a"), settings("b", folder="Other"), settings("c")))
    room.take_over(office.service.boxes(office.service.mailboxes))
    after = office.service.mailboxes
    assert set(after) == {"a", "b", "c"}
    assert after["a"] is before["a"]
    assert after["b"] is not before["b"]
    room.close()
