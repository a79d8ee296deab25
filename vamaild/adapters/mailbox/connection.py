"""A signed-in IMAP connection, with TLS always verified and an end to every call (RFC 9051, RFC 8314).

imaplib has a time-out for each read but none for the whole answer: a server that sends one byte a second, or untagged
lines for ever, would hold it for ever. So a timer shuts the socket down when a call takes too long.

Everything that leans on the inside of imapclient and imaplib stands in `_Client` and `_quieten`;
tests/adapters/test_mailbox.py fails when a new version moves it.
"""

import functools
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

from vamaild.core.ledger import MailboxError

from . import errors

Tls = Literal["implicit", "starttls", "none"]
PLAIN_USER = re.compile(r"[A-Za-z0-9._@+=!#$&'*/?^`|~-]+")
LOGOUT_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Account:
    """Where a mailbox is and who signs in. Times are seconds: to connect, for one read, for one whole call."""

    name: str
    host: str
    port: int
    tls: Tls
    user: str
    password: str | Callable[[], str]
    ca: str | None
    connect_seconds: float
    read_seconds: float
    call_seconds: float

    @property
    def where(self) -> str:
        """For messages: which mailbox at which server."""
        return f'mailbox "{self.name}" ({self.user} at {self.host}:{self.port})'


@functools.lru_cache(maxsize=16)
def trust(ca: str | None) -> ssl.SSLContext:
    """The certificates that are believed: the system's, or only those in the file `ca`. Shared: it takes 60 ms."""
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class Alarm:
    """Shuts a connection down when a call lasts too long, whatever wraps its socket meanwhile (TLS, STARTTLS)."""

    def __init__(self) -> None:
        self._handle: socket.socket | None = None
        self.rang = False

    def watch(self, sock: socket.socket) -> None:
        """Keeps a second handle of the same connection; also lets small commands leave at once (no Nagle delay)."""
        self.close()
        self._handle = sock.dup()
        self._handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ring(self) -> None:
        """Ends the connection under whoever is reading from it."""
        self.rang = True
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Gives the second handle back."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    @contextmanager
    def after(self, seconds: float) -> Iterator[None]:
        """Rings when the block is not done within `seconds`."""
        self.rang = False
        timer = threading.Timer(seconds, self.ring)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


class _Client(IMAPClient):  # type: ignore[misc]  # imapclient has no types
    """An IMAPClient whose socket is watched from the first byte, the greeting and the TLS handshake included."""

    def __init__(self, account: Account, alarm: Alarm) -> None:
        self._alarm = alarm
        implicit = account.tls == "implicit"
        super().__init__(
            account.host,
            port=account.port,
            ssl=implicit,
            ssl_context=trust(account.ca) if implicit else None,
            timeout=SocketTimeout(account.connect_seconds, account.read_seconds),
        )
        _quieten(self)

    def _create_IMAP4(self) -> IMAP4WithTimeout | IMAP4_TLS:  # noqa: N802 (the library's name)
        connect = functools.partial(_connect, self.host, self.port, self._timeout, self._alarm)
        if not self.ssl:
            plain = type("WatchedImap", (IMAP4WithTimeout,), {"_create_socket": lambda _, timeout=None: connect()})
            return plain(self.host, self.port, self._timeout.connect)
        wrap = functools.partial(self.ssl_context.wrap_socket, server_hostname=self.host)
        sealed = type("WatchedImapTls", (IMAP4_TLS,), {"_create_socket": lambda _, timeout=None: wrap(connect())})
        return sealed(self.host, self.port, self.ssl_context, self._timeout.connect)


def _connect(host: str, port: int, timeout: SocketTimeout, alarm: Alarm) -> socket.socket:
    sock = socket.create_connection((host, port), timeout.connect)
    sock.settimeout(timeout.read)
    alarm.watch(sock)
    return sock


def _quieten(client: IMAPClient) -> None:
    """Stops imaplib from formatting every byte for a log nobody reads: ten times faster, and no mail in any log."""
    client._imap.debug = 0


def _encrypt(client: IMAPClient, account: Account) -> None:
    """STARTTLS, which is never left out; what the server said in the clear before is forgotten (RFC 3501 6.2.1)."""
    if not client.has_capability("STARTTLS"):
        raise MailboxError(
            f"{account.where}: the server offers no STARTTLS, and nothing is sent unencrypted. Use port 993 with TLS.",
            retry=False,
        )
    client.starttls(trust(account.ca))
    client._imap.untagged_responses.clear()


def _sign_in(client: IMAPClient, account: Account) -> None:
    """AUTHENTICATE PLAIN where it is offered, because it carries every character; else LOGIN."""
    secret = account.password if isinstance(account.password, str) else account.password()
    if not secret or any(c in secret + account.user for c in "\r\n\0"):
        raise MailboxError(
            f"{account.where}: the password is empty or has a line break. Correct it in secrets.toml.", retry=False
        )
    if client.has_capability("AUTH=PLAIN"):
        client.plain_login(account.user, secret)
    elif PLAIN_USER.fullmatch(account.user) and secret.isascii():
        client.login(account.user, secret)
    else:
        raise MailboxError(
            f"{account.where}: the server takes only plain letters in user and password. Choose another password.",
            retry=False,
        )


class Link:
    """The connection of one account: opened when needed, dropped after any trouble, never used half broken."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._alarm = Alarm()
        self._client: IMAPClient | None = None

    @property
    def up(self) -> bool:
        """Whether there is a signed-in connection, as far as this side knows."""
        return self._client is not None

    @property
    def client(self) -> IMAPClient:
        """The signed-in client; connects first when there is none. Raises MailboxError."""
        if self._client is None:
            self._client = self._open()
        return self._client

    @contextmanager
    def asking(self, doing: str) -> Iterator[IMAPClient]:
        """For one call: `doing` says what for. Any trouble closes the connection and becomes a MailboxError."""
        client = self.client
        seconds = self.account.call_seconds
        try:
            with self._alarm.after(seconds):
                yield client
        except errors.TROUBLE as error:
            self.drop()
            if self._alarm.rang:
                raise errors.too_slow(self.account.where, doing, seconds) from error
            raise errors.of_talking(error, self.account.where, doing, self.account.read_seconds) from error

    def _open(self) -> IMAPClient:
        account = self.account
        try:
            with self._alarm.after(account.call_seconds):
                return self._signed_in()
        except LoginError as error:
            self.drop()
            raise errors.of_signing_in(error, account.where, account.user) from error
        except errors.TROUBLE as error:
            self.drop()
            if self._alarm.rang:
                raise errors.too_slow(account.where, "connecting", account.call_seconds) from error
            raise errors.of_connecting(error, account.where, account.connect_seconds) from error

    def _signed_in(self) -> IMAPClient:
        client = _Client(self.account, self._alarm)
        try:
            if self.account.tls == "starttls":
                _encrypt(client, self.account)
            _sign_in(client, self.account)
        except BaseException:
            _shut(client)
            raise
        return client

    def drop(self) -> None:
        """Closes without a word, as after trouble."""
        client, self._client = self._client, None
        if client is not None:
            _shut(client)
        self._alarm.close()

    def close(self) -> None:
        """Says goodbye; a server that does not answer is left after a few seconds."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(*errors.TROUBLE), self._alarm.after(LOGOUT_SECONDS):
                client.logout()
            _shut(client)
        self._alarm.close()


def _shut(client: IMAPClient) -> None:
    with suppress(*errors.TROUBLE):
        client.shutdown()
