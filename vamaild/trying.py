"""Tries the mail servers for `init` and `doctor`: a message to oneself, a probe through a client's forwarding.

Looks at what comes in meanwhile without changing it, beside a running service or without one.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Protocol, TypeVar

from .core.checkup import refusal, vacation
from .core.forwarding import probe_in, probe_text
from .core.ledger import Arrival, Post
from .core.letter import Envelope, Letter, to_bytes
from .core.message import Message

Found = TypeVar("Found")

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
TOKEN_LENGTH = 8
PAUSE = 1.0
AFTERWARDS = 5.0
"""Seconds: how long a vacation reply may come after the probe itself."""


class Arriving(Protocol):
    """What is needed of a mailbox. Both raise MailboxError."""

    def open(self) -> int: ...
    def arrivals(self, after: int) -> Iterable[tuple[Arrival, ...]]: ...


@dataclass(frozen=True, slots=True)
class Ticking:
    """The passing of time, in seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class Watch:
    """What comes into a mailbox after the message with UID `after`."""

    mailbox: Arriving
    read: Callable[[Arrival], Message]
    after: int
    ticking: Ticking = field(default_factory=Ticking)

    def new(self) -> list[Message]:
        """What has come since the last call. Raises MailboxError."""
        self.mailbox.open()
        found = [arrival for batch in self.mailbox.arrivals(self.after) for arrival in batch]
        self.after = max((a.uid for a in found), default=self.after)
        return [self.read(arrival) for arrival in found]

    def until(
        self, wanted: Callable[[Message], Found | None], seconds: float, enough: Callable[[], bool] = lambda: False
    ) -> Found | None:
        """Looks every second until a message gives what is wanted, time is up, or somebody has had enough."""
        ends = self.ticking.now() + seconds
        while True:
            given = [f for message in self.new() if (f := wanted(message)) is not None]
            if given or self.ticking.now() >= ends or enough():
                return given[0] if given else None
            self.ticking.sleep(PAUSE)


@dataclass(frozen=True, slots=True)
class Back:
    """What became of a message that was sent: as it came back, or None, and how many seconds later.

    `refused`: why a server did not take it, as its report says. `away`: the client's own mailbox answers by itself.
    """

    message: Message | None = None
    seconds: float = 0.0
    refused: str = ""
    away: bool = False


def token() -> str:
    """A word that stands in no other message."""
    return "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH))


def to_oneself(post: Post, address: str, to: str, watch: Watch, seconds: float, now: datetime) -> Back:
    """Sends a message the way replies leave, and waits for it. Raises PostError, MailboxError."""
    sign = token()
    key = f"<vamaild-{sign}@{address.rpartition('@')[2]}>"
    letter = Letter(f"vamaild: a message to yourself ({sign})", "This message tries the way out. Nobody answers it.\n")
    raw = to_bytes(letter, Envelope("vamaild", address, to, key, auto="auto-generated"), now)
    return _sent(post, to, raw, watch, seconds, lambda m: _own(m, sign, key))


def _own(message: Message, sign: str, key: str) -> Back | None:
    if why := refusal(message, sign, key):
        return Back(refused=why)
    return Back(message) if message.message_id == key or f"({sign})" in message.subject else None


def probe_mail(sign: str, sender: str, to: str, now: datetime) -> EmailMessage:
    """A message that says of itself who sent it and to whom; to be sent from outside the client's own system."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, f"Forwarding probe {sign}"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<probe-{sign}@{sender.rpartition('@')[2]}>"
    mail.set_content(probe_text(sign, sender, to))
    return mail


def probe(
    post: Post, sender: str, to: str, watch: Watch, seconds: float, now: datetime, ours: Sequence[str] = ()
) -> Back:
    """Sends a probe to a client's address and waits until the forwarding brings it. Raises PostError, MailboxError.

    `post` must send with an envelope sender, so that vacation replies and reports come back; `ours` are the client's
    addresses, whose automatic answers to the probe are waited for a little longer.
    """
    sign = token()
    mail = probe_mail(sign, sender, to, now)
    key, away = str(mail["Message-ID"]), [False]

    def answers(message: Message) -> bool | None:
        return vacation(message, (to, *ours), key) or None

    def wanted(message: Message) -> Back | None:
        if answers(message):
            away[0] = True
            return None
        if why := refusal(message, sign, key):
            return Back(refused=why)
        return Back(message) if probe_in(message).token == sign else None

    back = _sent(post, to, mail.as_bytes(policy=SMTP), watch, seconds, wanted)
    late = back.message is not None and not away[0] and watch.until(answers, AFTERWARDS)
    return Back(back.message, back.seconds, back.refused, away[0] or bool(late))


def _sent(
    post: Post, to: str, raw: bytes, watch: Watch, seconds: float, wanted: Callable[[Message], Back | None]
) -> Back:
    begun = watch.ticking.now()
    post.send(to, raw)
    back = watch.until(wanted, seconds) or Back()
    return Back(back.message, watch.ticking.now() - begun, back.refused)
