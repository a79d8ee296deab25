"""IMAP servers that say what a test tells them to."""

from collections.abc import Callable

from tests.servers import (
    Talk,
)
from vamaild.adapters.mailbox import ImapMailbox

Script = Callable[[Talk, bytes, bytes, bytes], bool | None]
FETCHED = (
    b'* 1 FETCH (UID 5 RFC822.SIZE 40 INTERNALDATE "22-Nov-2026 10:00:00 +0100" '
    b"BODY[HEADER]<0> {22}\r\nFrom: a@b.cz\r\nA: bcd\r\n BODY[TEXT]<0> {4}\r\nciao)\r\n"
)


def on_uid(*lines: bytes, search: bytes = b"* SEARCH 5\r\n") -> Script:
    """A server with message 5 that answers a FETCH with `lines`; "TAG" in them is the tag."""

    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command != b"UID":
            return False
        if arguments.startswith(b"SEARCH"):
            talk.send(search + tag + b" OK done\r\n")
        else:
            talk.send(b"".join(lines).replace(b"TAG", tag))
        return True

    return answer


def read_all(box: ImapMailbox) -> list[int]:
    box.open()
    return [a.uid for batch in box.arrivals(0) for a in batch]
