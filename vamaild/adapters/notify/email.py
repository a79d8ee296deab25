"""A notice by e-mail, over the outgoing mail server (RFC 5322; automatic, RFC 3834).

Its Message-ID is the key of the notice: a second copy after a crash is recognised, and an answer finds its notice.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from vamaild.core.ledger import Post, PostError
from vamaild.core.letter import Envelope, Letter, to_bytes
from vamaild.core.notify import Delivered, Delivery, Notice

CODE = re.compile(r"\b[45][0-9]{2}\b(?:[ (:]+[45]\.[0-9]+\.[0-9]+\b)?")
REST_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class From:
    """Who our notices come from."""

    name: str
    address: str


class EmailNotifier:
    """`post` should give up within 15 seconds; it is hung up after each notice. `now` is aware.

    A server that took no mail at all is left in peace for half a minute: asking for every notice locks the account.
    """

    def __init__(self, post: Post, sender: Callable[[], From], now: Callable[[], datetime]) -> None:
        self._post, self._sender, self._now = post, sender, now
        self._rest_until = 0.0

    def notify(self, way: str, notice: Notice) -> Delivered:
        """`way` is an e-mail address."""
        if time.monotonic() < self._rest_until:
            return Delivered(Delivery.RETRY, "the mail server took no mail a moment ago")
        try:
            self._post.send(way, self._raw(way, notice))
        except PostError as error:
            return self._failed(error)
        except ValueError:
            return Delivered(Delivery.FAILED, "this is no e-mail address")
        finally:
            self._post.close()
        return Delivered(Delivery.DELIVERED)

    def _raw(self, way: str, notice: Notice) -> bytes:
        sender = self._sender()
        body = f"{notice.text.rstrip()}\n\n{notice.link}\n" if notice.link else notice.text
        envelope = Envelope(sender.name, sender.address, way, notice.key, auto="auto-generated")
        return to_bytes(Letter(notice.short, body), envelope, self._now())

    def _failed(self, error: PostError) -> Delivered:
        """The server's own words may name the address: only its code is kept."""
        if error.everybody:
            self._rest_until = time.monotonic() + REST_SECONDS
            return Delivered(Delivery.RETRY, "the mail server takes no mail just now")
        code = found[0] if (found := CODE.search(str(error))) else "no code"
        if error.permanent:
            return Delivered(Delivery.FAILED, f"the mail server refuses it ({code})")
        return Delivered(Delivery.RETRY, f"the mail server did not take it ({code})")
