"""A look around a mailbox, for `init` and `doctor`: what the server can do, what is there. Nothing is changed.

The answers of a server are shown to a person and decide nothing.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from imapclient import IMAPClient

from . import ImapMailbox, folders

MOST = 50


@dataclass(frozen=True, slots=True)
class Visit:
    """`next_uid` is above every message that is there; `drafts` and `sent` are names of folders, "" for none.

    `tls` is "TLS 1.3", "" without encryption; `newest` when the last message came, by the server's clock.
    """

    messages: int
    next_uid: int
    idle: bool
    move: bool
    drafts: str
    sent: str
    tls: str
    newest: datetime | None


def visit(mailbox: ImapMailbox) -> Visit:
    """Signs in if need be, and looks around. Raises MailboxError."""
    mailbox.open()
    with mailbox._link.asking("looking around") as client:
        status = client.folder_status(mailbox._folder, ["MESSAGES", "UIDNEXT"])
        capabilities = {bytes(c).upper() for c in client.capabilities()}
        listed = client.list_folders()
        # "n:*" names the last message even when its UID is below n (RFC 9051 section 6.4.8)
        last = client.search(f"UID {max(status[b'UIDNEXT'] - 1, 1)}:*") if status[b"MESSAGES"] else []
        newest = client.fetch(last, ["INTERNALDATE"]) if last else {}
        return Visit(
            messages=status[b"MESSAGES"],
            next_uid=status[b"UIDNEXT"],
            idle=b"IDLE" in capabilities,
            move=b"MOVE" in capabilities,
            drafts=folders.choose(listed, folders.DRAFTS) or "",
            sent=folders.choose(listed, folders.SENT) or "",
            tls=_tls(client),
            newest=_newest(newest),
        )


def _tls(client: IMAPClient) -> str:
    sock = client.socket()
    version = sock.version() if isinstance(sock, ssl.SSLSocket) else None
    return (version or "").replace("TLSv", "TLS ")


def _newest(rows: Mapping[int, Mapping[bytes, Any]]) -> datetime | None:
    moments = [row.get(b"INTERNALDATE") for row in rows.values()]
    return max((m for m in moments if isinstance(m, datetime) and m.tzinfo), default=None)


def since(mailbox: ImapMailbox, sender: str, day: date) -> tuple[int, ...]:
    """The UIDs of what came from this address since that day, oldest first, at most 50. Raises MailboxError.

    `sender` stands in a command: only an address of our own choosing may.
    """
    mailbox.open()
    with mailbox._link.asking("looking for a message") as client:
        return tuple(sorted(client.search(["FROM", sender, "SINCE", day]))[-MOST:])
