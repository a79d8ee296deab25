"""What the Sent folder says about who has been answered, kept in memory (RFC 9051 sections 6.3.11 and 7.2).

A question costs one STATUS as long as nothing new lies there; then only the new mails' fields are read. Asking the
server anew with SEARCH for every open message takes longer the more is open. Of each Message-ID its hash is kept, 8
bytes under a key of this process: 20,000 of them in each of 500 mailboxes must fit.
"""

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence

from . import answered

KEPT = 20_000
"""So many of the newest mails are read at the first look; who is answered by an older one has waited for years."""


class SentLog:
    """The Message-IDs that a person's mail in this folder answers. Empty until `learn`."""

    def __init__(self) -> None:
        self._validity: object = None
        self._next: object = None
        self._last = 0
        self._named = array("q")  # in order, each once

    def current(self, status: Mapping[bytes, object]) -> bool:
        """Whether nothing new lies there; a folder that was rebuilt is read from its beginning."""
        validity, following = status.get(b"UIDVALIDITY"), status.get(b"UIDNEXT")
        if validity != self._validity:
            self._validity, self._last, self._next = validity, 0, None
        if following is not None and following == self._next:
            return True
        self._next = following
        return False

    def unread(self, uids: Sequence[int]) -> list[int]:
        """Those of the folder's messages that were not looked at yet, at most the newest 20,000."""
        return sorted({uid for uid in uids if uid > self._last})[-KEPT:]

    @property
    def after(self) -> int:
        """The last UID that was looked at."""
        return self._last

    def learn(self, rows: answered.Rows) -> None:
        """These header blocks were read."""
        self._named = array("q", sorted({*self._named, *map(hash, answered.named_by_a_person(rows))}))
        self._last = max((*rows, self._last))

    def forget(self) -> None:
        """The next question reads again what the last one could not."""
        self._next = None

    def answers(self, ids: Sequence[str]) -> frozenset[str]:
        """Those of these messages that a person has answered."""
        return frozenset(i for i in ids if self._knows(hash(i)))

    def _knows(self, named: int) -> bool:
        place = bisect_left(self._named, named)
        return place < len(self._named) and self._named[place] == named
