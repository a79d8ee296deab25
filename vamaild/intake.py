"""Reading a batch so that no message stops a mailbox: what the service died over three times is hardly looked at."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from .core.ledger import Arrival
from .core.message import Message
from .service import Service

TRIES = 3
DIED = "the service stopped three times while it was looking at it"


def batch(arrivals: Sequence[Arrival], mailbox: str, service: Service) -> list[tuple[Arrival, Message]]:
    """Each arrival with its message, in order. The note of the message in hand is kept up to date meanwhile."""

    def begun(arrival: Arrival) -> None:
        service.in_hand.take(mailbox, arrival)
        service.alive()

    wary = [careful(arrival, service.in_hand.tried(mailbox, arrival)) for arrival in arrivals]
    with in_hand(service):
        if service.read_all is not None:
            messages = service.read_all(wary, begun)
        else:
            messages = [service.read(arrival) for arrival in wary]
    return list(zip(arrivals, messages, strict=True))


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
