"""The evening note of a whole service: once a day, about what was held back, to nobody but the assistant."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.make import ROME, absent
from tests.office import NOW, Office, letter, trusting
from vamaild import evening
from vamaild.core.ledger import Sort, State
from vamaild.core.ruleset import Trust
from vamaild.core.trust import Level

CLOSED = datetime(2026, 11, 26, 18, tzinfo=ROME)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def office() -> Office:
    return Office(trusting(Trust.OBSERVE))


def until(office: Office, moment: datetime) -> bool:
    office.clock.advance(moment - office.clock.now())
    return evening.watch(office.service)


def test_it_tells_to_how_many_and_which_texts_and_names_nobody(office: Office) -> None:
    office.arrive(letter(1), letter(2, "Serve subito il catalogo!", sender="dora@third.example"))
    assert office.items() == []
    assert not until(office, CLOSED - timedelta(minutes=1))
    assert until(office, CLOSED)
    (note,) = office.notes("note-evening")
    text = str(note.get_content())
    assert note["To"] == "giulia@ferri-av.example"
    assert note["Subject"] == "Oggi avrei scritto a 2 persone"
    assert "Acme: 2 (" in text
    assert "@" not in text
    assert "Faccenda" not in text
    assert [i.mail.sort for i in office.store.outbox((State.QUEUED,))] == [Sort.NOTE]


def test_once_a_day_and_only_when_there_is_something(office: Office) -> None:
    office.arrive(letter(1))
    assert until(office, CLOSED)
    assert not evening.watch(office.service)
    assert not until(office, CLOSED + 5 * HOUR)
    assert not until(office, CLOSED + DAY), "nothing came"
    office.arrive(letter(2, sender="dora@third.example"))  # Friday after hours
    assert not until(office, CLOSED + 2 * DAY), "Saturday"
    assert until(office, CLOSED + 4 * DAY)
    assert [n["Subject"] for n in office.notes("note-evening")] == ["Oggi avrei scritto a 1 persona"] * 2


def test_after_a_standstill_it_is_caught_up_once(office: Office) -> None:
    assert not evening.watch(office.service)
    office.arrive(letter(1))
    assert until(office, CLOSED + 20 * DAY)
    assert not evening.watch(office.service)
    assert len(office.notes("note-evening")) == 1


def test_what_was_sent_or_drafted_is_not_told() -> None:
    for trust in (Trust.DRAFT, Trust.SEND):
        office = Office(trusting(trust))
        office.arrive(letter(1))
        assert not until(office, CLOSED)


def test_a_text_that_was_taken_down_to_observe_is_told() -> None:
    office = Office(trusting(Trust.SEND))
    office.store.set_level(Level("acme", "ordinary", Trust.OBSERVE, NOW - DAY, "vamaild"))
    office.arrive(letter(1))
    assert until(office, CLOSED)


def test_gaps_in_the_numbers_hide_nothing() -> None:
    office = Office(trusting(Trust.OBSERVE, absent()))
    office.arrive(letter(1))
    office.box.inbox += [b""] * 400
    for _ in range(3):
        office.arrive(letter(len(office.box.inbox), sender=f"x{'y' * len(office.box.inbox)}@d.example"[-60:]))
    store = office.store
    mark = store.watermark("inbox")
    assert mark
    store.set_watermark("inbox", replace(mark, uid=mark.uid + 300))
    assert until(office, CLOSED)
