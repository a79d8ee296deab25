"""The next batch is asked for while the one in hand is judged: in order, bounded, and what fails early costs little."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.live_mailbox import LiveMailbox
from tests.office import Office, letter
from tests.test_mailroom import House, house, quick  # noqa: F401  # fixtures
from vamaild import round as look
from vamaild.core.ledger import Arrival, MailboxError
from vamaild.core.message import Message
from vamaild.service import Messages

MOST_SECONDS = 30.0


def mails(count: int) -> list[bytes]:
    return [letter(n) for n in range(1, count + 1)]


@pytest.mark.usefixtures("quick")
def test_the_next_batch_comes_while_this_one_is_judged(house: Callable[..., House]) -> None:  # noqa: F811
    box = LiveMailbox("a", *mails(4), batch=2)
    here, under_way = house(box), []
    asked = threading.Condition()
    plainly, read = box._asked, here.service.read

    def note(what: str) -> None:
        plainly(what)
        with asked:
            asked.notify_all()

    def reading(arrival: Any) -> Any:
        if arrival.uid == 1:
            with asked:
                under_way.append(asked.wait_for(lambda: box.calls.count("batch") == 2, MOST_SECONDS))
        return read(arrival)

    box._asked = note  # type: ignore[method-assign]
    here.service.read, here.service.read_all = reading, None
    here.until(lambda: here.decided("a") == 4, MOST_SECONDS)
    assert under_way == [True]


@pytest.mark.usefixtures("quick")
def test_the_next_batch_is_read_while_this_one_is_judged(house: Callable[..., House]) -> None:  # noqa: F811
    """And never more than two are in hand: one that is judged, one that is read ahead."""
    box = LiveMailbox("a", *mails(8), batch=2)
    here, seen = house(box), []
    service, read = here.service, here.service.read
    asked = threading.Condition()
    begun, taken = [], []

    def early(arrivals: Sequence[Arrival], _: Callable[[Arrival], object]) -> Messages:
        with asked:
            begun.append(arrivals[0].uid)
            asked.notify_all()

        def messages(_: Callable[[Arrival], object]) -> list[Message]:
            taken.append(arrivals[0].uid)
            with asked:  # judging begins: the next one is read beside it, and no other
                seen.append(asked.wait_for(lambda: len(begun) == min(len(taken) + 1, 4), MOST_SECONDS))
            return [read(a) for a in arrivals]

        return messages

    service.read_early = early
    here.until(lambda: here.decided("a") == 8, MOST_SECONDS)
    assert seen == [True] * 4
    assert begun == taken == [1, 3, 5, 7]


@pytest.mark.usefixtures("quick")
def test_what_fails_early_leaves_the_batch_in_hand_decided(house: Callable[..., House]) -> None:  # noqa: F811
    box = LiveMailbox("a", *mails(6), batch=2)
    here, broken = house(box), []
    plainly = box._asked

    def breaking(what: str) -> None:
        plainly(what)
        if box.calls.count("batch") == 2 and not broken:
            broken.append(what)
            raise MailboxError("the connection broke")

    box._asked = breaking  # type: ignore[method-assign]
    here.until(lambda: broken and "a" not in here.room.visits, MOST_SECONDS)
    assert here.decided("a") == 2 and box.marked
    here.clock.advance(here.room.every("a"))
    here.until(lambda: here.decided("a") == 6, MOST_SECONDS)
    assert [here.service.store.find_entry("a", uid) is not None for uid in range(1, 7)] == [True] * 6


@pytest.mark.usefixtures("quick")
def test_not_everybody_is_asked_ahead_at_once(
    house: Callable[..., House],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    boxes = [LiveMailbox(f"box{n}", *mails(6), batch=2) for n in range(6)]
    here = house(*boxes, places=8)
    monkeypatch.setattr("vamaild.mailroom.MOST_EARLY", 2)
    most, take = [0], look._take

    def taking(*what: Any) -> Any:
        most.append(sum(visit.early is not None for visit in here.room.visits.values()))
        return take(*what)

    monkeypatch.setattr(look, "_take", taking)
    here.until(lambda: all(here.decided(box.name) == 6 for box in boxes), MOST_SECONDS)
    assert 0 < max(most) <= 2


def test_a_first_start_tells_how_far_it_is_and_goes_on_where_it_was_stopped() -> None:
    box = LiveMailbox("a", *mails(9), batch=3)
    box.found = 9  # type: ignore[attr-defined]
    office = Office(box=box)
    stopped = office.service
    stopped.stopping = lambda: stopped.store.watermark("a") is not None and box.calls.count("batch") < 3
    first = look.look_into(box, stopped)
    assert 0 < first.new < 9 and box.marked
    stopped.stopping = lambda: False
    office.journal.lines.clear()
    second = look.look_into(box, stopped)
    assert first.new + second.new == 9
    assert "looking through what is there" in office.journal.lines
    assert all(stopped.store.find_entry("a", uid) for uid in range(1, 10))
