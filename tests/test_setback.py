"""A clock that is set back keeps nobody waiting longer; a way out that is slow keeps no emergency waiting."""

from datetime import timedelta

from tests.chain.alarm import FLOOD, HIS_SMS, MINE, MINUTE, Alarm
from tests.make import ROME
from tests.office import NOW, Office, letter, trusting
from tests.test_dispatch import Post, service
from vamaild import chain, dispatch, evening, mailroom
from vamaild.core.ledger import PostError
from vamaild.core.ruleset import Trust

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_who_is_asked_has_no_longer_for_that() -> None:
    office = Alarm()
    office.arrive(letter(1, FLOOD))
    assert office.goes_on() == [MINE]
    office.clock.advance(-HOUR)
    assert office.goes_on() == []
    chain.set_back(office.service, HOUR)
    assert office.goes_on() == [], "his time goes on as it was"
    assert office.goes_on(10 * MINUTE) == [HIS_SMS]


def test_a_server_rests_no_longer() -> None:
    found, clock = service(post := Post(PostError("down", everybody=True)))
    dispatch.send_due(found)
    clock.advance(-DAY)
    dispatch.set_back(found, DAY)
    clock.advance(dispatch.FIRST_REST)
    assert (dispatch.send_due(found), post.asked) == (3, 4)


def test_after_its_time_no_other_mail_is_begun() -> None:
    found, _ = service(post := Post())
    assert (dispatch.send_due(found, 0.0), post.asked) == (0, 0)
    assert dispatch.send_due(found) == 3


def test_a_mailbox_is_looked_into_at_once_and_one_that_fails_as_soon_as_before() -> None:
    office = Office()
    room = mailroom.Mailroom(office.service)
    fine, bad = mailroom.Due(NOW + HOUR), mailroom.Due(NOW + HOUR, failures=3)
    room.due.update(fine=fine, bad=bad)
    office.clock.advance(-HOUR + 5 * MINUTE)
    room.set_back(HOUR)
    assert fine.at == office.clock.now()
    assert bad.at == NOW


def test_an_evening_note_of_a_wrong_clock_silences_no_other() -> None:
    office = Office(trusting(Trust.OBSERVE))
    office.arrive(letter(1))
    closed = NOW.astimezone(ROME).replace(hour=18, minute=0)
    office.store.ran(evening.RUN, closed + 3650 * DAY)
    office.clock.advance(closed - office.clock.now())
    assert evening.watch(office.service)
