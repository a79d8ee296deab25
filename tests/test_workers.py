"""Workers wait for servers: those that hang take nobody's place, what was fetched does not pile up, nothing is lost."""

import threading
import time
from collections.abc import Callable

import pytest

from tests.system.world import until
from vamaild import workers
from vamaild.workers import Job, Workers


def taken(pool: Workers, count: int) -> list[Job]:
    found: list[Job] = []

    def more() -> bool:
        pool.staff()
        while (job := pool.take()) is not None:
            found.append(job)
        return len(found) >= count

    until(more, 5)
    return found


def test_without_places_everything_happens_here() -> None:
    pool = Workers(0)
    here: list[threading.Thread] = []
    job = pool.run(lambda: here.append(threading.current_thread()), "x")
    assert job.done
    assert here == [threading.current_thread()]
    assert (pool.take(), pool.take()) == (job, None)
    assert pool.now(lambda: 3).result == 3
    assert pool.take() is None


def test_what_comes_out_belongs_to_who_asked() -> None:
    rang = threading.Semaphore(0)
    pool = Workers(3, rang.release)

    def call(number: int) -> Callable[[], int]:
        def made() -> int:
            if number % 5 == 0:
                raise KeyError(number)
            return number * 10

        return made

    jobs = [pool.run(call(n), n) for n in range(1, 21)]
    assert sorted(str(job.about) for job in taken(pool, 20)) == sorted(str(n) for n in range(1, 21))
    for job in jobs:
        number = job.about
        assert isinstance(number, int)
        assert (job.result is None) == isinstance(job.error, KeyError) == (number % 5 == 0)
        assert job.error or job.result == number * 10
    assert rang.acquire(timeout=1)


def test_no_more_at_once_than_there_are_places() -> None:
    pool, gate, count, most = Workers(3), threading.Lock(), 0, 0

    def call() -> None:
        nonlocal count, most
        with gate:
            count += 1
            most = max(most, count)
        time.sleep(0.02)
        with gate:
            count -= 1

    for _ in range(20):
        pool.run(call)
    taken(pool, 20)
    assert most == 3


def test_those_that_hang_take_nobodys_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "STUCK", 0.2)
    pool, let_go = Workers(2), threading.Event()
    for _ in range(20):
        pool.run(let_go.wait)
    good = [pool.run(lambda: "good") for _ in range(5)]
    begun = time.monotonic()
    until(lambda: [pool.staff(), pool.take(), all(job.done for job in good)][2], 10)
    assert time.monotonic() - begun < 8
    let_go.set()


def test_nobody_fetches_far_ahead_of_who_decides() -> None:
    pool, began = Workers(2), threading.Semaphore(0)
    for _ in range(20):
        pool.run(began.release)
    until(lambda: len(pool._finished) >= 4, 5)
    time.sleep(0.1)
    assert len(pool._finished) <= 4 + pool.places, "what was fetched and not taken is bounded"
    assert len(taken(pool, 20)) == 20


def test_somebody_who_must_know_now_does_not_queue() -> None:
    pool, let_go = Workers(1), threading.Event()
    pool.run(let_go.wait)
    job = pool.now(lambda: "answer")
    assert job.over.wait(2)
    assert job.result == "answer"
    let_go.set()
    assert len(taken(pool, 1)) == 1
    assert pool.take() is None, "it is not among those that are taken"


def test_threads_go_when_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "IDLE_SECONDS", 0.05)
    pool = Workers(4)
    for _ in range(8):
        pool.run(lambda: None)
    taken(pool, 8)
    until(lambda: pool._threads == 0, 3)
    pool.run(lambda: None)
    assert len(taken(pool, 1)) == 1
