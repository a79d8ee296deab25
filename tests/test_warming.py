"""What is loaded late is loaded before the first message; and nothing is left of it."""

import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.make import client
from tests.office import Office
from vamaild import warming
from vamaild.core.ledger import Arrival
from vamaild.core.message import Message
from vamaild.daemon import Daemon

CODES = ("it", "it cs", "it")


def office_of(*languages: str) -> Office:
    """A service with one client for each of these sets of languages."""
    office = Office()
    one = client()
    rulesets = [
        replace(one, client=replace(one.client, id=f"c{n}", languages=tuple(codes.split())))
        for n, codes in enumerate(languages)
    ]
    rules = office.service.rules
    office.service.rules = replace(rules, rulebook=replace(rules.rulebook, clients=tuple(rulesets)))
    return office


class Counting:
    """Hands everything on, and counts."""

    def __init__(self, office: Office) -> None:
        self.office, self.read, self.rendered, self.guessed = office, 0, 0, 0
        rules = office.service.rules
        tools = replace(rules.tools, render=self.render, detect=self.detect)
        self._reader, self._tools = office.service.read, rules.tools
        office.service.read = self.reads
        office.service.rules = replace(rules, tools=tools)

    def reads(self, arrival: Arrival) -> Message:
        self.read += 1
        return self._reader(arrival)

    def render(self, *words: Any) -> Any:
        self.rendered += 1
        return self._tools.render(*words)

    def detect(self, *words: Any) -> Any:
        self.guessed += 1
        return self._tools.detect(*words)


def test_each_set_of_languages_is_tried_once_and_nothing_is_kept() -> None:
    counts = Counting(office := office_of(*CODES))
    warming.warm_up(office.service)
    assert (counts.read, counts.guessed) == (2, 1)
    assert counts.rendered >= 1
    assert office.store.standing(office.clock.now()).arrived == 0
    assert office.store.watermark(office.box.name) is None
    assert office.items() == []
    assert office.journal.lines == []
    assert office.post.mails == []


@pytest.mark.parametrize("fault", [ValueError("x"), RecursionError(), MemoryError()])
def test_a_fault_is_said_and_the_service_begins(fault: Exception) -> None:
    office = office_of(*CODES)

    def broken(arrival: Arrival) -> Message:
        raise fault

    office.service.read = broken
    warming.warm_up(office.service)
    assert office.journal.lines == ["could not warm up"] * 2


def test_who_is_asked_to_stop_does_not_wait_for_it() -> None:
    counts = Counting(office := office_of(*CODES))
    office.service.stopping = lambda: True
    warming.warm_up(office.service)
    assert counts.read == 0


class Supervisor:
    """What systemd is told, in order; stops the service once it is ready."""

    def __init__(self, counts: Counting) -> None:
        self.counts, self.heard, self.daemon = counts, [], None  # type: Counting, list[str], Daemon | None

    def ready(self) -> None:
        self.heard.append(f"ready after {self.counts.read}")
        assert self.daemon
        self.daemon.wishes.stop = True

    def reloading(self) -> None: ...
    def stopping(self) -> None: ...
    def status(self, text: str) -> None: ...
    def watchdog(self) -> None: ...


def test_the_service_says_that_it_is_ready_once_it_is_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vamaild.daemon.LAST_MAIL", 0.0)
    counts = Counting(office := office_of(*CODES))
    supervisor = Supervisor(counts)
    daemon = supervisor.daemon = Daemon(office.service, supervisor, lambda: None)
    daemon.run()
    assert supervisor.heard == ["ready after 2"]


class Circle:
    """Holds itself, as rules do."""

    def __init__(self) -> None:
        self.mine = self


@pytest.fixture
def apart() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("apart")
def test_what_stays_is_set_apart_and_what_old_rules_held_is_collected_with_the_next() -> None:
    circle = Circle()
    kept = weakref.ref(circle)
    warming.settle()
    assert gc.get_freeze_count()
    del circle
    gc.collect()
    assert kept() is not None
    warming.settle()
    assert kept() is None


def test_the_service_settles_when_it_is_ready_and_after_a_reload(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vamaild.daemon.LAST_MAIL", 0.0)
    counts = Counting(office := office_of("it"))
    supervisor, settled = Supervisor(counts), []
    rules = office.service.rules
    daemon = supervisor.daemon = Daemon(office.service, supervisor, lambda: rules)
    daemon.settle = lambda: settled.append(office.service.rules is rules)
    daemon.run()
    assert settled == [True]
    office.service.rules = replace(rules)
    daemon._reload()
    assert settled == [True, True]
