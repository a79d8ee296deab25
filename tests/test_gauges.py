"""What the service tells about itself while it works: counted on the way, taken from the ledger."""

import socket
import urllib.request
from collections import Counter
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.office import NOW, Office, letter, trusting
from tests.servers import free_port
from vamaild import gauges
from vamaild.config.settings import MetricsSettings
from vamaild.core.gauges import FIGURES, Ledger, taken
from vamaild.core.ledger import PostError, Standing
from vamaild.core.promise import NewPromise, Promise
from vamaild.core.ruleset import Trust
from vamaild.service import Uncounted

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass
class Counted:
    """Keeps what it is told; refuses what the table does not know."""

    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)
    picture: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def count(self, name: str, **labels: str) -> None:
        known = next(f for f in FIGURES if f.name == name and f.sort == "counter")
        assert set(known.labels) == set(labels)
        self.counts[name, *(labels[label] for label in known.labels)] += 1

    def wanted(self, now: datetime) -> bool:
        return True

    def show(self, picture: Mapping[str, Mapping[str, float]]) -> None:
        assert {f.name for f in FIGURES if f.sort == "gauge"} == set(picture)
        self.picture = picture


def test_messages_replies_and_failures_are_counted() -> None:
    office = Office(ruleset=trusting(Trust.SEND))
    office.service.metrics = counted = Counted()
    office.arrive(letter(1), letter(2, Auto_Submitted="auto-replied"))
    office.let_out()
    name = office.box.name
    assert counted.counts["decisions", name, "acme", "scheduled-request", "answered", "-"] == 1
    assert counted.counts["decisions", name, "acme", "automatic", "no-reply", "auto-submitted"] == 1
    assert counted.counts["mails_sent", "acme", "courtesy"] == 1

    class Down:
        def send(self, to: str, raw: bytes) -> None:
            raise PostError("down", everybody=True)

        def close(self) -> None: ...

    office.service.post = Down()
    office.arrive(letter(3, sender="anna@other.example"))
    office.let_out()
    assert counted.counts["mails_not_sent", "acme", "courtesy"] == 1


def test_the_picture_of_a_ledger() -> None:
    office = Office(ruleset=trusting(Trust.SEND))
    office.service.metrics = counted = Counted()
    name = office.box.name
    office.service.store.ran("started", NOW - HOUR)
    office.service.store.ran(f"looked {name}", NOW)
    office.arrive(letter(1), letter(2, sender="anna@other.example"))
    assert gauges.watch(office.service)
    began = counted.picture
    assert began["outbox_mails"] == {"": 2}
    assert began["outbox_oldest_seconds"] == {"": 0}
    assert began["start_time_seconds"] == {"": (NOW - HOUR).timestamp()}
    assert began["mailbox_last_look_timestamp_seconds"] == {name: NOW.timestamp()}
    assert began["mailbox_failing"] == {name: 0}
    assert began["promises_open"] == {"acme": 2}
    assert began["promise_lateness_seconds"] == {"acme": 0}
    office.clock.advance(timedelta(days=30))
    office.service.store.ran(f"failing {name}", office.clock.now())
    gauges.watch(office.service)
    assert counted.picture["outbox_oldest_seconds"][""] > timedelta(days=29).total_seconds()
    assert counted.picture["promise_lateness_seconds"]["acme"] > timedelta(days=20).total_seconds()
    assert counted.picture["mailbox_failing"] == {name: 1}


def test_what_has_left_waits_no_more() -> None:
    office = Office(ruleset=trusting(Trust.SEND))
    office.service.metrics = counted = Counted()
    office.arrive(letter(1))
    office.let_out()
    gauges.watch(office.service)
    assert counted.picture["outbox_mails"] == {"": 0}


def test_where_nobody_asks_nothing_is_read() -> None:
    office = Office()
    assert not gauges.watch(office.service)
    assert not Uncounted().wanted(NOW)


# ---- where they are shown


def moved(office: Office, port: int | None) -> None:
    rules = office.service.rules
    wanted = MetricsSettings("127.0.0.1", port) if port is not None else None
    office.service.rules = replace(rules, settings=replace(rules.settings, metrics=wanted))


def shown(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        return b"vamaild_decisions_total" in answer.read()
    return False


def test_they_are_shown_where_the_settings_say_now(tmp_path: Path) -> None:
    """Also after a reload that changes it, and not at all after one that takes it out."""
    first, second = free_port(), free_port()
    with closing(gauges.Exporter((office := Office()).service, tmp_path)) as exporter:
        exporter.follow()
        assert isinstance(office.service.metrics, Uncounted)
        moved(office, first)
        exporter.follow()
        counted = office.service.metrics
        exporter.follow()
        assert office.service.metrics is counted, "nothing has changed: the counts go on"
        assert shown(first)
        moved(office, second)
        exporter.follow()
        assert (shown(first), shown(second)) == (False, True)
        moved(office, None)
        exporter.follow()
        assert not shown(second)
        assert isinstance(office.service.metrics, Uncounted)
    assert office.journal.lines == []


def test_a_port_that_is_taken_is_said_and_tried_again_elsewhere(tmp_path: Path) -> None:
    port = free_port()
    with closing(gauges.Exporter((office := Office()).service, tmp_path)) as exporter:
        with socket.create_server(("127.0.0.1", 0)) as taken_one:
            moved(office, taken_one.getsockname()[1])
            exporter.follow()
        assert office.journal.lines == ["no figures"]
        assert isinstance(office.service.metrics, Uncounted)
        moved(office, port)
        exporter.follow()
        assert shown(port)


def promise(due: datetime, client: str) -> Promise:
    return Promise(1, NewPromise(client, "x@y.example", due, "lead-time"), 1, NOW)


@pytest.mark.parametrize(
    ("dues", "late"),
    [
        ([], 0),
        ([NOW + HOUR], 0),
        ([NOW], 0),
        ([NOW - MINUTE], 60),
        ([NOW + HOUR, NOW - MINUTE, NOW - HOUR], 3600),
    ],
)
def test_how_late_the_latest_promise_is(dues: list[datetime], late: float) -> None:
    promises = [promise(due, "rossi") for due in dues] + [promise(NOW - 9 * HOUR, "novak")]
    found = taken(Ledger(NOW, NOW, Standing(), (), promises, ["rossi", "novak", "greco"], {}, {}))
    assert found["promise_lateness_seconds"] == {"rossi": late, "novak": 32_400, "greco": 0}
    assert found["promises_open"] == {"rossi": len(dues), "novak": 1, "greco": 0}


@pytest.mark.parametrize(
    ("looked", "failed", "fails"),
    [
        (None, None, 0),
        (NOW, None, 0),
        (None, NOW, 1),
        (NOW, NOW - HOUR, 0),
        (NOW - HOUR, NOW, 1),
    ],
)
def test_a_mailbox_fails_until_a_look_works(looked: datetime | None, failed: datetime | None, fails: float) -> None:
    found = taken(Ledger(NOW, NOW, Standing(), (), (), (), {"inbox": looked}, {"inbox": failed}))
    assert found["mailbox_failing"] == {"inbox": fails}
    assert found["mailbox_last_look_timestamp_seconds"] == ({"inbox": looked.timestamp()} if looked else {})
