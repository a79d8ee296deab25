"""Puts sample mail into a mailbox of the demo or a test: APPEND with the moment of arrival (RFC 9051)."""

import imaplib
from datetime import datetime


class Deliverer:
    """A second connection to the mailbox, as the mail server's own delivery would be."""

    def __init__(self, host: str, port: int, user: str, password: str, folder: str = "INBOX") -> None:
        self._folder = folder
        self._imap = imaplib.IMAP4(host, port, timeout=10)
        self._imap.login(user, password)

    def deliver(self, raw: bytes, received: datetime) -> None:
        """Adds one message that arrived at this (aware) moment. Raises RuntimeError when it is refused."""
        status, said = self._imap.append(self._folder, "", imaplib.Time2Internaldate(received), raw)
        if status != "OK":
            raise RuntimeError(f"the mailbox refused a sample message: {said!r}")

    def close(self) -> None:
        """Signs out."""
        self._imap.logout()
