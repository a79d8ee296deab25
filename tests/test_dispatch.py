"""What leaves, on the memory store: one server that takes nothing is asked once, not once for every mail."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import pytest

from tests.contracts.entries import NOW
from tests.make import book
from tests.memory_store import MemoryStore
from vamaild import dispatch
from vamaild.adapters.clock import MovingClock
from vamaild.core.ledger import Outgoing, PostError, Sort, State
from vamaild.core.letter import Envelope, Letter, to_bytes
from vamaild.service import Rules, Service


class Post:
    """Counts what it is asked, and answers what it was told to."""

    def __init__(self, *answers: PostError | None) -> None:
        self.answers = list(answers)
        self.asked = 0

    def send(self, to: str, raw: bytes) -> None:
        self.asked += 1
        answer = self.answers.pop(0) if self.answers else None
        if answer:
            raise answer

    def close(self) -> None: ...


class Journal:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, event: str, **fields: object) -> None: ...
    def warning(self, event: str, **fields: object) -> None:
        self.lines.append(event)

    def error(self, event: str, **fields: object) -> None:
        self.lines.append(event)


def service(post: Post, mails: int = 3, sort: Sort = Sort.COURTESY) -> tuple[Service, MovingClock]:
    clock, store = MovingClock(NOW), MemoryStore()
    for number in range(mails):
        to, key = f"p{number}@customer.example", f"<{number}@acme.example>"
        raw = to_bytes(Letter("Re: x", "x\n"), Envelope("Giulia", "info@acme.example", to, key), NOW)
        store.queue_mail(Outgoing(key, sort, to, raw, NOW))
    rules = cast(Rules, type("R", (), {"rulebook": book()})())
    return Service(rules, store, post, {}, cast(Any, None), clock, Journal()), clock


def states(found: Service) -> Sequence[State]:
    return [item.state for item in found.store.outbox(tuple(State))]


def test_everything_that_is_due_leaves() -> None:
    found, _ = service(post := Post())
    assert (dispatch.send_due(found), post.asked) == (3, 3)
    assert states(found) == [State.SENT] * 3


def test_a_server_that_takes_nothing_is_left_in_peace_and_then_gets_all() -> None:
    down = PostError("wrong password", everybody=True)
    found, clock = service(post := Post(down, down))
    assert (dispatch.send_due(found), dispatch.send_due(found), post.asked) == (0, 0, 1)
    assert states(found) == [State.QUEUED] * 3
    assert dispatch.next_due(found, clock.now()) == NOW + dispatch.FIRST_REST
    clock.advance(dispatch.FIRST_REST)
    assert (dispatch.send_due(found), post.asked) == (0, 2)
    clock.advance(2 * dispatch.FIRST_REST)
    assert (dispatch.send_due(found), post.asked) == (3, 5)


def test_the_rest_never_grows_beyond_five_minutes() -> None:
    found, clock = service(Post(*[PostError("down", everybody=True)] * 12))
    for _ in range(12):
        dispatch.send_due(found)
        assert found.rest.until
        assert found.rest.until - clock.now() <= dispatch.LONGEST_REST
        clock.advance(dispatch.LONGEST_REST)


@pytest.mark.parametrize(
    ("error", "state", "cases"),
    [
        (PostError("greylisted"), State.QUEUED, 0),
        (PostError("no such user", permanent=True), State.FAILED, 1),
        (PostError("cut after the dot", maybe_sent=True), State.UNCONFIRMED, 1),
    ],
)
def test_one_bad_mail_keeps_no_other_waiting(error: PostError, state: State, cases: int) -> None:
    found, _ = service(Post(error))
    assert dispatch.send_due(found) == 2
    assert sorted(states(found)) == sorted([state, State.SENT, State.SENT])
    assert len(found.store.cases()) == cases


@pytest.mark.parametrize("error", [PostError("x", maybe_sent=True), PostError("x", permanent=True)])
def test_a_notice_of_an_emergency_is_tried_again_whatever_happened(error: PostError) -> None:
    found, clock = service(Post(error), mails=1, sort=Sort.ESCALATION)
    assert dispatch.send_due(found) == 0
    clock.advance(timedelta(minutes=1))
    assert dispatch.send_due(found) == 1


def test_after_a_crash_a_courtesy_is_shown_and_a_notice_goes_again() -> None:
    for sort, state, shown in ((Sort.COURTESY, State.UNCONFIRMED, 1), (Sort.ESCALATION, State.QUEUED, 0)):
        found, clock = service(Post(), mails=1, sort=sort)
        assert found.store.claim(clock.now())
        assert dispatch.recover(found) == shown
        assert states(found) == [state]
        assert len(found.store.cases()) == shown


def test_what_comes_too_late_does_not_leave() -> None:
    found, clock = service(post := Post(), mails=1)
    clock.advance(timedelta(days=4))
    assert (dispatch.send_due(found), post.asked, states(found)) == (0, 0, [State.STOPPED])
    assert len(found.store.cases()) == 1


@pytest.mark.parametrize(("attempts", "minutes"), [(0, 1), (1, 1), (2, 2), (3, 4), (9, 60), (500, 60)])
def test_backoff(attempts: int, minutes: int) -> None:
    assert dispatch.backoff(attempts) == timedelta(minutes=minutes)


def test_the_watchdog_is_fed_before_every_mail() -> None:
    fed: list[int] = []

    class Slow(Post):
        def send(self, to: str, raw: bytes) -> None:
            fed.append(-1)

    found, _ = service(Slow())
    found.alive = lambda: fed.append(1)
    assert dispatch.send_due(found) == 3
    assert fed == [1, -1] * 3
