"""A signed-in IMAP connection, with TLS always verified and an end to every call (RFC 9051, RFC 8314).

imaplib has a time-out for each read but none for the whole answer: a server that sends one byte a second, or untagged
lines for ever, would hold it for ever. So a timer shuts the socket down when a call takes too long.

Everything that leans on the inside of imapclient and imaplib stands in `_Client` and `_quieten`;
tests/adapters/test_mailbox.py fails when a new version moves it.
"""

import functools
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
from vamaild.core.signin import Bearer

from . import errors, idle, signin, unix
from .measure import Measured

Tls = Literal["implicit", "starttls", "none"]
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
    bearer: Bearer | None = None
    socket: str = ""

    @property
    def where(self) -> str:
        """For messages: which mailbox at which server."""
        through = f" through {self.socket}" if self.socket else ""
        return f'mailbox "{self.name}" ({self.user} at {self.host}:{self.port}{through})'


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
        unix.hurry(self._handle)

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


class _Plain(Measured, IMAP4WithTimeout):  # type: ignore[misc]  # imapclient has no types
    """As the library's, over a socket that `connect` makes."""

    def __init__(self, connect: Callable[[], socket.socket], *settings: object) -> None:
        self._reach = connect
        super().__init__(*settings)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return self._reach()


class _Sealed(Measured, IMAP4_TLS):  # type: ignore[misc]  # imapclient has no types
    """The same with TLS from the first byte."""

    def __init__(self, connect: Callable[[], socket.socket], *settings: object) -> None:
        self._reach = connect
        super().__init__(*settings)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        sealed: socket.socket = self.ssl_context.wrap_socket(self._reach(), server_hostname=self.host)
        return sealed


class _Client(IMAPClient):  # type: ignore[misc]  # imapclient has no types
    """An IMAPClient whose socket is watched from the first byte, the greeting and the TLS handshake included."""

    def __init__(self, account: Account, alarm: Alarm) -> None:
        self._alarm, self._path = alarm, account.socket
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
        reach = functools.partial(unix.reach, self._path, self.host, self.port)
        connect = functools.partial(_connect, reach, self._timeout, self._alarm)
        if not self.ssl:
            return _Plain(connect, self.host, self.port, self._timeout.connect)
        return _Sealed(connect, self.host, self.port, self.ssl_context, self._timeout.connect)


def _connect(reach: Callable[[float], socket.socket], timeout: SocketTimeout, alarm: Alarm) -> socket.socket:
    sock = reach(timeout.connect)
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


class Link:
    """The connection of one account: opened when needed, dropped after any trouble, never used half broken."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._alarm = Alarm()
        self._client: IMAPClient | None = None
        self._idle = b""  # the tag of the IDLE command that is open
        self.takes_idle = True  # until the server says otherwise
        self.times = 0  # how often it was opened

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
                client._imap.begin()
                self._wake(client)
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
                client = self._signed_in()
            self.times += 1
            return client
        except LoginError as error:
            self.drop()
            raise errors.of_signing_in(error, account.where, account.user, account.bearer is not None) from error
        except errors.TROUBLE as error:
            self.drop()
            if self._alarm.rang:
                raise errors.too_slow(account.where, "connecting", account.call_seconds) from error
            raise errors.of_connecting(error, account.where, account.connect_seconds) from error

    def _signed_in(self) -> IMAPClient:
        """A token that is refused may only be old: with another one a new connection is tried, once."""
        bearer = self.account.bearer
        if bearer is None:
            return self._admitted(lambda client: signin.by_password(client, self.account))
        token = signin.fresh_token(self.account, bearer)
        try:
            return self._admitted(lambda client: signin.by_token(client, self.account, token))
        except LoginError as error:
            if errors.passing(error) or not bearer.refused(token):
                raise
        again = signin.fresh_token(self.account, bearer)
        return self._admitted(lambda client: signin.by_token(client, self.account, again))

    def _admitted(self, sign_in: Callable[[IMAPClient], None]) -> IMAPClient:
        client = _Client(self.account, self._alarm)
        try:
            if self.account.tls == "starttls":
                _encrypt(client, self.account)
            sign_in(client)
        except BaseException:
            _shut(client)
            raise
        return client

    def _wake(self, client: IMAPClient) -> None:
        """Nothing can be asked while the connection waits in IDLE."""
        tag, self._idle = self._idle, b""
        if tag:
            idle.end(client, tag)

    def leave_if_signed_out(self) -> None:
        """A connection does not outlive the sign-in that it was opened with."""
        bearer = self.account.bearer
        if self.up and bearer is not None and not bearer.stands():
            self.close()

    def wait(self) -> bool:
        """Waits in IDLE from now on, where the server has it; False when something is new already."""
        if self._idle or not self.takes_idle:
            return True
        with self.asking("beginning to wait for news") as client:
            tag = idle.begin(client)
        self._idle, self.takes_idle = tag or b"", tag is not None
        return tag != b""

    def heard(self) -> bool:
        """Whether what came on a connection in IDLE is news, or the end of it. Never waits."""
        return self._client is None or not self._idle or idle.heard(self._client)

    @property
    def fileno(self) -> int | None:
        """The socket of a connection that waits in IDLE; None when it does not."""
        return int(self._client.socket().fileno()) if self._client is not None and self._idle else None

    def abort(self) -> None:
        """Ends the connection under whoever is using it; for another thread."""
        self._alarm.ring()

    def drop(self) -> None:
        """Closes without a word, as after trouble."""
        client, self._client, self._idle = self._client, None, b""
        if client is not None:
            _shut(client)
        self._alarm.close()

    def close(self) -> None:
        """Says goodbye; a server that does not answer is left after a few seconds."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(*errors.TROUBLE), self._alarm.after(LOGOUT_SECONDS):
                self._wake(client)
                client.logout()
            _shut(client)
        self._alarm.close()


def _shut(client: IMAPClient) -> None:
    with suppress(*errors.TROUBLE):
        client.shutdown()
