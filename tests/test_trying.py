"""A message to oneself and a probe, with a mailbox and a clock of our own: what comes back, what does not, and why."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from vamaild import trying, wire
from vamaild.core.lastlook import check
from vamaild.core.ledger import Arrival
from vamaild.trying import Back, Ticking, Watch

NOW = datetime(2026, 11, 26, 10, 40, tzinfo=UTC)
ME, CLIENT = "clienti@ferri-av.example", "info@studiorossi.example"
Way = Callable[[bytes], bytes]


@dataclass
class Road:
    """Post and mailbox in one: what is sent comes in again after some looks, changed on the way."""

    ways: list[tuple[int, Way]]
    looks: int = 0
    time: float = 0.0
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    given: int = 0

    def send(self, to: str, raw: bytes) -> None:
        check(to, raw)
        self.sent.append((to, raw))

    def close(self) -> None: ...

    def open(self) -> int:
        self.looks += 1
        return 1

    def arrivals(self, after: int) -> Iterator[tuple[Arrival, ...]]:
        due = [
            way(self.sent[0][1])
            for look, way in sorted(self.ways, key=lambda w: w[0])
            if look <= self.looks and self.sent
        ]
        yield tuple(Arrival(uid, 1, NOW, len(raw), raw) for uid, raw in enumerate(due, 8) if uid > after)

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    @property
    def watch(self) -> Watch:
        return Watch(self, wire.reader(), 7, Ticking(lambda: self.time, self.sleep))


def as_it_was(raw: bytes) -> bytes:
    return raw


def bounced(raw: bytes) -> bytes:
    return (
        (
            b"Return-Path: <>\r\nFrom: MAILER-DAEMON@x.example\r\nSubject: failed\r\nMIME-Version: 1.0\r\n"
            b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n'
            b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nStatus: 5.7.520\r\n"
            b"Action: failed\r\nFinal-Recipient: rfc822; a@b.example\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        )
        + raw.replace(b"\r\n\r\n", b"\r\n\r\n", 1)
        + b"\r\n--b--\r\n"
    )


def away(raw: bytes) -> bytes:
    quoted = raw.partition(b"\r\n\r\n")[2]
    return f"From: {CLIENT}\r\nTo: {ME}\r\nSubject: In ferie\r\nAuto-Submitted: auto-replied\r\n\r\n".encode() + quoted


def stranger(_: bytes) -> bytes:
    return b"From: a@b.example\r\nSubject: x\r\n\r\nCiao\r\n"


def oneself(*ways: tuple[int, Way], seconds: float = 10) -> tuple[Back, Road]:
    road = Road(list(ways))
    return trying.to_oneself(road, ME, ME, road.watch, seconds, NOW), road


def probed(*ways: tuple[int, Way], seconds: float = 10) -> tuple[Back, Road]:
    road = Road(list(ways))
    return trying.probe(road, ME, CLIENT, road.watch, seconds, NOW, [CLIENT]), road


def test_it_comes_back() -> None:
    back, road = oneself((3, as_it_was), (1, stranger))
    assert back.message is not None
    assert (back.seconds, back.refused, road.looks) == (2.0, "", 3)
    assert b"Auto-Submitted: auto-generated" in road.sent[0][1]


def test_it_does_not_come_back() -> None:
    back, road = oneself((1, stranger), seconds=10)
    assert (back.message, back.seconds, road.looks) == (None, 10.0, 11)


@pytest.mark.parametrize("send", [oneself, probed])
def test_it_is_refused(send: Callable[..., tuple[Back, Road]]) -> None:
    back, _ = send((2, bounced))
    assert (back.message, back.refused) == (None, "550 5.7.520, their Microsoft 365 forbids forwarding to outside")


def test_a_probe_comes_back_and_nobody_is_away() -> None:
    back, road = probed((2, as_it_was))
    assert (back.message is not None, back.away, back.seconds) == (True, False, 1.0)
    assert road.time == 1.0 + trying.AFTERWARDS
    assert b"Auto-Submitted" not in road.sent[0][1]  # a vacation reply must not hold back because of it


@pytest.mark.parametrize(
    "order", [((1, away), (3, as_it_was)), ((1, as_it_was), (4, away)), ((2, away), (2, as_it_was))]
)
def test_a_client_who_answers_by_himself(order: tuple[tuple[int, Way], ...]) -> None:
    """Whether his reply comes before the probe, after it, or with it; it is not taken for the probe it quotes."""
    back, _ = probed(*order)
    assert (back.message is not None and back.message.from_ == (ME,), back.away) == (True, True)


def test_somebody_has_had_enough() -> None:
    road = Road([])
    assert road.watch.until(lambda m: m, 100, lambda: road.looks >= 3) is None
    assert road.looks == 3


def test_a_message_is_looked_at_once() -> None:
    road = Road([(1, stranger), (2, stranger)], sent=[(ME, b"")])
    watch = road.watch
    assert [len(watch.new()) for _ in range(3)] == [1, 1, 0]


def test_tokens_are_words_that_stand_nowhere_else() -> None:
    assert len({trying.token() for _ in range(100)}) == 100
    assert all(len(t) == 8 and t.isalnum() for t in (trying.token(),))
