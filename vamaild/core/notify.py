"""How one of our own people is reached: a notice, the way it goes, and what became of it.

"Delivered" is what the provider says: it took the notice. Only an acknowledgement shows that a person knows.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Delivery(StrEnum):
    """What became of one attempt. `retry`: the same way may work later; `failed`: it never will."""

    DELIVERED = "delivered"
    RETRY = "retry"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivered:
    """The end of one attempt; `detail` is for our own log and shows no address, number or token."""

    result: Delivery
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody is told. `short` fits one text message and says who and what in its first 60 characters.

    `key` is the same for every attempt at this notice, so that a second copy is recognised; `link` may be "".
    """

    key: str
    code: str
    short: str
    text: str
    link: str = ""
    practice: bool = False


class Notifier(Protocol):
    """One kind of way to a person. Never raises: whatever goes wrong is an answer."""

    def notify(self, way: str, notice: Notice) -> Delivered:
        """`way` is the secret value ("+420 …", an address, a URL, a command). Ends within 15 seconds."""
