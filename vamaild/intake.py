"""Reading a batch so that no message stops a mailbox: what the service died over three times is hardly looked at.

A batch is read where it was fetched, while the one before it is judged. One with a message that the service died over
is not: it is read when nothing else is in hand, so that the next death tells which message it was.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from .core.ledger import Arrival
from .core.message import Message
from .service import Messages, Service

TRIES = 3
DIED = "the service stopped three times while it was looking at it"


@dataclass(frozen=True, slots=True)
class Batch:
    """What was fetched. `read` has its messages, where they were read ahead."""

    arrivals: tuple[Arrival, ...]
    read: Messages | None = None


def fetched(batches: Iterator[tuple[Arrival, ...]], mailbox: str, service: Service) -> Batch | None:
    """The next batch, read ahead where that can be done; None after the last. For a thread that may wait."""
    arrivals = next(batches, None)
    if not arrivals or service.read_early is None or any(service.in_hand.tried(mailbox, a) for a in arrivals):
        return None if arrivals is None else Batch(arrivals)
    try:
        return Batch(arrivals, service.read_early(arrivals, lambda a: service.in_hand.take_early(mailbox, a)))
    finally:
        service.in_hand.clear_early(mailbox)


def messages(batch: Batch, mailbox: str, service: Service) -> list[tuple[Arrival, Message]]:
    """Each arrival of it with its message, in order."""
    return _read(batch.arrivals, mailbox, service, batch.read)


def batch(arrivals: Sequence[Arrival], mailbox: str, service: Service) -> list[tuple[Arrival, Message]]:
    """Each arrival with its message, in order. The note of the message in hand is kept up to date meanwhile."""
    return _read(arrivals, mailbox, service, None)


def _read(
    arrivals: Sequence[Arrival], mailbox: str, service: Service, early: Messages | None
) -> list[tuple[Arrival, Message]]:
    def begun(arrival: Arrival) -> None:
        service.in_hand.take(mailbox, arrival)
        service.alive()

    wary = [careful(arrival, service.in_hand.tried(mailbox, arrival)) for arrival in arrivals]
    with in_hand(service):
        if early is not None:
            found = early(begun)
        elif service.read_all is not None:
            found = service.read_all(wary, begun)
        else:
            found = [service.read(arrival) for arrival in wary]
    return list(zip(arrivals, found, strict=True))


def careful(arrival: Arrival, tries: int) -> Arrival:
    """The arrival as it is; after three deaths only its header, after four nothing of it: then a person has it."""
    if tries < TRIES:
        return arrival
    return replace(arrival, problem=DIED, raw=arrival.raw if tries == TRIES else b"")


@contextmanager
def in_hand(service: Service) -> Iterator[None]:
    """Whatever happens inside, but the death of the service, nothing is in hand afterwards."""
    try:
        yield
    finally:
        service.in_hand.clear()
