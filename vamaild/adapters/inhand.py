"""The note of which message is in hand, so that a message that kills the whole service is not tried for ever.

A small file in the state directory: first what is being decided and read just now, then how often the service died over
which message. It is written before the message is looked at, and not forced to the disk: a message can kill a process,
not a machine. What is read ahead is in hand beside what is decided: nobody knows of which it died, so both count.
"""

import json
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from vamaild.core.ledger import Arrival

NAME = "in-hand"
NOTE_BYTES = 1_024
KEPT = 100

Place = tuple[str, int, int]


class InHand:
    """The note in this directory. Where it cannot be written, `warn` is told once, and nothing is counted."""

    def __init__(self, state: Path, warn: Callable[..., object]) -> None:
        self._file = -1
        self._tries: dict[Place, int] = {}
        self._places: dict[str, Place] = {}
        self._guard = threading.Lock()
        try:
            self._file = os.open(state / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            found, self._tries = _read(os.pread(self._file, 1_000_000, 0))
            for place in found:
                self._tries[place] = self._tries.pop(place, 0) + 1
                warn("the service died over a message", mailbox=place[0], uid=place[2], tries=self._tries[place])
            self._keep()
        except OSError as error:
            warn("no note of the message in hand can be kept", fault=str(error))
            self.close()

    def tried(self, mailbox: str, arrival: Arrival) -> int:
        """How often the service died while it had this message in hand."""
        return self._tries.get((mailbox, arrival.uidvalidity, arrival.uid), 0)

    def take(self, mailbox: str, arrival: Arrival) -> None:
        """This one is looked at now."""
        self._note("", (mailbox, arrival.uidvalidity, arrival.uid))

    def clear(self) -> None:
        """Nothing is being looked at any more, but for what is read ahead."""
        self._note("", None)

    def take_early(self, mailbox: str, arrival: Arrival) -> None:
        """This one of the mailbox is read ahead now; from any thread."""
        self._note(mailbox, (mailbox, arrival.uidvalidity, arrival.uid))

    def clear_early(self, mailbox: str) -> None:
        """Nothing of this mailbox is read ahead any more."""
        self._note(mailbox, None)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _note(self, who: str, place: Place | None) -> None:
        with self._guard:
            if self._file < 0:
                return
            if place:
                self._places[who] = place
            else:
                self._places.pop(who, None)
            try:
                os.pwrite(self._file, _line([*self._places.values()]), 0)
            except OSError:  # a full disk is told of by the ledger, which must be written for anything to happen
                self.close()

    def _keep(self) -> None:
        tries = [[*place, count] for place, count in list(self._tries.items())[-KEPT:]]
        raw = _line([]) + json.dumps(tries).encode("ascii")
        os.pwrite(self._file, raw, 0)
        os.ftruncate(self._file, len(raw))


def _line(places: Sequence[Place]) -> bytes:
    raw = json.dumps(places).encode("ascii")
    return (raw if len(raw) < NOTE_BYTES else b"[]").ljust(NOTE_BYTES)


def _read(raw: bytes) -> tuple[tuple[Place, ...], dict[Place, int]]:
    """What was in hand when it ended, and the tries so far; a damaged note is none."""
    try:
        note = json.loads(raw[:NOTE_BYTES] or b"[]")
        rows = json.loads(raw[NOTE_BYTES:] or b"[]")
        tries = {(str(box), int(validity), int(uid)): int(count) for box, validity, uid, count in rows}
        return tuple((str(box), int(validity), int(uid)) for box, validity, uid in note), tries
    except (ValueError, TypeError, LookupError):
        return (), {}
