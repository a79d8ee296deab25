"""Many mailboxes at once: nobody waits for a slow server, nothing is hammered, nothing is lost or done twice."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.live_mailbox import LiveMailbox
from tests.office import NOW, Office, letter
from tests.system.story import Nobody
from tests.system.world import until
from vamaild import mailroom, patience
from vamaild.adapters.clock import MovingClock
from vamaild.adapters.mailbox.idle import Ears
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import MailboxError, State, StoreError
from vamaild.daemon import Daemon
from vamaild.mailroom import Mailroom
from vamaild.patience import Patient
from vamaild.workers import Workers

HOUR = timedelta(hours=1)


class Rarely(Mailroom):
    """What is looked into within a test was woken, or its time was moved on."""

    def every(self, name: str) -> timedelta:
        return HOUR


class House:
    """A service over some mailboxes, and the daemon's loop; the store may be used by this thread alone (SQLite)."""

    def __init__(self, folder: Path, *boxes: LiveMailbox, places: int = 4) -> None:
        self.boxes = {box.name: box for box in boxes}
        clock = MovingClock(NOW, runs=True)
        self.office = Office(box=boxes[0], store=SqliteStore(folder / "vamaild.db"), clock=clock)
        self.service, self.clock = self.office.service, clock
        self.service.mailboxes = dict(self.boxes)
        ears = Ears()
        self.room = Rarely(self.service, Workers(places, ears.ring), ears)
        self.daemon = Daemon(self.service, Nobody(), lambda: None, room=self.room)

    def until(self, true: Callable[[], object], seconds: float = 10.0) -> None:
        until(lambda: [self.daemon.turn(), true()][1], seconds)

    def turns(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.daemon.turn()

    def decided(self, name: str) -> int:
        mark = self.service.store.watermark(name)
        return mark.uid if mark else 0

    def waits(self, name: str) -> bool:
        return self.room.ears.listens(name)  # type: ignore[attr-defined,no-any-return]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    made: list[House] = []

    def build(*boxes: LiveMailbox, **more: Any) -> House:
        made.append(House(tmp_path, *boxes, **more))
        return made[-1]

    yield build
    for each in made:
        for box in each.boxes.values():
            box.abort()
        each.room.close()
        each.service.store.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.5)
    monkeypatch.setattr(mailroom, "GOODBYE", 0.5)
    monkeypatch.setattr("vamaild.workers.STUCK", 0.3)
    monkeypatch.setattr("vamaild.daemon.LONGEST_SLEEP", 0.2)


def test_a_notice_is_followed_by_a_look_at_once(house: Callable[..., House]) -> None:
    here = house(LiveMailbox("a"), LiveMailbox("b"))
    here.until(lambda: here.waits("a") and here.waits("b"))
    here.boxes["b"].arrive(letter(1))
    here.until(lambda: here.decided("b") == 1, 2)
    here.until(lambda: here.waits("b"))
    assert here.boxes["a"].calls.count("open") == 1


@pytest.mark.parametrize("deaf", [False, True], ids=["a lost notice", "no IDLE"])
def test_without_a_notice_it_is_looked_into_at_its_time(house: Callable[..., House], deaf: bool) -> None:
    box = LiveMailbox("a", deaf=deaf)
    here = house(box)
    here.until(lambda: box.calls[-1:] == ["idle"])
    box.arrive(letter(1), notice=False)
    here.turns(0.3)
    assert here.decided("a") == 0
    here.clock.advance(HOUR)
    here.until(lambda: here.decided("a") == 1, 2)


def test_what_came_between_look_and_idle_is_not_left_lying(house: Callable[..., House]) -> None:
    box = LiveMailbox("a", letter(1))
    here = house(box)
    marked = box.mark

    def mark(uids: Any) -> bool:
        if not box.marked:
            box.arrive(letter(2), notice=False)
        return marked(uids)

    box.mark = mark  # type: ignore[method-assign]
    here.until(lambda: here.decided("a") == 2, 3)


def test_those_that_hang_keep_nobody_waiting(house: Callable[..., House]) -> None:
    hanging = [LiveMailbox(f"slow{n}", letter(n)) for n in range(6)]
    good = LiveMailbox("good", letter(1))
    for box in hanging:
        box.hang()
    here = house(*hanging, good, places=2)
    here.until(lambda: here.decided("good") == 1, 8)
    here.until(lambda: here.waits("good"))
    for number in (2, 3):
        good.arrive(letter(number))
        here.until(lambda number=number: here.decided("good") == number, 2)
    assert all(here.decided(box.name) == 0 for box in hanging)
    for box in hanging:
        assert box.stuck
        box.stuck.set()
    here.until(lambda: all(here.decided(box.name) for box in hanging), 5)


def test_messages_of_a_mailbox_keep_their_order(house: Callable[..., House]) -> None:
    boxes = [LiveMailbox(f"box{b}", *(letter(n) for n in range(1, 12)), batch=2) for b in range(5)]
    here = house(*boxes)
    here.until(lambda: all(here.decided(box.name) == 11 for box in boxes))
    for box in boxes:
        assert box.calls[0] == "open" and box.calls.count("batch") == box.calls.count("mark") == 6
        entries = [here.service.store.find_entry(box.name, uid) for uid in range(1, 12)]
        assert [e and e.subject for e in entries] == [e and e.subject for e in sorted(entries, key=lambda e: e.uid)]  # type: ignore[union-attr]


def test_a_server_that_hangs_when_asked_beside_a_look(house: Callable[..., House]) -> None:
    box, other = LiveMailbox("a"), LiveMailbox("b")
    here = house(box, other)
    here.until(lambda: here.waits("a") and here.waits("b"))
    box.hang()
    mailbox, begun = here.service.mailboxes["a"], time.monotonic()
    with pytest.raises(MailboxError, match=r"no answer within 0\.5 seconds"):
        mailbox.answered(["<x@y>"])
    assert time.monotonic() - begun < 2
    begun = time.monotonic()
    for _ in range(20):
        with pytest.raises(MailboxError, match="still busy"):
            mailbox.answered(["<x@y>"])
    assert time.monotonic() - begun < 1, "it is waited for once"
    other.arrive(letter(1))
    here.until(lambda: here.decided("b") == 1, 2)
    assert box.stuck
    box.stuck.set()
    box.stuck = None
    until(lambda: not mailbox.taken, 3)  # type: ignore[attr-defined]
    assert mailbox.answered(["<x@y>"]) == frozenset()
    here.until(lambda: here.waits("a"), 3)


def test_a_question_in_between_does_not_end_the_listening(house: Callable[..., House]) -> None:
    box = LiveMailbox("a")
    here = house(box)
    here.until(lambda: here.waits("a"))
    assert here.service.mailboxes["a"].answered(["<x@y>"]) == frozenset()
    assert not here.waits("a")
    here.until(lambda: here.waits("a"), 2)
    box.arrive(letter(1))
    here.until(lambda: here.decided("a") == 1, 2)


def test_what_was_decided_leaves_while_a_backlog_is_worked_off(
    house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = house(LiveMailbox("a", *(letter(n) for n in range(1, 400)), batch=3))
    decided: list[int] = []
    monkeypatch.setattr(Daemon, "_let_out", lambda self, seconds: decided.append(here.decided("a")))
    monkeypatch.setattr(mailroom, "MOST_WORK", 0.1)
    here.until(lambda: len(decided) > 3, 20)
    assert decided[1] < decided[3] < 399


def test_sent_is_read_before_somebody_has_to_wait_for_it(house: Callable[..., House]) -> None:
    """When a reply is queued, the question before it leaves must be answered within three seconds."""
    box, other = LiveMailbox("a", letter(1)), LiveMailbox("b")
    here = house(box, other)
    here.until(lambda: here.waits("a") and here.waits("b"))
    assert here.service.store.outbox((State.QUEUED,))
    assert box.calls[-2:] == ["answered", "idle"]
    assert other.calls == ["open", "idle"]
    again = house(LiveMailbox("a"))
    again.daemon.start()
    assert again.room.asked_soon == {"a"}


def test_a_question_overtakes_a_look_that_has_not_begun(house: Callable[..., House]) -> None:
    """At a start all mailboxes are due at once; replies that are due are not sent unasked for that."""
    boxes = [LiveMailbox(f"box{n}") for n in range(12)]
    for box in boxes[:11]:
        box.hang()
    here = house(*boxes, places=2)
    here.room.begin()
    begun = time.monotonic()
    assert here.service.mailboxes["box11"].answered(["<x@y>"]) == frozenset()
    assert time.monotonic() - begun < 2


def test_a_server_that_failed_is_asked_later_and_later(house: Callable[..., House]) -> None:
    random.seed(7)
    box = LiveMailbox("a")
    box.trouble = MailboxError("no route")
    here = house(box)
    gaps = []
    for failures in range(1, 10):
        here.until(lambda failures=failures: here.daemon.due["a"].failures == failures, 3)
        gaps.append((here.daemon.due["a"].at - here.service.now()).total_seconds())
        with pytest.raises(MailboxError, match="a moment ago"):
            here.service.mailboxes["a"].answered(["<x@y>"])
        here.clock.advance(timedelta(seconds=gaps[-1] + 0.1))
    shares = [gap / usual for gap, usual in zip(gaps, (5, 10, 20, 40, 80, 160, 300, 300, 300), strict=True)]
    assert all(0.8 < share < 1.2 for share in shares)
    assert len({round(share, 2) for share in shares[-3:]}) > 1, "not all mailboxes of a server at the same moment"
    box.trouble = None
    here.until(lambda: here.daemon.due["a"].failures == 0, 3)
    assert here.service.store.last_run("looked a")
    assert here.service.store.last_run("failing a")


def test_a_refused_password_is_not_hammered(house: Callable[..., House]) -> None:
    box = LiveMailbox("a")
    box.trouble = MailboxError("wrong password", retry=False)
    here = house(box)
    here.until(lambda: here.daemon.due["a"].failures == 1)
    for _ in range(5):
        here.clock.advance(timedelta(seconds=40))
        here.turns(0.02)
    assert box.calls.count("open") == 1
    here.clock.advance(timedelta(minutes=3))
    here.until(lambda: box.calls.count("open") == 2, 3)


def test_a_server_that_cries_wolf_is_heard_less_and_less(house: Callable[..., House]) -> None:
    box, quiet = LiveMailbox("a"), LiveMailbox("b")
    here = house(box, quiet)
    here.until(lambda: here.waits("a"))
    ends = time.monotonic() + 1.5
    while time.monotonic() < ends:
        box.push()
        here.daemon.turn()
    assert 2 <= box.calls.count("open") <= 6
    box.inbox.append(letter(1))
    here.clock.advance(HOUR)
    here.until(lambda: here.decided("a") == 1 and here.daemon.due["a"].vain == 0, 3)
    assert Counter(quiet.calls)["open"] <= 2


def test_a_clock_that_is_set_back_stops_nothing(house: Callable[..., House]) -> None:
    box = LiveMailbox("a", deaf=True)
    here = house(box)
    here.until(lambda: box.calls[-1:] == ["idle"])
    here.clock.advance(timedelta(days=-1))
    box.arrive(letter(1))
    here.until(lambda: here.decided("a") == 1, 3)


def test_a_full_disk_breaks_off_one_look_which_begins_anew(house: Callable[..., House]) -> None:
    boxes = [LiveMailbox(f"box{n}", letter(n)) for n in range(3)]
    here = house(*boxes)
    record, full = here.service.store.record, [True]

    def fails(entry: Any) -> int:
        if full:
            raise StoreError("the disk is full")
        return record(entry)

    here.service.store.record = fails  # type: ignore[method-assign]
    here.turns(0.5)
    assert not any(here.decided(box.name) for box in boxes)
    full.clear()
    here.clock.advance(timedelta(seconds=6))
    here.until(lambda: all(here.decided(box.name) == 1 for box in boxes), 5)


def test_other_mailboxes_after_a_reload(house: Callable[..., House]) -> None:
    stays, goes, comes = LiveMailbox("stays"), LiveMailbox("goes"), LiveMailbox("comes", letter(1))
    here = house(stays, goes)
    here.until(lambda: here.waits("stays") and here.waits("goes"))
    here.boxes["comes"] = comes
    here.room.take_over({"stays": here.service.mailboxes["stays"], "comes": comes})
    here.until(lambda: here.decided("comes") == 1 and goes.closed == 1, 3)
    assert (stays.closed, stays.calls.count("open")) == (0, 1)
    goes.arrive(letter(1))
    stays.arrive(letter(2))
    here.until(lambda: here.decided("stays") == 1, 3)
    assert here.decided("goes") == 0
    assert set(here.service.mailboxes) == {"stays", "comes"}


def test_a_mailbox_is_taken_away_while_its_server_hangs(house: Callable[..., House]) -> None:
    box = LiveMailbox("a", letter(1))
    box.hang()
    here = house(box)
    here.turns(0.2)
    here.room.take_over({})
    here.until(lambda: box.stuck and box.stuck.is_set(), 3)
    here.turns(0.3)
    assert here.decided("a") == 0


def test_it_says_goodbye_soon_while_servers_hang(house: Callable[..., House]) -> None:
    boxes = [LiveMailbox(f"box{n}") for n in range(20)]
    for box in boxes[10:]:
        box.hang()
    here = house(*boxes)
    here.until(lambda: all(here.waits(box.name) for box in boxes[:10]))
    begun = time.monotonic()
    here.room.close()
    assert time.monotonic() - begun < 3
    assert all(box.closed for box in boxes[:10])
    under_way = [box for box in boxes[10:] if box.calls]
    assert under_way
    assert all(box.stuck and box.stuck.is_set() for box in under_way), "what hangs is broken off"


def test_a_mailbox_that_another_service_has_is_left_alone(house: Callable[..., House]) -> None:
    class Held:
        def take(self, name: str) -> str:
            return f"{name}: another vamaild looks after it already" if name == "a" else ""

        def leave(self, name: str) -> None: ...

    held, ours = LiveMailbox("a", letter(1)), LiveMailbox("b", letter(1))
    here = house(held, ours)
    here.service.holds = Held()
    here.until(lambda: here.decided("b") == 1 and here.daemon.due["a"].failures == 1)
    assert held.calls == []
    assert isinstance(here.service.mailboxes["a"], Patient)
