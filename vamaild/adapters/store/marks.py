"""Numbers that stand for people, messages and matters: what two rows have in common, found without reading a text."""

import hashlib
from functools import lru_cache

from ...core.letter import bare_subject, thread_ids


def digest(*parts: str) -> int:
    """A 64-bit number for these words: what SQLite keeps in eight bytes."""
    data = "\0".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big", signed=True)


def person(address: str) -> int:
    return digest("person", address.lower())


def same_message(message_id: str) -> int:
    """The mark of this very message, whoever's mailbox it lies in."""
    return digest("message", message_id)


@lru_cache(maxsize=1_000)
def subject_mark(client: str, subject: str) -> int:
    """The mark of the bare subject; 0 when there is none to speak of."""
    bare = bare_subject(subject).casefold()
    return digest("subject", client, bare) if bare else 0


@lru_cache(maxsize=1_000)  # asked several times for each message: before deciding and when it is recorded
def matter_marks(client: str, message_id: str, references: tuple[str, ...], subject: str) -> frozenset[int]:
    """What two messages about the same matter have in common: an id of the thread, or the bare subject."""
    marks = {digest("thread", client, i) for i in thread_ids((*references, message_id))}
    about = subject_mark(client, subject)
    return frozenset(marks | {about} if about else marks)
