"""Old mail seen again is never answered, and a new emergency is never taken for an old one (promise 1)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.make import absent
from tests.office import NOW, Office, letter, trusting
from vamaild.core.ledger import Outcome, State
from vamaild.core.ruleset import Trust

WATER = "Si sta allagando la cantina, venite adesso!"


def office() -> Office:
    return Office(trusting(Trust.SEND, absent()))


def outcome(place: Office, uid: int) -> tuple[Outcome, str]:
    found = place.store.find_entry("inbox", uid)
    assert found is not None
    return found.outcome, found.reason


def twin(raw: bytes, *changes: tuple[bytes, bytes]) -> bytes:
    for old, new in changes:
        assert old in raw
        raw = raw.replace(old, new)
    return raw


FIRST = letter(1, "Buongiorno, mi mandi il listino?")
NO_ID = twin(FIRST, (b"Message-ID: <m1@customer.example>\r\n", b""))


@pytest.mark.parametrize(
    ("first", "again"),
    [
        pytest.param(FIRST, FIRST, id="moved back into the inbox"),
        pytest.param(FIRST, b"Received: by mx\r\n" + FIRST, id="a second copy over another way"),
        pytest.param(FIRST, twin(FIRST, (b"Subject: ", b"Subject: [lista] ")), id="a copy with a changed subject"),
        pytest.param(NO_ID, NO_ID, id="no Message-ID"),
        pytest.param(FIRST, twin(FIRST, (b"il listino", b"il catalogo")), id="the same Message-ID with other words"),
    ],
)
def test_nobody_is_answered_twice(first: bytes, again: bytes) -> None:
    place = office()
    place.arrive(first)
    place.clock.advance(timedelta(days=3))
    place.arrive(again)
    assert len(place.items(*State)) == 1
    assert outcome(place, 2)[1] in ("seen-before", "ladder")


def test_after_a_change_of_uidvalidity_old_mail_is_known_and_new_mail_is_answered() -> None:
    place = office()
    place.arrive(FIRST, letter(2, "Buongiorno, un preventivo?", sender="ivo@other.example"))
    renumbered = Office(place.ruleset, store=place.store)
    renumbered.box.inbox = [letter(3, "Salve, un appuntamento?", sender="dana@third.example"), *place.box.inbox]
    renumbered.box.open = lambda: 2
    one = renumbered.box.one
    renumbered.box.one = lambda uid: (found := one(uid)) and replace(found, uidvalidity=2)
    renumbered.look()
    assert len(place.items(*State)) == 3
    assert place.store.standing(NOW).arrived == 3


def alarm(number: int, text: str, **fields: str) -> bytes:
    return letter(number, text, subject="Allarme", **fields)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(alarm(1, "Tutto bene qui."), alarm(1, WATER), id="a Message-ID used twice"),
        pytest.param(
            twin(alarm(1, "Prova della sonda, tutto è asciutto qui"), (b"Message-ID: <m1@customer.example>\r\n", b"")),
            twin(alarm(1, WATER), (b"Message-ID: <m1@customer.example>\r\n", b"")),
            id="no Message-ID at all",
        ),
    ],
)
def test_a_new_emergency_is_never_taken_for_an_old_message(first: bytes, second: bytes) -> None:
    place = office()
    place.arrive(first)
    place.arrive(second)
    assert outcome(place, 2)[0] is Outcome.ESCALATED
