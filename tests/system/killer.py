"""The real program, which kills itself at a chosen point: `python killer.py POINT run --once ...`.

What vamaild.wire makes (Mailbox, Store, Post) is wrapped, so that SIGKILL comes exactly there and no handler, no
`finally` and no buffer gets another chance. The points, in the order in which a message passes them:

fetch      the batch was fetched, nothing is decided
decided    inside the transaction, before its commit
committed  after the commit, before the keyword is set
claimed    the mail is claimed in the outbox, DATA has not begun
accepted   the mail server has taken it, the outbox does not know
confirmed  the outbox knows, no copy is filed

The last three wait for a reply to a customer, or with "-notice" behind them for a notice to our own people.
after:METHOD dies when the store has done this for the first time, before the transaction around it is committed.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from vamaild import wire
from vamaild.core.ledger import Arrival

MARKS = {"notice": b"auto-generated", "reply": b"auto-replied"}


def die() -> None:
    """Ends this process as the kernel would when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


class Wrapped:
    """Everything the inner thing does, but for a few methods."""

    def __init__(self, inner: Any, **instead: Callable[..., Any]) -> None:
        self._inner, self._instead = inner, instead

    def __getattr__(self, name: str) -> Any:
        return self._instead.get(name) or getattr(self._inner, name)


class Killer:
    """Wraps what wire makes. `wanted` is what kind of mail the point waits for."""

    def __init__(self, point: str) -> None:
        self.point, _, kind = point.partition("-")
        self.wanted = MARKS[kind or "reply"]
        self.in_hand = b""
        self.settled = False
        self.depth = 0

    def mailbox(self, inner: Any) -> Any:
        def arrivals(after: int) -> Iterator[tuple[Arrival, ...]]:
            for batch in inner.arrivals(after):
                self.at("fetch")
                yield batch

        def mark(uids: Any) -> bool:
            self.at("committed")
            return bool(inner.mark(uids))

        return Wrapped(inner, arrivals=arrivals, mark=mark)

    def store(self, inner: Any) -> Any:
        def set_watermark(mailbox: str, mark: Any) -> None:
            inner.set_watermark(mailbox, mark)
            self.at("decided")

        def confirm(item: int, now: Any) -> None:
            inner.confirm(item, now)
            self.at("confirmed", self.in_hand)

        def notice_settled(number: int, *more: Any) -> None:
            inner.notice_settled(number, *more)
            self.settled = True

        @contextmanager
        def transaction() -> Iterator[None]:
            self.depth += 1
            with inner.transaction():
                yield
            self.depth -= 1
            if self.settled and not self.depth:  # only the outermost one commits
                self.at("confirmed", self.in_hand)

        if self.point.startswith("after:"):
            return Wrapped(inner, **{self.point.removeprefix("after:"): self._last(inner)})
        known = {"confirm": confirm, "notice_settled": notice_settled, "transaction": transaction}
        return Wrapped(inner, set_watermark=set_watermark, **known)

    def _last(self, inner: Any) -> Callable[..., None]:
        """The store's method, after which the process dies; its transaction is not committed."""

        def last(*arguments: Any, **named: Any) -> None:
            getattr(inner, self.point.removeprefix("after:"))(*arguments, **named)
            die()

        return last

    def post(self, inner: Any) -> Any:
        def send(to: str, raw: bytes) -> None:
            self.in_hand = raw
            self.at("claimed", raw)
            inner.send(to, raw)
            self.at("accepted", raw)

        return Wrapped(inner, send=send)

    def at(self, point: str, raw: bytes | None = None) -> None:
        if point == self.point and (raw is None or self.wanted in raw):
            die()


def around(name: str, wrap: Callable[[Any], Any]) -> None:
    """Puts `wrap` around what a function of vamaild.wire returns."""
    made = getattr(wire, name)
    setattr(wire, name, lambda *arguments, **named: wrap(made(*arguments, **named)))


if __name__ == "__main__":
    killer = Killer(sys.argv.pop(1))
    around("mailbox", killer.mailbox)
    around("open_store", killer.store)
    around("post", killer.post)
    from vamaild.__main__ import main

    main()
