"""The chain and whoever watches over the service: it is heard of before anything that may take long."""

from datetime import timedelta

from tests.chain.alarm import DAY, FLOOD, HIS_SMS, HOUR, ME, MINE, MINUTE, Alarm, Way
from tests.office import letter
from tests.system.story import Nobody
from vamaild import chain
from vamaild.chain import Answer
from vamaild.core.cases import NewCase
from vamaild.core.notify import Delivered, Notice
from vamaild.daemon import Daemon


class Slow(Way):
    """Takes almost as long as it may; notes how often the watchdog was fed before."""

    def __init__(self, office: Alarm, fed: list[str]) -> None:
        super().__init__("email", office.told)
        self.office, self.fed, self.before = office, fed, list[int]()

    def notify(self, way: str, notice: Notice) -> Delivered:
        self.before.append(len(self.fed))
        self.office.clock.advance(timedelta(seconds=14))
        return super().notify(way, notice)


def test_the_watchdog_is_fed_before_every_hand_over(office: Alarm) -> None:
    fed: list[str] = []
    slow = Slow(office, fed)
    office.service.notifiers = {"email": slow}
    office.service.alive = lambda: fed.append("alive")
    for client in ("other", "third"):
        office.store.open_case(NewCase(client, "practice", "", "Giulia", "", escalates=True), office.clock.now())
    office.goes_on()
    assert len(slow.before) == 3, "one message and two exercises"
    assert all(later > earlier for earlier, later in zip([0, *slow.before], slow.before, strict=False))


def test_the_daemon_feeds_it(office: Alarm) -> None:
    fed: list[str] = []

    class Watcher(Nobody):
        def watchdog(self) -> None:
            fed.append("watchdog")

    daemon = Daemon(office.service, Watcher(), lambda: None)
    daemon.wishes.stop = True
    daemon.run()
    office.service.alive()
    assert fed == ["watchdog"]


# --- what is forgotten ---


def test_what_is_long_over_is_forgotten_once_a_day(office: Alarm) -> None:
    office.goes_on()
    code = office.case.code
    office.says("me", "resolve", could_wait=True)
    office.goes_on(399 * DAY)
    assert office.store.case_events(code)
    office.goes_on(2 * DAY)
    assert (office.store.case_events(code), office.store.notices(code)) == ((), ())
    found = office.store.case(code)
    assert found
    assert found.could_wait, "the case itself is kept"


def test_an_open_case_is_never_forgotten(office: Alarm) -> None:
    office.goes_on()
    until = office.clock.now() + 500 * DAY
    office.says("me", "snooze", until=until)
    office.goes_on(450 * DAY)
    assert office.store.case_events(office.case.code)
    assert MINE in office.goes_on(51 * DAY)


# --- wolves ---


def test_a_wolf_is_believed_when_people_are_in_danger() -> None:
    office = Alarm()
    for number, text in ((1, FLOOD), (2, FLOOD), (3, "Aiuto, un cliente è ferito, venite!")):
        office.arrive(letter(number, text))
        assert office.goes_on() == [MINE]
        assert office.goes_on(10 * MINUTE) == [HIS_SMS]
        chain.answer(office.service, office.case.code, "me", Answer("resolve", could_wait=True), "cli")
        office.goes_on()
        office.clock.advance(DAY)
    office.arrive(letter(4, FLOOD))
    assert office.goes_on() == [MINE]
    assert {way for _ in range(6) for _, way in office.goes_on(HOUR / 2)} == {ME}, "again and again, but she alone"
